package internaltopic

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// holdType is the protocol type under which we join a Connect group. A group has one type at a time, so
	// that no worker can join while we are in, and we cannot while a worker is.
	holdType = "kafkaconnect-rebuild"
	// holdSession is how long a hold outlives its process. Connect workers' own default, so that brokers allow it.
	holdSession = 10 * time.Second
	// holdWait is how long to wait for another hold to end, or for the one of a dead process to expire.
	holdWait = time.Minute
)

// errHoldLost means that the broker no longer counts us as a member of the group.
var errHoldLost = errors.New("the hold on the Connect group was lost")

// hold is the membership of one or more Connect groups that keeps workers out.
type hold struct {
	// ctx ends when the hold is lost, with errHoldLost as its cause.
	ctx     context.Context
	release func()
}

// holdGroups holds the named group, or every group of type connect when there is no name. It is a
// *GroupLiveError when workers run, and the join is what makes that check atomic.
func (c *Client) holdGroups(ctx context.Context, id string) (*hold, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	held := map[string]bool{}
	var release []func()
	h := &hold{ctx: ctx, release: func() {
		cancel(nil)
		for _, r := range slices.Backward(release) {
			r()
		}
	}}
	for more := true; more; {
		more = false
		groups, err := c.holdable(ctx, id)
		if err != nil {
			h.release()
			return nil, err
		}
		for _, g := range groups {
			if held[g] {
				continue
			}
			free, err := c.holdGroup(ctx, g, cancel)
			if err != nil {
				h.release()
				return nil, err
			}
			held[g], release = true, append(release, free)
			more = id == "" // list again: a group may have been formed meanwhile
		}
	}
	return h, nil
}

// holdable returns the groups to hold. Seeing live members here saves a join that has to fail.
func (c *Client) holdable(ctx context.Context, id string) ([]string, error) {
	if err := c.refuseLive(ctx, id); err != nil {
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

// holdGroup joins one group and stays in until the returned function is called. When the membership is lost it
// calls lost.
func (c *Client) holdGroup(ctx context.Context, id string, lost func(error)) (func(), error) {
	unlock, err := c.groupMutex.Lock(ctx, id)
	if err != nil {
		return nil, err
	}
	m := &membership{client: c, group: id, protocol: "hold-" + rand.Text()}
	if err := m.join(ctx); err != nil {
		unlock()
		return nil, c.fail("hold", groupObject(id), err)
	}
	beating, stop := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := m.beat(beating); err != nil {
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

// membership is our place in one group.
type membership struct {
	client *Client
	group  string
	// protocol is random, so that another process that holds groups has none in common with us and is refused,
	// too.
	protocol   string
	member     string
	generation int32
}

// join becomes the only member of the group. While another hold has it, that one's end is waited for.
func (m *membership) join(ctx context.Context) error {
	var refused error
	err := poll(ctx, holdWait, func(ctx context.Context) (bool, error) {
		err := untilAnswered(ctx, m.tryJoin)
		if !errors.Is(err, kerr.InconsistentGroupProtocol) {
			refused = err
			return true, nil
		}
		g, err := m.client.Group(ctx, m.group)
		if err == nil && g.protocolType != holdType && len(g.Members) > 0 {
			err = &GroupLiveError{Group: g.ID, Members: g.Members}
		}
		refused = err
		return err != nil, nil
	})
	if err != nil && ctx.Err() == nil {
		return ErrGroupHeld
	}
	return errors.Join(err, refused)
}

func (m *membership) tryJoin(ctx context.Context) error {
	req := kmsg.NewPtrJoinGroupRequest()
	req.Group, req.MemberID, req.ProtocolType = m.group, m.member, holdType
	req.SessionTimeoutMillis = int32(m.client.holdSession.Milliseconds()) //nolint:gosec // some seconds
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
	case errors.Is(err, kerr.MemberIDRequired): // KIP-394: join again with the id just given
		m.member = resp.MemberID
		return m.tryJoin(ctx)
	case errors.Is(err, kerr.UnknownMemberID):
		m.member = ""
		return kerr.InconsistentGroupProtocol // again, from the start
	case err != nil:
		return err
	}
	m.member, m.generation = resp.MemberID, resp.Generation
	return m.sync(ctx)
}

// sync completes the join. Nothing is assigned.
func (m *membership) sync(ctx context.Context) error {
	kind := holdType
	req := kmsg.NewPtrSyncGroupRequest()
	req.Group, req.Generation, req.MemberID = m.group, m.generation, m.member
	req.ProtocolType, req.Protocol = &kind, &m.protocol
	resp, err := req.RequestWith(ctx, m.client.Kgo)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

// beat keeps the membership alive until the context ends, which is no error.
func (m *membership) beat(ctx context.Context) error {
	session := m.client.holdSession
	alive := time.Now()
	for pause(ctx, session/5) == nil {
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
			return fmt.Errorf("%w: %w", errHoldLost, err)
		}
	}
	return nil
}

// leave lets workers in at once. When it fails they have to wait for the session to expire.
func (m *membership) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, m.client.holdSession)
	defer cancel()
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group, req.MemberID = m.group, m.member
	member := kmsg.NewLeaveGroupRequestMember()
	member.MemberID = m.member
	req.Members = append(req.Members, member)
	_, _ = req.RequestWith(ctx, m.client.Kgo)
}
