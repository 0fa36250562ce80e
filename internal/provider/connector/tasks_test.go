package connector_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// tasksPath is the path of the configurations of tasks.
const tasksPath = "/connectors/orders/tasks"

// A connector that fails to compute the configurations of its tasks is RUNNING with the new configuration, while its
// tasks run a previous one. Applies fail and plans show a change until the tasks are up to date.
func TestConnector_staleTasks(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	second, third := acctest.With(config, "topic", "u"), acctest.With(config, "topic", "v")
	stale := regexp.MustCompile(`(?s)Unable to update connector "orders".*"topic" = "[uv]".*task\s+0\s+still\s+runs\s+with\s+the\s+previous\s+value\s+of\s+topic\.`)
	fakeTest(t, w,
		resource.TestStep{Config: declared(w.URL(), "orders", config)},
		resource.TestStep{
			PreConfig:   func() { w.StickTasks("orders") },
			Config:      declared(w.URL(), "orders", second),
			ExpectError: stale,
		},
		resource.TestStep{
			RefreshState:       true,
			ExpectNonEmptyPlan: true,
			RefreshPlanChecks: resource.RefreshPlanChecks{PostRefresh: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
			}},
			Check: fakeHolds(w, second, "RUNNING"),
		},
		resource.TestStep{ // the worker holds the declared configuration, but the tasks do not run it
			Config:      declared(w.URL(), "orders", second),
			ExpectError: stale,
		},
		resource.TestStep{ // another change: the tasks run neither the previous nor the declared value
			Config:      declared(w.URL(), "orders", third),
			ExpectError: stale,
		},
		resource.TestStep{
			PreConfig: func() { w.FreeTasks("orders"); w.Forget() },
			Config:    declared(w.URL(), "orders", third),
			Check:     fakeHolds(w, third, "RUNNING"),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("state"), knownvalue.StringExact("RUNNING")),
			},
		},
		resource.TestStep{
			PreConfig:        w.Forget,
			Config:           declared(w.URL(), "orders", third),
			ConfigPlanChecks: acctest.Settled,
			Check:            asked(w, 0), // no key is stale any more
		},
	)
}

// Stale tasks are up to date again when the configuration returns to what they run.
func TestConnector_staleTasksAfterRevert(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	changed := acctest.With(config, "topic", "u")
	fakeTest(t, w,
		resource.TestStep{Config: declared(w.URL(), "orders", config)},
		resource.TestStep{
			PreConfig:   func() { w.StickTasks("orders") },
			Config:      declared(w.URL(), "orders", changed),
			ExpectError: regexp.MustCompile(`previous\s+value\s+of\s+topic`),
		},
		resource.TestStep{ // to the configuration that the tasks run
			Config:           declared(w.URL(), "orders", config),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            fakeHolds(w, config, "RUNNING"),
		},
		resource.TestStep{Config: declared(w.URL(), "orders", config), ConfigPlanChecks: acctest.Settled},
	)
}

// asked checks how often the configurations of tasks were read since the log of the worker was last emptied.
func asked(w *connectfake.Worker, want int) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if n := w.Count(http.MethodGet, tasksPath); n != want {
			return fmt.Errorf("the worker was asked for the configurations of tasks %d times, want %d", n, want)
		}
		return nil
	}
}

func TestConnector_tasksAreReadOnlyAfterAChange(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	step := func(want int, config map[string]string, lines ...string) resource.TestStep {
		return resource.TestStep{PreConfig: w.Forget, Config: declared(w.URL(), "orders", config, lines...), Check: asked(w, want)}
	}
	fakeTest(t, w,
		step(0, config),
		step(0, config, "deletion_protection = false"),
		step(1, acctest.With(config, "topic", "u")),
		step(0, acctest.With(config, "topic", "u"), inState("PAUSED")),
		step(0, acctest.With(config, "topic", "v"), inState("PAUSED")),
		step(1, acctest.With(config, "topic", "v"), inState("RUNNING")), // the tasks get the configuration when it is resumed
	)
}

// If a worker does not allow reading the configurations of tasks, the tasks count as up to date.
func TestConnector_tasksForbidden(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Inject(http.MethodGet, tasksPath, connectfake.Always, connectfake.Fails(http.StatusForbidden, "no"))
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	fakeTest(t, w,
		resource.TestStep{Config: declared(w.URL(), "orders", config)},
		resource.TestStep{Config: declared(w.URL(), "orders", acctest.With(config, "topic", "u")), Check: asked(w, 1)},
	)
}
