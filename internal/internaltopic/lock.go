package internaltopic

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// lockType is the protocol type under which the client joins a Connect group. All members of a group have one type,
	// so no worker can join while the client is a member, and the client cannot join while a worker is.
	lockType = "kafkaconnect-rebuild"
	// defaultLockSession is the session timeout of Connect workers by default, so brokers accept it.
	defaultLockSession = 10 * time.Second
	// lockWait limits the wait for the lock of another process to end. A lock of a dead process ends within its session.
	lockWait = time.Minute
)

// errLockLost means that the broker no longer counts the client as a member of the group.
var errLockLost = errors.New("the lock of the Connect group was lost")

// groupLock is the membership in one or more Connect groups that keeps workers out.
type groupLock struct {
	// ctx ends when the membership in any group is lost, with errLockLost as the cause.
	ctx context.Context
	// since is when the last of the groups was locked.
	since time.Time
	// yield lets the next rebuild of this process begin, while the client stays a member.
	yield func()
	// release also ends the membership, unless another rebuild of this process shares it.
	release func()
}

// lockGroups locks the named group, or every group of type connect if id is empty. It first waits for workers to leave,
// and returns a *GroupLiveError if they do not; the join makes that check atomic. It reports each wait.
func (c *Client) lockGroups(ctx context.Context, id string, report func(step string)) (*groupLock, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	var yield, release []func()
	run := func(functions []func()) {
		for _, f := range slices.Backward(functions) {
			f()
		}
	}
	lock := &groupLock{ctx: ctx, yield: func() { run(yield) }, release: func() {
		cancel(nil)
		run(release)
		run(yield)
	}}
	locked := map[string]bool{}
	patience := c.newPatience(report)
	for !locked[id] {
		ids, err := c.groupsToLock(ctx, id, patience)
		if err != nil {
			lock.release()
			return nil, err
		}
		ids = slices.DeleteFunc(ids, func(g string) bool { return locked[g] })
		if len(ids) == 0 {
			break
		}
		for _, g := range ids {
			held, err := c.lockGroup(ctx, g, cancel, report)
			if errors.Is(err, ErrGroupLive) && patience.lasts(err) {
				break // a worker has joined since
			}
			if err != nil {
				lock.release()
				return nil, err
			}
			locked[g], lock.since = true, time.Now()
			yield, release = append(yield, held.yield), append(release, held.release)
		}
	}
	return lock, nil
}

