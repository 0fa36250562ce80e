package connectclient

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"path"
	"strings"
	"time"
)

// Patience is how long [Client.Reach] waits for a worker.
type Patience struct {
	Refused time.Duration // while connections are refused, host names are unknown, or another server answers 404
	Silent  time.Duration // in any other case
}

// activeGrace is how much longer than another worker the one that got the requests so far may take to answer.
const activeGrace = time.Second

// Reach asks all workers at the same time until one of them answers. If the worker that got the requests so far does not
// answer, the one that does gets the following requests. Reach returns what that worker tells about itself.
//
// If no worker answers in time, the error is one that waiting may cure: see [MayRecover]. A server that will never answer as
// a worker, such as one that rejects the credentials or is not Kafka Connect, ends the wait for its URL immediately.
func (c *Client) Reach(ctx context.Context, patience Patience) (Cluster, error) {
	ctx, cancel := context.WithTimeout(ctx, max(patience.Refused, patience.Silent))
	defer cancel()
	type result struct {
		worker  int
		cluster Cluster
		failure *Error
	}
	results := make(chan result, len(c.workers))
	for i := range c.workers {
		go func() {
			cluster, failure := c.reachWorker(ctx, i, patience)
			results <- result{i, cluster, failure}
		}()
	}
	active := int(c.active.Load())
	var answered *result
	var grace <-chan time.Time
	var found *Error
	for range c.workers {
		var r result
		select {
		case r = <-results:
		case <-grace:
			c.active.Store(int64(answered.worker))
			return answered.cluster, nil
		}
		switch {
		case r.failure == nil && r.worker == active:
			return r.cluster, nil
		case r.failure == nil && answered == nil:
			answered, grace = &r, time.After(activeGrace)
		case r.failure != nil && (found == nil || MayRecover(found) && !MayRecover(r.failure)):
			found = r.failure
		}
	}
	if answered == nil {
		return Cluster{}, found
	}
	c.active.Store(int64(answered.worker))
	return answered.cluster, nil
}

// MayRecover reports whether an error is one that workers give while they are down, starting or busy, so that a later
// request may succeed without any other change.
func MayRecover(err error) bool {
	if errors.Is(err, ErrForeign) {
		return false
	}
	for _, kind := range []error{ErrUnavailable, ErrStarting, ErrRebalancing, ErrNoLeader, ErrStale, context.DeadlineExceeded} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// reachWorker asks one worker until its answer is final or the patience ends.
func (c *Client) reachWorker(ctx context.Context, worker int, patience Patience) (Cluster, *Error) {
	// GET /
	var cluster Cluster
	began, pause := time.Now(), time.Duration(0)
	r := c.reader(ctx, worker, "/", &cluster)
	for {
		_, failure, err := r.attempt(ctx)
		switch {
		case err != nil:
			return cluster, &Error{Method: r.method, Host: c.workers[worker].Host, Path: r.path, Message: err.Error()}
		case failure == nil && cluster.Version == "":
			failure = r.foreign("an answer without a version, which is not from Kafka Connect")
		case failure == nil:
			return cluster, nil
		case ctx.Err() != nil && r.last != nil: // the end of the patience caused this failure
			return cluster, r.last
		case strings.HasPrefix(failure.Message, noHTTP) && r.attempts == 1:
			c.explainSilence(ctx, worker, failure)
		}
		r.last = failure
		limit := patience.Silent
		if failure.quick {
			limit = patience.Refused
		}
		switch {
		case c.listsConnectors(ctx, worker, failure):
			return cluster, nil
		case failure.retry == noRetry || time.Since(began) >= limit:
			return cluster, failure
		}
		pause = min(max(2*pause, c.cfg.Retry.Min), time.Second, max(0, limit-time.Since(began)))
		if sleep(ctx, max(pause, failure.retryAfter)) != nil {
			return cluster, failure
		}
	}
}

// listsConnectors reports whether a worker lists its connectors that did not serve GET /. A proxy may serve or permit nothing
// else. To other paths it may answer with an empty 404, as a worker that is starting does.
func (c *Client) listsConnectors(ctx context.Context, worker int, failure *Error) bool {
	// GET /connectors
	if failure.Status == 0 || failure.Status == http.StatusUnauthorized || MayRecover(failure) && !errors.Is(failure, ErrStarting) {
		return false
	}
	var names []string
	if c.once(ctx, worker, "/connectors", &names) == nil {
		return true
	}
	if path.Base(c.workers[worker].Path) == "connectors" {
		failure.Message += ". The URL of a worker does not end with /connectors"
	}
	return false
}

// reader returns a request for a GET to one worker.
func (c *Client) reader(ctx context.Context, worker int, path string, out any) *request {
	return &request{
		call:   call{method: http.MethodGet, path: path, out: out, reads: true},
		client: c, secrets: c.secrets.With(secretsOf(ctx)), worker: worker,
	}
}

// foreign returns the failure of a request that another server has answered.
func (r *request) foreign(message string) *Error {
	e := &Error{
		Method: r.method, Host: r.client.workers[r.worker].Host, base: r.client.workers[r.worker], Path: r.path,
		Status: http.StatusOK, Message: message, Attempts: r.attempts,
	}
	e.classify(ErrForeign, noRetry)
	return e
}

// explainSilence finds out what closes connections without an answer: a worker that is down behind a proxy, or a server
// that does not use HTTP and never will.
func (c *Client) explainSilence(ctx context.Context, worker int, failure *Error) {
	u := c.workers[worker]
	address := net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme]))
	dial := c.transport.DialContext
	if u.Scheme == "https" {
		dial = c.transport.DialTLSContext
	}
	switch {
	case speaksKafka(ctx, dial, address):
		failure.Message = "this is the port of a Kafka broker: set the address of a Connect worker, whose port is 8083 by default"
	case u.Scheme == "http" && speaksTLS(ctx, c.transport.DialContext, address):
		failure.Message = usesHTTPS
	default:
		return
	}
	failure.classify(ErrForeign, noRetry)
}
