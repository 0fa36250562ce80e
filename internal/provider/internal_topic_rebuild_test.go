package provider

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// keeps checks the number of partitions, and that the content is what was written.
func (c *cluster) keeps(name string, partitions int, content map[string]string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		got, ok := c.topic(name)
		if !ok || got.partitions != partitions || got.config["cleanup.policy"] != "compact" {
			return fmt.Errorf("the brokers hold %+v, want %d partitions", got, partitions)
		}
		if left := c.content(name); !maps.Equal(left, content) {
			return fmt.Errorf("the topic holds %d keys, want the %d that were written", len(left), len(content))
		}
		if _, ok := c.topic(name + ".rebuild"); ok {
			return fmt.Errorf("the copy is still there")
		}
		return nil
	}
}

func TestAccInternalTopic_partitionsBothWays(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("both-ways")
	partitions := func(n int, lines ...string) string {
		return c.topicConfig("offset", name, append(lines, fmt.Sprintf("partitions = %d", n))...)
	}
	cli := newCLI(t, partitions(1))
	t.Cleanup(func() { c.delete(name) })
	cli.apply()
	content := c.fill(name, 200, 100)

	cli.configure(partitions(25))
	saidBy(t, cli.must("plan", "-no-color"), "partitions = 1 -> 25", "from 1 to 25 partitions", "Nothing is lost", "workers of the group must be stopped")
	cli.apply()
	c.must(c.keeps(name, 25, content))
	cli.mustBeEmpty()

	cli.configure(partitions(2))
	cli.mustFail([]string{"partitions would go from 25 to 2", "set deletion_protection = false", "seed_from"}, "plan", "-no-color")
	cli.configure(partitions(2, unprotected))
	saidBy(t, cli.must("plan", "-no-color"), "partitions = 25 -> 2", "from 25 to 2 partitions", "deleted and created again", "Nothing is lost")
	cli.apply()
	c.must(c.keeps(name, 2, content))
	cli.mustBeEmpty()
	cli.must("destroy", "-auto-approve", "-no-color")
}

// Somebody added partitions to a topic with records. Its keys are now in two places; back to the declared number.
func TestAccInternalTopic_addedPartitionsAreDrift(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("added")
	config := c.topicConfig("status", name, unprotected)
	var content map[string]string
	c.topicAcceptance([]string{name},
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { content = c.fill(name, 50, 10); c.grow(name, 9) },
			Config:           config,
			ConfigPlanChecks: topicPlanned(plancheck.ResourceActionUpdate),
			Check:            func(s *terraform.State) error { return c.keeps(name, 5, content)(s) },
		},
	)
}

func TestAccInternalTopic_seedFrom(t *testing.T) {
	t.Parallel()
	c, former, name := sharedCluster(t), uniqueName("former"), uniqueName("seeded")
	c.create(former, 1, nil)
	content := c.fill(former, 100, 100)
	config := c.topicConfig("offset", name, unprotected, fmt.Sprintf("seed_from = %q", former))
	c.topicAcceptance([]string{name},
		resource.TestStep{
			Config: config,
			Check:  resource.ComposeTestCheckFunc(c.keeps(name, 25, content), c.keeps(former, 1, content), c.has(name, 25, 1, nil)),
		},
		resource.TestStep{PreConfig: func() { c.delete(former) }, Config: config, ConfigPlanChecks: settled},
		resource.TestStep{Config: c.topicConfig("offset", name, unprotected), Check: c.keeps(name, 25, content)},
	)
}

func TestAccInternalTopic_seedFromNothing(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("seeded")
	cli := newCLI(t, c.topicConfig("offset", name, `seed_from = "no-such-topic"`))
	cli.mustFail([]string{"Unable to create internal topic", "seed_from names a topic that does not exist"}, "apply", "-auto-approve", "-no-color")
	if _, ok := c.topic(name); ok {
		t.Error("the topic was created")
	}
}

