package session

import (
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
)

// StorageTopics holds the internal topics of all resources of this run. Its zero value is empty.
type StorageTopics struct {
	mu     sync.Mutex
	groups map[string]string              // group_id by topic name; empty if null or unknown
	found  map[string]internaltopic.State // result of Read by topic name
}

// Declare adds a topic and its group. A topic whose name is unknown is left out, because the brokers cannot be asked about
// it.
func (t *StorageTopics) Declare(name, group types.String) {
	if name.ValueString() == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.groups == nil {
		t.groups = map[string]string{}
	}
	t.groups[name.ValueString()] = group.ValueString()
}

// Declared reports whether a resource of this run manages the topic.
func (t *StorageTopics) Declared(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.groups[name]
	return ok
}

// OfSameGroup returns the names of the other topics in the group of the topic, sorted.
func (t *StorageTopics) OfSameGroup(name string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var others []string
	for other, group := range t.groups {
		if other != name && group != "" && group == t.groups[name] {
			others = append(others, other)
		}
	}
	slices.Sort(others)
	return others
}

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
