package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"maps"
)

// shrinkState is what the cluster holds of a topic that loses partitions.
type shrinkState struct {
	topic *Topic      // Nil if it does not exist.
	copy  *shrinkCopy // Nil if it does not exist.
	want  int         // The desired number of partitions.
}

// shrinkAction is the next action of a shrink.
type shrinkAction string

const (
	shrinkDone      shrinkAction = "done"       // The topic has the desired count and no lock.
	shrinkGrow      shrinkAction = "grow"       // No partition has to be removed: continue as grow.
	shrinkCopyTopic shrinkAction = "copy"       // The topic is the original: create a copy, or delete it if the copy is current.
	shrinkDropCopy  shrinkAction = "drop copy"  // The topic is the original and needs no copy any more.
	shrinkCreate    shrinkAction = "create"     // The original is deleted and the copy is complete: create the topic.
	shrinkFill      shrinkAction = "fill"       // This process or an earlier one created the topic: write the copy to it.
	shrinkDropEmpty shrinkAction = "drop empty" // Another client created the topic: delete it if it is empty.
)

// maxShrinkActions is more than any sequence of actions needs.
const maxShrinkActions = 12

var errContentLost = errors.New("the topic does not exist, and there is no complete copy of it")

// next returns the next action. The topic id distinguishes the original from a topic that was created since; the lock
// distinguishes a topic that a rebuild created from one that a worker created.
func (s shrinkState) next() (shrinkAction, error) {
	complete := s.copy != nil && s.copy.mark != nil
	switch {
	case s.topic == nil && complete:
		return shrinkCreate, nil
	case s.topic == nil:
		return "", errContentLost
	case s.copy == nil && s.topic.Partitions() == s.want && !s.topic.Locked():
		return shrinkDone, nil
	case s.copy == nil && s.topic.Partitions() <= s.want:
		return shrinkGrow, nil // also if the process died between the deletion of the copy and the unlock
	case !complete || s.copy.mark.Source == s.topic.ID.String():
		if s.topic.Partitions() <= s.want {
			return shrinkDropCopy, nil // the desired count has changed since
		}
		return shrinkCopyTopic, nil
	case s.topic.Locked():
		return shrinkFill, nil
	}
	return shrinkDropEmpty, nil
}

// shrink removes partitions by means of a second topic, or finishes that. It reads the state again after each action,
// so a rebuild that died at any point continues like one that did not.
func (b *rebuild) shrink(ctx context.Context) error {
	var last shrinkAction
	for range maxShrinkActions {
		s, err := b.readState(ctx)
		if err != nil {
			return err
		}
		action, err := s.next()
		if err != nil {
			return b.client.fail("rebuild", topicObject(b.step.Topic), err)
		}
		switch action {
		case shrinkDone:
			return nil
		case shrinkGrow:
			return b.grow(ctx)
		}
		if action == last { // a broker may still return the previous state: read it again before repeating an action
			if err := sleep(ctx, attemptPause); err != nil {
				return err
			}
			last = ""
			continue
		}
		last = action
		if err := b.perform(ctx, action, s); err != nil {
			return err
		}
	}
	return fmt.Errorf("topic %q keeps changing, because another client creates or alters it: stop that client and apply again", b.step.Topic)
}

func (b *rebuild) readState(ctx context.Context) (shrinkState, error) {
	s := shrinkState{want: b.step.To}
	var err error
	if s.topic, _, err = b.client.describe(ctx, b.step.Topic); err != nil && !errors.Is(err, ErrNotFound) {
		return s, err
	}
	t, foreign, err := b.client.findCopy(ctx, b.step.Topic)
	switch {
	case err != nil:
		return s, err
	case foreign:
		return s, &SpecError{Field: "partitions", Reason: fmt.Sprintf("cannot be reduced: topic %q exists, and this provider did not create it", b.step.Topic+RebuildSuffix)}
	case t == nil:
		return s, nil
	}
	s.copy, err = b.readCopy(ctx, t)
	return s, err
}

func (b *rebuild) perform(ctx context.Context, action shrinkAction, s shrinkState) error {
	switch action {
	case shrinkCopyTopic:
		return b.copyOrDelete(ctx, s)
	case shrinkDropCopy:
		return b.dropCopy(ctx, s)
	case shrinkCreate:
		return b.recreate(ctx, s.copy)
	case shrinkFill:
		return b.fill(ctx, s)
	case shrinkDropEmpty:
		return b.dropEmpty(ctx, s)
	}
	return fmt.Errorf("unknown action %q", action)
}

// copyOrDelete creates a copy of the original. If the copy exists and equals the content of the locked original, it
// deletes the original: the copy was read just before, and this is its last check.
func (b *rebuild) copyOrDelete(ctx context.Context, s shrinkState) error {
	if s.topic.ID == (TopicID{}) {
		return fmt.Errorf("topic %q has no id, which removing partitions requires: the cluster is older than Kafka 2.8, or has an older inter.broker.protocol.version", s.topic.Name)
	}
	if _, err := b.otherTopic(ctx); err != nil {
		return err
	}
	read, err := b.readOriginal(ctx, s.topic)
	if err != nil {
		return err
	}
	if len(read.live) > 0 && !b.step.AllowDeletion {
		return &SpecError{Field: "partitions", Err: ErrDeletionProtected, Reason: "can only be reduced by deleting the topic, which is no longer empty"}
	}
	if s.copy != nil && s.copy.mark != nil && s.copy.mark.Digest == read.live.digest() {
		return b.deleteOriginal(ctx, s.topic)
	}
	if s.copy != nil {
		if err := b.dropCopy(ctx, s); err != nil {
			return err
		}
	}
	b.report(s.topic.Name+RebuildSuffix, "create a copy", len(read.live))
	return b.createCopy(ctx, s.topic, read)
}

