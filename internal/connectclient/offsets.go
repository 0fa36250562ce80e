package connectclient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Offset is the position of a connector in one partition of its source or topic. Both fields are JSON objects that the
// connector defines, kept unparsed so that large integers stay exact. A sink has {"kafka_topic", "kafka_partition"} and
// {"kafka_offset"}.
type Offset struct {
	Partition json.RawMessage `json:"partition"`
	Offset    json.RawMessage `json:"offset"`
}

// offsets is the JSON document of the offsets endpoints.
type offsets struct {
	Offsets []Offset `json:"offsets"`
}

// Offsets returns the committed offsets of the named connector, or [ErrNotFound]. Since Kafka 3.5 (KIP-875); for older
// workers it returns [ErrUnsupported].
func (c *Client) Offsets(ctx context.Context, name string) ([]Offset, error) {
	// GET /connectors/{name}/offsets
	var answer offsets
	err := c.get(ctx, name, "/offsets", &answer)
	// Shortly after an offset was deleted, workers report it as null.
	existing := slices.DeleteFunc(answer.Offsets, func(o Offset) bool { return string(o.Offset) == "null" })
	return existing, c.explain(ctx, err, featureOffsets)
}

// AwaitOffsets reads the committed offsets until check returns nil. Workers answer from memory, and read a change of the offsets of
// a source some milliseconds after they have confirmed it. After thirty times [Config.Settle] it returns the error of check.
func (c *Client) AwaitOffsets(ctx context.Context, name string, check func([]Offset) error) error {
	pause := c.cfg.Poll.Min
	for begun := time.Now(); ; pause = min(pause+pause/4, c.cfg.Poll.Max) {
		have, err := c.Offsets(ctx, name)
		if err != nil {
			return err
		}
		mismatch := check(have)
		if mismatch == nil || time.Since(begun) >= unseenSettles*c.cfg.Settle {
			return mismatch
		}
		if err := sleep(ctx, pause); err != nil {
			return fmt.Errorf("%w: %w", mismatch, err)
		}
	}
}

// AlterOffsets sets the offsets of these partitions and leaves the others. An entry without an Offset deletes the offset of its
// partition. The connector must be STOPPED. The tasks of a sink may be members of its consumer group for some seconds longer:
// the request is sent again until the group is empty. Since Kafka 3.6 (KIP-875); for older workers it returns [ErrUnsupported].
func (c *Client) AlterOffsets(ctx context.Context, name string, to []Offset) (Altered, error) {
	// PATCH /connectors/{name}/offsets
	return c.changeOffsets(ctx, name, call{method: http.MethodPatch, body: offsets{to}})
}

// ResetOffsets deletes all offsets of the named connector, which must be STOPPED. It repeats the request as
// [Client.AlterOffsets] does. Since Kafka 3.6 (KIP-875); for older workers it returns [ErrUnsupported].
func (c *Client) ResetOffsets(ctx context.Context, name string) (Altered, error) {
	// DELETE /connectors/{name}/offsets
	return c.changeOffsets(ctx, name, call{method: http.MethodDelete})
}

// Altered is the result of a change of offsets.
type Altered struct {
	// Unchecked is true if the connector does not take part in the change. Offsets that it keeps in another system are unchanged.
	Unchecked bool
}

func (c *Client) changeOffsets(ctx context.Context, name string, call call) (Altered, error) {
	var answer ignored
	call.out = &answer
	_, err := c.change(ctx, name, "/offsets", call)
	return Altered{Unchecked: strings.Contains(answer.message, externalOffsetsText)}, c.explain(ctx, err, featureAlterOffsets)
}

// RequireReadOffsets returns an [*UnsupportedError] if the worker is too old for [Client.Offsets].
func (c *Client) RequireReadOffsets(ctx context.Context) error {
	return c.require(ctx, featureOffsets)
}

// RequireInitialOffsets returns an [*UnsupportedError] if the worker is too old to create a connector that starts at
// given offsets. The worker must be able to create the connector STOPPED (KIP-980), so that it reads nothing before the
// offsets are set.
func (c *Client) RequireInitialOffsets(ctx context.Context) error {
	return c.require(ctx, featureInitialOffsets)
}

// RequireAlterOffsets returns an [*UnsupportedError] if the worker is too old for [Client.AlterOffsets] and
// [Client.ResetOffsets].
func (c *Client) RequireAlterOffsets(ctx context.Context) error {
	return c.require(ctx, featureAlterOffsets)
}
