package internaltopic

import (
	"strings"
	"testing"
)

func TestProblems(t *testing.T) {
	t.Parallel()
	replicated := func(change func(*Topic)) State {
		topic := held(3, 3, "min.insync.replicas", "2")
		for range topic.Replicas {
			topic.Leaders, topic.InSync = append(topic.Leaders, 1), append(topic.InSync, []int32{1, 2, 3})
		}
		change(topic)
		return State{Topic: topic}
	}
	for name, test := range map[string]struct {
		state State
		role  Role
		want  []string // in this order, each contained in a problem
	}{
		"none":          {State{Topic: held(25, 1)}, RoleOffset, nil},
		"none, config":  {State{Topic: held(1, 1)}, RoleConfig, nil},
		"absent":        {State{}, RoleConfig, nil},
		"policy":        {State{Topic: held(25, 1, "cleanup.policy", "delete")}, RoleOffset, []string{`cleanup.policy is "delete"`}},
		"config":        {State{Topic: held(3, 1)}, RoleConfig, []string{"The topic has 3 partitions"}},
		"locked":        {State{Topic: lockedTopic(5)}, RoleStatus, []string{"A change of its partitions is unfinished"}},
		"copy":          {State{Rebuild: &Topic{Name: "topic.rebuild"}}, RoleStatus, []string{"topic.rebuild has the copy"}},
		"writes":        {State{Topic: held(5, 1, "min.insync.replicas", "2")}, RoleStatus, []string{"The replication factor is 1 and min.insync.replicas is 2"}},
		"healthy":       {replicated(func(*Topic) {}), RoleOffset, nil},
		"no leader":     {replicated(func(topic *Topic) { topic.Leaders[1] = -1 }), RoleOffset, []string{"Partition 1 has no leader: nobody can read or write it."}},
		"behind":        {replicated(func(topic *Topic) { topic.InSync[0], topic.InSync[2] = []int32{1, 2}, []int32{1, 3} }), RoleOffset, []string{"Partitions 0, 2 have fewer replicas in sync than replicas"}},
		"too few":       {replicated(func(topic *Topic) { topic.InSync[2] = []int32{1} }), RoleOffset, []string{"Partition 2 has fewer replicas in sync than min.insync.replicas asks for: writes to it fail."}},
		"several":       {replicated(func(topic *Topic) { topic.Effective["cleanup.policy"] = "delete"; topic.Leaders[0] = -1 }), RoleConfig, []string{"cleanup.policy", "3 partitions", "no leader"}},
		"Kafka's topic": {replicated(func(topic *Topic) { topic.Internal = true }), RoleOffset, []string{"belongs to Kafka itself"}},
	} {
		got := test.state.Problems(test.role)
		if len(got) != len(test.want) {
			t.Errorf("%s: got %q", name, got)
			continue
		}
		for i, want := range test.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("%s: got %q, want %q", name, got[i], want)
			}
		}
	}
}
