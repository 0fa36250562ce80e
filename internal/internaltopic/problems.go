package internaltopic

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Problems returns the reasons why an existing topic is not fit for a role, one sentence each: why workers would not start, and why they
// could lose records or not write them. It does not check whether workers wrote the records.
func (s State) Problems(role Role) (problems []string) {
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	t := s.current()
	if t == nil {
		return nil
	}
	policy := t.Effective[KeyCleanupPolicy]
	switch {
	case s.Topic == nil:
		add("The topic is deleted, and %s has the copy of its records: a change of its partitions is unfinished. The next apply of its kafkaconnect_internal_topic completes the change.", t.Name)
	case s.Unfinished():
		add("A change of its partitions is unfinished, and workers do not start before it is complete. The next apply of its kafkaconnect_internal_topic completes the change.")
	case policy != PolicyCompact:
		add("%s is %q: workers start only with %q, because another policy deletes their records.", KeyCleanupPolicy, policy, PolicyCompact)
	}
	if t.Internal {
		add("The topic belongs to Kafka itself.")
	}
	if role == RoleConfig && t.Partitions() != 1 {
		add("The topic has %d partitions: workers start only if their config topic has 1.", t.Partitions())
	}
	least, _ := strconv.Atoi(t.Effective[keyMinInsync])
	if factor := t.ReplicationFactor(); factor < least {
		add("The replication factor is %d and %s is %d: every write fails.", factor, keyMinInsync, least)
	}
	return append(problems, t.replicaProblems(least)...)
}

// replicaProblems returns which partitions lack a leader or replicas in sync.
func (t *Topic) replicaProblems(least int) (problems []string) {
	var leaderless, few, behind []int
	for p, replicas := range t.Replicas {
		if p >= len(t.Leaders) {
			continue // the brokers did not report it
		}
		inSync := len(t.InSync[p])
		switch {
		case t.Leaders[p] < 0:
			leaderless = append(leaderless, p)
		case inSync < least && len(replicas) >= least:
			few = append(few, p)
		case inSync < len(replicas):
			behind = append(behind, p)
		}
	}
	for _, found := range []struct {
		partitions []int
		what       string
	}{
		{leaderless, "no leader: nobody can read or write %s"},
		{few, "fewer replicas in sync than " + keyMinInsync + " asks for: writes to %s fail"},
		{behind, "fewer replicas in sync than replicas: if more brokers stop, %s may become unavailable or lose records"},
	} {
		if len(found.partitions) > 0 {
			problems = append(problems, partitionsText(found.partitions)+" "+haveText(len(found.partitions))+" "+
				fmt.Sprintf(found.what, itText(len(found.partitions)))+".")
		}
	}
	return problems
}

// partitionsText returns "Partition 3" or "Partitions 1, 2".
func partitionsText(partitions []int) string {
	var numbers []string
	for _, p := range slices.Sorted(slices.Values(partitions)) {
		numbers = append(numbers, strconv.Itoa(p))
	}
	if len(numbers) == 1 {
		return "Partition " + numbers[0]
	}
	return "Partitions " + strings.Join(numbers, ", ")
}

func haveText(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

func itText(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}
