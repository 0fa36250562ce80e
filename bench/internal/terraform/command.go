package terraform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/usage"
)

// Cost is the time of a command and the usage of its provider processes.
type Cost struct {
	Wall      time.Duration
	Providers []usage.Process
}

// ProviderCPU is the CPU time of all provider processes together.
func (c Cost) ProviderCPU() (sum time.Duration) {
	for _, p := range c.Providers {
		sum += p.CPU
	}
	return sum
}

// ProviderPeak is the peak memory, in bytes, of the largest provider process.
func (c Cost) ProviderPeak() (most int64) {
	for _, p := range c.Providers {
		most = max(most, p.Peak)
	}
	return most
}

// Apply runs terraform apply.
func (w *Workspace) Apply(ctx context.Context) (Cost, error) {
	return w.run(ctx, 0, "apply", "-auto-approve")
}

// Destroy runs terraform destroy.
func (w *Workspace) Destroy(ctx context.Context) (Cost, error) {
	return w.run(ctx, 0, "destroy", "-auto-approve")
}

// PlanNothing runs a plan, limited to the targets if there are any, and fails if the plan has changes.
func (w *Workspace) PlanNothing(ctx context.Context, targets ...string) (Cost, error) {
	args := []string{"plan", "-detailed-exitcode"}
	for _, target := range targets {
		args = append(args, "-target="+target)
	}
	return w.run(ctx, 0, args...)
}

// PlanSome runs a plan and fails if the plan has no changes.
func (w *Workspace) PlanSome(ctx context.Context) (Cost, error) {
	const changes = 2
	return w.run(ctx, changes, "plan", "-detailed-exitcode")
}

// run runs Terraform and fails on any other exit code. Terraform gets its own process group, which is killed with the
// context.
func (w *Workspace) run(ctx context.Context, want int, args ...string) (Cost, error) {
	cmd := exec.CommandContext(ctx, w.tools.Terraform, append(args, "-no-color")...)
	cmd.Dir, cmd.Env = w.dir, w.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

	began := time.Now()
	err := cmd.Run()
	cost := Cost{Wall: time.Since(began)}
	if cmd.Process == nil {
		return cost, err
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // providers that are still running
	providers, usageErr := usage.Take(w.usage)
	cost.Providers = providers

	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return cost, ctx.Err()
	case err != nil && !errors.As(err, &exit):
		return cost, err
	case cmd.ProcessState.ExitCode() != want:
		return cost, fmt.Errorf("terraform %s: exit code %d instead of %d:\n%s",
			strings.Join(args, " "), cmd.ProcessState.ExitCode(), want, lastLines(out.String()))
	}
	return cost, usageErr
}

// lastLines returns the last lines of an output.
func lastLines(out string) string {
	const lines = 30
	all := strings.Split(strings.TrimSpace(out), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
