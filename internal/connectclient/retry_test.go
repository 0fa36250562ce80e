package connectclient_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// temporary lists the faults after which a read and a write are sent again, because the worker did not execute them.
var temporary = map[string]connectfake.Effect{
	"rebalance":         connectfake.Rebalancing(),
	"rebalance 500":     connectfake.Fails(500, "Request cannot be completed because a rebalance is expected"),
	"stale":             connectfake.Fails(409, "Cannot complete request momentarily due to stale configuration (typically caused by a concurrent config change)"),
	"no leader":         connectfake.Fails(409, "Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway."),
	"starting":          connectfake.Starting(),
	"empty 404":         connectfake.Answer(404, "", ""),
	"ingress 404":       connectfake.Answer(404, "text/plain", "default backend - 404"),
	"too many requests": connectfake.Answer(429, "", ""),
}

// ambiguous lists the faults after which the worker may or may not have executed a write.
var ambiguous = map[string]connectfake.Effect{
	"reset":           connectfake.Reset(),
	"empty 500":       connectfake.Answer(500, "", ""),
	"HTML 500":        connectfake.Answer(500, "text/html", "<html>oops</html>"),
	"timed out":       connectfake.Fails(500, "Request timed out. The worker is currently polling the group coordinator"),
	"forward":         connectfake.Fails(500, "IO Error trying to forward REST request: java.net.ConnectException: Connection refused"),
	"bad gateway":     connectfake.Answer(502, "text/html", "<html>"),
	"unavailable":     connectfake.Answer(503, "", ""),
	"gateway timeout": connectfake.Answer(504, "", ""),
	"408":             connectfake.Answer(408, "", ""),
}

func TestReadsAreRetried(t *testing.T) {
	for _, faults := range []map[string]connectfake.Effect{temporary, ambiguous, {"truncated": connectfake.Truncated()}} {
		for name, effect := range faults {
			t.Run(name, func(t *testing.T) {
				worker, client := newFake(t)
				worker.Seed("a", "RUNNING", fileSource())
				worker.Inject("", "", 3, effect)
				got, err := client.Connector(t.Context(), "a")
				if err != nil {
					t.Fatal(err)
				}
				if !got.HasConfig(fileSource()) {
					t.Errorf("got %v", got.Config)
				}
				if n := worker.Count("", ""); n != 4 {
					t.Errorf("sent %d requests, want 4", n)
				}
			})
		}
	}
}

func TestWritesThatWereNotExecutedAreRetried(t *testing.T) {
	for name, effect := range temporary {
		t.Run(name, func(t *testing.T) {
			worker, client := newFake(t)
			worker.Inject("POST", "/connectors", 3, effect)
			_, outcome, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning)
			if err != nil {
				t.Fatal(err)
			}
			if outcome != connectclient.Created {
				t.Errorf("outcome %d, want Created", outcome)
			}
			if n := worker.Count("GET", ""); n != 0 {
				t.Errorf("read back %d times although nothing was lost", n)
			}
		})
	}
}

// operation is a write that can be tried on a fake worker.
type operation struct {
	name            string
	method, pattern string
	before          func(*connectfake.Worker)
	do              func(context.Context, *connectclient.Client) error
	done            func(*connectfake.Worker) bool
	idempotent      bool // sent again although it was executed, which changes nothing
}

