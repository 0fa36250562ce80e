package connectclient

import (
	"context"
	"errors"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// ConnectorWithStatus is a connector together with its status.
type ConnectorWithStatus struct {
	Connector Connector
	Status    Status // the connector's State is empty if there is no status yet
}

// Connectors returns all connectors with their status, by name, in one request. Workers leave out a connector that has
// no status yet, and one that is deleted at the same time: a name that is missing does not prove absence.
func (c *Client) Connectors(ctx context.Context) (map[string]ConnectorWithStatus, error) {
	// GET /connectors?expand=info&expand=status
	all, err := c.list(ctx, "expand=info&expand=status")
	for name, one := range all {
		if one.Connector.Name == "" { // deleted at the same time
			delete(all, name)
			continue
		}
		one.Status = c.redactOf(ctx, one.Connector, one.Status)
		all[name] = one
	}
	return all, err
}

// CachedConnectors is [Client.Connectors] with the cache of [Client.ConnectorWithStatus]: before the first write below
// /connectors, all callers share one listing. The caller must not change the configurations: they may be shared.
func (c *Client) CachedConnectors(ctx context.Context) (map[string]ConnectorWithStatus, error) {
	pending := c.cacheListing(ctx)
	if pending == nil {
		return c.Connectors(ctx)
	}
	listed, err := pending.wait(ctx)
	if err != nil {
		return nil, err
	}
	all := make(map[string]ConnectorWithStatus, len(listed))
	for name, one := range listed {
		if one.Connector.Name != "" {
			one.Status = c.redactOf(ctx, one.Connector, one.Status)
			all[name] = one
		}
	}
	return all, nil
}

// cacheListing returns the listing of the cache, which it starts if there is none. It returns nil after the first write, and
// while listings are paused after one failed.
func (c *Client) cacheListing(ctx context.Context) *listing {
	if c.written.Load() {
		return nil
	}
	l := &c.listings
	l.mu.Lock()
	defer l.mu.Unlock()
	return c.joinCache(ctx)
}

// list returns all connectors with what the query expands; the rest is empty. So is a connector that is deleted at the
// same time: a worker then answers "info": null, or leaves it out. Stack traces still show secrets.
func (c *Client) list(ctx context.Context, query string) (map[string]ConnectorWithStatus, error) {
	// GET /connectors?expand=…
	var answer expanded
	_, err := c.do(ctx, call{
		method: http.MethodGet, path: "/connectors", query: query, out: &answer, onRetry: c.listings.lastFailure.Store,
	})
	if err != nil {
		return nil, err
	}
	c.listings.lastFailure.Store(nil)
	all := make(map[string]ConnectorWithStatus, len(answer))
	for name, one := range answer {
		listed := ConnectorWithStatus{Status: one.Status}
		if one.Info != nil {
			listed.Connector = *one.Info
		}
		all[name] = listed
	}
	return all, nil
}

// ConnectorWithStatus returns the named connector and its status, or [ErrNotFound]. Without a status, the State of the
// connector is empty. Stack traces in the status show neither the secrets in the connector's configuration nor its values
// of secretKeys. The caller must not change the configuration: it may be shared.
//
// The answer may come from a cache, which serves a run that reads many connectors and changes none, such as a plan.
// The first connector is read with its own requests. The second one starts one listing of all connectors, which
// answers the rest for the lifetime of the Client. A connector that is missing in the listing is read with its own
// requests, which decide whether it exists. The first write below /connectors ends the cache.
func (c *Client) ConnectorWithStatus(ctx context.Context, name string, secretKeys ...string) (Connector, Status, error) {
	if err := ValidName(name); err != nil {
		return Connector{}, Status{}, err
	}
	one, err := c.fromCache(ctx, name)
	if err == nil && one.Connector.Name == "" {
		one, err = c.readConnector(ctx, name)
	}
	if err != nil {
		return Connector{}, Status{}, err
	}
	if one.Status.Connector.State == "" {
		return one.Connector, Status{Name: name, Type: one.Connector.Type}, nil
	}
	return one.Connector, c.redactOf(ctx, one.Connector, one.Status, secretKeys...), nil
}

// Find returns the named connector, or one without a Name if the worker does not list it. It shares the cache of
// [Client.ConnectorWithStatus], but sends no request of its own for a name that is missing in the listing: most callers
// expect the name to be free, and the listing may be late. After the first write it returns nothing.
func (c *Client) Find(ctx context.Context, name string) (Connector, error) {
	if err := ValidName(name); err != nil {
		return Connector{}, err
	}
	if c.written.Load() {
		return Connector{}, nil
	}
	one, pending := c.cachedOrListing(ctx, name)
	if pending != nil {
		all, err := pending.wait(ctx)
		return all[name].Connector, err
	}
	if one.Connector.Name != "" || !c.isFirst(name) {
		return one.Connector, nil
	}
	one, err := c.readConnector(ctx, name)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return one.Connector, err
}

// recent is how old the answer of [Client.RecentConnector] may be. A listing may be joined for half of that time.
const recent = 2 * time.Second

// If a listing takes longer than slowListing, connectors are read with their own requests for ten times as long as it took. A
// worker needs 50 ms to list 1000 connectors, and the time grows with the square of their number.
const slowListing = recent / 2

// RecentConnector returns the named connector as it was at most two seconds ago, or [ErrNotFound]. The caller must not change
// the configuration: it may be shared.
//
// A call sends its own request, unless others wait for connectors: see [Client.Await]. Then it shares a listing of all
// connectors, of which at most one a second is sent. Workers answer a listing immediately. They answer GET /connectors/{name}
// only after the changes that they execute, and a worker that stops a task waits for it.
func (c *Client) RecentConnector(ctx context.Context, name string) (Connector, error) {
	return c.recentConnector(ctx, name, 0)
}

// recentConnector is RecentConnector for one of the callers of Await or, if waiting is 0, for another caller.
func (c *Client) recentConnector(ctx context.Context, name string, waiting int) (Connector, error) {
	if pending, began := c.recentListing(ctx, name, waiting); pending != nil {
		all, err := pending.wait(ctx)
		if err != nil && ctx.Err() != nil {
			return Connector{}, err
		}
		if one := all[name].Connector; one.Name != "" && time.Since(began) <= recent {
			return one, nil
		} // else the connector's own request decides whether it exists, and what it is
	}
	return c.Connector(ctx, name)
}

// recentListing joins the last listing if it is recent enough, or else starts one. It returns no listing if nobody else waits
// for a connector, for names that cannot be in a listing, and while listings fail or take long.
func (c *Client) recentListing(ctx context.Context, name string, waiting int) (pending *listing, began time.Time) {
	l := &c.listings
	l.mu.Lock()
	defer l.mu.Unlock()
	age := time.Since(l.recentBegan)
	slow := l.recentTook > slowListing && age < 10*l.recentTook
	if slow || l.waiting <= waiting || ValidName(name) != nil || time.Now().Before(l.pausedUntil) {
		return nil, began
	}
	if l.recent == nil || age > recent/2 || !l.recent.join() {
		l.recentBegan = time.Now()
		l.recent = c.startListing(ctx, func(ctx context.Context, _ *listing) (map[string]ConnectorWithStatus, error) {
			began := time.Now()
			all, err := c.list(ctx, "expand=info")
			l.mu.Lock()
			defer l.mu.Unlock()
			l.recentTook = time.Since(began)
			return all, err
		})
	}
	return l.recent, l.recentBegan
}

// isFirst reports whether the connector was the first one that was read.
func (c *Client) isFirst(name string) bool {
	c.listings.mu.Lock()
	defer c.listings.mu.Unlock()
	return c.listings.first == name
}

// readConnector reads a connector with its own requests and adds it to the cache.
func (c *Client) readConnector(ctx context.Context, name string) (one ConnectorWithStatus, err error) {
	l := &c.listings
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.first == name {
			l.readingFirst = false
		}
		if err != nil {
			return
		}
		if l.single == nil {
			l.single = map[string]ConnectorWithStatus{}
		}
		l.single[name] = one
	}()
	if one.Connector, err = c.Connector(ctx, name); err != nil {
		return one, err
	}
	one.Status, err = c.statusOrNone(ctx, name)
	return one, err
}

