package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/settings"
)

// patient waits for an answer, also on a busy machine.
var patient = connectclient.Patience{Refused: time.Minute, Silent: time.Minute}

// newRun returns a patient session that soon doubts that a worker answers, and a client with short pauses.
func newRun(t *testing.T, urls ...string) (*Session, *connectclient.Client) {
	t.Helper()
	client, err := connectclient.New(connectclient.Config{
		URLs: urls, Retry: connectclient.Interval{Min: time.Millisecond, Max: 5 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	s := New(settings.Clusters{Default: settings.Cluster{Connect: &settings.Connect{}, Kafka: &settings.Kafka{}}})
	s.reach.limits = reachLimits{time.Millisecond, patient}
	return s, client
}

// readMany reads 200 connectors at the same time, and returns the errors and the diagnostics of the run.
func readMany(t *testing.T, s *Session, client *connectclient.Client) (errs [200]error, diags diag.Diagnostics) {
	t.Helper()
	var group sync.WaitGroup
	var mu sync.Mutex
	for i := range errs {
		group.Go(func() {
			errs[i] = s.Ask(t.Context(), client, func(ctx context.Context) error {
				_, _, err := client.ConnectorWithStatus(ctx, fmt.Sprintf("c%d", i))
				return err
			})
			if found, ok := errors.AsType[*NoWorkerError](errs[i]); ok {
				mu.Lock()
				defer mu.Unlock()
				diags.Append(s.Report(found)...)
			}
		})
	}
	group.Wait()
	return errs, diags
}

// A run that reads 200 connectors asks once whether a worker answers, and reports once that none does.
func TestReach_onceForTheRun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		effect connectfake.Effect
		wait   bool
	}{
		"silent":      {func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() }, true},
		"unavailable": {connectfake.Answer(503, "", ""), true},
		"starting":    {connectfake.Starting(), true},
		"rejected":    {connectfake.Fails(401, "no"), false},
		"page":        {connectfake.Answer(200, "text/html", "<html>"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			w.Inject("", "", connectfake.Always, test.effect)
			s, client := newRun(t, w.URL())
			asked := new(atomic.Int64)
			if test.wait { // the patience has to end
				s.reach.limits.patience = connectclient.Patience{Refused: 20 * time.Millisecond, Silent: 20 * time.Millisecond}
			}
			errs, diags := readMany(t, s, client)
			for _, err := range errs {
				found, ok := errors.AsType[*NoWorkerError](err)
				if !ok || found.Wait != test.wait || found != s.reach.found.Load() {
					t.Fatalf("got %v, want the one error of the run, curable: %v", err, test.wait)
				}
			}
			if len(diags) != 1 || (diags[0].Severity() == diag.SeverityWarning) != test.wait {
				t.Errorf("got %v, want one diagnostic", diags)
			}
			// Later objects send nothing.
			w.Forget()
			err := s.Ask(t.Context(), client, func(context.Context) error { asked.Add(1); return nil })
			if s.NoWorker(t.Context(), client) == nil || err == nil || asked.Load() != 0 || w.Count("", "") != 0 {
				t.Errorf("got %v after %d reads and %d requests", err, asked.Load(), w.Count("", ""))
			}
		})
	}
}

// A worker that answers late, or refuses a single connector, is not down.
func TestReach_answers(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	s, client := newRun(t, w.URL())
	w.Inject("GET", "/connectors/slow", 30, connectfake.Rebalancing())
	w.Seed("slow", "STOPPED", nil)
	w.Inject("GET", "/connectors/secret", connectfake.Always, connectfake.Fails(403, "no"))
	read := func(name string) error {
		return s.Ask(t.Context(), client, func(ctx context.Context) error { _, err := client.Connector(ctx, name); return err })
	}
	if err := read("slow"); err != nil {
		t.Error(err)
	}
	if err := read("secret"); !errors.Is(err, connectclient.ErrForbidden) || s.NoWorker(t.Context(), client) != nil {
		t.Errorf("got %v, %v", err, s.NoWorker(t.Context(), client))
	}
	if err := read("missing"); !errors.Is(err, connectclient.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if n := w.Count("GET", "/"); n != 1 {
		t.Errorf("asked %d times whether a worker answers", n)
	}
}

// A proxy may permit the requests about single connectors only. Reads have shown that a worker answers.
func TestReach_onlySingleConnectors(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	s, client := newRun(t, w.URL())
	s.reach.limits.doubt = time.Minute
	w.Seed("a", "RUNNING", nil)
	w.Inject("GET", "/", connectfake.Always, connectfake.Answer(403, "", ""))
	w.Inject("GET", "/connectors", connectfake.Always, connectfake.Answer(403, "", ""))
	err := s.Ask(t.Context(), client, func(ctx context.Context) error { _, err := client.Connector(ctx, "a"); return err })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Probe(t.Context(), client); err != nil || s.NoWorker(t.Context(), client) != nil {
		t.Errorf("got %v, %v", err, s.NoWorker(t.Context(), client))
	}
}

// A worker that answers and cannot serve its connectors within timeouts.read counts as down, for the whole run.
func TestReach_timeoutOfRead(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	s, client := newRun(t, w.URL())
	w.Inject("GET", "/connectors/*", connectfake.Always, connectfake.Rebalancing())
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := s.Ask(ctx, client, func(ctx context.Context) error { _, err := client.Connector(ctx, "a"); return err })
	found, ok := errors.AsType[*NoWorkerError](err)
	if !ok || !found.Wait || !errors.Is(err, connectclient.ErrRebalancing) || !strings.Contains(err.Error(), "timeouts.read") || s.NoWorker(t.Context(), client) != found {
		t.Errorf("got %v", err)
	}
}

// An interrupt is not taken for workers that are down.
func TestReach_interrupted(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	s, client := newRun(t, w.URL())
	w.Inject("", "", connectfake.Always, connectfake.Rebalancing())
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Ask(ctx, client, func(ctx context.Context) error { cancel(); _, err := client.Connector(ctx, "a"); return err })
	if _, ok := errors.AsType[*NoWorkerError](err); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
