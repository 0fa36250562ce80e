package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// assignmentWait limits the wait for the assignments of groups that rebalance.
const assignmentWait = 5 * time.Second

// forgotten says when a group is unknown although its workers existed.
const forgotten = "Brokers forget a group about ten minutes after its last worker has stopped"

// CheckGroup returns a *SpecError on group_id if the declared group is not the group of the workers that use the topic, as
// far as the brokers show it. It does not lock the group, and does not check that its workers are stopped.
func (c *Client) CheckGroup(ctx context.Context, topic string, o Options) error {
	others, err := c.otherGroups(ctx, o)
	if err != nil || len(others) == 0 {
		return err
	}
	if err := c.checkKnown(ctx, o.GroupID, others); err != nil {
		return err
	}
	return c.checkUnused(ctx, topic, o.GroupID, others)
}

// otherGroups returns the Connect groups with live workers, other than the declared one. It returns none if no group is
// declared, because every group has to be stopped then. It also returns none if the check is to be skipped.
func (c *Client) otherGroups(ctx context.Context, o Options) (others []Group, err error) {
	if o.GroupID == "" || slices.Contains(o.SkipChecks, CheckGroup) {
		return nil, nil
	}
	deadline := time.Now().Add(assignmentWait)
	for {
		ids, err := c.listConnectGroups(ctx)
		if err != nil && len(ids) == 0 {
			return nil, c.fail("list", "groups", err)
		}
		// With a broker down, the other brokers list its groups after a moment.
		ids = slices.DeleteFunc(ids, func(id string) bool { return id == o.GroupID })
		groups, err := c.groups(ctx, ids...)
		if err != nil {
			return nil, err
		}
		others = slices.DeleteFunc(groups, func(g Group) bool { return len(g.Members) == 0 })
		rebalancing := slices.ContainsFunc(others, func(g Group) bool { return g.State != stateStable })
		if !rebalancing || time.Now().After(deadline) {
			return others, nil
		}
		if err := sleep(ctx, leavePoll); err != nil { // the broker has no assignments during a rebalance
			return nil, err
		}
	}
}

// checkKnown fails if the broker does not know the declared group, or knows it as a group of another kind.
func (c *Client) checkKnown(ctx context.Context, id string, others []Group) error {
	declared, err := c.Group(ctx, id)
	if err != nil {
		return err
	}
	switch kind := declared.protocolType; {
	case !declared.known && !c.holds.remembers(id):
		return &SpecError{Field: "group_id", Err: ErrWrongGroup, Reason: fmt.Sprintf("names group %q, which the brokers do not know, while these Connect groups have live workers: %s. "+
			"Correct group_id. %s: if that is the reason, add %q to skip_checks", id, groupNames(others), forgotten, CheckGroup)}
	case declared.known && kind != "" && kind != connectType && kind != lockType:
		return &SpecError{Field: "group_id", Err: ErrWrongGroup, Reason: fmt.Sprintf("names group %q, which is a group of type %s, not a Connect group. "+
			"These Connect groups have live workers: %s", id, kind, groupNames(others))}
	}
	return nil
}

// checkUnused fails if another group runs connectors that the records of the topic name.
func (c *Client) checkUnused(ctx context.Context, topic, id string, others []Group) error {
	if !slices.ContainsFunc(others, func(g Group) bool { return len(g.Connectors) > 0 }) {
		return nil // saves the time to read the topic
	}
	named, every, err := c.connectorsIn(ctx, topic)
	if err != nil {
		return err
	}
	return groupInUse(topic, id, groupsUsing(others, named, every), named)
}

// groupInUse returns an error if groups other than the declared one use the topic.
func groupInUse(topic, id string, using []Group, named map[string]bool) error {
	if len(using) == 0 {
		return nil
	}
	var common []string
	for _, g := range using {
		common = append(common, slices.DeleteFunc(slices.Clone(g.Connectors), func(c string) bool { return !named[c] })...)
	}
	slices.Sort(common)
	return &SpecError{Field: "group_id", Err: ErrWrongGroup, Reason: fmt.Sprintf("is %q, but live workers of another Connect group run connectors with records in topic %q: %s. The connectors are %s. "+
		"Set group_id to the group that uses the topic. If other connectors of the same names have written the records, add %q to skip_checks",
		id, topic, groupNames(using), shorten(slices.Compact(common)), CheckGroup)}
}

// connectorsIn returns the connectors that the records of the topic name. It returns every = true for a topic that names
// all connectors of its group, see groupsUsing. A topic that does not exist names none.
func (c *Client) connectorsIn(ctx context.Context, topic string) (named map[string]bool, every bool, err error) {
	t, _, err := c.describe(ctx, topic)
	if errors.Is(err, ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	ranges, err := c.committedRanges(ctx, t) // an open transaction must not delay a plan
	if err != nil {
		return nil, false, err
	}
	var keys keyReader
	if err := c.readRanges(ctx, topic, ranges, keys.add); err != nil {
		return nil, false, c.fail("read", topicObject(topic), err)
	}
	return keys.named, keys.complete, nil
}

// keyReader collects the connectors that keys name.
type keyReader struct {
	named map[string]bool
	// complete means that the last key is one of a config or status topic.
	complete bool
}

func (k *keyReader) add(r *kgo.Record) {
	for _, role := range Roles() {
		name, ok := connectorOf(role, r.Key)
		if !ok {
			continue
		}
		if k.complete = role != RoleOffset; name != "" && !k.named[name] {
			if k.named == nil {
				k.named = map[string]bool{}
			}
			k.named[name] = true
		}
	}
}

// groupNames lists groups with their workers.
func groupNames(groups []Group) string {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = fmt.Sprintf("%q (%s)", g.ID, memberNames(g.Members))
	}
	return strings.Join(names, ", ")
}

// shorten lists names, at most five of them.
func shorten(names []string) string {
	if more := len(names) - 5; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:5], ", "), more)
	}
	return strings.Join(names, ", ")
}
