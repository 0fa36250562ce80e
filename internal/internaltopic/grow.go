package internaltopic

import (
	"context"
	"errors"
	"fmt"
)

// grow gives the topic more partitions in place, or finishes that. Cut short anywhere it begins again at the top:
// what was written twice is written a third time, and what was deleted had been verified elsewhere.
func (b *rebuild) grow(ctx context.Context) error {
	t, _, err := b.client.describe(ctx, b.step.Topic)
	if err != nil {
		return err
	}
	switch {
	case t.Partitions() == b.step.To && !t.Locked():
		return nil
	case t.Partitions() > b.step.To:
		return fmt.Errorf("topic %q now has %s: plan again", t.Name, count(t.Partitions(), "partition"))
	}
	if err := b.mayRebuild(t); err != nil {
		return err
	}
	if err := b.lock(ctx, t); err != nil {
		return err
	}
	before, live, err := b.read(ctx, t)
	if err != nil {
		return err
	}
	if t, err = b.addPartitions(ctx, t); err != nil {
		return err
	}
	if err := b.write(ctx, t, before, live); err != nil {
		return err
	}
	b.report(t.Name, "delete the former records", int(before.records()))
	err = b.do(ctx, stepDeleteRecords, func() error { return b.client.deleteBefore(ctx, t, before) })
	if err != nil {
		return err
	}
	if t.ReplicationFactor() == 1 && before.records() > 0 {
		// Log start offsets are checkpointed once a minute.
		b.warn("Topic %q has one replica: should its broker crash within the next minute, former records may come back and mix with the new ones. Do not kill the broker before that.", t.Name)
	}
	return b.unlock(ctx)
}

// addPartitions brings the topic to its count, and returns it as it is then.
func (b *rebuild) addPartitions(ctx context.Context, t *Topic) (*Topic, error) {
	b.touched = true
	if t.Partitions() < b.step.To {
		b.report(t.Name, "add partitions", 0)
		err := b.do(ctx, stepPartitions, func() error { return b.client.addPartitions(ctx, t.Name, b.step.To) })
		if err != nil {
			return nil, err
		}
	}
	grown, _, err := b.client.describe(ctx, t.Name)
	switch {
	case err != nil:
		return nil, err
	case grown.ID != t.ID:
		return nil, fmt.Errorf("%w: topic %q was replaced by another of that name", ErrForeignWrite, t.Name)
	case grown.Partitions() != b.step.To:
		return nil, errors.Join(errCount, fmt.Errorf("topic %q has %d partitions", t.Name, grown.Partitions()))
	}
	return grown, nil
}
