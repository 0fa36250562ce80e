package connector_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// failing is how a connector fails after an update: keys of its new configuration, and the cause that the worker reports.
type failing struct {
	fails, after, cause string
}

var failings = []failing{
	{"start", "-1", "it was told to fail in start"},
	{"task.start", "-1", "it was told to fail in task.start"},
	{"task.poll", "-1", "it was told to fail in task.poll"},
	{"", "500", "it was told to fail after 500 ms"},
	{"", "1500", "it was told to fail after 1500 ms"},
}

// Of twenty updates, ten fail: at once, after half a second, or after they were RUNNING for longer. These ten run their previous
// configuration afterwards, and the next plan shows their updates again. Run it 20 times with -count=20.
func TestAccConnector_rollbackOfTenInTwenty(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	w := watch(t, unrulyWorker(t))
	cause := filepath.Join(t.TempDir(), "cause")
	scene := &lateScene{T: t, w: w, cause: cause}
	scene.setCause(true)
	fails := map[string]failing{}
	for i, at := range rand.Perm(20)[:10] {
		fails[fmt.Sprintf("rb-%d", at)] = failings[i%len(failings)]
	}
	t.Logf("fail: %v", fails)
	c := acctest.NewCLI(t, "")
	c.Env = append(c.Env, "KAFKA_CONNECT_STABLE_FOR=5s")
	declare := func(note string, fails map[string]failing) {
		var connectors strings.Builder
		for i := range 20 {
			name := fmt.Sprintf("rb-%d", i)
			how, ok := fails[name]
			if !ok {
				how.after = "-1"
			}
			fmt.Fprintf(&connectors, "    %q = [%q, %q]\n", name, how.fails, how.after)
		}
		c.Configure(fmt.Sprintf(`
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
			    "fails"           = each.value[0]
			    "fails.after"     = each.value[1]
			    "fails.while"     = %q
			    "note"            = %q
			  }
			  config_wo         = { "secret" = "hidden-%s" }
			  on_update_failure = "rollback"
			}`, w.URL, connectors.String(), stack.UnrulySource, cause, note, note))
	}
	runs := func(name, note string) {
		t.Helper()
		var tasks []struct{ Config map[string]string }
		if err := json.Unmarshal(w.Do(http.MethodGet, acctest.ConnectorPath(name, "tasks"), nil), &tasks); err != nil {
			t.Fatal(err)
		}
		config := w.Config(name)
		connector, states := w.Status(name)
		if config["note"] != note || config["secret"] != "hidden-"+note || len(tasks) != 1 || tasks[0].Config["note"] != note || connector != "RUNNING" || strings.Join(states, "") != "RUNNING" {
			t.Errorf("%s has note %q and secret %q, and is %s with tasks %v that run %v; want %q", name, config["note"], config["secret"], connector, states, tasks, note)
		}
	}
	declare("one", nil)
	c.Apply()

	declare("two", fails)
	out, ok := c.Run("apply", "-auto-approve", "-no-color")
	if ok {
		t.Fatalf("the apply succeeded:\n%s", out)
	}
	flat := acctest.Unwrap(out)
	for i := range 20 {
		name, note := fmt.Sprintf("rb-%d", i), "two"
		if how, ok := fails[name]; ok {
			note = "one"
			if !strings.Contains(flat, fmt.Sprintf("onnector %q", name)) && !strings.Contains(flat, fmt.Sprintf("%q,", name)) || !strings.Contains(flat, how.cause) {
				t.Errorf("the apply does not tell that %s failed because %q:\n%s", name, how.cause, out)
			}
		}
		runs(name, note)
	}
	acctest.SaidBy(t, out, "The update was rolled back: the previous configuration is running again.")
	for _, wrong := range []string{"rollback failed", "not rolled back", "not known", "hidden-one"} {
		if strings.Contains(flat, wrong) {
			t.Errorf("the apply tells %q:\n%s", wrong, out)
		}
	}
	acctest.SaidBy(t, c.Must("plan", "-no-color"), "0 to add, 10 to change, 0 to destroy")

	declare("two", nil)
	c.Apply()
	for i := range 20 {
		runs(fmt.Sprintf("rb-%d", i), "two")
	}
	c.MustBeEmpty()
	c.Must("destroy", "-auto-approve", "-no-color")
}
