package connector_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// lateScene is a fleet of unruly connectors, of which some fail after they were RUNNING.
type lateScene struct {
	*testing.T
	w     *worker
	c     *acctest.CLI
	cause string         // file without which none fails
	names []string       // of all connectors
	fails map[string]int // milliseconds after which a connector fails
}

func newLateScene(t *testing.T, size int) *lateScene {
	t.Helper()
	s := &lateScene{T: t, w: watch(t, unrulyWorker(t)), cause: filepath.Join(t.TempDir(), "cause"), fails: map[string]int{}}
	for i := range size {
		s.names = append(s.names, fmt.Sprintf("late-%d", i))
	}
	s.c = acctest.NewCLI(t, "")
	s.c.Env = append(s.c.Env, "KAFKA_CONNECT_STABLE_FOR=5s")
	return s
}

// declare declares all connectors with the value of the key "note".
func (s *lateScene) declare(note string) {
	s.Helper()
	var connectors strings.Builder
	for _, name := range s.names {
		after, fails := s.fails[name]
		if !fails {
			after = -1
		}
		fmt.Fprintf(&connectors, "    %q = \"%d\"\n", name, after)
	}
	s.c.Configure(fmt.Sprintf(`
		provider "kafkaconnect" {
		  connect = { urls = [%q] }
		}
		resource "kafkaconnect_connector" "test" {
		  for_each = {
		    %s
		  }
		  name = each.key
		  config = {
		    "connector.class" = %q
		    "tasks.max"       = "1"
		    "fails.after"     = each.value
		    "fails.while"     = %q
		    "note"            = %q
		  }
		}`, s.w.URL, connectors.String(), stack.UnrulySource, s.cause, note))
}

// setCause creates or removes the cause of the failures.
func (s *lateScene) setCause(exists bool) {
	s.Helper()
	var err error
	if exists {
		err = os.WriteFile(s.cause, nil, 0o600)
	} else {
		err = os.Remove(s.cause)
	}
	if err != nil {
		s.Fatal(err)
	}
}

// mustFail applies. The apply must name every connector that fails, with the task and the cause.
func (s *lateScene) mustFail() {
	s.Helper()
	out, ok := s.c.Run("apply", "-auto-approve", "-no-color")
	flat := acctest.Unwrap(out)
	if ok {
		s.Fatalf("the apply succeeded:\n%s", out)
	}
	for name, after := range s.fails {
		cause := fmt.Sprintf("it was told to fail after %d ms", after)
		if !strings.Contains(flat, fmt.Sprintf("%q", name)) || !strings.Contains(flat, "task 0 on worker") || !strings.Contains(flat, cause) {
			s.Errorf("the apply does not tell that %s failed because %q:\n%s", name, cause, out)
		}
	}
}

// mustConverge applies after the cause is gone: in place.
func (s *lateScene) mustConverge() {
	s.Helper()
	plan := acctest.Unwrap(s.c.Must("plan", "-no-color"))
	for name := range s.fails {
		if !strings.Contains(plan, fmt.Sprintf(`kafkaconnect_connector.test["%s"] will be updated in-place`, name)) && !strings.Contains(plan, fmt.Sprintf(`Connector %q will be repaired in place`, name)) {
			s.Errorf("the plan does not repair %s:\n%s", name, plan)
		}
	}
	s.c.Apply()
	for _, name := range s.names {
		connector, tasks := s.w.Status(name)
		if connector != "RUNNING" || strings.Join(tasks, "") != "RUNNING" {
			s.Errorf("%s is %s with tasks %v", name, connector, tasks)
		}
	}
	s.c.MustBeEmpty()
	if n := s.w.Count(http.MethodDelete); n > 0 {
		s.Errorf("the worker was sent %d DELETE", n)
	}
}

// Connectors that fail within connect.stable_for after they were RUNNING fail the apply, also if their own operations have
// ended. Run it 20 times with -count=20.
func TestAccConnector_failsAfterRunning(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	s := newLateScene(t, 40)
	for i, at := range rand.Perm(len(s.names))[:3] {
		s.fails[s.names[at]] = []int{500, 1500, 4000}[i]
	}
	t.Logf("fail: %v", s.fails)
	s.setCause(true)
	s.declare("created")
	s.mustFail()
	s.setCause(false)
	s.mustConverge()

	s.setCause(true)
	s.declare("updated")
	s.mustFail()
	s.setCause(false)
	s.mustConverge()
	s.c.Must("destroy", "-auto-approve", "-no-color")
}

// A task that needs seconds to stop is RUNNING until then. A failure of its successor within the rest of connect.stable_for is
// not missed.
func TestAccConnector_failsAfterSlowStop(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	s := newLateScene(t, 0)
	config := map[string]string{"connector.class": stack.UnrulySource, "tasks.max": "1"}
	s.c.Configure(declared(s.w.URL, "slow", acctest.With(config, "stops.after", "4500")))
	s.c.Apply()
	s.setCause(true)
	s.c.Configure(declared(s.w.URL, "slow", acctest.With(config, "fails.after", "1500", "fails.while", s.cause)))
	s.c.MustFail([]string{"it was told to fail after 1500 ms"}, "apply", "-auto-approve", "-no-color")
	s.c.Must("destroy", "-auto-approve", "-no-color")
}

// Ctrl-C while connectors have to stay RUNNING leaves a state that the next plan completes.
func TestAccConnector_interruptedWhileRunningHolds(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	f := newFakeFleet(t)
	f.declare("")
	f.interrupt()
	f.w.FailTask("c-3", 0, "X: late")
	f.w.Forget()
	acctest.SaidBy(t, f.Must("plan", "-no-color"), `state = "FAILED" -> "RUNNING"`, "0 to add, 1 to change, 0 to destroy")
	f.Apply()
	f.MustBeEmpty()
	if n := f.w.Count(http.MethodPost, "/connectors") + f.w.Count(http.MethodPut, "/connectors/*/config") + f.w.Count(http.MethodDelete, ""); n > 0 {
		t.Errorf("the worker was sent %d writes", n)
	}
}

// A task that computes no new configuration is found after its operation has ended, and by the next plan.
func TestAccConnector_staleAfterOperation(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	f := newFakeFleet(t)
	f.declare("one", `config_sensitive = { "b" = "one" }`)
	f.Apply()
	f.w.StickTasks("c-5")
	f.declare("two", `config_sensitive = { "b" = "two" }`)
	f.MustFail([]string{`"c-5"`, "still runs with the previous value of a, b"}, "apply", "-auto-approve", "-no-color")
	f.w.Forget()
	mustPlanStale(f.CLI, "a, b")
	f.w.FreeTasks("c-5")
	f.Apply()
	f.MustBeEmpty()
	f.w.Forget()
	f.MustBeEmpty()
	if n := f.w.Count(http.MethodGet, "/connectors/*/tasks"); n > 0 {
		t.Errorf("a plan read the tasks of %d connectors", n)
	}
}
