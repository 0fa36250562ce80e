package connectclient

import (
	"context"
	"sync"
	"sync/atomic"
)

// flight is one request that many callers wait for, each with a context of its own. It ends with its
// answer, or when the last caller has gone: no caller can call it off for the others.
type flight[T any] struct {
	landed chan struct{} // closed when answer and err are there
	answer T
	err    error

	failed *atomic.Pointer[Error] // the last answer, if it was none and is being asked for again

	mu      sync.Mutex
	callers int // who joined, less who left before it landed
	cancel  context.CancelFunc
}

// fly starts a request for a first caller, who has to wait for it like those that join. Whoever does not
// wait to the end is told what is in failed by then.
func fly[T any](ctx context.Context, failed *atomic.Pointer[Error], ask func(context.Context, *flight[T]) (T, error)) *flight[T] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight[T]{landed: make(chan struct{}), failed: failed, callers: 1, cancel: cancel}
	go func() {
		defer cancel()
		defer close(f.landed)
		f.answer, f.err = ask(ctx, f)
	}()
	return f
}

// join adds a caller, or returns false for a flight that all callers have left. It may have landed
// already.
func (f *flight[T]) join() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.callers == 0 {
		return false
	}
	f.callers++
	return true
}

// wait returns the answer, or why the caller's context ended before there was one.
func (f *flight[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-f.landed:
		return f.answer, f.err
	case <-ctx.Done():
		f.leave()
		var none T
		return none, f.gaveUp(ctx)
	}
}

func (f *flight[T]) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.callers--
	if f.callers == 0 {
		f.cancel()
	}
}

// gaveUp is what is left to say to a caller whose context ended.
func (f *flight[T]) gaveUp(ctx context.Context) error {
	last := f.failed.Load()
	if last == nil {
		return ctx.Err()
	}
	e := *last
	e.Message, e.ended = secretsOf(ctx).Hide(e.Message), ctx.Err()
	return &e
}
