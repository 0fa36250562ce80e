package connector_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

const (
	rollback = `on_update_failure = "rollback"`
	putPath  = "/connectors/orders/config"

	statusLag = 300 * time.Millisecond // so that the update finds the previous status, and restarts nothing
)

// rollbackScene is a connector on a fake worker, with the value "one" of the key "a". Its tasks fail with the value "two".
type rollbackScene struct {
	*acctest.CLI
	w *connectfake.Worker
}

func newRollbackScene(t *testing.T, lines ...string) *rollbackScene {
	t.Helper()
	s := &rollbackScene{acctest.NewCLI(t, ""), connectfake.New(t, connectfake.WithStatusLag(statusLag))}
	s.declare("one", lines...)
	s.Apply()
	s.w.BreakWith("orders", "a", "two", "X: no such host")
	s.w.Forget()
	return s
}

func (s *rollbackScene) declare(a string, lines ...string) {
	s.T.Helper()
	s.Configure(declared(s.w.URL(), "orders", acctest.With(fakeSink(), "a", a), append([]string{rollback}, lines...)...))
}

// fails applies, which must fail with the messages.
func (s *rollbackScene) fails(says ...string) string {
	s.T.Helper()
	return s.MustFail(append(says, `Unable to update connector "orders"`, "task 0 on "), "apply", "-auto-approve", "-no-color")
}

// holds checks the configuration and the target state on the worker.
func (s *rollbackScene) holds(state string, pairs ...string) {
	s.T.Helper()
	if err := fakeHolds(s.w, acctest.With(fakeSink(), pairs...), state)(nil); err != nil {
		s.T.Error(err)
	}
}

// An update that fails restores the configuration, secrets included. The next plan shows the update again. Neither messages nor
// the state show a secret.
func TestConnector_rollback(t *testing.T) {
	t.Parallel()
	secrets := func(version string) string { // in locals, because Terraform shows the lines of the attributes
		return fmt.Sprintf("config_sensitive = { b = local.b }\n config_wo = { c = local.c }\n}\nlocals {\n  b = \"stored-%[1]s\"\n c = \"hidden-%[1]s\"\n", version)
	}
	s := newRollbackScene(t, secrets("OlD"))
	s.w.BreakWith("orders", "a", "two", "X: refused stored-OlD, hidden-OlD, stored-NeW and hidden-NeW")
	s.declare("two", secrets("NeW"))
	out := s.fails("X: refused (hidden)", "The update was rolled back: the previous configuration is running again.")
	s.holds("RUNNING", "a", "one", "b", "stored-OlD", "c", "hidden-OlD")
	plan := s.Must("plan", "-no-color")
	acctest.SaidBy(t, plan, `"one" -> "two"`, "0 to add, 1 to change, 0 to destroy", "differ from config_wo: c")
	for _, hidden := range []string{"stored-OlD", "hidden-OlD", "stored-NeW", "hidden-NeW"} {
		if strings.Contains(acctest.Unwrap(out+plan), hidden) {
			t.Errorf("%s is in the output: %s", hidden, out+plan)
		}
	}
	if state := readState(t, filepath.Join(s.Dir, "terraform.tfstate")); strings.Contains(state, "hidden-") {
		t.Errorf("the state has a write-only secret: %s", acctest.Surroundings(state, "hidden-"))
	}
	s.w.Repair("orders")
	s.Apply()
	s.holds("RUNNING", "a", "two", "b", "stored-NeW", "c", "hidden-NeW")
	s.MustBeEmpty()
}

// By default, the connector keeps the configuration that fails.
func TestConnector_noRollback(t *testing.T) {
	t.Parallel()
	s := newRollbackScene(t)
	s.Configure(declared(s.w.URL(), "orders", acctest.With(fakeSink(), "a", "two")))
	if out := s.fails("X: no such host", "The connector was not deleted."); strings.Contains(out, "rolled back") {
		t.Errorf("got %s", out)
	}
	s.holds("RUNNING", "a", "two")
}

// An apply that only restarts what is FAILED has nothing to roll back.
func TestConnector_noRollbackOfRestart(t *testing.T) {
	t.Parallel()
	s := newRollbackScene(t)
	s.w.Break("orders", "Y: gone")
	acctest.Eventually(t, "the failure is visible", func() bool { return strings.Contains(s.Must("plan", "-no-color"), `"FAILED" -> "RUNNING"`) })
	if out := s.fails("Y: gone", "The worker accepted the configuration"); strings.Contains(out, "rolled back") {
		t.Errorf("got %s", out)
	}
	if n := s.w.Count(http.MethodPut, putPath); n > 0 {
		t.Errorf("the configuration was sent %d times", n)
	}
}

