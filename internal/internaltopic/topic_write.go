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

const requestMillis = 30_000

// create makes a topic and waits until every broker leads or knows it. A replication factor of zero is the
// broker's default (KIP-464).
func (c *Client) create(ctx context.Context, name string, partitions, factor int, config map[string]string) error {
	if factor == 0 {
		factor = -1
	}
	settings := map[string]*string{}
	for k, v := range config {
		settings[k] = &v
	}
	//nolint:gosec // both were validated
	answer, err := c.Kadm.CreateTopic(ctx, int32(partitions), int16(factor), settings, name)
	if err != nil {
		return c.fail("create", topicObject(name), explained(err, answer.ErrMessage))
	}
	return c.everywhere(ctx, name, "is created", func(t *Topic) bool { return t != nil && t.Partitions() == partitions })
}

// explained adds the broker's own words to an error code.
func explained(err error, message string) error {
	if err == nil || message == "" {
		return err
	}
	return fmt.Errorf("%w (%s)", err, message)
}

// deleteByID deletes a topic and waits until no broker has it any more. By id, as by name it could hit a topic
// that was created meanwhile.
func (c *Client) deleteByID(ctx context.Context, t *Topic) error {
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.TimeoutMillis = requestMillis
	topic := kmsg.NewDeleteTopicsRequestTopic()
	if topic.TopicID = t.ID; t.ID == (TopicID{}) { // a cluster without topic ids (before KIP-516)
		topic.Topic, req.TopicNames = &t.Name, []string{t.Name}
	}
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(ctx, c.Kgo)
	if err != nil {
		return c.fail("delete", topicObject(t.Name), err)
	}
	for _, answer := range resp.Topics {
		err := kerr.ErrorForCode(answer.ErrorCode)
		if err == nil || errors.Is(err, kerr.UnknownTopicID) || errors.Is(err, kerr.UnknownTopicOrPartition) {
			continue // gone already: an earlier try's request may have arrived after all
		}
		message := ""
		if answer.ErrorMessage != nil {
			message = *answer.ErrorMessage
		}
		return c.fail("delete", topicObject(t.Name), explained(err, message))
	}
	return c.everywhere(ctx, t.Name, "is deleted", func(now *Topic) bool { return now == nil || now.ID != t.ID })
}

// alterConfig sets and unsets the named settings, leaves every other alone (KIP-339), and waits until the
// brokers say so.
func (c *Client) alterConfig(ctx context.Context, name string, set map[string]string, unset []string) error {
	var changes []kadm.AlterConfig
	for _, k := range slices.Sorted(maps.Keys(set)) {
		v := set[k]
		changes = append(changes, kadm.AlterConfig{Op: kadm.SetConfig, Name: k, Value: &v})
	}
	for _, k := range unset {
		changes = append(changes, kadm.AlterConfig{Op: kadm.DeleteConfig, Name: k})
	}
	answers, err := c.Kadm.AlterTopicConfigs(ctx, changes, name)
	if err == nil {
		var answer kadm.AlterConfigsResponse
		if answer, err = answers.On(name, nil); err == nil {
			err = explained(answer.Err, answer.ErrMessage)
		}
	}
	if err != nil {
		return c.fail("alter settings of", topicObject(name), err)
	}
	return c.awaitConfig(ctx, name, set, unset)
}

// awaitConfig polls until the settings are in effect on whatever broker answers.
func (c *Client) awaitConfig(ctx context.Context, name string, set map[string]string, unset []string) error {
	err := poll(ctx, settleTime, func(ctx context.Context) (bool, error) {
		t := &Topic{Name: name}
		if err := c.readConfig(ctx, t); err != nil {
			return false, err
		}
		for k, v := range set {
			if is, ok := t.Config[k]; !ok || !sameValue(is, v) {
				return false, nil
			}
		}
		return !slices.ContainsFunc(unset, func(k string) bool { _, ok := t.Config[k]; return ok }), nil
	})
	return c.fail("wait for the settings of", topicObject(name), err)
}

// addPartitions adds partitions and waits until every broker knows them.
func (c *Client) addPartitions(ctx context.Context, name string, to int) error {
	answers, err := c.Kadm.UpdatePartitions(ctx, to, name)
	if err == nil {
		var answer kadm.CreatePartitionsResponse
		if answer, err = answers.On(name, nil); err == nil {
			err = explained(answer.Err, answer.ErrMessage)
		}
	}
	if err != nil {
		return c.fail("add partitions to", topicObject(name), err)
	}
	return c.everywhere(ctx, name, "has its new partitions", func(t *Topic) bool { return t != nil && t.Partitions() == to })
}
