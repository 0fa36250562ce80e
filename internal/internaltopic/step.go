package internaltopic

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Action is the kind of a [Step].
type Action string

// The actions. Each comment lists the fields of Step that the action uses beside Topic.
const (
	ActionCreate   Action = "create"   // To, ReplicationFactor, Set.
	ActionSeed     Action = "seed"     // As ActionCreate, and Source, Resume: create with the records of Source.
	ActionConfig   Action = "config"   // Set, Unset: alter these settings only.
	ActionReassign Action = "reassign" // From, To: change the replication factor.
	ActionGrow     Action = "grow"     // From, To, Empty, Resume, Retention: more partitions, in place.
	ActionShrink   Action = "shrink"   // As ActionGrow, and Set, AllowDeletion: fewer partitions, through a second topic.
)

// Step is one change of a topic.
type Step struct {
	Action Action
	Topic  string
	// Role is the role of the topic, if the spec has one.
	Role Role
	// From and To are partition counts, or replication factors for ActionReassign.
	From, To int
	// ReplicationFactor of a new topic; zero means the broker's default.
	ReplicationFactor int
	// Set holds settings to write, Unset names settings to reset to the broker's default.
	Set   map[string]string
	Unset []string
	// Source is the topic to copy from.
	Source string
	// Retention holds those declared settings that the lock overwrites, to restore them when it is removed.
	Retention map[string]string
	// Empty means that the topic held no record when the step was planned.
	Empty bool
	// Resume means that the step finishes an interrupted one.
	Resume bool
	// AllowDeletion permits deleting a topic that holds records, after a copy of it was verified.
	AllowDeletion bool
}

// NeedsWorkersStopped reports whether the step locks the Connect group, and therefore fails while workers run.
func (s Step) NeedsWorkersStopped() bool {
	return s.Action == ActionGrow || s.Action == ActionShrink || s.Action == ActionSeed
}

// String describes the step in one line, such as `grow topic "connect-offsets" from 1 to 25 partitions`.
func (s Step) String() string {
	var b strings.Builder
	if s.Resume {
		b.WriteString("finish an interrupted change: ")
	}
	switch s.Action {
	case ActionCreate, ActionSeed:
		fmt.Fprintf(&b, "create topic %q with %s", s.Topic, count(s.To, "partition"))
		if s.ReplicationFactor > 0 {
			fmt.Fprintf(&b, " and replication factor %d", s.ReplicationFactor)
		}
		if s.Source != "" {
			fmt.Fprintf(&b, ", with the content of %q", s.Source)
		}
	case ActionConfig:
		keys := append(slices.Collect(maps.Keys(s.Set)), s.Unset...)
		slices.Sort(keys)
		fmt.Fprintf(&b, "alter %s of topic %q", strings.Join(keys, ", "), s.Topic)
	case ActionReassign:
		fmt.Fprintf(&b, "change the replication factor of topic %q from %d to %d", s.Topic, s.From, s.To)
	case ActionGrow, ActionShrink:
		b.WriteString(s.rebuildString())
	}
	return b.String()
}

func (s Step) rebuildString() string {
	switch {
	case s.From == s.To:
		return fmt.Sprintf("rebuild topic %q with %s", s.Topic, count(s.To, "partition"))
	case s.From == 0: // the topic was deleted, its records are in the copy
		return fmt.Sprintf("create topic %q with %s from its copy %q", s.Topic, count(s.To, "partition"), s.Topic+RebuildSuffix)
	}
	return fmt.Sprintf("%s topic %q from %d to %s", s.Action, s.Topic, s.From, count(s.To, "partition"))
}

// Warning returns what a user should know before approving the step, or "". The argument has the live members of the
// group that uses the topic, if they are known.
func (s Step) Warning(live []Member) string {
	if !s.NeedsWorkersStopped() || s.Empty && !s.Resume && len(live) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "This will %s. ", s)
	switch s.Action {
	case ActionGrow:
		b.WriteString("The last record of each key is written to its new partition and verified before the old records are deleted. ")
	case ActionShrink:
		fmt.Fprintf(&b, "The topic is deleted and created again; meanwhile topic %q holds a verified copy of the records. ", s.Topic+RebuildSuffix)
	case ActionSeed:
		b.WriteString("The source topic is not changed. ")
	}
	b.WriteString("No record is lost. The workers of the group must be stopped during the apply")
	switch len(live) {
	case 0:
	case 1:
		fmt.Fprintf(&b, "; 1 runs now: %s", live[0])
	default:
		fmt.Fprintf(&b, "; %d run now: %s", len(live), memberNames(live))
	}
	return b.String() + "."
}
