package internaltopic

import (
	"bytes"
	"context"
	"errors"
	"maps"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// seed creates the topic with the live content of another one, or finishes that. The source is only read: the
// group's workers can go on with either of the two.
func (b *rebuild) seed(ctx context.Context) error {
	source, _, err := b.client.describe(ctx, b.step.Source)
	if errors.Is(err, ErrNotFound) {
		return &SpecError{Field: "seed_from", Reason: "names a topic that does not exist", Err: ErrNotSeedable}
	}
	if err != nil {
		return err
	}
	if source.Locked() {
		return &SpecError{Field: "seed_from", Reason: "names a topic whose own rebuild is unfinished", Err: ErrNotSeedable}
	}
	ends, live, err := b.read(ctx, source)
	if err != nil {
		return err
	}
	t, err := b.seedling(ctx, live)
	if err != nil {
		return err
	}
	before, err := b.client.stableSpans(ctx, t.Name, t.Partitions(), verifyWait)
	if err != nil {
		return err
	}
	if err := b.write(ctx, t, before, live); err != nil {
		return err
	}
	if err := b.unchanged(ctx, source, ends); err != nil {
		return err
	}
	err = b.do(ctx, stepDeleteRecords, func() error { return b.client.deleteBefore(ctx, t, before) })
	if err != nil {
		return err
	}
	return b.unlock(ctx)
}

// seedling returns the topic to seed, created with the lock on it. One that is there must be what an earlier try
// left: locked, and holding nothing but what the source holds.
func (b *rebuild) seedling(ctx context.Context, source liveMap) (*Topic, error) {
	t, _, err := b.client.describe(ctx, b.step.Topic)
	if errors.Is(err, ErrNotFound) {
		config := maps.Clone(b.step.Set)
		err = b.do(ctx, stepCreate, func() error {
			return b.client.create(ctx, b.step.Topic, b.step.To, b.step.ReplicationFactor, locked(config))
		})
		if err != nil {
			return nil, err
		}
		b.locked, b.touched = true, true
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
	_, live, err := b.read(ctx, t)
	if err != nil {
		return nil, err
	}
	for k, r := range live {
		if s, ok := source[k]; !ok || !bytes.Equal(s.value, r.value) {
			return nil, exists
		}
	}
	b.locked, b.touched = true, true
	return t, nil
}
