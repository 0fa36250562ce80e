package plugin_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

const (
	onePlugin  = "data.kafkaconnect_plugin.test"
	allPlugins = "data.kafkaconnect_plugins.test"
)

// declared returns a configuration of the provider with these URLs and of a data source.
func declared(urls []string, kind string, lines ...string) string {
	return fmt.Sprintf("provider \"kafkaconnect\" {\n  connect = { urls = [\"%s\"] }\n}\ndata %q \"test\" {\n  %s\n}\n",
		strings.Join(urls, `", "`), kind, strings.Join(lines, "\n  "))
}

func shown(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(onePlugin, tfjsonpath.New(attribute), value)
}

func TestAccPlugin(t *testing.T) {
	t.Parallel()
	w := acctest.SharedWorker(t)
	urls, class := []string{w.URL}, func(name string) string { return fmt.Sprintf("class = %q", name) }
	if w.Older("3.2") {
		resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.ProviderFactories, Steps: []resource.TestStep{
			{Config: declared(urls, "kafkaconnect_plugin", class(acctest.SourceClass)), ExpectError: acctest.Needs("Listing the keys of a plugin", "3.2")},
		}})
		return
	}
	key := func(name, kind, byDefault string, required bool, importance string) knownvalue.Check {
		value := knownvalue.Check(knownvalue.StringExact(byDefault))
		if byDefault == "" {
			value = knownvalue.Null()
		}
		return knownvalue.ObjectExact(map[string]knownvalue.Check{
			"name": knownvalue.StringExact(name), "type": knownvalue.StringExact(kind), "default": value, "required": knownvalue.Bool(required),
			"importance": knownvalue.StringExact(importance), "documentation": knownvalue.NotNull(),
		})
	}
	settled := declared(urls, "kafkaconnect_plugin", class(acctest.SourceClass))
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.ProviderFactories, Steps: []resource.TestStep{
		{
			Config: settled,
			ConfigStateChecks: []statecheck.StateCheck{
				shown("types", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("source")})),
				shown("versions", knownvalue.ListSizeExact(1)),
				shown("keys", knownvalue.ListPartial(map[int]knownvalue.Check{
					0: key("file", "STRING", "", false, "HIGH"), 1: key("topic", "STRING", "", true, "HIGH"), 2: key("batch.size", "INT", "2000", false, "LOW"),
				})),
			},
		},
		{Config: settled, ConfigPlanChecks: acctest.Settled},
		{
			Config: declared(urls, "kafkaconnect_plugin", class("org.apache.kafka.connect.json.JsonConverter")),
			ConfigStateChecks: []statecheck.StateCheck{
				shown("types", knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.StringExact("converter")})),
			},
		},
		{Config: declared(urls, "kafkaconnect_plugin", class("FileStreamSource")), ExpectError: acctest.Flat(`Did you mean "` + acctest.SourceClass + `"?`)},
		{Config: declared(urls, "kafkaconnect_plugin", class("org.apache.kafka.connect.file.FileStreamSourceConector")), ExpectError: acctest.Flat(`Did you mean "` + acctest.SourceClass + `"?`)},
		{Config: declared(urls, "kafkaconnect_plugin", class("com.example.Unlike")), ExpectError: acctest.Flat("The worker has no plugin of this class. The data source kafkaconnect_plugins lists")},
		{Config: declared(urls, "kafkaconnect_plugin", class(acctest.SourceClass), `version = "99.9"`), ExpectError: acctest.Flat(`does not have version "99.9" of the plugin. Installed versions: `)},
		{Config: declared(urls, "kafkaconnect_plugin", class(acctest.SourceClass), `cluster = "emea"`), ExpectError: regexp.MustCompile(`Unknown cluster "emea"`)},
	}})
}

