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

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/terraform"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/work"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// benchmark builds, measures and stops everything. With an error, the run has the samples so far.
func benchmark(ctx context.Context, o options, out io.Writer) (r result.Run, err error) {
	r = result.Run{Began: time.Now().UTC().Truncate(time.Second), Command: o.command}
	if o.peer != "" {
		r.Peer, r.OwnBuild = filepath.Base(o.peer), o.peerTF == ""
	}
	dir, err := os.MkdirTemp("", "kafkaconnect-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	fmt.Fprintln(out, "Building the provider ...")
	programs, err := build(ctx, dir)
	if err != nil {
		return r, err
	}
	candidates, err := o.candidates(programs.provider)
	if err != nil {
		return r, err
	}
	if r.Machine, err = machine(ctx, o.terraform); err != nil {
		return r, err
	}
	fmt.Fprintln(out, "Starting a broker and a worker ...")
	s, err := stack.Up(ctx, stack.Options{Log: out})
	if err != nil {
		return r, err
	}
	// Stop the processes even if ctx is cancelled.
	defer func() { err = errors.Join(err, s.Down(context.WithoutCancel(ctx))) }()

	tools := terraform.Tools{Terraform: o.terraform, Meter: programs.meter}
	b, err := newBench(dir, s.URLs()[0], tools, candidates, out)
	if err != nil {
		return r, err
	}
	defer b.proxy.Close()
	err = b.measure(ctx, o)
	r.Samples = b.samples
	if failed := r.Failed(); failed > 0 && err == nil {
		err = fmt.Errorf("%d measurements failed: the results are partial", failed)
	}
	r.Complete, r.Seconds = err == nil, time.Since(b.began).Seconds()
	return r, err
}

// programs are the paths of the built executables.
type programs struct{ provider, meter string }

// build builds the programs with the flags of a release.
func build(ctx context.Context, dir string) (p programs, err error) {
	p = programs{filepath.Join(dir, "provider"), filepath.Join(dir, "meter")}
	for _, target := range []struct{ module, pkg, file string }{
		{".", ".", p.provider}, {"bench", "./cmd/meter", p.meter},
	} {
		cmd := exec.CommandContext(ctx, "go", "build", "-C", target.module, "-trimpath", "-ldflags", "-s -w", "-o", target.file, target.pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if message, err := cmd.CombinedOutput(); err != nil {
			return p, fmt.Errorf("go build %s: %w\n%s", target.pkg, err, message)
		}
	}
	return p, nil
}

// candidates returns what Terraform runs with, in the order of a round.
func (o options) candidates(provider string) ([]candidate, error) {
	list := []candidate{{result.Provider, provider, []byte(work.Configuration)}}
	if o.peer == "" {
		return list, nil
	}
	binary, err := filepath.Abs(o.peer)
	if err != nil {
		return nil, err
	}
	peer := candidate{result.Peer, binary, []byte(work.Configuration)}
	if o.peerTF != "" {
		peer.configuration, err = os.ReadFile(o.peerTF)
	}
	return append(list, peer), err
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
