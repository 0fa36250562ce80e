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
	"strings"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/proxy"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/raw"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/terraform"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/work"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// warmUpSize is the number of connectors on which nothing is measured yet.
const warmUpSize = 50

// benchmark does the whole of it. The run has what was measured, also with an error.
func benchmark(ctx context.Context, o options, out io.Writer) (r result.Run, err error) {
	r = result.Run{Began: time.Now().UTC().Truncate(time.Second), Command: o.command}
	dir, err := os.MkdirTemp("", "kafkaconnect-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	fmt.Fprintln(out, "Building the provider, and the one that does nothing ...")
	programs, err := build(ctx, dir)
	if err != nil {
		return r, err
	}
	contenders, err := o.contenders(programs)
	if err != nil {
		return r, err
	}
	if r.Machine, err = machine(ctx, o.terraform); err != nil {
		return r, err
	}
	r.PeerName = peerName(o)

	fmt.Fprintln(out, "Starting a broker and a worker ...")
	s, err := stack.Up(ctx, stack.Options{Log: out})
	if err != nil {
		return r, err
	}
	// Not by ctx: it may have been cancelled, and then stopping matters most.
	defer func() { err = errors.Join(err, s.Down(context.WithoutCancel(ctx))) }()
	r.Machine.Kafka = s.Options.WorkerVersion

	b := &bench{
		dir: dir, tools: terraform.Tools{Terraform: o.terraform, Meter: programs.meter}, contenders: contenders,
		direct: raw.New(s.URLs()[0]), out: out,
	}
	err = b.run(ctx, s.URLs()[0], o.steps(), &r)
	return r, err
}

// run warms up and makes the measurements, on the worker at the address.
func (b *bench) run(ctx context.Context, worker string, steps []step, r *result.Run) (err error) {
	b.began = time.Now()
	if b.proxy, err = proxy.Start(ctx, worker); err != nil {
		return err
	}
	defer b.proxy.Close()
	fmt.Fprintln(b.out, "Warming up ...")
	if err := b.warmUp(ctx, warmUpSize); err != nil {
		return err
	}
	r.Samples, err = b.measure(ctx, steps)
	r.Complete, r.Seconds = err == nil, time.Since(b.began).Seconds()
	return err
}

// programs are the executables that are built for a run.
type programs struct{ provider, floor, meter string }

// build builds them, in the way of a release.
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

// contenders are the providers to be measured.
func (o options) contenders(p programs) (map[result.Subject]contender, error) {
	configuration := []byte(work.Configuration)
	list := map[result.Subject]contender{
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
	list[result.Peer] = contender{binary, configuration}
	return list, nil
}

// peerName says in a table what the other provider is, by the name of its executable.
func peerName(o options) string {
	if o.providerBin == "" {
		return ""
	}
	return filepath.Base(o.providerBin)
}

// machine describes what this runs on.
func machine(ctx context.Context, cli string) (result.Machine, error) {
	m := result.Machine{Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: strings.TrimPrefix(runtime.Version(), "go")}
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
		m.Provider = strings.TrimSpace(string(commit)) // there is none in a copy without history
	}
	return m, nil
}
