package topic_test

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// Terraform replaces a tainted resource. The provider repairs a tainted topic in place and never deletes it.
func TestAccInternalTopic_taintNeverDeletes(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		name       string
		partitions int // declared when the tainted topic is applied
		apply      func(*acctest.CLI)
	}{
		{"apply", 3, func(c *acctest.CLI) { c.Apply() }},
		{"saved plan", 3, func(c *acctest.CLI) {
			c.Must("plan", "-out=saved.tfplan", "-no-color")
			c.Must("apply", "-no-color", "saved.tfplan")
		}},
		{"no refresh", 3, func(c *acctest.CLI) { c.Must("apply", "-refresh=false", "-auto-approve", "-no-color") }},
		{"and a change", 4, func(c *acctest.CLI) { c.Apply() }},
	} {
		t.Run(way.name, func(t *testing.T) {
			c, name := sharedCluster(t), acctest.UniqueName("taint")
			partitions := func(n int) string {
				return c.TopicConfig("offset", name, acctest.Unprotected, fmt.Sprintf("partitions = %d", n))
			}
			t.Cleanup(func() { c.Delete(name) })
			cli := acctest.NewCLI(t, partitions(3))
			cli.Apply()
			content, id := c.Fill(name, 20, 10), c.id(name)
			cli.Must("taint", "-no-color", acctest.TopicAddress)
			cli.Configure(partitions(way.partitions))
			way.apply(cli)
			c.Must(c.keeps(name, way.partitions, content))
			if c.id(name) != id {
				t.Error("the topic was deleted and created again")
			}
			cli.MustBeEmpty()
			cli.Must("taint", "-no-color", acctest.TopicAddress)
			cli.Must("destroy", "-auto-approve", "-no-color")
			if _, ok := c.Topic(name); ok {
				t.Error("the destroy did not delete the topic")
			}
		})
	}
}

// With create_before_destroy, Create runs first. It returns an error because the topic exists, and nothing is deleted.
func TestAccInternalTopic_taintWithCreateBeforeDestroy(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("taint")
	t.Cleanup(func() { c.Delete(name) })
	cli := acctest.NewCLI(t, c.TopicConfig("offset", name, acctest.Unprotected, "lifecycle { create_before_destroy = true }"))
	cli.Apply()
	content := c.Fill(name, 20, 10)
	cli.Must("taint", "-no-color", acctest.TopicAddress)
	cli.MustFail([]string{"exists already", "terraform untaint"}, "apply", "-auto-approve", "-no-color")
	c.Must(c.keeps(name, 25, content))
	cli.Must("untaint", "-no-color", acctest.TopicAddress)
	cli.MustBeEmpty()
}

// A provider that is killed during a creation with seed_from leaves a locked topic and no state. The next apply completes
// the creation.
func TestAccInternalTopic_killedWhileSeeding(t *testing.T) {
	t.Parallel()
	c, former, name := sharedCluster(t), acctest.UniqueName("former"), acctest.UniqueName("half")
	c.Create(former, 2, nil)
	content := c.Fill(former, 40, 10)
	c.Create(name, 5, map[string]string{"cleanup.policy": "compact,delete", "retention.ms": "-1", "retention.bytes": "-1"})
	c.Fill(name, 10, 10)
	cli := acctest.NewCLI(t, c.TopicConfig("offset", name, acctest.Unprotected, "partitions = 5", fmt.Sprintf("seed_from = %q", former)))
	acctest.SaidBy(t, cli.Must("plan", "-no-color"), "finish an interrupted change")
	cli.Apply()
	c.Must(c.keeps(name, 5, content))
	cli.MustBeEmpty()
}

// A setting can make the copy of seed_from fail. When the setting is corrected, the next apply completes the creation.
func TestAccInternalTopic_seedFailsBecauseOfSetting(t *testing.T) {
	t.Parallel()
	c, former := sharedCluster(t), acctest.UniqueName("former")
	c.Create(former, 2, nil)
	content := c.Fill(former, 40, 10)
	for _, way := range []struct{ repair, settings string }{
		{"apply", `config = { "max.message.bytes" = "1000000" }`},
		{"apply", ""},
		{"untaint", `config = { "max.message.bytes" = "1000000" }`},
		{"untaint", ""},
	} {
		name := acctest.UniqueName("seeded")
		declare := func(settings string) string {
			return c.TopicConfig("offset", name, acctest.Unprotected, fmt.Sprintf("seed_from = %q", former), settings)
		}
		cli := acctest.NewCLI(t, declare(`config = { "max.message.bytes" = "60" }`))
		cli.MustFail([]string{"Unable to create internal topic", "stays locked"}, "apply", "-auto-approve", "-no-color")
		if way.repair == "untaint" {
			cli.Must("untaint", "-no-color", acctest.TopicAddress)
		}
		cli.Configure(declare(way.settings))
		cli.Apply()
		c.Must(c.keeps(name, 25, content))
		cli.MustBeEmpty()
		cli.Must("destroy", "-auto-approve", "-no-color")
	}
}

// id returns the topic's id, which changes when the topic is deleted and created again.
func (c *cluster) id(name string) string {
	c.T.Helper()
	details, err := c.Admin.Metadata(kadm.WithAuthorizedOps(c.Ctx()), name)
	if err != nil {
		c.T.Fatal(err)
	}
	return details.Topics[name].ID.String()
}
