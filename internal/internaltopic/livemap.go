package internaltopic

import (
	"bytes"
	"container/heap"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
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

// liveReader builds a liveMap from the records of a topic. The partitions may arrive in any order.
type liveReader struct {
	partitions int
	live       liveMap // Contains tombstones until finish.
	// split has the keys that are in more than one partition.
	split map[string]bool
}

func newLiveReader(partitions int) *liveReader {
	return &liveReader{partitions: partitions, live: liveMap{}, split: map[string]bool{}}
}

// add processes the next record of a partition. A key can be in several partitions after a bare increase or an
// interrupted rebuild. Then the record in the key's present partition wins, or else the newest.
func (l *liveReader) add(r *kgo.Record) {
	if r.Key == nil { // compacted topics reject records without a key, and workers ignore them
		return
	}
	old, seen := l.live[string(r.Key)]
	if seen && old.partition != r.Partition {
		l.split[string(r.Key)] = true
		home := partitionOf(string(r.Key), l.partitions)
		if old.partition == home || r.Partition != home && old.timestamp.After(r.Timestamp) {
			return
		}
	}
	// Clone: a slice of the record would keep its whole batch in memory.
	l.live[string(r.Key)] = liveRecord{
		value: bytes.Clone(r.Value), headers: cloneHeaders(r.Headers),
		timestamp: r.Timestamp, partition: r.Partition, offset: r.Offset,
	}
}

func cloneHeaders(headers []kgo.RecordHeader) []kgo.RecordHeader {
	var out []kgo.RecordHeader
	for _, h := range headers {
		out = append(out, kgo.RecordHeader{Key: h.Key, Value: bytes.Clone(h.Value)})
	}
	return out
}

// finish removes the tombstones. They were kept until now to win over older values.
func (l *liveReader) finish() liveMap {
	maps.DeleteFunc(l.live, func(_ string, r liveRecord) bool { return r.value == nil })
	return l.live
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

// largest returns the size of the largest record in a batch of its own.
func (m liveMap) largest() int {
	const overhead = 128 // upper bound of what a batch adds to one record
	size := 0
	for k, r := range m {
		n := len(k) + len(r.value) + overhead
		for _, h := range r.headers {
			n += len(h.Key) + len(h.Value) + 10
		}
		size = max(size, n)
	}
	return size
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
