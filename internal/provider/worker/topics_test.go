package worker_test

import (
	"fmt"
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

	declared := c.ProviderConfig() + block(distributedKind, "test", workerLines(group), "bootstrap_servers", "")
	terraform := acctest.NewCLI(t, declared)
	acctest.SaidBy(t, terraform.Must("plan", "-no-color"),
		"It has 7 partitions, but offset_storage_partitions is 25", "offset_storage_topic =",
		"It has 2 partitions. Workers start only with 1 partition", "config_storage_topic =",
		"It has cleanup.policy=delete. Workers start only with cleanup.policy=compact", "status_storage_topic =")

	terraform.Configure(c.ProviderConfig() + block(distributedKind, "test", workerLines(group), "bootstrap_servers", "", "offset_storage_partitions", "7"))
	if out := terraform.Must("plan", "-no-color"); strings.Contains(acctest.Unwrap(out), "It has 7 partitions") {
		t.Errorf("warned of a topic with the declared settings:\n%s", out)
	}
	terraform.Configure(declared + fmt.Sprintf("resource \"kafkaconnect_internal_topic\" \"offset\" {\n  role = \"offset\"\n  name = %q\n}\n", offset))
	terraform.Must("import", "-no-color", "kafkaconnect_internal_topic.offset", "offset/"+offset)
	depending := strings.Replace(declared, fmt.Sprintf("%q", offset), "kafkaconnect_internal_topic.offset.name", 1)
	terraform.Configure(depending + fmt.Sprintf("resource \"kafkaconnect_internal_topic\" \"offset\" {\n  role = \"offset\"\n  name = %q\n}\n", offset))
	if out := terraform.Must("plan", "-no-color"); strings.Contains(acctest.Unwrap(out), "It has 7 partitions") {
		t.Errorf("warned of a topic that a resource manages:\n%s", out)
	}
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
	c.MustFail([]string{"bootstrap_servers is required, because the provider's kafka attribute has no bootstrap_servers"}, "plan", "-no-color")
}

// The resource needs no broker.
func TestWorkerConfig_brokersUnreachable(t *testing.T) {
	t.Parallel()
	c := acctest.NewCLI(t, "provider \"kafkaconnect\" {\n  kafka = { bootstrap_servers = [\"127.0.0.1:1\"] }\n}\n"+
		block(distributedKind, "test", workerLines(acctest.UniqueName("alone")), "bootstrap_servers", ""))
	c.Apply()
	c.MustBeEmpty()
}
