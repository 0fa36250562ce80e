package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Topic returns the named topic as the broker holds it now, or ErrNotFound.
func (c *Client) Topic(ctx context.Context, name string) (*Topic, error) {
	if err := c.Connect(ctx); err != nil {
		return nil, err
	}
	t, _, err := c.describe(ctx, name)
	return t, err
}

// describe returns a topic with its settings, and the live brokers. The brokers are returned with
// ErrNotFound, too.
func (c *Client) describe(ctx context.Context, name string) (*Topic, []Broker, error) {
	t, brokers, err := c.layout(ctx, name)
	if err != nil {
		return nil, brokers, c.fail("describe", topicObject(name), err)
	}
	if err := c.readConfig(ctx, t); err != nil {
		return nil, brokers, c.fail("describe the settings of", topicObject(name), err)
	}
	return t, brokers, nil
}

// layout returns a topic without its settings.
func (c *Client) layout(ctx context.Context, name string) (*Topic, []Broker, error) {
	// kadm may answer from metadata some seconds old; with authorized operations it asks a broker.
	meta, err := c.Kadm.Metadata(kadm.WithAuthorizedOps(ctx), name)
	if err != nil {
		return nil, nil, err
	}
	brokers := make([]Broker, len(meta.Brokers))
	for i, b := range meta.Brokers {
		brokers[i].ID = b.NodeID
		if b.Rack != nil {
			brokers[i].Rack = *b.Rack
		}
	}
	detail := meta.Topics[name]
	if detail.Err != nil {
		return nil, brokers, detail.Err
	}
	return newTopic(name, detail), brokers, nil
}

func newTopic(name string, detail kadm.TopicDetail) *Topic {
	t := &Topic{Name: name, ID: detail.ID, Internal: detail.IsInternal, allowed: detail.AuthorizedOperations}
	for _, p := range slices.Sorted(maps.Keys(detail.Partitions)) {
		t.Replicas = append(t.Replicas, detail.Partitions[p].Replicas)
	}
	return t
}

func (c *Client) readConfig(ctx context.Context, t *Topic) error {
	answers, err := c.Kadm.DescribeTopicConfigs(ctx, t.Name)
	if err != nil {
		return err
	}
	answer, err := answers.On(t.Name, nil)
	if err == nil {
		err = answer.Err
	}
	if err != nil {
		return err
	}
	t.Config, t.Effective = map[string]string{}, map[string]string{}
	for _, s := range answer.Configs {
		t.Effective[s.Key] = s.MaybeValue()
		if s.Source == kmsg.ConfigSourceDynamicTopicConfig {
			t.Config[s.Key] = s.MaybeValue()
		}
	}
	return nil
}

// everywhere polls until every live broker shows the topic as wanted; nil stands for a topic that is gone. A
// broker may lag behind the one that made a change.
func (c *Client) everywhere(ctx context.Context, name, what string, wanted func(*Topic) bool) error {
	err := poll(ctx, settleTime, func(ctx context.Context) (bool, error) {
		_, brokers, err := c.layout(ctx, name)
		if err != nil && !errors.Is(err, kerr.UnknownTopicOrPartition) {
			return false, err
		}
		for _, b := range brokers {
			if ok, err := c.shows(ctx, b.ID, name, wanted); !ok || err != nil {
				return ok, err
			}
		}
		return len(brokers) > 0, nil
	})
	if err != nil {
		return c.fail("wait until all brokers see that "+what, topicObject(name), err)
	}
	return nil
}

// shows asks one broker whether it has the topic as wanted, every partition with a leader. A broker that
// cannot be reached has no say.
func (c *Client) shows(ctx context.Context, broker int32, name string, wanted func(*Topic) bool) (bool, error) {
	req := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = &name
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(ctx, c.Kgo.Broker(int(broker)))
	if err != nil {
		return ctx.Err() == nil, ctx.Err()
	}
	if len(resp.Topics) != 1 {
		return false, fmt.Errorf("%d topics in the answer about one", len(resp.Topics))
	}
	switch err := kerr.ErrorForCode(resp.Topics[0].ErrorCode); {
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return wanted(nil), nil
	case err != nil:
		return false, err
	}
	t := &Topic{Name: name, ID: resp.Topics[0].TopicID}
	for _, p := range resp.Topics[0].Partitions {
		if p.Leader < 0 {
			return false, nil
		}
		t.Replicas = append(t.Replicas, p.Replicas)
	}
	return wanted(t), nil
}
