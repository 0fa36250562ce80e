package worker_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// creatorVersion is a version of workers that knows internal.topics.automatic.creation.enable, and ignorantVersion one that does not.
const (
	creatorVersion  = "4.4.0"
	ignorantVersion = "4.3.1"
)

var roles = []string{"offset", "config", "status"}

// Without automatic creation, a plan refuses storage topics that neither exist nor are managed.
func TestAccWorkerConfig_topicCreationOff(t *testing.T) {
	t.Parallel()
	c, group := acctest.SharedKafka(t), acctest.UniqueName("creation")
	attribute := []string{"internal_topic_creation", "false"}
	config := func(kind string, more ...string) string {
		return c.ProviderConfig() + block(kind, "test", workerLines(group), append([]string{"bootstrap_servers", ""}, more...)...)
	}
	terraform := acctest.NewCLI(t, config(distributedKind, attribute...))
	for name, text := range map[string]string{
		"attribute": config(distributedKind, attribute...),
		"key":       config(distributedKind, "config", `{ "internal.topics.automatic.creation.enable" = "false" }`),
	} {
		terraform.Configure(text)
		out := terraform.MustFail([]string{
			fmt.Sprintf("The offset storage topic %q does not exist", group+"-offset"), "offset_storage_topic =",
			fmt.Sprintf("The config storage topic %q does not exist", group+"-config"), "config_storage_topic =",
			fmt.Sprintf("The status storage topic %q does not exist", group+"-status"), "status_storage_topic =",
			"Declare a kafkaconnect_internal_topic resource",
		}, "plan", "-no-color")
		if n := strings.Count(out, "Error:"); n != 3 {
			t.Errorf("%s: there are %d errors:\n%s", name, n, out)
		}
	}
	terraform.Configure(config(distributedKind, append(attribute, "config", `{ "internal.topics.automatic.creation.enable" = "false" }`)...))
	terraform.MustFail([]string{"internal.topics.automatic.creation.enable is set twice: internal_topic_creation sets it already"}, "plan", "-no-color")

	for name, text := range map[string]string{
		"by default":               config(distributedKind),
		"creation on":              config(distributedKind, "internal_topic_creation", "true"),
		"topics of other brokers":  config(distributedKind, append(attribute, "bootstrap_servers", `["broker-0:9092"]`)...),
		"managed":                  managedTopics(c, group, attribute...),
		"managed, no reference":    managedTopics(c, group, append(attribute, literalTopics(group)...)...),
		"managed, other cluster":   strings.Replace(managedTopics(c, group, append(attribute, "cluster", `"same"`)...), "provider \"kafkaconnect\" {", sameBrokers(c), 1),
		"names known in the apply": config(distributedKind, append(attribute, laterTopics()...)...) + "resource \"terraform_data\" \"name\" {\n  input = \"later\"\n}\n",
	} {
		terraform.Configure(text)
		if out, ok := terraform.Run("plan", "-no-color"); !ok {
			t.Errorf("%s: %s", name, out)
		}
	}

	for _, role := range roles {
		c.Create(group+"-"+role, map[string]int{"offset": 25, "config": 1, "status": 5}[role], nil)
	}
	terraform.Configure(config(distributedKind, attribute...))
	terraform.Apply()
	terraform.MustBeEmpty()
	c.Delete(group + "-status")
	gone := fmt.Sprintf("The status storage topic %q does not exist", group+"-status")
	acctest.SaidBy(t, terraform.Must("plan", "-no-color"), "Warning: "+gone) // Terraform plans before a destroy, which must not fail
	terraform.Configure(config(distributedKind, append(attribute, "client_rack", `"b"`)...))
	terraform.MustFail([]string{"Error: " + gone}, "plan", "-no-color")
	terraform.Configure(config(distributedKind, attribute...))
	terraform.Must("destroy", "-auto-approve", "-no-color")
}

// The ephemeral resource does the same when it is opened.
func TestAccWorkerConfig_ephemeralTopicCreationOff(t *testing.T) {
	t.Parallel()
	c, group := acctest.SharedKafka(t), acctest.UniqueName("creation")
	config := func(pairs ...string) string {
		text := strings.Replace(managedTopics(c, group, pairs...), distributedKind, `ephemeral "kafkaconnect_worker_config"`, 1)
		return text + "locals {\n  text = ephemeral.kafkaconnect_worker_config.test.content\n}\n"
	}
	terraform := acctest.NewCLI(t, config(append(literalTopics(group+"-none"), "internal_topic_creation", "false")...))
	terraform.RequireTerraform("1.11")
	terraform.MustFail([]string{fmt.Sprintf("The offset storage topic %q does not exist", group+"-none-offset"), "offset_storage_topic ="}, "plan", "-no-color")
	terraform.Configure(config("internal_topic_creation", "false"))
	terraform.Apply() // creates the topics
	terraform.Apply()
	terraform.Must("destroy", "-auto-approve", "-no-color")
}

// literalTopics returns attributes with the names of the group's topics.
func literalTopics(group string) (pairs []string) {
	for _, role := range roles {
		pairs = append(pairs, role+"_storage_topic", fmt.Sprintf("%q", group+"-"+role))
	}
	return pairs
}

// sameBrokers begins a provider block with a second cluster on the same brokers.
func sameBrokers(c *acctest.Kafka) string {
	return fmt.Sprintf("provider \"kafkaconnect\" {\n  clusters = { same = { kafka = { bootstrap_servers = [%q] } } }", c.Bootstrap)
}

