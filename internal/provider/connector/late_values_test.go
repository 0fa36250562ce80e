package connector_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// fakeFleet is a fleet of twelve connectors on a fake worker.
type fakeFleet struct {
	*acctest.CLI
	w *connectfake.Worker
}

func newFakeFleet(t *testing.T) *fakeFleet {
	t.Helper()
	return &fakeFleet{acctest.NewCLI(t, ""), connectfake.New(t)}
}

// declare declares the fleet with the value of the key "a" in config, and more lines.
func (f *fakeFleet) declare(a string, lines ...string) {
	f.T.Helper()
	config := fakeSink()
	if a != "" {
		config = acctest.With(config, "a", a)
	}
	f.Configure(fmt.Sprintf(`
		provider "kafkaconnect" {
		  connect = { urls = [%q] }
		}
		resource "kafkaconnect_connector" "test" {
		  count  = 12
		  name   = "c-${count.index}"
		  config = %s
		  %s
		}`, f.w.URL(), hcl(config), strings.Join(lines, "\n")))
}

// interrupt starts an apply and interrupts it when all connectors have been changed and all but the last operation have ended.
func (f *fakeFleet) interrupt(args ...string) {
	f.T.Helper()
	f.w.Forget()
	cmd, out := f.Command(append([]string{"apply", "-auto-approve", "-no-color"}, args...)...)
	cmd.Env = append(cmd.Env, "KAFKA_CONNECT_STABLE_FOR=5m")
	if err := cmd.Start(); err != nil {
		f.T.Fatal(err)
	}
	acctest.Eventually(f.T, "all connectors are created or changed", func() bool {
		return f.w.Count(http.MethodPost, "/connectors")+f.w.Count(http.MethodPut, "/connectors/*/config") == 12
	})
	f.w.Forget()
	acctest.Eventually(f.T, "the provider polls all", func() bool { return f.w.Count(http.MethodGet, "/connectors") > 3 })
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		f.T.Fatal(err)
	}
	_ = cmd.Wait() // an interrupted apply exits with 1
	acctest.SaidBy(f.T, out.String(), "Interrupted before it was known that all connectors stay RUNNING", "They are in the state")
}

// mustPlanStale checks that the plan shows one connector of which the tasks run the previous values of the keys.
func mustPlanStale(c *acctest.CLI, keys string) {
	c.T.Helper()
	acctest.SaidBy(c.T, c.Must("plan", "-no-color"), `state = "STALE" -> "RUNNING"`, "0 to add, 1 to change, 0 to destroy", "previous value of "+keys)
}

// Tasks that keep their first configuration through several interrupted updates without a refresh are shown as stale.
func TestAccConnector_staleAfterInterruptedUpdates(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	f := newFakeFleet(t)
	f.declare("one")
	f.Apply()
	f.w.StickTasks("c-5")
	f.declare("two")
	f.interrupt()
	f.declare("three")
	f.interrupt("-refresh=false")
	mustPlanStale(f.CLI, "a")
}

// An update that fails does not forget that the tasks were not checked.
func TestAccConnector_staleAfterFailedUpdate(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	f := newFakeFleet(t)
	f.declare("one")
	f.Apply()
	f.w.StickTasks("c-5")
	f.declare("two")
	f.interrupt()
	f.w.Inject(http.MethodPut, "/connectors/*/config", connectfake.Always, connectfake.Fails(http.StatusBadRequest, "no"))
	f.declare("three")
	f.MustFail(nil, "apply", "-auto-approve", "-no-color", "-refresh=false")
	f.w.Calm()
	f.declare("two")
	mustPlanStale(f.CLI, "a")
}

// The values that an interrupted update has replaced are in private state. Those of config_wo are digests, also if the key is
// now in config.
func TestAccConnector_interruptedUpdateStoresNoSecret(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	const secret = "vErYsEcReT"
	f := newFakeFleet(t)
	f.declare("", fmt.Sprintf(`config_wo = { "a" = %q }`, secret))
	f.Apply()
	f.declare("public")
	f.interrupt()
	state := readState(t, filepath.Join(f.Dir, "terraform.tfstate"))
	if strings.Contains(state, secret) {
		t.Errorf("the state has the secret: %s", acctest.Surroundings(state, secret))
	}
	if !strings.Contains(state, `"secrets":{"a":[{"salt":`) {
		t.Errorf("the state has no digest: the test proves nothing: %s", state)
	}
	f.Apply()
	f.MustBeEmpty()
}

// A configuration that changes while the connector is PAUSED reaches the tasks when the connector is resumed.
func TestAccConnector_staleAfterPause(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	w := connectfake.New(t)
	config := fakeSink()
	c := acctest.NewCLI(t, declared(w.URL(), "c", acctest.With(config, "a", "one"), inState("PAUSED")))
	c.Apply()
	w.StickTasks("c")
	c.Configure(declared(w.URL(), "c", acctest.With(config, "a", "two"), inState("PAUSED")))
	c.Apply()
	c.MustBeEmpty()
	c.Configure(declared(w.URL(), "c", acctest.With(config, "a", "two")))
	c.MustFail([]string{"still runs with the previous value of a"}, "apply", "-auto-approve", "-no-color")
}

// A provider that is killed while an update waits leaves the state as it was. The next plan finds tasks that are stale.
func TestAccConnector_staleAfterKill(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	w := connectfake.New(t)
	config := fakeSink()
	c := acctest.NewCLI(t, declared(w.URL(), "c", acctest.With(config, "a", "one")))
	c.Apply()
	w.StickTasks("c")
	c.Configure(declared(w.URL(), "c", acctest.With(config, "a", "two")))
	w.Inject(http.MethodPut, "/connectors/*/config", 1, connectfake.Afterwards(func() { c.KillProvider() }))
	c.MustFail(nil, "apply", "-auto-approve", "-no-color")
	mustPlanStale(c, "a")
	w.FreeTasks("c")
	c.Apply()
	c.MustBeEmpty()
}

// An error that another operation shows hides the secrets of the connector that failed: the new ones and those that an update
// has replaced, wherever they are declared.
func TestAccConnector_lateErrorShowsNoSecret(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	f := newFakeFleet(t)
	secrets := func(version string) string {
		return fmt.Sprintf("config_sensitive = { \"b\" = \"stored-%[1]s-${count.index}\" }\nconfig_wo = { \"c\" = \"hidden-%[1]s-${count.index}\" }", version)
	}
	f.declare("one", secrets("OlD"))
	f.Apply()
	f.w.Forget()
	f.declare("one", secrets("NeW"))
	cmd, out := f.Command("apply", "-auto-approve", "-no-color")
	cmd.Env = append(cmd.Env, "KAFKA_CONNECT_STABLE_FOR=5s")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acctest.Eventually(t, "all connectors are changed", func() bool { return f.w.Count(http.MethodPut, "/connectors/*/config") == 12 })
	f.w.FailTask("c-3", 0, "X: refused stored-OlD-3, hidden-OlD-3, stored-NeW-3 and hidden-NeW-3 for c-3")
	if err := cmd.Wait(); err == nil {
		t.Errorf("the apply succeeded:\n%s", out)
	}
	acctest.SaidBy(t, out.String(), `"c-3"`, "X: refused")
	for _, secret := range []string{"stored-OlD-3", "hidden-OlD-3", "stored-NeW-3", "hidden-NeW-3"} {
		if strings.Contains(acctest.Unwrap(out.String()), secret) {
			t.Errorf("%s is in the output: %s", secret, out)
		}
	}
}
