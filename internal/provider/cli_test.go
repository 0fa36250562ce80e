package provider

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

// Environment variables that turn the test binary into the provider, for tests that need it as a process of its own:
// to kill it, to interrupt Terraform, or to see what a walk with fresh memory does.
const (
	serveEnv   = "KAFKACONNECT_TEST_SERVE"
	pidFileEnv = "KAFKACONNECT_TEST_PID_FILE" // every provider process appends its id to this file
	panicEnv   = "KAFKACONNECT_TEST_PANIC"    // where the provider panics; see crashPoints
)

// serveProvider serves the provider if the environment says so, and tells whether it did.
func serveProvider() bool {
	if os.Getenv(serveEnv) == "" {
		return false
	}
	pids, err := os.OpenFile(os.Getenv(pidFileEnv), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err == nil {
		fmt.Fprintln(pids, os.Getpid())
		pids.Close()
	}
	err = providerserver.Serve(context.Background(), crashing(os.Getenv(panicEnv)), providerserver.ServeOpts{
		Address: "registry.terraform.io/kafkaconnect/kafkaconnect",
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

// cli runs Terraform as a user does, on a configuration in a folder of its own, with this test binary as the provider.
type cli struct {
	t   *testing.T
	dir string
	env []string
}

// newCLI is a Terraform that finds the provider, with the configuration as its main.tf.
func newCLI(t *testing.T, config string) *cli {
	t.Helper()
	dir, plugins := t.TempDir(), t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(plugins, "terraform-provider-kafkaconnect")); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(plugins, "terraform.rc")
	text := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"kafkaconnect/kafkaconnect\" = %q\n  }\n  direct {}\n}\n", plugins)
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &cli{t: t, dir: dir, env: append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0",
		serveEnv+"=1", pidFileEnv+"="+filepath.Join(plugins, "pids"),
	)}
	c.configure(config)
	return c
}

// configure writes main.tf anew.
func (c *cli) configure(config string) {
	c.t.Helper()
	required := "terraform {\n  required_providers {\n    kafkaconnect = { source = \"kafkaconnect/kafkaconnect\" }\n  }\n}\n"
	if err := os.WriteFile(filepath.Join(c.dir, "main.tf"), []byte(required+config), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// command is Terraform with the arguments, ready to start, and what it will print.
func (c *cli) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if terraform == "" {
		terraform = "terraform"
	}
	cmd := exec.CommandContext(c.t.Context(), terraform, args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

// run returns what Terraform printed and whether it exited with 0.
func (c *cli) run(args ...string) (string, bool) {
	c.t.Helper()
	cmd, out := c.command(args...)
	err := cmd.Run()
	return out.String(), err == nil
}

// must runs Terraform and returns what it printed; it has to exit with 0.
func (c *cli) must(args ...string) string {
	c.t.Helper()
	out, ok := c.run(args...)
	if !ok {
		c.t.Fatalf("terraform %s failed:\n%s", strings.Join(args, " "), out)
	}
	return out
}

// mustFail runs Terraform, which has to fail and to print each of the texts, and returns what it printed.
func (c *cli) mustFail(wants []string, args ...string) string {
	c.t.Helper()
	out, ok := c.run(args...)
	if ok {
		c.t.Fatalf("terraform %s succeeded:\n%s", strings.Join(args, " "), out)
	}
	flat := unwrap(out)
	for _, want := range wants {
		if !strings.Contains(flat, want) {
			c.t.Errorf("terraform %s did not print %q:\n%s", strings.Join(args, " "), want, out)
		}
	}
	return out
}

// apply applies.
func (c *cli) apply() string { c.t.Helper(); return c.must("apply", "-auto-approve", "-no-color") }

// mustBeEmpty plans and wants no changes.
func (c *cli) mustBeEmpty() {
	c.t.Helper()
	if out, ok := c.run("plan", "-detailed-exitcode", "-no-color"); !ok {
		c.t.Errorf("the plan is not empty:\n%s", out)
	}
}

// killProvider kills the newest provider process.
func (c *cli) killProvider() { c.t.Helper(); c.signalProvider(syscall.SIGKILL) }

// signalProvider sends a signal to the newest provider process.
func (c *cli) signalProvider(signal syscall.Signal) {
	c.t.Helper()
	for _, env := range c.env {
		file, ok := strings.CutPrefix(env, pidFileEnv+"=")
		if !ok {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			c.t.Fatal(err)
		}
		pids := strings.Fields(string(text))
		pid, err := strconv.Atoi(pids[len(pids)-1])
		if err != nil {
			c.t.Fatal(err)
		}
		if err := syscall.Kill(pid, signal); err != nil {
			c.t.Fatal(err)
		}
	}
}

// unwrap undoes the frame and the line breaks of Terraform's diagnostics.
func unwrap(out string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(out, "│", " ")), " ")
}

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("still not so after a minute: %s", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
