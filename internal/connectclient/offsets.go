package connectclient

import (
	"context"
	"encoding/json"
	"net/http"
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

// AlterOffsets sets the offsets of these partitions and leaves the others. The connector must be STOPPED. Since Kafka
// 3.6 (KIP-875); for older workers it returns [ErrUnsupported].
func (c *Client) AlterOffsets(ctx context.Context, name string, to []Offset) error {
	// PATCH /connectors/{name}/offsets
	_, err := c.change(ctx, name, "/offsets", call{method: http.MethodPatch, body: offsets{to}})
	return c.explain(ctx, err, featureAlterOffsets)
}

// ResetOffsets deletes all offsets of the named connector, which must be STOPPED. Since Kafka 3.6 (KIP-875); for older
// workers it returns [ErrUnsupported].
func (c *Client) ResetOffsets(ctx context.Context, name string) error {
	// DELETE /connectors/{name}/offsets
	_, err := c.change(ctx, name, "/offsets", call{method: http.MethodDelete})
	return c.explain(ctx, err, featureAlterOffsets)
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
