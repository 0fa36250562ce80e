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

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// listing is what a worker answers about all connectors, by name.
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

// send asks a worker itself, decodes what it answers unless into is nil, and returns the status.
func send(t *testing.T, method, address string, into any) (int, error) {
	t.Helper()
	// Not the test's context: it is over when a test is cleaned up after.
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

// look returns what a worker shows of all connectors.
func look(t *testing.T, worker *stack.Worker) (have listing) {
	t.Helper()
	eventually(t, worker.Name+" gives a listing", func() bool {
		have = nil
		status, err := send(t, http.MethodGet, worker.URL+"/connectors?expand=info&expand=status", &have)
		return err == nil && status == http.StatusOK
	})
	return have
}

// difference is one between what a worker shows and what is declared. It names keys, never values.
type difference struct {
	name, what string
	passing    bool // as states are while the group rebalances
}

func (d difference) String() string { return d.name + ": " + d.what }

// differences returns how what a worker shows differs from the declaration, in order.
//
// That a worker has no status of a task is no difference. When one that starts reads the status topic, the end of a former
// connector of the name, in one partition, may come after the status of a task of today's, in another, and undo it: the
// worker then shows no task until its status changes, while the others do. Nor is it one that a task which does not exist
// is UNASSIGNED: the news of that came after the status of a former task was erased.
func (f fleet) differences(have listing) (differences []difference) {
	note := func(name string, passing bool, format string, args ...any) {
		differences = append(differences, difference{name, fmt.Sprintf(format, args...), passing})
	}
	for name := range have {
		if _, declared := f[name]; !declared {
			note(name, false, "an orphan")
		}
	}
	for name, want := range f {
		got, there := have[name]
		if !there {
			note(name, false, "lost")
			continue
		}
		delete(got.Info.Config, "name")
		if keys := differingKeys(got.Info.Config, want.held()); len(keys) > 0 {
			note(name, false, "other values of %v", keys)
		}
		states := []string{got.Status.Connector.State}
		for _, task := range got.Status.Tasks {
			if task.State == "UNASSIGNED" && !slices.Contains(got.Info.Tasks, taskID{task.ID}) {
				continue
			}
			states = append(states, task.State)
		}
		if slices.ContainsFunc(states, func(s string) bool { return s != want.State }) {
			note(name, true, "%v, want %s", states, want.State)
		}
		if tasks := len(got.Info.Tasks); !want.mayHave(tasks) {
			note(name, true, "%s with %d tasks", want.State, tasks)
		}
	}
	slices.SortFunc(differences, func(a, b difference) int { return strings.Compare(a.String(), b.String()) })
	return differences
}

// mayHave tells whether a connector in this state can have so many tasks. One that was stopped and is now paused has none;
// so has one that was created paused.
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

// differingKeys returns the keys that have different values, or are in one of the maps only.
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

// mustBeThere checks, right after an apply, that what it reports as done is: with one look at each worker, some of which
// may learn of it later than the one that answered the provider.
func (f fleet) mustBeThere(t *testing.T) {
	t.Helper()
	seen := map[difference]int{}
	for _, worker := range cluster.Workers {
		for _, d := range f.differences(look(t, worker)) {
			seen[d]++
		}
	}
	for d, workers := range seen {
		if !d.passing && workers == len(cluster.Workers) {
			t.Errorf("reported as done, and not there: %v", d)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

// mustBeHeld checks that each worker holds the declaration, and that the tasks run it. Workers tell each other what they
// do, so one may learn a moment later than the one that answered the provider.
func (f fleet) mustBeHeld(t *testing.T) {
	t.Helper()
	for _, worker := range cluster.Workers {
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			differences := f.differences(look(t, worker))
			if len(differences) == 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s does not hold what was declared:\n%v", worker.Name, differences)
			}
		}
	}
	for name, want := range f {
		if want.State == "RUNNING" {
			eventually(t, name+" runs as declared", func() bool { return want.runs(t, name) })
		}
	}
}

// runs tells whether a worker shows the task of a connector as RUNNING, with the declared configuration, which file sources
// pass on to their task as it is.
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
		for key, value := range c.held() {
			if tasks[0].Config[key] != value {
				return false
			}
		}
		return true
	})
}

// mustBeDeclared checks that the writes are what the change declares: only what was removed is deleted, only what was
// added is created. Without others nothing else is written to.
//
// The same creation may be answered with success twice: a worker that has not read its own first write yet lets the second
// pass, and both write the same. So may a deletion.
func (c change) mustBeDeclared(t *testing.T, requests []stack.Request, others bool) {
	t.Helper()
	writes := slices.DeleteFunc(requests, func(r stack.Request) bool { return !r.Sent || !r.IsWrite() })
	for _, w := range writes {
		name := w.Connector
		switch {
		case w.Method == http.MethodDelete && !c.removed[name]:
			t.Errorf("a deletion that nobody declared: %v", w)
		case w.Status == http.StatusCreated && !c.added[name]:
			t.Errorf("a creation that nobody declared: %v", w)
		case !others && !c.added[name] && !c.changed[name] && !c.removed[name]:
			t.Errorf("a write that nobody declared: %v", w)
		}
	}
	if t.Failed() {
		t.Fatalf("all writes:\n%v", writes)
	}
}

// settle waits until each worker does what it is asked: until the group has a leader and no rebalance is on.
func settle(t *testing.T) {
	t.Helper()
	for _, worker := range cluster.Workers {
		eventually(t, worker.Name+" is in the group", func() bool {
			var said struct{ Message string }
			// Unlike the listing this is for the herder to answer.
			status, err := send(t, http.MethodGet, worker.URL+"/connectors/none", &said)
			return err == nil && status == http.StatusNotFound && said.Message == "Connector none not found"
		})
	}
}

// deleteAll deletes all connectors, after a test that failed.
func deleteAll(t *testing.T) {
	t.Helper()
	worker := cluster.Workers[0].URL
	eventually(t, "all connectors are deleted", func() bool {
		var have listing
		if _, err := send(t, http.MethodGet, worker+"/connectors?expand=info", &have); err != nil {
			return false
		}
		for name := range have {
			_, _ = send(t, http.MethodDelete, worker+"/connectors/"+url.PathEscape(name), nil) // tried again
		}
		return len(have) == 0
	})
}
