package connector_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// door serves a fake worker at an address that can be closed, so that connections are refused, and opened again.
type door struct {
	t       *testing.T
	w       *connectfake.Worker
	address string
	server  *http.Server
}

func newDoor(t *testing.T, w *connectfake.Worker) *door {
	t.Helper()
	d := &door{t: t, w: w, address: "127.0.0.1:0"}
	d.open()
	t.Cleanup(d.shut)
	return d
}

func (d *door) open() {
	d.t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(d.t.Context(), "tcp", d.address)
	if err != nil {
		d.t.Fatal(err)
	}
	d.address = listener.Addr().String()
	d.server = &http.Server{Handler: d.w, ReadHeaderTimeout: time.Minute}
	go func() { _ = d.server.Serve(listener) }()
}

func (d *door) shut() { _ = d.server.Close() }

func (d *door) url() string { return "http://" + d.address }

// diagnosed counts the warnings and errors of a run.
func diagnosed(out string) int {
	return strings.Count(out, "Warning: ") + strings.Count(out, "Error: ") - strings.Count(out, "Warning: Provider development overrides")
}

// mustDiffer runs a plan, which must have changes and exactly one diagnostic.
func mustDiffer(t *testing.T, c *acctest.CLI, wants ...string) {
	t.Helper()
	out, ok := c.Run("plan", "-detailed-exitcode", "-no-color", "-out=saved.tfplan")
	if ok || diagnosed(out) != 1 {
		t.Errorf("the plan is empty (%v), or has %d diagnostics instead of 1:\n%s", ok, diagnosed(out), out)
	}
	acctest.SaidBy(t, out, wants...)
}

const withoutWorkers = "Connectors are planned without the workers, because no worker answers"

// Workers that are down are drift. The apply compares, and sends nothing that is not needed.
func TestConnector_unreachableIsDrift(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"RUNNING", "PAUSED", "STOPPED"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			d := newDoor(t, w)
			c := acctest.NewCLI(t, declared(d.url(), "orders", fakeConfig, inState(state)))
			c.Apply()
			d.shut()
			mustDiffer(t, c, fmt.Sprintf(`"UNREACHABLE" -> %q`, state), withoutWorkers, "connection refused", "-refresh=false is not needed", "0 to add, 1 to change, 0 to destroy")
			d.open()
			w.Forget()
			c.Must("apply", "-no-color", "saved.tfplan")
			if n := w.Count("", "") - w.Count(http.MethodGet, ""); n != 0 {
				t.Errorf("the apply sent %d writes: %v", n, w.Requests())
			}
			c.MustBeEmpty()
		})
	}
}

// What changed while no worker answered is converged by the apply of the plan that could not see it.
func TestConnector_unreachableConverges(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*connectfake.Worker){
		"config":  func(w *connectfake.Worker) { w.Edit("orders", map[string]*string{"topic": new("other")}) },
		"state":   func(w *connectfake.Worker) { w.SetTarget("orders", "PAUSED") },
		"failed":  func(w *connectfake.Worker) { w.FailTask("orders", 0, "X: broken") },
		"deleted": func(w *connectfake.Worker) { w.Remove("orders") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			d := newDoor(t, w)
			c := acctest.NewCLI(t, declared(d.url(), "orders", fakeConfig))
			c.Apply()
			d.shut()
			mustDiffer(t, c, `"UNREACHABLE" -> "RUNNING"`)
			change(w)
			d.open()
			c.Must("apply", "-no-color", "saved.tfplan")
			if err := fakeHolds(w, fakeConfig, "RUNNING")(nil); err != nil {
				t.Error(err)
			}
			c.MustBeEmpty()
		})
	}
}

// An apply that no worker answers fails after the timeout of the connector. The state keeps UNREACHABLE until a worker answers.
func TestConnector_unreachableInApply(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	d := newDoor(t, w)
	c := acctest.NewCLI(t, declared(d.url(), "orders", fakeConfig))
	c.Apply()
	d.shut()
	c.Configure(declared(d.url(), "orders", acctest.With(fakeConfig, "topic", "u"), `timeouts = { update = "1s" }`))
	c.MustFail([]string{`Unable to update connector "orders"`, "timed out after", "connection refused"}, apply...)
	acctest.SaidBy(t, c.Must("state", "show", "-no-color", address), `state = "UNREACHABLE"`)
	d.open()
	c.Configure(declared(d.url(), "orders", fakeConfig))
	acctest.SaidBy(t, c.Apply(), "0 added, 0 changed, 0 destroyed")
	c.MustBeEmpty()
}

func TestConnector_unreachableIsNoDriftWithOnFailure(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"warn", "ignore"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t, connectfake.New(t))
			c := acctest.NewCLI(t, declared(d.url(), "orders", fakeConfig, fmt.Sprintf("on_failure = %q", policy)))
			c.Apply()
			d.shut()
			out, ok := c.Run("plan", "-detailed-exitcode", "-no-color")
			if !ok || diagnosed(out) != 1 {
				t.Errorf("the plan has changes, or %d diagnostics instead of 1:\n%s", diagnosed(out), out)
			}
			acctest.SaidBy(t, out, withoutWorkers)
		})
	}
}

