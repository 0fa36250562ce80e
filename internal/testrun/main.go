// Command testrun runs `go test` beside one real Kafka and Kafka Connect that the tests of all packages share:
//
//	testrun [-no-skip] [arguments of go test]
//
// It starts them with the stack command, names their state file to the tests in KAFKACONNECT_TEST_STACK, and stops
// them when the tests have ended, failed or were interrupted. Its exit code is that of go test.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	noSkip := flag.Bool("no-skip", false, "fail when a test was skipped; needs -v among the arguments of go test")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code, err := testrun(ctx, *noSkip, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "testrun:", err)
	}
	os.Exit(code)
}

// testrun builds the stack command into a folder of its own, which also holds the stack's state, and runs the tests
// beside the stack.
func testrun(ctx context.Context, noSkip bool, args []string) (code int, err error) {
	dir, err := os.MkdirTemp("", "testrun-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)

	stack := filepath.Join(dir, "stack")
	build := command(ctx, "go", "build", "-o", stack, "./internal/stack/cmd")
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		return 1, fmt.Errorf("unable to build the stack command: %w", err)
	}
	r := run{
		stack: stack,
		state: filepath.Join(dir, "stack.json"),
		tests: append([]string{"go", "test"}, args...),
		out:   os.Stdout,
	}
	if noSkip {
		r.skips = &skips{}
	}
	return r.do(ctx)
}

// command is a process that leads a group of its own. So a Ctrl-C in the terminal reaches this program alone, which
// passes it on to the whole group: go test does not pass it on to the tests that it runs.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	return cmd
}
