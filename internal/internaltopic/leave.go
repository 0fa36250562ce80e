package internaltopic

import (
	"context"
	"errors"
	"slices"
	"time"
)

const (
	// defaultLeaveWait is how long a client waits for one more worker to leave its group. A worker that was killed leaves
	// when its session expires, after 10 seconds by default.
	defaultLeaveWait = time.Minute
	// leavePoll is the interval at which the members are polled.
	leavePoll = 500 * time.Millisecond
)

// patience is how long a client waits for workers to leave their groups.
type patience struct {
	wait   time.Duration
	report func(step string)

	least    int // the smallest number of members so far; -1 if none was counted
	since    time.Time
	reported string
}

func (c *Client) newPatience(report func(step string)) *patience {
	return &patience{wait: c.leaveWait, report: report, least: -1}
}

// lasts reports whether the number of members has reached a new minimum within the wait. Its argument holds a
// *GroupLiveError for each group.
func (p *patience) lasts(live error) bool {
	names, members := "", 0
	for _, e := range liveErrors(live) {
		members += len(e.Members)
		names += ", " + memberNames(e.Members)
	}
	if p.least < 0 || members < p.least {
		p.least, p.since = members, time.Now()
	}
	if time.Since(p.since) >= p.wait {
		for _, e := range liveErrors(live) {
			e.Waited = p.wait
		}
		return false
	}
	if names != p.reported {
		p.reported = names
		what := " to leave the Connect group"
		if e := liveErrors(live); len(e[0].Connectors) > 0 {
			what = " to stop the connectors that use the topic"
		}
		p.report("wait for " + names[2:] + what)
	}
	return true
}

// awaitNoWorkers waits until no worker runs in the group, or in any group if id is empty, and returns these groups. With
// connectors, it waits only for workers that run one of them. If the patience ends, or ctx ends, it returns a
// *GroupLiveError for each group with workers.
func (c *Client) awaitNoWorkers(ctx context.Context, id string, connectors []string, patience *patience) ([]Group, error) {
	var live error
	for {
		groups, err := c.groupsOf(ctx, id)
		if err != nil {
			return nil, errors.Join(live, err)
		}
		if live = checkNoWorkers(groups, connectors); live == nil {
			return groups, nil
		}
		if !patience.lasts(live) {
			return nil, live
		}
		if err := sleep(ctx, min(leavePoll, patience.wait)); err != nil {
			return nil, errors.Join(live, err)
		}
	}
}

// checkNoWorkers returns a *GroupLiveError for each group with members. With connectors, only members that run one of them
// count, and those that may: the broker has no assignments while a group rebalances.
func checkNoWorkers(groups []Group, connectors []string) error {
	var live []error
	for _, g := range groups {
		members := g.Members
		if len(connectors) > 0 && g.State == stateStable {
			members = slices.DeleteFunc(slices.Clone(members), func(m Member) bool { return m.URL != "" && !slices.ContainsFunc(connectors, m.runs) })
		}
		if len(members) > 0 {
			live = append(live, &GroupLiveError{Group: g.ID, Members: members, Connectors: connectors})
		}
	}
	return errors.Join(live...)
}

// liveErrors returns every *GroupLiveError in a joined error.
func liveErrors(err error) (live []*GroupLiveError) {
	switch e := err.(type) { //nolint:errorlint // walks the tree itself
	case *GroupLiveError:
		return []*GroupLiveError{e}
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			live = append(live, liveErrors(one)...)
		}
	case interface{ Unwrap() error }:
		return liveErrors(e.Unwrap())
	}
	return live
}
