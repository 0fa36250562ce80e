// Command testrun runs `go test` with one real Kafka and Kafka Connect that the tests of all packages share:
//
//	testrun [-no-skip] [-worker-version 3.7.2] [-broker-version 3.9.2] [arguments of go test]
//
// It starts the stack, passes its state file to the tests in [stack.StateVariable], and takes it down when the tests end or
// are interrupted. The tests get the version of the brokers in [stack.BrokerVersionVariable], for the stacks that they
// start for themselves. The exit code is that of go test.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

func main() {
	noSkip := flag.Bool("no-skip", false, "fail when a test was skipped; needs -v among the arguments of go test")
	workerVersion := flag.String("worker-version", stack.DefaultVersion, "version of the Kafka Connect worker")
	brokerVersion := flag.String("broker-version", cmp.Or(os.Getenv(stack.BrokerVersionVariable), stack.DefaultVersion), "version of the Kafka brokers")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code, err := testrun(ctx, *noSkip, stack.Options{WorkerVersion: *workerVersion, BrokerVersion: *brokerVersion}, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "testrun:", err)
	}
	os.Exit(code)
}

// testrun keeps the state file of the stack in a temporary folder.
func testrun(ctx context.Context, noSkip bool, versions stack.Options, args []string) (code int, err error) {
	dir, err := os.MkdirTemp("", "testrun-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)

	r := run{
		state: filepath.Join(dir, "stack.json"),
		up: func(ctx context.Context, state string) (func(context.Context) error, error) {
			return up(ctx, state, versions)
		},
		tests: append([]string{"go", "test"}, args...),
		env:   []string{stack.BrokerVersionVariable + "=" + versions.BrokerVersion},
		out:   os.Stdout,
	}
	if noSkip {
		r.skips = &skips{}
	}
	return r.do(ctx)
}

// up starts the stack that [stack.Shared] returns to the tests.
func up(ctx context.Context, state string, o stack.Options) (down func(context.Context) error, err error) {
	o.SASLSSL, o.StateFile, o.Log = true, state, os.Stdout
	s, err := stack.Up(ctx, o)
	if err != nil {
		return nil, err
	}
	return s.Down, nil
}
