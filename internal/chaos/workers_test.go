package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// listing is a response to GET /connectors?expand=info&expand=status, by connector name.
type listing map[string]struct {
	Info struct {
		Config map[string]string
		Tasks  []taskID
	}
	Status struct {
		Connector struct{ State string }
		Tasks     []struct {
			ID    int
			State string
		}
	}
}

type taskID struct{ Task int }

// send sends a request directly to a worker, decodes the response unless into is nil, and returns the status.
func send(t *testing.T, method, address string, into any) (int, error) {
	t.Helper()
	// The context of the test is already cancelled when Cleanup functions run.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if into == nil {
		return resp.StatusCode, nil
	}
	return resp.StatusCode, json.NewDecoder(resp.Body).Decode(into)
}

// list returns all connectors on a worker.
func list(t *testing.T, worker *stack.Worker) (have listing) {
	t.Helper()
	acctest.Eventually(t, worker.Name+" lists its connectors", func() bool {
		have = nil
		status, err := send(t, http.MethodGet, worker.URL+"/connectors?expand=info&expand=status", &have)
		return err == nil && status == http.StatusOK
	})
	return have
}

// difference is a difference between a connector on a worker and its declaration. It contains keys, never values.
type difference struct {
	name, what string
	transient  bool // occurs during a rebalance
}

// String returns the connector and the difference.
func (d difference) String() string { return d.name + ": " + d.what }

// differences returns the differences between a worker and the declaration, sorted.
//
// A missing task status is not a difference. A worker that starts reads the partitions of the status topic in any order. It
// may read the deletion of a previous connector after the status of a task of its successor, and then drop that status. The
// worker shows the task again when its status changes. An UNASSIGNED status of a task that does not exist is not a
// difference either: a worker may receive it after the deletion of the task's status.
func (f fleet) differences(have listing) (differences []difference) {
	add := func(name string, transient bool, format string, args ...any) {
		differences = append(differences, difference{name, fmt.Sprintf(format, args...), transient})
	}
	for name := range have {
		if _, declared := f[name]; !declared {
			add(name, false, "not declared")
		}
	}
	for name, want := range f {
		got, exists := have[name]
		if !exists {
			add(name, false, "missing")
			continue
		}
		delete(got.Info.Config, "name")
		if keys := differingKeys(got.Info.Config, want.merged()); len(keys) > 0 {
			add(name, false, "different values of %v", keys)
		}
		states := []string{got.Status.Connector.State}
		for _, task := range got.Status.Tasks {
			if task.State == "UNASSIGNED" && !slices.Contains(got.Info.Tasks, taskID{task.ID}) {
				continue
			}
			states = append(states, task.State)
		}
		if slices.ContainsFunc(states, func(s string) bool { return s != want.State }) {
			add(name, true, "%v, want %s", states, want.State)
		}
		if tasks := len(got.Info.Tasks); !want.mayHave(tasks) {
			add(name, true, "%s with %d tasks", want.State, tasks)
		}
	}
	slices.SortFunc(differences, func(a, b difference) int { return strings.Compare(a.String(), b.String()) })
	return differences
}

// mayHave reports whether a connector in this state can have that number of tasks. A connector that was created paused, or
// paused while it was stopped, has no tasks.
func (c connector) mayHave(tasks int) bool {
	switch c.State {
	case "RUNNING":
		return tasks == 1
	case "PAUSED":
		return tasks <= 1
	default:
		return tasks == 0
	}
}