// fromCache returns the connector as the cache holds it, after a listing if the cache needs one. It returns nothing for
// a connector that has to be read with its own requests.
func (c *Client) fromCache(ctx context.Context, name string) (ConnectorWithStatus, error) {
	if c.written.Load() {
		return ConnectorWithStatus{}, nil
	}
	one, pending := c.cachedOrListing(ctx, name)
	if pending == nil {
		return one, nil
	}
	all, err := pending.wait(ctx)
	if err != nil && ctx.Err() != nil {
		return ConnectorWithStatus{}, err
	}
	return all[name], nil // nothing if the listing failed: the connector's own requests may be allowed, or tell the reason
}

// cachedOrListing returns what was read of the connector, the listing to wait for, or neither.
func (c *Client) cachedOrListing(ctx context.Context, name string) (ConnectorWithStatus, *listing) {
	l := &c.listings
	l.mu.Lock()
	defer l.mu.Unlock()
	isFirst := l.first == "" && l.cache == nil
	if isFirst {
		l.first, l.readingFirst = name, true
	}
	one, ok := l.single[name]
	if ok || isFirst || l.first == name && !l.readingFirst {
		return one, nil
	}
	return one, c.joinCache(ctx)
}

// joinCache joins the listing of the cache, or starts it, for a caller that holds listings.mu. It returns nil while listings
// are paused.
func (c *Client) joinCache(ctx context.Context) *listing {
	l := &c.listings
	if l.cache == nil || !l.cache.join() {
		if time.Now().Before(l.pausedUntil) {
			return nil
		}
		l.cache = c.startListing(ctx, func(ctx context.Context, _ *listing) (map[string]ConnectorWithStatus, error) {
			return c.list(ctx, "expand=info&expand=status")
		})
	}
	return l.cache
}