func operations() []operation {
	seed := func(w *connectfake.Worker) { w.Seed("a", "RUNNING", fileSource()) }
	target := func(want string) func(*connectfake.Worker) bool {
		return func(w *connectfake.Worker) bool { _, got, ok := w.Connector("a"); return ok && got == want }
	}
	other := fileSource()
	other["topic"] = "other"
	return []operation{{
		name: "create", method: "POST", pattern: "/connectors", before: func(*connectfake.Worker) {},
		do: func(ctx context.Context, c *connectclient.Client) error {
			_, outcome, err := c.CreateConnector(ctx, "a", fileSource(), connectclient.StateStopped)
			if err == nil && outcome != connectclient.Created {
				return errors.New("not Created")
			}
			return err
		},
		done: target("STOPPED"),
	}, {
		name: "update", method: "PUT", pattern: "/connectors/a/config", before: seed,
		do: func(ctx context.Context, c *connectclient.Client) error {
			got, outcome, err := put(ctx, c, "a", other)
			if err == nil && (outcome != connectclient.Updated || !got.HasConfig(other)) {
				return errors.New("not Updated")
			}
			return err
		},
		done: func(w *connectfake.Worker) bool { config, _, _ := w.Connector("a"); return config["topic"] == "other" },
	}, {
		name: "delete", method: "DELETE", pattern: "/connectors/a", before: seed,
		do:   func(ctx context.Context, c *connectclient.Client) error { return c.DeleteConnector(ctx, "a") },
		done: func(w *connectfake.Worker) bool { _, _, ok := w.Connector("a"); return !ok },
	}, {
		name: "stop", method: "PUT", pattern: "/connectors/a/stop", before: seed, idempotent: true,
		do:   func(ctx context.Context, c *connectclient.Client) error { return c.StopConnector(ctx, "a") },
		done: target("STOPPED"),
	}, {
		name: "pause", method: "PUT", pattern: "/connectors/a/pause", before: seed, idempotent: true,
		do:   func(ctx context.Context, c *connectclient.Client) error { return c.PauseConnector(ctx, "a") },
		done: target("PAUSED"),
	}, {
		name: "resume", method: "PUT", pattern: "/connectors/a/resume", idempotent: true,
		before: func(w *connectfake.Worker) { w.Seed("a", "PAUSED", fileSource()) },
		do:     func(ctx context.Context, c *connectclient.Client) error { return c.ResumeConnector(ctx, "a") },
		done:   target("RUNNING"),
	}, {
		name: "restart", method: "POST", pattern: "/connectors/a/restart", before: seed, idempotent: true,
		do: func(ctx context.Context, c *connectclient.Client) error {
			return c.RestartConnector(ctx, "a", connectclient.RestartOptions{IncludeTasks: true, OnlyFailed: true})
		},
		done: target("RUNNING"),
	}}
}

// A write whose answer is lost is read back before anything is sent again, whether the worker executed it or not.
func TestWritesSurviveLostAnswers(t *testing.T) {
	for _, op := range operations() {
		for name, effect := range ambiguous {
			t.Run(op.name+"/"+name+"/not executed", func(t *testing.T) {
				worker, client := newFake(t)
				op.before(worker)
				worker.Inject(op.method, op.pattern, 2, effect)
				if err := op.do(t.Context(), client); err != nil {
					t.Fatal(err)
				}
				if !op.done(worker) {
					t.Error("was not executed")
				}
				sent, read := worker.Count(op.method, op.pattern), worker.Count("GET", "/connectors/a")
				if sent != 3 || read < 2 {
					t.Errorf("sent %d times and read %d times, want 3 and at least 2", sent, read)
				}
			})
			t.Run(op.name+"/"+name+"/executed", func(t *testing.T) {
				worker, client := newFake(t)
				op.before(worker)
				worker.Inject(op.method, op.pattern, 1, connectfake.Lost(effect))
				if err := op.do(t.Context(), client); err != nil {
					t.Fatal(err)
				}
				if !op.done(worker) {
					t.Error("was not executed")
				}
				want := 1
				if op.idempotent {
					want = 2
				}
				if n := worker.Count(op.method, op.pattern); n != want {
					t.Errorf("sent %d times, want %d", n, want)
				}
			})
		}
	}
}

func TestWriteSurvivesTruncatedAnswer(t *testing.T) {
	for _, op := range operations()[:2] { // those with a body in the answer
		t.Run(op.name, func(t *testing.T) {
			worker, client := newFake(t)
			op.before(worker)
			worker.Inject(op.method, op.pattern, 1, connectfake.Truncated())
			if err := op.do(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			if n := worker.Count(op.method, op.pattern); n != 1 {
				t.Errorf("sent %d times, want 1", n)
			}
		})
	}
}

// A worker that gave up after 90 s may execute the write later, after the client read back that it was not executed.
func TestCreateExecutedAfterReadingBack(t *testing.T) {
	worker, client := newFake(t)
	worker.Inject("POST", "/connectors", 1, connectfake.Fails(500, "Request timed out"))
	worker.Inject("GET", "/connectors/a", 1, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(rw, r)
		worker.Seed("a", "RUNNING", fileSource())
	})
	_, outcome, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning)
	if err != nil {
		t.Fatal(err)
	}
	if outcome != connectclient.Created {
		t.Errorf("outcome %d, want Created: this call created it", outcome)
	}
}

