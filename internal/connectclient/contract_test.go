package connectclient_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

func TestMain(m *testing.M) { os.Exit(stack.Main(m)) }

// cluster is a Connect cluster that has to fulfil the contract.
type cluster struct {
	url     string
	client  *connectclient.Client
	version connectclient.Version
	idle    connectclient.State // of connectors that run nothing: STOPPED, or PAUSED before 3.5

	// Real tasks fail because of their configuration; the tasks of a fake fail on request.
	breakTasks, repairTasks func(name string)

	// Real tasks process records; those of a fake are told what they would process.
	process func(name string, topics ...string)
}

// The fake and a real worker pass the same tests. Hence what the other tests show with the fake is true. The fake does so in
// each version whose differences it knows. Tests run on the shared worker, and `make testacc-workers` makes that one of each
// version; workers of 4.4 answer validations differently, so one of them runs here as well.
func TestContract(t *testing.T) {
	for _, version := range []string{"2.8.2", "3.5.2", "3.7.2", stack.DefaultVersion, newestWorker} {
		t.Run("fake "+version, func(t *testing.T) {
			t.Parallel()
			worker := connectfake.New(t, connectfake.WithStatusLag(10*time.Millisecond), connectfake.WithVersion(version))
			contract(t, cluster{
				url:         worker.URL(),
				breakTasks:  func(name string) { worker.Break(name, "X: task cannot start\nCaused by: Y: no such folder") },
				repairTasks: worker.Repair,
				process:     worker.SetTopics,
			})
		})
	}
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		contract(t, realCluster(stack.Shared(t).URLs()[0]))
	})
	t.Run("real "+newestWorker, func(t *testing.T) {
		t.Parallel()
		contract(t, realCluster(stack.Start(t, stack.Options{WorkerVersion: newestWorker}).URLs()[0]))
	})
}

// newestWorker is the newest version of Kafka Connect.
const newestWorker = "4.4.0"

func realCluster(url string) cluster {
	return cluster{url: url, breakTasks: func(string) {}, repairTasks: func(string) {}, process: func(string, ...string) {}}
}

func contract(t *testing.T, c cluster) {
	client, err := connectclient.New(connectclient.Config{URLs: []string{c.url}, StableFor: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	c.client, c.idle = client, connectclient.StateStopped
	worker, err := client.Cluster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c.version, _ = worker.KafkaVersion(); !c.version.AtLeast(3, 5) {
		c.idle = connectclient.StatePaused
	}
	for name, run := range map[string]func(*testing.T, cluster){
		"cluster":                 contractCluster,
		"states":                  contractStates,
		"adoption":                contractAdoption,
		"update":                  contractUpdate,
		"task configurations":     contractTaskConfigs,
		"values":                  contractValues,
		"listing":                 contractListing,
		"names":                   contractNames,
		"active topics":           contractTopics,
		"versions of plugins":     contractVersions,
		"absence":                 contractAbsence,
		"invalid configuration":   contractInvalid,
		"tasks that fail":         contractFailure,
		"offsets":                 contractOffsets,
		"large configuration":     contractLarge,
		"plugins":                 contractPlugins,
		"loggers":                 contractLoggers,
		"validation":              contractValidation,
		"config providers":        contractConfigProviders,
		"requests that are wrong": contractWrongRequests,
		"normalisation":           contractNormalisation,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, c)
		})
	}
}

// unique returns a unique name, and deletes the connector of this name when the test ends.
func (c cluster) unique(t *testing.T, suffix string) string {
	t.Helper()
	name := fmt.Sprintf("contract-%d-%s", time.Now().UnixNano(), suffix)
	t.Cleanup(func() {
		err := c.client.DeleteConnector(context.Background(), name)
		if err != nil && !errors.Is(err, connectclient.ErrNotFound) {
			t.Errorf("cleaning up: %v", err)
		}
	})
	return name
}

// create creates a connector that does nothing.
func (c cluster) create(t *testing.T, suffix string, state connectclient.State) string {
	t.Helper()
	name := c.unique(t, suffix)
	if _, _, err := c.client.CreateConnector(t.Context(), name, fileSource(), state); err != nil {
		t.Fatal(err)
	}
	return name
}

func (c cluster) await(t *testing.T, name string, state connectclient.State) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if _, err := c.client.Await(ctx, name, state); err != nil {
		t.Fatal(err)
	}
}

// raw sends a request that the client would not send. It returns the status and the answer.
func (c cluster) raw(t *testing.T, method, path, contentType, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.url+path, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, answer
}

