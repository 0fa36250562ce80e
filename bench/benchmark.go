package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/raw"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/terraform"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/work"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// benchmark builds, measures and stops everything. With an error, the run has the samples so far.
func benchmark(ctx context.Context, o options, out io.Writer) (r result.Run, err error) {
	r = result.Run{Began: time.Now().UTC().Truncate(time.Second), Command: o.command}
	dir, err := os.MkdirTemp("", "kafkaconnect-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	fmt.Fprintln(out, "Building the provider and the do-nothing provider ...")
	programs, err := build(ctx, dir)
	if err != nil {
		return r, err
	}
	candidates, err := o.candidates(programs)
	if err != nil {
		return r, err
	}
	if r.Machine, err = machine(ctx, o.terraform); err != nil {
		return r, err
	}
	r.PeerName = peerName(o)

	steps := o.steps()
	b := &bench{
		dir: dir, tools: terraform.Tools{Terraform: o.terraform, Meter: programs.meter}, candidates: candidates,
		warmUpSize: 20, out: out, began: time.Now(), total: len(steps),
	}
	for _, exactlyOnce := range []bool{false, true} {
		part := slices.DeleteFunc(slices.Clone(steps), func(s step) bool { return s.setting.ExactlyOnce != exactlyOnce })
		if err == nil && len(part) > 0 {
			var samples []result.Sample
			samples, err = b.withStack(ctx, part)
			r.Samples = append(r.Samples, samples...)
		}
	}
	if failed := r.Failed(); failed > 0 && err == nil {
		err = fmt.Errorf("%d measurements failed: the results are partial", failed)
	}
	r.Complete, r.Seconds = err == nil, time.Since(b.began).Seconds()
	return r, err
}

// withStack starts a broker and a worker, and runs the steps. All steps need the same kind of worker.
func (b *bench) withStack(ctx context.Context, steps []step) (samples []result.Sample, err error) {
	fmt.Fprintln(b.out, "Starting a broker and a worker ...")
	o := stack.Options{Log: b.out}
	if steps[0].setting.ExactlyOnce {
		o.WorkerProperties = map[string]string{"exactly.once.source.support": "enabled"}
	}
	s, err := stack.Up(ctx, o)
	if err != nil {
		return nil, err
	}
	// Stop the processes even if ctx is cancelled.
	defer func() { err = errors.Join(err, s.Down(context.WithoutCancel(ctx))) }()
	return b.on(ctx, s.URLs()[0], steps)
}

// on warms up and runs the steps on the worker at the URL.
func (b *bench) on(ctx context.Context, worker string, steps []step) (samples []result.Sample, err error) {
	b.direct = raw.New(worker)
	if b.proxy, err = stack.NewProxy(stack.ProxyOptions{KeepAlive: true}, worker); err != nil {
		return nil, err
	}
	defer b.proxy.Close()
	fmt.Fprintln(b.out, "Warming up ...")
	if err := b.warmUp(ctx, steps[0].setting); err != nil {
		return nil, err
	}
	return b.measure(ctx, steps)
}

// programs are the paths of the built executables.
type programs struct{ provider, floor, meter string }

// build builds the programs with the flags of a release.
func build(ctx context.Context, dir string) (p programs, err error) {
	p = programs{filepath.Join(dir, "provider"), filepath.Join(dir, "floor"), filepath.Join(dir, "meter")}
	for _, target := range []struct{ module, pkg, file string }{
		{".", ".", p.provider}, {"bench", "./cmd/floor", p.floor}, {"bench", "./cmd/meter", p.meter},
	} {
		cmd := exec.CommandContext(ctx, "go", "build", "-C", target.module, "-trimpath", "-ldflags", "-s -w", "-o", target.file, target.pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if message, err := cmd.CombinedOutput(); err != nil {
			return p, fmt.Errorf("go build %s: %w\n%s", target.pkg, err, message)
		}
	}
	return p, nil
}

// candidates returns the providers to measure.
func (o options) candidates(p programs) (map[result.Subject]candidate, error) {
	configuration := []byte(work.Configuration)
	list := map[result.Subject]candidate{
		result.Provider: {p.provider, configuration},
		result.Floor:    {p.floor, configuration},
	}
	if o.providerBin == "" {
		return list, nil
	}
	binary, err := filepath.Abs(o.providerBin)
	if err != nil {
		return nil, err
	}
	if o.peerTF != "" {
		if configuration, err = os.ReadFile(o.peerTF); err != nil {
			return nil, err
		}
	}
	list[result.Peer] = candidate{binary, configuration}
	return list, nil
}

// peerName returns the name of the peer's executable.
func peerName(o options) string {
	if o.providerBin == "" {
		return ""
	}
	return filepath.Base(o.providerBin)
}

// machine describes this machine and the versions in use.
func machine(ctx context.Context, cli string) (result.Machine, error) {
	m := result.Machine{
		Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Go: strings.TrimPrefix(runtime.Version(), "go"), Kafka: stack.DefaultVersion,
	}
	cmd := exec.CommandContext(ctx, cli, "version", "-json")
	cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1")
	out, err := cmd.Output()
	if err != nil {
		return m, fmt.Errorf("%s version: %w", cli, err)
	}
	var version struct {
		Terraform string `json:"terraform_version"`
	}
	if err := json.Unmarshal(out, &version); err != nil {
		return m, fmt.Errorf("%s version: %w", cli, err)
	}
	m.Terraform = version.Terraform
	if commit, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output(); err == nil {
		m.Provider = strings.TrimSpace(string(commit)) // a source archive has no history
	}
	return m, nil
}