// The target state is restored together with the configuration, before the tasks could start with it.
func TestConnector_rollbackOfState(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"PAUSED", "STOPPED"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			s := newRollbackScene(t, inState(state))
			s.declare("two", inState("RUNNING"))
			s.fails("X: no such host", "the connector has its previous configuration and is "+state+" again")
			s.holds(state, "a", "one")
			var writes []string
			for _, r := range s.w.Requests() {
				if r.Method != http.MethodGet && !strings.HasSuffix(r.Path, "/validate") {
					writes = append(writes, r.Method+strings.TrimPrefix(r.Path, "/connectors/orders"))
				}
			}
			stop := map[string]string{"PAUSED": "PUT/pause", "STOPPED": "PUT/stop"}[state]
			if got := strings.Join(writes, " "); !strings.Contains(got, stop+" PUT/config") || strings.Count(got, "PUT/config") != 2 {
				t.Errorf("got %s", got)
			}
			acctest.SaidBy(t, s.Must("plan", "-no-color"), `"one" -> "two"`, fmt.Sprintf(`%q -> "RUNNING"`, state))
		})
	}
}

// A rollback that fails, or that is not possible, tells both causes and which configuration the connector has.
func TestConnector_rollbackFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*rollbackScene)
		says    []string
		holds   []string
	}{
		"refused": {
			func(s *rollbackScene) {
				s.w.Inject(http.MethodPut, putPath, 1, connectfake.Afterwards(func() {}))
				s.w.Inject(http.MethodPut, putPath, 1, connectfake.Fails(http.StatusForbidden, "read-only now"))
			},
			[]string{"X: no such host", "The rollback failed", "read-only now", "The connector still has the new configuration."},
			[]string{"a", "two"},
		},
		"the previous configuration fails": {
			func(s *rollbackScene) {
				s.w.Inject(http.MethodPut, putPath, 1, connectfake.Afterwards(func() { s.w.Break("orders", "Y: all gone") }))
			},
			[]string{"but these parts of the connector failed", "are FAILED with the previous configuration, too", "task 0", "Y: all gone"},
			[]string{"a", "one"},
		},
		"tasks keep the new configuration": {
			func(s *rollbackScene) {
				s.w.Repair("orders")
				s.w.Inject(http.MethodPut, putPath, 1, connectfake.Afterwards(func() {
					s.w.StickTasks("orders")
					time.AfterFunc(time.Second, func() { s.w.FailTask("orders", 0, "X: late") })
				}))
			},
			[]string{"X: late", "The update was rolled back, but tasks still run with the new values of these keys: a."},
			[]string{"a", "one"},
		},
		"failed before": {
			func(s *rollbackScene) {
				s.w.FailTask("orders", 0, "Y: failed before")
				time.Sleep(2 * statusLag)
			},
			[]string{"X: no such host", "was not rolled back, because the connector was FAILED before the update, too", "still has the new configuration"},
			[]string{"a", "two"},
		},
		"changed by something else": {
			func(s *rollbackScene) {
				s.w.Inject(http.MethodPut, putPath, 1, connectfake.Afterwards(func() { s.w.Edit("orders", map[string]*string{"b": new("other")}) }))
			},
			[]string{"X: no such host", "was not rolled back, because something else has changed the configuration since"},
			[]string{"a", "two", "b", "other"},
		},
		"deleted": {
			func(s *rollbackScene) {
				s.w.Inject(http.MethodPut, putPath, 1, connectfake.Afterwards(func() {
					s.w.Inject(http.MethodGet, "/connectors/orders", 1, connectfake.Fails(http.StatusNotFound, "Connector orders not found"))
				}))
			},
			[]string{"X: no such host", "was not rolled back, because the connector does not exist any more"},
			[]string{"a", "two"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRollbackScene(t)
			test.prepare(s)
			s.declare("two")
			s.fails(test.says...)
			s.holds("RUNNING", test.holds...)
		})
	}
}

