package topic_test

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// keeps checks the number of partitions, and that the topic holds exactly the content.
func (c *cluster) keeps(name string, partitions int, content map[string]string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		got, ok := c.Topic(name)
		if !ok || got.Partitions != partitions || got.Config["cleanup.policy"] != "compact" {
			return fmt.Errorf("the brokers hold %+v, want %d partitions", got, partitions)
		}
		if left := c.Content(name); !maps.Equal(left, content) {
			return fmt.Errorf("the topic holds %d keys, want the %d that were written", len(left), len(content))
		}
		if _, ok := c.Topic(name + ".rebuild"); ok {
			return fmt.Errorf("the copy is still there")
		}
		return nil
	}
}

func TestAccInternalTopic_partitionsUpAndDown(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("up-and-down")
	partitions := func(n int, lines ...string) string {
		return c.TopicConfig("offset", name, append(lines, fmt.Sprintf("partitions = %d", n))...)
	}
	cli := acctest.NewCLI(t, partitions(1))
	t.Cleanup(func() { c.Delete(name) })
	cli.Apply()
	content := c.Fill(name, 200, 100)

	cli.Configure(partitions(25))
	acctest.SaidBy(t, cli.Must("plan", "-no-color"), "partitions = 1 -> 25", "from 1 to 25 partitions", "No record is lost", "workers of the group must be stopped")
	cli.Apply()
	c.Must(c.keeps(name, 25, content))
	cli.MustBeEmpty()

	cli.Configure(partitions(2))
	cli.MustFail([]string{"partitions would be reduced from 25 to 2", "set deletion_protection = false", "seed_from"}, "plan", "-no-color")
	cli.Configure(partitions(2, acctest.Unprotected))
	acctest.SaidBy(t, cli.Must("plan", "-no-color"), "partitions = 25 -> 2", "from 25 to 2 partitions", "deleted and created again", "No record is lost")
	cli.Apply()
	c.Must(c.keeps(name, 2, content))
	cli.MustBeEmpty()
	cli.Must("destroy", "-auto-approve", "-no-color")
}

// When another tool adds partitions to a topic with records, a key can be in two partitions. The apply reduces the
// partitions to the declared number.
func TestAccInternalTopic_addedPartitionsDrift(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("added")
	config := c.TopicConfig("offset", name, acctest.Unprotected, "partitions = 5")
	var content map[string]string
	c.TopicAcceptance([]string{name},
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { content = c.Fill(name, 50, 10); c.Grow(name, 9) },
			Config:           config,
			ConfigPlanChecks: acctest.TopicPlanned(plancheck.ResourceActionUpdate),
			Check:            func(s *terraform.State) error { return c.keeps(name, 5, content)(s) },
		},
	)
}

func TestAccInternalTopic_seedFrom(t *testing.T) {
	t.Parallel()
	c, former, name := sharedCluster(t), acctest.UniqueName("former"), acctest.UniqueName("seeded")
	c.Create(former, 1, nil)
	content := c.Fill(former, 100, 100)
	config := c.TopicConfig("offset", name, acctest.Unprotected, fmt.Sprintf("seed_from = %q", former))
	c.TopicAcceptance([]string{name},
		resource.TestStep{
			Config: config,
			Check:  resource.ComposeTestCheckFunc(c.keeps(name, 25, content), c.keeps(former, 1, content), c.Has(name, 25, 1, nil)),
		},
		resource.TestStep{PreConfig: func() { c.Delete(former) }, Config: config, ConfigPlanChecks: acctest.Settled},
		resource.TestStep{Config: c.TopicConfig("offset", name, acctest.Unprotected), Check: c.keeps(name, 25, content)},
	)
}

func TestAccInternalTopic_seedFromMissingTopic(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("seeded")
	cli := acctest.NewCLI(t, c.TopicConfig("offset", name, `seed_from = "no-such-topic"`))
	cli.MustFail([]string{"Unable to create internal topic", "seed_from names a topic that does not exist"}, "apply", "-auto-approve", "-no-color")
	if _, ok := c.Topic(name); ok {
		t.Error("the topic was created")
	}
}

// With live workers in the group, nothing is rebuilt or deleted. Plan and apply name the workers.
func TestAccInternalTopic_liveWorkers(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	s := stack.Shared(t)
	worker := strings.TrimPrefix(s.URLs()[0], "http://")
	for _, group := range []string{fmt.Sprintf("group_id = %q", s.Options.GroupID), "# no group_id"} {
		t.Run(group, func(t *testing.T) {
			c, name := newCluster(t, s), acctest.UniqueName("live")
			t.Cleanup(func() { c.Delete(name) })
			partitions := func(n int) string {
				return c.TopicConfig("offset", name, acctest.Unprotected, group, fmt.Sprintf("partitions = %d", n), `timeouts = { update = "5s", delete = "5s" }`)
			}
			cli := acctest.NewCLI(t, partitions(3))
			cli.Apply()
			content := c.Fill(name, 20, 10)

			cli.Configure(partitions(5))
			acctest.SaidBy(t, cli.Must("plan", "-no-color"), "from 3 to 5 partitions", "now: ", worker)
			cli.MustFail([]string{"Unable to update internal topic", "live member", worker, "Stop these workers"}, "apply", "-auto-approve", "-no-color")
			c.Must(c.keeps(name, 3, content))

			cli.Configure(partitions(3))
			cli.MustBeEmpty()
			acctest.SaidBy(t, cli.Must("plan", "-destroy", "-no-color"), "will be deleted after these workers are stopped", worker)
			cli.MustFail([]string{"Unable to delete internal topic", "live member", worker}, "destroy", "-auto-approve", "-no-color")
			c.Must(c.keeps(name, 3, content))
		})
	}
}

