package connector_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// guideWorker has the connectors of the guide on restarts.
func guideWorker(t *testing.T) *connectfake.Worker {
	t.Helper()
	w := connectfake.New(t)
	for _, topic := range []string{"orders", "payments"} {
		config := map[string]string{"connector.class": connectfake.FileSink, "tasks.max": "1", "topics": topic, "file": "/tmp/" + topic + ".txt"}
		if topic == "orders" {
			config["errors.retry.timeout"] = "600000"
		}
		w.Seed(topic+"-sink", "RUNNING", config)
	}
	return w
}

// restartsOf returns how often a connector was restarted.
func restartsOf(w *connectfake.Worker, name string) int {
	return w.Count("POST", "/connectors/"+name+"/restart")
}

// runsGuide returns a CLI with an example of the guide on restarts.
func runsGuide(t *testing.T, w *connectfake.Worker, folder string) *acctest.CLI {
	t.Helper()
	_, config, _ := strings.Cut(example(t, folder), "\nprovider")
	c := acctest.NewCLI(t, "provider"+config)
	c.Env = append(c.Env, "KAFKA_CONNECT_URL="+w.URL())
	return c
}

func TestConnector_guideOfScheduledRestarts(t *testing.T) {
	t.Parallel()
	w := guideWorker(t)
	c := runsGuide(t, w, "examples/guides/restart-policy/scheduled")
	c.Apply() // adopts both
	w.FailTask("orders-sink", 0, "X: disk full")
	w.FailTask("payments-sink", 0, "X: unknown account")
	out := c.Apply()
	acctest.SaidBy(t, out, `"FAILED" -> "RUNNING"`, "X: disk full", "X: unknown account", "1 changed")
	if orders, payments := restartsOf(w, "orders-sink"), restartsOf(w, "payments-sink"); orders != 1 || payments != 0 {
		t.Errorf("orders-sink was restarted %d times and payments-sink %d times", orders, payments)
	}
	c.MustBeEmpty()
}

func TestAccConnector_guideOfInvokedRestarts(t *testing.T) {
	t.Parallel()
	w := guideWorker(t)
	c := runsGuide(t, w, "examples/guides/restart-policy/invoked")
	c.RequireTerraform("1.14")
	invoke := []string{"apply", "-auto-approve", "-no-color", "-invoke=action.kafkaconnect_restart_connector.failed"}
	w.FailTask("orders-sink", 0, "X: disk full")
	w.FailTask("payments-sink", 0, "X: unknown account")
	acctest.SaidBy(t, c.Must(invoke...), "Restarting what is FAILED of connector \"orders-sink\"", "X: disk full", "After the restart: connector RUNNING, task 0 RUNNING.")
	if orders, payments := restartsOf(w, "orders-sink"), restartsOf(w, "payments-sink"); orders != 1 || payments != 0 {
		t.Errorf("orders-sink was restarted %d times and payments-sink %d times", orders, payments)
	}
	acctest.SaidBy(t, c.Must(invoke...), "No changes.")
}

func TestAccConnector_actionExamples(t *testing.T) {
	t.Parallel()
	w := guideWorker(t)
	w.Seed("orders-source", "RUNNING", map[string]string{"connector.class": connectfake.FileSource, "tasks.max": "1", "topic": "orders", "file": "/data/orders.txt"})
	w.SetOffset("orders-source", `{"filename":"/data/orders.txt"}`, `{"position":7}`)
	w.SetOffset("orders-source", `{"filename":"/data/returns.txt"}`, `{"position":7}`)
	run := func(folder string, invoke ...string) *acctest.CLI {
		kind := strings.TrimPrefix(folder, "examples/actions/kafkaconnect_")
		c := acctest.NewCLI(t, example(t, folder))
		c.RequireTerraform("1.14")
		c.Env = append(c.Env, "KAFKA_CONNECT_URL="+w.URL())
		if err := os.WriteFile(filepath.Join(c.Dir, "orders.properties"), []byte("password=one\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, name := range invoke {
			c.Must("apply", "-auto-approve", "-no-color", "-invoke=action.kafkaconnect_"+kind+"."+name)
		}
		return c
	}
	run("examples/actions/kafkaconnect_alter_offsets", "skip", "repeat")
	if got := strings.Join(append(w.Offsets("orders-source"), w.Offsets("orders-sink")...), "; "); got != `{"filename":"/data/orders.txt"} {"position":120}; {"kafka_partition":0,"kafka_topic":"orders"} {"kafka_offset":1201}` {
		t.Errorf("the connectors have offsets %s", got)
	}
	run("examples/actions/kafkaconnect_reset_offsets", "orders")
	if got := w.Offsets("orders-source"); len(got) > 0 {
		t.Errorf("the source has offsets %s", got)
	}
	c := run("examples/actions/kafkaconnect_restart_connector", "failed")
	c.Apply()
	if n := restartsOf(w, "orders-source"); n > 0 {
		t.Errorf("the source was restarted %d times without a change of its password", n)
	}
	if err := os.WriteFile(filepath.Join(c.Dir, "orders.properties"), []byte("password=two\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Apply()
	if n := restartsOf(w, "orders-source"); n != 1 {
		t.Errorf("the source was restarted %d times after a change of its password", n)
	}
}
