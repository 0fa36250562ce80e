package stack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// writeProperties writes a Java properties file.
func writeProperties(file string, properties map[string]string) error {
	return os.WriteFile(file, []byte(javaformat.EncodeProperties(properties)), 0o600)
}

// jaasQuote quotes the value of a login module's option.
func jaasQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// restLogin writes the files for the basic authentication of a worker's REST API (KIP-285), and returns the java options
// that name them. Without a user it does nothing.
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
