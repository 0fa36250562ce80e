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

// Cost is what a command took.
type Cost struct {
	Wall      time.Duration
	CPU       time.Duration // of Terraform itself, without the provider's
	Providers []usage.Process
}

// ProviderCPU is the time that all processes of the provider together kept a core busy.
func (c Cost) ProviderCPU() (sum time.Duration) {
	for _, p := range c.Providers {
		sum += p.CPU
	}
	return sum
}

// ProviderPeak is the memory, in bytes, of the largest process of the provider.
func (c Cost) ProviderPeak() (most int64) {
	for _, p := range c.Providers {
		most = max(most, p.Peak)
	}
	return most
}

// Apply applies.
func (w *Workspace) Apply(ctx context.Context) (Cost, error) {
	return w.run(ctx, 0, "apply", "-auto-approve")
}

// Destroy destroys.
func (w *Workspace) Destroy(ctx context.Context) (Cost, error) {
	return w.run(ctx, 0, "destroy", "-auto-approve")
}

// PlanNothing plans what has to be no change; targets limit the plan to them.
func (w *Workspace) PlanNothing(ctx context.Context, targets ...string) (Cost, error) {
	args := []string{"plan", "-detailed-exitcode"}
	for _, target := range targets {
		args = append(args, "-target="+target)
	}
	return w.run(ctx, 0, args...)
}

// PlanSome plans what has to be a change.
func (w *Workspace) PlanSome(ctx context.Context) (Cost, error) {
	const changes = 2
	return w.run(ctx, changes, "plan", "-detailed-exitcode")
}

// run runs Terraform, which has to exit with that code. It leads a process group, which ends with the context: what
// remains to be tidied is not the measured command's to tidy.
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
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // a provider that did not end when it was asked to
	providers, noteErr := usage.Take(w.usage)
	cost.Providers = providers
	cost.CPU = usage.Of(cmd.ProcessState).CPU - cost.ProviderCPU()

	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return cost, ctx.Err()
	case err != nil && !errors.As(err, &exit):
		return cost, err
	case cmd.ProcessState.ExitCode() != want:
		return cost, fmt.Errorf("terraform %s: exit code %d instead of %d:\n%s",
			strings.Join(args, " "), cmd.ProcessState.ExitCode(), want, end(out.String()))
	}
	return cost, noteErr
}

// end is the last lines of an output.
func end(out string) string {
	const lines = 30
	all := strings.Split(strings.TrimSpace(out), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
