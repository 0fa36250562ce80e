package acctest

import (
	"bytes"
	"cmp"
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

	"github.com/hashicorp/go-version"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest/tfcli"
)

// CLI runs the Terraform CLI in a working folder of its own. The provider is a separate process.
type CLI struct {
	T   *testing.T
	Dir string   // working folder, with main.tf
	Env []string // environment of Terraform and the provider

	pids     string // file with the process ids of all provider processes, the newest last
	provider string // the executable that Terraform starts as the provider
}

// NewCLI returns a CLI with the configuration as its main.tf. The test binary serves the provider; see [Main]. The test
// fails if the race detector finds a race in a provider process.
func NewCLI(t *testing.T, config string) *CLI {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := NewCLIWith(t, config, self)
	// Terraform hides the standard error of the provider and ignores its exit code, so races are reported through files.
	// Their path must not contain a comma, which ends an option and which t.TempDir may take from the name of the test.
	// Without the option atexit_sleep_ms, each provider process sleeps for a second before it ends.
	races, err := os.MkdirTemp("", "races-") //nolint:usetesting // as explained above
	if err != nil {
		t.Fatal(err)
	}
	c.Env = append(c.Env, serveEnv+"=1", "GORACE=atexit_sleep_ms=0 log_path="+filepath.Join(races, "race"))
	t.Cleanup(func() { reportRaces(t, races) })
	return c
}

// reportRaces fails the test if the race detector wrote files to the folder, one for each process, and removes the folder.
func reportRaces(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	defer func() {
		if err := errors.Join(err, os.RemoveAll(folder)); err != nil {
			t.Error(err)
		}
	}()
	for _, file := range files {
		text, err := os.ReadFile(file)
		t.Errorf("a race in the provider (%v):\n%s", err, text)
	}
}

// NewCLIWith is [NewCLI] with another executable as the provider.
func NewCLIWith(t *testing.T, config, program string) *CLI {
	t.Helper()
	folder := t.TempDir()
	c := &CLI{T: t, Dir: t.TempDir(), pids: filepath.Join(folder, "pids")}
	env, err := tfcli.DevOverrides(folder, tfcli.Source)
	c.Env = env
	// exec keeps the process id of the shell, so that the recorded id is that of the provider.
	wrapper := fmt.Sprintf("#!/bin/sh\necho $$ >>'%s'\nexec '%s' \"$@\"\n", c.pids, program)
	c.provider = filepath.Join(folder, "terraform-provider-kafkaconnect")
	err = errors.Join(err, os.WriteFile(c.provider, []byte(wrapper), 0o700))
	if err != nil {
		t.Fatal(err)
	}
	c.Configure(config)
	return c
}

// Configure writes main.tf: the required_providers block and the configuration.
func (c *CLI) Configure(config string) {
	c.T.Helper()
	required := fmt.Sprintf("terraform {\n  required_providers {\n    kafkaconnect = { source = %q }\n  }\n}\n", tfcli.Source)
	c.write("main.tf", []byte(required+config))
}

// SetVariables writes the values of the input variables to terraform.tfvars.json.
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

// Command returns a Terraform command that has not been started, and the buffer for its output. The environment variable
// TF_ACC_TERRAFORM_PATH overrides the executable.
func (c *CLI) Command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.CommandContext(c.T.Context(), c.terraform(), args...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

func (c *CLI) terraform() string { return cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform") }

// RequireTerraform skips the test if the CLI is older than a version such as "1.14". OpenTofu counts as the Terraform of its version.
func (c *CLI) RequireTerraform(oldest string) {
	c.T.Helper()
	var have struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal([]byte(c.Must("version", "-json")), &have); err != nil {
		c.T.Fatal(err)
	}
	if version.Must(version.NewVersion(have.Version)).Core().LessThan(version.Must(version.NewVersion(oldest))) {
		c.T.Skipf("needs Terraform %s or later, not %s", oldest, have.Version)
	}
}

// Run runs Terraform and returns its output, and whether its exit code is 0.
func (c *CLI) Run(args ...string) (out string, ok bool) {
	c.T.Helper()
	cmd, buffer := c.Command(args...)
	err := cmd.Run()
	return buffer.String(), err == nil
}

// Must runs Terraform and returns its output. It fails the test unless the exit code is 0.
func (c *CLI) Must(args ...string) string {
	c.T.Helper()
	out, ok := c.Run(args...)
	if !ok {
		c.T.Fatalf("terraform %s failed:\n%s", strings.Join(args, " "), out)
	}
	return out
}

// MustFail runs Terraform and returns its output. It fails the test if Terraform succeeds or does not print one of the
// texts.
func (c *CLI) MustFail(wants []string, args ...string) string {
	c.T.Helper()
	out, ok := c.Run(args...)
	if ok {
		c.T.Fatalf("terraform %s succeeded:\n%s", strings.Join(args, " "), out)
	}
	SaidBy(c.T, out, wants...)
	return out
}

// Apply runs terraform apply, which must succeed, and returns its output.
func (c *CLI) Apply() string { c.T.Helper(); return c.Must("apply", "-auto-approve", "-no-color") }

// MustBeEmpty runs terraform plan and fails the test if the plan has changes.
func (c *CLI) MustBeEmpty() {
	c.T.Helper()
	if out, ok := c.Run("plan", "-detailed-exitcode", "-no-color"); !ok {
		c.T.Errorf("the plan is not empty:\n%s", out)
	}
}

// Providers returns the process ids of all provider processes so far, the newest last.
func (c *CLI) Providers() []string {
	text, _ := os.ReadFile(c.pids) // the first provider process creates the file
	return strings.Fields(string(text))
}

// SignalProvider sends a signal to the newest provider process and reports whether the process exists.
func (c *CLI) SignalProvider(signal syscall.Signal) bool {
	pids := c.Providers()
	if len(pids) == 0 {
		return false
	}
	pid, err := strconv.Atoi(pids[len(pids)-1])
	return err == nil && syscall.Kill(pid, signal) == nil
}

// KillProvider kills the newest provider process and reports whether the process existed.
func (c *CLI) KillProvider() bool { return c.SignalProvider(syscall.SIGKILL) }
