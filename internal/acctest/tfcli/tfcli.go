// Package tfcli lets the Terraform CLI run a provider that was built locally. It imports nothing of the provider and of the
// test framework, so that programs can use it too.
package tfcli

import (
	"fmt"
	"os"
	"path/filepath"
)

// Source is the source address of this provider, as in required_providers.
const Source = "kafkaconnect/kafkaconnect"

// ConfigFile is the name of the CLI configuration that [DevOverrides] writes.
const ConfigFile = "terraform.rc"

// DevOverrides writes a CLI configuration into the folder. It makes Terraform use the executable in the same folder as the
// provider with this source address, so that `terraform init` is not needed. DevOverrides returns the environment for
// Terraform: the environment of this process, the CLI configuration, and no interactive input.
func DevOverrides(folder, source string) (env []string, err error) {
	file := filepath.Join(folder, ConfigFile)
	text := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", source, folder)
	env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+file, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0")
	return env, os.WriteFile(file, []byte(text), 0o600)
}
