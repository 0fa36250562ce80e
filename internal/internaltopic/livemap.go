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

// liveMap is what a compacted topic says: the newest record of each key.
type liveMap map[string]liveRecord

// liveRecord is a record without its key. A nil value is a tombstone.
type liveRecord struct {
	value     []byte
	headers   []kgo.RecordHeader
	timestamp time.Time
	partition int32
	offset    int64
}

// liveReader builds a live map from the records of a topic, in whatever order the partitions arrive.
type liveReader struct {
	partitions int
	live       liveMap // With tombstones until finish.
	// split are the keys that were found in more than one partition.
	split map[string]bool
}

func newLiveReader(partitions int) *liveReader {
	return &liveReader{partitions: partitions, live: liveMap{}, split: map[string]bool{}}
}

// add takes the next record of a partition. When a key is in several partitions, as it is after a bare increase
// or half-way through a rebuild, the record in the partition that the count gives now wins, else the newest.
func (l *liveReader) add(r *kgo.Record) {
	if r.Key == nil { // a compacted topic takes none, and a worker would not read it
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
	// Cloned, or the whole batch that the record came in would stay in memory.
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

// finish drops the tombstones, which had to win over older values until every record was seen.
func (l *liveReader) finish() liveMap {
	maps.DeleteFunc(l.live, func(_ string, r liveRecord) bool { return r.value == nil })
	return l.live
}

// digest identifies keys and values.
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

// largest is the size of the largest record, with what a batch adds to it.
func (m liveMap) largest() int {
	const overhead = 128 // of a batch of one record, generously
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

// inOrder returns the keys in the order of their records: by offset within a partition, and the partitions
// merged by time. The config topic depends on it, where a commit follows the task configs that it commits.
func (m liveMap) inOrder() []string {
	byPartition := map[int32][]string{}
	for k, r := range m {
		byPartition[r.partition] = append(byPartition[r.partition], k)
	}
	merge := &runs{live: m}
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

// runs is a heap of sorted runs of keys, the one with the oldest head first.
type runs struct {
	live liveMap
	keys [][]string
}

func (r *runs) Len() int      { return len(r.keys) }
func (r *runs) Swap(i, j int) { r.keys[i], r.keys[j] = r.keys[j], r.keys[i] }
func (r *runs) Push(x any)    { r.keys = append(r.keys, x.([]string)) } //nolint:forcetypeassert // heap's contract
func (r *runs) Pop() any {
	last := r.keys[len(r.keys)-1]
	r.keys = r.keys[:len(r.keys)-1]
	return last
}

func (r *runs) Less(i, j int) bool {
	a, b := r.live[r.keys[i][0]], r.live[r.keys[j][0]]
	if c := a.timestamp.Compare(b.timestamp); c != 0 {
		return c < 0
	}
	return a.partition < b.partition
}
