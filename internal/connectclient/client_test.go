package connectclient_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func TestCredentialsAreSent(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*connectclient.Config)
		allowed func(*http.Request) bool
	}{
		"basic": {
			func(cfg *connectclient.Config) { cfg.Username, cfg.Password = "user", "pass:word" },
			func(r *http.Request) bool {
				user, password, _ := r.BasicAuth()
				return user == "user" && password == "pass:word"
			},
		},
		"bearer": {
			func(cfg *connectclient.Config) { cfg.BearerToken = "token" },
			func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer token" },
		},
		"headers": {
			func(cfg *connectclient.Config) {
				cfg.Headers = map[string]string{"x-api-key": "key", "Authorization": "Negotiate x"}
			},
			func(r *http.Request) bool {
				return r.Header.Get("X-Api-Key") == "key" && r.Header.Get("Authorization") == "Negotiate x"
			},
		},
		"user without password": {
			func(cfg *connectclient.Config) { cfg.Username = "api-key" },
			func(r *http.Request) bool {
				user, password, ok := r.BasicAuth()
				return ok && user == "api-key" && password == ""
			},
		},
		"host": {
			func(cfg *connectclient.Config) { cfg.Headers = map[string]string{"host": "connect.example:1234"} },
			func(r *http.Request) bool { return r.Host == "connect.example:1234" },
		},
		"own user agent": {
			func(cfg *connectclient.Config) { cfg.Headers = map[string]string{"User-Agent": "mine/2"} },
			func(r *http.Request) bool { return r.UserAgent() == "mine/2" },
		},
		"user agent": {
			func(cfg *connectclient.Config) { cfg.UserAgent = "agent/1" },
			func(r *http.Request) bool { return r.UserAgent() == "agent/1" },
		},
	} {
		worker := connectfake.New(t, connectfake.WithAuthorization(test.allowed))
		if _, err := newClient(t, test.change, worker.URL()).Connectors(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := newClient(t, nil, worker.URL()).Connectors(t.Context()); !errors.Is(err, connectclient.ErrUnauthorized) {
			t.Errorf("without %s: got %v", name, err)
		}
	}
}

func TestBasePathIsKept(t *testing.T) {
	worker := connectfake.New(t)
	server := httptest.NewServer(http.StripPrefix("/some/connect", worker))
	t.Cleanup(server.Close)
	for _, path := range []string{"/some/connect", "/some/connect/"} {
		client := newClient(t, nil, server.URL+path)
		for _, name := range []string{"a", "with space", "a+b", "größe"} {
			worker.Seed(name, "RUNNING", fileSource())
			got, err := client.Connector(t.Context(), name)
			if err != nil || got.Name != name {
				t.Errorf("%s: got %+v, %v", name, got, err)
			}
		}
		if _, err := client.Cluster(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// Following a redirect would send the credentials and the configuration to another server.
func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := connectfake.New(t)
	worker := connectfake.New(t)
	worker.Inject("", "", connectfake.Always, func(rw http.ResponseWriter, r *http.Request, _ http.Handler) {
		http.Redirect(rw, r, elsewhere.URL()+r.URL.Path, http.StatusTemporaryRedirect)
	})
	client := newClient(t, func(cfg *connectclient.Config) { cfg.BearerToken = "token" }, worker.URL())
	_, _, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning)
	if err == nil || !strings.Contains(err.Error(), "a redirect to "+elsewhere.URL()) {
		t.Errorf("got %v", err)
	}
	if n := elsewhere.Count("", ""); n != 0 {
		t.Errorf("followed %d times", n)
	}
}

// A page of another server is not a success, even with status 200.
func TestLoginPageIsNoSuccess(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "RUNNING", fileSource())
	worker.Inject("", "", connectfake.Always, connectfake.Answer(200, "text/html", "<html>log in"))
	for verb, err := range map[string]error{
		"stop": client.StopConnector(t.Context(), "a"), "delete": client.DeleteConnector(t.Context(), "a"),
		"list": func() error { _, err := client.Connectors(t.Context()); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), "an HTML page that is not from Kafka Connect") || strings.Contains(err.Error(), "log in") {
			t.Errorf("%s: got %v", verb, err)
		}
	}
}

