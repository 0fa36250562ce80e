package connectclient_test

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func TestCreateIsOneRequest(t *testing.T) {
	for _, state := range []connectclient.State{connectclient.StateRunning, connectclient.StatePaused, connectclient.StateStopped} {
		worker, client := newFake(t)
		got, outcome, err := client.CreateConnector(t.Context(), "a", fileSource(), state)
		if err != nil || outcome != connectclient.Created || !got.HasConfig(fileSource()) || got.Type != "source" {
			t.Errorf("%s: got %+v, %v, %v", state, got, outcome, err)
		}
		if _, target, _ := worker.Connector("a"); target != string(state) {
			t.Errorf("created %s, want %s", target, state)
		}
		if n := worker.Count("", ""); n != 1 {
			t.Errorf("%s: sent %d requests, want 1", state, n)
		}
	}
}

func TestCreateRefusesOtherStates(t *testing.T) {
	worker, client := newFake(t)
	if _, _, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateFailed); err == nil || worker.Count("", "") != 0 {
		t.Errorf("got %v", err)
	}
}

func TestCreateAdopts(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "PAUSED", fileSource())
	got, outcome, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning)
	if err != nil || outcome != connectclient.Adopted || !got.HasConfig(fileSource()) {
		t.Errorf("got %+v, %v, %v", got, outcome, err)
	}
	if _, target, _ := worker.Connector("a"); target != "PAUSED" {
		t.Errorf("the connector was made %s", target)
	}
}

func TestCreateDoesNotChangeOthers(t *testing.T) {
	other := fileSource()
	other["topic"] = "other"
	more := fileSource()
	more["extra"] = "1"
	for _, existing := range []map[string]string{other, more} {
		worker, client := newFake(t)
		worker.Seed("a", "RUNNING", existing)
		before, _, _ := worker.Connector("a")
		got, _, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateStopped)
		if !errors.Is(err, connectclient.ErrExists) || errors.Is(err, connectclient.ErrIndeterminate) || got.Name != "" {
			t.Errorf("got %+v, %v", got, err)
		}
		if after, target, _ := worker.Connector("a"); !maps.Equal(before, after) || target != "RUNNING" {
			t.Errorf("was changed to %v, %s", after, target)
		}
	}
}

// Another client may create a connector of this name while the answer is lost.
func TestCreateLostAndAnotherClientCreated(t *testing.T) {
	worker, client := newFake(t)
	other := fileSource()
	other["topic"] = "other"
	worker.Inject("POST", "/connectors", 1, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		worker.Seed("a", "RUNNING", other)
		connectfake.Reset()(rw, r, next)
	})
	_, _, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning)
	if !errors.Is(err, connectclient.ErrExists) {
		t.Errorf("got %v", err)
	}
}

func TestCreateOnOldWorkers(t *testing.T) {
	for version, requests := range map[string]map[connectclient.State]int{
		"3.5.2": {connectclient.StateRunning: 1, connectclient.StatePaused: 3, connectclient.StateStopped: 4},
		"2.8.2": {connectclient.StateRunning: 1, connectclient.StatePaused: 3},
	} {
		for state, want := range requests {
			worker, client := newFake(t, connectfake.WithVersion(version))
			_, outcome, err := client.CreateConnector(t.Context(), "a", fileSource(), state)
			if err != nil || outcome != connectclient.Created {
				t.Errorf("%s %s: got %v, %v", version, state, outcome, err)
			}
			if _, target, _ := worker.Connector("a"); target != string(state) {
				t.Errorf("%s: created %s, want %s", version, target, state)
			}
			if n := worker.Count("", ""); n != want {
				t.Errorf("%s %s: sent %d requests, want %d", version, state, n, want)
			}
		}
	}
}

// A connector that cannot be stopped is not created first.
func TestStopNeedsNewWorker(t *testing.T) {
	worker, client := newFake(t, connectfake.WithVersion("2.8.2"))
	_, _, created := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateStopped)
	if _, _, ok := worker.Connector("a"); ok {
		t.Error("was created")
	}
	worker.Seed("b", "RUNNING", fileSource())
	for _, err := range []error{created, client.StopConnector(t.Context(), "b")} {
		var unsupported *connectclient.UnsupportedError
		if !errors.As(err, &unsupported) || !errors.Is(err, connectclient.ErrUnsupported) {
			t.Fatalf("got %v", err)
		}
		if want := "stopping a connector needs Kafka Connect 3.5 or later; the worker runs 2.8.2"; err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}

