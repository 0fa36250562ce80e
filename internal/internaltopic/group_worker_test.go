package internaltopic

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// groupOfTopics makes the three storage topics of a group and the properties of a worker that uses them.
func groupOfTopics(t *testing.T, bootstrap string) (group string, properties map[string]string) {
	t.Helper()
	group = uniqueName(t)
	for role, partitions := range map[string]int{"offset": 25, "config": 1, "status": 5} {
		topicWith(t, bootstrap, group+"-"+role, fill{partitions: partitions})
	}
	return group, map[string]string{
		"group.id":             group,
		"offset.storage.topic": group + "-offset",
		"config.storage.topic": group + "-config",
		"status.storage.topic": group + "-status",
	}
}

func TestGroupLockKeepsWorkersOut(t *testing.T) {
	t.Parallel()
	s := realBroker(t)
	group, properties := groupOfTopics(t, s.Bootstrap())
	c := newClient(t, s.Bootstrap())

	h, err := c.lockGroups(t.Context(), group, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	refused, _ := s.AddWorker(t.Context(), stack.WorkerOptions{Properties: properties}) // may answer before it joins
	wantGone(t, refused)
	if h.ctx.Err() != nil {
		t.Errorf("the lock was lost to the worker: %v", context.Cause(h.ctx))
	}
	h.release()

	worker, err := s.AddWorker(t.Context(), stack.WorkerOptions{Properties: properties})
	if err != nil {
		t.Fatalf("no worker started after the lock was released: %v", err)
	}
	defer func() { _ = worker.Kill(context.WithoutCancel(t.Context())) }()
	wantMember(t, c, group)
	_, err = c.lockGroups(t.Context(), group, func(string) {})
	var live *GroupLiveError
	if !errors.Is(err, ErrGroupLive) || !errors.As(err, &live) || len(live.Members) != 1 || live.Members[0].URL != worker.URL+"/" {
		t.Errorf("with a live worker the lock gave %v", err)
	}
	if err := c.Delete(t.Context(), group+"-offset", Options{GroupID: group}); !errors.Is(err, ErrGroupLive) {
		t.Errorf("with a live worker the deletion gave %v", err)
	}
	if err := c.Delete(t.Context(), group+"-offset", Options{}); !errors.Is(err, ErrGroupLive) {
		t.Errorf("with a live worker and no group the deletion gave %v", err)
	}
	if state := inspect(t, s.Bootstrap(), group+"-offset"); state.Topic == nil {
		t.Error("the topic was deleted under a live worker")
	}
}

// wantMember waits until the broker has a member in the group and knows its URL: a worker may answer before it joins, and the
// broker knows the URL when the group has been rebalanced.
func wantMember(t *testing.T, c *Client, group string) {
	t.Helper()
	err := poll(t.Context(), time.Minute, func(ctx context.Context) (bool, error) {
		g, err := c.Group(ctx, group)
		return len(g.Members) > 0 && g.Members[0].URL != "", err
	})
	if err != nil {
		t.Fatalf("no worker joined the group: %v", err)
	}
}

// wantGone waits until a worker that must not come up has given up.
func wantGone(t *testing.T, w *stack.Worker) {
	t.Helper()
	if w == nil {
		t.Fatal("there is no worker")
	}
	err := poll(t.Context(), 2*time.Minute, func(context.Context) (bool, error) { return !w.Running(), nil })
	if err != nil {
		t.Errorf("the worker still runs: %v", err)
		_ = w.Kill(context.WithoutCancel(t.Context()))
	}
}

// A worker that has checked the cleanup policy before the topic was locked, and joins the group after the topic is unlocked,
// knows the previous partitions. The group is held until it has tried to join.
func TestStartingWorkerIsKeptOut(t *testing.T) {
	t.Parallel()
	s := realBroker(t)
	group, properties := groupOfTopics(t, s.Bootstrap())
	w, err := s.AddWorker(t.Context(), stack.WorkerOptions{Properties: properties})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Kill(context.WithoutCancel(t.Context())) }()
	if err := w.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := len(w.Log())
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_ = w.Start(ended) // starts the process and does not wait for it
	err = poll(t.Context(), time.Minute, func(context.Context) (bool, error) {
		return strings.Contains(w.Log()[before:], "Started KafkaBasedLog for topic "+group+"-offset"), nil
	})
	if err == nil {
		err = syscall.Kill(w.PID, syscall.SIGSTOP)
	}
	if err != nil {
		t.Fatalf("the worker did not read the offset topic: %v", err)
	}
	c := newClient(t, s.Bootstrap())
	c.startFloor = defaultStartFloor
	c.beforeStep = func(step string) {
		if step == stepDone { // the topic is complete and unlocked
			_ = syscall.Kill(w.PID, syscall.SIGCONT)
		}
	}
	if err := converge(t.Context(), c, orders{Spec: Spec{Role: RoleOffset, Name: group + "-offset", Partitions: 30}, GroupID: group}); err != nil {
		t.Fatal(err)
	}
	err = poll(t.Context(), 2*time.Minute, func(ctx context.Context) (bool, error) {
		g, err := c.Group(ctx, group)
		if err == nil && len(g.Members) > 0 {
			t.Fatal("the worker has joined the group with the previous partitions")
		}
		return !w.Running(), err
	})
	if err != nil {
		t.Fatalf("the worker still runs: %v", err)
	}
	if log := w.Log()[before:]; !strings.Contains(log, "InconsistentGroupProtocolException") {
		t.Error("the worker did not try to join the group")
	}
}

func TestTopicLockKeepsWorkersOut(t *testing.T) {
	t.Parallel()
	s := realBroker(t)
	group, properties := groupOfTopics(t, s.Bootstrap())
	// A process that died has left its topic lock, and its group lock has expired.
	o := orders{
		Bootstrap: s.Bootstrap(), Spec: Spec{Role: RoleOffset, Name: group + "-offset", Partitions: 30},
		GroupID: group, DieBefore: stepPartitions, DieAt: 1,
	}
	if _, killed := runChild(t, o); !killed {
		t.Fatal("the child was not killed")
	}
	refused, _ := s.AddWorker(t.Context(), stack.WorkerOptions{Properties: properties})
	wantGone(t, refused)
	if log, _ := os.ReadFile(refused.LogFile()); !strings.Contains(string(log), "cleanup.policy") {
		t.Error("the worker's log says nothing of the cleanup policy")
	}
	o.DieBefore = ""
	runChild(t, o)
	w, err := s.AddWorker(t.Context(), stack.WorkerOptions{Properties: properties})
	if err != nil {
		t.Fatalf("no worker came up after the rebuild was finished: %v", err)
	}
	_ = w.Kill(context.WithoutCancel(t.Context()))
}
