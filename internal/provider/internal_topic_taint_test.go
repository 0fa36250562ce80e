package provider

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
)

// Terraform plans to replace what is tainted. A topic is not deleted for that, by whatever way Terraform comes by it.
func TestAccInternalTopic_taintNeverDeletes(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		name       string
		partitions int // declared when the tainted topic is applied
		apply      func(*cli)
	}{
		{"apply", 3, func(c *cli) { c.apply() }},
		{"saved plan", 3, func(c *cli) {
			c.must("plan", "-out=saved.tfplan", "-no-color")
			c.must("apply", "-no-color", "saved.tfplan")
		}},
		{"no refresh", 3, func(c *cli) { c.must("apply", "-refresh=false", "-auto-approve", "-no-color") }},
		{"and a change", 4, func(c *cli) { c.apply() }},
	} {
		t.Run(way.name, func(t *testing.T) {
			c, name := sharedCluster(t), uniqueName("taint")
			partitions := func(n int) string {
				return c.topicConfig("offset", name, unprotected, fmt.Sprintf("partitions = %d", n))
			}
			t.Cleanup(func() { c.delete(name) })
			cli := newCLI(t, partitions(3))
			cli.apply()
			content, id := c.fill(name, 20, 10), c.id(name)
			cli.must("taint", "-no-color", topicAddress)
			cli.configure(partitions(way.partitions))
			way.apply(cli)
			c.must(c.keeps(name, way.partitions, content))
			if c.id(name) != id {
				t.Error("it is another topic")
			}
			cli.mustBeEmpty()
			cli.must("taint", "-no-color", topicAddress)
			cli.must("destroy", "-auto-approve", "-no-color")
			if _, ok := c.topic(name); ok {
				t.Error("a destroy does not delete it")
			}
		})
	}
}

// With create_before_destroy the create half comes first. It finds the topic and fails; nothing is deleted.
func TestAccInternalTopic_taintWithCreateBeforeDestroy(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("taint")
	t.Cleanup(func() { c.delete(name) })
	cli := newCLI(t, c.topicConfig("offset", name, unprotected, "lifecycle { create_before_destroy = true }"))
	cli.apply()
	content := c.fill(name, 20, 10)
	cli.must("taint", "-no-color", topicAddress)
	cli.mustFail([]string{"exists already", "terraform untaint"}, "apply", "-auto-approve", "-no-color")
	c.must(c.keeps(name, 25, content))
	cli.must("untaint", "-no-color", topicAddress)
	cli.mustBeEmpty()
}

// A provider that was killed in the middle of a creation with seed_from leaves a locked topic and no state.
func TestAccInternalTopic_killedWhileSeeding(t *testing.T) {
	t.Parallel()
	c, former, name := sharedCluster(t), uniqueName("former"), uniqueName("half")
	c.create(former, 2, nil)
	content := c.fill(former, 40, 10)
	c.create(name, 5, map[string]string{"cleanup.policy": "compact,delete", "retention.ms": "-1", "retention.bytes": "-1"})
	c.fill(name, 10, 10)
	cli := newCLI(t, c.topicConfig("offset", name, unprotected, "partitions = 5", fmt.Sprintf("seed_from = %q", former)))
	saidBy(t, cli.must("plan", "-no-color"), "finish what was cut short")
	cli.apply()
	c.must(c.keeps(name, 5, content))
	cli.mustBeEmpty()
}

// What a topic was to be created with may be why its content cannot be copied. The next apply puts that right first.
func TestAccInternalTopic_seedFailsForASetting(t *testing.T) {
	t.Parallel()
	c, former := sharedCluster(t), uniqueName("former")
	c.create(former, 2, nil)
	content := c.fill(former, 40, 10)
	for _, way := range []struct{ heal, settings string }{
		{"apply", `config = { "max.message.bytes" = "1000000" }`},
		{"apply", ""},
		{"untaint", `config = { "max.message.bytes" = "1000000" }`},
		{"untaint", ""},
	} {
		name := uniqueName("seeded")
		declare := func(settings string) string {
			return c.topicConfig("offset", name, unprotected, fmt.Sprintf("seed_from = %q", former), settings)
		}
		cli := newCLI(t, declare(`config = { "max.message.bytes" = "60" }`))
		cli.mustFail([]string{"Unable to create internal topic", "stays locked"}, "apply", "-auto-approve", "-no-color")
		if way.heal == "untaint" {
			cli.must("untaint", "-no-color", topicAddress)
		}
		cli.configure(declare(way.settings))
		cli.apply()
		c.must(c.keeps(name, 25, content))
		cli.mustBeEmpty()
		cli.must("destroy", "-auto-approve", "-no-color")
	}
}

// id is the topic's id.
func (c *cluster) id(name string) string {
	c.t.Helper()
	details, err := c.admin.Metadata(kadm.WithAuthorizedOps(c.ctx()), name)
	if err != nil {
		c.t.Fatal(err)
	}
	return details.Topics[name].ID.String()
}
