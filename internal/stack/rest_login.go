package stack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// restLogin writes the files that the basic authentication of a worker's REST API reads (KIP-285), and returns the options
// of java that name them. Without a user there is nothing to write.
func restLogin(folder string, u User) (options []string, err error) {
	if u.Name == "" {
		return nil, nil
	}
	users, login := filepath.Join(folder, "rest-users.properties"), filepath.Join(folder, "rest-login.conf")
	text := fmt.Sprintf("KafkaConnect {\n  %s required file=%s;\n};\n",
		"org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule", jaasQuote(users))
	return []string{"-Djava.security.auth.login.config=" + login}, errors.Join(
		writeProperties(users, map[string]string{u.Name: u.Password}),
		os.WriteFile(login, []byte(text), 0o600),
	)
}
