package connectclient_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func TestAwaitEachState(t *testing.T) {
	worker, client := newFake(t, connectfake.WithStatusLag(50*time.Millisecond)) // beyond the settle time
	_, _, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		state  connectclient.State
		change func(context.Context, string) error
	}{
		{connectclient.StateRunning, nil},
		{connectclient.StatePaused, client.PauseConnector},
		{connectclient.StateStopped, client.StopConnector},
		{connectclient.StateRunning, client.ResumeConnector},
	} {
		if step.change != nil {
			if err := step.change(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
		}
		got, err := client.Await(t.Context(), "a", step.state)
		if err != nil {
			t.Fatal(err)
		}
		if got.Connector.State != step.state {
			t.Errorf("got %v, want %s", got, step.state)
		}
	}
	if worker.Count("GET", "/connectors/a") == 0 {
		t.Error("was never asked whether a connector without a status is there")
	}
}

func TestAwaitFailedTask(t *testing.T) {
	worker, client := newFake(t)
	worker.Break("a", "X: outer\n\tat a.B.c(B.java:1)\nCaused by: Y: no such file\n")
	worker.Seed("a", "RUNNING", fileSource())
	_, err := client.Await(t.Context(), "a", connectclient.StateRunning)
	var failed *connectclient.FailedError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v", err)
	}
	if len(failed.Failures) != 1 || *failed.Failures[0].Task != 0 || failed.Failures[0].Cause != "Y: no such file" {
		t.Errorf("got %v", failed.Failures)
	}
	for _, part := range []string{`connector "a" failed`, "task 0 on worker " + failed.Failures[0].WorkerID, "Y: no such file"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
}

func TestFailedErrorIsShort(t *testing.T) {
	failed := &connectclient.FailedError{Name: "a"}
	for id := range 300 {
		cause := fmt.Sprintf("X: cannot read partition orders-%d", id)
		failed.Failures = append(failed.Failures, connectclient.Failure{Task: &id, WorkerID: fmt.Sprintf("w:%d", id%7), Cause: cause, Causes: []string{cause}})
	}
	for id, cause := range []string{"B: b", "C: c", "D: d"} {
		failed.Failures = append(failed.Failures, connectclient.Failure{Task: &id, WorkerID: "w:1", Cause: cause, Causes: []string{cause}})
	}
	want := `connector "a" failed: 300 tasks (0, 1, 2, 3, 4, …) on 7 workers: X: cannot read partition orders-0; ` +
		"task 0 on worker w:1: B: b; task 1 on worker w:1: C: c; and more"
	if got := failed.Error(); got != want {
		t.Errorf("got %q", got)
	}
}

func TestAwaitDeletedConnector(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "PAUSED", fileSource())
	time.AfterFunc(20*time.Millisecond, func() { worker.Remove("a") })
	_, err := client.Await(t.Context(), "a", connectclient.StateRunning)
	if !errors.Is(err, connectclient.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// The error of a wait whose context ended has the last status.
func TestAwaitEndsWithContext(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "PAUSED", fileSource())
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	last, err := client.Await(ctx, "a", connectclient.StateRunning)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	var wait *connectclient.WaitError
	if !errors.As(err, &wait) || wait.Last == nil || wait.Last.Connector.State != connectclient.StatePaused || last.Name != "a" {
		t.Errorf("got %#v", wait)
	}
	if !strings.Contains(err.Error(), "connector PAUSED, task 0 PAUSED") {
		t.Errorf("got %q", err)
	}
}

func TestAwaitRetriesInRebalance(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "RUNNING", fileSource())
	worker.Inject("", "", 10, connectfake.Rebalancing())
	if _, err := client.Await(t.Context(), "a", connectclient.StateRunning); err != nil {
		t.Fatal(err)
	}
}

func TestAwaitEndsWithRefusal(t *testing.T) {
	worker, client := newFake(t)
	worker.Inject("", "", connectfake.Always, connectfake.Answer(401, "", ""))
	if _, err := client.Await(t.Context(), "a", connectclient.StateRunning); !errors.Is(err, connectclient.ErrUnauthorized) {
		t.Errorf("got %v", err)
	}
}

func TestAwaitKnowsThreeStates(t *testing.T) {
	worker, client := newFake(t)
	if _, err := client.Await(t.Context(), "a", connectclient.StateFailed); err == nil || worker.Count("", "") != 0 {
		t.Errorf("got %v", err)
	}
}

