package internaltopic

import (
	"context"
	"errors"
	"strconv"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// Inspect gathers what [Plan] has to know about the named topic. A topic that does not exist is no error, see
// [State.Exists].
func (c *Client) Inspect(ctx context.Context, name string) (State, error) {
	if err := c.Connect(ctx); err != nil {
		return State{}, err
	}
	var (
		state State
		err   error
	)
	if state.Topic, state.Brokers, err = c.describe(ctx, name); err != nil && !errors.Is(err, ErrNotFound) {
		return State{}, err
	}
	state.Rebuild, _, err = c.describe(ctx, name+RebuildSuffix)
	switch {
	case errors.Is(err, kafkaclient.ErrUnauthorized):
		// One who may not even see the copy has never made one.
	case err != nil && !errors.Is(err, ErrNotFound):
		return State{}, err
	}
	if state.Topic != nil {
		spans, err := c.spans(ctx, name, state.Topic.Partitions())
		switch {
		case errors.Is(err, kerr.UnknownTopicOrPartition): // deleted meanwhile
			state.Topic = nil
		case kerr.IsRetriable(err): // a partition without a leader; what cannot be seen may hold records
		case err != nil:
			return State{}, c.fail("list the offsets of", topicObject(name), err)
		default:
			state.Empty = spans.records() == 0
		}
	}
	return state, c.readDefaults(ctx, &state)
}

// readDefaults looks up the broker's defaults. Not everyone may: a principal for topics alone need not be
// allowed to describe the cluster, and the defaults only serve to find mistakes before the broker does.
func (c *Client) readDefaults(ctx context.Context, state *State) error {
	if len(state.Brokers) == 0 {
		return nil
	}
	answers, err := c.Kadm.DescribeBrokerConfigs(ctx, state.Brokers[0].ID)
	if err != nil {
		if err = c.fail("describe the settings of", "the brokers", err); errors.Is(err, kafkaclient.ErrUnauthorized) {
			return nil
		}
		return err
	}
	for _, answer := range answers {
		for _, s := range answer.Configs {
			switch s.Key {
			case "default.replication.factor":
				state.DefaultReplicationFactor, _ = strconv.Atoi(s.MaybeValue())
			case keyMinInsync:
				state.MinInsyncReplicas, _ = strconv.Atoi(s.MaybeValue())
			}
		}
	}
	return nil
}
