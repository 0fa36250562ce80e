package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/raw"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/terraform"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/traffic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// candidate is a provider and the configuration for it.
type candidate struct {
	binary        string
	configuration []byte
}

// bench measures on one worker, which has no other clients.
type bench struct {
	dir        string // parent of Terraform's directories
	tools      terraform.Tools
	candidates map[result.Subject]candidate
	proxy      *stack.Proxy
	direct     *raw.Client // to the worker, without the proxy
	warmUpSize int         // number of connectors in the warm-up
	out        io.Writer   // progress output
	began      time.Time
	total      int // number of steps
	done       int // number of finished steps

	cycle   int
	runners map[result.Subject]runner // of the current cycle
	failed  map[result.Subject]bool   // in the current cycle
}

// measure runs the steps in their order. If the context ends, it returns the samples so far.
func (b *bench) measure(ctx context.Context, steps []step) (samples []result.Sample, err error) {
	for _, s := range steps {
		b.done++
		if err := b.begin(ctx, s); err != nil {
			return samples, err
		}
		if b.failed[s.subject] {
			continue
		}
		fmt.Fprintf(b.out, "[%5.0f s] %3d/%d  N=%-4d %5s  %-8s  %-22s ", time.Since(b.began).Seconds(), b.done, b.total,
			s.n, s.setting, s.subject, s.operation)
		sample, err := b.sample(ctx, s)
		if ctx.Err() != nil {
			fmt.Fprintln(b.out, "interrupted")
			return samples, ctx.Err()
		}
		b.report(sample, err)
		samples = append(samples, sample)
		b.failed[s.subject] = sample.Failed
	}
	return samples, b.direct.Clear(ctx)
}

// begin prepares the first step of a cycle.
func (b *bench) begin(ctx context.Context, s step) error {
	if s.cycle == b.cycle {
		return nil
	}
	b.cycle, b.runners, b.failed = s.cycle, map[result.Subject]runner{}, map[result.Subject]bool{}
	return b.direct.Clear(ctx) // connectors that remain after a failure
}

// sample runs and measures one step. With an error, the sample is marked as failed.
func (b *bench) sample(ctx context.Context, s step) (result.Sample, error) {
	sample := result.Sample{Subject: s.subject, Operation: s.operation, N: s.n, Setting: s.setting}
	r, err := b.runner(s)
	if err != nil {
		sample.Failed = true
		return sample, err
	}
	b.proxy.SetLatency(time.Duration(s.setting.LatencyMS) * time.Millisecond)
	b.proxy.Take()
	cost, err := r.run(ctx, s.operation, s.n)
	sample.Traffic = traffic.Of(b.proxy.Take())
	if err == nil {
		err = b.check(ctx, s)
	}
	const mebibyte = 1 << 20
	sample.Seconds = cost.Wall.Seconds()
	sample.CPUSeconds = cost.ProviderCPU().Seconds()
	sample.PeakMiB = float64(cost.ProviderPeak()) / mebibyte
	sample.Failed = err != nil
	return sample, err
}

// check checks the number of connectors on the worker after the step.
func (b *bench) check(ctx context.Context, s step) error {
	want := s.n
	switch {
	case s.subject == result.Floor || s.operation == result.PlanOne:
		return nil
	case s.operation == result.Destroy:
		want = 0
	}
	names, err := b.direct.Names(ctx)
	if err == nil && len(names) != want {
		err = fmt.Errorf("the worker has %d connectors instead of %d", len(names), want)
	}
	return err
}

// runner returns the runner of the step's subject. Each cycle has a new one, with a directory of its own.
func (b *bench) runner(s step) (runner, error) {
	if r, ok := b.runners[s.subject]; ok {
		return r, nil
	}
	if s.subject == result.Worker {
		b.runners[s.subject] = rawRunner{raw.New(b.proxy.URL)}
		return b.runners[s.subject], nil
	}
	c, dir := b.candidates[s.subject], filepath.Join(b.dir, fmt.Sprintf("%d-%s", s.cycle, s.subject))
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return nil, err
	}
	workspace, err := terraform.New(b.tools, dir, c.binary, c.configuration)
	if err != nil {
		return nil, err
	}
	b.runners[s.subject] = &terraformRunner{workspace: workspace, url: b.proxy.URL}
	return b.runners[s.subject], nil
}

// warmUp runs every subject once without measuring: the JVM compiles hot code in its first minute, and the first run reads
// the executables from disk.
func (b *bench) warmUp(ctx context.Context, setting result.Setting) error {
	const cycle = -1
	if err := b.begin(ctx, step{cycle: cycle}); err != nil {
		return err
	}
	for _, subject := range []result.Subject{result.Worker, result.Provider, result.Floor} {
		for _, op := range []result.Operation{result.Create, result.Change, result.Destroy} {
			if _, err := b.sample(ctx, step{cycle, subject, op, b.warmUpSize, setting}); err != nil {
				return fmt.Errorf("%s: %w", subject, err)
			}
		}
	}
	return nil
}

// report prints a sample.
func (b *bench) report(s result.Sample, err error) {
	fmt.Fprintf(b.out, "%7.2f s", s.Seconds)
	if s.Subject != result.Worker {
		fmt.Fprintf(b.out, "  CPU %5.2f s  peak %3.0f MiB", s.CPUSeconds, s.PeakMiB)
	}
	fmt.Fprintf(b.out, "  %d requests\n", s.Traffic.Total())
	if err != nil {
		fmt.Fprintf(b.out, "FAILED: %v\n", err)
	}
}
