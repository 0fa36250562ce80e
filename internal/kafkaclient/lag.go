package kafkaclient

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Consumer is a consumer group and the topics that it reads. Without Topics, these are the topics that it has committed
// offsets of. DeadLetters is the topic with records that the consumer could not process, or empty.
type Consumer struct {
	Group       string
	Topics      []string
	DeadLetters string
}

// PartitionLag is how many records of a partition a group has not committed.
type PartitionLag struct {
	Topic     string
	Partition int32
	Lag       int64
}

// Lag is how far a group is behind the ends of its partitions, or the reason why that is not known.
type Lag struct {
	Partitions  []PartitionLag // sorted
	Err         error
	DeadLetters Records
}

// Records is the number of offsets in a topic, or the reason why that is not known. It is 0 if the topic does not exist.
type Records struct {
	Count int64
	Err   error
}

// Total returns the sum of all partitions.
func (l Lag) Total() (total int64) {
	for _, partition := range l.Partitions {
		total += partition.Lag
	}
	return total
}

// Lags returns how far the groups are behind. All records of a partition count if the group has committed nothing there. A
// topic that does not exist has no partitions. Callers that wait at the same time share requests: one OffsetFetch for all
// groups of a broker, one Metadata, and two ListOffsets for all topics of a broker. The results are in the order of the consumers.
func (c *Client) Lags(ctx context.Context, consumers ...Consumer) ([]Lag, error) {
	if len(consumers) == 0 {
		return nil, nil
	}
	batch := c.lags.join(context.WithoutCancel(ctx), c, consumers)
	select {
	case <-batch.done:
	case <-ctx.Done():
		return nil, c.Fail("read the lag of", "consumer groups", context.Cause(ctx))
	}
	if batch.err != nil {
		return nil, c.Fail("read the lag of", "consumer groups", batch.err)
	}
	lags := make([]Lag, len(consumers))
	for i, consumer := range consumers {
		lags[i] = batch.lag(consumer)
		lags[i].Err = c.Fail("read the lag of", "consumer group "+strconv.Quote(consumer.Group), lags[i].Err)
		lags[i].DeadLetters = batch.records(consumer.DeadLetters)
		lags[i].DeadLetters.Err = c.Fail("count the records of", "topic "+strconv.Quote(consumer.DeadLetters), lags[i].DeadLetters.Err)
	}
	return lags, nil
}

// lagBatches are the reads of lags: one batch runs, and the next one collects callers.
type lagBatches struct {
	mu       sync.Mutex
	next     *lagBatch
	running  bool
	failure  error // of the last connection
	failedAt time.Time
}

// connectPause is how long a failed connection is not tried again: many callers must not wait for it one after the other.
const connectPause = time.Minute

// lagBatch is what the callers of one batch share.
type lagBatch struct {
	consumers []Consumer
	done      chan struct{} // closed when the fields below are set

	committed  kadm.FetchOffsetsResponses
	unreadable map[string]error // by topic
	start, end kadm.ListedOffsets
	err        error
}

// join adds the consumers to the next batch, and starts it if none runs.
func (l *lagBatches) join(ctx context.Context, c *Client, consumers []Consumer) *lagBatch {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next == nil {
		l.next = &lagBatch{done: make(chan struct{})}
	}
	batch := l.next
	batch.consumers = append(batch.consumers, consumers...)
	if !l.running {
		l.running = true
		go l.run(ctx, c)
	}
	return batch
}

