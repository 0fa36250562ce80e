package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Topic is a topic as the broker describes it.
type Topic struct {
	Name string
	// ID differs between topics that had the same name one after the other. It is zero on clusters without topic ids.
	ID TopicID
	// Replicas lists the broker ids of each partition's replicas, the preferred leader first.
	Replicas [][]int32
	// Leaders has the broker id of each partition's leader, -1 for none, and InSync the replicas that are in sync.
	Leaders []int32
	InSync  [][]int32
	// Config holds the settings that are set on the topic itself, without the broker's defaults.
	Config map[string]string
	// Effective holds the effective value of every setting.
	Effective map[string]string
	// Internal is set for Kafka's own topics, such as __consumer_offsets.
	Internal bool

	// allowed has the operations that the principal may perform; nil if the broker did not say.
	allowed []kadm.ACLOperation
}

// TopicID is a topic's unique id.
type TopicID = kadm.TopicID

// Partitions returns the number of partitions.
func (t *Topic) Partitions() int { return len(t.Replicas) }

// ReplicationFactor returns the number of replicas of the partition that has the fewest.
func (t *Topic) ReplicationFactor() int {
	if len(t.Replicas) == 0 {
		return 0
	}
	return len(slices.MinFunc(t.Replicas, func(a, b []int32) int { return len(a) - len(b) }))
}

// Locked reports whether the topic carries the lock of an unfinished rebuild: a cleanup policy with which workers
// refuse to start, and a retention that deletes nothing.
func (t *Topic) Locked() bool {
	p := t.Config[KeyCleanupPolicy]
	return (p == lockedPolicy || p == siblingPolicy) && t.Config[KeyRetentionMs] == "-1" && t.Config[KeyRetentionBytes] == "-1"
}

// lockedPolicy keeps workers from starting, and allows records to be deleted by offset, which plain compaction does not.
const lockedPolicy = "compact,delete"

// siblingPolicy is the same policy in another order, which brokers keep. It locks a topic for the rebuild of another one:
// the content of a topic with this lock is complete.
const siblingPolicy = "delete,compact"

// withLock returns the settings with those of the lock added.
func withLock(config map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, config)
	out[KeyCleanupPolicy], out[KeyRetentionMs], out[KeyRetentionBytes] = lockedPolicy, "-1", "-1"
	return out
}

// siblingLock returns the settings that lock a topic for the rebuild of another one.
func siblingLock() map[string]string {
	out := withLock(nil)
	out[KeyCleanupPolicy] = siblingPolicy
	return out
}

// lockedForSibling reports whether the topic was locked only for the rebuild of another topic.
func (t *Topic) lockedForSibling() bool {
	return t.Locked() && t.Config[KeyCleanupPolicy] == siblingPolicy
}

// Topic returns the named topic, or ErrNotFound.
func (c *Client) Topic(ctx context.Context, name string) (*Topic, error) {
	if err := c.Connect(ctx); err != nil {
		return nil, err
	}
	t, _, err := c.describe(ctx, name)
	return t, err
}

// describe returns a topic with its settings, and the live brokers. It returns the brokers also with ErrNotFound.
func (c *Client) describe(ctx context.Context, name string) (*Topic, []Broker, error) {
	t, brokers, err := c.fetchMetadata(ctx, name)
	if err != nil {
		return nil, brokers, c.fail("describe", topicObject(name), err)
	}
	if err := readConfig(ctx, c.Kgo, t); err != nil {
		return nil, brokers, c.fail("describe the settings of", topicObject(name), err)
	}
	return t, brokers, nil
}

