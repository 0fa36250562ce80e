package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// interruptGrace is how long an interrupted process may take to stop what it started.
const interruptGrace = 60 * time.Second

// run is the tests and the stack beside them.
type run struct {
	stack string   // the stack command
	state string   // the file that says where the stack is
	tests []string // the command that runs the tests
	out   io.Writer
	skips *skips // what notes the tests that were skipped, nil when that is of no interest
}

// do starts the stack, runs the tests and stops the stack again. It returns the exit code of the tests; the error is
// about everything else, and comes with a code other than 0.
func (r run) do(ctx context.Context) (code int, err error) {
	// Down also after an up that failed half-way, and not by a context that may have been cancelled: that is when it
	// matters most.
	defer func() {
		if downErr := r.down(context.WithoutCancel(ctx)); downErr != nil {
			code, err = max(code, 1), errors.Join(err, downErr)
		}
	}()
	if err := r.up(ctx); err != nil {
		return 1, err
	}
	code, err = r.test(ctx)
	if err != nil {
		return 1, err
	}
	if code == 0 && r.skips != nil && len(r.skips.names) > 0 {
		return 1, fmt.Errorf("skipped, where nothing may be: %s", strings.Join(r.skips.names, ", "))
	}
	return code, nil
}

func (r run) up(ctx context.Context) error {
	cmd := command(ctx, r.stack, "up", "--state", r.state)
	cmd.Stdout, cmd.Stderr = r.out, os.Stderr
	cmd.WaitDelay = interruptGrace
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("unable to start the stack: %w", err)
	}
	return nil
}

// down is silent unless it fails: the last lines on the screen are to be those of go test.
func (r run) down(ctx context.Context) error {
	if out, err := command(ctx, r.stack, "down", "--state", r.state).CombinedOutput(); err != nil {
		return fmt.Errorf("unable to stop the stack: %w\n%s", err, out)
	}
	return nil
}

func (r run) test(ctx context.Context) (code int, err error) {
	cmd := command(ctx, r.tests[0], r.tests[1:]...)
	cmd.Env = append(os.Environ(), "KAFKACONNECT_TEST_STACK="+r.state)
	cmd.Stdout, cmd.Stderr = r.out, os.Stderr
	if r.skips != nil {
		cmd.Stdout = io.MultiWriter(r.out, r.skips)
	}
	cmd.WaitDelay = interruptGrace

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
