package topic_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// A tainted topic that is renamed is deleted, as the plan shows.
func TestAccInternalTopic_taintAndRename(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("renamed")
	renamed := name + "-new"
	t.Cleanup(func() { c.Delete(name); c.Delete(renamed) })
	cli := acctest.NewCLI(t, c.TopicConfig("offset", name, acctest.Unprotected, "partitions = 3"))
	cli.Apply()
	cli.Must("taint", "-no-color", acctest.TopicAddress)
	cli.Configure(c.TopicConfig("offset", renamed, acctest.Unprotected, "partitions = 3"))
	acctest.SaidBy(t, cli.Must("plan", "-no-color"), "1 to add, 0 to change, 1 to destroy")
	cli.Apply()
	if _, ok := c.Topic(name); ok {
		t.Error("the topic with the previous name still exists")
	}
	c.Must(c.Has(renamed, 3, 1, nil))
	cli.MustBeEmpty()
}

// The rename of a tainted topic is refused while the topic in the state is protected from deletion.
func TestAccInternalTopic_taintAndRenameProtected(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("protected")
	renamed := name + "-new"
	t.Cleanup(func() { c.Delete(name); c.Delete(renamed) })
	cli := acctest.NewCLI(t, c.TopicConfig("offset", name, "partitions = 3"))
	cli.Apply()
	content, id := c.Fill(name, 20, 10), c.id(name)
	cli.Must("taint", "-no-color", acctest.TopicAddress)
	before := cli.Must("state", "show", "-no-color", acctest.TopicAddress)
	for _, line := range []string{"", acctest.Unprotected} {
		cli.Configure(c.TopicConfig("offset", renamed, "partitions = 3", line))
		cli.MustFail([]string{"is protected from deletion", "set deletion_protection = false and apply this change first"}, "apply", "-auto-approve", "-no-color")
		c.Must(c.keeps(name, 3, content))
		if c.id(name) != id {
			t.Error("the topic was deleted and created again")
		}
		if _, ok := c.Topic(renamed); ok {
			t.Error("the topic with the new name was created")
		}
		if after := cli.Must("state", "show", "-no-color", acctest.TopicAddress); after != before {
			t.Errorf("the state was\n%s\nand is\n%s", before, after)
		}
	}
}

// -replace deletes a topic that was tainted once and is not tainted any more.
func TestAccInternalTopic_replaceAfterUntaint(t *testing.T) {
	t.Parallel()
	c, former, name := sharedCluster(t), acctest.UniqueName("former"), acctest.UniqueName("replaced")
	c.Create(former, 2, nil)
	content := c.Fill(former, 40, 10)
	t.Cleanup(func() { c.Delete(name) })
	declare := func(settings string) string {
		return c.TopicConfig("offset", name, acctest.Unprotected, fmt.Sprintf("seed_from = %q", former), settings)
	}
	cli := acctest.NewCLI(t, declare(`config = { "max.message.bytes" = "60" }`)) // too small for the records
	cli.MustFail([]string{"Unable to create internal topic"}, "apply", "-auto-approve", "-no-color")
	cli.Must("untaint", "-no-color", acctest.TopicAddress)
	cli.Configure(declare(""))
	cli.Apply()
	cli.Must("taint", "-no-color", acctest.TopicAddress)
	cli.Must("untaint", "-no-color", acctest.TopicAddress)
	cli.MustBeEmpty()

	id := c.id(name)
	c.Fill(name, 50, 10) // ten keys that the source does not have
	cli.Must("apply", "-auto-approve", "-no-color", "-replace="+acctest.TopicAddress)
	if c.id(name) == id {
		t.Error("-replace did not delete the topic")
	}
	c.Must(c.keeps(name, 25, content))
	cli.MustBeEmpty()
}

// another declares a second topic of the group of TopicConfig.
func another(role, name, group string) string {
	return fmt.Sprintf("resource \"kafkaconnect_internal_topic\" \"another\" {\n  role = %q\n  name = %s\n  group_id = %q\n  %s\n}\n", role, name, group, acctest.Unprotected)
}

// later declares a value that is known only after apply. Its address is terraform_data.NAME.output.
func later(name, value string) string {
	return fmt.Sprintf("resource \"terraform_data\" %q {\n  input = %q\n}\n", name, value)
}

