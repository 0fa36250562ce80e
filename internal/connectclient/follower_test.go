package connectclient_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// Workers from 2.8 to 3.3 that are not the leader hide the status of the leader's errors.
func TestFollower(t *testing.T) {
	t.Parallel()
	for name, follower := range map[string]func(*testing.T) string{"fake": fakeFollower, "real": realFollower} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := follower(t)
			c := cluster{url: url, client: newClient(t, nil, url), idle: connectclient.StatePaused}
			for what, run := range map[string]func(*testing.T, cluster){
				"answers": followerAnswers, "adoption": contractAdoption, "absence": contractAbsence, "invalid configuration": contractInvalid,
			} {
				t.Run(what, func(t *testing.T) { run(t, c) })
			}
		})
	}
}

func fakeFollower(t *testing.T) string {
	t.Helper()
	worker := connectfake.New(t, connectfake.WithVersion("2.8.2"))
	worker.Inject("", "", connectfake.Always, connectfake.Forwarded())
	return worker.URL()
}

// realFollower returns the URL of the one of two workers of 2.8.2 that is not the leader.
func realFollower(t *testing.T) string {
	t.Helper()
	urls := stack.Start(t, stack.Options{WorkerVersion: "2.8.2", Workers: 2}).URLs()
	for _, url := range urls {
		// Until the group has settled, both answer 409.
		status := http.StatusConflict
		for status == http.StatusConflict && t.Context().Err() == nil {
			status, _ = cluster{url: url}.raw(t, http.MethodDelete, "/connectors/absent", "", "")
		}
		if status == http.StatusInternalServerError {
			return url
		}
	}
	t.Fatal("no worker is a follower that hides the status: the test proves nothing")
	return ""
}

// The fake hides what a real follower hides.
func followerAnswers(t *testing.T, c cluster) {
	const wrapped = "Error trying to forward REST request: "
	name := c.unique(t, "answers")
	config := fileSource()
	body, _ := json.Marshal(map[string]any{"name": name, "config": config})
	if status, answer := c.raw(t, http.MethodPost, "/connectors", "application/json", string(body)); status != http.StatusCreated {
		t.Fatalf("got %d, %v", status, answer)
	}
	for what, test := range map[string]struct {
		method, path, body string
		status             int
		message            string
	}{
		"exists":          {http.MethodPost, "/connectors", string(body), 500, wrapped + "Connector " + name + " already exists"},
		"absent":          {http.MethodDelete, "/connectors/absent", "", 500, wrapped + "Connector absent not found"},
		"read":            {http.MethodGet, "/connectors/absent", "", 404, "Connector absent not found"},
		"restart":         {http.MethodPost, "/connectors/absent/restart", "", 404, "Unknown connector: absent"},
		"invalid":         {http.MethodPut, "/connectors/" + name + "/config", `{"connector.class": "FileStreamSource"}`, 400, "Connector configuration is invalid and contains"},
		"without a class": {http.MethodPut, "/connectors/" + name + "/config", `{}`, 400, "Connector config {"},
	} {
		status, message := 0, "rebalance"
		for t.Context().Err() == nil && (strings.Contains(message, "rebalance") || strings.Contains(message, "stale configuration")) {
			var answer map[string]any
			status, answer = c.raw(t, test.method, test.path, "application/json", test.body) // workers still learn of the connector
			message, _ = answer["message"].(string)
		}
		if status != test.status || !strings.HasPrefix(message, test.message) {
			t.Errorf("%s: got %d, %s", what, status, message)
		}
	}
}

// What the leader has answered decides, whatever the follower adds.
func TestFollower_leadersAnswer(t *testing.T) {
	t.Parallel()
	const wrapped = "Error trying to forward REST request: "
	for message, want := range map[string]error{
		wrapped + "Connector orders not found":           connectclient.ErrNotFound,
		wrapped + "Connector other not found":            nil,
		wrapped + wrapped + "Connector orders not found": connectclient.ErrNotFound,
		wrapped + "Failed to find any class that implements Connector and which name matches X, available connectors are: Y":                                           connectclient.ErrInvalid,
		wrapped + "Connector configuration is invalid and contains the following 1 error(s):\nInvalid value 0 for configuration tasks.max: Value must be at least 1\n": connectclient.ErrInvalid,
		wrapped + "Connector name configuration (a) doesn't match connector name in the URL (b)":                                                                       connectclient.ErrInvalid,
		wrapped + "Connector config {password=x} contains no connector type":                                                                                           connectclient.ErrInvalid,
		wrapped + "something that nobody has seen":                                                                                                                     nil,
		"Connector orders not found": nil, // 500 without the follower's words
	} {
		worker, client := newFake(t)
		worker.Inject(http.MethodDelete, "", connectfake.Always, connectfake.Fails(http.StatusInternalServerError, message))
		err := client.DeleteConnector(t.Context(), "orders")
		var answer *connectclient.Error
		if !errors.As(err, &answer) || worker.Count(http.MethodDelete, "") != 1 || strings.Contains(err.Error(), wrapped) || strings.Contains(err.Error(), "password") {
			t.Errorf("%s: got %v after %d requests", message, err, worker.Count(http.MethodDelete, ""))
			continue
		}
		for _, kind := range []error{connectclient.ErrNotFound, connectclient.ErrInvalid, connectclient.ErrExists} {
			if got := errors.Is(err, kind); got != errors.Is(want, kind) {
				t.Errorf("%s: %v is %v: %v", message, err, kind, got)
			}
		}
	}
}

// A follower's answer about a temporary state of the leader is retried.
func TestFollower_retries(t *testing.T) {
	t.Parallel()
	const wrapped = "Error trying to forward REST request: "
	for _, message := range []string{
		"Cannot complete request because of a conflicting operation (e.g. worker rebalance)",
		"Cannot complete request momentarily due to stale configuration (typically caused by a concurrent config change)",
		"Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.",
		"Request cannot be completed because a rebalance is expected",
		"IO Error trying to forward REST request: java.net.ConnectException: Connection refused",
		"Request timed out",
	} {
		worker, client := newFake(t)
		worker.Seed("orders", "RUNNING", fileSource())
		worker.Inject(http.MethodDelete, "", 2, connectfake.Fails(http.StatusInternalServerError, wrapped+message))
		if err := client.DeleteConnector(t.Context(), "orders"); err != nil || worker.Count(http.MethodDelete, "") != 3 {
			t.Errorf("%s: got %v after %d requests", message, err, worker.Count(http.MethodDelete, ""))
		}
	}
}

// A follower learns of a new connector later than the leader that has created it.
func TestFollower_learnsLate(t *testing.T) {
	t.Parallel()
	worker, client := newFake(t, connectfake.WithVersion("2.8.2"))
	worker.Inject(http.MethodPut, "/connectors/*/pause", 3, connectfake.Fails(http.StatusNotFound, "Unknown connector orders"))
	_, outcome, err := client.CreateConnector(t.Context(), "orders", fileSource(), connectclient.StatePaused)
	if _, target, _ := worker.Connector("orders"); err != nil || outcome != connectclient.Created || target != "PAUSED" {
		t.Errorf("got %v, %v, target state %s", outcome, err, target)
	}
}