// A connector that was created and could not be stopped is returned with the error.
func TestCreateThenStopFails(t *testing.T) {
	worker, client := newFake(t, connectfake.WithVersion("3.5.2"))
	worker.Inject("PUT", "/connectors/a/stop", 1, connectfake.Answer(403, "", ""))
	got, outcome, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateStopped)
	if !errors.Is(err, connectclient.ErrForbidden) || got.Name != "a" || outcome != connectclient.Created {
		t.Errorf("got %+v, %v, %v", got, outcome, err)
	}
}

func TestConnectorWithNullValues(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "RUNNING", fileSource())
	worker.Edit("a", map[string]*string{"file": nil})
	got, err := client.Connector(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := got.Config["file"]; ok || !slices.Equal(got.NullKeys, []string{"file"}) {
		t.Errorf("got %+v", got)
	}
	declared := fileSource()
	delete(declared, "file")
	if got.HasConfig(declared) {
		t.Error("a null value counts as none")
	}
}

func TestHasConfig(t *testing.T) {
	c := connectclient.Connector{Name: "a", Config: map[string]string{"name": "a", "k": "v"}}
	for want, configs := range map[bool][]map[string]string{
		true:  {{"k": "v"}, {"k": "v", "name": "a"}},
		false: {nil, {}, {"k": "w"}, {"k": "v", "l": ""}, {"k": "v", "name": "b"}},
	} {
		for _, config := range configs {
			if c.HasConfig(config) != want {
				t.Errorf("%v: got %v", config, !want)
			}
		}
	}
	renamed := connectclient.Connector{Name: "a", Config: map[string]string{"name": "b", "k": "v"}}
	if renamed.HasConfig(map[string]string{"k": "v"}) {
		t.Error("a changed key \"name\" is not noticed")
	}
}

func TestConnectors(t *testing.T) {
	worker, client := newFake(t)
	for _, name := range []string{"b", "c", "a"} {
		worker.Seed(name, "STOPPED", fileSource())
	}
	got, err := client.Connectors(t.Context())
	if err != nil || !slices.Equal(slices.Sorted(maps.Keys(got)), []string{"a", "b", "c"}) || worker.Count("", "") != 1 {
		t.Errorf("got %v, %v", got, err)
	}
	for name, one := range got {
		if one.Connector.Name != name || !one.Connector.HasConfig(fileSource()) || one.Status.Connector.State != connectclient.StateStopped {
			t.Errorf("%s: got %+v", name, one)
		}
	}
}

func TestPutSendsNothingForTheSame(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "RUNNING", fileSource())
	got, outcome, err := put(t.Context(), client, "a", fileSource())
	if err != nil || outcome != connectclient.Unchanged || !got.HasConfig(fileSource()) {
		t.Errorf("got %+v, %v, %v", got, outcome, err)
	}
	if n := worker.Count("PUT", ""); n != 0 {
		t.Errorf("sent %d times", n)
	}
}

func TestPutDoesNotCreate(t *testing.T) {
	worker, client := newFake(t)
	_, _, err := put(t.Context(), client, "a", fileSource())
	if !errors.Is(err, connectclient.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if n := worker.Count("PUT", ""); n != 0 {
		t.Errorf("sent %d times", n)
	}
}

// A worker creates a connector that was deleted a moment ago. This cannot be prevented, but the outcome shows it.
func TestPutReportsCreation(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "RUNNING", map[string]string{"connector.class": connectfake.FileSource, "topic": "old"})
	worker.Inject("PUT", "", 1, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		worker.Remove("a")
		next.ServeHTTP(rw, r)
	})
	_, outcome, err := put(t.Context(), client, "a", fileSource())
	if err != nil || outcome != connectclient.Created {
		t.Errorf("got %v, %v", outcome, err)
	}
}

// Sending a lost update again would create a connector that was deleted in the meantime.
func TestPutLostAndConnectorDeleted(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "RUNNING", map[string]string{"connector.class": connectfake.FileSource, "topic": "old"})
	worker.Inject("PUT", "", 1, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		worker.Remove("a")
		connectfake.Reset()(rw, r, next)
	})
	_, _, err := put(t.Context(), client, "a", fileSource())
	if !errors.Is(err, connectclient.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, _, ok := worker.Connector("a"); ok || worker.Count("PUT", "") != 1 {
		t.Error("was created again")
	}
}

