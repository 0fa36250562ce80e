package connectclient

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// Offset is how far a connector has come in one partition of what it reads. Both are JSON objects of
// the connector's own making, kept as they are written, so that large integers stay exact; for sinks
// they are {"kafka_topic", "kafka_partition"} and {"kafka_offset"}.
type Offset struct {
	Partition json.RawMessage `json:"partition"`
	Offset    json.RawMessage `json:"offset"`
}

// offsets is how offsets go over the wire.
type offsets struct {
	Offsets []Offset `json:"offsets"`
}

// Offsets returns the offsets that the named connector has committed, or [ErrNotFound]. Since Kafka 3.5
// (KIP-875); older workers answer [ErrUnsupported].
func (c *Client) Offsets(ctx context.Context, name string) ([]Offset, error) {
	// GET /connectors/{name}/offsets
	path, err := connectorPath(name)
	if err != nil {
		return nil, err
	}
	var answer offsets
	_, err = c.do(ctx, call{method: http.MethodGet, path: path + "/offsets", name: name, out: &answer})
	if errors.Is(err, ErrUnsupported) {
		return nil, c.explain(ctx, err, featureOffsets)
	}
	return answer.Offsets, err
}

// RequireInitialOffsets returns an [*UnsupportedError] if the worker is too old to create a connector that starts at
// given offsets, without reading a record before they are set: it must be able to create it STOPPED (KIP-980).
func (c *Client) RequireInitialOffsets(ctx context.Context) error {
	return c.require(ctx, featureInitialOffsets)
}

// RequireAlterOffsets returns an [*UnsupportedError] if the worker is too old for [Client.AlterOffsets] and
// [Client.ResetOffsets].
func (c *Client) RequireAlterOffsets(ctx context.Context) error {
	return c.require(ctx, featureAlterOffsets)
}

// AlterOffsets sets the offsets of these partitions and leaves those of others. The connector must be
// STOPPED. Since Kafka 3.6 (KIP-875); older workers answer [ErrUnsupported].
func (c *Client) AlterOffsets(ctx context.Context, name string, to []Offset) error {
	// PATCH /connectors/{name}/offsets
	_, err := c.repeatable(ctx, name, "/offsets", call{method: http.MethodPatch, body: offsets{to}})
	if errors.Is(err, ErrUnsupported) {
		return c.explain(ctx, err, featureAlterOffsets)
	}
	return err
}

// ResetOffsets forgets all offsets of the named connector. It must be STOPPED. Since Kafka 3.6 (KIP-875);
// older workers answer [ErrUnsupported].
func (c *Client) ResetOffsets(ctx context.Context, name string) error {
	// DELETE /connectors/{name}/offsets
	_, err := c.repeatable(ctx, name, "/offsets", call{method: http.MethodDelete})
	if errors.Is(err, ErrUnsupported) {
		return c.explain(ctx, err, featureAlterOffsets)
	}
	return err
}