func TestFinalAnswersAreNotRetried(t *testing.T) {
	for name, test := range map[string]struct {
		effect connectfake.Effect
		want   error
	}{
		"401":         {connectfake.Answer(401, "text/html", "<html>"), connectclient.ErrUnauthorized},
		"403":         {connectfake.Fails(403, "no"), connectclient.ErrForbidden},
		"407":         {connectfake.Answer(407, "", ""), connectclient.ErrUnauthorized},
		"400":         {connectfake.Fails(400, "bad"), connectclient.ErrInvalid},
		"405":         {connectfake.Fails(405, "HTTP 405 Method Not Allowed"), connectclient.ErrUnsupported},
		"no endpoint": {connectfake.Fails(404, "HTTP 404 Not Found"), connectclient.ErrUnsupported},
		"absent":      {connectfake.Fails(404, "Connector a not found"), connectclient.ErrNotFound},
	} {
		for _, op := range operations() {
			t.Run(name+"/"+op.name, func(t *testing.T) {
				worker, client := newFake(t)
				op.before(worker)
				worker.Inject(op.method, op.pattern, connectfake.Always, test.effect)
				err := op.do(t.Context(), client)
				// A creation does not name a connector in its path, so a 404 cannot mean that the connector is absent.
				if name == "absent" && op.name == "create" {
					if errors.Is(err, connectclient.ErrNotFound) {
						t.Errorf("creation answers %v", err)
					}
					return
				}
				if !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
				if n := worker.Count(op.method, op.pattern); n != 1 {
					t.Errorf("sent %d times, want 1", n)
				}
			})
		}
	}
}

// Only a 404 that names the requested connector means absence.
func TestOther404sAreNotAbsence(t *testing.T) {
	for _, message := range []string{"Connector b not found", "not found", "Connector a not found, perhaps", "No status found for connector a"} {
		worker, client := newFake(t)
		worker.Inject("", "", connectfake.Always, connectfake.Fails(404, message))
		_, err := client.Connector(t.Context(), "a")
		if err == nil || errors.Is(err, connectclient.ErrNotFound) {
			t.Errorf("%q: got %v", message, err)
		}
	}
}

func TestContextEndsRetries(t *testing.T) {
	worker := connectfake.New(t)
	worker.Inject("", "", connectfake.Always, connectfake.Rebalancing())
	ctx, cancel := context.WithCancel(t.Context())
	client := newClient(t, func(cfg *connectclient.Config) {
		cfg.Observe = func(_ context.Context, r connectclient.Request) {
			if r.Attempt == 5 {
				cancel()
			}
		}
	}, worker.URL())
	_, err := client.Connector(ctx, "a")
	if !errors.Is(err, context.Canceled) || !errors.Is(err, connectclient.ErrRebalancing) {
		t.Errorf("got %v, want the context's end and the last answer", err)
	}
	if errors.Is(err, connectclient.ErrIndeterminate) {
		t.Errorf("a read is indeterminate: %v", err)
	}
}

// A write that the context ends may have been executed, which the error says.
func TestContextEndsWrite(t *testing.T) {
	worker, client := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	worker.Inject("POST", "/connectors", 1, connectfake.Lost(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		cancel()
		<-r.Context().Done()
	}))
	_, _, err := client.CreateConnector(ctx, "a", fileSource(), connectclient.StateRunning)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, connectclient.ErrIndeterminate) {
		t.Errorf("got %v, want the context's end, and that it is indeterminate", err)
	}
}

// "Already exists" may be the result of an earlier attempt: without reading back, the outcome is not known.
func TestContextEndsReadingBackWhatExists(t *testing.T) {
	worker, client := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	worker.Inject("POST", "/connectors", 1, connectfake.Fails(500, "Request timed out"))
	worker.Inject("GET", "/connectors/a", 1, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(rw, r)
		worker.Seed("a", "RUNNING", fileSource())
	})
	worker.Inject("GET", "/connectors/a", 1, func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		cancel()
		<-r.Context().Done()
	})
	_, _, err := client.CreateConnector(ctx, "a", fileSource(), connectclient.StateRunning)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, connectclient.ErrIndeterminate) || errors.Is(err, connectclient.ErrExists) {
		t.Errorf("got %v", err)
	}
}

// A write that was certainly not executed is not indeterminate.
func TestContextEndsWriteThatWasNotExecuted(t *testing.T) {
	worker := connectfake.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	client := newClient(t, func(cfg *connectclient.Config) {
		cfg.Retry = connectclient.Interval{Min: time.Hour, Max: time.Hour}
		cfg.Observe = func(context.Context, connectclient.Request) { cancel() } // between two attempts
	}, worker.URL())
	worker.Inject("POST", "/connectors", connectfake.Always, connectfake.Rebalancing())
	_, _, err := client.CreateConnector(ctx, "a", fileSource(), connectclient.StateRunning)
	if !errors.Is(err, context.Canceled) || errors.Is(err, connectclient.ErrIndeterminate) {
		t.Errorf("got %v, want the context's end only", err)
	}
}

