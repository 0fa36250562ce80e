package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// terraform runs Terraform with the provider that was built, without `terraform init`. Its output goes to the terminal.
func (d *show) terraform(ctx context.Context, args ...string) error {
	if info, err := os.Stdout.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		args = append(args, "-no-color") // otherwise Terraform writes color codes to files and pipes too
	}
	env, err := tfcli.DevOverrides(d.path("bin"), tfcli.Source)
	if err != nil {
		return err
	}
	cmd := command(ctx, "terraform", args...)
	cmd.Dir, cmd.Env = d.path(workspace), env
	err = cmd.Run()

	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == 2 && args[0] == "plan":
		return errors.New("the plan is not empty")
	case err != nil:
		return fmt.Errorf("terraform %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// command returns a command whose output goes to the terminal. It runs in a process group of its own, so that Ctrl-C
// interrupts only this program, which forwards one interrupt: after a second one, Terraform would exit without saving state.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	return cmd
}
