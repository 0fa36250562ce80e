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
	// stallTime limits the wait for the next records while reading and for the acknowledgement while writing. It is
	// longer than brokers need to replace a dead leader.
	stallTime = 30 * time.Second
	// chunk is how many records are written before their acknowledgements are awaited.
	chunk = 2000
	// verifyWait limits the wait for open transactions in topics that only this process writes to.
	verifyWait = 30 * time.Second
)

var (
	errStalled = errors.New("the broker neither sent nor accepted a record before the timeout")
	errVerify  = errors.New("the records that were read back differ from those that were written")
	errCount   = errors.New("not every broker has the new number of partitions yet")
)

// keyPartitioner is the partitioner of Kafka's producers, which Connect's workers use.
var keyPartitioner = kgo.StickyKeyPartitioner(nil).ForTopic("")

// partitionOf returns the partition to which workers write a key.
func partitionOf(key string, partitions int) int32 {
	return int32(keyPartitioner.Partition(&kgo.Record{Key: []byte(key)}, partitions)) //nolint:gosec // below partitions
}

// offsetRange is the readable part of a partition: [from, to).
type offsetRange struct{ from, to int64 }

// offsetRanges are the readable parts of a topic's partitions, by partition.
type offsetRanges []offsetRange

// offsets returns the number of offsets in the ranges, which is an upper bound of the number of records.
func (r offsetRanges) offsets() int64 {
	var n int64
	for _, p := range r {
		n += p.to - p.from
	}
	return n
}

// listRanges returns the present range of each of the n partitions.
func (c *Client) listRanges(ctx context.Context, topic string, n int) (offsetRanges, error) {
	starts, err := listOffsets(ctx, topic, n, c.Kadm.ListStartOffsets)
	if err != nil {
		return nil, err
	}
	ends, err := listOffsets(ctx, topic, n, c.Kadm.ListEndOffsets)
	if err != nil {
		return nil, err
	}
	out := make(offsetRanges, n)
	for p := range out {
		out[p] = offsetRange{starts[p], ends[p]}
	}
	return out, nil
}

// listOffsets lists one kind of offset for each of n partitions. kadm uses cached metadata, so it fails with errCount if
// the cache has another number of partitions.
func listOffsets(ctx context.Context, topic string, n int, list func(context.Context, ...string) (kadm.ListedOffsets, error)) ([]int64, error) {
	listed, err := list(ctx, topic)
	if err == nil {
		err = listed.Error()
	}
	if err != nil {
		return nil, err
	}
	if len(listed[topic]) != n {
		return nil, fmt.Errorf("%w: %d instead of %d", errCount, len(listed[topic]), n)
	}
	out := make([]int64, n)
	for p, o := range listed[topic] {
		out[p] = o.Offset
	}
	return out, nil
}

// stableRanges waits until no transaction is open in any of the n partitions, and returns their ranges.
func (c *Client) stableRanges(ctx context.Context, topic string, n int, wait time.Duration) (offsetRanges, error) {
	var (
		out  offsetRanges
		open bool
	)
	err := poll(ctx, wait, func(ctx context.Context) (bool, error) {
		open = false
		now, err := c.listRanges(ctx, topic, n)
		if err != nil {
			return false, err
		}
		stable, err := listOffsets(ctx, topic, n, c.Kadm.ListCommittedOffsets)
		if err != nil {
			return false, err
		}
		for p := range now {
			open = open || stable[p] < now[p].to
		}
		out = now
		return !open, nil
	})
	if err != nil && open && ctx.Err() == nil {
		err = fmt.Errorf("%w: %s", ErrOpenTransaction, c.openTransactions(ctx, topic, n))
	}
	return out, c.fail("find the end of", topicObject(topic), err)
}

// openTransactions names a producer that has a transaction open, if the broker lists it (KIP-664).
func (c *Client) openTransactions(ctx context.Context, topic string, n int) string {
	var set kadm.TopicsSet
	for p := range n {
		set.Add(topic, int32(p))
	}
	text := "the broker does not name the producer"
	described, err := c.Kadm.DescribeProducers(ctx, set)
	if err != nil {
		return text
	}
	described.EachProducer(func(p kadm.DescribedProducer) {
		if p.CurrentTxnStartOffset >= 0 {
			text = fmt.Sprintf("producer id %d, epoch %d, in partition %d since offset %d", p.ProducerID, p.ProducerEpoch, p.Partition, p.CurrentTxnStartOffset)
		}
	})
	return text
}

