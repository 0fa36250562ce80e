package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A worker that starts checks the cleanup policy of the offset topic and reads the topic. It does the same with the status
// topic and the config topic, and then joins the group. Until it joins, no broker shows it. If its check came before the
// topic was locked, the worker has read the topic with the previous partitions, and would use them until its next start.
// The client therefore holds the group until such a worker must have tried to join: the broker then refuses it, and the
// worker exits.
//
// A worker 4.1.0 on two cores took 0.25 to 1.1 s with small topics, 4.6 s with a million status records, 8 s with two
// million, and 3.6 s with 200 000 records of 3 kB. On an overloaded machine it took 5.3 s with 300 000 records and 29.6 s
// with 1.5 million. The allowance is at least twice as long.
const (
	defaultStartFloor = 5 * time.Second
	startPerRecord    = 40 * time.Microsecond
	startPerByte      = 20 * time.Nanosecond
)

// topicSize is what a worker has to read.
type topicSize struct {
	records int
	bytes   int64 // of keys and values, not compressed
}

func (s *topicSize) add(r *kgo.Record) {
	s.records++
	s.bytes += int64(len(r.Key) + len(r.Value))
}

// startAllowance returns the longest time that a worker takes from its check of the cleanup policy until it joins the
// group, if its topics hold that much together.
func (c *Client) startAllowance(s topicSize) time.Duration {
	return c.startFloor + time.Duration(s.records)*startPerRecord + time.Duration(s.bytes)*startPerByte
}

// outlastStarts holds the group until every worker that was starting when the topic was locked must have tried to join.
// The topic is unlocked by then: a worker that starts now reads it with its new partitions. The next rebuild of this
// process begins meanwhile, so that a run with several of them waits only once.
func (b *rebuild) outlastStarts(lock *groupLock) {
	lock.yield()
	since := b.lockedAt
	if since.IsZero() { // an earlier process has locked the topic
		since = lock.since
	}
	size := b.size
	for _, name := range b.options.OtherStorageTopics {
		if err := b.client.addSize(lock.ctx, name, &size); err != nil && lock.ctx.Err() == nil {
			b.warn("Topic %q could not be read: %s. A worker that was reading it while topic %q was changed may use the previous partitions. Restart such a worker.", name, err, b.step.Topic)
		}
	}
	allowance := b.client.startAllowance(size)
	wait := time.Until(since.Add(allowance))
	if wait <= 0 {
		return
	}
	b.report(b.step.Topic, fmt.Sprintf("hold the Connect group for %s, to keep out workers that were starting", wait.Round(time.Second)), 0)
	if err := sleep(lock.ctx, wait); err != nil {
		b.warn("Topic %q is complete, but the Connect group was held for %s instead of %s: %s. A worker that was starting during the change may use the previous partitions. Restart such a worker.",
			b.step.Topic, time.Since(since).Round(time.Second), allowance.Round(time.Second), err)
	}
}

// addSize adds the size of a topic, if it exists.
func (c *Client) addSize(ctx context.Context, name string, size *topicSize) error {
	t, _, err := c.describe(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	ranges, err := c.listRanges(ctx, name, t.Partitions())
	if err != nil {
		return c.fail("list the offsets of", topicObject(name), err)
	}
	return c.fail("read", topicObject(name), c.readRanges(ctx, name, ranges, size.add))
}
