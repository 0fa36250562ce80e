package provider

import (
	"slices"
	"sync"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
)

// topicLedger is what this process knows about internal topics beyond state. As with ledger, a process is as old as
// the walk of Terraform that it serves.
//
// It keeps tainted topics from being deleted. Terraform replaces what is tainted by planning it as if there were no
// prior state, and gives the delete half of the replacement the private data of that plan. A deletion that somebody
// wants begins with another plan, and only these set deleteKey, without which Delete keeps the topic:
//
//	destroy            a plan without planned state
//	rename, -replace   a plan with prior state (noted in replaced), then one without
//	tainted            a plan without prior state alone: no deleteKey
//
// The create half of a replacement whose delete half kept the topic (noted in kept) converges what is there.
type topicLedger struct {
	kept nameSet // spared by the delete half of a replacement, for its create half

	mu       sync.Mutex
	replaced map[string]internalTopicModel  // by name as planned with prior state: that state
	found    map[string]internaltopic.State // by name of what is in the state: as Read found it, for the plan
	groups   map[string]string              // by name: group_id
}

func newTopicLedger() *topicLedger {
	return &topicLedger{
		replaced: map[string]internalTopicModel{},
		found:    map[string]internaltopic.State{},
		groups:   map[string]string{},
	}
}

// plan notes that a topic was planned with prior state.
func (l *topicLedger) plan(name string, before internalTopicModel) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.replaced[name] = before
}

// replaces returns the prior state of a topic that is now planned without, if it was planned with it before.
func (l *topicLedger) replaces(name string) (before internalTopicModel, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before, ok = l.replaced[name]
	return before, ok
}

// find notes what Read found of a topic that is in the state.
func (l *topicLedger) find(name string, state internaltopic.State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.found[name] = state
}

// read returns what Read found, if the topic is in the state.
func (l *topicLedger) read(name string) (state internaltopic.State, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	state, ok = l.found[name]
	return state, ok
}

// join notes the group of a topic.
func (l *topicLedger) join(m internalTopicModel) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.groups[m.Name.ValueString()] = m.GroupID.ValueString()
}

// siblings are the other topics of the topic's group that this process has come across, in order.
func (l *topicLedger) siblings(name string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for other, group := range l.groups {
		if other != name && group != "" && group == l.groups[name] {
			names = append(names, other)
		}
	}
	slices.Sort(names)
	return names
}
