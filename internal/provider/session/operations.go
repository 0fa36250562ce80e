package session

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Operations are the creates and updates of connectors that are in flight in this run, and the waits that go on after their
// operation has ended.
//
// Whether a connector stays RUNNING is known only after connect.stable_for. Terraform has ten operations in flight, so an
// apply of many connectors would pay that time once for every ten. Therefore an operation ends as soon as its connector is
// RUNNING, if another operation is in flight. Its wait continues. The operation that ends last waits for all of these waits
// and returns what they found, so the apply fails if any connector does.
type Operations struct {
	mu       sync.Mutex
	inFlight int
	waiting  []*Operation  // that have ended and whose wait goes on
	found    []Late        // what these waits found, not returned yet
	over     bool          // an interrupt has ended the last operation
	changed  chan struct{} // closed at the next change of the fields above
	turn     chan struct{} // see Operation.Turn
}

// Late is what a wait found after its operation had ended.
type Late struct {
	Name string
	Waited
}

// Waited is the result of [Operation.Wait].
type Waited struct {
	Err      error            // nil if the connector is in its declared state
	Warnings diag.Diagnostics // about a connector that is in its declared state
	Left     bool             // the connector is RUNNING, and the wait goes on
}

// Operation is one create or update.
type Operation struct {
	// Turn holds one element while one of the operations sends a request that workers refuse while they rebalance. One
	// operation is enough to find out when that ends.
	Turn chan struct{}

	all    *Operations // nil for an operation of Undo
	name   string
	cancel context.CancelFunc // of its wait
	undoes bool               // its wait is in Undo; guarded by all.mu
}

// Begin adds an operation on the named connector. [Operation.End] must follow.
func (o *Operations) Begin(name string) *Operation {
	o.change(func() {
		o.inFlight++
		if o.turn == nil {
			o.turn = make(chan struct{}, 1)
		}
	})
	return &Operation{Turn: o.turn, all: o, name: name}
}

// change changes the fields and wakes those who wait for a change.
func (o *Operations) change(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f()
	o.wake()
}

// wake wakes those who wait for a change. The caller holds mu.
func (o *Operations) wake() {
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
}

// nextChange returns a channel that the next change closes. The caller holds mu.
func (o *Operations) nextChange() <-chan struct{} {
	if o.changed == nil {
		o.changed = make(chan struct{})
	}
	return o.changed
}

// Wait runs wait, which calls running when the connector is RUNNING and goes on until it is known to stay so. Wait returns
// the result of wait. Once running was called and while another operation is in flight, Wait ends with Left, and
// the result goes to [Operation.End] of an operation that ends later. The deadline of ctx applies to wait in any case.
func (op *Operation) Wait(ctx context.Context, wait func(ctx context.Context, running func()) Waited) Waited {
	if op.all == nil {
		return wait(ctx, func() {})
	}
	waitCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if deadline, ok := ctx.Deadline(); ok {
		cancel()
		waitCtx, cancel = context.WithDeadline(context.WithoutCancel(ctx), deadline)
	}
	op.cancel = cancel
	done, running := make(chan Waited, 1), make(chan struct{})
	go func() {
		defer cancel()
		done <- wait(waitCtx, sync.OnceFunc(func() { close(running) }))
	}()
	var changed <-chan struct{} // nil until the connector is RUNNING
	for {
		select {
		case result := <-done:
			return result
		case <-running:
			running = nil
		case <-changed:
		case <-ctx.Done():
			if !errors.Is(ctx.Err(), context.DeadlineExceeded) { // which waitCtx has, too
				cancel()
			}
			return <-done
		}
		var left bool
		if changed, left = op.leave(done); left {
			return Waited{Left: true}
		}
	}
}

// leave lets the wait go on after the operation if another one is in flight. If not, it returns a channel that the next change
// closes.
func (op *Operation) leave(done <-chan Waited) (changed <-chan struct{}, ok bool) {
	o := op.all
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.inFlight == 1 || op.undoes {
		return o.nextChange(), false
	}
	o.waiting = append(o.waiting, op)
	go func() {
		result := <-done
		o.change(func() {
			i := slices.Index(o.waiting, op)
			o.waiting = slices.Delete(o.waiting, i, i+1)
			if result.Err != nil || len(result.Warnings) > 0 {
				o.found = append(o.found, Late{op.name, result})
			}
		})
	}()
	return nil, true
}

// How long [Operation.Undo] has if the deadline of its wait is nearer, and after an interrupt.
const (
	undoTimeout = time.Minute
	undoGrace   = 10 * time.Second
)

// Undo is for a wait that has found a failure, as the last thing it does: it runs undo, which makes up for the failure, and returns
// its error. The context of undo ends a minute after the call or at the deadline of ctx, whichever is later, and ten seconds after
// an interrupt. [Operation.End] waits for undo in any case. The operation that undo receives is a part of this wait: it
// never leaves.
func (op *Operation) Undo(ctx context.Context, undo func(ctx context.Context, op *Operation) error) error {
	over := false
	op.all.change(func() { over, op.undoes = op.all.over, true })
	if over {
		return context.Canceled // the process is about to end
	}
	timeout := undoTimeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = max(timeout, time.Until(deadline))
	}
	undoCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return
		}
		select {
		case <-time.After(undoGrace):
			cancel()
		case <-undoCtx.Done():
		}
	})
	defer stop()
	return undo(undoCtx, &Operation{Turn: op.Turn})
}

// End ends the operation. If no other one is in flight, it first waits until no wait is left, another operation begins, or
// ctx ends. It returns what waits found if this operation is the last one, or if takes is true: for an operation that has
// failed itself, or an update, because Terraform taints no other connector then. If ctx ended, unfinished names the
// connectors that are still being waited for. A wait in [Operation.Undo] is never unfinished.
func (op *Operation) End(ctx context.Context, takes bool) (found []Late, unfinished []string) {
	o := op.all
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.inFlight == 1 && o.goesOn(ctx) {
		changed, interrupted := o.nextChange(), ctx.Done()
		if ctx.Err() != nil {
			interrupted = nil
		}
		o.mu.Unlock()
		select {
		case <-changed:
		case <-interrupted:
		}
		o.mu.Lock()
	}
	last := o.inFlight == 1
	o.inFlight--
	o.wake()
	if last || takes {
		found, o.found = o.found, nil
	}
	if last {
		o.over = ctx.Err() != nil
		for _, other := range o.waiting {
			unfinished = append(unfinished, other.name)
		}
	}
	return found, unfinished
}

// goesOn reports whether the last operation has to wait for another wait: for any one, or after an interrupt for those in
// [Operation.Undo], which it tells. The caller holds mu.
func (o *Operations) goesOn(ctx context.Context) bool {
	if ctx.Err() == nil {
		return len(o.waiting) > 0
	}
	undoes := false
	for _, op := range o.waiting {
		if op.undoes {
			undoes = true
			op.cancel()
		}
	}
	return undoes
}