// With ignore_changes, the plan keeps UNREACHABLE. The update leaves the state on the worker as it is.
func TestConnector_unreachableIgnoredState(t *testing.T) {
	t.Parallel()
	for _, deleted := range []bool{false, true} {
		w := connectfake.New(t)
		d := newDoor(t, w)
		lines := "lifecycle { ignore_changes = [state] }"
		c := acctest.NewCLI(t, declared(d.url(), "orders", fakeConfig, lines))
		c.Apply()
		w.SetTarget("orders", "PAUSED")
		d.shut()
		changed, state := acctest.With(fakeConfig, "topic", "u"), "PAUSED"
		c.Configure(declared(d.url(), "orders", changed, lines))
		mustDiffer(t, c, withoutWorkers)
		if deleted {
			w.Remove("orders")
			state = "RUNNING"
		}
		d.open()
		c.Must("apply", "-no-color", "saved.tfplan")
		if err := fakeHolds(w, changed, state)(nil); err != nil {
			t.Errorf("deleted: %v: %v", deleted, err)
		}
		c.MustBeEmpty()
	}
}

// A destroy is planned without workers, and its apply waits for one.
func TestConnector_unreachableDestroy(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	d := newDoor(t, w)
	c := acctest.NewCLI(t, declared(d.url(), "orders", fakeConfig))
	c.Apply()
	d.shut()
	out := c.Must("plan", "-destroy", "-no-color", "-out=saved.tfplan")
	if diagnosed(out) != 1 {
		t.Errorf("%d diagnostics:\n%s", diagnosed(out), out)
	}
	acctest.SaidBy(t, out, "The destroy is planned without the workers", "1 to destroy")
	cmd, buffer := c.Command("apply", "-no-color", "saved.tfplan")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d.open()
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, buffer)
	}
	mustHave(t, w, false, "orders")
}

// Write-only secrets cannot be compared without a worker, so the apply sends them if they differ.
func TestConnector_unreachableWriteOnly(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	d := newDoor(t, w)
	config := map[string]string{"connector.class": connectfake.Vault, "vault.url": "https://vault", "tasks.max": "1"}
	text := func(password string) string {
		return declared(d.url(), "orders", config, fmt.Sprintf("config_wo = { \"vault.password\" = %q }", password))
	}
	c := acctest.NewCLI(t, text("first"))
	c.Apply()
	d.shut()
	c.Configure(text("second"))
	mustDiffer(t, c, "config_wo_revision = 1 -> (known after apply)")
	d.open()
	c.Must("apply", "-no-color", "saved.tfplan")
	if err := fakeHolds(w, acctest.With(config, "vault.password", "second"), "RUNNING")(nil); err != nil {
		t.Error(err)
	}
	c.MustBeEmpty()
}

// Waiting cures none of these: an error in the plan, also for a new connector.
func TestConnector_wrongURL(t *testing.T) {
	t.Parallel()
	page := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "<html>log in") }))
	t.Cleanup(page.Close)
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	w := connectfake.New(t)
	for name, test := range map[string]struct{ url, want string }{
		"login page":    {page.URL, "GET " + page.URL + "/: an HTML page that is not from Kafka Connect"},
		"http to https": {"http" + strings.TrimPrefix(secure.URL, "https"), "begin the URL with https://"},
		"https to http": {"https" + strings.TrimPrefix(w.URL(), "http"), "begin the URL with http://"},
		"path":          {w.URL() + "/kafka/connect", w.URL() + "/kafka/connect/: the worker has no such endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := acctest.NewCLI(t, declared(w.URL(), "in-state-"+strings.ReplaceAll(name, " ", "-"), fakeConfig))
			c.Apply()
			both := declared(test.url, "in-state-"+strings.ReplaceAll(name, " ", "-"), fakeConfig) + another(test.url, `"new"`)
			c.Configure(both)
			out := c.MustFail([]string{test.want}, "plan", "-no-color")
			if diagnosed(out) != 1 {
				t.Errorf("%d diagnostics:\n%s", diagnosed(out), out)
			}
		})
	}
}

// many returns a configuration of 200 connectors.
func many(url string) string {
	text := declared(url, "\x00", fakeConfig, `count = 200`)
	return strings.Replace(text, fmt.Sprintf("%q", "\x00"), `"c${count.index}"`, 1)
}

// Two hundred connectors, in the state or new, wait once and are reported once.
func TestConnector_unreachableIsReportedOnce(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	d := newDoor(t, w)
	inState, fresh := acctest.NewCLI(t, many(d.url())), acctest.NewCLI(t, many(d.url()))
	inState.Must(append(apply, "-parallelism=200")...)
	d.shut()

	var wrongRequests, silentRequests atomic.Int64
	wrong := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		wrongRequests.Add(1)
		_, _ = io.WriteString(rw, `{"tagline":"You Know, for Search"}`)
	}))
	t.Cleanup(wrong.Close)
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	go func() {
		for {
			if _, err := silent.Accept(); err != nil {
				return
			}
			silentRequests.Add(1)
		}
	}()
	for name, test := range map[string]struct {
		url, want string
		requests  *atomic.Int64
	}{
		"refused": {d.url(), withoutWorkers, new(atomic.Int64)},
		"silent":  {"http://" + silent.Addr().String(), withoutWorkers, &silentRequests},
		"wrong":   {wrong.URL, "Kafka Connect cannot be used at the address in connect.urls", &wrongRequests},
	} {
		for where, c := range map[string]*acctest.CLI{"in the state": inState, "new": fresh} {
			test.requests.Store(0)
			c.Configure(many(test.url))
			began := time.Now()
			out, _ := c.Run("plan", "-no-color")
			t.Logf("%s, %s: %s, %d requests", name, where, time.Since(began).Round(time.Second/10), test.requests.Load())
			acctest.SaidBy(t, out, test.want)
			if n := diagnosed(out); n != 1 {
				t.Errorf("%s, %s: %d diagnostics, want 1:\n%s", name, where, n, out)
			}
			// The ten reads at the same time before the first one failed, and what decides about all of them.
			if n := test.requests.Load(); n > 25 {
				t.Errorf("%s, %s: %d requests", name, where, n)
			}
		}
	}
}
