package guides_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// lines writes a file with lines, and returns its path.
func lines(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "orders.txt")
	if err := os.WriteFile(file, []byte("one\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// contains reports whether a file of the working folder contains the text.
func contains(t *testing.T, c *acctest.CLI, file, text string) bool {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(c.Dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(content), text)
}

// The worker resolves the placeholder and holds both secrets. The state has only what the guide says, and the plan no secret.
func TestAccGuide_connectorSecrets(t *testing.T) {
	t.Parallel()
	w, name, topic := acctest.SharedWorker(t), acctest.UniqueName("secrets"), acctest.UniqueName("orders")
	t.Cleanup(func() { w.Delete(name) })
	placeholder := filepath.Join(t.TempDir(), "orders.properties")
	c := acctest.NewCLI(t, "")
	c.RequireTerraform("1.11")
	c.UseExample("examples/guides/connector-secrets", "orders-source", name, "/data/orders.txt", lines(t), "/run/secrets/orders.properties", placeholder)
	const password, key = "s3cr3t-database", "s3cr3t-key"
	c.Env = append(c.Env, "TF_VAR_connect_url="+w.URL, "TF_VAR_database_password="+password, "TF_VAR_api_key="+key)
	out, ok := c.Run("plan", "-no-color")
	if ok {
		t.Errorf("the plan does not notice that the file of the placeholder is missing:\n%s", out)
	}
	if err := os.WriteFile(placeholder, []byte("topic="+topic+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out += c.Must("plan", "-no-color") + c.Apply()
	c.MustBeEmpty()
	for _, secret := range []string{password, key} {
		if strings.Contains(out, secret) {
			t.Errorf("the output has the secret: %s", acctest.Surroundings(out, secret))
		}
	}
	if !contains(t, c, "terraform.tfstate", key) || contains(t, c, "terraform.tfstate", password) || !contains(t, c, "terraform.tfstate", placeholder+":topic}") {
		t.Error("the state has other secrets than the guide says")
	}
	if held := w.Config(name); held["database.password"] != password || held["api.key"] != key || held["topic"] != "${file:"+placeholder+":topic}" {
		t.Errorf("the worker holds %v", held)
	}
	kafka := acctest.SharedKafka(t)
	acctest.Eventually(t, "the lines are in the topic of the placeholder", func() bool { return records(kafka, topic) == 2 })

	w.Do(http.MethodPut, acctest.ConnectorPath(name, "config"), acctest.With(w.Config(name), "database.password", "changed"))
	acctest.SaidBy(t, c.Must("plan", "-no-color"), "1 to change")
	c.Apply()
	if held := w.Config(name); held["database.password"] != password {
		t.Error("the apply did not restore the password")
	}
	c.Must("destroy", "-auto-approve", "-no-color")
}

// Each YAML file becomes a connector. A deleted file deletes its connector.
func TestAccGuide_connectorsFromYAML(t *testing.T) {
	t.Parallel()
	w, prefix, c := acctest.SharedWorker(t), acctest.UniqueName("yaml"), acctest.NewCLI(t, "")
	c.RequireTerraform("1.11")
	c.UseExample("examples/guides/yaml", "topic: orders", "topic: "+prefix, "topics: orders", "topics: "+prefix, "/data/orders.txt", lines(t), "/data/archive.txt", filepath.Join(t.TempDir(), "archive.txt"))
	folder := filepath.Join(c.Dir, "connectors")
	for _, name := range []string{"orders-source", "orders-archive"} {
		if err := os.Rename(filepath.Join(folder, name+".yaml"), filepath.Join(folder, prefix+name+".yaml")); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Delete(prefix + name) })
	}
	c.Env = append(c.Env, "TF_VAR_connect_url="+w.URL, `TF_VAR_secrets={"`+prefix+`orders-source":{"database.password":"s3cr3t"}}`)
	acctest.SaidBy(t, c.Apply(), "2 added")
	c.MustBeEmpty()
	if state, _ := w.Status(prefix + "orders-archive"); state != "PAUSED" {
		t.Errorf("the sink is %s", state)
	}
	if held := w.Config(prefix + "orders-source"); held["tasks.max"] != "1" || held["database.password"] != "s3cr3t" {
		t.Errorf("the source has the configuration %v", held)
	}
	if err := os.Remove(filepath.Join(folder, prefix+"orders-archive.yaml")); err != nil {
		t.Fatal(err)
	}
	acctest.SaidBy(t, c.Apply(), "0 added, 0 changed, 1 destroyed")
	c.Must("destroy", "-auto-approve", "-no-color")
}

// The configuration of the guide on failures shows the cause of a failed connector that Terraform does not manage.
func TestAccGuide_troubleshooting(t *testing.T) {
	t.Parallel()
	w, name := acctest.SharedWorker(t), acctest.UniqueName("trouble")
	t.Cleanup(func() { w.Delete(name) })
	w.Do(http.MethodPost, "/connectors", map[string]any{"name": name, "config": map[string]string{
		"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": name, "file": filepath.Join(t.TempDir(), "missing", "copy.txt"),
	}})
	acctest.Eventually(t, "the task has failed", func() bool {
		_, tasks := w.Status(name)
		return len(tasks) == 1 && tasks[0] == "FAILED"
	})
	c := acctest.NewCLI(t, "")
	c.UseExample("examples/guides/troubleshooting")
	c.Env = append(c.Env, "TF_VAR_connect_url="+w.URL, "TF_VAR_connector="+name)
	acctest.SaidBy(t, c.MustScript("show.sh"), `state = "RUNNING"`, "NoSuchFileException", w.URL+`" = "`)
	c.MustBeEmpty()
	c.Must("destroy", "-auto-approve", "-no-color")
}

// Connectors and topics of Mongey's providers move without a write to the worker and without a change of the topic.
func TestAccGuide_movingFromMongey(t *testing.T) {
	t.Parallel()
	w, kafka, name := acctest.SharedWorker(t), acctest.SharedKafka(t), acctest.UniqueName("moved")
	t.Cleanup(func() { w.Delete(name) })
	file := lines(t)
	config := map[string]string{
		"connector.class": acctest.SourceClass, "tasks.max": "1", "file": file, "topic": name + "-lines", "batch.size": "7",
	}
	w.Do(http.MethodPost, "/connectors", map[string]any{"name": name, "config": config})
	kafka.Create(name, 25, map[string]string{"segment.bytes": "1048576"})
	acctest.Eventually(t, "the connector runs", func() bool {
		state, tasks := w.Status(name)
		return state == "RUNNING" && len(tasks) == 1 && tasks[0] == "RUNNING"
	})
	_, moved, _ := strings.Cut(acctest.Example(t, "examples/guides/mongey/main.tf"), "provider \"kafkaconnect\"")
	moved = "provider \"kafkaconnect\"" + strings.NewReplacer(
		"http://localhost:8083", w.URL, "localhost:9092", kafka.Bootstrap, "orders-source", name, "/data/orders.txt", file,
		`"topic"           = "orders"`, `"topic" = "`+name+`-lines"`, "connect-offset", name, `"connect"`, `"`+name+`-group"`,
		"  deletion_protection", "  skip_checks = [\"group\"] # workers of other tests run\n  deletion_protection",
	).Replace(moved)
	former := `
resource "kafka-connect_connector" "orders" {
  name             = "` + name + `"
  config           = { "name" = "` + name + `", "connector.class" = "` + acctest.SourceClass + `", "tasks.max" = "1", "file" = "` + file + `", "topic" = "` + name + `-lines" }
  config_sensitive = { "batch.size" = "7" }
}
resource "kafka_topic" "connect_offset" {
  name               = "` + name + `"
  partitions         = 25
  replication_factor = 1
  config             = { "cleanup.policy" = "compact", "segment.bytes" = "1048576" }
}
`
	w.Forget()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"kafkaconnect":  acctest.ProviderFactories["kafkaconnect"],
			"kafka-connect": mongeyConnector.Factory(),
			"kafka":         mongeyTopic.Factory(),
		},
		Steps: []resource.TestStep{
			{Config: former},
			{Config: moved, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("kafkaconnect_connector.orders", plancheck.ResourceActionNoop),
				plancheck.ExpectResourceAction("kafkaconnect_internal_topic.offset", plancheck.ResourceActionUpdate),
			}}, Check: kafka.Has(name, 25, 1, map[string]string{"segment.bytes": "1048576"})},
			{Config: moved, ConfigPlanChecks: acctest.Settled},
		},
	})
	for _, write := range w.Writes() {
		if !strings.HasPrefix(write, http.MethodDelete) { // the end of the test
			t.Errorf("the worker was sent %s", write)
		}
	}
}

// Fakes of Mongey's providers, with the schemas of their states.
var (
	mongeyConnector = acctest.FormerProvider{Name: "kafka-connect", Resource: "kafka-connect_connector", ResourceSchema: schema.Schema{
		Version: 1,
		Attributes: map[string]schema.Attribute{
			"name":             schema.StringAttribute{Required: true},
			"config":           schema.MapAttribute{Optional: true, ElementType: types.StringType},
			"config_sensitive": schema.MapAttribute{Optional: true, Sensitive: true, ElementType: types.StringType},
		},
	}}
	mongeyTopic = acctest.FormerProvider{Name: "kafka", Resource: "kafka_topic", ResourceSchema: schema.Schema{
		Version: 1,
		Attributes: map[string]schema.Attribute{
			"name":               schema.StringAttribute{Required: true},
			"partitions":         schema.Int64Attribute{Required: true},
			"replication_factor": schema.Int64Attribute{Required: true},
			"config":             schema.MapAttribute{Optional: true, ElementType: types.StringType},
		},
	}}
)
