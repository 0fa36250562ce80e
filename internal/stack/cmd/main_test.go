package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUpStatusLogsDown(t *testing.T) {
	state := filepath.Join(t.TempDir(), "stack.json")
	command := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := run(t.Context(), append(args, "-state", state), &out); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out.String())
		}
		return out.String()
	}
	t.Cleanup(func() { // needed only after a failure
		_ = run(t.Context(), []string{"down", "-state", state}, &bytes.Buffer{})
	})

	if out := command("up", "-workers", "-1"); !strings.Contains(out, "broker-0   running") {
		t.Errorf("up printed:\n%s", out)
	}
	if out := command("status"); !strings.Contains(out, "broker-0   running") || strings.Contains(out, "Kafka Connect") {
		t.Errorf("status printed:\n%s", out)
	}
	if out := command("logs", "broker-0"); !strings.Contains(out, "Kafka Server started") {
		t.Errorf("logs printed:\n%s", out)
	}
	if err := run(t.Context(), []string{"logs", "worker-7", "-state", state}, &bytes.Buffer{}); err == nil {
		t.Error("logs of a process that is not there")
	}
	command("down")
	if _, err := os.Stat(state); !errors.Is(err, os.ErrNotExist) {
		t.Error("the description outlived the stack")
	}
}

func TestUnknownCommand(t *testing.T) {
	if err := run(t.Context(), []string{"upp"}, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), `"upp"`) {
		t.Errorf("error %v", err)
	}
}
