package internaltopic

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// defaultStallTime limits the wait for the next records while reading, and for the next acknowledgement while writing.
	// It is longer than brokers need to replace a dead leader.
	defaultStallTime = 30 * time.Second
	// chunk is how many records are written before their acknowledgements are awaited.
	chunk = 2000
	// maxBatch limits the uncompressed size of batches of several records. Large batches gain nothing, and a broker with a
	// quota answers each batch only after the time that the quota grants it.
	maxBatch = 256 << 10
	// batchHeader is the size of a batch without its records.
	batchHeader = 61
	// defaultMaxMessage is max.message.bytes of a broker by default.
	defaultMaxMessage = 1_048_588
)

var errStalled = errors.New("the broker neither sent nor accepted a record before the timeout")

// stallTimer ends a context when the broker makes no progress. Time for which the broker throttles the client does not
// count: throttling delays progress, and every further attempt would meet it again.
type stallTimer struct {
	limit time.Duration

	mu    sync.Mutex
	timer *time.Timer
	until time.Time
}

// start returns a context that ends with errStalled. The caller calls stop.
func (s *stallTimer) start(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	timer := time.AfterFunc(s.limit, func() { cancel(errStalled) })
	s.timer, s.until = timer, time.Now().Add(s.limit)
	return ctx, func() {
		timer.Stop()
		cancel(nil)
	}
}

// progress postpones the end.
func (s *stallTimer) progress() { s.postpone(s.limit) }

// OnBrokerThrottle implements kgo.HookBrokerThrottle.
func (s *stallTimer) OnBrokerThrottle(_ kgo.BrokerMetadata, interval time.Duration, _ bool) {
	s.postpone(s.limit + interval)
}

func (s *stallTimer) postpone(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until := time.Now().Add(d); s.timer != nil && until.After(s.until) {
		s.until = until
		s.timer.Reset(d)
	}
}

// recordWriter writes records to given partitions of one topic, in their order.
type recordWriter struct {
	client *Client
	topic  *Topic
	stall  *stallTimer
	// batches writes several records in a batch of at most batchLimit bytes.
	batches    *kgo.Client
	batchLimit int
	// single writes each larger record in a batch of its own. It is nil until it is needed.
	single *kgo.Client
}

func (c *Client) newWriter(t *Topic) (*recordWriter, error) {
	w := &recordWriter{client: c, topic: t, stall: &stallTimer{limit: c.stallTime}, batchLimit: min(maxBatch, t.maxMessage())}
	var err error
	w.batches, err = w.session(w.batchLimit, kgo.ProducerBatchCompression(kgo.SnappyCompression()), kgo.ProducerLinger(5*time.Millisecond))
	return w, err
}

func (w *recordWriter) session(limit int, options ...kgo.Opt) (*kgo.Client, error) {
	return w.client.NewSession(append(options,
		kgo.WithHooks(w.stall),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchMaxBytes(int32(limit)), //nolint:gosec // a broker's limit is an int32, too
		kgo.UnknownTopicRetries(20), kgo.AllowIdempotentProduceCancellation(),
		// No RecordDeliveryTimeout: it counts from the record's timestamp, and these are old.
	)...)
}

func (w *recordWriter) close() {
	w.batches.Close()
	if w.single != nil {
		w.single.Close()
	}
}

// write writes the records and waits until all are acknowledged.
func (w *recordWriter) write(ctx context.Context, records ...*kgo.Record) error {
	for len(records) > 0 {
		n := slices.IndexFunc(records, func(r *kgo.Record) bool { return batchHeader+maxRecordSize(r) > w.batchLimit })
		if n < 0 {
			n = len(records)
		}
		var err error
		if n > 0 {
			err = w.send(ctx, w.batches, records[:n])
		} else {
			n = 1
			err = w.writeSingle(ctx, records[0])
		}
		if err != nil {
			return w.client.fail("write to", topicObject(w.topic.Name), err)
		}
		records = records[n:]
	}
	return nil
}

func (w *recordWriter) writeSingle(ctx context.Context, r *kgo.Record) error {
	if w.single == nil {
		const largest = 90 << 20 // below the largest request of a broker
		var err error
		if w.single, err = w.session(largest, kgo.ProducerBatchCompression(w.topic.singleCodec())); err != nil {
			return err
		}
	}
	return w.send(ctx, w.single, []*kgo.Record{r})
}

// send produces the records and waits for their acknowledgements, the next of which must arrive before the stall time.
func (w *recordWriter) send(ctx context.Context, producer *kgo.Client, records []*kgo.Record) error {
	ctx, stop := w.stall.start(ctx)
	defer stop()
	var (
		acks  sync.WaitGroup
		once  sync.Once
		first error
	)
	acks.Add(len(records))
	for _, r := range records {
		producer.Produce(ctx, r, func(_ *kgo.Record, err error) {
			if err == nil {
				w.stall.progress()
			} else {
				once.Do(func() { first = err })
			}
			acks.Done()
		})
	}
	acks.Wait()
	if first != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", context.Cause(ctx), first)
	}
	return first
}

// maxMessage returns the size of the largest batch that the topic accepts.
func (t *Topic) maxMessage() int {
	limit, err := strconv.Atoi(t.Effective[keyMaxMessage])
	if err != nil {
		return defaultMaxMessage
	}
	return limit
}

