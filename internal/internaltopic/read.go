package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// stallTime is how long a topic may give or take no record before the end is reached. A broker that dies is replaced
// well within.
const stallTime = 30 * time.Second

var errStalled = errors.New("the broker neither gave nor took a record for too long")

// readSpans hands every committed record in the spans to add, and returns when the last one was there.
//
// The last record of a topic that exactly-once producers write is a control record, which a reader does not
// normally see: a loop that waits for the last offset has to ask for them.
func (c *Client) readSpans(ctx context.Context, topic string, from spans, add func(*kgo.Record)) error {
	starts, ends := map[int32]kgo.Offset{}, map[int32]int64{}
	for p, s := range from {
		if s.from < s.to {
			starts[int32(p)], ends[int32(p)] = kgo.NewOffset().At(s.from), s.to
		}
	}
	if len(ends) == 0 {
		return nil
	}
	consumer, err := c.NewSession(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: starts}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()), // an offset that is gone is an error, never a jump
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

// readLive reads the spans into the live map. It also returns how many keys were in more than one partition.
func (c *Client) readLive(ctx context.Context, topic string, from spans) (liveMap, int, error) {
	reader := newLiveReader(len(from))
	if err := c.readSpans(ctx, topic, from, reader.add); err != nil {
		return nil, 0, c.fail("read", topicObject(topic), err)
	}
	return reader.finish(), len(reader.split), nil
}

// stableSpans waits until no transaction is open in any of the n partitions, and returns where they start and
// end then.
func (c *Client) stableSpans(ctx context.Context, topic string, n int, wait time.Duration) (spans, error) {
	var (
		out  spans
		open bool
	)
	err := poll(ctx, wait, func(ctx context.Context) (bool, error) {
		open = false
		now, err := c.spans(ctx, topic, n)
		if err != nil {
			return false, err
		}
		stable, err := offsets(ctx, topic, n, c.Kadm.ListCommittedOffsets)
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

// openTransactions names the producers whose transactions are open, as far as they can be seen (KIP-664).
func (c *Client) openTransactions(ctx context.Context, topic string, n int) string {
	var set kadm.TopicsSet
	for p := range n {
		set.Add(topic, int32(p))
	}
	text := "no producer can be named"
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