// The next plan detects an unfinished rebuild, and the next apply finishes it.
func TestAccInternalTopic_finishesUnfinishedRebuild(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("unfinished")
	config := c.TopicConfig("offset", name, "partitions = 3", `config = { "retention.ms" = "3600000" }`)
	t.Cleanup(func() { c.Delete(name) })
	cli := acctest.NewCLI(t, config)
	cli.Apply()
	content := c.Fill(name, 30, 10)
	lock := func() {
		c.Set(name, "retention.bytes", "-1")
		c.Set(name, "retention.ms", "-1")
		c.Set(name, "cleanup.policy", "compact,delete")
	}
	lock()
	acctest.SaidBy(t, cli.Must("plan", "-no-color"), `cleanup_policy = "compact,delete" -> "compact"`, "finish an interrupted change")
	cli.Apply()
	c.Must(c.keeps(name, 3, content))
	if got, _ := c.Topic(name); got.Config["retention.ms"] != "3600000" {
		t.Errorf("the declared retention is not back: %v", got.Config)
	}
	cli.MustBeEmpty()

	// The topic is missing and its copy is incomplete, so that the provider cannot finish the rebuild. The topic stays in
	// the state, and the user decides.
	lock()
	c.Create(name+".rebuild", 3, map[string]string{"cleanup.policy": "compact,delete", "retention.ms": "-1", "retention.bytes": "-1"})
	if _, err := c.Admin.DeleteTopic(c.Ctx(), name); err != nil {
		t.Fatal(err)
	}
	acctest.Eventually(t, "the topic is gone", func() bool { _, ok := c.Topic(name); return !ok })
	if out := cli.Must("plan", "-no-color"); !strings.Contains(out, "will be updated in-place") {
		t.Errorf("the plan does not update the topic:\n%s", out)
	}
	cli.MustFail([]string{"Unable to update internal topic"}, "apply", "-auto-approve", "-no-color")
	if _, ok := c.Topic(name + ".rebuild"); !ok {
		t.Error("the copy is gone")
	}
}

// The next apply finishes a rebuild that Ctrl-C or a killed provider interrupted. A rebuild that has locked the topic waits for
// some seconds, because workers may be starting.
func TestAccInternalTopic_interruptedRebuild(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		name string
		cut  func(*acctest.CLI, *os.Process)
		says string
	}{
		{"interrupted", func(_ *acctest.CLI, terraform *os.Process) { _ = terraform.Signal(os.Interrupt) }, "If a change is unfinished, the next apply completes it"},
		{"killed", func(c *acctest.CLI, _ *os.Process) { c.KillProvider() }, "Error:"},
	} {
		t.Run(way.name, func(t *testing.T) {
			c, name := sharedCluster(t), acctest.UniqueName("interrupted")
			t.Cleanup(func() { c.Delete(name) })
			cli := acctest.NewCLI(t, c.TopicConfig("offset", name, "partitions = 3"))
			cli.Apply()
			content := c.Fill(name, 50, 10)
			cli.Configure(c.TopicConfig("offset", name, "partitions = 6"))
			cmd, out := cli.Command("apply", "-auto-approve", "-no-color")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			acctest.Eventually(t, "the topic is locked", func() bool { got, _ := c.Topic(name); return got.Config["cleanup.policy"] != "compact" })
			way.cut(cli, cmd.Process)
			if err := cmd.Wait(); err == nil {
				t.Error("the apply succeeded")
			}
			acctest.SaidBy(t, out.String(), way.says)

			cli.Apply()
			c.Must(c.keeps(name, 6, content))
			cli.MustBeEmpty()
		})
	}
}

// The plan refuses to change the partitions of a topic whose records no worker wrote, unless the check is skipped.
func TestAccInternalTopic_recordsOfOthers(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("orders")
	c.Create(name, 3, nil)
	content := map[string]string{}
	for n := range 20 {
		key := fmt.Sprintf("order-%d", n)
		content[key] = "paid"
		r := &kgo.Record{Topic: name, Partition: int32(acctest.Partition(key, 3)), Key: []byte(key), Value: []byte("paid")}
		if err := c.Client.ProduceSync(c.Ctx(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	cli := acctest.NewCLI(t, c.TopicConfig("offset", name, "partitions = 3"))
	cli.Must("import", "-no-color", acctest.TopicAddress, "offset/"+name)
	cli.Configure(c.TopicConfig("offset", name, "partitions = 5"))
	cli.MustFail([]string{`name = "` + name + `"`, "is not the offset topic of a Connect group", "20 records of 20", "skip_checks"}, "plan", "-no-color")
	c.Must(c.keeps(name, 3, content))
	cli.Configure(c.TopicConfig("offset", name, "partitions = 5", `skip_checks = ["group", "records"]`))
	cli.Apply()
	c.Must(c.keeps(name, 5, content))
}
