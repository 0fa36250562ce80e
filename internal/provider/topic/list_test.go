package topic_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// foundGroup starts a worker of a new group, which creates its topics itself, with a connector. It returns the id of the group.
func foundGroup(t *testing.T, kafka *acctest.Kafka) string {
	t.Helper()
	group := acctest.UniqueName("found")
	t.Cleanup(func() {
		for _, name := range []string{"-offsets", "-configs", "-status"} {
			kafka.Delete(group + name)
		}
	})
	process, err := stack.Shared(t).AddWorker(t.Context(), stack.WorkerOptions{GroupID: group, Properties: map[string]string{
		"offset.storage.min.insync.replicas": "1", "status.storage.segment.bytes": "1048576",
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := process.Kill(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	w := acctest.Watch(t, process.URL)
	w.Do(http.MethodPost, "/connectors", map[string]any{"name": group, "config": map[string]string{
		"connector.class": acctest.SourceClass, "tasks.max": "1", "topic": group, "file": "/nonexistent",
	}})
	acctest.Eventually(t, "the connector runs", func() bool {
		status, body := w.Ask(http.MethodGet, acctest.ConnectorPath(group, "status"), nil)
		return status == http.StatusOK && strings.Contains(string(body), `"tasks":[{"id":0,"state":"RUNNING"`)
	})
	return group
}

// listed returns a list block with the label, and with lines in its config.
func listed(label string, lines ...string) string {
	return fmt.Sprintf("list \"kafkaconnect_internal_topic\" %q {\n  provider = kafkaconnect\n  include_resource = true\n  config {\n    %s\n  }\n}\n",
		label, strings.Join(lines, "\n    "))
}

func TestAccInternalTopic_list(t *testing.T) {
	t.Parallel()
	kafka := acctest.SharedKafka(t)
	group := foundGroup(t, kafka)
	of := fmt.Sprintf("group_id = %q", group)
	named := fmt.Sprintf("name_regex = \"^%s-\"", group)
	names := map[string]string{"offset": group + "-offsets", "config": group + "-configs", "status": group + "-status"}
	const address = "kafkaconnect_internal_topic."
	checks := []querycheck.QueryResultCheck{
		querycheck.ExpectLength(address+"group", 3), querycheck.ExpectLength(address+"named", 3), querycheck.ExpectLength(address+"one", 1),
		querycheck.ExpectLength(address+"none", 0), querycheck.ExpectLength(address+"limited", 2),
	}
	for role, name := range names {
		for _, label := range []string{"group", "named"} {
			checks = append(checks, querycheck.ExpectIdentity(address+label, map[string]knownvalue.Check{
				"role": knownvalue.StringExact(role), "name": knownvalue.StringExact(name), "cluster": knownvalue.Null(),
			}))
		}
		values := []querycheck.KnownValueCheck{
			{Path: tfjsonpath.New("id"), KnownValue: knownvalue.StringExact(role + "/" + name)},
			{Path: tfjsonpath.New("partitions"), KnownValue: knownvalue.Int64Exact(map[string]int64{"offset": 25, "config": 1, "status": 5}[role])},
			{Path: tfjsonpath.New("cleanup_policy"), KnownValue: knownvalue.StringExact("compact")},
			{Path: tfjsonpath.New("group_id"), KnownValue: knownvalue.Null()},
			{Path: tfjsonpath.New("deletion_protection"), KnownValue: knownvalue.Bool(true)},
		}
		checks = append(checks, querycheck.ExpectResourceKnownValues(address+"group", queryfilter.ByDisplayName(knownvalue.StringExact(name)), values))
	}
	errors := []resource.TestStep{}
	for line, want := range map[string]string{
		`group_id = "no-such-group"`: `group_id names group "no-such-group", which has no live workers`,
		`name_regex = "x("`:          "error parsing regexp: missing closing )",
		`role = "offsets"`:           "value must be one of",
		`cluster = "us"`:             "The provider has no clusters attribute.",
	} {
		errors = append(errors, resource.TestStep{Query: true, Config: listed("test", line), ExpectError: acctest.Flat(want)})
	}
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: append([]resource.TestStep{
			{Config: kafka.ProviderConfig()},
			{
				Query: true,
				Config: listed("group", of) + listed("named", named) + listed("one", of, `role = "config"`) + listed("none", of, `name_regex = "^no-such-topic$"`) +
					strings.Replace(listed("limited", named), "include_resource = true", "limit = 2", 1),
				QueryResultChecks: checks,
			},
		}, errors...),
	})
}

// The topics that a worker has created are adopted: by a query, and by import blocks. Neither changes a topic.
func TestAccInternalTopic_adoptGroup(t *testing.T) {
	t.Parallel()
	kafka := acctest.SharedKafka(t)
	group := foundGroup(t, kafka)
	type topics map[string]any
	read := func() topics {
		all := topics{}
		for _, name := range []string{"offsets", "configs", "status"} {
			all[name], _ = kafka.Topic(group + "-" + name)
		}
		return all
	}
	before := read()
	use := func(c *acctest.CLI, files ...string) {
		for _, file := range files {
			text := acctest.Example(t, file)
			if _, own, ok := strings.Cut(text, "list \"kafkaconnect_internal_topic\""); ok {
				text = "list \"kafkaconnect_internal_topic\"" + own
			}
			servers := `"` + strings.ReplaceAll(kafka.Bootstrap, ",", `","`) + `"`
			own := strings.NewReplacer(`"kafka:9092"`, servers, "connect-cluster", group).Replace(text)
			if err := os.WriteFile(filepath.Join(c.Dir, filepath.Base(file)), []byte(own), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	adopted := func(t *testing.T, c *acctest.CLI, plan ...string) {
		t.Helper()
		acctest.SaidBy(t, c.Must(append([]string{"plan", "-no-color"}, plan...)...), "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy.")
		acctest.SaidBy(t, c.Apply(), "3 imported, 0 added, 0 changed, 0 destroyed.")
		c.MustBeEmpty()
		file := filepath.Join(c.Dir, "generated.tf")
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), "min.insync.replicas") || !strings.Contains(string(text), "segment.bytes") {
			t.Fatalf("the settings of the topics are missing (%v):\n%s", err, text)
		}
		text = regexp.MustCompile(`group_id *= null`).ReplaceAll(text, fmt.Appendf(nil, "group_id = %q", group))
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		acctest.SaidBy(t, c.Apply(), "0 added, 3 changed, 0 destroyed.")
		c.MustBeEmpty()
		if after := read(); !reflect.DeepEqual(after, before) {
			t.Errorf("the topics were %v, and are %v", before, after)
		}
	}
	t.Run("by query", func(t *testing.T) {
		c := acctest.NewCLI(t, "")
		c.RequireTerraform("1.14")
		use(c, "examples/guides/adoption/query/main.tf", "examples/guides/adoption/query/adopt.tfquery.hcl")
		c.Must("query", "-generate-config-out=generated.tf", "-no-color")
		adopted(t, c)
	})
	t.Run("example of the list resource", func(t *testing.T) {
		c := acctest.NewCLI(t, "")
		c.RequireTerraform("1.14")
		use(c, "examples/guides/adoption/query/main.tf", "examples/list-resources/kafkaconnect_internal_topic/list-resource.tfquery.hcl")
		acctest.SaidBy(t, c.Must("query", "-no-color"), group+"-status,role=status", group+"-configs,role=config")
	})
	t.Run("by import", func(t *testing.T) {
		c := acctest.NewCLI(t, "")
		use(c, "examples/guides/adoption/topics/main.tf")
		adopted(t, c, "-generate-config-out=generated.tf")
	})
}
