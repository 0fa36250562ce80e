package connector_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// reading returns a configuration of the provider and of data sources.
func reading(url, blocks string) string {
	return fmt.Sprintf("provider \"kafkaconnect\" {\n  connect = { urls = [%q] }\n}\n%s\n", url, blocks)
}

// readingOne returns a configuration of data.kafkaconnect_connector.test, with more lines in its block.
func readingOne(url, name string, lines ...string) string {
	return reading(url, fmt.Sprintf("data \"kafkaconnect_connector\" \"test\" {\n  name = %q\n  %s\n}", name, strings.Join(lines, "\n  ")))
}

// shows checks attributes of a data source, which are pairs of a name and a check.
func shows(address string, attributes map[string]knownvalue.Check) (checks []statecheck.StateCheck) {
	for name, check := range attributes {
		checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New(name), check))
	}
	return checks
}

// unit runs steps against a fake worker.
func unit(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: acctest.ProviderFactories, Steps: steps})
}

func text(value string) knownvalue.Check { return knownvalue.StringExact(value) }

func number(value int64) knownvalue.Check { return knownvalue.Int64Exact(value) }

func TestConnectorDataSource_failure(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Seed("vault", "RUNNING", map[string]string{
		"connector.class": connectfake.Vault, "tasks.max": "3", "vault.url": "https://user:s3cr3t-1@vault", "vault.pin": "s3cr3t-2", "vault.password": "${file:/run/secrets:p}",
	})
	w.Edit("vault", map[string]*string{"topic.prefix": nil})
	for _, id := range []int{0, 2} {
		w.FailTask("vault", id, "X: task failed\nCaused by: Y: vault refuses s3cr3t-1 and s3cr3t-2")
	}
	const cause = "Y: vault refuses (hidden) and (hidden)"
	c := acctest.NewCLI(t, readingOne(w.URL(), "vault"))
	c.Apply()
	c.MustBeEmpty()
	state, err := os.ReadFile(filepath.Join(c.Dir, "terraform.tfstate"))
	if err != nil || strings.Contains(string(state), "s3cr3t") || !strings.Contains(string(state), "(hidden)") {
		t.Errorf("%v, or the state shows a secret:\n%s", err, state)
	}
	task := func(id int64, state string, cause knownvalue.Check) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{
			"id": number(id), "state": text(state), "worker_id": knownvalue.StringRegexp(regexp.MustCompile(`^127\.0\.0\.1:\d+$`)), "version": text("4.3.1"), "error": cause,
		})
	}
	unit(t, resource.TestStep{Config: readingOne(w.URL(), "vault"), ConfigStateChecks: shows("data.kafkaconnect_connector.test", map[string]knownvalue.Check{
		"config": knownvalue.MapExact(map[string]knownvalue.Check{
			"connector.class": text(connectfake.Vault), "tasks.max": text("3"), "vault.password": text("${file:/run/secrets:p}"),
		}),
		"ignored_config_keys": knownvalue.SetExact([]knownvalue.Check{text("vault.url"), text("vault.pin"), text("topic.prefix")}),
		"type":                text("source"),
		"state":               text("RUNNING"),
		"healthy":             knownvalue.Bool(false),
		"error":               knownvalue.StringRegexp(regexp.MustCompile(`^tasks 0, 2 on worker 127\.0\.0\.1:\d+: ` + regexp.QuoteMeta(cause) + `$`)),
		"version":             text("4.3.1"),
		"tasks":               knownvalue.ListExact([]knownvalue.Check{task(0, "FAILED", text(cause)), task(1, "RUNNING", knownvalue.Null()), task(2, "FAILED", text(cause))}),
		"topics":              knownvalue.Null(),
		"consumer_group":      knownvalue.Null(),
		"lag":                 knownvalue.Null(),
		"lag_by_partition":    knownvalue.Null(),
	})})
}

