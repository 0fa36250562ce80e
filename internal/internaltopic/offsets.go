package internaltopic

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
)

// span is the part of a partition that records can be read from: [from, to).
type span struct{ from, to int64 }

// spans are the parts to read of a topic's partitions, by partition.
type spans []span

// records is the number of offsets in the spans: no less than the records in them.
func (s spans) records() int64 {
	var n int64
	for _, p := range s {
		n += p.to - p.from
	}
	return n
}

// errCount means that a broker's view of the partition count is not the one just read.
var errCount = errors.New("the number of partitions has not reached every broker yet")

// spans returns where each of the n partitions starts and ends now.
func (c *Client) spans(ctx context.Context, topic string, n int) (spans, error) {
	starts, err := offsets(ctx, topic, n, c.Kadm.ListStartOffsets)
	if err != nil {
		return nil, err
	}
	ends, err := offsets(ctx, topic, n, c.Kadm.ListEndOffsets)
	if err != nil {
		return nil, err
	}
	out := make(spans, n)
	for p := range out {
		out[p] = span{starts[p], ends[p]}
	}
	return out, nil
}

// offsets lists one kind of offset of each of n partitions. kadm goes by metadata that may be a little old,
// and one with another number of partitions is an error.
func offsets(ctx context.Context, topic string, n int, list func(context.Context, ...string) (kadm.ListedOffsets, error)) ([]int64, error) {
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
