package connectclient

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
)

// view is a connector with its status, as a listing shows it.
type view struct {
	Info   *Connector `json:"info"`
	Status *Status    `json:"status"` // nil if there is none yet
}

// listing has the views of all connectors, by name.
type listing map[string]view

// list returns what all connectors are (expand=info), what they are doing (expand=status), or both. It
// lacks those that have no status yet. While it has to ask again, failed has the last answer.
func (c *Client) list(ctx context.Context, failed *atomic.Pointer[Error], expand string) (listing, error) {
	// GET /connectors?expand=
	var all listing
	_, err := c.do(ctx, call{method: http.MethodGet, path: "/connectors", query: expand, out: &all, repeated: failed.Store})
	if err == nil {
		failed.Store(nil)
	}
	return all, err
}

// snapshot answers the reads of a run that changes nothing, such as a plan. It ends with the first write.
type snapshot struct {
	mu    sync.Mutex
	over  bool            // something was written, or the workers give no listing
	first string          // the connector that was asked for first
	seen  map[string]view // what was read by itself
	all   *flight[listing]

	failed atomic.Pointer[Error] // of the listing
}

// Look returns the named connector and its status, or [ErrNotFound]. A connector that has no status yet
// has an empty one. Traces in the status do not show what the connector has for the secretKeys. The
// configuration must not be changed: others may be shown the same.
//
// Look is for a run that reads many connectors, changes none and ends. The first of them is read by
// itself. Once there is a second, one listing of all connectors answers for the rest, and for as long as
// the Client lives; what the listing lacks is read by itself before it counts as gone. From the first
// write of the Client on, every look is a read of its own.
func (c *Client) Look(ctx context.Context, name string, secretKeys ...string) (Connector, Status, error) {
	if err := ValidName(name); err != nil {
		return Connector{}, Status{}, err
	}
	seen, err := c.see(ctx, name)
	if err != nil {
		return Connector{}, Status{}, err
	}
	if seen.Status == nil {
		return *seen.Info, Status{Name: name, Type: seen.Info.Type}, nil
	}
	var hidden []string
	for _, key := range secretKeys {
		hidden = append(hidden, seen.Info.Config[key])
	}
	return *seen.Info, seen.Status.of(*seen.Info).hiding(WithSecrets(ctx, hidden...), c.secrets), nil
}

// see returns a connector that exists: from the snapshot if that has it, else read by itself.
func (c *Client) see(ctx context.Context, name string) (view, error) {
	if seen, err := c.remembered(ctx, name); seen.Info != nil || err != nil {
		return seen, err
	}
	info, err := c.Connector(ctx, name)
	if err != nil {
		return view{}, err
	}
	status, err := c.statusIfAny(ctx, name)
	if err != nil {
		return view{}, err
	}
	seen := view{Info: &info, Status: status}
	c.snapshot.remember(name, seen)
	return seen, nil
}

// remembered returns what the snapshot knows of a connector, after a listing if it is time for one. It
// returns nothing for a connector that is to be read by itself.
func (c *Client) remembered(ctx context.Context, name string) (view, error) {
	seen, f := c.consult(ctx, name)
	if f == nil {
		return seen, nil
	}
	all, err := f.wait(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return view{}, err
	case err != nil: // the read of the one connector will say why, unless that alone is allowed
		c.snapshot.end()
	}
	return all[name], nil
}

// consult returns what was read of the connector by itself, the listing to wait for, or neither.
func (c *Client) consult(ctx context.Context, name string) (view, *flight[listing]) {
	s := &c.snapshot
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first == "" {
		s.first = name
	}
	seen, ok := s.seen[name]
	if ok || s.over || s.first == name {
		return seen, nil
	}
	if s.all == nil || !s.all.join() {
		s.all = fly(ctx, &s.failed, func(ctx context.Context, _ *flight[listing]) (listing, error) {
			return c.list(ctx, &s.failed, "expand=info&expand=status")
		})
	}
	return view{}, s.all
}

// remember keeps what was read, unless something was written meanwhile.
func (s *snapshot) remember(name string, seen view) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	if s.seen == nil {
		s.seen = map[string]view{}
	}
	s.seen[name] = seen
}

// end forgets everything, and keeps nothing from now on.
func (s *snapshot) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over, s.seen, s.all = true, nil, nil
}

// hiding returns the status with traces that do not show the secrets.
func (s Status) hiding(ctx context.Context, secrets *Secrets) Status {
	if !s.hasTrace() {
		return s
	}
	s.Tasks = slices.Clone(s.Tasks)
	s.hide(secrets.with(secretsOf(ctx)))
	return s
}

func (s Status) hasTrace() bool {
	return s.Connector.Trace != "" || slices.ContainsFunc(s.Tasks, func(task TaskStatus) bool { return task.Trace != "" })
}

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
