package stack

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A tool is a command that the stack needs, with the Debian package that brings it.
type tool struct{ command, debianPackage string }

var (
	javaTool  = tool{"java", "openjdk-17-jdk-headless"}
	mavenTool = tool{"mvn", "maven"}
)

// path returns where the command is: for java below JAVA_HOME, if that is set, else on the PATH.
func (t tool) path() (string, error) {
	if home := os.Getenv("JAVA_HOME"); home != "" && t == javaTool {
		return exec.LookPath(filepath.Join(home, "bin", t.command))
	}
	return exec.LookPath(t.command)
}

// requireTools returns one error, in one line, that names everything missing and how to get it.
func requireTools(tools ...tool) error {
	var missing, packages []string
	for _, t := range tools {
		if _, err := t.path(); err != nil {
			missing = append(missing, fmt.Sprintf("%s (%v)", t.command, err))
			packages = append(packages, t.debianPackage)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("real Kafka needs what is not installed here: %s; on Debian: apt-get install %s",
		strings.Join(missing, ", "), strings.Join(packages, " "))
}
