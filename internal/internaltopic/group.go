package internaltopic

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

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
	// Connectors are the connectors that are assigned to the members, sorted. There are none while the group rebalances.
	Connectors []string

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
		if assigned, ok := m.Assigned.AsConnect(); ok {
			for _, a := range assigned.Assignment {
				g.Connectors = append(g.Connectors, a.Connector)
			}
		}
		g.Members = append(g.Members, member)
	}
	slices.Sort(g.Connectors)
	g.Connectors = slices.Compact(g.Connectors)
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

const (
	// lockType is the protocol type under which the client joins a Connect group. All members of a group have one type,
	// so no worker can join while the client is a member, and the client cannot join while a worker is.
	lockType = "kafkaconnect-rebuild"
	// defaultLockSession is the session timeout of Connect workers by default, so brokers accept it.
	defaultLockSession = 10 * time.Second
	// lockWait limits the wait for another lock of the group, which may be that of a dead process, to end.
	lockWait = time.Minute
)

// errLockLost means that the broker no longer counts the client as a member of the group.
var errLockLost = errors.New("the lock of the Connect group was lost")

// groupLock is the membership in one or more Connect groups that keeps workers out.
type groupLock struct {
	// ctx ends when the membership in any group is lost, with errLockLost as the cause.
	ctx     context.Context
	release func()
}

// lockGroups locks the named group, or every group of type connect if id is empty. It returns a *GroupLiveError if
// workers run; the join makes that check atomic.
func (c *Client) lockGroups(ctx context.Context, id string) (*groupLock, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	locked := map[string]bool{}
	var release []func()
	lock := &groupLock{ctx: ctx, release: func() {
		cancel(nil)
		for _, r := range slices.Backward(release) {
			r()
		}
	}}
	for more := true; more; {
		more = false
		groups, err := c.groupsToLock(ctx, id)
		if err != nil {
			lock.release()
			return nil, err
		}
		for _, g := range groups {
			if locked[g] {
				continue
			}
			leave, err := c.lockGroup(ctx, g, cancel)
			if err != nil {
				lock.release()
				return nil, err
			}
			locked[g], release = true, append(release, leave)
			more = id == "" // list again: another group may have formed since
		}
	}
	return lock, nil
}

// groupsToLock returns the ids of the groups to lock. If it sees live members, it saves a join that has to fail.
func (c *Client) groupsToLock(ctx context.Context, id string) ([]string, error) {
	if err := c.checkNoWorkers(ctx, id); err != nil {
		return nil, err
	}
	if id != "" {
		return []string{id}, nil
	}
	groups, err := c.ConnectGroups(ctx)
	ids := make([]string, len(groups))
	for i, g := range groups {
		ids[i] = g.ID
	}
	return ids, err
}

// lockGroup joins one group and stays a member until the returned function is called. It calls lost if the broker ends
// the membership.
func (c *Client) lockGroup(ctx context.Context, id string, lost func(error)) (leave func(), err error) {
	unlock, err := c.groupMutex.Lock(ctx, id)
	if err != nil {
		return nil, err
	}
	m := &membership{client: c, group: id, protocol: "lock-" + rand.Text()}
	if err := m.join(ctx); err != nil {
		unlock()
		return nil, c.fail("lock", groupObject(id), err)
	}
	heartbeats, stop := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := m.heartbeat(heartbeats); err != nil {
			lost(err)
		}
	}()
	return func() {
		stop()
		<-stopped
		m.leave(context.WithoutCancel(ctx))
		unlock()
	}, nil
}

// membership is the client's membership in one group.
type membership struct {
	client *Client
	group  string
	// protocol is random, so that the broker also rejects another process that locks groups: members of a group must
	// have a protocol in common.
	protocol   string
	member     string
	generation int32
}

// join makes the client the only member of the group. It waits for another process to release its lock.
func (m *membership) join(ctx context.Context) error {
	var refused error
	err := poll(ctx, lockWait, func(ctx context.Context) (bool, error) {
		err := retryCoordinator(ctx, m.tryJoin)
		if !errors.Is(err, kerr.InconsistentGroupProtocol) {
			refused = err
			return true, nil
		}
		g, err := m.client.Group(ctx, m.group)
		if err == nil && g.protocolType != lockType && len(g.Members) > 0 {
			err = &GroupLiveError{Group: g.ID, Members: g.Members}
		}
		refused = err
		return err != nil, nil
	})
	if err != nil && ctx.Err() == nil {
		return ErrGroupLocked
	}
	return errors.Join(err, refused)
}

func (m *membership) tryJoin(ctx context.Context) error {
	req := kmsg.NewPtrJoinGroupRequest()
	req.Group, req.MemberID, req.ProtocolType = m.group, m.member, lockType
	req.SessionTimeoutMillis = int32(m.client.lockSession.Milliseconds()) //nolint:gosec // some seconds
	req.RebalanceTimeoutMillis = req.SessionTimeoutMillis
	protocol := kmsg.NewJoinGroupRequestProtocol()
	protocol.Name = m.protocol
	req.Protocols = append(req.Protocols, protocol)
	resp, err := req.RequestWith(ctx, m.client.Kgo)
	if err != nil {
		return err
	}
	err = kerr.ErrorForCode(resp.ErrorCode)
	switch {
	case errors.Is(err, kerr.MemberIDRequired): // KIP-394: join again with the id in the response
		m.member = resp.MemberID
		return m.tryJoin(ctx)
	case errors.Is(err, kerr.UnknownMemberID):
		m.member = ""
		return kerr.InconsistentGroupProtocol // join again as a new member
	case err != nil:
		return err
	}
	m.member, m.generation = resp.MemberID, resp.Generation
	return m.sync(ctx)
}

// sync completes the join, without assignments.
func (m *membership) sync(ctx context.Context) error {
	kind := lockType
	req := kmsg.NewPtrSyncGroupRequest()
	req.Group, req.Generation, req.MemberID = m.group, m.generation, m.member
	req.ProtocolType, req.Protocol = &kind, &m.protocol
	resp, err := req.RequestWith(ctx, m.client.Kgo)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

// heartbeat keeps the membership alive until ctx ends. It returns errLockLost if the broker ends the membership, or
// does not answer for as long as the session lasts.
func (m *membership) heartbeat(ctx context.Context) error {
	session := m.client.lockSession
	alive := time.Now()
	for sleep(ctx, session/5) == nil {
		req := kmsg.NewPtrHeartbeatRequest()
		req.Group, req.Generation, req.MemberID = m.group, m.generation, m.member
		resp, err := req.RequestWith(ctx, m.client.Kgo)
		if err == nil {
			err = kerr.ErrorForCode(resp.ErrorCode)
		}
		var answer *kerr.Error
		switch final := errors.As(err, &answer) && !answer.Retriable; {
		case err == nil:
			alive = time.Now()
		case ctx.Err() == nil && (final || time.Since(alive) > session):
			return fmt.Errorf("%w: %w", errLockLost, err)
		}
	}
	return nil
}

// leave ends the membership. If the request fails, the broker ends it when the session expires.
func (m *membership) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, m.client.lockSession)
	defer cancel()
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group, req.MemberID = m.group, m.member
	member := kmsg.NewLeaveGroupRequestMember()
	member.MemberID = m.member
	req.Members = append(req.Members, member)
	_, _ = req.RequestWith(ctx, m.client.Kgo)
}