// With live workers in the group nothing is rebuilt and nothing is deleted; they are named, at plan time already.
func TestAccInternalTopic_liveWorkersAreNamed(t *testing.T) {
	t.Parallel()
	requireAcceptance(t)
	s := stack.Shared(t)
	worker := strings.TrimPrefix(s.URLs()[0], "http://")
	for _, group := range []string{fmt.Sprintf("group_id = %q", s.Options.GroupID), "# no group_id"} {
		t.Run(group, func(t *testing.T) {
			c, name := newCluster(t, s), uniqueName("live")
			t.Cleanup(func() { c.delete(name) })
			partitions := func(n int) string {
				return c.topicConfig("offset", name, unprotected, group, fmt.Sprintf("partitions = %d", n))
			}
			cli := newCLI(t, partitions(3))
			cli.apply()
			content := c.fill(name, 20, 10)

			cli.configure(partitions(5))
			saidBy(t, cli.must("plan", "-no-color"), "from 3 to 5 partitions", "now: ", worker)
			cli.mustFail([]string{"Unable to update internal topic", "live member", worker, "Stop these workers"}, "apply", "-auto-approve", "-no-color")
			c.must(c.keeps(name, 3, content))

			cli.configure(partitions(3))
			cli.mustBeEmpty()
			saidBy(t, cli.must("plan", "-destroy", "-no-color"), "can only be deleted once they are stopped", worker)
			cli.mustFail([]string{"Unable to delete internal topic", "live member", worker}, "destroy", "-auto-approve", "-no-color")
			c.must(c.keeps(name, 3, content))
		})
	}
}

// What a process that died has left is seen by the next plan, and finished by the next apply.
func TestAccInternalTopic_unfinishedIsFinished(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("unfinished")
	config := c.topicConfig("offset", name, "partitions = 3", `config = { "retention.ms" = "3600000" }`)
	t.Cleanup(func() { c.delete(name) })
	cli := newCLI(t, config)
	cli.apply()
	content := c.fill(name, 30, 10)
	lock := func() {
		c.set(name, "retention.bytes", "-1")
		c.set(name, "retention.ms", "-1")
		c.set(name, "cleanup.policy", "compact,delete")
	}
	lock()
	saidBy(t, cli.must("plan", "-no-color"), `cleanup_policy = "compact,delete" -> "compact"`, "finish what was cut short")
	cli.apply()
	c.must(c.keeps(name, 3, content))
	if got, _ := c.topic(name); got.config["retention.ms"] != "3600000" {
		t.Errorf("the declared retention is not back: %v", got.config)
	}
	cli.mustBeEmpty()

	// The topic itself is gone, and its copy not complete: nobody but a human can know what to do. It stays in the state.
	lock()
	c.create(name+".rebuild", 3, nil)
	if _, err := c.admin.DeleteTopic(c.ctx(), name); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the topic is gone", func() bool { _, ok := c.topic(name); return !ok })
	if out := cli.must("plan", "-no-color"); !strings.Contains(out, "will be updated in-place") {
		t.Errorf("the topic does not count as there:\n%s", out)
	}
	cli.mustFail([]string{"Unable to update internal topic"}, "apply", "-auto-approve", "-no-color")
	if _, ok := c.topic(name + ".rebuild"); !ok {
		t.Error("the copy is gone")
	}
}

// A rebuild that is cut short by Ctrl-C, or with its provider, is finished by the next apply. An open transaction keeps
// it waiting in the middle: the group held, the topic locked.
func TestAccInternalTopic_cutShort(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		name string
		cut  func(*cli, *os.Process)
		says string
	}{
		{"interrupted", func(_ *cli, terraform *os.Process) { _ = terraform.Signal(os.Interrupt) }, "What was begun is finished by the next apply"},
		{"killed", func(c *cli, _ *os.Process) { c.killProvider() }, "Error:"},
	} {
		t.Run(way.name, func(t *testing.T) {
			c, name := sharedCluster(t), uniqueName("cut-short")
			t.Cleanup(func() { c.delete(name) })
			cli := newCLI(t, c.topicConfig("offset", name, "partitions = 3"))
			cli.apply()
			content := c.fill(name, 50, 10)
			end := c.openTransaction(name)
			cli.configure(c.topicConfig("offset", name, "partitions = 6"))
			cmd, out := cli.command("apply", "-auto-approve", "-no-color")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the topic is locked", func() bool { got, _ := c.topic(name); return got.config["cleanup.policy"] != "compact" })
			way.cut(cli, cmd.Process)
			if err := cmd.Wait(); err == nil {
				t.Error("the apply succeeded")
			}
			saidBy(t, out.String(), way.says)
			end()

			cli.apply()
			c.must(c.keeps(name, 6, content))
			cli.mustBeEmpty()
		})
	}
}

// saidBy checks that Terraform printed each of the texts.
func saidBy(t *testing.T, out string, wants ...string) {
	t.Helper()
	flat := unwrap(out)
	for _, want := range wants {
		if !strings.Contains(flat, want) {
			t.Errorf("Terraform did not print %q:\n%s", want, out)
		}
	}
}
