package internaltopic

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// markKey is the key of the record that says that a copy is complete. No worker writes one like it.
const markKey = "__kafkaconnect_rebuild_complete"

// mark is that record's value.
type mark struct {
	Source string `json:"source"` // The id of the topic that was copied.
	Keys   int    `json:"keys"`
	Digest string `json:"digest"` // Of the live map, without the mark.
}

// rebuildCopy is the content of a topic that is being rebuilt with fewer partitions, kept in a second one.
type rebuildCopy struct {
	topic *Topic
	live  liveMap
	mark  *mark // Nil when the copy is not complete.
}

// readCopy reads a copy with its mark. One whose mark disagrees with its content is an error: nothing may be
// done on the strength of it, and it may be all there is.
func (b *rebuild) readCopy(ctx context.Context, t *Topic) (*rebuildCopy, error) {
	b.client.beforeStep(stepReadCopy)
	ends, err := b.client.stableSpans(ctx, t.Name, t.Partitions(), verifyWait)
	if err != nil {
		return nil, err
	}
	live, _, err := b.client.readLive(ctx, t.Name, ends)
	if err != nil {
		return nil, err
	}
	c := &rebuildCopy{topic: t, live: live}
	record, marked := live[markKey]
	if !marked {
		return c, nil
	}
	delete(live, markKey)
	c.mark = &mark{}
	if err := json.Unmarshal(record.value, c.mark); err != nil || c.mark.Keys != len(live) || c.mark.Digest != live.digest() {
		return nil, b.client.fail("read", topicObject(t.Name), fmt.Errorf("%w: it is marked as complete but its content differs from its mark", errVerify))
	}
	return c, nil
}

// makeCopy creates the copy of the topic's live map, verifies it, and marks it as complete once the topic has
// been seen unchanged.
func (b *rebuild) makeCopy(ctx context.Context, t *Topic, ends spans, live liveMap) error {
	name := t.Name + RebuildSuffix
	err := b.do(ctx, stepCreateCopy, func() error {
		return b.client.create(ctx, name, b.step.To, t.ReplicationFactor(), locked(t.Config))
	})
	if err != nil {
		return err
	}
	b.touched = true
	c, _, err := b.client.describe(ctx, name)
	if err != nil {
		return err
	}
	if err := b.write(ctx, c, nil, live); err != nil {
		return err
	}
	if err := b.unchanged(ctx, t, ends); err != nil {
		return err
	}
	return b.do(ctx, stepMark, func() error {
		return b.client.writeMark(ctx, c, mark{Source: t.ID.String(), Keys: len(live), Digest: live.digest()})
	})
}

// unchanged fails when the topic's end moved since it was read.
func (b *rebuild) unchanged(ctx context.Context, t *Topic, ends spans) error {
	now, err := b.client.stableSpans(ctx, t.Name, t.Partitions(), verifyWait)
	if err != nil {
		return err
	}
	for p := range now {
		if now[p].to != ends[p].to {
			return b.client.fail("copy", topicObject(t.Name), fmt.Errorf("%w: partition %d ends at %d, not %d", ErrForeignWrite, p, now[p].to, ends[p].to))
		}
	}
	return nil
}

func (c *Client) writeMark(ctx context.Context, t *Topic, m mark) error {
	value, err := json.Marshal(m)
	if err != nil {
		return err
	}
	producer, err := c.producer(t, nil)
	if err != nil {
		return err
	}
	defer producer.Close()
	record := &kgo.Record{Topic: t.Name, Partition: partitionOf(markKey, t.Partitions()), Key: []byte(markKey), Value: value}
	return c.fail("write to", topicObject(t.Name), produce(ctx, producer, record))
}
