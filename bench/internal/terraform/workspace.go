// Package terraform runs Terraform in a directory and measures each command.
package terraform

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/usage"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/work"
)

// Tools are the executables that a workspace needs besides the provider.
type Tools struct {
	Terraform string // Terraform or OpenTofu
	Meter     string // command meter
}

// Workspace is a directory in which Terraform runs with one provider.
type Workspace struct {
	tools Tools
	dir   string
	env   []string
	usage string // file that the meter appends to
}

const (
	stateFile     = "terraform.tfstate"
	variablesFile = "bench.auto.tfvars.json"
)

// sourcePattern finds the source address of a provider in a configuration.
var sourcePattern = regexp.MustCompile(`\bsource\s*=\s*"((?:[\w.-]+/)?[\w-]+/([\w-]+))"`)

// New makes a workspace in an empty directory: the configuration, and a CLI configuration whose dev_overrides map the
// configuration's provider source to the executable.
func New(tools Tools, dir, binary string, configuration []byte) (*Workspace, error) {
	source := sourcePattern.FindSubmatch(configuration)
	if source == nil {
		return nil, errors.New("the configuration names no provider: required_providers with a source is missing")
	}
	plugins, settings := filepath.Join(dir, "plugins"), filepath.Join(dir, "terraform.rc")
	w := &Workspace{tools: tools, dir: filepath.Join(dir, "work"), usage: filepath.Join(dir, "usage")}
	w.env = append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0",
		usage.ProviderVariable+"="+binary, usage.FileVariable+"="+w.usage)
	rc := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", source[1], plugins)
	return w, errors.Join(
		os.MkdirAll(plugins, 0o700),
		os.MkdirAll(w.dir, 0o700),
		os.Symlink(tools.Meter, filepath.Join(plugins, "terraform-provider-"+string(source[2]))),
		os.WriteFile(settings, []byte(rc), 0o600),
		os.WriteFile(filepath.Join(w.dir, "main.tf"), configuration, 0o600),
	)
}

// Set sets the configuration's variables.
func (w *Workspace) Set(v work.Variables) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.dir, variablesFile), text, 0o600)
}