// A task has no status until it has started.
// A restart keeps the state that was set, so that any of the three states ends the wait for it.
func TestAwaitStateThatWasSet(t *testing.T) {
	for _, state := range []string{"RUNNING", "PAUSED", "STOPPED"} {
		worker, client := newFake(t)
		worker.Seed("a", state, fileSource())
		if got, err := client.AwaitChange(t.Context(), "a", connectclient.Wait{}); err != nil || string(got.Connector.State) != state {
			t.Errorf("%s: got %v, %v", state, got, err)
		}
	}
}

func TestAwaitOneTask(t *testing.T) {
	worker, client := newFake(t)
	config := fileSource()
	config["connector.class"], config["tasks.max"], config["topics"] = connectfake.FileSink, "3", "t"
	worker.Seed("a", "RUNNING", config)
	worker.FailTask("a", 1, "X: no such file")
	await := func(task int) (connectclient.Status, error) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return client.AwaitChange(ctx, "a", connectclient.Wait{Task: &task})
	}
	if got, err := await(2); err != nil || got.String() != "connector RUNNING, task 2 RUNNING" || len(got.Unseen) > 0 {
		t.Errorf("got %v, %v, unseen %v", got, err, got.Unseen)
	}
	var failed *connectclient.FailedError
	if _, err := await(1); !errors.As(err, &failed) || len(failed.Failures) != 1 {
		t.Errorf("got %v", err)
	}
	if _, err := await(7); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "task 7 UNASSIGNED") {
		t.Errorf("a task that does not exist: got %v", err)
	}
}

func TestAwaitTaskWithoutStatus(t *testing.T) {
	bare := connectfake.Answer(200, "application/json",
		`{"name":"a","connector":{"state":"RUNNING","worker_id":"w:1"},"tasks":[{"id":0,"state":"RUNNING","worker_id":"w:1"}]}`)
	config := fileSource()
	for name, test := range map[string]struct {
		until  time.Duration // when it has one
		unseen int
	}{
		"starts":    {until: 300 * time.Millisecond},
		"forgotten": {until: time.Hour, unseen: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			worker, client := newFake(t)
			config := maps.Clone(config)
			config["connector.class"], config["tasks.max"], config["topics"] = connectfake.FileSink, "2", "lines"
			worker.Seed("a", "RUNNING", config)
			worker.Inject("GET", "/connectors/a/status", connectfake.Always, bare)
			timer := time.AfterFunc(test.until, worker.Calm)
			defer timer.Stop()
			got, err := client.Await(t.Context(), "a", connectclient.StateRunning)
			if err != nil || len(got.Tasks) != 2-test.unseen || len(got.Unseen) != test.unseen {
				t.Errorf("got %v, unseen %v, %v", got, got.Unseen, err)
			}
		})
	}
}

// RUNNING may be the state of the previous tasks while a worker stops them, so it counts from when the new ones are in effect.
func TestAwaitCountsFromInEffect(t *testing.T) {
	worker := connectfake.New(t)
	client := newClient(t, func(cfg *connectclient.Config) { cfg.StableFor = 500 * time.Millisecond }, worker.URL())
	worker.Seed("a", "RUNNING", fileSource())
	began := time.Now()
	_, err := client.AwaitChange(t.Context(), "a", connectclient.Wait{
		State: connectclient.StateRunning,
		InEffect: func(context.Context) bool {
			inEffect := time.Since(began) > time.Second
			if inEffect {
				time.AfterFunc(100*time.Millisecond, func() { worker.FailTask("a", 0, "X: late") })
			}
			return inEffect
		},
	})
	if _, ok := errors.AsType[*connectclient.FailedError](err); !ok {
		t.Errorf("got %v", err)
	}
}

// Tasks that were seen in another state have started again, so the check is not needed.
func TestAwaitSeesTasksStartAgain(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "PAUSED", fileSource())
	time.AfterFunc(50*time.Millisecond, func() { worker.SetTarget("a", "RUNNING") })
	_, err := client.AwaitChange(t.Context(), "a", connectclient.Wait{
		State: connectclient.StateRunning, InEffect: func(context.Context) bool { t.Error("was asked"); return true },
	})
	if err != nil {
		t.Error(err)
	}
}

// A poll without a status tells nothing about the tasks.
func TestAwaitAsksInEffectAfterNoStatus(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "RUNNING", fileSource())
	worker.Inject("GET", "/connectors/a/status", 1, connectfake.Fails(404, "No status found for connector a"))
	asked := false
	_, err := client.AwaitChange(t.Context(), "a", connectclient.Wait{
		State: connectclient.StateRunning, InEffect: func(context.Context) bool { asked = true; return true },
	})
	if err != nil || !asked {
		t.Errorf("asked: %t, %v", asked, err)
	}
}
