package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/proxy"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/raw"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/terraform"
)

// contender is a provider with the configuration that it does the work by.
type contender struct {
	binary        string
	configuration []byte
}

// bench makes measurements on one worker, which nobody else uses.
type bench struct {
	dir        string // for folders of Terraform
	tools      terraform.Tools
	contenders map[result.Subject]contender
	proxy      *proxy.Proxy
	direct     *raw.Client // to the worker itself
	warmUpSize int         // number of connectors on which nothing is measured yet
	out        io.Writer   // takes progress
	began      time.Time
	total      int // number of steps
	done       int // of these

	cycle   int
	players map[result.Subject]player // of the cycle
	failed  map[result.Subject]bool   // in the cycle
}

// measure makes the measurements in their order and returns those that were made until the context ended.
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

// begin prepares what the step needs that is the first one of its cycle.
func (b *bench) begin(ctx context.Context, s step) error {
	if s.cycle == b.cycle {
		return nil
	}
	b.cycle, b.players, b.failed = s.cycle, map[result.Subject]player{}, map[result.Subject]bool{}
	return b.direct.Clear(ctx) // of what a failure has left
}

// sample makes one measurement. An error comes with a sample that says so.
func (b *bench) sample(ctx context.Context, s step) (result.Sample, error) {
	sample := result.Sample{Subject: s.subject, Operation: s.operation, N: s.n, Setting: s.setting}
	p, err := b.player(s)
	if err != nil {
		sample.Failed = true
		return sample, err
	}
	b.proxy.SetLatency(time.Duration(s.setting.LatencyMS) * time.Millisecond)
	b.proxy.Take()
	cost, err := p.play(ctx, s.operation, s.n)
	sample.Traffic = b.proxy.Take()
	if err == nil {
		err = b.check(ctx, s)
	}
	const mebibyte = 1 << 20
	sample.Seconds = cost.Wall.Seconds()
	sample.CPUSeconds = cost.ProviderCPU().Seconds()
	sample.PeakMiB = float64(cost.ProviderPeak()) / mebibyte
	sample.Processes = len(cost.Providers)
	sample.TerraformCPU = cost.CPU.Seconds()
	sample.Failed = err != nil
	return sample, err
}

// check looks whether the worker holds what it should after the step.
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
		err = fmt.Errorf("the worker holds %d connectors instead of %d", len(names), want)
	}
	return err
}

// player returns who does the step, in a folder of its own for each cycle.
func (b *bench) player(s step) (player, error) {
	if p, ok := b.players[s.subject]; ok {
		return p, nil
	}
	if s.subject == result.Worker {
		b.players[s.subject] = rawPlayer{raw.New(b.proxy.URL)}
		return b.players[s.subject], nil
	}
	who, dir := b.contenders[s.subject], filepath.Join(b.dir, fmt.Sprintf("%d-%s", s.cycle, s.subject))
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return nil, err
	}
	workspace, err := terraform.New(b.tools, dir, who.binary, who.configuration)
	if err != nil {
		return nil, err
	}
	b.players[s.subject] = &terraformPlayer{workspace: workspace, url: b.proxy.URL}
	return b.players[s.subject], nil
}

// warmUp does work that nobody measures: a Java process gets faster in its first minute, and files come from a disk once.
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

// report says what came out.
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
