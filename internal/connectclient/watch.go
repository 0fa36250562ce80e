package connectclient

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

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
