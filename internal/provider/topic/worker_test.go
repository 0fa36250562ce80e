package topic_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// Without a rebuild, this sequence makes nearly every source continue at an old offset after each restart: a key is then
// in several partitions, and the partition that the worker reads last wins.
func TestAccInternalTopic_keepsOffsets(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	g := newGroup(t, stack.Shared(t), 20)
	cli := acctest.NewCLI(t, g.config(acctest.Unprotected, "partitions = 1"))
	cli.Apply()
	g.fillOffsets()
	g.start(g.topicOf("offset"))
	g.connect()
	g.write(10)
	for _, partitions := range []int{25, 2} {
		g.changePartitions(cli, partitions, acctest.Unprotected)
	}
	g.stop()
	cli.MustBeEmpty()
	cli.Must("destroy", "-auto-approve", "-no-color")
}

func TestAccInternalTopic_keepsOffsetsOnThreeBrokers(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	g := newGroup(t, stack.Start(t, stack.Options{Brokers: 3, Workers: stack.NoWorkers}), 20)
	cli := acctest.NewCLI(t, g.config("partitions = 25", "replication_factor = 3"))
	cli.Apply()
	g.fillOffsets()
	g.start(g.topicOf("offset"))
	g.connect()
	g.write(10)
	g.changePartitions(cli, 50, "replication_factor = 3")
	g.Must(g.Has(g.topicOf("offset"), 50, 3, nil))

	// Replicas are added and removed while the workers run.
	cli.Configure(g.config("partitions = 50", "replication_factor = 1"))
	cli.Apply()
	g.Must(g.Has(g.topicOf("offset"), 50, 1, nil))
	cli.Configure(g.config("partitions = 50", "replication_factor = 2"))
	cli.Apply()
	g.Must(g.Has(g.topicOf("offset"), 50, 2, nil))
	g.write(1)
	cli.MustBeEmpty()
}

// changePartitions applies a change of the offset topic's partitions, and checks that the sources continue at their
// offsets, also after restarts.
func (g *group) changePartitions(cli *acctest.CLI, partitions int, lines ...string) {
	g.T.Helper()
	before := g.offsets()
	g.stop()
	cli.Configure(g.config(append(lines, fmt.Sprintf("partitions = %d", partitions))...))
	cli.Apply()
	if got, _ := g.Topic(g.topicOf("offset")); got.Partitions != partitions {
		g.T.Fatalf("there are %d partitions, want %d", got.Partitions, partitions)
	}
	g.restart()
	g.keepsOffsets(before)
	g.write(5)
	for range 3 {
		g.restart()
		g.write(1)
	}
}

// While Terraform copies records to a new topic, the locked group keeps workers from writing to the old one. A worker
// that is switched to the new topic continues at its offsets.
func TestAccInternalTopic_switchOver(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	g := newGroup(t, stack.Shared(t), 3)
	former, next := g.topicOf("offset"), g.topicOf("offset-2")
	t.Cleanup(func() { g.Delete(next) })
	cli := acctest.NewCLI(t, g.config(acctest.Unprotected, "partitions = 3"))
	cli.Apply()
	g.start(former)
	g.connect()
	g.write(10)
	before := g.offsets()
	g.stop()

	both := g.config(acctest.Unprotected, "partitions = 3") + fmt.Sprintf(`
resource "kafkaconnect_internal_topic" "next" {
  role                = "offset"
  name                = %q
  group_id            = %q
  partitions          = 7
  seed_from           = kafkaconnect_internal_topic.test.name
  deletion_protection = false
}
`, next, g.id)
	cli.Configure(both)
	end := g.openTransaction(former) // makes the creation wait while it locks the group
	cmd, out := cli.Command("apply", "-auto-approve", "-no-color")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the apply printed:\n%s", out)
		}
	})
	acctest.Eventually(t, "the group is locked", func() bool {
		groups, err := g.Admin.DescribeGroups(g.Ctx(), g.id)
		return err == nil && len(groups[g.id].Members) == 1
	})
	g.startFails("InconsistentGroupProtocolException")
	end()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}

	g.start(next)
	g.keepsOffsets(before)
	g.write(5)
	g.restart()
	g.write(1)
	cli.MustBeEmpty()
	g.stop()
	cli.Configure(strings.Replace(both, "kafkaconnect_internal_topic.test.name", fmt.Sprintf("%q", former), 1))
	cli.Must("destroy", "-auto-approve", "-no-color")
}

// openTransaction writes a record to the topic in a transaction, and returns a function that aborts the transaction.
func (c *cluster) openTransaction(topic string) (abort func()) {
	c.T.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(c.Bootstrap, ",")...), kgo.TransactionalID(acctest.UniqueName("transaction")),
		kgo.TransactionTimeout(10*time.Minute)) // by default brokers abort it after 40 seconds
	if err != nil {
		c.T.Fatal(err)
	}
	c.T.Cleanup(client.Close)
	if err := client.BeginTransaction(); err != nil {
		c.T.Fatal(err)
	}
	if err := client.ProduceSync(c.Ctx(), &kgo.Record{Topic: topic, Key: []byte("aborted"), Value: []byte("aborted")}).FirstErr(); err != nil {
		c.T.Fatal(err)
	}
	return func() {
		c.T.Helper()
		if err := client.EndTransaction(context.WithoutCancel(c.Ctx()), kgo.TryAbort); err != nil {
			c.T.Fatal(err)
		}
	}
}
