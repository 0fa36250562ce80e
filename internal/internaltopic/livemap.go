package internaltopic

import (
	"bytes"
	"cmp"
	"container/heap"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// liveMap is the content of a compacted topic: the last record of each key.
type liveMap map[string]liveRecord

// liveRecord is a record without its key. A nil value is a tombstone.
type liveRecord struct {
	value     []byte
	headers   []kgo.RecordHeader
	timestamp time.Time
	partition int32
	offset    int64
}

// content is what a topic held when it was read.
type content struct {
	ranges offsetRanges
	live   liveMap
	size   topicSize
	// split is the number of keys that were in more than one partition.
	split int
	// keyless is the number of records without a key. A compacted topic cannot keep them.
	keyless int
	// misplaced is the number of records that are outside the partition of their key, superseded ones included.
	misplaced int
}

// inPlace reports whether a worker reads the topic correctly as it is: every record is in the partition of its key. In
// the config topic the order of records of different keys matters as well, and an interrupted rebuild may have changed it.
func (c content) inPlace() bool {
	if c.misplaced > 0 {
		return false
	}
	for k := range c.live {
		if strings.HasPrefix(k, "commit-") {
			return false
		}
	}
	return true
}

// liveReader builds the content of a topic from its records. The partitions may arrive in any order.
type liveReader struct {
	content
	// ends has the last record of each partition for the keys that are in several ones.
	ends map[string]map[int32]liveRecord
}

func newLiveReader(ranges offsetRanges) *liveReader {
	return &liveReader{content: content{ranges: ranges, live: liveMap{}}, ends: map[string]map[int32]liveRecord{}}
}

// add processes the next record of a partition. A later record of the same partition replaces an earlier one.
func (l *liveReader) add(r *kgo.Record) {
	l.size.add(r)
	if r.Key == nil {
		l.keyless++
		return
	}
	key := string(r.Key)
	if partitionOf(key, len(l.ranges)) != r.Partition {
		l.misplaced++
	}
	// Clone: a slice of the record would keep its whole batch in memory.
	record := liveRecord{
		value: bytes.Clone(r.Value), headers: cloneHeaders(r.Headers),
		timestamp: r.Timestamp, partition: r.Partition, offset: r.Offset,
	}
	previous, seen := l.live[key]
	switch partitions := l.ends[key]; {
	case partitions != nil:
		partitions[r.Partition] = record
	case seen && previous.partition != r.Partition:
		l.ends[key] = map[int32]liveRecord{previous.partition: previous, r.Partition: record}
	default:
		l.live[key] = record
	}
}

// finish chooses one record of each key, and removes the tombstones. They were kept until now to win over older values.
func (l *liveReader) finish() content {
	for key, records := range l.ends {
		l.live[key] = newest(key, records, len(l.ranges))
	}
	maps.DeleteFunc(l.live, func(_ string, r liveRecord) bool { return r.value == nil })
	l.split = len(l.ends)
	return l.content
}

// newest returns the record with the latest timestamp of those that ended different partitions. The package
// documentation says why. Of equal timestamps, the record in the key's partition wins: an interrupted rebuild writes
// records there with their timestamps.
func newest(key string, records map[int32]liveRecord, partitions int) liveRecord {
	home := partitionOf(key, partitions)
	return slices.MaxFunc(slices.Collect(maps.Values(records)), func(a, b liveRecord) int {
		if c := a.timestamp.Compare(b.timestamp); c != 0 {
			return c
		}
		rank := func(r liveRecord) int32 {
			if r.partition == home {
				return math.MaxInt32
			}
			return r.partition
		}
		return cmp.Compare(rank(a), rank(b))
	})
}

func cloneHeaders(headers []kgo.RecordHeader) []kgo.RecordHeader {
	var out []kgo.RecordHeader
	for _, h := range headers {
		out = append(out, kgo.RecordHeader{Key: h.Key, Value: bytes.Clone(h.Value)})
	}
	return out
}

// digest returns a hash of all keys and values.
func (m liveMap) digest() string {
	h := sha256.New()
	var size [8]byte
	write := func(b []byte) {
		binary.BigEndian.PutUint64(size[:], uint64(len(b)))
		h.Write(size[:])
		h.Write(b)
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		write([]byte(k))
		write(m[k].value)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// extremes returns the keys of the largest, the oldest and the newest record, without repetition.
func (m liveMap) extremes() []string {
	var largest, oldest, newest string
	first := true
	for k, r := range m {
		if first || len(k)+len(r.value) > len(largest)+len(m[largest].value) {
			largest = k
		}
		if first || r.timestamp.Before(m[oldest].timestamp) {
			oldest = k
		}
		if first || r.timestamp.After(m[newest].timestamp) {
			newest = k
		}
		first = false
	}
	if first {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values([]string{largest, oldest, newest})))
}

// inOrder returns the keys in the order of their records: by offset within a partition, and across partitions by time.
// The order matters in the config topic, where a commit record follows the task configurations that it commits.
func (m liveMap) inOrder() []string {
	byPartition := map[int32][]string{}
	for k, r := range m {
		byPartition[r.partition] = append(byPartition[r.partition], k)
	}
	merge := &mergeHeap{live: m}
	for _, keys := range byPartition {
		slices.SortFunc(keys, func(a, b string) int { return int(m[a].offset - m[b].offset) })
		merge.keys = append(merge.keys, keys)
	}
	heap.Init(merge)
	out := make([]string, 0, len(m))
	for merge.Len() > 0 {
		first := merge.keys[0]
		out = append(out, first[0])
		if merge.keys[0] = first[1:]; len(first) == 1 {
			heap.Pop(merge)
		} else {
			heap.Fix(merge, 0)
		}
	}
	return out
}

// mergeHeap is a heap of sorted lists of keys. The list whose first record is the oldest comes first.
type mergeHeap struct {
	live liveMap
	keys [][]string
}

func (h *mergeHeap) Len() int      { return len(h.keys) }
func (h *mergeHeap) Swap(i, j int) { h.keys[i], h.keys[j] = h.keys[j], h.keys[i] }
func (h *mergeHeap) Push(x any)    { h.keys = append(h.keys, x.([]string)) } //nolint:forcetypeassert // as container/heap requires
func (h *mergeHeap) Pop() any {
	last := h.keys[len(h.keys)-1]
	h.keys = h.keys[:len(h.keys)-1]
	return last
}

func (h *mergeHeap) Less(i, j int) bool {
	a, b := h.live[h.keys[i][0]], h.live[h.keys[j][0]]
	if c := a.timestamp.Compare(b.timestamp); c != 0 {
		return c < 0
	}
	return a.partition < b.partition
}