// run executes batches until no caller waits.
func (l *lagBatches) run(ctx context.Context, c *Client) {
	for {
		l.mu.Lock()
		batch := l.next
		if l.next = nil; batch == nil {
			l.running = false
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		if batch.err = l.connect(ctx, c); batch.err == nil {
			batch.err = batch.fetch(ctx, c)
		}
		close(batch.done)
	}
}

// connect connects, or returns the error of a connection that failed recently.
func (l *lagBatches) connect(ctx context.Context, c *Client) error {
	if l.failure != nil && time.Since(l.failedAt) < connectPause {
		return l.failure
	}
	l.failure = c.Connect(ctx)
	l.failedAt = time.Now()
	return l.failure
}

// fetch reads the committed offsets of all groups and the ends of all their partitions.
func (b *lagBatch) fetch(ctx context.Context, c *Client) (err error) {
	groups, topics := map[string]bool{}, map[string]bool{}
	for _, consumer := range b.consumers {
		groups[consumer.Group] = true
		for _, topic := range consumer.Topics {
			topics[topic] = true
		}
		if consumer.DeadLetters != "" {
			topics[consumer.DeadLetters] = true
		}
	}
	b.committed = c.Kadm.FetchManyOffsets(ctx, slices.Sorted(maps.Keys(groups))...)
	for _, consumer := range b.consumers {
		if len(consumer.Topics) == 0 {
			for topic := range b.committed[consumer.Group].Fetched {
				topics[topic] = true
			}
		}
	}
	names, err := b.readable(ctx, c, topics)
	if len(names) == 0 || err != nil {
		return err // without topics, kadm would list all that there are
	}
	if b.start, err = c.Kadm.ListStartOffsets(ctx, names...); err != nil {
		return err
	}
	b.end, err = c.Kadm.ListEndOffsets(ctx, names...)
	return err
}

// readable returns those of the topics that can be described, sorted. kadm would fail as a whole because of another one.
func (b *lagBatch) readable(ctx context.Context, c *Client, topics map[string]bool) (names []string, err error) {
	if len(topics) == 0 {
		return nil, nil
	}
	req := kmsg.NewPtrMetadataRequest()
	for topic := range topics {
		of := kmsg.NewMetadataRequestTopic()
		of.Topic = &topic
		req.Topics = append(req.Topics, of)
	}
	answer, err := req.RequestWith(ctx, c.Kgo)
	if err != nil {
		return nil, err
	}
	b.unreadable = map[string]error{}
	for _, topic := range answer.Topics {
		if err := kerr.ErrorForCode(topic.ErrorCode); err != nil {
			b.unreadable[*topic.Topic] = err
			continue
		}
		names = append(names, *topic.Topic)
	}
	slices.Sort(names)
	return names, nil
}

// lag computes the lag of one group.
func (b *lagBatch) lag(of Consumer) (lag Lag) {
	committed := b.committed[of.Group]
	if err := committed.Err; err != nil && !errors.Is(err, kerr.GroupIDNotFound) { // a group that does not exist has committed nothing
		return Lag{Err: err}
	}
	topics := of.Topics
	if len(topics) == 0 {
		topics = slices.Collect(maps.Keys(committed.Fetched))
	}
	for _, topic := range slices.Compact(slices.Sorted(slices.Values(topics))) {
		if err := b.unreadable[topic]; err != nil && !errors.Is(err, kerr.UnknownTopicOrPartition) {
			return Lag{Err: fmt.Errorf("topic %q: %w", topic, err)}
		}
		for _, partition := range slices.Sorted(maps.Keys(b.end[topic])) {
			end, start, at := b.end[topic][partition], b.start[topic][partition], committed.Fetched[topic][partition]
			if err := cmp.Or(end.Err, start.Err, at.Err); err != nil {
				return Lag{Err: fmt.Errorf("partition %d of topic %q: %w", partition, topic, err)}
			}
			if _, fetched := committed.Fetched[topic][partition]; !fetched {
				at.At = start.Offset
			}
			lag.Partitions = append(lag.Partitions, PartitionLag{topic, partition, max(0, end.Offset-max(at.At, start.Offset))})
		}
	}
	return lag
}

// records counts the offsets of a topic.
func (b *lagBatch) records(topic string) (records Records) {
	if err := b.unreadable[topic]; err != nil && !errors.Is(err, kerr.UnknownTopicOrPartition) {
		return Records{Err: err}
	}
	for partition, end := range b.end[topic] {
		start := b.start[topic][partition]
		if err := cmp.Or(end.Err, start.Err); err != nil {
			return Records{Err: fmt.Errorf("partition %d: %w", partition, err)}
		}
		records.Count += end.Offset - start.Offset
	}
	return records
}
