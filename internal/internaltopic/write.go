package internaltopic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// chunk is how many records are produced before they are waited for.
	chunk = 2000
	// verifyWait bounds the wait for a stable end where nobody but us writes.
	verifyWait = 30 * time.Second
)

// errVerify means that what was read back is not what was written.
var errVerify = errors.New("what was read back is not what was written")

// written is what a rewrite put where.
type written struct {
	before spans   // Where the partitions ended before; shorter when there were fewer of them.
	counts []int64 // How many records went into each.
}

// writeLive produces the whole live map in its order, each key to the partition that the count gives it, never
// the one that the client takes the count for.
//
// Timestamps are kept unless the topic refuses old ones; now says to write the present time instead.
func (c *Client) writeLive(ctx context.Context, t *Topic, live liveMap, now bool) ([]int64, error) {
	producer, err := c.producer(t, live)
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	counts := make([]int64, t.Partitions())
	for keys := range slices.Chunk(live.inOrder(), chunk) {
		records := make([]*kgo.Record, len(keys))
		for i, k := range keys {
			v, p := live[k], partitionOf(k, t.Partitions())
			counts[p]++
			records[i] = &kgo.Record{Topic: t.Name, Partition: p, Key: []byte(k), Value: v.value, Headers: v.headers}
			if !now {
				records[i].Timestamp = v.timestamp
			}
		}
		c.beforeStep(stepWrite)
		if err := produce(ctx, producer, records...); err != nil {
			return nil, c.fail("write to", topicObject(t.Name), err)
		}
	}
	return counts, nil
}

// produce writes the records and waits for them, but not for ever: without a RecordDeliveryTimeout the producer
// itself never gives up.
func produce(ctx context.Context, producer *kgo.Client, records ...*kgo.Record) error {
	ctx, cancel := context.WithTimeoutCause(ctx, stallTime, errStalled)
	defer cancel()
	err := producer.ProduceSync(ctx, records...).FirstErr()
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return err
}

func (c *Client) producer(t *Topic, live liveMap) (*kgo.Client, error) {
	most, err := strconv.Atoi(t.Effective["max.message.bytes"])
	if err != nil {
		most = 1 << 20 // the broker's default
	}
	// A record that was written compressed may be larger than the limit is: leave that to the broker to judge.
	most = max(most, live.largest())
	return c.NewSession(
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(kgo.SnappyCompression()), kgo.ProducerLinger(5*time.Millisecond),
		kgo.ProducerBatchMaxBytes(int32(most)), //nolint:gosec // a broker's own limit is an int32, too
		kgo.UnknownTopicRetries(20), kgo.AllowIdempotentProduceCancellation(),
		// No RecordDeliveryTimeout: it counts from the record's timestamp, and these are old.
	)
}

// verify reads back what was written: the same keys and values, each where its hash says, and nothing else
// behind the former end.
func (c *Client) verify(ctx context.Context, t *Topic, w written, live liveMap) error {
	now, err := c.stableSpans(ctx, t.Name, t.Partitions(), verifyWait)
	if err != nil {
		return err
	}
	for p := range now {
		now[p].from = 0
		if p < len(w.before) {
			now[p].from = w.before[p].to
		}
		if got := now[p].to - now[p].from; got != w.counts[p] {
			return c.fail("verify", topicObject(t.Name), fmt.Errorf("%w: partition %d grew by %d records instead of %d", ErrForeignWrite, p, got, w.counts[p]))
		}
	}
	seen, wrong := 0, 0
	err = c.readSpans(ctx, t.Name, now, func(r *kgo.Record) {
		seen++
		v, ok := live[string(r.Key)]
		if !ok || !bytes.Equal(v.value, r.Value) || r.Partition != partitionOf(string(r.Key), t.Partitions()) {
			wrong++
		}
	})
	if err == nil && (wrong > 0 || seen != len(live)) {
		err = fmt.Errorf("%w: %d of %d records, %d of them wrong", errVerify, seen, len(live), wrong)
	}
	return c.fail("verify", topicObject(t.Name), err)
}

// deleteBefore deletes the records before the given ends, and checks that they are gone.
func (c *Client) deleteBefore(ctx context.Context, t *Topic, before spans) error {
	var ends kadm.Offsets
	for p, s := range before {
		if s.from < s.to {
			ends.Add(kadm.Offset{Topic: t.Name, Partition: int32(p), At: s.to})
		}
	}
	if len(ends) > 0 {
		answers, err := c.Kadm.DeleteRecords(ctx, ends)
		if err == nil {
			err = answers.Error()
		}
		if err != nil {
			return c.fail("delete records of", topicObject(t.Name), err)
		}
	}
	c.beforeStep(stepCheckStarts)
	now, err := c.stableSpans(ctx, t.Name, t.Partitions(), verifyWait)
	if err != nil {
		return err
	}
	for p, s := range before {
		if now[p].from < s.to {
			return c.fail("delete records of", topicObject(t.Name), fmt.Errorf("%w: partition %d still starts at %d, not %d", errVerify, p, now[p].from, s.to))
		}
	}
	return nil
}
