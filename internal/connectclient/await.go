package connectclient

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// FailedError ends an [Client.Await]: the connector or tasks of it FAILED and stayed so.
type FailedError struct {
	Name     string
	Failures []Failure
}

// shown is how many failures an error spells out: the tasks of a connector mostly fail alike.
const shown = 3

// Error names the first few that failed, and why.
func (e *FailedError) Error() string {
	parts := make([]string, 0, shown+1)
	for i, failure := range e.Failures {
		if i == shown {
			parts = append(parts, fmt.Sprintf("and %d more", len(e.Failures)-shown))
			break
		}
		parts = append(parts, failure.String())
	}
	return fmt.Sprintf("connector %q failed: %s", e.Name, strings.Join(parts, "; "))
}

// WaitError is an [Client.Await] that ended before the connector was in the wanted state. It unwraps
// to why it ended: context.DeadlineExceeded, context.Canceled, [ErrNotFound], or an answer of the
// worker.
type WaitError struct {
	Name string
	Want State
	Last *Status // the last that was seen; nil if no status was
	Err  error
}

// Error names the connector, what was waited for and what was seen last.
func (e *WaitError) Error() string {
	seen := "no status was seen"
	if e.Last != nil {
		seen = "last seen: " + e.Last.String()
	}
	return fmt.Sprintf("connector %q did not become %s (%s): %v", e.Name, e.Want, seen, e.Err)
}

// Unwrap returns why the wait ended.
func (e *WaitError) Unwrap() error { return e.Err }

// Await waits until the named connector is in the wanted state.
//
//   - RUNNING: the connector and all of its tasks are RUNNING, and stay so for [Config.Settle]; five
//     times as long if there are no tasks, which some connectors have nothing to do for, but most only
//     have not got yet; thirty times as long if there are tasks without a status, as those are that
//     take their time to start.
//   - PAUSED: the connector and all of its tasks are PAUSED.
//   - STOPPED: the connector is STOPPED and has no tasks.
//
// It ends with a [*FailedError] when the connector or a task stays FAILED for [Config.Settle], and
// with a [*WaitError] when the context ends, when the connector is gone, or when the workers refuse
// to answer. The status returned is the last seen, also with an error.
//
// Many who wait at once share one poll of all connectors.
func (c *Client) Await(ctx context.Context, name string, want State) (Status, error) {
	return c.await(ctx, name, convergence{want: want, settle: c.cfg.Settle})
}

// AwaitRestart is [Client.Await] after a restart of what has FAILED was asked for. Workers that
// rebalance may carry it out seconds later: until something else than the failure was seen, it must
// hold five times as long.
func (c *Client) AwaitRestart(ctx context.Context, name string, want State) (Status, error) {
	return c.await(ctx, name, convergence{want: want, settle: c.cfg.Settle, restarts: true})
}

func (c *Client) await(ctx context.Context, name string, series convergence) (Status, error) {
	var (
		last   *Status
		want   = series.want
		pause  = c.cfg.Poll.Min
		have   *Connector   // what the connector is
		looked = time.Now() // when that was asked for, or the wait began
	)
	ended := func(err error) (Status, error) {
		wait := &WaitError{Name: name, Want: want, Last: last, Err: err}
		if last == nil {
			return Status{}, wait
		}
		return *last, wait
	}
	if want != StateRunning && want != StatePaused && want != StateStopped {
		return ended(fmt.Errorf("no connector can be asked to be %s", want))
	}
	c.watch.add(1)
	defer c.watch.add(-1)
	for {
		status, err := c.glance(ctx, name)
		now := time.Now()
		if err == nil && (status == nil || status.unassigned()) && time.Since(looked) >= c.cfg.Settle {
			have, looked = new(Connector), time.Now()
			*have, err = c.Connector(ctx, name)
		}
		if err != nil {
			return ended(err)
		}
		if status != nil {
			if have != nil {
				*status = status.of(*have)
			}
			last = status
		}
		next := pause
		switch series.observe(now, status) {
		case underWay:
			next = min(pause, series.left(time.Now()))
		case failed:
			return *status, &FailedError{Name: name, Failures: status.Failures()}
		case reached:
			if want != StateRunning {
				return *status, nil
			}
			have = new(Connector)
			if *have, err = c.Connector(ctx, name); err != nil {
				return ended(err)
			}
			*status = status.of(*have)
			if len(status.Unseen) == 0 || now.Sub(series.since) >= unseenSettles*c.cfg.Settle {
				return *status, nil
			}
		}
		if err := sleep(ctx, next); err != nil {
			return ended(err)
		}
		pause = min(2*pause, c.cfg.Poll.Max)
	}
}

// Reached reports whether the status shows the wanted state, as [Client.Await] means it. Of RUNNING one
// status proves little: see [Config.Settle].
func (s Status) Reached(want State) bool {
	v := convergence{want: want}
	return v.look(&s) == reached
}

