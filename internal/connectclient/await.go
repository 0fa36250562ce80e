package connectclient

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// FailedError ends [Client.Await]: the connector or some of its tasks are FAILED and stay FAILED.
type FailedError struct {
	Name     string
	Failures []Failure
}

// maxGroupsShown is how many reasons for a failure an error lists.
const maxGroupsShown = 3

// Error lists the first few reasons, each with the root cause.
func (e *FailedError) Error() string {
	parts := make([]string, 0, maxGroupsShown+1)
	for i, group := range GroupFailures(e.Failures) {
		if i == maxGroupsShown {
			parts = append(parts, "and more")
			break
		}
		cause := "the worker reports no cause; check the log of the worker"
		if len(group.Causes) > 0 {
			cause = group.Causes[len(group.Causes)-1]
		}
		parts = append(parts, group.Parts()+": "+cause)
	}
	return fmt.Sprintf("connector %q failed: %s", e.Name, strings.Join(parts, "; "))
}

// WaitError is the error of [Client.Await] if the wait ended before the connector was in the wanted state. It unwraps to
// the reason: context.DeadlineExceeded, context.Canceled, [ErrNotFound], or a failed request.
type WaitError struct {
	Name string
	Want State
	Last *Status // the last status that was read, or nil
	Err  error
}

// Error names the connector, the wanted state and the last status.
func (e *WaitError) Error() string { return fmt.Sprintf("connector %q %s", e.Name, e.Reason()) }

// Reason is the part of Error that follows the name.
func (e *WaitError) Reason() string {
	switch {
	case e.Last == nil:
		return fmt.Sprintf("did not become %s (no status was read): %v", e.Want, e.Err)
	case e.Last.Reached(e.Want):
		return fmt.Sprintf("was not %s for long enough (last status: %v): %v", e.Want, e.Last, e.Err)
	}
	return fmt.Sprintf("did not become %s (last status: %v): %v", e.Want, e.Last, e.Err)
}

// Unwrap returns the reason for the end of the wait.
func (e *WaitError) Unwrap() error { return e.Err }

// Wait is what [Client.AwaitChange] waits for.
type Wait struct {
	// State is the wanted state. If it is empty, any of RUNNING, PAUSED and STOPPED is: a restart keeps the state that was set.
	State State

	// Task, if set, limits the wait to this task and the states of the others do not matter.
	Task *int

	// Restarted tells that a restart of FAILED parts was requested. A group that rebalances may execute the restart seconds
	// later: FAILED must hold five times as long until another state was seen.
	Restarted bool

	// Reached, if set, is called after each poll that shows the connector with all its tasks in State RUNNING, while they have
	// not held it long enough. Workers publish RUNNING when the start of a task has ended, and the status may lag behind a
	// change.
	Reached func()

	// InEffect, if set, reports whether the tasks have a new configuration. It is called after such polls until it returns
	// true, or until the tasks were seen in another state. RUNNING counts from then on only: before a worker starts tasks with
	// a new configuration, it waits until the previous ones have stopped, which the status does not show.
	InEffect func(context.Context) bool
}

// Await waits until the named connector is in the wanted state.
//
//   - RUNNING: the connector and all its tasks are RUNNING, and stay RUNNING for [Config.StableFor]. The time is at least
//     five times [Config.Settle] if there are no tasks: a few connectors need none, most have not created theirs yet. It
//     is at least thirty times [Config.Settle] if a task has no status: a task may take long to start.
//   - PAUSED: the connector and all its tasks are PAUSED.
//   - STOPPED: the connector is STOPPED and has no tasks.
//
// Await ends with a [*FailedError] if the connector or a task stays FAILED for [Config.Settle], and with a [*WaitError]
// if the context ends, if the connector does not exist, or if a request fails for good. It returns the last status, also
// together with an error.
//
// Callers that wait at the same time share one poll of all connectors.
func (c *Client) Await(ctx context.Context, name string, want State) (Status, error) {
	return c.AwaitChange(ctx, name, Wait{State: want})
}