// singleCodec returns the compression for records that exceed a batch. A worker may have written such a record with a
// compression that made it fit, so it is a strong one, unless the broker compresses the topic itself.
func (t *Topic) singleCodec() kgo.CompressionCodec {
	switch t.Effective["compression.type"] {
	case "uncompressed":
		return kgo.NoCompression()
	case "gzip":
		return kgo.GzipCompression()
	case "snappy":
		return kgo.SnappyCompression()
	case "lz4":
		return kgo.Lz4Compression()
	}
	const better = 3 // the level zstd.SpeedBetterCompression of the library that kgo uses
	return kgo.ZstdCompression().WithLevel(better)
}

// maxRecordSize returns an upper bound of the size of a record in a batch, before compression.
func maxRecordSize(r *kgo.Record) int {
	n := len(r.Key) + len(r.Value) + 6*binary.MaxVarintLen32
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Value) + 2*binary.MaxVarintLen32
	}
	return n
}

// encodeRecord returns the first record of a batch in the record format of KIP-98.
func encodeRecord(r *kgo.Record) []byte {
	field := func(to, value []byte) []byte {
		if value == nil {
			return binary.AppendVarint(to, -1)
		}
		return append(binary.AppendVarint(to, int64(len(value))), value...)
	}
	body := []byte{0, 0, 0} // attributes, and the differences of timestamp and offset from those of the batch
	body = field(field(body, r.Key), r.Value)
	body = binary.AppendVarint(body, int64(len(r.Headers)))
	for _, h := range r.Headers {
		body = field(field(body, []byte(h.Key)), h.Value)
	}
	return append(binary.AppendVarint(nil, int64(len(body))), body...)
}

// singleBatchSize returns the size of a batch that holds only this record, compressed with codec.
func singleBatchSize(r *kgo.Record, codec kgo.CompressionCodec) (int, error) {
	plain := encodeRecord(r)
	compressor, err := kgo.DefaultCompressor(codec)
	if err != nil || compressor == nil {
		return batchHeader + len(plain), err
	}
	compressed, _ := compressor.Compress(new(bytes.Buffer), plain)
	return batchHeader + min(len(plain), len(compressed)), nil
}

// record returns the live record of a key for a partition of the topic. It keeps its timestamp, unless presentTime is
// set: a topic can reject old timestamps.
func (m liveMap) record(t *Topic, key string, presentTime bool) *kgo.Record {
	v := m[key]
	r := &kgo.Record{Topic: t.Name, Partition: partitionOf(key, t.Partitions()), Key: []byte(key), Value: v.value, Headers: v.headers}
	if !presentTime {
		r.Timestamp = v.timestamp
	}
	return r
}

// writeLive writes the live map in its order. It computes each key's partition from t, not from the producer's metadata,
// which may have the previous partition count. It returns the number of records for each partition.
func (c *Client) writeLive(ctx context.Context, t *Topic, live liveMap, presentTime bool) ([]int64, error) {
	w, err := c.newWriter(t)
	if err != nil {
		return nil, err
	}
	defer w.close()
	counts := make([]int64, t.Partitions())
	for keys := range slices.Chunk(live.inOrder(), chunk) {
		records := make([]*kgo.Record, len(keys))
		for i, k := range keys {
			records[i] = live.record(t, k, presentTime)
			counts[records[i].Partition]++
		}
		c.beforeStep(stepWrite)
		if err := w.write(ctx, records...); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// verify reads back the records after the previous ends and compares them with what writeLive wrote: the same keys and
// values, each in the partition of its key, and no other record. The slice before is shorter than the number of
// partitions if partitions were added.
func (c *Client) verify(ctx context.Context, t *Topic, before offsetRanges, counts []int64, live liveMap) error {
	now, err := c.stableRanges(ctx, t.Name, t.Partitions(), verifyWait)
	if err != nil {
		return err
	}
	if err := checkGrowth(before, now, counts); err != nil {
		return c.fail("verify", topicObject(t.Name), err)
	}
	for p := range now {
		now[p].from = 0
		if p < len(before) {
			now[p].from = before[p].to
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

// checkGrowth fails with ErrForeignWrite unless each partition grew by the given number of records. Partitions that are
// missing in before are new.
func checkGrowth(before, now offsetRanges, counts []int64) error {
	for p := range now {
		var previous int64
		if p < len(before) {
			previous = before[p].to
		}
		if got := now[p].to - previous; got != counts[p] {
			return fmt.Errorf("%w: partition %d grew by %d records instead of %d", ErrForeignWrite, p, got, counts[p])
		}
	}
	return nil
}

// deleteBefore deletes the records before the given ends and checks that they are deleted.
func (c *Client) deleteBefore(ctx context.Context, t *Topic, before offsetRanges) error {
	if err := c.deleteRecords(ctx, t, before, func(r offsetRange) int64 { return r.to }); err != nil {
		return err
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

// deleteRecords deletes the records below an offset of each range that holds records.
func (c *Client) deleteRecords(ctx context.Context, t *Topic, ranges offsetRanges, below func(offsetRange) int64) error {
	var offsets kadm.Offsets
	for p, r := range ranges {
		if r.from < r.to {
			offsets.Add(kadm.Offset{Topic: t.Name, Partition: int32(p), At: below(r)})
		}
	}
	if len(offsets) == 0 {
		return nil
	}
	// The leader of a partition may still have the previous cleanup policy, although the brokers already show the new one.
	outdated := func(err error) bool { return errors.Is(err, kerr.PolicyViolation) }
	err := retryWhile(ctx, outdated, func(ctx context.Context) error {
		answers, err := c.Kadm.DeleteRecords(ctx, offsets)
		if err != nil {
			return err
		}
		return answers.Error()
	})
	return c.fail("delete records of", topicObject(t.Name), err)
}
