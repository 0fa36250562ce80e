package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// TestThreeBrokers runs on a cluster of its own, as it kills brokers.
func TestThreeBrokers(t *testing.T) {
	t.Parallel()
	s := stack.Start(t, stack.Options{Brokers: 3, Workers: stack.NoWorkers})
	for i, c := range []struct {
		name, dieBefore string
		to              int
	}{
		{"grown", stepWrite, 50},
		{"shrunk", stepDeleteOriginal, 4},
	} {
		t.Run("a broker dies while a topic is "+c.name, func(t *testing.T) {
			victim := s.Brokers[i]
			topic := uniqueName(t)
			want := topicWith(t, s.Bootstrap(), topic, fill{
				partitions: 25, factor: 3, keys: 3000, history: 9000, txnEvery: 500, config: map[string]string{"min.insync.replicas": "2"},
			})
			client := newClient(t, s.Bootstrap())
			client.lockSession = defaultLockSession
			killed := false
			client.beforeStep = func(step string) {
				if step == c.dieBefore && !killed {
					killed = true
					if err := victim.Kill(context.WithoutCancel(t.Context())); err != nil {
						t.Error(err)
					}
				}
			}
			o := orders{Spec: Spec{Role: RoleOffset, Name: topic, Partitions: c.to, AllowDeletion: true}, GroupID: "group-of-" + topic}
			err := converge(t.Context(), client, o)
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
			if err := victim.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			if halted {
				if err := converge(t.Context(), client, o); err != nil {
					t.Fatal(err)
				}
			}
			wantContent(t, s.Bootstrap(), topic, c.to, want)
		})
	}
	t.Run("replication factor", func(t *testing.T) { changesReplicationFactor(t, s.Bootstrap()) })
	t.Run("a broker is down from the beginning", func(t *testing.T) { changesWithBrokerDown(t, s) })
}

// changesWithBrokerDown changes topics with a replica on a broker that is down. With KRaft every change succeeds. With
// ZooKeeper a change may be refused, but only before it touched the topic, and it succeeds when the broker is back.
func changesWithBrokerDown(t *testing.T, s *stack.Stack) {
	const from = 25
	victim := s.Brokers[2]
	held := map[int]map[string]string{50: nil, 4: nil} // the content of a topic, by the partitions that it is to get
	name := uniqueName(t)
	topic := func(to int) string { return fmt.Sprintf("%s-to-%d", name, to) }
	for to := range held {
		held[to] = topicWith(t, s.Bootstrap(), topic(to), fill{
			partitions: from, factor: 3, keys: 500, history: 1000, config: map[string]string{"min.insync.replicas": "2"},
		})
	}
	if err := victim.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	client := newClient(t, s.Bootstrap())
	client.lockSession = defaultLockSession
	noticed := func(ctx context.Context) (bool, error) {
		state, err := client.Inspect(ctx, topic(4))
		return len(state.Brokers) == 2, err
	}
	if err := poll(t.Context(), time.Minute, noticed); err != nil {
		t.Fatal(err)
	}
	change := func(to int) error {
		spec := Spec{Role: RoleOffset, Name: topic(to), Partitions: to, AllowDeletion: true}
		return converge(t.Context(), client, orders{Spec: spec, GroupID: "group-of-" + name})
	}
	have := map[int]int{}
	for to, want := range held {
		have[to] = to
		if err := change(to); err != nil {
			have[to] = from
			t.Logf("to %d partitions: %v", to, err)
			if s.ZooKeeper == nil || !strings.Contains(err.Error(), "broker") {
				t.Errorf("with a broker down, the change to %d partitions gave %v", to, err)
			}
		}
		wantContent(t, s.Bootstrap(), topic(to), have[to], want)
	}
	if err := victim.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for to, want := range held {
		wantContent(t, s.Bootstrap(), topic(to), have[to], want)
		if err := change(to); err != nil {
			t.Errorf("with the broker back, the change to %d partitions gave %v", to, err)
		}
		wantContent(t, s.Bootstrap(), topic(to), to, want)
	}
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