// laterTopics returns attributes with names of topics that are known after apply.
func laterTopics() (pairs []string) {
	for _, role := range roles {
		pairs = append(pairs, role+"_storage_topic", fmt.Sprintf("\"%s-${terraform_data.name.output}\"", role))
	}
	return pairs
}

// missing is what a worker logs without its offset topic.
const missing = "specified via the 'offset.storage.topic' property is missing. The config 'internal.topics.automatic.creation.enable' is set to 'false'"

// What the plan refuses, a worker refuses as well. A worker that is too old for the setting creates the topics.
func TestAccWorkerConfig_missingTopicsStopTheWorker(t *testing.T) {
	t.Parallel()
	c, group := acctest.SharedKafka(t), acctest.UniqueName("missing")
	for _, role := range roles {
		t.Cleanup(func() { c.Delete(group + "-" + role) })
	}
	s, file := stack.Shared(t), filepath.Join(t.TempDir(), "worker.properties")
	port, err := s.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	config := block(distributedKind, "test", workerLines(group), "bootstrap_servers", fmt.Sprintf("[%q]", c.Bootstrap), "path", fmt.Sprintf("%q", file),
		"internal_topic_creation", "false", "listeners", fmt.Sprintf("[\"http://127.0.0.1:%d\"]", port),
		"offset_storage_replication_factor", "1", "config_storage_replication_factor", "1", "status_storage_replication_factor", "1")
	terraform := acctest.NewCLI(t, c.ProviderConfig()+config)
	terraform.MustFail([]string{fmt.Sprintf("The offset storage topic %q does not exist", group+"-offset")}, "apply", "-auto-approve", "-no-color")
	if _, err := os.Stat(file); err == nil {
		t.Error("the apply wrote the file")
	}

	terraform.Configure(config) // without kafka, the plan cannot ask the brokers
	terraform.Apply()
	w, err := s.AddWorker(t.Context(), stack.WorkerOptions{Version: creatorVersion, PropertiesFile: file})
	if err == nil || w == nil || w.Running() || !strings.Contains(w.Log(), fmt.Sprintf("Topic '%s-offset' %s", group, missing)) {
		t.Fatalf("worker %v, error %v, want a worker that ended because of the topic", w, err)
	}
	for _, role := range roles {
		if _, exists := c.Topic(group + "-" + role); exists {
			t.Errorf("the %s topic exists", role)
		}
	}

	securedBrokers{t, s}.start(stack.WorkerOptions{Version: ignorantVersion, PropertiesFile: file})
	for _, role := range roles { // it answers before it creates them
		acctest.Eventually(t, "worker "+ignorantVersion+" creates the "+role+" topic", func() bool { _, exists := c.Topic(group + "-" + role); return exists })
	}
}

// One apply of the guide's example leads from brokers without topics to a running connector, on a worker that creates no topic.
func TestAccWorkerConfig_pipelineWithoutTopicCreation(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	s := stack.Start(t, stack.Options{Workers: stack.NoWorkers, BrokerProperties: map[string]string{"auto.create.topics.enable": "false"}})
	c, group, out := acctest.NewKafka(t, s), acctest.UniqueName("bare"), filepath.Join(t.TempDir(), "out")
	port, err := s.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	c.Create("lines", 1, map[string]string{"cleanup.policy": "delete"})
	terraform := acctest.NewCLI(t, "")
	terraform.UseExample("examples/guides/no-topic-creation")
	replaceInFile(t, filepath.Join(terraform.Dir, "main.tf"), "  path = ", "  config = { \"offset.flush.interval.ms\" = \"1000\", \"plugin.discovery\" = \"service_load\" }\n  path = ")
	terraform.SetVariables(map[string]any{"bootstrap_servers": strings.Split(c.Bootstrap, ","), "connect_url": fmt.Sprintf("http://127.0.0.1:%d", port),
		"group_id": group, "source_file": linesFile(t), "topic": "lines"})
	file, own := filepath.Join(terraform.Dir, "worker.properties"), group+"-source-offsets"

	apply, said := terraform.Command("apply", "-auto-approve", "-no-color")
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	acctest.Eventually(t, "the file is written", func() bool { _, err := os.Stat(file); return err == nil })
	for _, role := range roles {
		if _, exists := c.Topic(group + "-" + role); !exists {
			t.Errorf("the file exists before the %s topic", role)
		}
	}
	w, _ := securedBrokers{t, s}.start(stack.WorkerOptions{Version: creatorVersion, PropertiesFile: file})
	if err := apply.Wait(); err != nil {
		t.Fatalf("%v:\n%s", err, said)
	}
	put(w, "sink", fileConnector(acctest.SinkClass, "lines", out))
	awaitLines(t, out)
	acctest.Eventually(t, "the source has stored its offset in its own topic", func() bool { return recordsOf(c, own) > 0 })
	terraform.MustBeEmpty()

	put(w, "without-topic", acctest.With(fileConnector(acctest.SourceClass, "lines", linesFile(t)), "offsets.storage.topic", group+"-none"))
	acctest.Eventually(t, "a connector without its own topic fails", func() bool {
		_, status := w.Ask(http.MethodGet, acctest.ConnectorPath("without-topic", "status"), nil)
		return strings.Contains(string(status), fmt.Sprintf("Topic '%s-none' specified via the 'offsets.storage.topic' property is missing", group))
	})

	// Deletes the connector and then its topic, while the worker runs.
	terraform.Must("destroy", "-auto-approve", "-no-color", "-target=kafkaconnect_internal_topic.source_offsets")
	if _, exists := c.Topic(own); exists {
		t.Error("the topic of the source exists")
	}
}
