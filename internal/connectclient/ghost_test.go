package connectclient_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// A worker reports a task that does not exist if the record that a task of a deleted connector is UNASSIGNED follows the
// record that erases its status. Await does not wait for such a task, and ConnectorWithStatus does not return it.
func TestGhostTask(t *testing.T) {
	t.Parallel()
	const ghost = 7
	shared := stack.Shared(t)
	group := fmt.Sprintf("ghost-%d", time.Now().UnixNano())
	w, err := shared.AddWorker(t.Context(), stack.WorkerOptions{GroupID: group}) // alone: any rebalance lays the ghosts
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Kill(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	client, err := connectclient.New(connectclient.Config{URLs: []string{w.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	tasks := map[connectclient.State]int{connectclient.StateRunning: 1, connectclient.StatePaused: 0, connectclient.StateStopped: 0}
	for state := range tasks {
		if _, _, err := client.CreateConnector(t.Context(), string(state), fileSource(), state); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Await(t.Context(), string(state), state); err != nil {
			t.Fatal(err)
		}
	}
	broker, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(shared.Bootstrap(), ",")...))
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	haunted := func(state connectclient.State) bool {
		status, err := client.Status(t.Context(), string(state))
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(status.Tasks, func(task connectclient.TaskStatus) bool { return task.ID == ghost })
	}
	for state, want := range tasks {
		t.Run(string(state), func(t *testing.T) {
			record := kgo.KeyStringRecord(fmt.Sprintf("status-task-%s-%d", state, ghost),
				`{"state":"UNASSIGNED","trace":null,"worker_id":"127.0.0.1:1","generation":1}`)
			record.Topic = group + "-status"
			if err := broker.ProduceSync(t.Context(), record).FirstErr(); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(30 * time.Second); !haunted(state); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("the worker does not show what its status topic says")
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			if got, err := client.Await(ctx, string(state), state); err != nil || len(got.Tasks) != want {
				t.Errorf("waited: got %v, %v", got, err)
			}
			if _, got, err := client.ConnectorWithStatus(t.Context(), string(state)); err != nil || len(got.Tasks) != want {
				t.Errorf("read: got %v, %v", got, err)
			}
			if !haunted(state) {
				t.Error("the ghost task has disappeared: the test proves nothing")
			}
		})
	}
}
