package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest/tfcli"
)

const (
	// cliConfig is the CLI configuration of Terraform, next to the provider that was built.
	cliConfig = "bin/" + tfcli.ConfigFile
	// workspace is the working folder of Terraform, with a copy of the example.
	workspace = "terraform"
)

// variables returns the values of the input variables of the example.
func (d *show) variables() map[string]any {
	return map[string]any{
		"bootstrap_servers": strings.Split(d.cluster.BootstrapSASL(), ","),
		"username":          user.Name,
		"password":          user.Password,
		"ca_file":           d.cluster.Certificates.CAFile,
		"connect_url":       d.connectURL,
		"start_worker":      d.supervisor.startCommand(),
		"stop_worker":       d.supervisor.stopCommand(),
		"source_file":       d.source(),
		"sink_file":         d.sink(),
		"offset_partitions": 1,
	}
}

// copyExample creates the working folder with a copy of the example.
func copyExample(example, folder string) error {
	if err := os.CopyFS(folder, os.DirFS(example)); err != nil {
		return fmt.Errorf("unable to copy the example: %w", err)
	}
	return nil
}

// setVariables writes the values of the input variables of the example.
func (d *show) setVariables(values map[string]any) error {
	variables, err := json.Marshal(values)
	if err != nil {
		return err
	}
	return os.WriteFile(d.path(workspace)+"/demo.auto.tfvars.json", variables, 0o600)
}

// apply applies the example with these values of its input variables.
func (d *show) apply(ctx context.Context, values map[string]any) error {
	if err := d.setVariables(values); err != nil {
		return err
	}
	return d.terraform(ctx, "apply", "-auto-approve", "-input=false")
}

// mustFail applies the example with these values and returns the error that Terraform shows. It returns an error if the apply
// succeeds.
func (d *show) mustFail(ctx context.Context, values map[string]any) (said []string, err error) {
	if err := d.setVariables(values); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = d.run(ctx, io.MultiWriter(d.log, &out), "apply", "-auto-approve", "-input=false")
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil, errors.New("terraform apply succeeded, although the sink cannot write its file")
	case !errors.As(err, &exit):
		return nil, err
	}
	return firstError(out.String()), nil
}

// firstError returns the first error in the output of Terraform: its first line, and the lines that have the cause.
func firstError(out string) (lines []string) {
	_, text, _ := strings.Cut(out, "\nError: ")
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case i == 0:
			lines = append(lines, "Error: "+line)
		case strings.HasPrefix(line, "- task"), strings.Contains(line, "Exception: "):
			lines = append(lines, "  "+line)
		}
	}
	return lines
}

// terraform runs Terraform. Its output goes to the log only.
func (d *show) terraform(ctx context.Context, args ...string) error {
	err := d.run(ctx, d.log, args...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == 2 && args[0] == "plan":
		return fmt.Errorf("the plan is not empty, see %s", logFile)
	case err != nil:
		return fmt.Errorf("terraform %s: %w, see %s", strings.Join(args, " "), err, logFile)
	}
	return nil
}

// run runs Terraform with the provider that was built, without `terraform init`.
func (d *show) run(ctx context.Context, out io.Writer, args ...string) error {
	env, err := tfcli.DevOverrides(d.path("bin"), tfcli.Source)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.log, "\n$ terraform %s\n", strings.Join(args, " "))
	cmd := command(ctx, out, cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"), append(args, "-no-color")...)
	cmd.Dir, cmd.Env = d.path(workspace), env
	return cmd.Run()
}

// command returns a command with its output. It runs in a process group of its own, so that Ctrl-C interrupts only this
// program, which forwards one interrupt: after a second one, Terraform would exit without saving state.
func command(ctx context.Context, out io.Writer, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	return cmd
}
