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
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/work"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// Revisions of the connectors' configuration.
const (
	firstRevision  = 1000
	secondRevision = 2000
)

// lateMost is how long connectors may take to be as declared after a command has ended.
const lateMost = 2 * time.Minute

// candidate is what Terraform runs with: a provider and the configuration for it. Terraform alone has no executable.
type candidate struct {
	subject       result.Subject
	binary        string
	configuration []byte
}

// runner runs an operation for one subject. The work describes the connectors after the operation.
type runner func(ctx context.Context, op result.Operation, w work.Work) (terraform.Cost, error)

// bench measures on one worker, which has no other clients.
type bench struct {
	dir        string // of Terraform's directories and the connectors' file
	tools      terraform.Tools
	candidates []candidate
	proxy      *stack.Proxy
	direct     *raw.Client // to the worker, without the proxy
	work       work.Work
	out        io.Writer // progress output
	began      time.Time
	samples    []result.Sample
}

func newBench(dir, worker string, tools terraform.Tools, candidates []candidate, out io.Writer) (*bench, error) {
	proxy, err := stack.NewProxy(stack.ProxyOptions{KeepAlive: true}, worker)
	if err != nil {
		return nil, err
	}
	w := work.Work{URL: proxy.URL, File: filepath.Join(dir, "empty.txt"), State: work.Running}
	return &bench{
		dir: dir, tools: tools, candidates: candidates, proxy: proxy, direct: raw.New(worker), work: w, out: out, began: time.Now(),
	}, os.WriteFile(w.File, nil, 0o600)
}

// measure measures everything. In each round, the subjects take turns, because the speed of a machine varies over time. If the
// context ends, the samples so far remain.
func (b *bench) measure(ctx context.Context, o options) error {
	fmt.Fprintln(b.out, "Warming up ...") // the JVM compiles hot code, and executables are read from disk
	if err := b.round(ctx, min(o.sizes[0], 20)); err != nil {
		return err
	}
	b.samples, b.began = nil, time.Now()
	for _, n := range o.sizes {
		for i := range o.roundsOf(n) {
			fmt.Fprintf(b.out, "N = %d, round %d of %d:\n", n, i+1, o.roundsOf(n))
			if err := b.round(ctx, n); err != nil {
				return err
			}
		}
	}
	if o.stopped == 0 {
		return nil
	}
	return b.plans(ctx, o.stopped, o.rounds)
}

// round measures every subject once with n running connectors, but not a peer with more than manyConnectors, which would take
// longer than everything else.
func (b *bench) round(ctx context.Context, n int) error {
	plain := []result.Operation{result.Create, result.Change, result.Destroy}
	if err := b.cycle(ctx, result.Raw, rawRunner(raw.New(b.proxy.URL)), n, plain); err != nil {
		return err
	}
	for _, c := range b.candidates {
		if c.subject == result.Peer && n > manyConnectors {
			continue
		}
		workspace, err := b.workspace(c)
		if err != nil {
			return err
		}
		all := []result.Operation{result.Create, result.Plan, result.Change, result.Destroy}
		if err := b.cycle(ctx, c.subject, terraformRunner(workspace), n, all); err != nil {
			return err
		}
	}
	return nil
}

