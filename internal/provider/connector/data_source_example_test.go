package connector_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// example returns the files of a folder of examples as one configuration.
func example(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(acctest.Root(t), folder, "*.tf"))
	if err != nil || len(files) == 0 {
		t.Fatal(folder, err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

func TestConnectorDataSource_examples(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Seed("orders-source", "RUNNING", fakeConfig)
	w.SetTopics("orders-source", "orders")
	w.SetOffset("orders-source", `{"filename":"/data/orders.txt"}`, `{"position":7}`)
	w.Seed("orders-sink", "RUNNING", map[string]string{"connector.class": connectfake.FileSink, "topics": "orders"})
	w.FailTask("orders-sink", 0, "X: disk full")
	for name, want := range map[string][]string{
		"connector":         {`"healthy" = false`, "X: disk full", `"0" = "FAILED"`},
		"connectors":        {`"orders-sink" = "task 0 on worker`, "X: disk full"},
		"connector_offsets": {"1 added"},
		"topology":          {"```mermaid", `c0["orders-sink<br>FAILED"]:::failed`, "t0 --> c0", "c1 --> t0"},
	} {
		c := acctest.NewCLI(t, example(t, "examples/data-sources/kafkaconnect_"+name))
		c.Env = append(c.Env, "KAFKA_CONNECT_URL="+w.URL())
		acctest.SaidBy(t, c.Apply(), want...)
		c.MustBeEmpty()
	}
	if got := w.Offsets("orders-source-v2"); len(got) != 1 || !strings.Contains(got[0], `"position":7`) {
		t.Errorf("the new connector has offsets %q", got)
	}
}

// The checks of the guide are warnings, and the plan has their results for the pipeline. The gate of the guide is an error.
func TestAccConnectorDataSource_guide(t *testing.T) {
	t.Parallel()
	w, k := sharedWorker(t), acctest.SharedKafka(t)
	sink, topic := acctest.UniqueName("orders-sink"), acctest.UniqueName("orders")
	k.Create(topic, 1, map[string]string{"cleanup.policy": "delete"})
	file := filepath.Join(t.TempDir(), "later", "out.txt")
	w.post(sink, map[string]string{"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": topic, "file": file})
	w.inState(sink, "RUNNING", "FAILED")
	produce(k, topic, 0, 3)
	config := strings.ReplaceAll(example(t, "examples/guides/health"), "orders-sink", sink)
	for _, filter := range []string{"healthy = false", `type = "sink"`} { // other tests use the worker, too
		config = strings.Replace(config, filter, fmt.Sprintf("name_regex = %q\n    %s", "^"+sink+"$", filter), 1)
	}
	checks, gate, found := strings.Cut(config, "data \"kafkaconnect_connector\" ")
	if !found {
		t.Fatal("the guide has no gate")
	}
	gate = "variable \"max_lag\" { default = 1000 }\ndata \"kafkaconnect_connector\" " + gate
	run := func(config string) *acctest.CLI {
		c := acctest.NewCLI(t, config)
		c.Env = append(c.Env, "KAFKA_CONNECT_URL="+w.URL, "KAFKA_BOOTSTRAP_SERVERS="+k.Bootstrap)
		return c
	}
	checker, gatekeeper := run(checks), run(gate)
	failed := func(want bool, args ...string) {
		t.Helper()
		checker.Must(append([]string{"plan", "-no-color", "-out=tfplan"}, args...)...)
		var plan struct{ Checks []struct{ Status string } }
		if err := json.Unmarshal([]byte(checker.Must("show", "-json", "tfplan")), &plan); err != nil || len(plan.Checks) != 2 {
			t.Fatal(err, plan)
		}
		fails := 0
		for _, check := range plan.Checks {
			if check.Status != "pass" {
				fails++
			}
		}
		if want != (fails > 0) {
			t.Errorf("%d checks fail: %v", fails, plan)
		}
	}
	acctest.SaidBy(t, checker.Must("plan", "-no-color"), "Warning: Check block assertion failed", "These connectors are not healthy:", sink+" (RUNNING): task 0 on worker", "NoSuchFileException")
	failed(true)
	gatekeeper.MustFail([]string{sink + " is RUNNING. task 0 on worker", "NoSuchFileException"}, plan...)
	failed(true, "-var=max_lag=2")
	acctest.SaidBy(t, checker.Must("plan", "-no-color", "-var=max_lag=2"), "These sinks are more than 2 records behind", sink+": 3")

	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	w.Do(http.MethodPost, acctest.ConnectorPath(sink, "tasks", "0", "restart"), nil)
	w.inState(sink, "RUNNING", "RUNNING")
	committed(k, "connect-"+sink, topic, 3)
	failed(false)
	gatekeeper.Must(plan...)
}
