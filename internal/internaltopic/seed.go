package internaltopic

import (
	"bytes"
	"context"
	"errors"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// seed creates the topic with the live records of another one, or finishes that. It only reads the source topic, so the
// group's workers can start with either of the two.
func (b *rebuild) seed(ctx context.Context) error {
	source, _, err := b.client.describe(ctx, b.step.Source)
	if errors.Is(err, ErrNotFound) {
		return &SpecError{Field: "seed_from", Reason: "names a topic that does not exist: create it first, or correct the name", Err: ErrNotSeedable}
	}
	if err != nil {
		return err
	}
	if source.Locked() {
		return &SpecError{Field: "seed_from", Reason: "names a topic whose partitions are being changed: finish that change first, by applying the resource of that topic", Err: ErrNotSeedable}
	}
	read, err := b.readContent(ctx, source)
	if err != nil {
		return err
	}
	if err := b.check(ctx, source, read); err != nil {
		return err
	}
	t, err := b.seedTarget(ctx, read.live)
	if err != nil {
		return err
	}
	before, err := b.client.stableRanges(ctx, t.Name, t.Partitions(), verifyWait)
	if err != nil {
		return err
	}
	if err := b.writeContent(ctx, t, before, read.live); err != nil {
		return err
	}
	if err := b.checkUnchanged(ctx, source, read.ranges); err != nil {
		return err
	}
	err = b.guard(ctx, stepDeleteRecords, func() error { return b.client.deleteBefore(ctx, t, before) })
	if err != nil {
		return err
	}
	return b.unlockTopic(ctx)
}

// seedTarget creates the topic with the lock on it. It accepts an existing topic only if that is what an interrupted
// seed left: it is locked, and holds no record that the source does not hold.
func (b *rebuild) seedTarget(ctx context.Context, source liveMap) (*Topic, error) {
	t, _, err := b.client.describe(ctx, b.step.Topic)
	if errors.Is(err, ErrNotFound) {
		err = b.guard(ctx, stepCreate, func() error {
			return b.client.create(ctx, b.step.Topic, b.step.To, b.step.ReplicationFactor, withLock(b.step.Set))
		})
		if err != nil {
			return nil, err
		}
		b.locked, b.changed, b.committed = true, true, true
		t, _, err = b.client.describe(ctx, b.step.Topic)
		return t, err
	}
	if err != nil {
		return nil, err
	}
	exists := &kafkaclient.Error{Op: "create", Object: topicObject(t.Name), Err: ErrExists}
	if !t.Locked() {
		return nil, exists
	}
	read, err := b.readContent(ctx, t)
	if err != nil {
		return nil, err
	}
	for k, r := range read.live {
		if s, ok := source[k]; !ok || !bytes.Equal(s.value, r.value) {
			return nil, exists
		}
	}
	b.locked, b.changed, b.committed = true, true, true
	return t, nil
}
