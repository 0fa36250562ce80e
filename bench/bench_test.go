package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

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

// start returns a bench on a fake worker. Its peer is the provider itself, under the address of another one.
func start(t *testing.T, out io.Writer, worker *connectfake.Worker) *bench {
	t.Helper()
	peer := strings.Replace(work.Configuration, "kafkaconnect/kafkaconnect", "Mongey/kafka-connect", 1)
	candidates := []candidate{
		{result.Provider, built.provider, []byte(work.Configuration)},
		{result.Peer, built.provider, []byte(peer)},
	}
	b, err := newBench(t.TempDir(), worker.URL(), terraform.Tools{Terraform: cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"), Meter: built.meter}, candidates, out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.proxy.Close)
	return b
}

func TestRound(t *testing.T) {
	t.Setenv("KAFKA_CONNECT_STABLE_FOR", "2s") // the least
	var out strings.Builder
	b := start(t, &out, connectfake.New(t))
	b.candidates = b.candidates[:1] // each apply takes as long
	if err := b.round(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	for _, s := range b.samples {
		byTerraform := s.Subject != result.Raw
		if s.Failed || s.Seconds <= 0 || s.Requests < 2 || byTerraform != (s.CPUSeconds > 0 && s.PeakMB > 5) {
			t.Errorf("unlikely: %+v", s)
		}
	}
	if len(b.samples) != 3+4 {
		t.Errorf("%d samples\n%s", len(b.samples), out.String())
	}
}

// A plan of copied connectors finds no changes, which proves that Terraform and plain requests make the same connectors.
func TestPlans(t *testing.T) {
	var out strings.Builder
	b := start(t, &out, connectfake.New(t))
	if err := b.plans(t.Context(), 20, 1); err != nil {
		t.Fatal(err)
	}
	if len(b.samples) != 3+2 {
		t.Errorf("%d samples\n%s", len(b.samples), out.String())
	}
	for _, s := range b.samples {
		if s.Failed || (s.Subject == result.Terraform) != (s.Requests == 0) {
			t.Errorf("%+v\n%s", s, out.String())
		}
	}
}

func TestFailureEndsTheCycle(t *testing.T) {
	var out strings.Builder
	b := start(t, &out, connectfake.New(t))
	fails := func(context.Context, result.Operation, work.Work) (terraform.Cost, error) {
		return terraform.Cost{}, errors.New("the disk is full")
	}
	if err := b.cycle(t.Context(), result.Provider, fails, 2, result.Operations); err != nil {
		t.Fatal(err)
	}
	if len(b.samples) != 1 || !b.samples[0].Failed || !strings.Contains(out.String(), "FAILED: the disk is full") {
		t.Errorf("%+v\n%s", b.samples, out.String())
	}
}

func TestInterruptKeepsSamples(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := start(t, io.Discard, connectfake.New(t))
	creates := func(ctx context.Context, op result.Operation, w work.Work) (terraform.Cost, error) {
		if op != result.Create {
			cancel()
		}
		return rawRunner(b.direct)(ctx, op, w)
	}
	if err := b.cycle(ctx, result.Raw, creates, 2, result.Operations); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if len(b.samples) != 1 || b.samples[0].Failed {
		t.Errorf("kept: %+v", b.samples)
	}
}

// A peer's configuration declares the same connectors as the configuration for this provider.
func TestPeers(t *testing.T) {
	settings := regexp.MustCompile(`(?m)^ *("[a-z.]+" +=.*)$`)
	want := settings.FindAllString(work.Configuration, -1)
	files, err := filepath.Glob("bench/peers/*.tf")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := slices.DeleteFunc(settings.FindAllString(string(text), -1), func(line string) bool { return strings.Contains(line, `"name" `) })
		if !slices.Equal(got, want) || len(got) == 0 {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	o, err := parse([]string{"-sizes", "10, 200", "-peer", "/somewhere/other", "-results", "/somewhere"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(o.sizes, []int{10, 200}) || o.roundsOf(10) != 3 || o.roundsOf(200) != 1 || o.stopped != 1000 {
		t.Errorf("%+v", o)
	}
	if want := "make bench PEER=other SIZES=10,200"; o.command != want {
		t.Errorf("command %q, want %q", o.command, want)
	}
	for _, args := range [][]string{{"-sizes", "ten"}, {"-sizes", "0"}, {"-sizes", ""}, {"-rounds", "0"}, {"-stopped", "-1"}, {"-peer-tf", "x.tf"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