// cycle measures operations one after the other, up to the first that fails, and leaves no connector.
func (b *bench) cycle(ctx context.Context, subject result.Subject, run runner, n int, operations []result.Operation) error {
	w := b.work
	w.N, w.Revision = n, firstRevision
	for _, op := range operations {
		if op == result.Change {
			w.Revision = secondRevision
		}
		if !b.sample(ctx, result.Sample{Subject: subject, Operation: op, N: n}, run, w) {
			break
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return b.direct.Clear(ctx, n)
}

// plans measures plans without changes of n stopped connectors: all subjects plan the same connectors.
func (b *bench) plans(ctx context.Context, n, rounds int) error {
	w := b.work
	w.N, w.Revision, w.State = n, firstRevision, work.Stopped
	fmt.Fprintf(b.out, "N = %d, stopped:\n", n)
	runners := map[result.Subject]runner{}
	for _, c := range append(b.candidates, candidate{result.Terraform, "", []byte(work.TerraformAlone)}) {
		workspace, err := b.planned(ctx, c, w)
		switch {
		case err == nil:
			runners[c.subject] = terraformRunner(workspace)
		case c.subject == result.Peer && ctx.Err() == nil: // its failures do not fail the run
			fmt.Fprintf(b.out, "FAILED: %s: %v\n", c.subject, err)
		default:
			return fmt.Errorf("%s: %w", c.subject, err)
		}
	}
	if err := b.direct.Send(ctx, result.Create, w); err != nil {
		return err
	}
	if _, err := b.direct.Wait(ctx, result.Create, w); err != nil {
		return err
	}
	for _, latency := range []int{0, 50} {
		for range rounds {
			for _, subject := range []result.Subject{result.Provider, result.Peer, result.Terraform} {
				run, ok := runners[subject]
				if !ok || subject == result.Terraform && latency > 0 { // Terraform alone sends no requests
					continue
				}
				b.sample(ctx, result.Sample{Subject: subject, Operation: result.PlanStopped, N: n, LatencyMS: latency}, run, w)
			}
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return b.direct.Clear(ctx, n)
}

// planned returns a workspace whose state has the connectors, which do not exist on the worker. Terraform creates one; the rest of
// the state are copies of it.
func (b *bench) planned(ctx context.Context, c candidate, w work.Work) (*terraform.Workspace, error) {
	workspace, err := b.workspace(c)
	if err != nil {
		return nil, err
	}
	one := w
	one.N = 1
	if err := workspace.Set(one); err != nil {
		return nil, err
	}
	if _, err := workspace.Apply(ctx); err != nil {
		return nil, err
	}
	return workspace, errors.Join(workspace.Multiply(w.N), b.direct.Clear(ctx, one.N))
}

// workspace returns a new workspace in an empty directory.
func (b *bench) workspace(c candidate) (*terraform.Workspace, error) {
	dir, err := os.MkdirTemp(b.dir, "workspace-")
	if err != nil {
		return nil, err
	}
	return terraform.New(b.tools, dir, c.binary, c.configuration)
}

// sample runs and measures one operation, and tells whether it succeeded.
func (b *bench) sample(ctx context.Context, s result.Sample, run runner, w work.Work) bool {
	fmt.Fprintf(b.out, "[%5.0f s] %2d ms  %-16s%-30s", time.Since(b.began).Seconds(), s.LatencyMS, s.Subject, s.Operation)
	b.proxy.SetLatency(time.Duration(s.LatencyMS) * time.Millisecond)
	b.proxy.Take()
	cost, err := run(ctx, s.Operation, w)
	const megabyte = 1e6
	s.Seconds, s.CPUSeconds, s.PeakMB = cost.Wall.Seconds(), cost.ProviderCPU().Seconds(), float64(cost.ProviderPeak())/megabyte
	s.Requests = len(b.proxy.Take())
	if err == nil {
		s.LateSeconds, err = b.late(ctx, s.Operation, w)
	}
	if ctx.Err() != nil {
		fmt.Fprintln(b.out, "interrupted")
		return false
	}
	s.Failed = err != nil
	b.samples = append(b.samples, s)
	fmt.Fprintf(b.out, "%7.2f s, %5.2f s later  CPU %5.2f s  peak %3.0f MB  %d requests\n", s.Seconds, s.LateSeconds, s.CPUSeconds, s.PeakMB, s.Requests)
	if err != nil {
		fmt.Fprintf(b.out, "FAILED: %v\n", err)
	}
	return !s.Failed
}

// late waits until the connectors are as the operation should leave them. It returns the time that this took, which is 0 if the
// first poll shows it.
func (b *bench) late(ctx context.Context, op result.Operation, w work.Work) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, lateMost)
	defer cancel()
	began := time.Now()
	waited, err := b.direct.Wait(ctx, op, w)
	if err != nil {
		return 0, fmt.Errorf("the connectors are not as declared after %s: %w", lateMost, err)
	}
	if !waited {
		return 0, nil
	}
	return time.Since(began).Seconds(), nil
}

// rawRunner sends plain HTTP requests, and waits until they are in effect.
func rawRunner(client *raw.Client) runner {
	return func(ctx context.Context, op result.Operation, w work.Work) (cost terraform.Cost, err error) {
		began := time.Now()
		if err = client.Send(ctx, op, w); err == nil {
			_, err = client.Wait(ctx, op, w)
		}
		return terraform.Cost{Wall: time.Since(began)}, err
	}
}

// terraformRunner runs Terraform in a workspace.
func terraformRunner(workspace *terraform.Workspace) runner {
	return func(ctx context.Context, op result.Operation, w work.Work) (terraform.Cost, error) {
		if err := workspace.Set(w); err != nil {
			return terraform.Cost{}, err
		}
		switch op {
		case result.Plan, result.PlanStopped:
			return workspace.PlanNothing(ctx)
		case result.Destroy:
			return workspace.Destroy(ctx)
		default:
			return workspace.Apply(ctx)
		}
	}
}