// readRanges calls add for every committed record in the ranges, and returns after the last one.
//
// The last record of a transaction is a control record, which consumers skip. The loop waits for the last offset, so the
// consumer has to return control records, too.
func (c *Client) readRanges(ctx context.Context, topic string, ranges offsetRanges, add func(*kgo.Record)) error {
	starts, ends := map[int32]kgo.Offset{}, map[int32]int64{}
	for p, r := range ranges {
		if r.from < r.to {
			starts[int32(p)], ends[int32(p)] = kgo.NewOffset().At(r.from), r.to
		}
	}
	if len(ends) == 0 {
		return nil
	}
	consumer, err := c.NewSession(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: starts}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()), // a missing offset must fail, not jump to another one
		kgo.FetchMaxWait(500*time.Millisecond),
		kgo.FetchMaxBytes(16<<20), kgo.FetchMaxPartitionBytes(4<<20), kgo.MaxConcurrentFetches(2),
	)
	if err != nil {
		return err
	}
	defer consumer.Close()
	for len(ends) > 0 {
		fetches, err := pollRecords(ctx, consumer)
		if err != nil {
			return err
		}
		fetches.EachRecord(func(r *kgo.Record) {
			end, wanted := ends[r.Partition]
			if !wanted {
				return
			}
			if r.Offset < end && !r.Attrs.IsControl() {
				add(r)
			}
			if r.Offset+1 >= end {
				delete(ends, r.Partition)
				consumer.PauseFetchPartitions(map[string][]int32{topic: {r.Partition}})
			}
		})
	}
	return nil
}

func pollRecords(ctx context.Context, consumer *kgo.Client) (kgo.Fetches, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, stallTime, errStalled)
	defer cancel()
	fetches := consumer.PollRecords(ctx, 20_000)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for _, e := range fetches.Errors() {
		return nil, fmt.Errorf("partition %d: %w", e.Partition, e.Err)
	}
	return fetches, nil
}

// readLive reads the live map of the ranges. It also returns how many keys are in more than one partition.
func (c *Client) readLive(ctx context.Context, topic string, ranges offsetRanges) (liveMap, int, error) {
	reader := newLiveReader(len(ranges))
	if err := c.readRanges(ctx, topic, ranges, reader.add); err != nil {
		return nil, 0, c.fail("read", topicObject(topic), err)
	}
	return reader.finish(), len(reader.split), nil
}

// writeLive writes the live map in its order. It computes each key's partition from t, not from the producer's metadata,
// which may have the previous partition count. It returns the number of records for each partition.
//
// Records keep their timestamps, unless presentTime is set: a topic can reject old timestamps.
func (c *Client) writeLive(ctx context.Context, t *Topic, live liveMap, presentTime bool) ([]int64, error) {
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
			if !presentTime {
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

// produce writes the records and waits for their acknowledgement for at most stallTime.
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
	limit, err := strconv.Atoi(t.Effective["max.message.bytes"])
	if err != nil {
		limit = 1 << 20 // the broker's default
	}
	// A record that was compressed can exceed the limit uncompressed. The broker decides whether it accepts it.
	limit = max(limit, live.largest())
	return c.NewSession(
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(kgo.SnappyCompression()), kgo.ProducerLinger(5*time.Millisecond),
		kgo.ProducerBatchMaxBytes(int32(limit)), //nolint:gosec // the broker's limit is an int32, too
		kgo.UnknownTopicRetries(20), kgo.AllowIdempotentProduceCancellation(),
		// No RecordDeliveryTimeout: it counts from the record's timestamp, and these are old.
	)
}

// verify reads back the records after the previous ends and compares them with what writeLive wrote: the same keys and
// values, each in the partition of its key, and no other record. The slice before is shorter than the number of
// partitions if partitions were added.
func (c *Client) verify(ctx context.Context, t *Topic, before offsetRanges, counts []int64, live liveMap) error {
	now, err := c.stableRanges(ctx, t.Name, t.Partitions(), verifyWait)
	if err != nil {
		return err
	}
	for p := range now {
		now[p].from = 0
		if p < len(before) {
			now[p].from = before[p].to
		}
		if got := now[p].to - now[p].from; got != counts[p] {
			return c.fail("verify", topicObject(t.Name), fmt.Errorf("%w: partition %d grew by %d records instead of %d", ErrForeignWrite, p, got, counts[p]))
		}
	}
	seen, wrong := 0, 0
	err = c.readRanges(ctx, t.Name, now, func(r *kgo.Record) {
		seen++
		v, ok := live[string(r.Key)]
		if !ok || !bytes.Equal(v.value, r.Value) || r.Partition != partitionOf(string(r.Key), t.Partitions()) {
			wrong++
		}
	})
	if err == nil && (wrong > 0 || seen != len(live)) {
		err = fmt.Errorf("%w: read %d records instead of %d, and %d of them are wrong", errVerify, seen, len(live), wrong)
	}
	return c.fail("verify", topicObject(t.Name), err)
}

// deleteBefore deletes the records before the given ends and checks that they are deleted.
func (c *Client) deleteBefore(ctx context.Context, t *Topic, before offsetRanges) error {
	var ends kadm.Offsets
	for p, r := range before {
		if r.from < r.to {
			ends.Add(kadm.Offset{Topic: t.Name, Partition: int32(p), At: r.to})
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
	now, err := c.stableRanges(ctx, t.Name, t.Partitions(), verifyWait)
	if err != nil {
		return err
	}
	for p, r := range before {
		if now[p].from < r.to {
			return c.fail("delete records of", topicObject(t.Name), fmt.Errorf("%w: partition %d still starts at %d, not %d", errVerify, p, now[p].from, r.to))
		}
	}
	return nil
}