// A sink has a consumer group. Without kafka in the provider, its lag is null. Workers before 4.1 report no versions.
func TestConnectorDataSource_sink(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t, connectfake.WithVersion("3.5.2"))
	sink := map[string]string{"connector.class": connectfake.FileSink, "topics": "b,a"}
	w.Seed("plain", "PAUSED", sink)
	w.Seed("own group", "STOPPED", acctest.With(sink, "consumer.override.group.id", "mine"))
	w.SetTopics("own group", "b", "a")
	unit(t,
		resource.TestStep{Config: readingOne(w.URL(), "plain"), ConfigStateChecks: shows("data.kafkaconnect_connector.test", map[string]knownvalue.Check{
			"type": text("sink"), "state": text("PAUSED"), "healthy": knownvalue.Bool(true), "error": knownvalue.Null(), "version": knownvalue.Null(),
			"consumer_group": text("connect-plain"), "lag": knownvalue.Null(), "topics": knownvalue.Null(), "ignored_config_keys": knownvalue.Null(),
		})},
		resource.TestStep{Config: readingOne(w.URL(), "plain", "include_lag = true"), ExpectError: acctest.Flat("Kafka settings are missing")},
		resource.TestStep{Config: readingOne(w.URL(), "own group", "include_topics = true"), ConfigStateChecks: shows("data.kafkaconnect_connector.test", map[string]knownvalue.Check{
			"consumer_group": text("mine"), "state": text("STOPPED"), "healthy": knownvalue.Bool(true), "tasks": knownvalue.ListExact(nil),
			"topics": knownvalue.ListExact([]knownvalue.Check{text("a"), text("b")}),
		})},
	)
}

func TestConnectorDataSource_unknownConnector(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Seed("orders-source", "STOPPED", fakeConfig)
	for block, want := range map[string][]string{
		`data "kafkaconnect_connector" "x" { name = "order-source" }`:         {`Connector "order-source" does not exist`, `Did you mean "orders-source"?`, `name = "order-source"`},
		`data "kafkaconnect_connector" "x" { name = "unlike" }`:               {`Connector "unlike" does not exist`, "The workers have no connector of this name. Correct the name."},
		`data "kafkaconnect_connector_offsets" "x" { name = "order-source" }`: {`Connector "order-source" does not exist`, `Did you mean "orders-source"?`},
		`data "kafkaconnect_connector" "x" { name = "a/b" }`:                  {"Invalid connector name"},
		`data "kafkaconnect_connectors" "x" { name_regex = "[a" }`:            {"Invalid regular expression", "name_regex", "RE2"},
		`data "kafkaconnect_topology" "x" { name_regex = "[a" }`:              {"Invalid regular expression", "name_regex"},
		`data "kafkaconnect_connectors" "x" { type = "both" }`:                {`"both"`},
		`data "kafkaconnect_connector" "x" {
			name    = "a"
			cluster = "emea"
		}`: {`Unknown cluster "emea"`},
	} {
		acctest.NewCLI(t, reading(w.URL(), block)).MustFail(want, plan...)
	}
	for _, block := range []string{`data "kafkaconnect_connectors" "x" { name_regex = "[a" }`, `data "kafkaconnect_connector_offsets" "x" { name = "a%" }`} {
		if out, ok := acctest.NewCLI(t, reading(w.URL(), block)).Run("validate", "-no-color"); ok {
			t.Errorf("%s is valid:\n%s", block, out)
		}
	}
}

func TestConnectorDataSource_unreachable(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Stop()
	blocks := ""
	for _, kind := range []string{"connector", "connectors", "connector_offsets", "topology"} {
		name := `name = "orders"`
		if kind == "connectors" || kind == "topology" {
			name = ""
		}
		blocks += fmt.Sprintf("data \"kafkaconnect_%s\" \"x\" {\n  %s\n}\n", kind, name)
	}
	acctest.NewCLI(t, reading(w.URL(), blocks)).MustFail([]string{
		`Unable to read connector "orders"`, "Unable to read the connectors", `Unable to read the offsets of connector "orders"`, "No worker answers", "Start the workers, or correct connect.urls",
	}, plan...)
	acctest.NewCLI(t, readingOne(w.URL(), "orders", `timeouts = { read = "1s" }`)).MustFail([]string{`Unable to read connector "orders"`, "timed out"}, plan...)

	c := acctest.NewCLI(t, reading(w.URL(), `
check "orders" {
  data "kafkaconnect_connector" "orders" {
    name = "orders"
  }
  assert {
    condition     = data.kafkaconnect_connector.orders.healthy
    error_message = "orders is not healthy"
  }
}`))
	acctest.SaidBy(t, c.Must("plan", "-no-color"), "Warning: Unable to read connector")
}