// fetchMetadata returns a topic without its settings, and the live brokers.
func (c *Client) fetchMetadata(ctx context.Context, name string) (*Topic, []Broker, error) {
	// kadm answers from a cache of some seconds, except for requests with authorized operations.
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
	t := &Topic{Name: name, ID: detail.ID, Internal: detail.IsInternal, allowed: detail.AuthorizedOperations}
	for _, p := range slices.Sorted(maps.Keys(detail.Partitions)) {
		t.Replicas = append(t.Replicas, detail.Partitions[p].Replicas)
		t.Leaders = append(t.Leaders, detail.Partitions[p].Leader)
		t.InSync = append(t.InSync, detail.Partitions[p].ISR)
	}
	return t, brokers, nil
}

// readConfig reads the settings of a topic from one broker, or, if it gets the client, from any.
func readConfig(ctx context.Context, from kmsg.Requestor, t *Topic) error {
	req := kmsg.NewPtrDescribeConfigsRequest()
	resource := kmsg.NewDescribeConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, t.Name
	req.Resources = append(req.Resources, resource)
	resp, err := req.RequestWith(ctx, from)
	if err != nil {
		return err
	}
	if len(resp.Resources) != 1 {
		return fmt.Errorf("the broker described the settings of %d topics instead of one", len(resp.Resources))
	}
	if err := kerr.ErrorForCode(resp.Resources[0].ErrorCode); err != nil {
		return err
	}
	t.Config, t.Effective = map[string]string{}, map[string]string{}
	for _, s := range resp.Resources[0].Configs {
		value := ""
		if s.Value != nil {
			value = *s.Value
		}
		t.Effective[s.Name] = value
		if s.Source == kmsg.ConfigSourceDynamicTopicConfig {
			t.Config[s.Name] = value
		}
	}
	return nil
}

// create creates a topic and waits until every broker knows it. A replication factor of zero stands for the broker's
// default (KIP-464).
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
		return c.fail("create", topicObject(name), withMessage(err, answer.ErrMessage))
	}
	return c.waitMetadata(ctx, "the creation of", name, func(t *Topic) bool { return t != nil && t.Partitions() == partitions })
}

// withMessage adds the broker's message to the error of its error code.
func withMessage(err error, message string) error {
	if err == nil || message == "" {
		return err
	}
	return fmt.Errorf("%w (%s)", err, message)
}

// deleteByID deletes a topic and waits until no broker has it.
func (c *Client) deleteByID(ctx context.Context, t *Topic) error {
	if err := c.requestDeletion(ctx, t); err != nil {
		return err
	}
	return c.waitDeleted(ctx, t)
}

// requestDeletion asks the brokers to delete a topic. The id protects a topic that was created under the same name since.
func (c *Client) requestDeletion(ctx context.Context, t *Topic) error {
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.TimeoutMillis = 30_000
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
			continue // deleted already, perhaps by a request whose response was lost
		}
		message := ""
		if answer.ErrorMessage != nil {
			message = *answer.ErrorMessage
		}
		return c.fail("delete", topicObject(t.Name), withMessage(err, message))
	}
	return nil
}

func (c *Client) waitDeleted(ctx context.Context, t *Topic) error {
	return c.waitMetadata(ctx, "the deletion of", t.Name, func(now *Topic) bool { return now == nil || now.ID != t.ID })
}

// alterConfig sets and unsets the named settings, changes no other (KIP-339), and waits until every broker shows
// them.
func (c *Client) alterConfig(ctx context.Context, name string, set map[string]string, unset []string) error {
	answers, err := c.Kadm.AlterTopicConfigs(ctx, configChanges(set, unset), name)
	if err == nil {
		var answer kadm.AlterConfigsResponse
		if answer, err = answers.On(name, nil); err == nil {
			err = withMessage(answer.Err, answer.ErrMessage)
		}
	}
	if err != nil {
		return c.fail("alter settings of", topicObject(name), err)
	}
	return c.waitConfig(ctx, name, set, unset)
}

