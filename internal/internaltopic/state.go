package internaltopic

import (
	"context"
	"errors"
	"strconv"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// State is what [Plan] needs to know about the cluster.
type State struct {
	// Topic is nil if the topic does not exist.
	Topic *Topic
	// Rebuild is the copy that an unfinished rebuild left, or nil.
	Rebuild *Topic
	// Empty reports that no partition of Topic holds a record.
	Empty bool
	// Brokers are the live brokers.
	Brokers []Broker
	// DefaultReplicationFactor and MinInsyncReplicas are the broker's defaults, or zero if the principal is not allowed
	// to read them.
	DefaultReplicationFactor int
	MinInsyncReplicas        int
}

// Broker is a live broker.
type Broker struct {
	ID   int32
	Rack string // Empty if the broker has none.
}

// Exists reports whether the topic exists, or a copy from which an unfinished rebuild will create it.
func (s State) Exists() bool { return s.Topic != nil || s.Rebuild != nil }

// Unfinished reports whether a rebuild was interrupted.
func (s State) Unfinished() bool {
	return s.Rebuild != nil || s.Topic != nil && s.Topic.Locked()
}

// current returns the topic that has the settings: Topic, or its copy while Topic does not exist.
func (s State) current() *Topic {
	if s.Topic != nil {
		return s.Topic
	}
	return s.Rebuild
}

// Inspect reads what [Plan] needs to know about the named topic. A topic that does not exist is not an error, see
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
		// A principal that is not allowed to describe the copy has never created one.
	case err != nil && !errors.Is(err, ErrNotFound):
		return State{}, err
	}
	if state.Topic != nil {
		ranges, err := c.listRanges(ctx, name, state.Topic.Partitions())
		switch {
		case errors.Is(err, kerr.UnknownTopicOrPartition): // deleted since describe
			state.Topic = nil
		case kerr.IsRetriable(err): // a partition without a leader: assume that it holds records
		case err != nil:
			return State{}, c.fail("list the offsets of", topicObject(name), err)
		default:
			state.Empty = ranges.offsets() == 0
		}
	}
	return state, c.readDefaults(ctx, &state)
}

// readDefaults reads the broker's defaults. They only serve to find mistakes before the broker does, so a principal
// without permission to describe the cluster goes without them.
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