// differingKeys returns the keys that have different values or exist in only one of the maps.
func differingKeys(a, b map[string]string) []string {
	keys := map[string]bool{}
	for _, m := range []map[string]string{a, b} {
		for key := range m {
			one, inA := a[key]
			other, inB := b[key]
			if inA != inB || one != other {
				keys[key] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// mustExist checks, directly after an apply, that at least one worker has each change that the apply reported as done. The
// other workers may receive a change later than the worker that answered the provider.
func (f fleet) mustExist(t *testing.T) {
	t.Helper()
	seen := map[difference]int{}
	for _, worker := range cluster.Workers {
		for _, d := range f.differences(list(t, worker)) {
			seen[d]++
		}
	}
	for d, workers := range seen {
		if !d.transient && workers == len(cluster.Workers) {
			t.Errorf("reported as done, but not on any worker: %v", d)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

// mustMatch checks that each worker matches the declaration, and that the tasks run with it. It waits until each worker has
// received the latest changes.
func (f fleet) mustMatch(t *testing.T) {
	t.Helper()
	for _, worker := range cluster.Workers {
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			differences := f.differences(list(t, worker))
			if len(differences) == 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s does not match the declaration:\n%v", worker.Name, differences)
			}
		}
	}
	for name, want := range f {
		if want.State == "RUNNING" {
			acctest.Eventually(t, name+" runs as declared", func() bool { return want.runs(t, name) })
		}
	}
}

// runs reports whether the task of the connector is RUNNING on a worker with the declared configuration. A file source
// passes its configuration to its task unchanged.
func (c connector) runs(t *testing.T, name string) bool {
	t.Helper()
	return slices.ContainsFunc(cluster.Workers, func(worker *stack.Worker) bool {
		address := worker.URL + "/connectors/" + url.PathEscape(name)
		var status struct{ Tasks []struct{ State string } }
		var tasks []struct{ Config map[string]string }
		_, statusErr := send(t, http.MethodGet, address+"/status", &status)
		_, tasksErr := send(t, http.MethodGet, address+"/tasks", &tasks)
		if statusErr != nil || tasksErr != nil || len(status.Tasks) != 1 || len(tasks) != 1 || status.Tasks[0].State != "RUNNING" {
			return false
		}
		for key, value := range c.merged() {
			if tasks[0].Config[key] != value {
				return false
			}
		}
		return true
	})
}

// mustCover checks the writes among the requests: only removed connectors are deleted, only added ones are created. Other
// connectors are written to only if others is true.
//
// Two equal creations may both succeed: a worker accepts the second one until it has read the first one from the config
// topic. The same applies to deletions.
func (c change) mustCover(t *testing.T, requests []stack.Request, others bool) {
	t.Helper()
	writes := slices.DeleteFunc(requests, func(r stack.Request) bool { return !r.Sent || !r.IsWrite() })
	for _, w := range writes {
		name := w.Connector
		switch {
		case w.Method == http.MethodDelete && !c.removed[name]:
			t.Errorf("undeclared deletion: %v", w)
		case w.Status == http.StatusCreated && !c.added[name]:
			t.Errorf("undeclared creation: %v", w)
		case !others && !c.added[name] && !c.changed[name] && !c.removed[name]:
			t.Errorf("undeclared write: %v", w)
		}
	}
	if t.Failed() {
		t.Fatalf("all writes:\n%v", writes)
	}
}

// awaitGroup waits until each worker serves requests: the group has a leader and does not rebalance.
func awaitGroup(t *testing.T) {
	t.Helper()
	for _, worker := range cluster.Workers {
		acctest.Eventually(t, worker.Name+" is in the group", func() bool {
			var failure struct{ Message string }
			// Unlike the listing, this request fails during a rebalance.
			status, err := send(t, http.MethodGet, worker.URL+"/connectors/none", &failure)
			return err == nil && status == http.StatusNotFound && failure.Message == "Connector none not found"
		})
	}
}

// deleteAll deletes all connectors after a failed test.
func deleteAll(t *testing.T) {
	t.Helper()
	worker := cluster.Workers[0].URL
	acctest.Eventually(t, "all connectors are deleted", func() bool {
		var have listing
		if _, err := send(t, http.MethodGet, worker+"/connectors?expand=info", &have); err != nil {
			return false
		}
		for name := range have {
			_, _ = send(t, http.MethodDelete, worker+"/connectors/"+url.PathEscape(name), nil) // repeated until the listing is empty
		}
		return len(have) == 0
	})
}
