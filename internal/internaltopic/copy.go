package internaltopic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// Keys of the records that mark a topic as a copy of this package. Workers write no such keys. The first record in the
// partition of createdKey has that key, so one read tells a copy from a topic that somebody else created.
const (
	createdKey  = "__kafkaconnect_rebuild_created"
	completeKey = "__kafkaconnect_rebuild_complete"
)

// copyMark is the value of these records. The mark of a complete copy has the number and the digest of its keys.
type copyMark struct {
	Source string `json:"source"` // The id of the original.
	Keys   int    `json:"keys"`
	Digest string `json:"digest"` // Of the live map, without the marks.
}

// shrinkCopy is a second topic that holds the live records of the original.
type shrinkCopy struct {
	topic *Topic
	live  liveMap
	mark  *copyMark // Nil if the copy is not complete.
}

// copyReadTime limits one attempt to tell a copy from another topic. It is short because a read does not end while a
// broker deletes the topic.
const copyReadTime = 5 * time.Second

// findCopy returns the copy of the named topic that a rebuild created, or nil. It reports a topic that has the name of the
// copy but was not created by a rebuild as foreign. It tries again while the topic is being deleted or has no leader.
func (c *Client) findCopy(ctx context.Context, name string) (t *Topic, foreign bool, err error) {
	err = poll(ctx, metadataTimeout, func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, copyReadTime)
		defer cancel()
		t, foreign, err = c.tryFindCopy(ctx, name)
		return true, err
	})
	return t, foreign, err
}

func (c *Client) tryFindCopy(ctx context.Context, name string) (t *Topic, foreign bool, err error) {
	t, _, err = c.describe(ctx, name+RebuildSuffix)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, false, nil
	case errors.Is(err, kafkaclient.ErrUnauthorized):
		return nil, false, nil // a principal that is not allowed to describe the copy has never created one
	case err != nil:
		return nil, false, err
	case !t.Locked(): // a rebuild creates the copy with the lock on it
		return nil, true, nil
	}
	ranges, err := c.listRanges(ctx, t.Name, t.Partitions())
	if err != nil {
		return nil, false, c.fail("list the offsets of", topicObject(t.Name), err)
	}
	if ranges.offsets() == 0 {
		return t, false, nil // the rebuild ended before it wrote the mark
	}
	first := make(offsetRanges, len(ranges))
	p := partitionOf(createdKey, t.Partitions())
	first[p] = offsetRange{ranges[p].from, min(ranges[p].from+1, ranges[p].to)}
	marked := false
	err = c.readRanges(ctx, t.Name, first, func(r *kgo.Record) { marked = string(r.Key) == createdKey })
	switch {
	case err != nil:
		return nil, false, c.fail("read", topicObject(t.Name), err)
	case !marked:
		return nil, true, nil
	}
	return t, false, nil
}

// deleteCopy deletes the copy of the named topic, if a rebuild created one.
func (c *Client) deleteCopy(ctx context.Context, name string) error {
	t, _, err := c.findCopy(ctx, name)
	if err != nil || t == nil {
		return err
	}
	return c.deleteByID(ctx, t)
}

// readCopy reads a copy and its mark. A mark that does not match the content is an error: such a copy may be all that is
// left, so it must be neither used nor deleted.
func (b *rebuild) readCopy(ctx context.Context, t *Topic) (*shrinkCopy, error) {
	b.client.beforeStep(stepReadCopy)
	ranges, err := b.client.stableRanges(ctx, t.Name, t.Partitions(), verifyWait)
	if err != nil {
		return nil, err
	}
	read, err := b.client.readContent(ctx, t.Name, ranges)
	if err != nil {
		return nil, err
	}
	c := &shrinkCopy{topic: t, live: read.live}
	record, complete := c.live[completeKey]
	delete(c.live, createdKey)
	delete(c.live, completeKey)
	if !complete {
		return c, nil
	}
	c.mark = &copyMark{}
	if err := json.Unmarshal(record.value, c.mark); err != nil || c.mark.Keys != len(c.live) || c.mark.Digest != c.live.digest() {
		return nil, b.client.fail("read", topicObject(t.Name), fmt.Errorf("%w: it is marked as complete, but its content does not match the mark", errVerify))
	}
	return c, nil
}

// createCopy writes and verifies the copy. It marks the copy as complete after it has checked that the original did not
// change meanwhile.
func (b *rebuild) createCopy(ctx context.Context, t *Topic, read content) error {
	name := t.Name + RebuildSuffix
	err := b.guard(ctx, stepCreateCopy, func() error {
		return b.client.create(ctx, name, b.step.To, t.ReplicationFactor(), b.settings(t))
	})
	if err != nil {
		return err
	}
	c, _, err := b.client.describe(ctx, name)
	if err != nil {
		return err
	}
	b.copied = c
	mark := copyMark{Source: t.ID.String()}
	if err := b.writeMark(ctx, c, createdKey, mark); err != nil {
		return err
	}
	before, err := b.client.stableRanges(ctx, name, c.Partitions(), verifyWait)
	if err != nil {
		return err
	}
	if err := b.writeContent(ctx, c, before, read.live); err != nil {
		return err
	}
	if err := b.checkUnchanged(ctx, t, read.ranges); err != nil {
		return err
	}
	mark.Keys, mark.Digest = len(read.live), read.live.digest()
	return b.writeMark(ctx, c, completeKey, mark)
}

func (b *rebuild) writeMark(ctx context.Context, t *Topic, key string, m copyMark) error {
	value, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return b.guard(ctx, stepMark, func() error {
		w, err := b.client.newWriter(t)
		if err != nil {
			return err
		}
		defer w.close()
		return w.write(ctx, &kgo.Record{Topic: t.Name, Partition: partitionOf(key, t.Partitions()), Key: []byte(key), Value: value})
	})
}
