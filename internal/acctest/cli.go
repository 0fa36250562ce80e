package acctest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// DevOverrides writes a CLI configuration into the folder that makes Terraform use the provider in the same folder, so
// that no `terraform init` is needed. It returns the environment variables that Terraform needs.
func DevOverrides(folder string) (env []string, err error) {
	file := filepath.Join(folder, "terraform.rc")
	text := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"kafkaconnect/kafkaconnect\" = %q\n  }\n  direct {}\n}\n", folder)
	return []string{"TF_CLI_CONFIG_FILE=" + file, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0"}, os.WriteFile(file, []byte(text), 0o600)
}

// CLI runs Terraform as a user does, on a configuration in a folder of its own. The provider is a process of its own.
type CLI struct {
	Dir string   // working folder, with main.tf
	Env []string // environment of Terraform and the provider

	T    *testing.T
	pids string // file with the process ids of all providers, the newest last
}

// NewCLI returns a CLI whose main.tf holds the configuration. The provider is the test binary; see [Main].
func NewCLI(t *testing.T, config string) *CLI {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := NewCLIWith(t, config, self)
	c.Env = append(c.Env, serveEnv+"=1")
	return c
}

// NewCLIWith is NewCLI with another program as the provider.
func NewCLIWith(t *testing.T, config, program string) *CLI {
	t.Helper()
	folder := t.TempDir()
	c := &CLI{T: t, Dir: t.TempDir(), pids: filepath.Join(folder, "pids")}
	env, err := DevOverrides(folder)
	c.Env = append(os.Environ(), env...)
	// The shell becomes the provider, so that its process id is the provider's.
	wrapper := fmt.Sprintf("#!/bin/sh\necho $$ >>'%s'\nexec '%s' \"$@\"\n", c.pids, program)
	err = errors.Join(err, os.WriteFile(filepath.Join(folder, "terraform-provider-kafkaconnect"), []byte(wrapper), 0o700)) //nolint:gosec // a program
	if err != nil {
		t.Fatal(err)
	}
	c.Configure(config)
	return c
}

// Configure replaces main.tf.
func (c *CLI) Configure(config string) {
	c.T.Helper()
	required := "terraform {\n  required_providers {\n    kafkaconnect = { source = \"kafkaconnect/kafkaconnect\" }\n  }\n}\n"
	c.write("main.tf", []byte(required+config))
}

// SetVariables sets the values of the input variables.
func (c *CLI) SetVariables(values map[string]any) {
	c.T.Helper()
	text, err := json.MarshalIndent(values, "", "  ")
	if err != nil {
		c.T.Fatal(err)
	}
	c.write("terraform.tfvars.json", text)
}

func (c *CLI) write(name string, text []byte) {
	c.T.Helper()
	if err := os.WriteFile(filepath.Join(c.Dir, name), text, 0o600); err != nil {
		c.T.Fatal(err)
	}
}

// Command returns Terraform with the arguments, ready to start, and the buffer that receives its output.
func (c *CLI) Command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if terraform == "" {
		terraform = "terraform"
	}
	cmd := exec.CommandContext(c.T.Context(), terraform, args...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

// Run returns what Terraform printed and whether it exited with 0.
func (c *CLI) Run(args ...string) (out string, ok bool) {
	c.T.Helper()
	cmd, buffer := c.Command(args...)
	err := cmd.Run()
	return buffer.String(), err == nil
}

// Must runs Terraform, which has to exit with 0, and returns what it printed.
func (c *CLI) Must(args ...string) string {
	c.T.Helper()
	out, ok := c.Run(args...)
	if !ok {
		c.T.Fatalf("terraform %s failed:\n%s", strings.Join(args, " "), out)
	}
	return out
}

// MustFail runs Terraform, which has to fail and to print each of the texts, and returns what it printed.
func (c *CLI) MustFail(wants []string, args ...string) string {
	c.T.Helper()
	out, ok := c.Run(args...)
	if ok {
		c.T.Fatalf("terraform %s succeeded:\n%s", strings.Join(args, " "), out)
	}
	flat := Unwrap(out)
	for _, want := range wants {
		if !strings.Contains(flat, want) {
			c.T.Errorf("terraform %s did not print %q:\n%s", strings.Join(args, " "), want, out)
		}
	}
	return out
}

// Apply applies, which has to succeed.
func (c *CLI) Apply() string { c.T.Helper(); return c.Must("apply", "-auto-approve", "-no-color") }

// MustBeEmpty plans, which has to show no changes.
func (c *CLI) MustBeEmpty() {
	c.T.Helper()
	if out, ok := c.Run("plan", "-detailed-exitcode", "-no-color"); !ok {
		c.T.Errorf("the plan is not empty:\n%s", out)
	}
}

// Providers returns the process ids of all providers so far, the newest last.
func (c *CLI) Providers() []string {
	text, _ := os.ReadFile(c.pids) // the first provider creates it
	return strings.Fields(string(text))
}

// SignalProvider sends a signal to the newest provider and reports whether it was running.
func (c *CLI) SignalProvider(signal syscall.Signal) bool {
	pids := c.Providers()
	if len(pids) == 0 {
		return false
	}
	pid, err := strconv.Atoi(pids[len(pids)-1])
	return err == nil && syscall.Kill(pid, signal) == nil
}

// KillProvider kills the newest provider and reports whether it was running.
func (c *CLI) KillProvider() bool { return c.SignalProvider(syscall.SIGKILL) }
