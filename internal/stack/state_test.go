package stack_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// Attach opens a running stack, and can start, stop and take it down.
func TestAttach(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "stack.json")
	o := stack.Options{Workers: stack.NoWorkers, StateFile: file}
	up, err := stack.Up(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // needed only after a failure
		if s, err := stack.Attach(file); err == nil {
			_ = s.Down(context.Background())
		}
	})
	if _, err := stack.Up(t.Context(), o); err == nil || !strings.Contains(err.Error(), "already up") {
		t.Errorf("a second stack in the same file: %v", err)
	}
	found, err := stack.Attach(file)
	if err != nil {
		t.Fatal(err)
	}
	if found.Bootstrap() != up.Bootstrap() {
		t.Errorf("attached to %s, want %s", found.Bootstrap(), up.Bootstrap())
	}
	broker := found.Brokers[0]
	if err := broker.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := broker.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := stack.Attach(file)
	if err != nil {
		t.Fatal(err)
	}
	if !again.Brokers[0].Running() {
		t.Error("the description does not know the broker's new process")
	}
	if err := again.Down(t.Context()); err != nil {
		t.Error(err)
	}
	if broker.Running() {
		t.Error("the broker outlived the stack")
	}
	for _, path := range []string{file, found.Folder} {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there", path)
		}
	}
}

// A process with a reused process id does not count as running and is not killed.
func TestReusedProcessID(t *testing.T) {
	p := stack.Process{Name: "broker-0", PID: os.Getpid(), Began: "another time"}
	if p.Running() {
		t.Error("this test is taken for a broker")
	}
	if err := p.Kill(t.Context()); err != nil {
		t.Error(err)
	}
}
