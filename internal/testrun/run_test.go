package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// newRun returns a run with a fake stack, which records its calls.
func newRun(t *testing.T, tests string) (r run, calls *[]string) {
	t.Helper()
	calls = &[]string{}
	note := func(call string) { *calls = append(*calls, call) }
	return run{
		up: func(context.Context, string) (func(context.Context) error, error) {
			note("up")
			return func(ctx context.Context) error {
				note("down")
				return ctx.Err()
			}, nil
		},
		state: filepath.Join(t.TempDir(), "stack.json"),
		tests: []string{"sh", "-c", tests},
		env:   []string{"KAFKACONNECT_TEST_BROKER_VERSION=9.8.7"},
		out:   io.Discard,
	}, calls
}

func TestRunStopsTheStack(t *testing.T) {
	for name, c := range map[string]struct {
		tests string
		code  int
	}{
		"after success": {`test -n "$KAFKACONNECT_TEST_STACK" -a "$KAFKACONNECT_TEST_BROKER_VERSION" = 9.8.7`, 0},
		"after failure": {`exit 7`, 7},
	} {
		t.Run(name, func(t *testing.T) {
			r, calls := newRun(t, c.tests)
			code, err := r.do(t.Context())
			if code != c.code || err != nil {
				t.Errorf("got code %d and error %v, want %d and none", code, err, c.code)
			}
			if want := []string{"up", "down"}; !slices.Equal(*calls, want) {
				t.Errorf("the stack was asked %q, want %q", *calls, want)
			}
		})
	}
}

// An interrupt reaches the processes that the tests started too.
func TestRunInterrupted(t *testing.T) {
	reached := filepath.Join(t.TempDir(), "reached")
	started := reached + ".started"
	r, calls := newRun(t, fmt.Sprintf(`sh -c 'trap "touch %s; exit" INT; touch %s; while :; do sleep 0.01; done'; true`, reached, started))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(started); err == nil {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if code, err := r.do(ctx); code == 0 || err == nil {
		t.Errorf("got code %d and error %v, want an error", code, err)
	}
	if _, err := os.Stat(reached); err != nil {
		t.Error("the interrupt did not reach what the tests had started")
	}
	if !slices.Contains(*calls, "down") {
		t.Errorf("the stack was asked %q, want it stopped", *calls)
	}
}

func TestRunReportsSkips(t *testing.T) {
	r, _ := newRun(t, `echo "=== RUN TestA"; echo "    --- SKIP: TestA/old_worker (0.00s)"; echo "--- PASS: TestA (0.00s)"`)
	r.skips = &skips{}
	code, err := r.do(t.Context())
	if code == 0 || err == nil || !strings.Contains(err.Error(), "TestA/old_worker") {
		t.Errorf("got code %d and error %v, want an error that names the test", code, err)
	}
}

func TestSkipsAcrossWrites(t *testing.T) {
	s := &skips{}
	for _, p := range []string{"--- SK", "IP: TestA (0.00s)\n--- PASS: TestB", " (0.00s)\n--- SKIP: TestC (0.00s)\n"} {
		if n, err := s.Write([]byte(p)); n != len(p) || err != nil {
			t.Fatalf("wrote %d of %d bytes, error %v", n, len(p), err)
		}
	}
	if got := strings.Join(s.names, " "); got != "TestA TestC" {
		t.Errorf("got %q", got)
	}
}