func (b *rebuild) dropCopy(ctx context.Context, s shrinkState) error {
	return b.guard(ctx, stepDropCopy, func() error { return b.client.deleteByID(ctx, s.copy.topic) })
}

// deleteOriginal deletes the topic. From here on an error leaves the locks in place, unless the broker refuses the deletion.
func (b *rebuild) deleteOriginal(ctx context.Context, t *Topic) error {
	if err := b.lockOtherTopic(ctx); err != nil {
		return err
	}
	b.report(t.Name, "delete the topic, whose copy is verified", 0)
	err := b.passPointOfNoReturn(ctx, stepDeleteOriginal, func() error { return b.client.requestDeletion(ctx, t) })
	if err != nil {
		return err
	}
	return b.client.waitDeleted(ctx, t)
}

// otherTopic returns another storage topic of the group, or nil if none exists.
func (b *rebuild) otherTopic(ctx context.Context) (*Topic, error) {
	for _, name := range b.options.OtherStorageTopics {
		t, _, err := b.client.describe(ctx, name)
		if !errors.Is(err, ErrNotFound) {
			return t, err
		}
	}
	return nil, nil
}

// lockOtherTopic locks another storage topic of the group. A worker that starts while this topic does not exist, even
// after this process died, then fails on the other one instead of creating this one. A topic that is locked already
// belongs to its own unfinished rebuild, which this one must not unlock.
func (b *rebuild) lockOtherTopic(ctx context.Context) error {
	t, err := b.otherTopic(ctx)
	if err != nil || t == nil || t.Locked() {
		return err
	}
	return b.guard(ctx, stepLockOther, func() error {
		b.other = t
		return b.client.alterConfig(ctx, t.Name, siblingLock(), nil)
	})
}

// recreate creates the topic with the lock on it and the settings of the copy.
func (b *rebuild) recreate(ctx context.Context, c *shrinkCopy) error {
	b.changed, b.committed, b.locked = true, true, true
	b.report(b.step.Topic, "create the topic", 0)
	return b.guard(ctx, stepCreate, func() error {
		err := b.client.create(ctx, b.step.Topic, b.step.To, c.topic.ReplicationFactor(), b.settings(c.topic))
		if !errors.Is(err, ErrExists) {
			return err
		}
		if _, _, gone := b.client.describe(ctx, b.step.Topic); errors.Is(gone, ErrNotFound) {
			return fmt.Errorf("%w; brokers with ZooKeeper finish a deletion only when every broker with a replica runs", err)
		}
		return nil // by an earlier request of this process, or by another client: the next state shows it
	})
}

// settings returns the settings of the copy and of the new topic: those of the original, with the declared ones, which may
// be what an interrupted rebuild lacks.
func (b *rebuild) settings(t *Topic) map[string]string {
	out := maps.Clone(t.Config)
	maps.Copy(out, b.step.Set)
	return withLock(out)
}

// fill writes the records of the copy to the new topic, and only then deletes the copy.
func (b *rebuild) fill(ctx context.Context, s shrinkState) error {
	b.changed, b.committed, b.locked = true, true, true
	b.client.beforeStep(stepFill)
	before, err := b.client.stableRanges(ctx, s.topic.Name, s.topic.Partitions(), verifyWait)
	if err != nil {
		return err
	}
	if err := b.writeContent(ctx, s.topic, before, s.copy.live); err != nil {
		return err
	}
	b.report(s.copy.topic.Name, "delete the copy", 0)
	err = b.guard(ctx, stepDeleteCopy, func() error { return b.client.deleteByID(ctx, s.copy.topic) })
	if err != nil {
		return err
	}
	if before.offsets() > 0 || s.topic.Partitions() != b.step.To {
		return nil // an earlier attempt also wrote, or used another count: the next action is grow
	}
	return b.unlockTopic(ctx)
}

// dropEmpty deletes a topic that another client created while the original did not exist. If it holds records, only a
// person can decide which of the two topics to keep.
func (b *rebuild) dropEmpty(ctx context.Context, s shrinkState) error {
	now, err := b.client.listRanges(ctx, s.topic.Name, s.topic.Partitions())
	if err != nil {
		return b.client.fail("list the offsets of", topicObject(s.topic.Name), err)
	}
	for _, p := range now {
		if p.to > 0 {
			return fmt.Errorf("another client created topic %[1]q during its rebuild and wrote to it; topic %[2]q holds the %[3]d keys of the original. Both topics are kept. "+
				"To keep the new records, delete %[2]q; to restore the original records, delete %[1]q; then apply again",
				s.topic.Name, s.copy.topic.Name, len(s.copy.live))
		}
	}
	b.report(s.topic.Name, "delete an empty topic that another client created", 0)
	return b.client.deleteByID(ctx, s.topic)
}