func TestObserve(t *testing.T) {
	worker := connectfake.New(t)
	worker.Inject("", "", 1, connectfake.Rebalancing())
	var seen []connectclient.Request
	client := newClient(t, func(cfg *connectclient.Config) {
		cfg.Observe = func(_ context.Context, r connectclient.Request) { seen = append(seen, r) }
	}, worker.URL())
	worker.Seed("a b", "RUNNING", fileSource())
	if _, err := client.Status(t.Context(), "a b"); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 2 {
		t.Fatalf("got %v", seen)
	}
	for i, want := range []connectclient.Request{{Attempt: 1, Status: 500}, {Attempt: 2, Status: 200}} {
		got := seen[i]
		if got.Method != http.MethodGet || got.Host != hostOf(worker.URL()) || got.Path != "/connectors/a%20b/status" ||
			got.Attempt != want.Attempt || got.Status != want.Status || got.Duration <= 0 {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if !errors.Is(seen[0].Err, connectclient.ErrRebalancing) || seen[1].Err != nil {
		t.Errorf("got %v and %v", seen[0].Err, seen[1].Err)
	}
}

// Many goroutines use one client.
func TestClientIsShared(t *testing.T) {
	first := connectfake.New(t)
	second := first.Peer(t)
	client := newClient(t, nil, first.URL(), second.URL())
	for _, worker := range []*connectfake.Worker{first, second} {
		for range 5 {
			worker.Inject("", "", 1, connectfake.Reset())
			worker.Inject("", "", 1, connectfake.Rebalancing())
		}
	}
	var failed atomic.Int64
	t.Run("all", func(t *testing.T) {
		for name := range strings.SplitSeq("abcdefghijklmnopqrst", "") {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				_, outcome, err := client.CreateConnector(t.Context(), name, fileSource(), connectclient.StateRunning)
				if err != nil || outcome != connectclient.Created {
					failed.Add(1)
					t.Errorf("got %v, %v", outcome, err)
				}
			})
		}
	})
	if all, err := client.Connectors(t.Context()); err != nil || len(all) != 20 || failed.Load() != 0 {
		t.Errorf("got %v, %v", all, err)
	}
}

// Each client of Workers sends everything to its own worker, also if another worker would answer.
func TestWorkersArePinned(t *testing.T) {
	first := connectfake.New(t, connectfake.WithVersion("3.5.2"))
	second, third := connectfake.New(t), connectfake.New(t)
	third.Stop()
	client := newClient(t, nil, first.URL(), second.URL(), third.URL())
	workers := client.Workers()
	if len(workers) != 3 || !slices.Equal(client.URLs(), []string{first.URL(), second.URL(), third.URL()}) {
		t.Fatalf("got %d workers of %v", len(workers), client.URLs())
	}
	for i, want := range []string{"3.5.2", "4.3.1"} {
		got, err := workers[i].Cluster(t.Context())
		if err != nil || got.Version != want || !slices.Equal(workers[i].URLs(), client.URLs()[i:i+1]) {
			t.Errorf("%v: got %+v, %v", workers[i].URLs(), got, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := workers[2].Cluster(ctx); !errors.Is(err, connectclient.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if a, b := first.Count("", ""), second.Count("", ""); a != 1 || b != 1 {
		t.Errorf("sent %d and %d requests, want one to each", a, b)
	}
}

// A write through a pinned client ends the cache of the client that it comes from.
func TestPinnedWriteEndsCache(t *testing.T) {
	worker, client := newFake(t)
	names := seed(worker, 3)
	readAll(t, client, names, 1)
	if err := client.Workers()[0].PauseConnector(t.Context(), "c2"); err != nil {
		t.Fatal(err)
	}
	if _, status, err := client.ConnectorWithStatus(t.Context(), "c2"); err != nil || status.Connector.State != connectclient.StatePaused {
		t.Errorf("got %v, %v", status, err)
	}
}
