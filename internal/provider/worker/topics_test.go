package worker_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// A plan warns of storage topics with wrong settings, unless a resource manages them.
func TestAccWorkerConfig_warnsOfStorageTopics(t *testing.T) {
	t.Parallel()
	c, group := acctest.SharedKafka(t), acctest.UniqueName("shapes")
	offset, config, status := group+"-offset", group+"-config", group+"-status"
	for _, name := range []string{offset, config, status} {
		t.Cleanup(func() { c.Delete(name) })
	}
	c.Create(offset, 7, nil)
	c.Create(config, 2, nil)
	c.Create(status, 5, map[string]string{"cleanup.policy": "delete"})

	declared := c.ProviderConfig() + block(distributedKind, "test", workerLines(group), "bootstrap_servers", "", "offset_storage_partitions", "25")
	terraform := acctest.NewCLI(t, declared)
	acctest.SaidBy(t, terraform.Must("plan", "-no-color"),
		"It has 7 partitions, but offset_storage_partitions is 25", "offset_storage_partitions =",
		"It has 2 partitions. Workers start only with 1 partition", "config_storage_topic =",
		"It has cleanup.policy=delete. Workers start only with cleanup.policy=compact", "status_storage_topic =")

	for _, partitions := range []string{"7", ""} { // an empty line drops the attribute
		terraform.Configure(c.ProviderConfig() + block(distributedKind, "test", workerLines(group), "bootstrap_servers", "", "offset_storage_partitions", partitions))
		if out := terraform.Must("plan", "-no-color"); strings.Contains(acctest.Unwrap(out), "It has 7 partitions") {
			t.Errorf("warned of a topic with the declared settings:\n%s", out)
		}
	}
}

// managedTopics declares a worker configuration and its topics. The pairs are attributes of the worker configuration.
func managedTopics(c *acctest.Kafka, group string, pairs ...string) string {
	all := []string{"bootstrap_servers", ""}
	for _, role := range []string{"offset", "config", "status"} {
		all = append(all, role+"_storage_topic", fmt.Sprintf("kafkaconnect_internal_topic.group[%q].name", role))
	}
	return c.ProviderConfig() + fmt.Sprintf(`
resource "kafkaconnect_internal_topic" "group" {
  for_each = { offset = 7, config = 1, status = 3 }

  role                = each.key
  name                = "%[1]s-${each.key}"
  group_id            = %[1]q
  partitions          = each.value
  deletion_protection = false
}
`, group) + block(distributedKind, "test", workerLines(group), append(all, pairs...)...)
}

// An apply does not know the topics that it leaves unchanged. It does not warn of them.
func TestAccWorkerConfig_managedTopics(t *testing.T) {
	t.Parallel()
	c, group := acctest.SharedKafka(t), acctest.UniqueName("managed")
	for _, role := range []string{"offset", "config", "status"} {
		t.Cleanup(func() { c.Delete(group + "-" + role) })
	}
	warnings := func(out string) int {
		return strings.Count(out, "Warning:") - strings.Count(out, "Warning: Provider development overrides")
	}
	quiet := func(out string) {
		t.Helper()
		if warnings(out) > 0 {
			t.Errorf("Terraform warned:\n%s", out)
		}
	}
	file := filepath.Join(t.TempDir(), "worker.properties")
	path := []string{"path", fmt.Sprintf("%q", file)}
	topics, _, _ := strings.Cut(managedTopics(c, group), "resource \"kafkaconnect_worker_config\"")
	terraform := acctest.NewCLI(t, topics)
	quiet(terraform.Apply())
	terraform.Configure(managedTopics(c, group, path...)) // creates the worker configuration only
	quiet(terraform.Apply())
	terraform.Configure(managedTopics(c, group, append(path, "client_rack", `"b"`)...))
	quiet(terraform.Apply())
	terraform.MustBeEmpty()
	if text, err := os.ReadFile(file); err != nil || strings.Contains(string(text), "partitions") {
		t.Errorf("%v: the file has a number of partitions that nobody declared:\n%s", err, text)
	}

	terraform.Configure(managedTopics(c, group, append(path, "offset_storage_partitions", "25")...))
	out := terraform.Apply()
	acctest.SaidBy(t, out, "It has 7 partitions, but offset_storage_partitions is 25", "Remove offset_storage_partitions, or set it to 7")
	if n := warnings(out); n != 1 {
		t.Errorf("there are %d warnings:\n%s", n, out)
	}

	terraform.Configure(strings.Replace(managedTopics(c, group, path...), fmt.Sprintf("group_id            = %q", group), `group_id            = "another"`, 1))
	terraform.MustFail([]string{"has group_id \"another\", but a worker configuration with group_id " + fmt.Sprintf("%q", group) + " uses this topic"}, "plan", "-no-color")
	terraform.Configure(topics)
	quiet(terraform.Apply())
	terraform.Must("destroy", "-auto-approve", "-no-color")
}

// If the provider's servers are known only after apply, the rendered attributes are unknown in the plan.
func TestWorkerConfig_serversKnownOnlyAfterApply(t *testing.T) {
	t.Parallel()
	config := "resource \"terraform_data\" \"server\" {\n  input = \"127.0.0.1:1\"\n}\n" +
		"provider \"kafkaconnect\" {\n  kafka = { bootstrap_servers = [terraform_data.server.output] }\n}\n" +
		block(distributedKind, "test", workerLines(acctest.UniqueName("servers")), "bootstrap_servers", "")
	c := acctest.NewCLI(t, config)
	acctest.SaidBy(t, c.Must("plan", "-no-color"), "content_sha256 = (known after apply)")
	c.Apply()
	acctest.SaidBy(t, c.Must("state", "show", "-no-color", workerAddress), "content_sha256")
	c.MustBeEmpty()

	c.Configure(strings.Replace(config, "kafka = { bootstrap_servers = [terraform_data.server.output] }", "", 1))
	out := c.MustFail([]string{"bootstrap_servers is required, because the provider's kafka attribute has no bootstrap_servers"}, "plan", "-no-color")
	if strings.Count(out, "Error:") != 1 {
		t.Errorf("not one error:\n%s", out)
	}
}

// The resource needs no broker.
func TestWorkerConfig_brokersUnreachable(t *testing.T) {
	t.Parallel()
	c := acctest.NewCLI(t, "provider \"kafkaconnect\" {\n  kafka = { bootstrap_servers = [\"127.0.0.1:1\"] }\n}\n"+
		block(distributedKind, "test", workerLines(acctest.UniqueName("alone")), "bootstrap_servers", "", "internal_topic_creation", "false"))
	c.Apply()
	c.MustBeEmpty()
}
