package internaltopic

import (
	"context"
	"errors"
	"fmt"
)

// rounds is more than any way through the scenes is long.
const rounds = 12

// shrink gives the topic fewer partitions through a second topic, or finishes that. It looks again after each
// move, so that a process that died anywhere is no special case.
func (b *rebuild) shrink(ctx context.Context) error {
	var last move
	for range rounds {
		s, err := b.look(ctx)
		if err != nil {
			return err
		}
		m, err := s.next()
		if err != nil {
			return b.client.fail("rebuild", topicObject(b.step.Topic), err)
		}
		switch m {
		case moveNone:
			return nil
		case moveGrow:
			return b.grow(ctx)
		}
		if m == last { // brokers may show for a while what was before the last move: look once more
			if err := pause(ctx, tryPause); err != nil {
				return err
			}
			last = ""
			continue
		}
		last = m
		if err := b.make(ctx, m, s); err != nil {
			return err
		}
	}
	return fmt.Errorf("topic %q does not come to rest: something else creates or changes it", b.step.Topic)
}

func (b *rebuild) look(ctx context.Context) (scene, error) {
	s := scene{want: b.step.To}
	var err error
	if s.topic, _, err = b.client.describe(ctx, b.step.Topic); err != nil && !errors.Is(err, ErrNotFound) {
		return s, err
	}
	t, _, err := b.client.describe(ctx, b.step.Topic+RebuildSuffix)
	switch {
	case errors.Is(err, ErrNotFound):
		return s, nil
	case err != nil:
		return s, err
	}
	s.copy, err = b.readCopy(ctx, t)
	return s, err
}

func (b *rebuild) make(ctx context.Context, m move, s scene) error {
	switch m {
	case moveCopy:
		return b.copyOrDelete(ctx, s)
	case moveDropCopy:
		return b.do(ctx, stepDropCopy, func() error { return b.client.deleteByID(ctx, s.copy.topic) })
	case moveCreate:
		return b.recreate(ctx, s.copy)
	case moveFill:
		return b.fill(ctx, s)
	case moveDropIntrud:
		return b.dropIntruder(ctx, s)
	}
	return fmt.Errorf("unknown move %q", m)
}

// copyOrDelete makes the copy, or when the one that is there is what the locked topic holds, deletes the topic.
// The copy was read just before, which is the last check of it.
func (b *rebuild) copyOrDelete(ctx context.Context, s scene) error {
	if s.topic.ID == (TopicID{}) {
		return fmt.Errorf("topic %q has no id, which taking partitions away needs: the cluster is older than Kafka 2.8, or has an older inter.broker.protocol.version", s.topic.Name)
	}
	if err := b.mayRebuild(s.topic); err != nil {
		return err
	}
	if err := b.lock(ctx, s.topic); err != nil {
		return err
	}
	ends, live, err := b.read(ctx, s.topic)
	if err != nil {
		return err
	}
	if len(live) > 0 && !b.step.AllowDeletion {
		return &SpecError{Field: "partitions", Err: ErrDeletionProtected, Reason: "can only go down by deleting the topic, which is no longer empty"}
	}
	good := s.copy != nil && s.copy.mark != nil && s.copy.mark.Digest == live.digest()
	switch {
	case good:
		return b.deleteOriginal(ctx, s.topic)
	case s.copy != nil:
		err := b.do(ctx, stepDropCopy, func() error { return b.client.deleteByID(ctx, s.copy.topic) })
		if err != nil {
			return err
		}
	}
	b.report(s.topic.Name+RebuildSuffix, "make a copy", len(live))
	return b.makeCopy(ctx, s.topic, ends, live)
}

func (b *rebuild) deleteOriginal(ctx context.Context, t *Topic) error {
	if err := b.lockSibling(ctx); err != nil {
		return err
	}
	b.touched = true
	b.report(t.Name, "delete the topic, its copy being verified", 0)
	return b.do(ctx, stepDeleteOriginal, func() error { return b.client.deleteByID(ctx, t) })
}

// lockSibling locks another topic of the group, on which a worker that starts while this one is missing, and
// this process dead, will stumble. A sibling that is locked already has a rebuild of its own to finish, and must
// not be unlocked by this one.
func (b *rebuild) lockSibling(ctx context.Context) error {
	for _, name := range b.options.Siblings {
		t, _, err := b.client.describe(ctx, name)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if t.Locked() {
			return nil
		}
		b.sibling = t
		return b.do(ctx, stepLockSibling, func() error { return b.client.alterConfig(ctx, name, locked(nil), nil) })
	}
	return nil
}

// recreate creates the topic, with the lock on it and the settings that the copy has kept.
func (b *rebuild) recreate(ctx context.Context, c *rebuildCopy) error {
	b.touched, b.locked = true, true
	b.report(b.step.Topic, "create the topic", 0)
	return b.do(ctx, stepCreate, func() error {
		err := b.client.create(ctx, b.step.Topic, b.step.To, c.topic.ReplicationFactor(), locked(c.topic.Config))
		if errors.Is(err, ErrExists) {
			return nil // ours, late, or someone else's: the next look tells
		}
		return err
	})
}

// fill writes the copy's content to the topic that we created, and only then deletes the copy.
func (b *rebuild) fill(ctx context.Context, s scene) error {
	b.touched, b.locked = true, true
	b.client.beforeStep(stepFill)
	before, err := b.client.stableSpans(ctx, s.topic.Name, s.topic.Partitions(), verifyWait)
	if err != nil {
		return err
	}
	if err := b.write(ctx, s.topic, before, s.copy.live); err != nil {
		return err
	}
	b.report(s.copy.topic.Name, "delete the copy", 0)
	err = b.do(ctx, stepDeleteCopy, func() error { return b.client.deleteByID(ctx, s.copy.topic) })
	if err != nil {
		return err
	}
	if before.records() > 0 || s.topic.Partitions() != b.step.To {
		return nil // an earlier try wrote, too: the next look finishes it in place
	}
	return b.unlock(ctx)
}

func (b *rebuild) dropIntruder(ctx context.Context, s scene) error {
	now, err := b.client.spans(ctx, s.topic.Name, s.topic.Partitions())
	if err != nil {
		return b.client.fail("list the offsets of", topicObject(s.topic.Name), err)
	}
	for _, p := range now {
		if p.to > 0 {
			return intruded(s.topic.Name, len(s.copy.live))
		}
	}
	b.report(s.topic.Name, "delete an empty topic that someone created meanwhile", 0)
	return b.client.deleteByID(ctx, s.topic)
}
