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
)

const (
	// cliConfig is Terraform's own configuration, which points it to the provider that was just built.
	cliConfig = "terraform.rc"
	// workspace is the folder with the copy of the example that Terraform works in.
	workspace = "terraform"
)

// variables are the values for those of the example.
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

// prepareTerraform makes a folder for Terraform that needs no `terraform init`: a copy of the example with values for
// its variables, and a configuration of the CLI that overrides where the provider is found.
func (d *show) prepareTerraform(example string, values map[string]any) error {
	if err := os.CopyFS(d.path(workspace), os.DirFS(example)); err != nil {
		return fmt.Errorf("unable to copy the example: %w", err)
	}
	variables, err := json.Marshal(values)
	if err != nil {
		return err
	}
	rc := fmt.Sprintf(`provider_installation {
  dev_overrides {
    "kafkaconnect/kafkaconnect" = %q
  }
  direct {}
}
`, d.path("bin"))
	return errors.Join(
		os.WriteFile(d.path(workspace)+"/demo.auto.tfvars.json", variables, 0o600),
		os.WriteFile(d.path(cliConfig), []byte(rc), 0o600),
	)
}

// terraform runs one command of Terraform, whose output goes to the screen.
func (d *show) terraform(ctx context.Context, args ...string) error {
	if info, err := os.Stdout.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		args = append(args, "-no-color") // Terraform writes colours to files and pipes as well
	}
	cmd := command(ctx, "terraform", args...)
	cmd.Dir = d.path(workspace)
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+d.path(cliConfig), "CHECKPOINT_DISABLE=1")
	err := cmd.Run()

	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == 2 && args[0] == "plan":
		return errors.New("the plan is not empty")
	case err != nil:
		return fmt.Errorf("terraform %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// command is a process whose output goes to the screen. It leads a group of its own, so that a Ctrl-C in the terminal
// reaches this program alone, which passes it on once: a second interrupt would make Terraform give up without saving.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	return cmd
}
