package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// TestThreeBrokers runs on a cluster of its own, as it kills brokers.
func TestThreeBrokers(t *testing.T) {
	t.Parallel()
	s := stack.Start(t, stack.Options{Brokers: 3, Workers: stack.NoWorkers})
	t.Run("a broker dies while a topic is grown", func(t *testing.T) {
		brokerDies{victim: s.Brokers[0], before: stepWrite, factor: 3, to: 50}.run(t, s)
	})
	t.Run("a broker dies while a topic is shrunk", func(t *testing.T) {
		brokerDies{victim: s.Brokers[1], before: stepDeleteOriginal, factor: 3, to: 4}.run(t, s)
	})
	if s.ZooKeeper != nil { // the live brokers are enough to create the topic again, but the deletion waits
		t.Run("a broker dies while a topic with two replicas is shrunk", func(t *testing.T) {
			brokerDies{victim: s.Brokers[1], before: stepDeleteOriginal, factor: 2, to: 4}.run(t, s)
		})
	}
	t.Run("settings", func(t *testing.T) { changesSettingsEverywhere(t, s.Bootstrap()) })
	t.Run("replication factor", func(t *testing.T) { changesReplicationFactor(t, s.Bootstrap()) })
	t.Run("a broker is down from the beginning", func(t *testing.T) { changesWithBrokerDown(t, s) })
}

// brokerDies is a change of a topic to another number of partitions, during which a broker is killed.
type brokerDies struct {
	victim *stack.Broker
	before string // The step before which the broker is killed.
	factor int    // The replication factor of the topic.
	to     int
}