// A plan warns if the worker masks values of the current configuration. The apply then keeps the new one.
func TestConnector_rollbackIsMasked(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t, connectfake.WithMask("vault.password", "odd"), connectfake.WithStatusLag(statusLag))
	secrets := `config_sensitive = { "vault.password" = "hunter2" }
	  config_wo = { odd = "hunter3" }`
	c := acctest.NewCLI(t, declared(w.URL(), "orders", vaultConfig("a", "one"), secrets, rollback))
	c.Apply()
	c.MustBeEmpty()
	w.BreakWith("orders", "a", "two", "X: no such host")
	c.Configure(declared(w.URL(), "orders", vaultConfig("a", "two"), secrets, rollback))
	const keys = "odd, vault.password"
	acctest.SaidBy(t, c.Must("plan", "-no-color"), `An update of connector "orders" cannot be rolled back`, "masks values", keys, rollback)
	c.MustFail([]string{"X: no such host", "was not rolled back, because the worker masks values of the previous configuration: " + keys}, "apply", "-auto-approve", "-no-color")
	if err := fakeHolds(w, vaultConfig("a", "two", "vault.password", "hunter2", "odd", "hunter3"), "RUNNING")(nil); err != nil {
		t.Error(err)
	}
	w.Repair("orders")
	c.Apply()
	c.Configure(declared(w.URL(), "orders", vaultConfig("a", "two"), secrets, rollback, inState("PAUSED")))
	if out := c.Must("plan", "-no-color"); strings.Contains(out, "cannot be rolled back") {
		t.Errorf("a plan that sends no configuration warns:\n%s", out)
	}
}

// A secret that the update moves to config, or removes, is not stored when the worker has it again.
func TestConnector_rollbackStoresNoFormerSecret(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string][]string{
		"sensitive":  {`config_sensitive = { odd = "hunter2" }`},
		"write-only": {`config_wo = { odd = "hunter2" }`},
	} {
		for _, moved := range []bool{true, false} {
			t.Run(fmt.Sprint(name, moved), func(t *testing.T) {
				t.Parallel()
				s := newRollbackScene(t, lines...)
				config := acctest.With(fakeSink(), "a", "two")
				if moved {
					config["odd"] = "${file:/nowhere:odd}"
				}
				s.Configure(declared(s.w.URL(), "orders", config, rollback))
				out := s.fails("the previous configuration is running again")
				s.holds("RUNNING", "a", "one", "odd", "hunter2")
				if state := readState(t, filepath.Join(s.Dir, "terraform.tfstate")); strings.Contains(state, "hunter2") {
					t.Errorf("the state has the secret: %s", acctest.Surroundings(state, "hunter2"))
				}
				out += s.Must("plan", "-no-color")
				s.Must("apply", "-refresh-only", "-auto-approve", "-no-color")
				if state := readState(t, filepath.Join(s.Dir, "terraform.tfstate")); strings.Contains(state, "hunter2") {
					t.Errorf("a refresh stores the secret: %s", acctest.Surroundings(state, "hunter2"))
				}
				if strings.Contains(acctest.Unwrap(out), "hunter2") {
					t.Errorf("the secret is shown:\n%s", out)
				}
				s.w.Repair("orders")
				s.Apply()
				if err := fakeHolds(s.w, config, "RUNNING")(nil); err != nil {
					t.Error(err)
				}
				s.MustBeEmpty()
			})
		}
	}
}

// An interrupt does not end a rollback that has begun.
func TestAccConnector_rollbackIsNotInterrupted(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	s := newRollbackScene(t)
	s.declare("two")
	cmd, out := s.Command("apply", "-auto-approve", "-no-color")
	s.w.Inject(http.MethodPut, putPath, 1, connectfake.Afterwards(func() {}))
	s.w.Inject(http.MethodPut, putPath, 1, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		next.ServeHTTP(rw, r)
	})
	if err := cmd.Run(); err == nil {
		t.Errorf("the apply succeeded:\n%s", out)
	}
	acctest.SaidBy(t, out.String(), "X: no such host", "the previous configuration is running again")
	s.holds("RUNNING", "a", "one")
	acctest.SaidBy(t, s.Must("plan", "-no-color"), `"one" -> "two"`)
}

// update returns an apply with this value of connect.stable_for.
func (f *fakeFleet) update(stableFor time.Duration) (*exec.Cmd, *bytes.Buffer) {
	cmd, out := f.Command("apply", "-auto-approve", "-no-color")
	cmd.Env = append(cmd.Env, fmt.Sprint("KAFKA_CONNECT_STABLE_FOR=", stableFor))
	return cmd, out
}

