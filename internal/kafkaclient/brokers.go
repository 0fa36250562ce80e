package kafkaclient

import (
	"context"
	"errors"
	"strconv"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Brokers returns how many brokers of the cluster are running.
func (c *Client) Brokers(ctx context.Context) (int, error) {
	if err := c.Connect(ctx); err != nil {
		return 0, err
	}
	found, err := c.Kadm.BrokerMetadata(ctx)
	return len(found.Brokers), c.Fail("count", "the brokers", err)
}

// HasTopic reports whether a topic exists.
func (c *Client) HasTopic(ctx context.Context, name string) (bool, error) {
	found, err := c.Kadm.Metadata(ctx, name)
	if err == nil {
		err = found.Topics[name].Err
	}
	if errors.Is(err, kerr.UnknownTopicOrPartition) {
		return false, nil
	}
	return err == nil, c.Fail("find", "topic "+strconv.Quote(name), err)
}
