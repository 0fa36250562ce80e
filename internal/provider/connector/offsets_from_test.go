package connector_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// offsetsFrom declares the connector whose offsets a new one takes.
func offsetsFrom(name string) string { return fmt.Sprintf("offsets_from = { name = %q }", name) }

// seedOther creates the connector "other" as something else would, with offsets, and leaves offsets under the name "orders".
func seedOther(t *testing.T) *connectfake.Worker {
	t.Helper()
	w := connectfake.New(t)
	w.Seed("orders", "STOPPED", fakeConfig)
	w.SetOffset("orders", leftPartition, ownOffset)
	w.Remove("orders")
	w.Seed("other", "RUNNING", fakeConfig)
	w.SetOffset("other", filePartition, ownOffset)
	return w
}

// mustBeStopped checks that the connector exists and is STOPPED.
func mustBeStopped(t *testing.T, w *connectfake.Worker, name string) {
	t.Helper()
	if _, target, ok := w.Connector(name); !ok || target != "STOPPED" {
		t.Errorf("connector %s exists: %v, its target state is %q", name, ok, target)
	}
}

// A new connector continues where another one has stopped. The other one stays STOPPED.
func TestConnector_offsetsFrom(t *testing.T) {
	t.Parallel()
	w := seedOther(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, offsetsFrom("other")))
	acctest.SaidBy(t, c.Must(plan...), `Connector "other" will be stopped`, "they are replaced")
	w.Forget()
	c.Apply()
	writes := []string{"POST /connectors", "PUT /connectors/other/stop", "PATCH /connectors/orders/offsets", "PUT /connectors/orders/resume"}
	if got := writesTo(w); !slices.Equal(got, writes) {
		t.Errorf("the worker received %q, want %q", got, writes)
	}
	mustRun(t, w, "orders")
	mustBeStopped(t, w, "other")
	mustHaveOffsets(t, w, "orders", ownOffsets)
	mustHaveOffsets(t, w, "other", ownOffsets)
	c.MustBeEmpty()
	c.Configure(declared(w.URL(), "orders", fakeConfig)) // no effect
	c.Apply()
	mustRun(t, w, "orders")
	c.MustBeEmpty()
}

// The other connector may be in another cluster.
func TestConnector_offsetsFromAnotherCluster(t *testing.T) {
	t.Parallel()
	emea, apac := seedOther(t), connectfake.New(t, connectfake.WithKafkaClusterID("another"))
	provider := clusters("emea", emea.URL(), "apac", apac.URL())
	c := acctest.NewCLI(t, provider+in("apac", "test", "other", fakeConfig, `offsets_from = { name = "other", cluster = "emea" }`))
	c.Apply()
	mustRun(t, apac, "other")
	mustBeStopped(t, emea, "other")
	mustHaveOffsets(t, apac, "other", ownOffsets)
	c.MustBeEmpty()

	sink := map[string]string{"connector.class": connectfake.FileSink, "topics": "t", "file": "f", "tasks.max": "1"}
	emea.Seed("sink", "RUNNING", sink)
	c.Configure(provider + in("apac", "test", "other", fakeConfig) + in("apac", "sink", "sink", sink, `offsets_from = { name = "sink", cluster = "emea" }`))
	c.MustFail([]string{`Unable to take the offsets of connector "emea/sink"`, "use another Kafka cluster", "initial_offsets"}, plan...)
	mustRun(t, emea, "sink")
}

// What cannot be taken is an error, and nothing was changed.
func TestConnector_offsetsFromRefused(t *testing.T) {
	t.Parallel()
	sink := map[string]string{"connector.class": connectfake.FileSink, "topics": "t", "file": "f", "tasks.max": "1"}
	for name, test := range map[string]struct {
		version string
		config  map[string]string
		lines   []string
		said    string
	}{
		"missing":       {"4.3.1", fakeConfig, []string{offsetsFrom("none")}, "The workers do not have this connector"},
		"itself":        {"4.3.1", fakeConfig, []string{offsetsFrom("orders")}, "A connector cannot take its own offsets"},
		"another type":  {"4.3.1", sink, []string{offsetsFrom("other")}, "their offsets have different forms"},
		"an old worker": {"3.5.2", fakeConfig, []string{offsetsFrom("other")}, "needs Kafka Connect 3.7"},
		"both":          {"4.3.1", fakeConfig, []string{offsetsFrom("other"), startingAt("f", 3)}, "initial_offsets"},
		"a cluster":     {"4.3.1", fakeConfig, []string{`offsets_from = { name = "other", cluster = "us" }`}, `Unknown cluster "us"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t, connectfake.WithVersion(test.version))
			w.Seed("other", "RUNNING", fakeConfig)
			w.SetOffset("other", filePartition, ownOffset)
			c := acctest.NewCLI(t, declared(w.URL(), "orders", test.config, test.lines...))
			c.MustFail([]string{test.said}, apply...)
			mustRun(t, w, "other")
			mustHaveOffsets(t, w, "other", ownOffsets)
		})
	}
}

// If the offsets cannot be set, the other connector runs again. The next apply takes them.
func TestConnector_offsetsFromFails(t *testing.T) {
	t.Parallel()
	w := seedOther(t)
	w.Inject(http.MethodPatch, "/connectors/orders/offsets", connectfake.Always, connectfake.Fails(http.StatusInternalServerError, "out of order"))
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, offsetsFrom("other")))
	c.MustFail([]string{"out of order", `connector "other" is RUNNING again, as before`}, apply...)
	mustRun(t, w, "other")
	mustBeStopped(t, w, "orders")
	w.Calm()
	c.Apply()
	mustRun(t, w, "orders")
	mustBeStopped(t, w, "other")
	mustHaveOffsets(t, w, "orders", ownOffsets)
	c.MustBeEmpty()
	w.SetOffset("orders", filePartition, `{"position":9}`)

	c.Must("taint", "-no-color", address) // a connector that was started before keeps its own offsets
	c.Apply()
	mustHaveOffsets(t, w, "orders", filePartition+` {"position":9}`)
	c.MustBeEmpty()
}

// A missing cluster in offsets_from means the default one, as for a connector. It may have no workers.
func TestConnector_offsetsFromWithoutWorkers(t *testing.T) {
	t.Parallel()
	w := seedOther(t)
	c := acctest.NewCLI(t, clusters("emea", w.URL())+in("emea", "test", "new", fakeConfig, offsetsFrom("other")))
	for _, args := range [][]string{plan, apply} {
		c.MustFail([]string{"Kafka Connect settings are missing", `Connector "other" of offsets_from is in this cluster. If it is in another one`, "offsets_from = {"}, args...)
	}
	mustHave(t, w, false, "new")
}