// failLate updates the fleet and makes connector c-3 fail a second after it was changed. Another operation is in flight until then. It
// returns the output of the apply, which must fail.
func (f *fakeFleet) failLate(cmd *exec.Cmd, out *bytes.Buffer) string {
	f.T.Helper()
	f.w.Forget()
	release := make(chan struct{})
	f.w.Inject(http.MethodPut, "/connectors/c-0/config", 1, connectfake.Held(release))
	if err := cmd.Start(); err != nil {
		f.T.Fatal(err)
	}
	acctest.Eventually(f.T, "the connector is changed", func() bool { return f.w.Count(http.MethodPut, "/connectors/c-3/config") == 1 })
	time.Sleep(time.Second)
	close(release)
	f.w.FailTask("c-3", 0, "X: late")
	if err := cmd.Wait(); err == nil {
		f.T.Errorf("the apply succeeded:\n%s", out)
	}
	return out.String()
}

// mustHave checks the value of a key on the worker: now, and before for c-3.
func (f *fakeFleet) mustHave(key, before, now string) {
	f.T.Helper()
	for i := range 12 {
		name, want := fmt.Sprint("c-", i), now
		if i == 3 {
			want = before
		}
		if config, target, _ := f.w.Connector(name); config[key] != want || target != "RUNNING" {
			f.T.Errorf("%s has %q and is %s, want %q", name, config[key], target, want)
		}
	}
}

// A connector that fails after its operation has ended is rolled back. The next plan shows the update of this connector again.
func TestAccConnector_rollbackAfterOperation(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	f := newFakeFleet(t)
	f.declare("one", rollback, `config_wo = { "b" = "hidden-one" }`)
	f.Apply()
	f.declare("two", rollback, `config_wo = { "b" = "hidden-two" }`)
	cmd, buffer := f.update(5 * time.Second)
	out := f.failLate(cmd, buffer)
	acctest.SaidBy(t, out, `Connector "c-3" failed after its operation was complete`, "X: late", "The update was rolled back: the previous configuration is running again.")
	f.mustHave("a", "one", "two")
	f.mustHave("b", "hidden-one", "hidden-two")
	acctest.SaidBy(t, f.Must("plan", "-no-color"), `"one" -> "two"`, "0 to add, 1 to change, 0 to destroy", "differ from config_wo: b")
	f.Apply()
	f.mustHave("b", "hidden-two", "hidden-two")
	f.MustBeEmpty()
}

// Values of config_wo with a version are not compared. After a rollback, the next plan sends them again.
func TestAccConnector_rollbackOfWriteOnlyVersion(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	f := newFakeFleet(t)
	f.declare("", rollback, `config_wo = { "b" = "one" }`, "config_wo_version = 1")
	f.Apply()
	f.declare("", rollback, `config_wo = { "b" = "two" }`, "config_wo_version = 2")
	cmd, buffer := f.update(5 * time.Second)
	acctest.SaidBy(t, f.failLate(cmd, buffer), "the previous configuration is running again")
	f.mustHave("b", "one", "two")
	acctest.SaidBy(t, f.Must("plan", "-no-color"), "0 to add, 1 to change, 0 to destroy", "config_wo_version")
	f.Apply()
	f.mustHave("b", "two", "two")
	f.MustBeEmpty()
}

// An interrupt does not end a rollback after the operation.
func TestAccConnector_lateRollbackIsNotInterrupted(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	f := newFakeFleet(t)
	f.declare("one", rollback)
	f.Apply()
	f.declare("two", rollback)
	cmd, buffer := f.update(time.Minute)
	f.w.Inject(http.MethodPut, "/connectors/c-3/config", 1, connectfake.Afterwards(func() {}))
	f.w.Inject(http.MethodPut, "/connectors/c-3/config", 1, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		next.ServeHTTP(rw, r)
	})
	out := f.failLate(cmd, buffer)
	acctest.SaidBy(t, out, `Connector "c-3" failed after its operation was complete`, "X: late", "The connector has its previous configuration again")
	f.mustHave("a", "one", "two")
	acctest.SaidBy(t, f.Must("plan", "-no-color"), `"one" -> "two"`, "0 to add, 1 to change, 0 to destroy")
}
