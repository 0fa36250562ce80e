package chaos

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// What a run may be told. A size of 0 is that of the form.
var (
	seed       = flag.Uint64("chaos.seed", 0, "seed of everything random; 0 draws one")
	long       = flag.Bool("chaos.long", false, "the long form, with three brokers")
	connectors = flag.Int("chaos.connectors", 0, "about how many connectors are declared at a time")
	rounds     = flag.Int("chaos.rounds", 0, "how many declarations TestChaos applies in the storm")
	applies    = flag.Int("chaos.applies", 0, "how many applies TestFaultedSeries makes under faults, at least")
	faulted    = flag.Int("chaos.faulted", 0, "how many requests meet a fault in them, at least")
	kills      = flag.Int("chaos.kills", 0, "how often TestKills and TestTopicKills kill the provider, together")
)

// sizes fills in the sizes of the form that were not given.
func sizes() {
	for _, size := range []struct {
		flag        *int
		short, long int
	}{
		{connectors, 8, 50},
		{rounds, 1, 10},
		{applies, 2, 200},
		{faulted, 1, 10_000},
		{kills, 3, 200},
	} {
		if *size.flag == 0 {
			*size.flag = size.short
			if *long {
				*size.flag = size.long
			}
		}
	}
	if *seed == 0 {
		*seed = rand.Uint64()
	}
}

var (
	// cluster is what all tests run on, one after the other: they restart its workers and brokers, and leave them running
	// and without connectors.
	cluster *stack.Stack
	// provider is the file with the provider.
	provider string
)

func TestMain(m *testing.M) {
	flag.Parse()
	sizes()
	os.Exit(run(m))
}

// run brings up what the tests need, runs them and takes it down again.
func run(m *testing.M) (code int) {
	if os.Getenv("TF_ACC") == "" {
		return m.Run() // which skips them
	}
	folder, err := os.MkdirTemp("", "kafkaconnect-chaos-")
	if err == nil {
		defer os.RemoveAll(folder)
		provider = filepath.Join(folder, "provider")
		err = build(provider)
	}
	if err == nil {
		// Workers of the stack wait a second, not the default of five minutes, before they take over what one that went
		// down has left (scheduled.rebalance.max.delay.ms): tests see the take-over, and need not wait for it.
		// For the same reason the others notice after six seconds, not ten, that a worker was killed, and join a rebalance
		// within one second, not three.
		options := stack.Options{Brokers: 1, Workers: 2, WorkerProperties: map[string]string{
			"session.timeout.ms": "6000", "heartbeat.interval.ms": "1000",
		}}
		if *long {
			options.Brokers = 3
		}
		cluster, err = stack.Up(context.Background(), options)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		return 1
	}
	defer func() {
		if err := cluster.Down(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "chaos:", err)
			code = 1
		}
	}()
	return m.Run()
}

// build builds the provider.
func build(file string) error {
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", file, ".")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	return nil
}

// begin skips the test where there is nothing to run it on, and returns where its randomness comes from.
func begin(t *testing.T) *rand.Rand {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1, as `make test` does")
	}
	again := fmt.Sprintf("TF_ACC=1 go test ./internal/chaos -count=1 -v -run %s -chaos.seed=%d", t.Name(), *seed)
	if *long {
		again = fmt.Sprintf("make chaos SEED=%d TESTARGS='-run %s'", *seed, t.Name())
	}
	t.Logf("seed %d; again: %s", *seed, again)
	name := fnv.New64()
	_, _ = name.Write([]byte(t.Name())) // never fails
	return rand.New(rand.NewPCG(*seed, name.Sum64()))
}

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !condition(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still not so after two minutes: %s", what)
		}
	}
}
