// Package terraform runs Terraform in a directory and measures each command.
package terraform

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/usage"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/work"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest/tfcli"
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

// New makes a workspace in an empty directory: the configuration and its variables, and a CLI configuration whose dev_overrides
// map the configuration's provider source to the executable. A configuration without an executable needs no provider.
func New(tools Tools, dir, binary string, configuration []byte) (*Workspace, error) {
	source, kind := tfcli.Source, "none"
	if binary != "" {
		found := sourcePattern.FindSubmatch(configuration)
		if found == nil {
			return nil, errors.New("the configuration names no provider: required_providers with a source is missing")
		}
		source, kind = string(found[1]), string(found[2])
	}
	plugins := filepath.Join(dir, "plugins")
	w := &Workspace{tools: tools, dir: filepath.Join(dir, "work"), usage: filepath.Join(dir, "usage")}
	if err := errors.Join(os.MkdirAll(plugins, 0o700), os.MkdirAll(w.dir, 0o700)); err != nil {
		return nil, err
	}
	env, err := tfcli.DevOverrides(plugins, source)
	w.env = append(env, usage.ProviderVariable+"="+binary, usage.FileVariable+"="+w.usage)
	return w, errors.Join(
		err,
		os.Symlink(tools.Meter, filepath.Join(plugins, "terraform-provider-"+kind)),
		os.WriteFile(filepath.Join(w.dir, "main.tf"), configuration, 0o600),
		os.WriteFile(filepath.Join(w.dir, "variables.tf"), []byte(work.Variables), 0o600),
	)
}

// Set sets the configuration's variables.
func (w *Workspace) Set(v work.Work) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.dir, variablesFile), text, 0o600)
}