func TestAccPlugins(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	s := stack.Start(t, stack.Options{Workers: 2})
	urls := s.URLs()
	required := func(classes ...string) string { return `required = ["` + strings.Join(classes, `", "`) + `"]` }
	listed := "output \"source\" {\n  value = [for p in " + allPlugins + ".plugins : p if p.class == \"" + acctest.SourceClass + "\"]\n}\n"
	source := knownvalue.ObjectExact(map[string]knownvalue.Check{
		"class": knownvalue.StringExact(acctest.SourceClass), "type": knownvalue.StringExact("source"), "version": knownvalue.StringExact(stack.DefaultVersion),
	})
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.ProviderFactories, Steps: []resource.TestStep{
		{
			Config:            declared(urls, "kafkaconnect_plugins") + listed,
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("source", knownvalue.TupleExact([]knownvalue.Check{source}))},
		},
		{Config: declared(urls, "kafkaconnect_plugins") + listed, ConfigPlanChecks: acctest.Settled},
		{Config: declared(urls, "kafkaconnect_plugins", required(acctest.SourceClass, "org.apache.kafka.connect.json.JsonConverter"))},
		{
			Config:      declared(urls, "kafkaconnect_plugins", required(acctest.SourceClass, "com.example.Missing")),
			ExpectError: acctest.Flat(`Missing plugin "com.example.Missing"`),
		},
		{
			Config:      declared(urls, "kafkaconnect_plugins", required("FileStreamSource")),
			ExpectError: acctest.Flat("These workers do not have the plugin: " + urls[0] + ", " + urls[1] + ". Install it in a folder of plugin.path"),
		},
	}})
	if err := s.Workers[0].Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := acctest.NewCLI(t, declared(urls, "kafkaconnect_plugins", required(acctest.SourceClass)))
	acctest.SaidBy(t, c.Must("plan", "-no-color"), "The plugins of a worker were not checked", urls[0])
	c.Configure(declared(urls, "kafkaconnect_plugins", required("com.example.Missing")))
	c.MustFail([]string{"These workers do not have the plugin: " + urls[1] + "."}, "plan", "-no-color")
}

// One request serves kafkaconnect_plugins, and each worker is asked only if classes are required.
func TestPlugins_requests(t *testing.T) {
	t.Parallel()
	one := connectfake.New(t)
	two := connectfake.New(t, connectfake.WithPlugin("com.example.Extra", "source", "1.0", nil))
	urls := []string{one.URL(), two.URL()}
	c := acctest.NewCLI(t, declared(urls, "kafkaconnect_plugins"))
	c.Must("plan", "-no-color")
	if one.Count("", "") != 1 || two.Count("", "") != 0 {
		t.Errorf("sent %v and %v", one.Requests(), two.Requests())
	}
	one.Forget()
	c.Configure(declared(urls, "kafkaconnect_plugins", `required = ["com.example.Extra"]`))
	c.MustFail([]string{"These workers do not have the plugin: " + one.URL() + ". Install"}, "plan", "-no-color")
	if one.Count("", "") != 1 || two.Count("", "") != 1 {
		t.Errorf("sent %v and %v", one.Requests(), two.Requests())
	}
	one.Stop()
	two.Stop()
	c.MustFail([]string{"Unable to read the installed plugins", "refused"}, "plan", "-no-color")
}

// The keys are those of the version, and no default of a secret is shown.
func TestPlugin_versionsAndSecrets(t *testing.T) {
	t.Parallel()
	const class = "com.example.Both"
	w := connectfake.New(t,
		connectfake.WithPlugin(class, "source", "1.0", map[string][]string{"STRING": {"first"}}),
		connectfake.WithPlugin(class, "source", "2.0", map[string][]string{"STRING": {"second"}}),
	)
	urls := []string{w.URL()}
	c := acctest.NewCLI(t, declared(urls, "kafkaconnect_plugin", fmt.Sprintf("class = %q", class), `version = "1.0"`))
	c.Apply()
	acctest.SaidBy(t, c.Must("state", "show", "-no-color", onePlugin), `"1.0", "2.0",`, `name = "first"`)
	w.Inject("GET", "/connector-plugins/*/config", connectfake.Always, connectfake.Answer(200, "application/json", `[
		{"name":"pass","type":"PASSWORD","required":false,"default_value":"hunter2","importance":"HIGH","documentation":"d"},
		{"name":"db.password","type":"STRING","required":false,"default_value":"hunter2","importance":"HIGH","documentation":"d"},
		{"name":"port","type":"INT","required":false,"default_value":"5432","importance":"HIGH","documentation":"d"}]`))
	c.Apply()
	out := c.Must("show", "-json")
	if strings.Contains(out, "hunter2") || !strings.Contains(out, "5432") {
		t.Errorf("the state has %s", out)
	}
}