// The workers of the stack record topics. Those that do not are no error; a missing permission is.
func TestConnectorDataSource_topicsNotReadable(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t, connectfake.WithoutTopicTracking())
	w.Seed("orders", "STOPPED", fakeConfig)
	config := readingOne(w.URL(), "orders", "include_topics = true")
	unit(t, resource.TestStep{Config: config, ConfigStateChecks: shows("data.kafkaconnect_connector.test", map[string]knownvalue.Check{"topics": knownvalue.Null()})})
	topology := acctest.NewCLI(t, reading(w.URL(), `data "kafkaconnect_topology" "x" {}`))
	acctest.SaidBy(t, topology.Apply(), "Warning: The topology has no topics of sources", "topic.tracking.enable=false")

	w.Inject(http.MethodGet, "/connectors/*/topics", connectfake.Always, connectfake.Answer(403, "", ""))
	acctest.NewCLI(t, config).MustFail([]string{`Unable to read connector "orders"`, "grant their user the permission"}, plan...)
	acctest.SaidBy(t, topology.Apply(), "Warning: The topology has no topics of sources", "access to GET /connectors/{name}/topics")
}

// If the worker does not report which keys are passwords, there is a warning.
func TestConnectorDataSource_passwordsNotKnown(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Seed("orders", "STOPPED", fakeConfig)
	w.Inject(http.MethodGet, "/connector-plugins/*/config", connectfake.Always, connectfake.Answer(403, "", ""))
	c := acctest.NewCLI(t, readingOne(w.URL(), "orders"))
	acctest.SaidBy(t, c.Must("plan", "-no-color"), `Warning: The secrets of connector "orders" were found by names and values only`)
}

// Brokers that cannot be reached cause a warning, and the lag is null.
func TestConnectorDataSource_kafkaUnreachable(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Seed("sink", "STOPPED", map[string]string{"connector.class": connectfake.FileSink, "topics": "orders"})
	w.Seed("other", "STOPPED", map[string]string{"connector.class": connectfake.FileSink, "topics": "orders", "consumer.override.group.id": "${env:GROUP}"})
	block := func(lines string) string {
		return strings.Replace(reading(w.URL(), `
data "kafkaconnect_connector" "x" {
  name = "sink"
  `+lines+`
}
data "kafkaconnect_connectors" "x" {
  `+lines+`
}
output "lag" { value = jsonencode([data.kafkaconnect_connector.x.lag, data.kafkaconnect_connectors.x.connectors.sink.lag]) }`),
			"connect = {", "kafka = { bootstrap_servers = [\"127.0.0.1:1\"] }\n  connect = {", 1)
	}
	c := acctest.NewCLI(t, block(""))
	acctest.SaidBy(t, c.Apply(), `Warning: The lag of sinks is not known`, "127.0.0.1:1", "set include_lag to false", `lag = "[null,null]"`)
	c = acctest.NewCLI(t, block("include_lag = false"))
	if out := c.Apply(); strings.Contains(out, "lag of sinks") {
		t.Errorf("a warning without need:\n%s", out)
	}
}