// groupsToLock returns the ids of the groups to lock, after it has waited for workers to leave. If it sees workers, it
// saves a join that has to fail. Without an id, they are all groups that the broker lists, and those that this client has
// locked before: the broker may have forgotten them since.
func (c *Client) groupsToLock(ctx context.Context, id string, patience *patience) ([]string, error) {
	groups, err := c.awaitNoWorkers(ctx, id, nil, patience)
	if err != nil || id != "" {
		return []string{id}, err
	}
	ids := c.holds.remembered()
	for _, g := range groups {
		ids = append(ids, g.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// heldGroup is one group of a groupLock.
type heldGroup struct{ yield, release func() }

// lockGroup joins one group, or shares the membership of an earlier rebuild of this process. It calls lost if the broker
// ends the membership.
func (c *Client) lockGroup(ctx context.Context, id string, lost func(error), report func(string)) (*heldGroup, error) {
	unlock, err := c.groupMutex.Lock(ctx, id)
	if err != nil {
		return nil, err
	}
	m := c.holds.share(id)
	if m == nil {
		if m, err = c.join(ctx, id, report); err != nil {
			unlock()
			return nil, c.fail("lock", groupObject(id), err)
		}
		c.holds.add(m)
	}
	stop := context.AfterFunc(m.ctx, func() { lost(context.Cause(m.ctx)) })
	return &heldGroup{
		yield: sync.OnceFunc(unlock),
		release: sync.OnceFunc(func() {
			stop()
			if c.holds.drop(m) {
				m.leave(context.WithoutCancel(ctx))
			}
		}),
	}, nil
}

// holds are the memberships of a client, each shared by the rebuilds that need it. Its zero value is ready to use.
type holds struct {
	sync.Mutex

	current map[string]*membership // by group id
	users   map[*membership]int
	// locked has every group that the client has ever locked, and whether the broker knew it before.
	locked map[string]bool
}

// share returns the membership in the group for one more user, or nil if there is none or it was lost.
func (h *holds) share(group string) *membership {
	h.Lock()
	defer h.Unlock()
	m := h.current[group]
	if m == nil || m.ctx.Err() != nil {
		return nil
	}
	h.users[m]++
	return m
}

// add adds a membership with one user.
func (h *holds) add(m *membership) {
	h.Lock()
	defer h.Unlock()
	if h.current == nil {
		h.current, h.users, h.locked = map[string]*membership{}, map[*membership]int{}, map[string]bool{}
	}
	if known, again := h.locked[m.group]; again {
		m.known = known
	}
	h.current[m.group], h.users[m], h.locked[m.group] = m, 1, m.known
}

// drop removes one user, and reports whether it was the last.
func (h *holds) drop(m *membership) (last bool) {
	h.Lock()
	defer h.Unlock()
	if h.users[m]--; h.users[m] > 0 {
		return false
	}
	delete(h.users, m)
	if h.current[m.group] == m {
		delete(h.current, m.group)
	}
	return true
}

func (h *holds) remembered() []string {
	h.Lock()
	defer h.Unlock()
	return slices.Collect(maps.Keys(h.locked))
}

func (h *holds) remembers(id string) bool { return slices.Contains(h.remembered(), id) }

// membership is the client's membership in one group.
type membership struct {
	client *Client
	group  string
	// ctx ends when the membership ends, with errLockLost as the cause if the broker ended it.
	ctx context.Context
	// stop ends the heartbeats, and waits until the last one is answered.
	stop func()
	// known means that the broker knew the group before.
	known bool
	// protocol is random, so that the broker also rejects another process that locks groups: members of a group must
	// have a protocol in common.
	protocol   string
	member     string
	generation int32
}

// join makes the client the only member of the group. It waits for another process to release its lock.
func (c *Client) join(ctx context.Context, id string, report func(string)) (*membership, error) {
	before, err := c.Group(ctx, id)
	if err != nil {
		return nil, err
	}
	m := &membership{client: c, group: id, known: before.known, protocol: "lock-" + rand.Text()}
	if err := m.awaitJoin(ctx, report); err != nil {
		return nil, err
	}
	lifetime, lost := context.WithCancelCause(context.WithoutCancel(ctx))
	heartbeats, stop := context.WithCancel(lifetime)
	stopped := make(chan struct{})
	m.ctx, m.stop = lifetime, func() { stop(); <-stopped; lost(nil) }
	go func() {
		defer close(stopped)
		if err := m.heartbeat(heartbeats); err != nil {
			lost(err)
		}
	}()
	return m, nil
}

func (m *membership) awaitJoin(ctx context.Context, report func(string)) error {
	var refused error
	held := false
	err := poll(ctx, lockWait, func(ctx context.Context) (bool, error) {
		err := retryCoordinator(ctx, m.tryJoin)
		if !errors.Is(err, kerr.InconsistentGroupProtocol) {
			refused = err
			return true, nil
		}
		g, err := m.client.Group(ctx, m.group)
		if err == nil && len(g.Members) > 0 {
			err = &GroupLiveError{Group: g.ID, Members: g.Members}
		}
		if err == nil && g.Held && !held {
			held = true
			report(fmt.Sprintf("wait for another apply to release the Connect group; the hold of an interrupted apply ends within %s", m.client.lockSession))
		}
		refused = err
		return err != nil, nil
	})
	if err != nil && held {
		refused = ErrGroupLocked
	}
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

// leave ends the membership. If the request fails, the broker ends it when the session expires. A group that only this
// client has ever joined is deleted; the broker refuses that if a worker has joined since.
func (m *membership) leave(ctx context.Context) {
	m.stop()
	ctx, cancel := context.WithTimeout(ctx, m.client.lockSession)
	defer cancel()
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group, req.MemberID = m.group, m.member
	member := kmsg.NewLeaveGroupRequestMember()
	member.MemberID = m.member
	req.Members = append(req.Members, member)
	_, err := req.RequestWith(ctx, m.client.Kgo)
	if err == nil && !m.known {
		_, _ = m.client.Kadm.DeleteGroup(ctx, m.group) // the principal may lack Delete on the group
	}
}