func (c brokerDies) run(t *testing.T, s *stack.Stack) {
	topic := uniqueName(t)
	want := topicWith(t, s.Bootstrap(), topic, fill{
		partitions: 25, factor: c.factor, keys: 3000, history: 9000, txnEvery: 500, config: map[string]string{"min.insync.replicas": fmt.Sprint(c.factor - 1)},
	})
	client := newClient(t, s.Bootstrap())
	client.lockSession = defaultLockSession
	killed := false
	client.beforeStep = func(step string) {
		if step == c.before && !killed {
			killed = true
			if err := c.victim.Kill(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		}
	}
	change := func() error {
		spec := Spec{Role: RoleOffset, Name: topic, Partitions: c.to, AllowDeletion: true}
		return converge(t.Context(), client, orders{Spec: spec, GroupID: "group-of-" + topic})
	}
	err := change()
	if !killed {
		t.Fatal("no broker was killed")
	}
	// Controllers with ZooKeeper neither delete nor create a topic with a replica on a dead broker.
	halted := s.ZooKeeper != nil && err != nil && strings.Contains(err.Error(), "no record is lost")
	if err != nil && !halted {
		t.Fatal(err)
	}
	if !halted {
		wantContent(t, s.Bootstrap(), topic, c.to, want)
	}
	if err := c.victim.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if halted {
		t.Log(err)
		if err := change(); err != nil {
			t.Fatal(err)
		}
	}
	wantContent(t, s.Bootstrap(), topic, c.to, want)
}

func changesReplicationFactor(t *testing.T, bootstrap string) {
	topic := uniqueName(t)
	want := topicWith(t, bootstrap, topic, fill{partitions: 7, keys: 500, history: 1000})
	client := newClient(t, bootstrap)
	spec := Spec{Role: RoleOffset, Name: topic, Partitions: 7}
	for _, factor := range []int{3, 2, 1, 2} {
		spec.ReplicationFactor = factor
		spec.Config = map[string]string{"min.insync.replicas": fmt.Sprint(max(1, factor-1))}
		if err := converge(t.Context(), client, orders{Spec: spec}); err != nil {
			t.Fatal(err)
		}
		got := inspect(t, bootstrap, topic).Topic
		held := map[int32]int{}
		for p, replicas := range got.Replicas {
			if len(replicas) != factor {
				t.Errorf("partition %d has %d replicas instead of %d", p, len(replicas), factor)
			}
			for _, b := range replicas {
				held[b]++
			}
		}
		t.Logf("replication factor %d: replicas by broker %v", factor, held)
		wantContent(t, bootstrap, topic, 7, want)
	}
	spec.ReplicationFactor = 4
	var refused *SpecError
	if err := converge(t.Context(), client, orders{Spec: spec}); !errors.As(err, &refused) || refused.Field != "replication_factor" {
		t.Errorf("replication factor 4 on 3 brokers gave %v", err)
	}
}

// changesSettingsEverywhere checks that each broker shows new settings when the change has ended.
func changesSettingsEverywhere(t *testing.T, bootstrap string) {
	topic := uniqueName(t)
	topicWith(t, bootstrap, topic, fill{partitions: 1, factor: 3})
	client := newClient(t, bootstrap)
	brokers := inspect(t, bootstrap, topic).Brokers
	if len(brokers) != 3 {
		t.Fatalf("the brokers are %v", brokers)
	}
	for n := range 30 {
		want := strconv.Itoa(1000 + n)
		if err := client.alterConfig(t.Context(), topic, map[string]string{"segment.ms": want}, nil); err != nil {
			t.Fatal(err)
		}
		for _, b := range brokers {
			now := &Topic{Name: topic}
			if err := readConfig(t.Context(), client.Kgo.Broker(int(b.ID)), now); err != nil || now.Config["segment.ms"] != want {
				t.Errorf("after change %d, broker %d shows segment.ms=%q instead of %s: %v", n, b.ID, now.Config["segment.ms"], want, err)
			}
		}
	}
}

// changesWithBrokerDown changes topics with a replica on a broker that is down. With KRaft every change succeeds. With
// ZooKeeper a change may be refused, but only before it touched the topic, and it succeeds when the broker is back.
func changesWithBrokerDown(t *testing.T, s *stack.Stack) {
	const from = 25
	topics := []*struct {
		to, factor, inSync int
		name               string
		content            map[string]string
	}{
		{to: 50, factor: 3, inSync: 2},
		{to: 4, factor: 3, inSync: 2},
		{to: 4, factor: 2, inSync: 1}, // the live brokers are enough to create it again
	}
	for _, c := range topics {
		c.name = uniqueName(t)
		c.content = topicWith(t, s.Bootstrap(), c.name, fill{
			partitions: from, factor: c.factor, keys: 500, history: 1000, config: map[string]string{"min.insync.replicas": fmt.Sprint(c.inSync)},
		})
	}
	victim, client := s.Brokers[2], newClient(t, s.Bootstrap())
	client.lockSession = defaultLockSession
	if err := victim.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The other brokers still list the victim as live.
	if err := client.alterConfig(t.Context(), topics[0].name, map[string]string{"segment.ms": "3600000"}, nil); err != nil {
		t.Error(err)
	}
	awaitBrokers := func(n int) {
		noticed := func(ctx context.Context) (bool, error) {
			state, err := client.Inspect(ctx, topics[0].name)
			return len(state.Brokers) == n, err
		}
		if err := poll(t.Context(), time.Minute, noticed); err != nil {
			t.Fatal(err)
		}
	}
	awaitBrokers(2)
	for _, back := range []bool{false, true} {
		if back {
			if err := victim.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			awaitBrokers(3) // until then, the broker may answer with outdated settings
		}
		for _, c := range topics {
			partitions := c.to
			spec := Spec{Role: RoleOffset, Name: c.name, Partitions: c.to, AllowDeletion: true}
			if err := converge(t.Context(), client, orders{Spec: spec, GroupID: "group-of-" + c.name}); err != nil {
				partitions = from
				t.Logf("replication factor %d, to %d partitions: %v", c.factor, c.to, err)
				if s.ZooKeeper == nil || back || !strings.Contains(err.Error(), "broker") {
					t.Errorf("replication factor %d, to %d partitions, broker back %t: %v", c.factor, c.to, back, err)
				}
			}
			wantContent(t, s.Bootstrap(), c.name, partitions, c.content)
		}
	}
}
