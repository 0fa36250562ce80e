package internaltopic

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// childVariable makes the test binary a child that applies one spec and may kill itself on the way.
const childVariable = "INTERNALTOPIC_TEST_CHILD"

func TestMain(m *testing.M) {
	if orders := os.Getenv(childVariable); orders != "" {
		os.Exit(child(orders))
	}
	os.Exit(takeRigDown(m.Run()))
}

// orders is what a child is to do.
type orders struct {
	Bootstrap          string
	Spec               Spec
	Create             bool // Plan as for a topic that does not exist.
	GroupID            string
	OtherStorageTopics []string
	// DieBefore names a step before which the child kills itself, at its DieAt-th occurrence counted from one.
	DieBefore string
	DieAt     int
	// DieAfter kills the child that long after its first step.
	DieAfter time.Duration
}

func child(text string) int {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	c, err := New(kafkaclient.Config{BootstrapServers: []string{o.Bootstrap}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	c.lockSession, c.startFloor = testSession, testStartFloor
	seen, once := 0, sync.Once{}
	c.beforeStep = func(step string) {
		fmt.Fprintln(os.Stderr, "step", step)
		if o.DieAfter > 0 {
			once.Do(func() { time.AfterFunc(o.DieAfter, die) })
		}
		if step == o.DieBefore {
			if seen++; seen == o.DieAt {
				die()
			}
		}
	}
	if err := converge(context.Background(), c, o); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		return 1
	}
	return 0
}

// die is kill -9 on oneself: nothing that is deferred runs.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// converge does what the Terraform resource does in one apply.
func converge(ctx context.Context, c *Client, o orders) error {
	have, err := c.Inspect(ctx, o.Spec.Name)
	if err != nil {
		return err
	}
	plan := Plan
	if o.Create {
		plan = PlanCreate
	}
	steps, err := plan(have, o.Spec)
	if err != nil {
		return err
	}
	_, err = c.Apply(ctx, steps, Options{
		GroupID: o.GroupID, OtherStorageTopics: o.OtherStorageTopics,
		SkipChecks: []Check{CheckGroup}, // other tests run workers on the same broker
	})
	return err
}

// runChild runs a child and returns the last step that it reached. It fails the test unless the child ended well
// or by its own kill.
func runChild(t *testing.T, o orders) (last string, killed bool) {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	var out strings.Builder
	cmd.Stderr = &out
	err = cmd.Run()
	for l := range strings.Lines(out.String()) {
		if step, ok := strings.CutPrefix(strings.TrimSpace(l), "step "); ok {
			last = step
		}
	}
	if err == nil {
		return last, false
	}
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !status.Signaled() || status.Signal() != syscall.SIGKILL {
		t.Fatalf("child ended with %v:\n%s", err, out.String())
	}
	return last, true
}