func contractCluster(t *testing.T, c cluster) {
	got, err := c.client.Cluster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := got.KafkaVersion(); !ok || got.Commit == "" || got.KafkaClusterID == "" {
		t.Errorf("got %+v", got)
	}
	// The worker is ready once no other test causes a rebalance.
	workers, err := c.client.AwaitWorkers(t.Context())
	if err != nil || len(workers) != 1 || workers[0].Err != nil || workers[0].Cluster != got || workers[0].URL != c.url {
		t.Errorf("got %+v, %v", workers, err)
	}
}

func contractStates(t *testing.T, c cluster) {
	for _, state := range []connectclient.State{connectclient.StateRunning, connectclient.StatePaused, c.idle} {
		c.await(t, c.create(t, string(state), state), state)
	}
	name := c.create(t, "all", connectclient.StateRunning)
	c.await(t, name, connectclient.StateRunning)
	stop := c.client.StopConnector
	if c.idle == connectclient.StatePaused {
		if err := stop(t.Context(), name); !errors.Is(err, connectclient.ErrUnsupported) {
			t.Errorf("got %v", err)
		}
		stop = c.client.PauseConnector
	}
	for _, step := range []struct {
		change func(context.Context, string) error
		want   connectclient.State
	}{
		{c.client.PauseConnector, connectclient.StatePaused},
		{c.client.PauseConnector, connectclient.StatePaused},
		{stop, c.idle},
		{stop, c.idle},
		{c.client.PauseConnector, connectclient.StatePaused},
		{c.client.ResumeConnector, connectclient.StateRunning},
		{stop, c.idle},
		{c.client.ResumeConnector, connectclient.StateRunning},
	} {
		if err := step.change(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		c.await(t, name, step.want)
	}
	all, err := c.client.Connectors(t.Context())
	if got := all[name]; err != nil || got.Connector.Name != name || got.Status.Connector.State != connectclient.StateRunning {
		t.Errorf("got %+v, %v for %s", got, err, name)
	}
}

func contractAdoption(t *testing.T, c cluster) {
	name := c.create(t, "a", c.idle)
	got, outcome, err := c.client.CreateConnector(t.Context(), name, fileSource(), connectclient.StateRunning)
	if err != nil || outcome != connectclient.Adopted || !got.HasConfig(fileSource()) {
		t.Errorf("got %+v, %v, %v", got, outcome, err)
	}
	c.await(t, name, c.idle)
	other := fileSource()
	other["topic"] = "other"
	if _, _, err := c.client.CreateConnector(t.Context(), name, other, connectclient.StateRunning); !errors.Is(err, connectclient.ErrExists) {
		t.Errorf("got %v", err)
	}
	// An invalid configuration is reported before an existing connector.
	if _, _, err := c.client.CreateConnector(t.Context(), name, map[string]string{}, connectclient.StateRunning); !errors.Is(err, connectclient.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func contractUpdate(t *testing.T, c cluster) {
	name := c.create(t, "u", c.idle)
	changed := fileSource()
	changed["topic"] = "changed"
	delete(changed, "tasks.max")
	for _, want := range []connectclient.Outcome{connectclient.Updated, connectclient.Unchanged} {
		got, outcome, err := put(t.Context(), c.client, name, changed)
		if err != nil || outcome != want || !got.HasConfig(changed) {
			t.Errorf("got %+v, %v, %v", got, outcome, err)
		}
	}
	c.await(t, name, c.idle)
	read, err := c.client.Connector(t.Context(), name)
	if err != nil || !read.HasConfig(changed) || read.Name != name || read.Type != "source" || read.Config["name"] != name {
		t.Errorf("got %+v, %v", read, err)
	}
	// The worker creates a connector that it does not find. Therefore PutConfig needs the connector to be read first.
	fresh := c.unique(t, "fresh")
	body, _ := json.Marshal(fileSource())
	if status, _ := c.raw(t, "PUT", "/connectors/"+fresh+"/config", "application/json", string(body)); status != http.StatusCreated {
		t.Errorf("got %d", status)
	}
}

func contractTopics(t *testing.T, c cluster) {
	name, file := c.unique(t, "topics"), filepath.Join(t.TempDir(), "in.txt")
	if err := os.WriteFile(file, []byte("one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := fileSource()
	config["file"], config["topic"] = file, name
	if _, _, err := c.client.CreateConnector(t.Context(), name, config, connectclient.StateRunning); err != nil {
		t.Fatal(err)
	}
	c.process(name, name)
	var got []string
	for len(got) == 0 && t.Context().Err() == nil {
		var err error
		if got, err = c.client.ActiveTopics(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got, []string{name}) {
		t.Errorf("got %q", got)
	}
	if got, err := c.client.ActiveTopics(t.Context(), "absent"); err != nil || len(got) != 0 {
		t.Errorf("an unknown connector: %q, %v", got, err)
	}
}

// Since 4.1, a status has the version of the plugin.
func contractVersions(t *testing.T, c cluster) {
	name := c.create(t, "version", connectclient.StateRunning)
	c.await(t, name, connectclient.StateRunning)
	status, err := c.client.Status(t.Context(), name)
	if err != nil || len(status.Tasks) != 1 {
		t.Fatal(status, err)
	}
	for _, version := range []string{status.Connector.Version, status.Tasks[0].Version} {
		if (version != "") != c.version.AtLeast(4, 1) {
			t.Errorf("a worker %s reports version %q", c.version, version)
		}
	}
}

func contractTaskConfigs(t *testing.T, c cluster) {
	name := c.create(t, "t", connectclient.StateRunning)
	c.await(t, name, connectclient.StateRunning)
	changed := fileSource()
	changed["topic"] = "changed"
	if _, _, err := put(t.Context(), c.client, name, changed); err != nil {
		t.Fatal(err)
	}
	c.await(t, name, connectclient.StateRunning)
	tasks, err := c.client.TaskConfigs(t.Context(), name)
	for err == nil && len(tasks) == 1 && tasks[0].Config["topic"] == "lines" && t.Context().Err() == nil {
		tasks, err = c.client.TaskConfigs(t.Context(), name) // they lag
	}
	if err != nil || len(tasks) != 1 || tasks[0].ID != 0 || tasks[0].Config["topic"] != "changed" || tasks[0].Config["file"] != changed["file"] {
		t.Errorf("got %+v, %v", tasks, err)
	}
	if c.idle == connectclient.StateStopped {
		if err := c.client.StopConnector(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		c.await(t, name, connectclient.StateStopped)
		if tasks, err := c.client.TaskConfigs(t.Context(), name); err != nil || len(tasks) > 0 {
			t.Errorf("stopped: got %+v, %v", tasks, err)
		}
	}
	if _, err := c.client.TaskConfigs(t.Context(), c.unique(t, "absent")); !errors.Is(err, connectclient.ErrNotFound) {
		t.Errorf("absent: got %v", err)
	}
}

func contractValues(t *testing.T, c cluster) {
	config := fileSource()
	maps.Copy(config, map[string]string{
		"x.empty": "", "x.blanks": "  two  ", "x.unicode": "größe 訂單 🙂", "x.quotes": `"a" 'b' \c`, "x.lines": "one\ntwo\t", "x.html": "<a>&b",
		"x.number": "9007199254740993", "x.variable": "${nothing:here}", "größe": "key",
	})
	name := c.unique(t, "v")
	got, _, err := c.client.CreateConnector(t.Context(), name, config, c.idle)
	if err != nil || !got.HasConfig(config) {
		t.Fatalf("got %+v, %v", got, err)
	}
	if got, err = c.client.Connector(t.Context(), name); err != nil || !got.HasConfig(config) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A listing shows each connector as its own endpoints do.
func contractListing(t *testing.T, c cluster) {
	var names []string
	for _, state := range []connectclient.State{c.idle, connectclient.StatePaused, connectclient.StateRunning} {
		name := c.create(t, "l-"+strings.ToLower(string(state)), state)
		c.await(t, name, state)
		names = append(names, name)
	}
	fresh, err := connectclient.New(connectclient.Config{URLs: []string{c.url}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fresh.Close)
	for _, name := range names {
		connector, status, err := fresh.ConnectorWithStatus(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		wantConnector, connectorErr := c.client.Connector(t.Context(), name)
		wantStatus, statusErr := c.client.Status(t.Context(), name)
		if connectorErr != nil || statusErr != nil || !reflect.DeepEqual(connector, wantConnector) || !reflect.DeepEqual(status, wantStatus) {
			t.Errorf("got %+v, %+v; its own endpoints show %+v, %+v", connector, status, wantConnector, wantStatus)
		}
	}
	if _, _, err := fresh.ConnectorWithStatus(t.Context(), c.unique(t, "absent")); !errors.Is(err, connectclient.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func contractNames(t *testing.T, c cluster) {
	for _, suffix := range addressable {
		name := c.create(t, suffix, c.idle)
		if got, err := c.client.Connector(t.Context(), name); err != nil || got.Name != name {
			t.Errorf("%q: got %+v, %v", name, got, err)
		}
		c.await(t, name, c.idle)
		if err := c.client.PauseConnector(t.Context(), name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if err := c.client.DeleteConnector(t.Context(), name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := c.client.Connector(t.Context(), name); !errors.Is(err, connectclient.ErrNotFound) {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func contractAbsence(t *testing.T, c cluster) {
	name := c.unique(t, "absent")
	_, connector := c.client.Connector(t.Context(), name)
	_, _, put := put(t.Context(), c.client, name, fileSource())
	for verb, err := range map[string]error{
		"get": connector, "put": put,
		"delete":        c.client.DeleteConnector(t.Context(), name),
		"pause":         c.client.PauseConnector(t.Context(), name),
		"resume":        c.client.ResumeConnector(t.Context(), name),
		"restart":       c.client.RestartConnector(t.Context(), name, connectclient.RestartOptions{}),
		"restart tasks": c.client.RestartConnector(t.Context(), name, connectclient.RestartOptions{IncludeTasks: true}),
	} {
		if !errors.Is(err, connectclient.ErrNotFound) {
			t.Errorf("%s: got %v", verb, err)
		}
	}
	want := connectclient.ErrNotFound
	if c.idle == connectclient.StatePaused {
		want = connectclient.ErrUnsupported
	}
	if err := c.client.StopConnector(t.Context(), name); !errors.Is(err, want) {
		t.Errorf("stop: got %v", err)
	}
	if _, err := c.client.Status(t.Context(), name); !errors.Is(err, connectclient.ErrNoStatus) {
		t.Errorf("got %v", err)
	}
	if _, err := c.client.Await(t.Context(), name, connectclient.StateRunning); !errors.Is(err, connectclient.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func contractFailure(t *testing.T, c cluster) {
	name := c.unique(t, "f")
	config := map[string]string{"connector.class": connectfake.FileSink, "tasks.max": "2", "topics": "contract", "file": "/nonexistent/folder/out.txt"}
	c.breakTasks(name)
	if _, _, err := c.client.CreateConnector(t.Context(), name, config, connectclient.StateRunning); err != nil {
		t.Fatal(err)
	}
	_, err := c.client.Await(t.Context(), name, connectclient.StateRunning)
	var failed *connectclient.FailedError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v", err)
	}
	for id, failure := range failed.Failures {
		if *failure.Task != id || failure.WorkerID == "" || failure.Cause == "" || strings.Contains(failure.Cause, "Caused by") {
			t.Errorf("got %v", failure)
		}
	}
	if len(failed.Failures) != 2 {
		t.Errorf("got %v", failed.Failures)
	}
	// The cause is still there: a restart does not help.
	opts := connectclient.RestartOptions{IncludeTasks: true, OnlyFailed: true}
	if err := c.client.RestartConnector(t.Context(), name, opts); err != nil {
		t.Fatal(err)
	}
	if _, err := c.client.Await(t.Context(), name, connectclient.StateRunning); !errors.As(err, &failed) {
		t.Errorf("got %v", err)
	}
	c.repairTasks(name)
	delete(config, "file") // to the worker's output
	if _, _, err := put(t.Context(), c.client, name, config); err != nil {
		t.Fatal(err)
	}
	c.await(t, name, connectclient.StateRunning)
}

func contractNormalisation(t *testing.T, c cluster) {
	name := c.unique(t, "n")
	body := fmt.Sprintf(`{"name": "  %s  ", "config": {"connector.class": "FileStreamSource", "topic": "t", "tasks.max": 1,
		"x.bool": true, "x.float": 1.5, "x.big": 9007199254740993}, "initial_state": "stopped"}`, name)
	if !c.version.AtLeast(3, 7) { // KIP-980
		status, answer := c.raw(t, "POST", "/connectors", "application/json", body)
		if message, _ := answer["message"].(string); status != http.StatusInternalServerError || !strings.HasPrefix(message, `Unrecognized field "initial_state"`) {
			t.Errorf("got %d, %v", status, answer)
		}
		body = strings.Replace(body, `, "initial_state": "stopped"`, "", 1)
	}
	if status, answer := c.raw(t, "POST", "/connectors", "application/json", body); status != http.StatusCreated {
		t.Fatalf("got %d, %v", status, answer)
	}
	got, err := c.client.Connector(t.Context(), name)
	if err != nil || !got.HasConfig(map[string]string{
		"connector.class": "FileStreamSource", "topic": "t", "tasks.max": "1", "x.bool": "true", "x.float": "1.5", "x.big": "9007199254740993",
	}) {
		t.Errorf("got %+v, %v", got, err)
	}
}
