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

// difference returns how the worker differs from the declaration, empty for not at all. It names keys, never values.
//
// That a worker has no status of a task is no difference. When one that starts reads the status topic, the end of a former
// connector of the name, in one partition, may come after the status of a task of today's, in another, and undo it: the
// worker then shows no task until its status changes, while the others do. Nor is it one that a task which does not exist
// is UNASSIGNED: the news of that came after the status of a former task was erased.
func (f fleet) difference(t *testing.T, worker string) string {
	t.Helper()
	var have listing
	if status, err := send(t, http.MethodGet, worker+"/connectors?expand=info&expand=status", &have); err != nil || status != http.StatusOK {
		return fmt.Sprintf("no listing: %d, %v", status, err)
	}
	var differences []string
	note := func(name, format string, args ...any) {
		differences = append(differences, name+": "+fmt.Sprintf(format, args...))
	}
	for name := range have {
		if _, declared := f[name]; !declared {
			note(name, "an orphan")
		}
	}
	for name, want := range f {
		got, there := have[name]
		if !there {
			note(name, "lost")
			continue
		}
		delete(got.Info.Config, "name")
		if keys := differingKeys(got.Info.Config, want.held()); len(keys) > 0 {
			note(name, "other values of %v", keys)
		}
		states := []string{got.Status.Connector.State}
		for _, task := range got.Status.Tasks {
			if task.State == "UNASSIGNED" && !slices.Contains(got.Info.Tasks, taskID{task.ID}) {
				continue
			}
			states = append(states, task.State)
		}
		if slices.ContainsFunc(states, func(s string) bool { return s != want.State }) {
			note(name, "%v, want %s", states, want.State)
		}
		if tasks := len(got.Info.Tasks); !want.mayHave(tasks) {
			note(name, "%s with %d tasks", want.State, tasks)
		}
	}
	slices.Sort(differences)
	return strings.Join(differences, "\n")
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

// mustBeHeld checks that each worker holds the declaration. Workers tell each other what they do, so one may learn a
// moment later than the one that answered the provider.
func (f fleet) mustBeHeld(t *testing.T) {
	t.Helper()
	for _, worker := range cluster.Workers {
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			difference := f.difference(t, worker.URL)
			if difference == "" {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s does not hold what was declared:\n%s", worker.Name, difference)
			}
		}
	}
}

// mustBeDeclared checks that the writes are what the change declares: only what was removed is deleted, only what was
// added is created. Without others nothing else is written to.
//
// The same creation may be answered with success twice: a worker that has not read its own first write yet lets the second
// pass, and both write the same. So may a deletion.
func (c change) mustBeDeclared(t *testing.T, writes []stack.Write, others bool) {
	t.Helper()
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
