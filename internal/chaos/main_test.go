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

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// Flags. A size of 0 means the default of the short or the long form.
var (
	seed       = flag.Uint64("chaos.seed", 0, "seed of all random numbers; 0 draws one")
	long       = flag.Bool("chaos.long", false, "run the long form, with three brokers")
	connectors = flag.Int("chaos.connectors", 0, "approximate number of declared connectors")
	rounds     = flag.Int("chaos.rounds", 0, "number of declarations that TestChaos applies during restarts")
	applies    = flag.Int("chaos.applies", 0, "minimum number of applies of TestFaultedSeries")
	faulted    = flag.Int("chaos.faulted", 0, "minimum number of requests of TestFaultedSeries that meet a fault")
	kills      = flag.Int("chaos.kills", 0, "number of times that TestKills and TestTopicKills together kill the provider")
)

// setDefaults sets the sizes that were not given, and the seed.
func setDefaults() {
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
	// cluster is shared by the tests, which run one after the other. A test may restart its workers and brokers, and must
	// leave them running and without connectors.
	cluster *stack.Stack
	// provider is the path of the provider executable.
	provider string
)

func TestMain(m *testing.M) {
	flag.Parse()
	setDefaults()
	os.Exit(run(m))
}

// run builds the provider, starts the cluster, runs the tests and stops the cluster.
func run(m *testing.M) (code int) {
	if os.Getenv("TF_ACC") == "" {
		return m.Run() // every test skips itself
	}
	folder, err := os.MkdirTemp("", "kafkaconnect-chaos-")
	if err == nil {
		defer os.RemoveAll(folder)
		provider = filepath.Join(folder, "provider")
		err = build(provider)
	}
	if err == nil {
		// Short timeouts make the group notice and replace a killed worker within seconds: session.timeout.ms is 10 s by
		// default, heartbeat.interval.ms 3 s. The stack itself sets scheduled.rebalance.max.delay.ms to one second.
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

// build builds the provider without the race detector, which would slow down what the tests interrupt.
func build(file string) error {
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", file, ".")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	return nil
}

// begin skips the test without TF_ACC. It logs how to repeat the test, and returns its source of random numbers.
func begin(t *testing.T) *rand.Rand {
	t.Helper()
	acctest.RequireAcceptance(t)
	command := fmt.Sprintf("TF_ACC=1 go test ./internal/chaos -count=1 -v -run %s -chaos.seed=%d", t.Name(), *seed)
	if *long {
		command = fmt.Sprintf("make chaos SEED=%d TESTARGS='-run %s'", *seed, t.Name())
	}
	t.Logf("seed %d; to repeat: %s", *seed, command)
	name := fnv.New64()
	_, _ = name.Write([]byte(t.Name())) // never fails
	return rand.New(rand.NewPCG(*seed, name.Sum64()))
}