// The name of another topic of the group may be unknown in the plan that reduces the partitions.
func TestAccInternalTopic_shrinkWithUnknownName(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("shrunk")
	status, moved := name+"-status", name+"-status-2"
	t.Cleanup(func() { c.Delete(name); c.Delete(status); c.Delete(moved) })
	cli := acctest.NewCLI(t, c.TopicConfig("offset", name, acctest.Unprotected, "partitions = 3"))
	cli.Apply()
	content := c.Fill(name, 30, 10)
	for _, step := range []struct {
		status     string // the other topic, which the step creates or renames
		partitions int
	}{{status, 2}, {moved, 1}} {
		// depends_on makes Terraform plan the other topic first.
		cli.Configure(later("name", step.status) + another("status", "terraform_data.name.output", "group-of-"+name) +
			c.TopicConfig("offset", name, acctest.Unprotected, fmt.Sprintf("partitions = %d", step.partitions), "depends_on = [kafkaconnect_internal_topic.another]"))
		cli.Apply()
		c.Must(c.keeps(name, step.partitions, content))
		c.Must(c.Has(name, step.partitions, 1, nil))
		c.Must(c.Has(step.status, 5, 1, nil))
		cli.MustBeEmpty()
	}
}

// Two resources with one name are an error: in the plan if the names are known, otherwise in the apply.
func TestAccInternalTopic_declaredTwice(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("twice")
	t.Cleanup(func() { c.Delete(name) })
	one := c.TopicConfig("offset", name, acctest.Unprotected)
	two := one + another("offset", fmt.Sprintf("%q", name), "group-of-"+name)
	cli := acctest.NewCLI(t, two)
	cli.MustFail([]string{`Internal topic "` + name + `" is declared twice`}, "plan", "-no-color")
	cli.Configure(one)
	cli.Apply()
	c.Must(c.Has(name, 25, 1, nil))
	cli.Configure(two)
	cli.MustFail([]string{"is declared twice"}, "apply", "-auto-approve", "-no-color")
	c.Must(c.Has(name, 25, 1, nil))
}

// The apply refuses one of the resources. The topic stays, and the other resource owns it.
func TestAccInternalTopic_declaredTwiceByUnknownNames(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"both created", "one tainted"} {
		t.Run(way, func(t *testing.T) {
			c, name := sharedCluster(t), acctest.UniqueName("twice")
			t.Cleanup(func() { c.Delete(name) })
			one := later("name", name) + strings.Replace(c.TopicConfig("offset", name, acctest.Unprotected, "partitions = 3"),
				fmt.Sprintf("name = %q", name), "name = terraform_data.name.output", 1)
			two := one + later("again", name) + another("offset", "terraform_data.again.output", "group-of-"+name)
			cli := acctest.NewCLI(t, one)
			if way == "one tainted" {
				cli.Apply()
				cli.Must("taint", "-no-color", acctest.TopicAddress)
			}
			cli.Configure(two)
			cli.MustFail([]string{`Internal topic "` + name + `" is declared twice`}, "apply", "-auto-approve", "-no-color")
			if owners := strings.Count(cli.Must("state", "list", "-no-color"), "kafkaconnect_internal_topic"); owners != 1 {
				t.Errorf("%d resources own the topic", owners)
			}
			if _, ok := c.Topic(name); !ok {
				t.Error("the topic does not exist")
			}
		})
	}
}

// A protected topic that another tool deleted after an update is created again.
func TestAccInternalTopic_deletedAfterUpdate(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("deleted")
	t.Cleanup(func() { c.Delete(name) })
	cli := acctest.NewCLI(t, c.TopicConfig("offset", name, "partitions = 3"))
	cli.Apply()
	cli.Configure(c.TopicConfig("offset", name, "partitions = 3", `config = { "segment.bytes" = "1048576" }`))
	cli.Apply()
	c.Delete(name)
	acctest.SaidBy(t, cli.Must("plan", "-no-color"), "will be created")
	cli.Apply()
	c.Must(c.Has(name, 3, 1, map[string]string{"segment.bytes": "1048576"}))
}
