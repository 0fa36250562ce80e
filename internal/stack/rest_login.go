package stack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const restLoginFile, restUsersFile = "rest-login.conf", "rest-users.properties"

// writeRESTLogin writes the files that the basic authentication of the REST API reads (KIP-285).
func writeRESTLogin(folder string, u User) error {
	users := filepath.Join(folder, restUsersFile)
	login := fmt.Sprintf("KafkaConnect {\n  %s required file=%s;\n};\n",
		"org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule", jaasQuote(users))
	return errors.Join(
		writeProperties(users, map[string]string{u.Name: u.Password}),
		os.WriteFile(filepath.Join(folder, restLoginFile), []byte(login), 0o600),
	)
}

// restLoginOptions are java's options that name these files.
func restLoginOptions(folder string) []string {
	return []string{"-Djava.security.auth.login.config=" + filepath.Join(folder, restLoginFile)}
}
