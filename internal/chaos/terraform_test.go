package chaos

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

// terraform runs Terraform as a user does, in a folder of its own.
type terraform struct {
	t    *testing.T
	dir  string
	env  []string
	pids string // file with the ids of all provider processes, the newest last

	tainted int // how many resources applies found tainted
}

// newTerraform is a Terraform with a configuration, which finds the provider that was built.
func newTerraform(t *testing.T, config string) *terraform {
	t.Helper()
	dir, plugins := t.TempDir(), t.TempDir()
	tf := &terraform{t: t, dir: dir, pids: filepath.Join(plugins, "pids")}
	settings := filepath.Join(plugins, "terraform.rc")
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"kafkaconnect/kafkaconnect\" = %q\n  }\n  direct {}\n}\n", plugins)
	// The shell becomes the provider, so that its process is the one to kill.
	wrapper := fmt.Sprintf("#!/bin/sh\necho $$ >>'%s'\nexec '%s' \"$@\"\n", tf.pids, provider)
	required := "terraform {\n  required_providers {\n    kafkaconnect = { source = \"kafkaconnect/kafkaconnect\" }\n  }\n}\n"
	if err := errors.Join(
		os.WriteFile(filepath.Join(dir, "main.tf"), []byte(required+config), 0o600),
		os.WriteFile(settings, []byte(overrides), 0o600),
		os.WriteFile(filepath.Join(plugins, "terraform-provider-kafkaconnect"), []byte(wrapper), 0o700),
	); err != nil {
		t.Fatal(err)
	}
	tf.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0")
	return tf
}

// set writes the values of the variables.
func (tf *terraform) set(variables map[string]any) {
	tf.t.Helper()
	text, err := json.MarshalIndent(variables, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(tf.dir, "terraform.tfvars.json"), text, 0o600)
	}
	if err != nil {
		tf.t.Fatal(err)
	}
}

// run returns what Terraform printed and whether it exited with 0.
func (tf *terraform) run(args ...string) (out string, ok bool) {
	tf.t.Helper()
	program := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if program == "" {
		program = "terraform"
	}
	cmd := exec.CommandContext(tf.t.Context(), program, append(args, "-no-color")...)
	cmd.Dir, cmd.Env = tf.dir, tf.env
	var both bytes.Buffer
	cmd.Stdout, cmd.Stderr = &both, &both
	err := cmd.Run()
	return both.String(), err == nil
}

// apply applies, and tells whether that went well.
func (tf *terraform) apply() (out string, ok bool) {
	tf.t.Helper()
	out, ok = tf.run("apply", "-auto-approve", "-compact-warnings", "-parallelism=30")
	tf.tainted += strings.Count(out, "is tainted, so must be replaced")
	return out, ok
}

// converge applies, which has to go well and to leave nothing to do.
func (tf *terraform) converge() {
	tf.t.Helper()
	if out, ok := tf.apply(); !ok {
		tf.t.Fatalf("the apply failed:\n%s", out)
	}
	tf.mustBeEmpty()
}

// mustBeEmpty plans and wants no changes.
func (tf *terraform) mustBeEmpty() {
	tf.t.Helper()
	if out, ok := tf.run("plan", "-detailed-exitcode", "-compact-warnings"); !ok {
		tf.t.Fatalf("the plan is not empty:\n%s", out)
	}
}

// destroy destroys everything.
func (tf *terraform) destroy() {
	tf.t.Helper()
	if out, ok := tf.run("destroy", "-auto-approve"); !ok {
		tf.t.Fatalf("the destroy failed:\n%s", out)
	}
}

// processes returns the ids of all provider processes so far.
func (tf *terraform) processes() []string {
	text, _ := os.ReadFile(tf.pids) // written by the first
	return strings.Fields(string(text))
}

// killProvider kills the newest provider process and tells whether it was there.
func (tf *terraform) killProvider() bool {
	pids := tf.processes()
	if len(pids) == 0 {
		return false
	}
	pid, err := strconv.Atoi(pids[len(pids)-1])
	return err == nil && syscall.Kill(pid, syscall.SIGKILL) == nil
}

// errorsOf counts the errors that Terraform printed, by their summaries without the names in them.
func errorsOf(out string) string {
	counts, order := map[string]int{}, []string(nil)
	for line := range strings.Lines(out) {
		if _, summary, ok := strings.Cut(line, "Error: "); ok {
			summary, _, _ = strings.Cut(strings.TrimSpace(summary), ` "`)
			if counts[summary]++; counts[summary] == 1 {
				order = append(order, summary)
			}
		}
	}
	for i, summary := range order {
		order[i] = fmt.Sprintf("%d × %s", counts[summary], summary)
	}
	return strings.Join(order, "; ")
}