func TestRequestTimeoutIsRetried(t *testing.T) {
	worker := connectfake.New(t)
	worker.Seed("a", "RUNNING", fileSource())
	client := newClient(t, func(cfg *connectclient.Config) { cfg.RequestTimeout = 50 * time.Millisecond }, worker.URL())
	worker.Inject("", "", 1, connectfake.Held(nil))
	if _, err := client.Connector(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if n := worker.Count("", ""); n != 2 {
		t.Errorf("sent %d requests, want 2", n)
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	worker := connectfake.New(t)
	worker.Inject("", "", connectfake.Always, connectfake.RetryAfter(3600))
	ctx, cancel := context.WithCancel(t.Context())
	client := newClient(t, func(cfg *connectclient.Config) {
		cfg.Observe = func(context.Context, connectclient.Request) { time.AfterFunc(100*time.Millisecond, cancel) }
	}, worker.URL())
	_, err := client.Connectors(ctx)
	if !errors.Is(err, connectclient.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if n := worker.Count("", ""); n != 1 {
		t.Errorf("sent %d requests within the hour, want 1", n)
	}
}

func TestFailOver(t *testing.T) {
	for name, effect := range map[string]connectfake.Effect{
		"reset": connectfake.Reset(), "starting": connectfake.Starting(), "503": connectfake.Answer(503, "", ""),
	} {
		t.Run(name, func(t *testing.T) {
			first := connectfake.New(t)
			second := first.Peer(t)
			first.Seed("a", "RUNNING", fileSource())
			first.Inject("", "", connectfake.Always, effect)
			client := newClient(t, nil, first.URL(), second.URL())
			for range 3 {
				if _, err := client.Connector(t.Context(), "a"); err != nil {
					t.Fatal(err)
				}
			}
			if n := first.Count("", ""); n != 1 {
				t.Errorf("the worker that does not answer got %d requests, want 1", n)
			}
		})
	}
}

func TestFailOverToWorkerThatRuns(t *testing.T) {
	first := connectfake.New(t)
	second := first.Peer(t)
	first.Stop()
	client := newClient(t, nil, first.URL(), second.URL())
	_, outcome, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning)
	if err != nil || outcome != connectclient.Created {
		t.Fatal(outcome, err)
	}
	if n := second.Count("GET", "/connectors/*"); n != 0 {
		t.Errorf("read back %d times although the connection was refused", n)
	}
}

// A rebalance concerns the whole group: another worker would give the same answer.
func TestRebalanceStaysWithWorker(t *testing.T) {
	first := connectfake.New(t)
	second := first.Peer(t)
	first.Inject("", "", 2, connectfake.Rebalancing())
	client := newClient(t, nil, first.URL(), second.URL())
	if _, err := client.Connectors(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := second.Count("", ""); n != 0 {
		t.Errorf("the other worker got %d requests", n)
	}
}

// After an unreachable worker, the next one is tried immediately. Its own answers are retried with the usual pause.
func TestFailOverDoesNotHurryTheNext(t *testing.T) {
	first := connectfake.New(t)
	second := first.Peer(t)
	first.Stop()
	second.Inject("", "", connectfake.Always, connectfake.Rebalancing())
	ctx, cancel := context.WithCancel(t.Context())
	client := newClient(t, func(cfg *connectclient.Config) {
		cfg.Retry = connectclient.Interval{Min: time.Hour, Max: time.Hour}
		cfg.Observe = func(_ context.Context, r connectclient.Request) {
			if r.Attempt == 2 {
				time.AfterFunc(100*time.Millisecond, cancel)
			}
		}
	}, first.URL(), second.URL())
	_, err := client.Connectors(ctx)
	if !errors.Is(err, connectclient.ErrRebalancing) {
		t.Errorf("got %v", err)
	}
	if n := second.Count("", ""); n != 1 {
		t.Errorf("asked %d times within the hour, want 1", n)
	}
}

// A host that DNS does not know yet may be a worker that is started later.
func TestUnknownHostIsRetried(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	client := newClient(t, func(cfg *connectclient.Config) {
		cfg.Observe = func(_ context.Context, r connectclient.Request) {
			if r.Attempt == 3 {
				cancel()
			}
		}
	}, "http://worker.invalid:8083")
	_, _, err := client.CreateConnector(ctx, "a", fileSource(), connectclient.StateRunning)
	if !errors.Is(err, connectclient.ErrUnavailable) || errors.Is(err, connectclient.ErrIndeterminate) {
		t.Errorf("got %v", err)
	}
}

func TestWaitsForWorkerThatComesUp(t *testing.T) {
	worker := connectfake.New(t)
	worker.Inject("", "", 20, connectfake.Starting())
	client := newClient(t, nil, worker.URL())
	if _, _, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning); err != nil {
		t.Fatal(err)
	}
	if n := worker.Count("POST", "/connectors"); n != 21 {
		t.Errorf("sent %d times, want 21", n)
	}
}
