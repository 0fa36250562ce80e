package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// verifyWait limits the wait for open transactions in topics that only this process writes to.
const verifyWait = 30 * time.Second

var (
	errVerify = errors.New("the records that were read back differ from those that were written")
	errCount  = errors.New("not every broker has the new number of partitions yet")
)

// countDiffers reports whether brokers did not agree on the number of partitions, or it has changed since it was read.
func countDiffers(err error) bool { return errors.Is(err, errCount) }

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

// listRanges returns the present range of each of the n partitions. It waits while a leader cannot be reached.
func (c *Client) listRanges(ctx context.Context, topic string, n int) (out offsetRanges, err error) {
	err = retryWhile(ctx, lostConnection, func(ctx context.Context) (err error) {
		out, err = c.tryListRanges(ctx, topic, n)
		return err
	})
	return out, err
}

func (c *Client) tryListRanges(ctx context.Context, topic string, n int) (offsetRanges, error) {
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
		now, err := c.tryListRanges(ctx, topic, n)
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
	stall := &stallTimer{limit: c.stallTime}
	consumer, err := c.NewSession(kgo.WithHooks(stall),
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
	ctx, stop := stall.start(ctx)
	defer stop()
	for len(ends) > 0 {
		fetches, err := pollRecords(ctx, consumer)
		if err != nil {
			return err
		}
		stall.progress()
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
	fetches := consumer.PollRecords(ctx, 20_000)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for _, e := range fetches.Errors() {
		return nil, fmt.Errorf("partition %d: %w", e.Partition, e.Err)
	}
	return fetches, nil
}

// readContent reads the records of the ranges.
func (c *Client) readContent(ctx context.Context, topic string, ranges offsetRanges) (content, error) {
	reader := newLiveReader(ranges)
	if err := c.readRanges(ctx, topic, ranges, reader.add); err != nil {
		return content{}, c.fail("read", topicObject(topic), err)
	}
	return reader.finish(), nil
}
