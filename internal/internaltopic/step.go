package internaltopic

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Action is what a [Step] does.
type Action string

// The actions, each with the fields of Step that it uses beside Topic.
const (
	ActionCreate   Action = "create"   // To, ReplicationFactor, Set.
	ActionSeed     Action = "seed"     // As ActionCreate, and Source, Resume: create with the content of Source.
	ActionConfig   Action = "config"   // Set, Unset: alter settings, only those named.
	ActionReassign Action = "reassign" // From, To: change the replication factor.
	ActionGrow     Action = "grow"     // From, To, Empty, Resume, Retention: more partitions, in place.
	ActionShrink   Action = "shrink"   // As ActionGrow, and AllowDeletion: fewer, through a second topic.
)

// Step is one thing to do to a topic.
type Step struct {
	Action Action
	Topic  string
	// From and To are partition counts, or replication factors for ActionReassign.
	From, To int
	// ReplicationFactor of a topic to create; zero for the broker's default.
	ReplicationFactor int
	// Set and Unset are settings to write and to put back to the broker's default.
	Set   map[string]string
	Unset []string
	// Source is the topic to take the content from.
	Source string
	// Retention holds the declared ones of the settings that a lock overwrites, to be put back.
	Retention map[string]string
	// Empty says that the topic held no record when the step was planned.
	Empty bool
	// Resume says that the step finishes one that was cut short.
	Resume bool
	// AllowDeletion permits to delete a topic that holds records, once its content is safe in a second one.
	AllowDeletion bool
}

// NeedsWorkersStopped reports whether the step holds the Connect group, and so fails while workers run.
func (s Step) NeedsWorkersStopped() bool {
	return s.Action == ActionGrow || s.Action == ActionShrink || s.Action == ActionSeed
}

// String describes the step in one line, such as `grow topic "connect-offsets" from 1 to 25 partitions`.
func (s Step) String() string {
	var b strings.Builder
	if s.Resume {
		b.WriteString("finish what was cut short: ")
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
	case s.From == 0: // the topic is gone, its content in the copy
		return fmt.Sprintf("create topic %q with %s from its copy %q", s.Topic, count(s.To, "partition"), s.Topic+RebuildSuffix)
	}
	return fmt.Sprintf("%s topic %q from %d to %s", s.Action, s.Topic, s.From, count(s.To, "partition"))
}

// Warning tells what someone who approves the step should know, or is empty. The live members, when they
// could be seen, are those of the group that uses the topic.
func (s Step) Warning(live []Member) string {
	if s.Empty && !s.Resume && len(live) == 0 || s.Action != ActionGrow && s.Action != ActionShrink && s.Action != ActionSeed {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "This will %s. ", s)
	switch s.Action {
	case ActionGrow:
		b.WriteString("Every record that is live is written again to the partition that the new count gives its key, and verified, before the former ones are deleted. ")
	case ActionShrink:
		fmt.Fprintf(&b, "The topic is deleted and created again, its content kept meanwhile in %q and verified. ", s.Topic+RebuildSuffix)
	case ActionSeed:
		b.WriteString("The source is left as it is. ")
	}
	b.WriteString("Nothing is lost. The workers of the group must be stopped while this is applied")
	if len(live) > 0 {
		names := make([]string, len(live))
		for i, m := range live {
			names[i] = m.String()
		}
		fmt.Fprintf(&b, "; %s now: %s", count(len(live), "runs", "run"), strings.Join(names, ", "))
	}
	return b.String() + "."
}

// count writes a number with its noun: 1 partition, 2 partitions. The plural is the noun with an s unless given.
func count(n int, noun string, plural ...string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case len(plural) > 0:
		return fmt.Sprintf("%d %s", n, plural[0])
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
