package internaltopic

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// Discovered are the internal topics of Connect groups that [Client.Discover] found.
type Discovered struct {
	Topics []DiscoveredTopic // sorted by name
	// Unread are the compacted topics whose records the principal may not read, sorted.
	Unread []string
}

// DiscoveredTopic is a topic with the role that it has for a Connect group.
type DiscoveredTopic struct {
	Name string
	Role Role

	partitions int
	byRecords  bool // else by its name
}

// Discover finds the internal topics of all Connect groups or, with a group id, those of one group. Brokers and workers do
// not report which topics a group uses. Discover finds them by their records:
//
//   - A compacted topic has a role if workers write the keys of its last records to topics of this role, and of no other.
//   - A compacted topic without records has the role that its name contains, if another topic has a role by its records and
//     has the same name except for the word for the role: connect-offsets beside connect-configs.
//   - A topic belongs to a group with live workers if its records name the connectors that the group runs: all of them in
//     a config or status topic, at least one in an offset topic. A topic also belongs to it if its name differs from that of
//     such a topic only by the word for the role. An offset topic does not if its name differs only by this word from the config
//     or status topic of another group, which may run a connector of the same name.
//
// It returns a *SpecError on group_id if the group has no live workers or runs no connector.
func (c *Client) Discover(ctx context.Context, groupID string) (Discovered, error) {
	if err := c.Connect(ctx); err != nil {
		return Discovered{}, err
	}
	var group Group
	if groupID != "" {
		var err error
		if group, err = c.runningGroup(ctx, groupID); err != nil {
			return Discovered{}, err
		}
	}
	var found Discovered
	err := retryWhile(ctx, countDiffers, func(ctx context.Context) (err error) {
		if found, err = c.discover(ctx); err == nil && groupID != "" {
			found.Topics, err = c.topicsOf(ctx, group, found.Topics)
		}
		return err
	})
	return found, err
}

// runningGroup returns a Connect group that runs connectors, or a *SpecError.
func (c *Client) runningGroup(ctx context.Context, id string) (Group, error) {
	deadline := time.Now().Add(assignmentWait)
	for {
		group, err := c.Group(ctx, id)
		if err != nil {
			return Group{}, err
		}
		switch {
		case group.known && group.protocolType != "" && group.protocolType != connectType && group.protocolType != lockType:
			return Group{}, &SpecError{Field: "group_id", Err: ErrWrongGroup, Reason: fmt.Sprintf("names group %q, which is a group of type %s, not a Connect group", id, group.protocolType)}
		case len(group.Connectors) > 0:
			return group, nil
		case len(group.Members) == 0:
			return Group{}, &SpecError{Field: "group_id", Err: ErrWrongGroup, Reason: fmt.Sprintf("names group %q, which has no live workers: start them or correct group_id. "+
				"Without group_id, the topics of all groups are found", id)}
		case time.Now().After(deadline):
			return Group{}, &SpecError{Field: "group_id", Reason: fmt.Sprintf("names group %q, whose workers (%s) run no connector, so the records do not show which topics it uses. "+
				"Without group_id, the topics of all groups are found", id, memberNames(group.Members))}
		}
		if err := sleep(ctx, leavePoll); err != nil { // the broker has no assignments during a rebalance
			return Group{}, err
		}
	}
}

// discover finds the internal topics of all groups.
func (c *Client) discover(ctx context.Context) (found Discovered, err error) {
	candidates, err := c.compactedTopics(ctx)
	if err != nil {
		return found, err
	}
	var empty []DiscoveredTopic
	for _, t := range candidates {
		role, records, err := c.roleByRecords(ctx, t.Name, t.partitions)
		switch {
		case errors.Is(err, kafkaclient.ErrUnauthorized):
			found.Unread = append(found.Unread, t.Name)
		case errors.Is(err, ErrNotFound): // deleted since it was listed
		case err != nil:
			return Discovered{}, err
		case !records:
			empty = append(empty, t)
		case role != "":
			t.Role, t.byRecords = role, true
			found.Topics = append(found.Topics, t)
		}
	}
	bases := map[string]bool{}
	for _, t := range found.Topics {
		base, _ := splitRole(t.Name)
		bases[base] = base != ""
	}
	for _, t := range empty {
		base, role := splitRole(t.Name)
		if bases[base] {
			t.Role = role
			found.Topics = append(found.Topics, t)
		}
	}
	slices.SortFunc(found.Topics, func(a, b DiscoveredTopic) int { return cmp.Compare(a.Name, b.Name) })
	return found, nil
}

