package connectclient

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
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
	return answer.Offsets, c.explain(ctx, err, featureOffsets)
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
	// Unchecked tells that the connector does not take part in the change. If it keeps offsets in another system, these are as
	// before.
	Unchecked bool
}

func (c *Client) changeOffsets(ctx context.Context, name string, call call) (Altered, error) {
	var answer struct {
		Message string `json:"message"`
	}
	call.out = &answer
	_, err := c.change(ctx, name, "/offsets", call)
	return Altered{Unchecked: strings.Contains(answer.Message, externalOffsetsText)}, c.explain(ctx, err, featureAlterOffsets)
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