func TestDeleteAbsentConnector(t *testing.T) {
	worker, client := newFake(t)
	if err := client.DeleteConnector(t.Context(), "a"); !errors.Is(err, connectclient.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if n := worker.Count("", ""); n != 1 {
		t.Errorf("sent %d requests, want 1", n)
	}
}

// A worker may still return the connector after it was deleted. The deletion is sent again, and its 404 is a success.
func TestDeleteLostAndReadBackLate(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "RUNNING", fileSource())
	worker.Inject("DELETE", "", 1, connectfake.Lost(connectfake.Reset()))
	worker.Inject("GET", "/connectors/a", 1, connectfake.Answer(200, "application/json", `{"name":"a","config":{},"tasks":[],"type":"source"}`))
	if err := client.DeleteConnector(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if n := worker.Count("DELETE", ""); n != 2 {
		t.Errorf("sent %d times, want 2", n)
	}
}

// The outcome of a write that cannot be read back is not known.
func TestLostAndCannotBeReadBack(t *testing.T) {
	worker, client := newFake(t)
	worker.Inject("POST", "", 1, connectfake.Reset())
	worker.Inject("GET", "", 1, connectfake.Answer(403, "", ""))
	_, _, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning)
	if !errors.Is(err, connectclient.ErrIndeterminate) || !errors.Is(err, connectclient.ErrForbidden) {
		t.Errorf("got %v", err)
	}
}

func TestInvalidConfigurationNamesKeys(t *testing.T) {
	_, client := newFake(t)
	_, _, err := client.CreateConnector(t.Context(), "a",
		map[string]string{"connector.class": connectfake.FileSource, "tasks.max": "-1"}, connectclient.StateRunning)
	var refused *connectclient.Error
	if !errors.Is(err, connectclient.ErrInvalid) || !errors.As(err, &refused) {
		t.Fatalf("got %v", err)
	}
	want := []connectclient.Problem{
		{Key: "tasks.max", Message: "Invalid value -1 for configuration tasks.max: Value must be at least 1"},
		{Key: "topic", Message: `Missing required configuration "topic" which has no default value.`},
	}
	if !slices.Equal(refused.Problems, want) {
		t.Errorf("got %+v", refused.Problems)
	}
}

func TestRestart(t *testing.T) {
	failing := func(w *connectfake.Worker) {
		w.Seed("a", "RUNNING", map[string]string{"connector.class": connectfake.FileSink, "tasks.max": "3", "topics": "lines"})
		w.FailTask("a", 1, "X: broken")
	}
	for _, version := range []string{"4.1.0", "2.8.2"} {
		worker, client := newFake(t, connectfake.WithVersion(version))
		failing(worker)
		err := client.RestartConnector(t.Context(), "a", connectclient.RestartOptions{IncludeTasks: true, OnlyFailed: true})
		if err != nil {
			t.Fatal(err)
		}
		status, err := client.Status(t.Context(), "a")
		if err != nil || status.Failed() {
			t.Errorf("%s: got %v, %v", version, status, err)
		}
		want := map[string]int{"4.1.0": 0, "2.8.2": 1}[version]
		if n := worker.Count("POST", "/connectors/a/tasks/*/restart"); n != want {
			t.Errorf("%s: restarted %d tasks by themselves, want %d", version, n, want)
		}
	}
}

func TestRestartEveryTaskOfOldWorker(t *testing.T) {
	worker, client := newFake(t, connectfake.WithVersion("2.8.2"))
	worker.Seed("a", "RUNNING", map[string]string{"connector.class": connectfake.FileSink, "tasks.max": "3", "topics": "lines"})
	if err := client.RestartConnector(t.Context(), "a", connectclient.RestartOptions{IncludeTasks: true}); err != nil {
		t.Fatal(err)
	}
	if n := worker.Count("POST", "/connectors/a/tasks/*/restart"); n != 3 {
		t.Errorf("restarted %d tasks, want 3", n)
	}
}

// Workers before 3.0 answer a restart after it is done, with an error if it failed. The status has the cause.
func TestRestartThatFailsToStart(t *testing.T) {
	worker, client := newFake(t, connectfake.WithVersion("2.8.2"))
	worker.Seed("a", "RUNNING", map[string]string{"connector.class": connectfake.FileSink, "tasks.max": "2", "topics": "lines"})
	worker.Inject("POST", "/connectors/a/restart", 1, connectfake.Fails(500, "Failed to start connector: a"))
	worker.Inject("POST", "/connectors/a/tasks/0/restart", 1, connectfake.Fails(500, "Failed to start task: a-0"))
	if err := client.RestartConnector(t.Context(), "a", connectclient.RestartOptions{IncludeTasks: true}); err != nil {
		t.Fatal(err)
	}
	if n := worker.Count("POST", "/connectors/a/tasks/*/restart"); n != 2 {
		t.Errorf("restarted %d tasks, want 2", n)
	}
}