// topicsOf returns the topics that belong to the group.
func (c *Client) topicsOf(ctx context.Context, group Group, topics []DiscoveredTopic) (of []DiscoveredTopic, err error) {
	own, foreign := map[string]bool{}, map[string]bool{} // the names, without the word for the role, of topics by their records
	var offsets []DiscoveredTopic
	for _, t := range topics {
		if !t.byRecords {
			continue
		}
		named, every, err := c.connectorsIn(ctx, t.Name)
		if err != nil {
			return nil, err
		}
		base, _ := splitRole(t.Name)
		uses := len(groupsUsing([]Group{group}, named, every)) > 0
		switch {
		case uses && t.Role == RoleOffset:
			offsets = append(offsets, t)
		case uses:
			of, own[base] = append(of, t), base != ""
		case t.Role != RoleOffset:
			foreign[base] = base != ""
		}
	}
	for _, t := range offsets {
		if base, _ := splitRole(t.Name); own[base] || !foreign[base] {
			of, own[base] = append(of, t), base != ""
		}
	}
	for _, t := range topics {
		base, role := splitRole(t.Name)
		if own[base] && role == t.Role && !slices.Contains(of, t) {
			of = append(of, t)
		}
	}
	slices.SortFunc(of, func(a, b DiscoveredTopic) int { return cmp.Compare(a.Name, b.Name) })
	return of, nil
}

// roleWord matches the word for the role in the name of a topic.
var roleWord = regexp.MustCompile(`(?i)(offset|config|status)(?:e?s)?`)

// splitRole returns the role that the name of a topic contains, and the name with a placeholder for the last word for a role.
// Both are empty if the name contains no such word.
func splitRole(name string) (base string, role Role) {
	words := roleWord.FindAllStringSubmatchIndex(name, -1)
	if len(words) == 0 {
		return "", ""
	}
	last := words[len(words)-1]
	return name[:last[0]] + "*" + name[last[1]:], Role(strings.ToLower(name[last[2]:last[3]]))
}

// compactedTopics returns the topics with a cleanup policy that compacts, except those of Kafka itself and the copies that
// rebuilds make. It leaves out topics whose settings the principal may not read.
func (c *Client) compactedTopics(ctx context.Context) (topics []DiscoveredTopic, err error) {
	listed, err := c.Kadm.ListTopics(ctx)
	if err != nil {
		return nil, c.fail("list", "the topics", err)
	}
	req := kmsg.NewPtrDescribeConfigsRequest()
	for _, t := range listed.Sorted() {
		if t.Err != nil || t.IsInternal || validateName("name", t.Topic) != nil {
			continue
		}
		resource := kmsg.NewDescribeConfigsRequestResource()
		resource.ResourceType, resource.ResourceName, resource.ConfigNames = kmsg.ConfigResourceTypeTopic, t.Topic, []string{KeyCleanupPolicy}
		req.Resources = append(req.Resources, resource)
	}
	if len(req.Resources) == 0 {
		return nil, nil
	}
	resp, err := req.RequestWith(ctx, c.Kgo)
	if err != nil {
		return nil, c.fail("describe the settings of", "the topics", err)
	}
	for _, answer := range resp.Resources {
		for _, setting := range answer.Configs {
			if answer.ErrorCode == 0 && setting.Name == KeyCleanupPolicy && setting.Value != nil && strings.Contains(*setting.Value, PolicyCompact) {
				topics = append(topics, DiscoveredTopic{Name: answer.ResourceName, partitions: len(listed[answer.ResourceName].Partitions)})
			}
		}
	}
	return topics, nil
}

// The role of a topic follows from this number of last offsets of a partition, in this number of partitions.
const (
	sampleOffsets    = 50
	samplePartitions = 3
)

// roleByRecords returns the only role that the keys of the last records of a topic have the form of, or "", and whether the topic
// has records.
func (c *Client) roleByRecords(ctx context.Context, topic string, partitions int) (role Role, records bool, err error) {
	ranges, err := c.committedRanges(ctx, &Topic{Name: topic, Replicas: make([][]int32, partitions)})
	if err != nil {
		return "", false, err
	}
	sample, taken := ranges.last(sampleOffsets), 0
	for p := range sample {
		if sample[p].from < sample[p].to {
			taken++
		}
		if taken > samplePartitions {
			sample[p].from = sample[p].to
		}
	}
	possible := Roles()
	err = c.readRanges(ctx, topic, sample, func(r *kgo.Record) {
		records = true
		possible = slices.DeleteFunc(possible, func(role Role) bool {
			_, ok := connectorOf(role, r.Key)
			return !ok
		})
	})
	if err != nil {
		return "", records, c.fail("read", topicObject(topic), err)
	}
	if !records || len(possible) != 1 {
		return "", records, nil
	}
	return possible[0], true, nil
}