func TestConnectorsDataSource_filters(t *testing.T) {
	t.Parallel()
	emea, other := connectfake.New(t), connectfake.New(t)
	sink := map[string]string{"connector.class": connectfake.FileSink, "topics": "orders", "tasks.max": "2"}
	for name, config := range map[string]map[string]string{"a-source": fakeConfig, "b-source": fakeConfig, "c -> sink": sink, "d-sink": sink} {
		emea.Seed(name, "RUNNING", config)
	}
	emea.SetTarget("b-source", "PAUSED")
	emea.FailTask("d-sink", 1, "X: cannot write\nCaused by: Y: disk full")
	emea.BreakConnector("e-sink", "Z: no start")
	emea.Seed("e-sink", "RUNNING", sink)
	filters := map[string]string{
		"all": "", "regex": `name_regex = "^[ab]-"`, "class": fmt.Sprintf("class = %q", connectfake.FileSink), "type": `type = "source"`,
		"state": `state = "FAILED"`, "sick": "healthy = false", "two": "type = \"sink\"\nhealthy = true", "none": `name_regex = "^z"`,
	}
	want := map[string]string{
		"all": "a-source,b-source,c -> sink,d-sink,e-sink", "regex": "a-source,b-source", "class": "c -> sink,d-sink,e-sink", "type": "a-source,b-source",
		"state": "e-sink", "sick": "d-sink,e-sink", "two": "c -> sink", "none": "",
	}
	blocks, outputs := "", ""
	for name, lines := range filters {
		blocks += fmt.Sprintf("data \"kafkaconnect_connectors\" %q {\n  cluster = \"emea\"\n  %s\n}\n", name, lines)
		outputs += fmt.Sprintf("  %s = join(\",\", keys(data.kafkaconnect_connectors.%[1]s.connectors))\n", name)
	}
	config := strings.Replace(reading(other.URL(), blocks+"output \"found\" {\n  value = {\n"+outputs+"  }\n}\n"),
		"connect = {", fmt.Sprintf("clusters = { emea = { connect = { urls = [%q] } } }\n  connect = {", emea.URL()), 1)
	found := map[string]knownvalue.Check{}
	for name, names := range want {
		found[name] = text(names)
	}
	summary := func(attributes map[string]knownvalue.Check) knownvalue.Check {
		return knownvalue.ObjectPartial(attributes)
	}
	unit(t, resource.TestStep{Config: config, ConfigStateChecks: append(
		[]statecheck.StateCheck{statecheck.ExpectKnownOutputValue("found", knownvalue.ObjectExact(found))},
		shows("data.kafkaconnect_connectors.all", map[string]knownvalue.Check{"connectors": knownvalue.MapPartial(map[string]knownvalue.Check{
			"a-source": summary(map[string]knownvalue.Check{
				"type": text("source"), "class": text(connectfake.FileSource), "state": text("RUNNING"), "healthy": knownvalue.Bool(true), "error": knownvalue.Null(),
				"tasks_total": number(1), "tasks_running": number(1), "tasks_failed": number(0), "consumer_group": knownvalue.Null(), "lag": knownvalue.Null(),
			}),
			"d-sink": summary(map[string]knownvalue.Check{
				"state": text("RUNNING"), "healthy": knownvalue.Bool(false), "error": knownvalue.StringRegexp(regexp.MustCompile(`^task 1 on worker .*: Y: disk full$`)),
				"tasks_total": number(2), "tasks_running": number(1), "tasks_failed": number(1), "consumer_group": text("connect-d-sink"),
			}),
			"e-sink": summary(map[string]knownvalue.Check{"state": text("FAILED"), "tasks_total": number(0), "error": knownvalue.StringRegexp(regexp.MustCompile(`^connector on worker .*: Z: no start$`))}),
		})})...,
	)})
	if n := other.Count("", ""); n != 0 {
		t.Errorf("the workers of the default cluster were sent %d requests", n)
	}
	if writes := emea.Count("", "") - emea.Count("GET", ""); writes != 0 {
		t.Errorf("the workers were sent %d writes", writes)
	}
}

