package connector_test

import (
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

const mirrorClass = "org.apache.kafka.connect.mirror.MirrorSourceConnector"

// wrongConfig is a configuration that the plan rejects.
type wrongConfig struct {
	base  string
	pairs []string // a value "-" removes the key
	line  string   // of the configuration
	says  string
}

// The plan rejects every wrong configuration, on the line of the key.
func TestAccConnector_validatedAtPlan(t *testing.T) {
	t.Parallel()
	const insert = "org.apache.kafka.connect.transforms.InsertField$Value"
	transform := func(pairs ...string) []string {
		return append([]string{"transforms", "a", "transforms.a.type", insert}, pairs...)
	}
	for i, row := range []wrongConfig{
		{"source", []string{"tasks.max", "0"}, `"tasks.max" = "0"`, "Value must be at least 1"},
		{"source", []string{"tasks.max", "many"}, `"tasks.max" = "many"`, "Not a number of type INT"},
		{"sink", []string{"tasks.max", "zero"}, `"tasks.max" = "zero"`, "Not a number of type INT"},
		{"source", []string{"topic", "-"}, `config = {`, `Missing required configuration "topic"`},
		{"source", []string{"batch.size", "big"}, `"batch.size" = "big"`, "Not a number of type INT"},
		{"source", []string{"connector.class", "org.example.FileStreamSourceConnector"}, `"connector.class" = `, "Installed classes: - " + acctest.SourceClass},
		{"source", []string{"key.converter", "com.example.Nope"}, `"key.converter" = `, "could not be found"},
		{"source", []string{"header.converter", "Nope"}, `"header.converter" = `, "could not be found"},
		{"source", []string{"transforms", "a"}, `config = {`, `"transforms.a.type"`},
		{"source", []string{"transforms", "a", "transforms.a.type", "com.example.Nope"}, `"transforms.a.type" = `, "could not be found"},
		{"source", []string{"transforms", "a,a", "transforms.a.type", insert}, `"transforms" = "a,a"`, "Duplicate alias"},
		{"source", transform("transforms.a.negate", "perhaps"), `"transforms.a.negate" = "perhaps"`, "either true or false"},
		{"source", []string{"predicates", "p"}, `config = {`, `"predicates.p.type"`},
		{"source", []string{"predicates", "p", "predicates.p.type", "com.example.Nope"}, `"predicates.p.type" = `, "could not be found"},
		{"source", []string{"predicates", "p", "predicates.p.type", "org.apache.kafka.connect.transforms.predicates.TopicNameMatches", "predicates.p.pattern", "["}, `"predicates.p.pattern" = "["`, "Invalid regex"},
		{"source", []string{"producer.override.linger.ms", "soon"}, `"producer.override.linger.ms" = "soon"`, "Not a number of type LONG"},
		{"source", []string{"errors.tolerance", "some"}, `"errors.tolerance" = "some"`, "String must be one of: none, all"},
		{"source", []string{"config.action.reload", "explode"}, `"config.action.reload" = "explode"`, "String must be one of: none, restart"},
		{"sink", []string{"topics.regex", "t.*"}, `"topics`, "mutually exclusive"},
		{"sink", []string{"topics", "-"}, `config = {`, "topics"},
		{"sink", []string{"errors.deadletterqueue.topic.name", "t"}, `"topics" = "t"`, "DLQ topic 't' may not be included"},
		{"mirror", []string{"replication.factor", "three"}, `"replication.factor" = "three"`, "Not a number of type INT"},
		{"mirror", []string{"source.cluster.alias", "-"}, `config = {`, `"source.cluster.alias"`},
		{"mirror", []string{"replication.policy.class", "com.example.Nope"}, `"replication.policy.class" = `, "could not be found"},
	} {
		t.Run(fmt.Sprintf("%02d %s", i, row.pairs[0]), func(t *testing.T) { row.isRefused(t, sharedWorker(t)) })
	}
}

// Configurations that only newer workers reject. If an older worker would ignore a key, the provider reports it.
func TestAccConnector_validatedAtPlanByNewerWorkers(t *testing.T) {
	t.Parallel()
	for i, row := range []struct {
		since string // first version, among those tested, that rejects it
		older string // the error for older workers; empty if they accept it
		wrongConfig
	}{
		{"3.5", "", wrongConfig{"source", []string{"topic", ""}, `"topic" = ""`, "String must be non-empty"}},
		{"4.1", "needs Kafka Connect 4.1 or later; the worker runs", wrongConfig{"source", []string{"connector.plugin.version", "9.9"}, `"connector.plugin.version" = "9.9"`, "available versions: ["}},
		{"3.7", "", wrongConfig{"source", []string{"value.converter", acctest.SourceClass}, `"value.converter" = `, "does not implement the Converter interface"}},
		{"3.9", "", wrongConfig{"source", []string{"key.converter", "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable", "perhaps"}, `"key.converter.schemas.enable" = `, "either true or false"}},
		{"4.1", "needs Kafka Connect 4.1 or later; the worker runs", wrongConfig{"source", []string{"key.converter", "org.apache.kafka.connect.json.JsonConverter", "key.converter.plugin.version", "9.9"}, `"key.converter.plugin.version" = `, "available versions"}},
		{"3.3", "needs Kafka Connect 3.3 or later; the worker runs", wrongConfig{"source", []string{"exactly.once.support", "perhaps"}, `"exactly.once.support" = "perhaps"`, "String must be one of"}},
		{"3.5", "", wrongConfig{"sink", []string{"consumer.override.max.poll.records", "few"}, `"consumer.override.max.poll.records" = "few"`, "Not a number of type INT"}},
	} {
		t.Run(fmt.Sprintf("%02d %s", i, row.pairs[0]), func(t *testing.T) {
			w := sharedWorker(t)
			switch older := w.Older(row.since); {
			case older && row.older == "":
				acctest.NewCLI(t, declared(w.URL, "wrong", row.config())).Must("plan", "-no-color")
				return
			case older:
				row.says = row.older
			}
			row.isRefused(t, w)
		})
	}
}

// config returns the configuration.
func (c wrongConfig) config() map[string]string {
	config := acctest.With(map[string]map[string]string{
		"source": {"connector.class": acctest.SourceClass, "topic": "t", "tasks.max": "1"},
		"sink":   {"connector.class": acctest.SinkClass, "topics": "t", "tasks.max": "1", "file": "f"},
		"mirror": {
			"connector.class": mirrorClass, "source.cluster.alias": "a", "target.cluster.alias": "b",
			"source.cluster.bootstrap.servers": "localhost:1", "target.cluster.bootstrap.servers": "localhost:1",
		},
	}[c.base], c.pairs...)
	maps.DeleteFunc(config, func(_, value string) bool { return value == "-" })
	return config
}

// isRefused plans the configuration. If its class is not installed, that is the error.
func (c wrongConfig) isRefused(t *testing.T, w *worker) {
	t.Helper()
	installed := string(w.Do(http.MethodGet, "/connector-plugins", nil))
	if c.base == "mirror" && !strings.Contains(installed, mirrorClass) {
		c.line, c.says = `"connector.class" = `, "The worker has no connector of class"
	}
	out := acctest.NewCLI(t, declared(w.URL, "wrong", c.config())).
		MustFail([]string{"Invalid configuration of connector", c.says}, "plan", "-no-color")
	if !strings.Contains(strings.Join(strings.Fields(out), " "), c.line) {
		t.Errorf("the line %s is not shown:\n%s", c.line, out)
	}
	if strings.Contains(out, "Invalid value null") {
		t.Errorf("an error is about a null that is not declared:\n%s", out)
	}
}

func TestAccConnector_warningsAtPlan(t *testing.T) {
	t.Parallel()
	w := sharedWorker(t)
	const insert = "org.apache.kafka.connect.transforms.InsertField$Value"
	transform := func(pairs ...string) map[string]string {
		return acctest.With(source(t), append([]string{"transforms", "ts", "transforms.ts.type", insert, "transforms.ts.timestamp.field", "at"}, pairs...)...)
	}
	withoutFile := source(t)
	delete(withoutFile, "file")
	for text, want := range map[string]string{
		declared(w.URL, "w", transform("transforms.ts.offset.feld", "o")):                        `Did you mean "transforms.ts.offset.field"?`,
		declared(w.URL, "w", transform("transforms.tss.static.field", "o")):                      `Did you mean "transforms.ts.static.field"?`,
		declared(w.URL, "w", transform("transforms.ts.predicat", "p")):                           `Did you mean "transforms.ts.predicate"?`,
		declared(w.URL, "w", acctest.With(source(t), "consumer.overide.max.poll.records", "7")):  `Did you mean "consumer.override.max.poll.records"?`,
		declared(w.URL, "w", acctest.With(source(t), "topic.creation.defaults.partitions", "7")): `Did you mean "topic.creation.default.partitions"?`,
		declared(w.URL, "w", acctest.With(source(t), "max.tasks", "7")):                          `Did you mean "tasks.max"?`,
		declared(w.URL, "w", acctest.With(withoutFile, "fil", "7")):                              `Did you mean "file"?`,
		declared(w.URL, "w", acctest.With(source(t), "batch.sise", "7")):                         `Did you mean "batch.size"?`,
		declared(w.URL, "w", acctest.With(source(t), "tasks.maxx", "7")):                         `Did you mean "tasks.max"?`,
		declared(w.URL, "w", source(t), `config_sensitive = { "errors.tollerance" = "all" }`):    `Did you mean "errors.tolerance"?`,
	} {
		if out := acctest.NewCLI(t, text).Must("plan", "-no-color"); !acctest.Flat(want).MatchString(out) {
			t.Errorf("the plan does not say %s:\n%s", want, out)
		}
	}
	// Keys that the connector does not define and that no warning is for.
	quiet := acctest.With(transform("transforms.ts.predicate", "p", "predicates", "p", "predicates.p.type", "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone"), "my.own.key", "x", "producer.override.linger.ms", "5", "topic.creation.default.partitions", "3", "topic.creation.default.replication.factor", "1")
	if out := acctest.NewCLI(t, declared(w.URL, "w", quiet)).Must("plan", "-no-color"); strings.Contains(out, "Did you mean") || strings.Contains(out, "Unknown configuration key") {
		t.Errorf("the plan suggests where nothing is misspelt:\n%s", out)
	}
}

func TestAccConnector_unknownValues(t *testing.T) {
	t.Parallel()
	w, name := sharedWorker(t), acctest.UniqueName("later")
	config := source(t)
	topic := config["topic"]
	delete(config, "topic")
	text := strings.Replace(declared(w.URL, name, config), "config = {", "config = {\n    \"topic\" = terraform_data.topic.output", 1) +
		fmt.Sprintf("resource \"terraform_data\" \"topic\" {\n  input = %q\n}\n", topic)
	acceptance(t, w, []string{name},
		resource.TestStep{
			Config: text, ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			Check: w.holds(name, acctest.With(config, "topic", topic), "RUNNING"),
		},
	)
}

// A sink whose topics are known only in the apply can be planned, although the worker requires topics.
func TestAccConnector_unknownTopics(t *testing.T) {
	t.Parallel()
	w, name := sharedWorker(t), acctest.UniqueName("later")
	t.Cleanup(func() { w.Delete(name) })
	config := map[string]string{
		"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": acctest.UniqueName("topic"), "file": filepath.Join(t.TempDir(), "out.txt"),
	}
	topics := fmt.Sprintf("%q", config["topics"])
	text := strings.Replace(declared(w.URL, name, config), `"topics" = `+topics, `"topics" = terraform_data.later.output`, 1)
	c := acctest.NewCLI(t, later(text, topics))
	c.Apply()
	w.isRunning(name, config)
	c.MustBeEmpty()
}

// The cluster that MirrorMaker reads from is not there. Its start waits for that cluster before it has a status.
func TestAccConnector_mirrorWithoutSource(t *testing.T) {
	t.Parallel()
	w, name := sharedWorker(t), acctest.UniqueName("mirror")
	t.Cleanup(func() { w.Delete(name) })
	config := map[string]string{
		"connector.class": mirrorClass, "tasks.max": "1", "source.cluster.alias": "a", "target.cluster.alias": "b", "topics": "none",
		"source.cluster.bootstrap.servers": "127.0.0.1:1", "target.cluster.bootstrap.servers": stack.Shared(t).Bootstrap(),
	}
	c := acctest.NewCLI(t, declared(w.URL, name, config, `timeouts = { create = "10s" }`))
	c.MustFail([]string{"did not become RUNNING", "gets its first status when its start has ended"}, "apply", "-auto-approve", "-no-color")
}