// configChanges returns the changes that set and unset the named settings.
func configChanges(set map[string]string, unset []string) (changes []kadm.AlterConfig) {
	for _, k := range slices.Sorted(maps.Keys(set)) {
		v := set[k]
		changes = append(changes, kadm.AlterConfig{Op: kadm.SetConfig, Name: k, Value: &v})
	}
	for _, k := range unset {
		changes = append(changes, kadm.AlterConfig{Op: kadm.DeleteConfig, Name: k})
	}
	return changes
}

// addPartitions asks the brokers to add partitions.
func (c *Client) addPartitions(ctx context.Context, name string, to int) error {
	return c.requestPartitions(ctx, name, to, c.Kadm.UpdatePartitions)
}

// validatePartitions asks the brokers whether they would add the partitions.
func (c *Client) validatePartitions(ctx context.Context, name string, to int) error {
	return c.requestPartitions(ctx, name, to, c.Kadm.ValidateUpdatePartitions)
}

func (c *Client) requestPartitions(ctx context.Context, name string, to int, request func(context.Context, int, ...string) (kadm.CreatePartitionsResponses, error)) error {
	answers, err := request(ctx, to, name)
	if err == nil {
		var answer kadm.CreatePartitionsResponse
		if answer, err = answers.On(name, nil); err == nil {
			err = withMessage(answer.Err, answer.ErrMessage)
		}
	}
	return c.fail("add partitions to", topicObject(name), err)
}

// waitPartitions waits until every broker knows the new partitions.
func (c *Client) waitPartitions(ctx context.Context, name string, to int) error {
	return c.waitMetadata(ctx, "the new partitions of", name, func(t *Topic) bool { return t != nil && t.Partitions() == to })
}

// State is what [Plan] needs to know about the cluster.
type State struct {
	// Topic is nil if the topic does not exist.
	Topic *Topic
	// Rebuild is the copy that an unfinished rebuild left, or nil.
	Rebuild *Topic
	// ForeignCopy reports that a topic with the name of the copy exists that no rebuild created.
	ForeignCopy bool
	// DeletionDisabled reports that the brokers delete no topics (delete.topic.enable).
	DeletionDisabled bool
	// Empty reports that no partition of Topic holds a record.
	Empty bool
	// Offsets is the number of offsets of Topic, which is an upper bound of the number of its records; -1 if a partition has
	// no leader.
	Offsets int64
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
	var state State
	if err := retryWhile(ctx, countDiffers, func(ctx context.Context) error { return c.inspectTopic(ctx, name, &state) }); err != nil {
		return State{}, err
	}
	var err error
	if state.Rebuild, state.ForeignCopy, err = c.findCopy(ctx, name); err != nil {
		return State{}, err
	}
	if err := c.readDefaults(ctx, &state); err != nil {
		return State{}, err
	}
	if state.DeletionDisabled && state.Topic != nil && !state.Topic.Locked() {
		state.Rebuild = nil // a copy that is of no use but cannot be deleted
	}
	return state, nil
}

// inspectTopic reads the topic itself, and whether it holds records. It fails with errCount if brokers do not agree on the
// number of partitions, as for a moment after partitions were added.
func (c *Client) inspectTopic(ctx context.Context, name string, state *State) error {
	var err error
	if state.Topic, state.Brokers, err = c.describe(ctx, name); errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	ranges, err := c.tryListRanges(ctx, name, state.Topic.Partitions())
	switch {
	case errors.Is(err, kerr.UnknownTopicOrPartition): // deleted since describe
		state.Topic = nil
	case kerr.IsRetriable(err), lostConnection(err): // a partition without a leader: assume that it holds records
		state.Offsets = -1
	case err != nil:
		return c.fail("list the offsets of", topicObject(name), err)
	default:
		state.Offsets = ranges.offsets()
		state.Empty = state.Offsets == 0
	}
	return nil
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
			case "delete.topic.enable":
				state.DeletionDisabled = s.MaybeValue() == "false"
			case keyMinInsync:
				state.MinInsyncReplicas, _ = strconv.Atoi(s.MaybeValue())
			}
		}
	}
	return nil
}
