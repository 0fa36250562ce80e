package topic_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// ownTopic declares the group's topics, and the own offsets topic of its first source.
func (g *group) ownTopic(lines ...string) string {
	return g.config(acctest.Unprotected) + fmt.Sprintf(`
resource "kafkaconnect_internal_topic" "own" {
  role                = "offset"
  name                = %q
  group_id            = %q
  deletion_protection = false
  %s
}
`, g.topicOf("own"), g.id, strings.Join(lines, "\n  "))
}

// A source has its own offsets topic. A change of its partitions needs the workers stopped, as that of every topic. Its
// deletion does not, but waits until no worker has the connector: a stopped one still has the topic open.
func TestAccInternalTopic_connectors(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	g := newGroup(t, stack.Shared(t), 1)
	t.Cleanup(func() { g.Delete(g.topicOf("own")) })
	connectors := fmt.Sprintf("connectors = [%q]", g.source(0))
	cli := acctest.NewCLI(t, g.ownTopic("partitions = 2", connectors))
	cli.Apply()
	g.start(g.topicOf("offset"))
	g.rest().Do(http.MethodPost, "/connectors", map[string]any{"name": g.source(0), "config": map[string]string{
		"connector.class": acctest.SourceClass, "tasks.max": "1", "topic": g.output, "file": g.file(0), "offsets.storage.topic": g.topicOf("own"),
	}})
	g.write(10)
	g.offsets()
	if n := len(g.Content(g.topicOf("own"))); n != 1 {
		t.Fatalf("the own topic has %d offsets", n)
	}
	cli.MustBeEmpty()

	cli.Configure(g.ownTopic("partitions = 5", connectors))
	acctest.SaidBy(t, cli.Must("plan", "-no-color"), "The workers of the group must be stopped during the apply")
	before := g.offsets()
	g.stop()
	cli.Apply()
	g.restart()
	g.keepsOffsets(before)
	g.write(1)
	if n := len(g.Content(g.topicOf("own"))); n != 1 {
		t.Errorf("after the change of the partitions, the own topic has %d offsets", n)
	}

	g.rest().Do(http.MethodPut, acctest.ConnectorPath(g.source(0), "stop"), nil)
	cli.Configure(g.config(acctest.Unprotected))
	if out := cli.Must("plan", "-no-color"); strings.Contains(out, "run during the plan") {
		t.Errorf("the plan warned of workers that need not be stopped:\n%s", out)
	}
	cmd, out := cli.Command("apply", "-auto-approve", "-no-color")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		t.Fatalf("the topic was deleted under a connector: %v\n%s", err, out)
	case <-time.After(10 * time.Second):
	}
	if _, exists := g.Topic(g.topicOf("own")); !exists {
		t.Error("the topic was deleted under a connector")
	}
	g.rest().Do(http.MethodDelete, acctest.ConnectorPath(g.source(0)), nil)
	if err := <-done; err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, exists := g.Topic(g.topicOf("own")); exists {
		t.Error("the topic exists")
	}
	cli.MustBeEmpty()
	g.stop()
	cli.Must("destroy", "-auto-approve", "-no-color")
}

// The attribute is for offset topics that no worker configuration uses.
func TestAccInternalTopic_connectorsMisused(t *testing.T) {
	t.Parallel()
	c, name := acctest.SharedKafka(t), acctest.UniqueName("misused")
	topic := func(role string) string {
		return c.ProviderConfig() + fmt.Sprintf(`
resource "kafkaconnect_internal_topic" "test" {
  role       = %q
  name       = %q
  connectors = ["orders"]
}
`, role, name)
	}
	cli := acctest.NewCLI(t, topic("status"))
	cli.MustFail([]string{"Only an offset topic can belong to connectors"}, "plan", "-no-color")
	cli.Configure(strings.Replace(topic("offset"), `["orders"]`, "[]", 1))
	cli.MustFail([]string{"connectors set must contain at least 1 elements"}, "plan", "-no-color")
	for _, reference := range []string{"kafkaconnect_internal_topic.test.name", fmt.Sprintf("%q", name)} {
		cli.Configure(topic("offset") + fmt.Sprintf(`
resource "kafkaconnect_worker_config" "test" {
  group_id             = "misused"
  offset_storage_topic = %s
  config_storage_topic = "misused-config"
  status_storage_topic = "misused-status"
  key_converter        = "org.apache.kafka.connect.storage.StringConverter"
  value_converter      = "org.apache.kafka.connect.storage.StringConverter"
}
`, reference))
		cli.MustFail([]string{fmt.Sprintf("Internal topic %q is a storage topic of workers", name), "Remove connectors, and set group_id"}, "plan", "-no-color")
	}
}