// All data sources of a walk that read many connectors share one listing.
func TestConnectorsDataSource_requests(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	for i := range 20 {
		w.Seed(fmt.Sprintf("source-%d", i), "STOPPED", fakeConfig)
		w.Seed(fmt.Sprintf("sink-%d", i), "STOPPED", map[string]string{"connector.class": connectfake.FileSink, "topics": "orders"})
	}
	c := acctest.NewCLI(t, reading(w.URL(), `
data "kafkaconnect_connectors" "x" { count = 5 }
data "kafkaconnect_topology" "x" {}
`))
	c.Must("plan", "-no-color")
	listings, topics, probes := w.Count("GET", "/connectors"), w.Count("GET", "/connectors/*/topics"), w.Count("GET", "/")
	if all := w.Count("", ""); listings != 1 || topics != 20 || probes > 1 || all != listings+topics+probes {
		t.Errorf("the plan sent %d requests: %v", all, w.Requests())
	}
}

func TestConnectorOffsetsDataSource(t *testing.T) {
	t.Parallel()
	const offsets = `data "kafkaconnect_connector_offsets" "test" { name = "orders" }`
	w := connectfake.New(t)
	w.Seed("orders", "STOPPED", fakeConfig)
	w.Seed("new", "STOPPED", fakeConfig)
	const address = "data.kafkaconnect_connector_offsets.test"
	one := func(partition, offset string) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{"partition": text(partition), "offset": text(offset)})
	}
	unit(t,
		resource.TestStep{Config: reading(w.URL(), offsets), ConfigStateChecks: shows(address, map[string]knownvalue.Check{"offsets": knownvalue.ListExact(nil)})},
		resource.TestStep{
			PreConfig: func() {
				w.SetOffset("orders", `{"filename": "/b"}`, `{"position": 9007199254740993}`)
				w.SetOffset("orders", `{"filename": "/a"}`, `{"position": 12345678901234567890123}`)
			},
			Config: reading(w.URL(), offsets), ConfigStateChecks: shows(address, map[string]knownvalue.Check{"offsets": knownvalue.ListExact([]knownvalue.Check{
				one(`{"filename":"/a"}`, `{"position":12345678901234567890123}`), one(`{"filename":"/b"}`, `{"position":9007199254740993}`),
			})}),
		},
	)
	old := connectfake.New(t, connectfake.WithVersion("2.8.2"))
	old.Seed("orders", "PAUSED", fakeConfig)
	acctest.NewCLI(t, reading(old.URL(), offsets)).MustFail([]string{
		`Unable to read the offsets of connector "orders"`, "Reading a connector's offsets needs Kafka Connect 3.5 or later; the worker runs 2.8.2",
	}, plan...)
}

func TestTopologyDataSource(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Seed("a-source", "RUNNING", fakeConfig)
	w.SetTopics("a-source", "orders")
	w.Seed("b-sink", "RUNNING", map[string]string{"connector.class": connectfake.FileSink, "topics": "orders"})
	w.FailTask("b-sink", 0, "X: no")
	w.Seed("left out", "RUNNING", fakeConfig)
	unit(t, resource.TestStep{
		Config: reading(w.URL(), "data \"kafkaconnect_topology\" \"test\" {\n  name_regex = \"^[ab]-\"\n}"),
		ConfigStateChecks: shows("data.kafkaconnect_topology.test", map[string]knownvalue.Check{
			"mermaid": text(strings.Join([]string{
				"flowchart LR", `  c0["a-source"]`, `  c1["b-sink<br>FAILED"]:::failed`, `  t0(["orders"])`, "  c0 --> t0", "  t0 --> c1",
				"  classDef failed fill:#fdd,stroke:#c00,color:#600", "",
			}, "\n")),
			"dot": text("digraph topology {\n  rankdir=LR;\n  c0 [label=\"a-source\", shape=box];\n  c1 [label=\"b-sink\\nFAILED\", shape=box, style=filled, fillcolor=\"#ffdddd\", color=\"#cc0000\"];\n" +
				"  t0 [label=\"orders\", shape=ellipse];\n  c0 -> t0;\n  t0 -> c1;\n}\n"),
		}),
	})
}