// AwaitChange is [Client.Await] with more conditions.
func (c *Client) AwaitChange(ctx context.Context, name string, wait Wait) (Status, error) {
	var (
		series  = convergence{want: cmp.Or(wait.State, StateRunning), settle: c.cfg.Settle, stable: c.cfg.StableFor, restarts: wait.Restarted}
		last    Status
		have    Connector // what the connector is; no Name until it was read
		checked = time.Now()
		pause   = c.cfg.Poll.Min
	)
	ended := func(err error) (Status, error) {
		wait := &WaitError{Name: name, Want: series.want, Err: err}
		if last.known() {
			wait.Last = &last
		}
		return last, wait
	}
	if series.want != StateRunning && series.want != StatePaused && series.want != StateStopped {
		return ended(fmt.Errorf("%s is not a state that a connector can be set to", series.want))
	}
	c.listings.addWaiting(1)
	defer c.listings.addWaiting(-1)
	for {
		status, err := c.pollStatus(ctx, name)
		now := time.Now()
		// A connector without a status may have been deleted, and a task that is UNASSIGNED may not exist any more.
		if err == nil && (!status.known() || status.unassigned()) && time.Since(checked) >= c.cfg.Settle {
			checked = time.Now()
			have, err = c.recentConnector(ctx, name, 1)
		}
		if err != nil {
			return ended(err)
		}
		if have.Name != "" {
			status = status.withTasksOf(have)
		}
		status = wait.about(status)
		if at := status.Connector.State; wait.State == "" {
			series.want = StateRunning
			if at == StatePaused || at == StateStopped {
				series.want = at
			}
		}
		if status.known() {
			last = status
		}
		next := pause
		switch series.observe(now, status) {
		case underWay:
			if series.phase == reached && !series.idle {
				wait.reached(ctx, &series)
			} else if status.known() {
				wait.InEffect = nil
			}
			next = c.untilNextPoll(&series, pause)
		case failed:
			return status, &FailedError{Name: name, Failures: status.Failures()}
		case reached:
			if series.want != StateRunning {
				return status, nil
			}
			if have, err = c.recentConnector(ctx, name, 1); err != nil {
				return ended(err)
			}
			last = wait.about(status.withTasksOf(have))
			if len(last.Unseen) == 0 || now.Sub(series.since) >= unseenSettles*c.cfg.Settle {
				return last, nil
			}
		}
		if err := sleep(ctx, next); err != nil {
			return ended(err)
		}
		pause = min(pause+pause/4, c.cfg.Poll.Max)
	}
}

// AwaitAssigned reads the status of the named connector until it is [Status.Assigned].
func (c *Client) AwaitAssigned(ctx context.Context, name string) (Status, error) {
	for pause := c.cfg.Poll.Min; ; pause = min(pause+pause/4, c.cfg.Poll.Max) {
		status, err := c.statusOrNone(ctx, name)
		if err != nil {
			return status, err
		}
		if status.Assigned() {
			return status, nil
		}
		if err := sleep(ctx, pause); err != nil {
			return status, fmt.Errorf("no worker runs connector %q (last status: %v): %w", name, status, err)
		}
	}
}

// about returns what the wait is about: the status, or the part of it that concerns the one task.
func (w *Wait) about(status Status) Status {
	if w.Task == nil || !status.known() {
		return status
	}
	task := TaskStatus{ID: *w.Task, State: StateUnassigned} // until the worker reports the task
	for _, other := range status.Tasks {
		if other.ID == *w.Task {
			task = other
		}
	}
	status.Tasks = []TaskStatus{task}
	status.Unseen = nil
	if status.Connector.State == StateFailed { // the tasks of a FAILED connector may run
		status.Connector = ConnectorStatus{State: StateRunning}
	}
	return status
}

// reached is called while the connector and its tasks are RUNNING.
func (w *Wait) reached(ctx context.Context, series *convergence) {
	if w.Reached != nil {
		w.Reached()
	}
	if w.InEffect == nil {
		return
	}
	if w.InEffect(ctx) {
		w.InEffect = nil
	}
	series.since = time.Now()
}

// pollsPerPause is how many polls fit into the longest pause while a connector has to stay RUNNING. Frequent polls see that
// tasks start again.
const pollsPerPause = 4

// untilNextPoll returns the pause before the next poll. All callers whose connectors have to stay RUNNING poll at the same
// moments, so that they share one poll.
func (c *Client) untilNextPoll(series *convergence, pause time.Duration) time.Duration {
	now := time.Now()
	left := series.left(now)
	if series.phase != reached || series.idle {
		return min(pause, left)
	}
	moment := c.cfg.Poll.Max / pollsPerPause
	at := now.Add(min(moment, left) + moment - 1).Truncate(moment)
	return at.Sub(now)
}

