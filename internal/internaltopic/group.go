package internaltopic

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// connectType is the protocol type of groups of Connect workers.
const connectType = "connect"

// stateStable is the state of a group that does not rebalance.
const stateStable = "Stable"

// Group is a Connect group: the workers of one Connect cluster.
type Group struct {
	ID      string
	State   string // The broker's word: Stable, PreparingRebalance, Empty, Dead, …
	Members []Member
	// Held means that a rebuild holds the group. It runs, or it was interrupted less than a session ago. The client that
	// holds the group is not one of the Members.
	Held bool
	// Connectors are the connectors that are assigned to the members, sorted. There are none while the group rebalances.
	Connectors []string

	protocolType string
	// known means that the broker has a record of the group. It forgets an empty group after about ten minutes.
	known bool
}

// Advertises reports whether a member of the group advertises one of the URLs: scheme, host and port. The URL that a worker
// advertises has no path. While a group rebalances, the brokers do not report it.
func (g Group) Advertises(urls []string) bool {
	return slices.ContainsFunc(g.Members, func(m Member) bool {
		return slices.ContainsFunc(urls, func(u string) bool { return sameAddress(u, m.URL) })
	})
}

func sameAddress(a, b string) bool {
	first, err := url.Parse(a)
	second, otherErr := url.Parse(b)
	return err == nil && otherErr == nil && first.Host != "" && strings.EqualFold(first.Scheme, second.Scheme) && strings.EqualFold(first.Host, second.Host)
}

// Member is one live worker of a Connect group.
type Member struct {
	ID       string
	ClientID string
	Host     string // The address from which the broker sees it.
	URL      string // The worker's advertised REST address; empty if its metadata cannot be read.
	// Connectors are the connectors that the worker runs, and Tasks the tasks, by connector. A worker can run tasks of a
	// connector that another worker runs.
	Connectors []string
	Tasks      map[string][]int
}

// String returns the REST address, or client id and host.
func (m Member) String() string {
	if m.URL != "" {
		return m.URL
	}
	return m.ClientID + "@" + m.Host
}

// runs reports whether the connector or one of its tasks is assigned to the worker. A stopped connector is assigned, too.
func (m Member) runs(connector string) bool {
	return slices.Contains(m.Connectors, connector) || len(m.Tasks[connector]) > 0
}

// Group returns a group with its live members. A group that the broker does not know has none.
func (c *Client) Group(ctx context.Context, id string) (Group, error) {
	groups, err := c.groups(ctx, id)
	if err != nil {
		return Group{}, err
	}
	return groups[0], nil
}

// ConnectGroups returns every Connect group that the principal may describe, sorted by id. These are the groups of
// protocol type connect, and those that a rebuild holds or was the last to join.
func (c *Client) ConnectGroups(ctx context.Context) ([]Group, error) {
	ids, err := c.listConnectGroups(ctx)
	if err != nil {
		return nil, c.fail("list", "groups", err)
	}
	return c.groups(ctx, ids...)
}

// listConnectGroups returns the ids of all Connect groups. With an error, it returns those of the brokers that answered.
func (c *Client) listConnectGroups(ctx context.Context) (ids []string, err error) {
	if err := c.Connect(ctx); err != nil {
		return nil, err
	}
	listed, err := c.Kadm.ListGroups(ctx)
	for _, g := range listed.Sorted() {
		if g.ProtocolType == connectType || g.ProtocolType == lockType {
			ids = append(ids, g.Group)
		}
	}
	return ids, err
}

// groupsOf returns the named group, or every Connect group if id is empty.
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
	err := retryCoordinator(ctx, func(ctx context.Context) (err error) {
		groups, err = c.describeGroups(ctx, ids)
		return err
	})
	return groups, c.fail("describe", groupObject(ids[0]), err)
}

// describeGroups returns the groups sorted by id. It does not use kadm, which decodes the assignments of Connect wrongly.
func (c *Client) describeGroups(ctx context.Context, ids []string) (groups []Group, err error) {
	req := kmsg.NewPtrDescribeGroupsRequest()
	req.Groups = ids
	resp, err := req.RequestWith(ctx, c.Kgo)
	if err != nil {
		return nil, err
	}
	for _, described := range resp.Groups {
		// For an unknown group, brokers before 4.0 return the state Dead, later ones an error.
		failed := kerr.ErrorForCode(described.ErrorCode)
		if failed != nil && !errors.Is(failed, kerr.GroupIDNotFound) {
			err = cmp.Or(err, failed)
		}
		groups = append(groups, newGroup(described))
	}
	slices.SortFunc(groups, func(a, b Group) int { return strings.Compare(a.ID, b.ID) })
	return groups, err
}

func newGroup(d kmsg.DescribeGroupsResponseGroup) Group {
	g := Group{ID: d.Group, State: d.State, protocolType: d.ProtocolType, known: d.ErrorCode == 0 && d.State != "Dead"}
	if g.protocolType == lockType {
		g.Held = len(d.Members) > 0
		return g
	}
	for _, m := range d.Members {
		member := Member{ID: m.MemberID, ClientID: m.ClientID, Host: m.ClientHost}
		var worker kmsg.ConnectMemberMetadata
		if g.protocolType == connectType && worker.ReadFrom(m.ProtocolMetadata) == nil {
			member.URL = worker.URL
			member.assign(worker.CurrentAssignment, m.MemberAssignment)
		}
		for connector := range member.Tasks {
			g.Connectors = append(g.Connectors, connector)
		}
		g.Connectors = append(g.Connectors, member.Connectors...)
		g.Members = append(g.Members, member)
	}
	slices.Sort(g.Connectors)
	g.Connectors = slices.Compact(g.Connectors)
	return g
}
