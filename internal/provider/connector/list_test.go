package connector_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// listed returns a list block with the label, and with more lines in its config.
func listed(label string, lines ...string) string {
	return fmt.Sprintf("list \"kafkaconnect_connector\" %q {\n  provider = kafkaconnect\n  include_resource = true\n  config {\n    %s\n  }\n}\n",
		label, strings.Join(lines, "\n    "))
}

// connectTo returns a provider block for the URL.
func connectTo(url string) string {
	return fmt.Sprintf("provider \"kafkaconnect\" {\n  connect = { urls = [%q] }\n}\n", url)
}

func TestAccConnector_list(t *testing.T) {
	t.Parallel()
	w, prefix := sharedWorker(t), acctest.UniqueName("list")
	secret := "s3cr3t-" + prefix
	running, stopped := source(t), acctest.With(source(t), "db.password", secret, "note", "${x}")
	paused := map[string]string{"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": prefix, "file": filepath.Join(t.TempDir(), "out")}
	failed := acctest.With(paused, "file", filepath.Join(t.TempDir(), "missing", "out"))
	create := func(label string, config map[string]string, state string) string {
		name := prefix + " " + label
		t.Cleanup(func() { w.Delete(name) })
		w.createIn(name, config, state)
		return name
	}
	names := []string{create("a running", running, "RUNNING"), create("b stopped", stopped, "STOPPED"), create("c paused", paused, "PAUSED"), create("d->failed", failed, "")}
	acctest.Eventually(t, "the connectors have their states", func() bool {
		states := ""
		for _, name := range names {
			connector, tasks := w.Status(name)
			states += connector + strings.Join(tasks, "") + " "
		}
		return states == "RUNNINGRUNNING STOPPED PAUSED RUNNINGFAILED "
	})

	mine := fmt.Sprintf("name_regex = \"^%s \"", prefix)
	filters := map[string]struct {
		line string
		want []int // indexes of names
	}{
		"all":       {"", []int{0, 1, 2, 3}},
		"classes":   {fmt.Sprintf("class = %q", acctest.SourceClass), []int{0, 1}},
		"sinks":     {`type = "sink"`, []int{2, 3}},
		"stopped":   {`state = "STOPPED"`, []int{1}},
		"failed":    {`state = "FAILED"`, nil}, // its task is FAILED
		"unhealthy": {"healthy = false", []int{3}},
		"healthy":   {"healthy = true", []int{0, 1, 2}},
		"both":      {"type = \"sink\"\n    healthy = true", []int{2}},
	}
	query, checks := listed("none", `name_regex = "^no such connector$"`), []querycheck.QueryResultCheck{querycheck.ExpectLength("kafkaconnect_connector.none", 0)}
	for label, filter := range filters {
		address := "kafkaconnect_connector." + label
		query += listed(label, mine, filter.line)
		checks = append(checks, querycheck.ExpectLength(address, len(filter.want)))
		for _, i := range filter.want {
			checks = append(checks,
				querycheck.ExpectIdentity(address, map[string]knownvalue.Check{"name": knownvalue.StringExact(names[i]), "cluster": knownvalue.Null()}),
				querycheck.ExpectResourceDisplayName(address, queryfilter.ByDisplayName(knownvalue.StringExact(names[i])), knownvalue.StringExact(names[i])))
		}
	}
	query += strings.Replace(listed("limited", mine), "include_resource = true", "limit = 3", 1)
	checks = append(checks, querycheck.ExpectLength("kafkaconnect_connector.limited", 3))
	for i, want := range map[int]map[string]knownvalue.Check{
		1: {
			"id": knownvalue.StringExact(names[1]), "type": knownvalue.StringExact("source"), "state": knownvalue.StringExact("STOPPED"), "on_failure": knownvalue.StringExact("restart"),
			"ignored_config_keys": knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("db.password")}), "config": hasExactly(stopped, "db.password"),
		},
		3: {"state": knownvalue.StringExact("RUNNING"), "on_failure": knownvalue.StringExact("warn"), "ignored_config_keys": knownvalue.Null(), "config": hasExactly(failed)},
	} {
		var values []querycheck.KnownValueCheck
		for attribute, check := range want {
			values = append(values, querycheck.KnownValueCheck{Path: tfjsonpath.New(attribute), KnownValue: check})
		}
		checks = append(checks, querycheck.ExpectResourceKnownValues("kafkaconnect_connector.all", queryfilter.ByDisplayName(knownvalue.StringExact(names[i])), values))
	}
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{Config: connectTo(w.URL)},
			{Query: true, Config: query, QueryResultChecks: checks},
		},
	})
	if writes := w.Writes(); len(writes) > 0 {
		t.Errorf("the worker was sent %v", writes)
	}
}

// hasExactly checks a map of strings, without the keys that are left out.
func hasExactly(config map[string]string, without ...string) knownvalue.Check {
	checks := map[string]knownvalue.Check{}
	for key, value := range config {
		checks[key] = knownvalue.StringExact(value)
	}
	for _, key := range without {
		delete(checks, key)
	}
	return knownvalue.MapExact(checks)
}

// Errors of a query name the attribute or the cause.
func TestAccConnector_listErrors(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	w := connectfake.New(t)
	var steps []resource.TestStep
	for line, want := range map[string]string{
		`name_regex = "x("`:  "error parsing regexp: missing closing )",
		`type = "both"`:      `"source" "sink"`,
		`state = "OK"`:       `value must be one of`,
		`cluster = "us"`:     "The clusters attribute of the provider has: down, emea.",
		`cluster = "down"`:   "Unable to list the connectors",
		`healthy = "fairly"`: "a bool is required",
	} {
		steps = append(steps, resource.TestStep{Query: true, Config: listed("test", line), ExpectError: acctest.Flat(want)})
	}
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps:                    append([]resource.TestStep{{Config: clusters("", w.URL(), "emea", connectfake.New(t).URL(), "down", "http://127.0.0.1:1")}}, steps...),
	})
}