// phase is how far a connector has come.
type phase int

const (
	underWay phase = iota
	reached
	failed
)

// convergence judges a series of statuses. One by itself proves little: it lags a change.
type convergence struct {
	want   State
	settle time.Duration

	restarts bool // a failure may be one of before, until something else was seen

	phase phase     // what the last status looks like
	idle  bool      // whether it was reached without tasks
	since time.Time // since when
}

// longSettles is how many times longer a connector without tasks must hold RUNNING, and one that is being restarted
// FAILED: while workers come and go, tasks follow their connector by seconds, as restarts follow the wish for them.
const longSettles = 5

// unseenSettles is how many times longer RUNNING must hold where tasks have no status: a task gets its first when it has
// started, for which it may have to connect to something. For good it lacks one on a worker that has forgotten it, as some do
// that were started anew.
const unseenSettles = 30

// observe returns what the status, nil for none, proves at this time.
func (v *convergence) observe(now time.Time, status *Status) phase {
	seen := v.look(status)
	idle := status != nil && status.Idle()
	v.restarts = v.restarts && (seen == failed || status == nil)
	if seen != v.phase || idle != v.idle {
		v.phase, v.idle, v.since = seen, idle, now
	}
	if v.left(now) > 0 {
		return underWay
	}
	return v.phase
}

// left returns for how long the last status must hold from now on before it proves anything.
func (v *convergence) left(now time.Time) time.Duration {
	switch {
	case v.phase == reached && v.want != StateRunning:
		return 0 // nothing passes through PAUSED or STOPPED on its way
	case v.phase == underWay:
		return v.settle
	case v.idle, v.restarts:
		return longSettles*v.settle - now.Sub(v.since)
	}
	return v.settle - now.Sub(v.since)
}

// look returns what the status looks like.
func (v *convergence) look(status *Status) phase {
	if status == nil {
		return underWay
	}
	if v.want == StateStopped {
		return stopped(status)
	}
	if status.Failed() {
		return failed
	}
	if status.Connector.State != v.want {
		return underWay
	}
	for _, task := range status.Tasks {
		if task.State != v.want {
			return underWay
		}
	}
	return reached
}

// stopped is look for STOPPED, whose tasks go whatever state they were in.
func stopped(status *Status) phase {
	switch {
	case status.Connector.State == StateFailed:
		return failed
	case status.Connector.State == StateStopped && len(status.Tasks) == 0:
		return reached
	}
	return underWay
}

// watch tells all who wait for a connector how it is: one who waits alone by a look at that connector,
// more of them by one listing of statuses, of which there is never more than one under way.
type watch struct {
	mu      sync.Mutex
	waiting int              // how many wait
	refused bool             // the workers give no listing
	next    *flight[listing] // the one that has not begun, and takes whoever asks

	turn  sync.Mutex // held by a listing that is under way
	ready time.Time  // when the next may begin

	failed atomic.Pointer[Error] // of the listing that is under way
}

// add counts those who wait.
func (w *watch) add(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting += n
}

// glance returns the status of a connector as of now, or nil if it has none.
func (c *Client) glance(ctx context.Context, name string) (*Status, error) {
	if f := c.joinListing(ctx); f != nil {
		all, err := f.wait(ctx)
		switch {
		case err == nil && all[name].Status == nil:
			return nil, nil //nolint:nilnil // no status is none
		case err == nil:
			status := all[name].Status.hiding(ctx, c.secrets)
			return &status, nil
		case ctx.Err() != nil:
			return nil, err
		}
		c.watch.refuse() // a look at the one connector will say why, unless that alone is allowed
	}
	return c.statusIfAny(ctx, name)
}

func (w *watch) refuse() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused = true
}

// joinListing joins the next listing, which shows nothing older than this call. It returns nil to one
// who waits alone.
func (c *Client) joinListing(ctx context.Context) *flight[listing] {
	w := &c.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting < 2 || w.refused {
		return nil
	}
	if w.next == nil || !w.next.join() {
		w.next = fly(ctx, &w.failed, c.listStatuses)
	}
	return w.next
}

// listStatuses lists when the listing before is over, and so long after it that workers which take their
// time for it are not kept busy by it.
func (c *Client) listStatuses(ctx context.Context, f *flight[listing]) (listing, error) {
	w := &c.watch
	w.turn.Lock() // the one under way ends with its own context
	defer w.turn.Unlock()
	if err := sleep(ctx, time.Until(w.ready)); err != nil {
		return nil, err
	}
	w.mu.Lock()
	if w.next == f {
		w.next = nil
	}
	w.mu.Unlock()
	begun := time.Now()
	all, err := c.list(ctx, &w.failed, "expand=status")
	w.ready = time.Now().Add(min(max(c.cfg.Poll.Min, 3*time.Since(begun)), c.cfg.Poll.Max))
	return all, err
}

// sleep returns after the pause, or with why the context ended before.
func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
