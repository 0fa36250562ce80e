package internaltopic

import (
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
)

// Topic is a topic as the broker holds it.
type Topic struct {
	Name string
	// ID tells a topic from another one that had the same name before. Zero on clusters without topic ids.
	ID TopicID
	// Replicas lists the broker ids of each partition's replicas, preferred leader first.
	Replicas [][]int32
	// Config holds the settings that were set explicitly on the topic, the broker's defaults not among them.
	Config map[string]string
	// Effective holds every setting's value in effect.
	Effective map[string]string
	// Internal is set for the broker's own topics, such as __consumer_offsets.
	Internal bool

	// allowed is what the principal may do with the topic; nil when the broker did not say.
	allowed []kadm.ACLOperation
}

// TopicID is a topic's unique id.
type TopicID = kadm.TopicID

// Partitions is the number of partitions.
func (t *Topic) Partitions() int { return len(t.Replicas) }

// ReplicationFactor is the number of replicas of the partition that has the fewest.
func (t *Topic) ReplicationFactor() int {
	if len(t.Replicas) == 0 {
		return 0
	}
	return len(slices.MinFunc(t.Replicas, func(a, b []int32) int { return len(a) - len(b) }))
}

// Locked reports whether a rebuild of the topic is unfinished: it carries a cleanup policy on which workers
// refuse to start, with a retention that deletes nothing.
func (t *Topic) Locked() bool {
	p := t.Config[KeyCleanupPolicy]
	return (p == lockedPolicy || p == "delete,compact") && t.Config[KeyRetentionMs] == "-1" && t.Config[KeyRetentionBytes] == "-1"
}

// lockedPolicy lets records be deleted by offset, which plain compaction does not, and keeps workers away.
const lockedPolicy = "compact,delete"

// locked returns the settings with those of a lock laid over them.
func locked(config map[string]string) map[string]string {
	out := maps.Clone(config)
	if out == nil {
		out = map[string]string{}
	}
	out[KeyCleanupPolicy], out[KeyRetentionMs], out[KeyRetentionBytes] = lockedPolicy, "-1", "-1"
	return out
}