// What a query leaves out, it warns of: names that the REST API cannot address, connectors beyond the limit, and the types of
// keys if the worker does not report them, once for a class.
func TestAccConnector_listWarnings(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	w := connectfake.New(t)
	for _, name := range []string{"a", "b", "with/slash", "c"} {
		w.Seed(name, "RUNNING", map[string]string{"connector.class": connectfake.Vault, "vault.url": "https://vault", "vault.password": "hunter2", "tasks.max": "1"})
	}
	w.Edit("b", map[string]*string{"empty": nil})
	w.Inject(http.MethodGet, "/connector-plugins/*/config", connectfake.Always, connectfake.Fails(http.StatusForbidden, "no"))
	c := acctest.NewCLI(t, clusters("emea", w.URL()))
	c.RequireTerraform("1.14")
	file := filepath.Join(c.Dir, "adopt.tfquery.hcl")
	writeFile(t, file, strings.Replace(listed("all", `cluster = "emea"`), "include_resource = true", "limit = 2", 1))
	out := c.Must("query", "-no-color")
	acctest.SaidBy(t, out, "Only 2 of 3 connectors are listed", "Set limit of the list block to 3 or more", "REST API cannot address", `Not listed: "with/slash".`, "cluster=emea,name=b")
	writeFile(t, file, listed("all", `cluster = "emea"`))
	w.Forget()
	out = c.Must("query", "-generate-config-out=generated.tf", "-no-color")
	if n := strings.Count(out, "found by names and values only"); n != 1 || strings.Contains(out, "Only") || w.Count("", "") != 2 {
		t.Errorf("%d warnings, %d requests:\n%s", n, w.Count("", ""), out)
	}
	out = c.Must("plan", "-no-color")
	acctest.SaidBy(t, out, "3 to import, 0 to add, 0 to change, 0 to destroy")
	generated, err := os.ReadFile(filepath.Join(c.Dir, "generated.tf"))
	for _, want := range []string{`ignored_config_keys = ["empty", "vault.password"]`, `cluster = "emea"`} {
		if flat := strings.Join(strings.Fields(string(generated)), " "); err != nil || !strings.Contains(flat, want) || strings.Contains(flat, "hunter2") {
			t.Errorf("want %s (%v):\n%s", want, err, generated)
		}
	}
	c.Apply()
	c.MustBeEmpty()
}

// While a worker restarts, the statuses do not show whether its connectors are STOPPED.
func TestAccConnector_importUnassigned(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	w := connectfake.New(t)
	w.Seed("orders", "STOPPED", fakeSink())
	status := `{"name":"orders","type":"sink","connector":{"state":"UNASSIGNED","worker_id":"w"},"tasks":[]}`
	w.Inject(http.MethodGet, "/connectors/orders/status", connectfake.Always, connectfake.Answer(http.StatusOK, "application/json", status))
	const unknown = "The states of some connectors are not known"
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeSink()))
	acctest.SaidBy(t, c.Must("import", "-no-color", address, "orders"), unknown, `RUNNING, PAUSED or STOPPED: "orders"`)

	c = acctest.NewCLI(t, connectTo(w.URL()))
	c.RequireTerraform("1.14")
	info := `{"name":"orders","type":"sink","config":{"connector.class":"C","name":"orders"},"tasks":[]}`
	w.Inject(http.MethodGet, "/connectors", connectfake.Always, connectfake.Answer(http.StatusOK, "application/json", `{"orders":{"info":`+info+`,"status":`+status+`}}`))
	writeFile(t, filepath.Join(c.Dir, "adopt.tfquery.hcl"), listed("all"))
	acctest.SaidBy(t, c.Must("query", "-no-color"), unknown, `RUNNING, PAUSED or STOPPED: "orders"`)
}

// Nobody tells which keys are passwords of a plugin that the worker does not have any more.
func TestConnector_importOfRemovedPlugin(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Seed("orders", "RUNNING", map[string]string{"connector.class": "com.example.Removed", "pin": "hunter2"})
	c := acctest.NewCLI(t, declared(w.URL(), "orders", map[string]string{"connector.class": "com.example.Removed"}))
	acctest.SaidBy(t, c.Must("import", "-no-color", address, "orders"), `The secrets of connector "orders" were found by names and values only`, "check that config has no other secret")
}

func TestAccConnector_listExample(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	w := connectfake.New(t)
	w.Seed("payments-sink", "RUNNING", fakeSink())
	w.Seed("orders-sink", "RUNNING", fakeSink())
	w.FailTask("payments-sink", 0, "X: cannot read")
	c := acctest.NewCLI(t, connectTo(w.URL()))
	c.RequireTerraform("1.14")
	writeFile(t, filepath.Join(c.Dir, "list-resource.tfquery.hcl"), acctest.Example(t, "examples/list-resources/kafkaconnect_connector/list-resource.tfquery.hcl"))
	out := c.Must("query", "-no-color")
	if all, unhealthy := strings.Count(out, "kafkaconnect_connector.all "), strings.Count(out, "kafkaconnect_connector.unhealthy "); all != 2 || unhealthy != 1 {
		t.Errorf("%d and %d connectors are listed:\n%s", all, unhealthy, out)
	}
	if n := w.Count(http.MethodGet, "/connectors"); n != 1 {
		t.Errorf("the query of two lists sent %d listings", n)
	}
}
