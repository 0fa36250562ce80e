package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// interruptGrace is the time that interrupted tests have to stop their processes.
const interruptGrace = time.Minute

// run runs the tests with a stack.
type run struct {
	// up starts the stack and describes it in the file state. After an error no process is left running.
	up    func(ctx context.Context, state string) (down func(context.Context) error, err error)
	state string
	tests []string // the command that runs the tests
	env   []string // additional environment of the tests
	out   io.Writer
	skips *skips // records skipped tests; nil if tests may be skipped
}

// do starts the stack, runs the tests and takes the stack down. It returns the exit code of the tests. If anything else
// fails, it returns an error and a code other than 0.
func (r run) do(ctx context.Context) (code int, err error) {
	down, err := r.up(ctx, r.state)
	switch {
	case err != nil && ctx.Err() != nil:
		return 1, errors.New("interrupted")
	case err != nil:
		return 1, fmt.Errorf("unable to start Kafka and Kafka Connect: %w", err)
	}
	defer func() {
		// The stack must be taken down also if ctx was cancelled. Nothing is printed, so that the last lines on the
		// screen are those of go test.
		if downErr := down(context.WithoutCancel(ctx)); downErr != nil {
			code, err = max(code, 1), errors.Join(err, downErr)
		}
	}()
	code, err = r.test(ctx)
	if err == nil && code == 0 && r.skips != nil && len(r.skips.names) > 0 {
		return 1, fmt.Errorf("tests were skipped, which -no-skip forbids: %s", strings.Join(r.skips.names, ", "))
	}
	return code, err
}

// test runs the tests in a new process group. Ctrl-C in the terminal then reaches only this program, which interrupts the
// whole group. Go test does not forward an interrupt to the test programs.
func (r run) test(ctx context.Context) (code int, err error) {
	cmd := exec.CommandContext(ctx, r.tests[0], r.tests[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = interruptGrace
	cmd.Env = append(append(os.Environ(), r.env...), stack.StateVariable+"="+r.state)
	cmd.Stdout, cmd.Stderr = r.out, os.Stderr
	if r.skips != nil {
		cmd.Stdout = io.MultiWriter(r.out, r.skips)
	}

	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return 1, errors.New("interrupted")
	case errors.As(err, &exit):
		return exit.ExitCode(), nil
	case err != nil:
		return 1, fmt.Errorf("unable to run the tests: %w", err)
	}
	return 0, nil
}

// skips is a writer for the output of `go test -v` that records the skipped tests.
type skips struct {
	names []string
	rest  []byte // an incomplete line
}

// Write never fails.
func (s *skips) Write(p []byte) (int, error) {
	s.rest = append(s.rest, p...)
	for {
		line, rest, whole := bytes.Cut(s.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		s.rest = rest
		if name, found := strings.CutPrefix(strings.TrimSpace(string(line)), "--- SKIP: "); found {
			s.names = append(s.names, strings.Fields(name)[0])
		}
	}
}
