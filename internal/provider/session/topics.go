package session

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// StorageTopics holds the internal topics of all resources of this run, and the groups of workers that use them. Its zero
// value is empty.
//
// An apply plans only the resources that change. It therefore does not know the other topics of the state.
type StorageTopics struct {
	mu     sync.Mutex
	topics map[string]storageTopic        // by name
	users  map[string]storageUser         // by name of the topic
	found  map[string]internaltopic.State // result of Read by topic name

	deletions names // groups whose topics the plan deletes
}

// storageTopic is a topic that a resource of this run manages.
type storageTopic struct {
	group      string // group_id; empty if null or unknown
	partitions int64  // zero if unknown
	planned    bool   // as planned, not as Read found it in the state
	connectors bool   // it is the own offsets topic of connectors, not a storage topic of the group
}

// storageUser is the group of workers that a worker configuration declares for a topic.
type storageUser struct {
	group   string
	planned bool
}

// NoteState adds a topic and its group, as the state has them. A topic whose name is unknown is left out, because the
// brokers cannot be asked about it.
func (t *StorageTopics) NoteState(name, group types.String, connectors types.Set) {
	t.declare(name, storageTopic{group: group.ValueString(), connectors: !connectors.IsNull()})
}

// Declare adds a topic as it is planned.
func (t *StorageTopics) Declare(name, group types.String, partitions types.Int64, connectors types.Set) {
	t.declare(name, storageTopic{group: group.ValueString(), partitions: partitions.ValueInt64(), planned: true, connectors: !connectors.IsNull()})
}

func (t *StorageTopics) declare(name types.String, topic storageTopic) {
	if name.ValueString() == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.topics == nil {
		t.topics = map[string]storageTopic{}
	}
	t.topics[name.ValueString()] = topic
}

// Use notes that the workers of the group use the topics, as planned or as the state has it. Empty names are unknown.
func (t *StorageTopics) Use(group string, planned bool, topics ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.users == nil {
		t.users = map[string]storageUser{}
	}
	for _, name := range topics {
		if group != "" && name != "" {
			t.users[name] = storageUser{group, planned}
		}
	}
}

// Declared reports whether a resource of this run manages the topic, and with how many partitions, zero if unknown.
func (t *StorageTopics) Declared(name string) (partitions int64, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	topic, ok := t.topics[name]
	return topic.partitions, ok
}

// managedPoll is the interval at which AwaitManaged looks for a topic.
const managedPoll = 20 * time.Millisecond

// AwaitManaged waits until a resource of this run manages the topic, in this cluster or in another one with the same
// brokers. It returns false when ctx ends.
func (s *Session) AwaitManaged(ctx context.Context, topic string) bool {
	for {
		for _, other := range s.all() {
			if _, managed := other.StorageTopics.Declared(topic); managed && (other == s || other.SameBrokers(s)) {
				return true
			}
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(managedPoll):
		}
	}
}

// Conflicts returns an error if the resource that manages the topic and the worker configuration that uses it, both as
// planned, do not fit: a change of the topic would watch and lock the wrong workers. The path is of the attribute at fault,
// unless that is group_id.
func (t *StorageTopics) Conflicts(name string, at path.Path) (diags diag.Diagnostics) {
	t.mu.Lock()
	defer t.mu.Unlock()
	topic, workers := t.topics[name], t.users[name]
	resource := "The kafkaconnect_internal_topic of " + diagnostics.Quoted(name)
	user := "a worker configuration with group_id " + diagnostics.Quoted(workers.group) + " uses this topic"
	switch {
	case !topic.planned || !workers.planned:
	case topic.connectors:
		diags.AddAttributeError(at, "Internal topic "+diagnostics.Quoted(name)+" is a storage topic of workers",
			resource+" has connectors, but "+user+". A deletion would wait only until these connectors are stopped, not until the workers are. Remove connectors, and set group_id.")
	case topic.group != "" && topic.group != workers.group:
		diags.AddAttributeError(path.Root("group_id"), "The group_id of internal topic "+diagnostics.Quoted(name)+" is not the group of its workers",
			resource+" has group_id "+diagnostics.Quoted(topic.group)+", but "+user+". A change of the topic would wait for the wrong workers to stop. Set group_id to the same group in both.")
	}
	return diags
}

// OfSameGroup returns the names of the other topics in the group of the topic, sorted. Further names are topics that
// may be in the group. Those that are in another group are left out, and so are the own offsets topics of connectors: their
// lock does not keep workers from starting.
func (t *StorageTopics) OfSameGroup(name string, further ...string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	group := t.groupOf(name)
	var others []string
	add := func(other string, known bool) {
		if of := t.groupOf(other); other != name && !t.topics[other].connectors && (of == group && group != "" || of == "" && !known) {
			others = append(others, other)
		}
	}
	for other := range t.topics {
		add(other, true)
	}
	for other := range t.users {
		add(other, true)
	}
	for _, other := range further {
		add(other, false)
	}
	slices.Sort(others)
	return slices.Compact(others)
}

// groupOf returns the group of a topic, by its own resource or by the workers that use it.
func (t *StorageTopics) groupOf(name string) string {
	if topic := t.topics[name]; topic.group != "" {
		return topic.group
	}
	return t.users[name].group
}

// FirstDeletion reports whether this is the first planned deletion of a topic of the group.
func (t *StorageTopics) FirstDeletion(group string) bool { return t.deletions.add(group) }

// SetFound stores the result of Read, so that the plan does not ask the brokers again.
func (t *StorageTopics) SetFound(name string, state internaltopic.State) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.found == nil {
		t.found = map[string]internaltopic.State{}
	}
	t.found[name] = state
}

// Found returns the result of Read, if the topic is in the state.
func (t *StorageTopics) Found(name string) (state internaltopic.State, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	state, ok = t.found[name]
	return state, ok
}
