package terraform

import (
	"bytes"
	"context"
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
	return w.run(ctx, "apply", "-auto-approve")
}

// Destroy runs terraform destroy.
func (w *Workspace) Destroy(ctx context.Context) (Cost, error) {
	return w.run(ctx, "destroy", "-auto-approve")
}

// PlanNothing runs a plan and fails if the plan has changes.
func (w *Workspace) PlanNothing(ctx context.Context) (Cost, error) {
	return w.run(ctx, "plan", "-detailed-exitcode")
}

// run runs Terraform and fails on any exit code but 0. Terraform gets its own process group, which is killed with the
// context.
func (w *Workspace) run(ctx context.Context, args ...string) (Cost, error) {
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

	switch {
	case ctx.Err() != nil:
		return cost, ctx.Err()
	case err != nil:
		return cost, fmt.Errorf("terraform %s: %w:\n%s", strings.Join(args, " "), err, lastLines(out.String()))
	}
	return cost, usageErr
}

// lastLines returns the last lines of an output.
func lastLines(out string) string {
	const lines = 30
	all := strings.Split(strings.TrimSpace(out), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
