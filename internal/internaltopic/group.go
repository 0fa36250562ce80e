package internaltopic

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// connectType is the protocol type of groups of Connect workers.
const connectType = "connect"

// Group is a Connect group: the workers of one Connect cluster.
type Group struct {
	ID      string
	State   string // The broker's word: Stable, PreparingRebalance, Empty, Dead, …
	Members []Member

	protocolType string
}

// Member is one live worker of a Connect group.
type Member struct {
	ID       string
	ClientID string
	Host     string // The address from which the broker sees it.
	URL      string // The worker's advertised REST address; empty if its metadata cannot be read.
}

// String returns the REST address, or client id and host.
func (m Member) String() string {
	if m.URL != "" {
		return m.URL
	}
	return m.ClientID + "@" + m.Host
}

// Group returns a group with its live members. A group that the broker does not know has none.
func (c *Client) Group(ctx context.Context, id string) (Group, error) {
	groups, err := c.groups(ctx, id)
	if err != nil {
		return Group{}, err
	}
	return groups[0], nil
}

// ConnectGroups returns every group of protocol type connect that the principal may describe, sorted by id.
func (c *Client) ConnectGroups(ctx context.Context) ([]Group, error) {
	if err := c.Connect(ctx); err != nil {
		return nil, err
	}
	listed, err := c.Kadm.ListGroups(ctx)
	if err != nil {
		return nil, c.fail("list", "groups", err)
	}
	var ids []string
	for _, g := range listed.Sorted() {
		if g.ProtocolType == connectType {
			ids = append(ids, g.Group)
		}
	}
	return c.groups(ctx, ids...)
}

// groupsOf returns the named group, or every group of type connect if id is empty.
func (c *Client) groupsOf(ctx context.Context, id string) ([]Group, error) {
	if id == "" {
		return c.ConnectGroups(ctx)
	}
	return c.groups(ctx, id)
}

func (c *Client) groups(ctx context.Context, ids ...string) ([]Group, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if err := c.Connect(ctx); err != nil {
		return nil, err
	}
	var groups []Group
	err := retryCoordinator(ctx, func(ctx context.Context) error {
		described, err := c.Kadm.DescribeGroups(ctx, ids...)
		groups = groups[:0]
		for _, id := range slices.Sorted(slices.Values(ids)) {
			d := described[id]
			// For an unknown group, brokers before 4.0 return the state Dead, later ones an error.
			if d.Err != nil && !errors.Is(d.Err, kerr.GroupIDNotFound) {
				err = cmp.Or(err, d.Err)
			}
			groups = append(groups, newGroup(id, d))
		}
		return err
	})
	return groups, c.fail("describe", groupObject(ids[0]), err)
}

func newGroup(id string, d kadm.DescribedGroup) Group {
	g := Group{ID: id, State: d.State, protocolType: d.ProtocolType}
	for _, m := range d.Members {
		member := Member{ID: m.MemberID, ClientID: m.ClientID, Host: m.ClientHost}
		if worker, ok := m.Join.AsConnect(); ok {
			member.URL = worker.URL
		}
		g.Members = append(g.Members, member)
	}
	return g
}

// checkNoWorkers returns a *GroupLiveError if workers run in the group, or in any group if id is empty.
func (c *Client) checkNoWorkers(ctx context.Context, id string) error {
	groups, err := c.groupsOf(ctx, id)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if len(g.Members) > 0 && g.protocolType == connectType {
			return &GroupLiveError{Group: g.ID, Members: g.Members}
		}
	}
	return nil
}