// listings are the requests that the callers of a Client share: one listing for the cache, and one status poll after
// the other for all that wait.
type listings struct {
	mu sync.Mutex // guards all but lastFailure and pollAfter

	// first is the connector that was read first, which starts no listing; single is what was read without one.
	first        string
	readingFirst bool // its requests have been sent, and are not answered yet
	single       map[string]ConnectorWithStatus
	cache        *listing

	recent      *listing
	recentBegan time.Time
	recentTook  time.Duration // of the last one that has ended

	waiting   int           // how many callers of Await there are
	nextPoll  *listing      // the poll that has not been sent yet
	polling   chan struct{} // holds one element while a poll is in flight
	pollAfter time.Time     // the earliest time of the next poll; guarded by polling

	pausedUntil time.Time             // after a listing failed, connectors are read with their own requests until then
	lastFailure atomic.Pointer[Error] // the last answer to the listing in flight, if the listing is being retried
}

// addWaiting counts the callers of Await.
func (l *listings) addWaiting(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting += n
}

// listing is one GET /connectors that many callers wait for, each with its own context. No caller can cancel it for the
// others; it is cancelled when the last caller gives up.
type listing struct {
	shared  *listings
	callers int  // how many callers joined and have not given up
	failed  bool // nobody may join any more
	cancel  context.CancelFunc

	done chan struct{} // closed when all and err are set
	all  map[string]ConnectorWithStatus
	err  error
}

// listingTries is how often a listing is sent while the worker answers with an error 500 that is not known to be temporary.
// Without the listing, each connector costs two requests.
const listingTries = 3

// isUnknownFailure reports whether an error is a 500 of the worker that tells nothing about its cause.
func isUnknownFailure(err error) bool {
	answer, ok := errors.AsType[*Error](err)
	return ok && answer.Status >= http.StatusInternalServerError && len(answer.kinds) == 0
}

// startListing sends a listing for a first caller, which holds listings.mu and then waits. A listing that fails is not
// sent again for the pause of [Config.Retry], or never if the worker forbids it.
func (c *Client) startListing(ctx context.Context, send func(context.Context, *listing) (map[string]ConnectorWithStatus, error)) *listing {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l := &listing{shared: &c.listings, callers: 1, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer cancel()
		defer close(l.done)
		for try := 1; ; try++ {
			l.all, l.err = send(ctx, l)
			if try == listingTries || !isUnknownFailure(l.err) || sleep(ctx, c.cfg.Retry.Min) != nil {
				break
			}
		}
		l.shared.mu.Lock()
		defer l.shared.mu.Unlock()
		l.failed = l.err != nil
		switch {
		case l.err == nil || ctx.Err() != nil:
		case errors.Is(l.err, ErrForbidden):
			l.shared.pausedUntil = time.Now().Add(math.MaxInt64)
		default:
			l.shared.pausedUntil = time.Now().Add(c.cfg.Retry.Max)
		}
	}()
	return l
}

// join adds a caller, which holds listings.mu and then waits. It returns false for a listing that failed or was
// cancelled.
func (l *listing) join() bool {
	if l.failed || l.callers == 0 {
		return false
	}
	l.callers++
	return true
}

// wait returns the listing. A caller whose context ends first gets the last failure, if the listing is being retried.
func (l *listing) wait(ctx context.Context) (map[string]ConnectorWithStatus, error) {
	select {
	case <-l.done:
		return l.all, l.err
	case <-ctx.Done():
	}
	l.shared.mu.Lock()
	defer l.shared.mu.Unlock()
	if l.callers--; l.callers == 0 {
		l.cancel()
	}
	last := l.shared.lastFailure.Load()
	if last == nil {
		return nil, ctx.Err()
	}
	e := *last
	e.Message, e.ended = secretsOf(ctx).Hide(e.Message), ctx.Err()
	return nil, &e
}