// pollStatus returns the current status of a connector, or an empty one if there is none. A single waiter reads
// /connectors/{name}/status; two or more share one GET /connectors?expand=status, of which at most one is in flight.
func (c *Client) pollStatus(ctx context.Context, name string) (Status, error) {
	if poll := c.joinPoll(ctx); poll != nil {
		all, err := poll.wait(ctx)
		switch {
		case err == nil:
			return c.redact(ctx, all[name].Status), nil
		case ctx.Err() != nil:
			return Status{}, err
		} // else the connector's own status may be allowed, or its error tells the reason
	}
	return c.statusOrNone(ctx, name)
}

// joinPoll joins the poll that is sent next, so that its answer is not older than this call. It returns nil to a single
// waiter and while listings fail.
func (c *Client) joinPoll(ctx context.Context) *listing {
	l := &c.listings
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting < 2 || time.Now().Before(l.pausedUntil) {
		return nil
	}
	if l.nextPoll == nil || !l.nextPoll.join() {
		l.nextPoll = c.startListing(ctx, c.sendPoll)
	}
	return l.nextPoll
}

// sendPoll sends a poll after the previous one has ended. It pauses three times as long as the previous one took, so
// that slow workers are not kept busy.
func (c *Client) sendPoll(ctx context.Context, poll *listing) (map[string]ConnectorWithStatus, error) {
	l := &c.listings
	select {
	case l.polling <- struct{}{}:
		defer func() { <-l.polling }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := sleep(ctx, time.Until(l.pollAfter)); err != nil {
		return nil, err
	}
	l.mu.Lock()
	if l.nextPoll == poll {
		l.nextPoll = nil
	}
	l.mu.Unlock()
	begun := time.Now()
	all, err := c.list(ctx, "expand=status")
	l.pollAfter = time.Now().Add(min(max(c.cfg.Poll.Min, 3*time.Since(begun)), c.cfg.Poll.Max))
	return all, err
}

// Reached reports whether the status shows the wanted state, as [Client.Await] defines it. A single status proves
// little for RUNNING: see [Config.StableFor].
func (s Status) Reached(want State) bool {
	v := convergence{want: want}
	return v.phaseOf(s) == reached
}

// phase is how close a connector is to its wanted state.
type phase int

const (
	underWay phase = iota
	reached
	failed
)

// convergence evaluates a series of statuses. A single one proves little, because a status lags behind a change.
type convergence struct {
	want   State
	settle time.Duration // how long FAILED must hold
	stable time.Duration // how long RUNNING must hold

	restarts bool // FAILED may be the state before the restart; false once another state was seen

	phase phase     // of the last status
	idle  bool      // whether the last status was RUNNING without tasks
	since time.Time // when phase and idle last changed
}

// longSettles is how many times longer RUNNING must hold without tasks, and FAILED after a restart was requested: in a
// rebalance, tasks start and restarts happen seconds later.
const longSettles = 5

// unseenSettles is how many times longer RUNNING must hold while a task has no status. A task gets its first status when
// it has started, and may have to connect to something first. A worker may also lose the status of a task for good when
// the worker is restarted.
const unseenSettles = 30

// observe returns what the series proves after this status, which is empty if there is none.
func (v *convergence) observe(now time.Time, status Status) phase {
	seen, idle := v.phaseOf(status), status.Idle()
	v.restarts = v.restarts && (seen == failed || !status.known())
	if seen != v.phase || idle != v.idle {
		v.phase, v.idle, v.since = seen, idle, now
	}
	if v.left(now) > 0 {
		return underWay
	}
	return v.phase
}

// left returns how much longer the last status must hold before it proves anything.
func (v *convergence) left(now time.Time) time.Duration {
	switch {
	case v.phase == reached && v.want != StateRunning:
		return 0 // PAUSED and STOPPED are never passed through on the way to another state
	case v.phase == underWay:
		return v.settle
	}
	hold := v.settle
	if v.idle || v.restarts {
		hold *= longSettles
	}
	if v.phase == reached {
		hold = max(hold, v.stable)
	}
	return hold - now.Sub(v.since)
}

// phaseOf evaluates a single status.
func (v *convergence) phaseOf(status Status) phase {
	state := status.Connector.State
	switch {
	case v.want == StateStopped && state == StateFailed && len(status.Tasks) == 0, v.want != StateStopped && status.Failed():
		return failed
	case state != v.want:
		return underWay
	case v.want == StateStopped && len(status.Tasks) > 0: // the tasks disappear, whatever their states are
		return underWay
	}
	if slices.ContainsFunc(status.Tasks, func(task TaskStatus) bool { return task.State != v.want }) {
		return underWay
	}
	return reached
}
