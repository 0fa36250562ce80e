package internaltopic

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// errOutdated means that a change has not reached a broker.
var errOutdated = errors.New("still shows the previous state")

// waitMetadata waits until every broker has the topic as wanted, with a leader for every partition. The function wanted
// gets nil for a topic that does not exist.
func (c *Client) waitMetadata(ctx context.Context, change, name string, wanted func(*Topic) bool) error {
	return c.waitAllBrokers(ctx, change, name, func(ctx context.Context, broker kmsg.Requestor) error {
		t, err := readPartitions(ctx, broker, name)
		if errors.Is(err, kerr.UnknownTopicOrPartition) {
			t, err = nil, nil
		}
		if err == nil && !wanted(t) {
			return errOutdated
		}
		return err
	})
}

// waitConfig waits until every broker shows the settings, and does not show those that were unset.
func (c *Client) waitConfig(ctx context.Context, name string, set map[string]string, unset []string) error {
	return c.waitAllBrokers(ctx, "the settings of", name, func(ctx context.Context, broker kmsg.Requestor) error {
		t := &Topic{Name: name}
		if err := readConfig(ctx, broker, t); err != nil {
			return err
		}
		for k, v := range set {
			if is, ok := t.Config[k]; !ok || !sameValue(is, v) {
				return errOutdated
			}
		}
		if slices.ContainsFunc(unset, func(k string) bool { _, ok := t.Config[k]; return ok }) {
			return errOutdated
		}
		return nil
	})
}

// waitAllBrokers polls until check succeeds for every live broker. A change reaches the brokers one after the other. All of
// them are asked at once. A broker that cannot be reached does not count.
func (c *Client) waitAllBrokers(ctx context.Context, change, name string, check func(context.Context, kmsg.Requestor) error) error {
	err := poll(ctx, metadataTimeout, func(ctx context.Context) (bool, error) {
		_, brokers, err := c.fetchMetadata(ctx, name)
		if err != nil && !errors.Is(err, kerr.UnknownTopicOrPartition) {
			return false, err
		}
		var asked sync.WaitGroup
		errs := make([]error, len(brokers))
		for n, b := range brokers {
			asked.Go(func() {
				err := check(ctx, oneBroker{c.Kgo.Broker(int(b.ID))})
				if err != nil && (ctx.Err() != nil || !errors.Is(err, errUnreachable)) {
					errs[n] = fmt.Errorf("broker %d: %w", b.ID, err)
				}
			})
		}
		asked.Wait()
		return len(brokers) > 0, cmp.Or(errs...)
	})
	return c.fail("wait until all brokers show "+change, topicObject(name), err)
}

// errUnreachable means that one broker did not answer.
var errUnreachable = errors.New("the broker does not answer")

// oneBroker sends requests to one broker.
type oneBroker struct{ broker *kgo.Broker }

// Request implements kmsg.Requestor. It sends a request again after the connection broke, because the broker may have
// closed only this connection.
func (b oneBroker) Request(ctx context.Context, req kmsg.Request) (kmsg.Response, error) {
	resp, err := b.broker.Request(ctx, req)
	if brokenConnection(err) {
		resp, err = b.broker.Request(ctx, req)
	}
	if err != nil && !refused(err) {
		err = fmt.Errorf("%w: %w", errUnreachable, err)
	}
	return resp, err
}

// brokenConnection reports whether a connection ended that had been established, without a timeout.
func brokenConnection(err error) bool {
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return network.Op != "dial" && !network.Timeout()
	}
	return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)
}

// readPartitions returns the topic with its replicas as one broker knows it. It fails with errOutdated if a partition has
// no leader.
func readPartitions(ctx context.Context, broker kmsg.Requestor, name string) (*Topic, error) {
	req := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = &name
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(ctx, broker)
	if err != nil {
		return nil, err
	}
	if len(resp.Topics) != 1 {
		return nil, fmt.Errorf("the broker described %d topics instead of one", len(resp.Topics))
	}
	if err := kerr.ErrorForCode(resp.Topics[0].ErrorCode); err != nil {
		return nil, err
	}
	partitions := resp.Topics[0].Partitions // in any order
	slices.SortFunc(partitions, func(a, b kmsg.MetadataResponseTopicPartition) int { return cmp.Compare(a.Partition, b.Partition) })
	t := &Topic{Name: name, ID: resp.Topics[0].TopicID}
	for _, p := range partitions {
		if p.Leader < 0 {
			return nil, fmt.Errorf("%w: partition %d has no leader", errOutdated, p.Partition)
		}
		t.Replicas = append(t.Replicas, p.Replicas)
	}
	return t, nil
}
