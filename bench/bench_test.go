package main

import (
	"context"
	"errors"
	"io"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/report"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/terraform"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/work"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// built are the programs that `make bench` builds.
var built programs

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bench-test-")
	if err != nil {
		log.Print(err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := os.Chdir(".."); err != nil { // the root of the checkout
		log.Print(err)
		return 1
	}
	if built, err = build(context.Background(), dir); err != nil {
		log.Print(err)
		return 1
	}
	return m.Run()
}

// newBench returns a bench with a short warm-up. Its peer is the provider itself.
func newBench(t *testing.T, out io.Writer) *bench {
	t.Helper()
	o := options{providerBin: built.provider}
	candidates, err := o.candidates(built)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{
		dir: t.TempDir(), tools: terraform.Tools{Terraform: "terraform", Meter: built.meter}, candidates: candidates,
		warmUpSize: 1, out: out, began: time.Now(),
	}
}

func TestMeasure(t *testing.T) {
	var out strings.Builder
	b, worker := newBench(t, &out), connectfake.New(t)
	s := selection{sizes: []int{6}, latencies: []int{1}, operations: result.Operations, plans: 1, changeMost: 10, many: 20}
	steps := s.steps()
	samples, err := b.on(t.Context(), worker.URL(), steps)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if len(samples) != len(steps) {
		t.Fatalf("%d samples of %d steps\n%s", len(samples), len(steps), out.String())
	}
	for _, sample := range samples {
		byTerraform := sample.Subject != result.Worker
		if sample.Failed || sample.Seconds <= 0 || byTerraform != (sample.CPUSeconds > 0 && sample.PeakMiB > 5) {
			t.Errorf("unlikely: %+v", sample)
		}
		// The do-nothing provider plans, applies and destroys without a request.
		if silent := sample.Subject == result.Floor; silent != (sample.Traffic.Total() == 0) {
			t.Errorf("%s, %s: %d requests", sample.Subject, sample.Operation, sample.Traffic.Total())
		}
	}
	folder := t.TempDir()
	if err := report.Write(folder, result.Run{Samples: samples}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "results.json", "plan.svg", "writes.svg"} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Terraform and plain requests create the same connectors.
func TestTerraformAndPlainRequestsDoTheSame(t *testing.T) {
	b, worker := newBench(t, io.Discard), connectfake.New(t)
	c := b.candidates[result.Provider]
	workspace, err := terraform.New(b.tools, t.TempDir(), c.binary, c.configuration)
	if err != nil {
		t.Fatal(err)
	}
	r := &terraformRunner{workspace: workspace, url: worker.URL()}
	for _, test := range []struct {
		op              result.Operation
		changed, others int
	}{
		{result.Create, firstRevision, firstRevision},
		{result.ApplySome, firstRevision + 1, firstRevision},
		{result.Change, secondRevision, secondRevision},
	} {
		const n = result.Some + 1
		if _, err := r.run(t.Context(), test.op, n); err != nil {
			t.Fatal(err)
		}
		for i, revision := range map[int]int{0: test.changed, n - 1: test.others} {
			config, target, _ := worker.Connector(work.Name(i))
			delete(config, "name") // added by the worker
			if want := work.Config(i, revision); !maps.Equal(config, want) || target != "STOPPED" {
				t.Errorf("after %s, connector %d is %s with %v, want %v", test.op, i, target, config, want)
			}
		}
	}
}

func TestFailureEndsTheSubjectsCycle(t *testing.T) {
	var out strings.Builder
	b, worker := newBench(t, &out), connectfake.New(t)
	peer := b.candidates[result.Provider]
	peer.configuration = []byte(strings.Replace(work.Configuration, "count = var.n", "count = 1", 1))
	b.candidates[result.Peer] = peer
	s := selection{sizes: []int{2}, latencies: []int{0}, operations: []result.Operation{result.Plan}, plans: 1, peer: true}
	samples, err := b.on(t.Context(), worker.URL(), s.steps())
	if err != nil {
		t.Fatal(err)
	}
	failed, done := map[result.Subject]int{}, map[result.Subject]int{}
	for _, sample := range samples {
		if sample.Failed {
			failed[sample.Subject]++
		} else {
			done[sample.Subject]++
		}
	}
	if failed[result.Peer] != 1 || len(failed) != 1 || done[result.Peer] != 0 || done[result.Provider] != 3 {
		t.Errorf("failed: %v, done: %v\n%s", failed, done, out.String())
	}
	if want := "the worker has 1 connectors instead of 2"; !strings.Contains(out.String(), want) {
		t.Errorf("output lacks %q:\n%s", want, out.String())
	}
}

func TestInterruptKeepsSamples(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b, worker := newBench(t, interrupter{after: "plan", interrupt: cancel}), connectfake.New(t)
	s := selection{sizes: []int{2}, latencies: []int{0}, operations: result.Operations, plans: 1}
	samples, err := b.on(ctx, worker.URL(), s.steps())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n := len(samples); n == 0 || samples[n-1].Operation != result.Create {
		t.Errorf("kept: %+v", samples)
	}
}

// interrupter calls interrupt when a text is written.
type interrupter struct {
	after     string
	interrupt func()
}

func (i interrupter) Write(text []byte) (int, error) {
	if strings.Contains(string(text), i.after) {
		i.interrupt()
	}
	return len(text), nil
}

func TestParse(t *testing.T) {
	o, err := parse([]string{"-sizes", "10,200,200", "-latencies", "0, 50", "-operations", "plan", "-provider-bin", "/somewhere/other", "-results", "/somewhere"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(o.sizes, []int{10, 200, 200}) || !slices.Equal(o.latencies, []int{0, 50}) || !o.peer {
		t.Errorf("%+v", o.selection)
	}
	if want := "make bench LATENCIES=0,50 OPERATIONS=plan PROVIDER_BIN=other SIZES=10,200,200"; o.command != want {
		t.Errorf("command %q, want %q", o.command, want)
	}
	for _, args := range [][]string{{"-sizes", "ten"}, {"-sizes", "0"}, {"-sizes", "10x"}, {"-latencies", "-1"}, {"-operations", "dream"}, {"-peer-tf", "x.tf"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
