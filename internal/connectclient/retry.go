package connectclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// verdict is what may be done after a request that did not succeed.
type verdict int

const (
	final verdict = iota // the answer stands
	again                // surely not carried out: send it again
	lost                 // perhaps carried out: reads are sent again, writes are read back first
)

// call is what an operation asks for.
type call struct {
	method string
	path   string // escaped
	query  string
	name   string // the connector that a 404 may name as absent
	body   any    // sent as JSON, unless nil
	out    any    // the answer's JSON goes here, unless nil
	reads  bool   // changes nothing, whatever its method: GETs do not need to say so

	// resolve is asked about every answer to a write that is lost or final. It returns true if the
	// operation is done all the same, false to send the request again, or the error that ends it.
	resolve func(context.Context, *Error) (bool, error)

	repeated func(*Error) // told, unless nil, of every answer that makes it be sent again
}

// exchange is a call on its way: the one retry layer. It is the transport, the retry policy and the
// back-off of one [retryablehttp.Client].
type exchange struct {
	client  *Client
	call    call
	secrets *Secrets

	worker   int         // index into Client.workers
	silent   int         // how many workers in a row did not answer for themselves
	pauses   int         // how often it waited
	attempts int         // how often it was sent
	started  time.Time   // when it was sent last
	onWire   atomic.Bool // whether the last attempt had a connection

	status int    // of the success
	last   *Error // of the last attempt that the context let end
	lost   bool   // whether an attempt may have been carried out
	done   bool   // the operation succeeded
	err    error  // why it did not, unless the context ended it
}

var errNotJSON = errors.New("not JSON")

// do sends the call until its answer is final, and returns the status of the success.
func (c *Client) do(ctx context.Context, call call) (int, error) {
	call.reads = call.reads || call.method == http.MethodGet
	if !call.reads {
		c.snapshot.end()
	}
	x := &exchange{
		client:  c,
		call:    call,
		secrets: c.secrets.with(secretsOf(ctx)),
		worker:  int(c.active.Load()),
	}
	req, err := x.request(ctx)
	if err != nil {
		return 0, err
	}
	retrier := retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport: x,
			Timeout:   c.cfg.RequestTimeout,
			// A redirect would take the credentials elsewhere, and make a GET of a POST.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryWaitMin: c.cfg.Retry.Min,
		RetryWaitMax: c.cfg.Retry.Max,
		RetryMax:     math.MaxInt, // the context is the limit
		CheckRetry:   x.check,
		Backoff:      x.backoff,
		PrepareRetry: x.aim,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	resp, err := retrier.Do(req)
	if resp != nil {
		_ = resp.Body.Close() // read by RoundTrip
	}
	switch {
	case x.done:
		return x.status, nil
	case x.err != nil:
		return 0, x.err
	case ctx.Err() != nil:
		return 0, x.gaveUp(ctx.Err())
	}
	return 0, err
}

// request builds the request, aimed at the worker that answered last.
func (x *exchange) request(ctx context.Context) (*retryablehttp.Request, error) {
	header := x.client.header.Clone()
	var body any // stays nil, not an empty one, which would be sent in chunks
	if x.call.body != nil {
		text, err := json.Marshal(x.call.body)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", x.call.method, x.call.path, err)
		}
		body = text
		header.Set("Content-Type", "application/json")
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, x.call.method, x.client.workers[x.worker].String(), body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", x.call.method, x.call.path, err)
	}
	req.Header = header
	return req, x.aim(req.Request)
}

// aim points the request at the worker whose turn it is.
func (x *exchange) aim(req *http.Request) error {
	worker := x.client.workers[x.worker]
	target, err := worker.Parse(worker.EscapedPath() + x.call.path)
	if err != nil {
		return fmt.Errorf("%s %s: %w", x.call.method, x.call.path, err)
	}
	target.RawQuery = x.call.query
	req.URL, req.Host = target, target.Host
	return nil
}

// RoundTrip sends the request once and reads the whole answer, so that one that is cut short counts
// as lost.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	x.attempts++
	x.started = time.Now()
	x.onWire.Store(false)
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { x.onWire.Store(true) }}
	resp, err := x.client.transport.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// check decides whether to send again. It implements [retryablehttp.CheckRetry].
func (x *exchange) check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	failure := x.judge(resp, err)
	x.observe(ctx, resp, failure)
	if failure == nil {
		x.done, x.status = true, resp.StatusCode
		x.client.active.Store(int64(x.worker))
		return false, nil
	}
	if err != nil && ctx.Err() != nil {
		// Cut short by the caller, which tells nothing of the worker.
		x.lost = x.lost || errors.Is(failure, ErrIndeterminate)
		return false, ctx.Err()
	}
	x.last = failure
	x.turn(failure)
	if failure.then == again || failure.then == lost && x.call.reads {
		if x.call.repeated != nil {
			x.call.repeated(failure)
		}
		return true, nil
	}
	x.lost = x.lost || failure.then == lost
	if x.call.resolve == nil {
		x.err = failure
		return false, failure
	}
	done, err := x.call.resolve(ctx, failure)
	if err != nil {
		// Where the context ended before it could be read back what became of a write, gaveUp says so.
		if ctx.Err() == nil || !x.lost {
			x.err = err
		}
		return false, err
	}
	x.done = done
	return !done, nil
}

// judge reads an answer, or why there is none. It returns nil for a success.
func (x *exchange) judge(resp *http.Response, err error) *Error {
	failure := &Error{
		Method:   x.call.method,
		Host:     x.client.workers[x.worker].Host,
		Path:     x.call.path,
		Attempts: x.attempts,
	}
	if err != nil {
		failure.silence(err, x.onWire.Load(), x.secrets)
	} else if x.succeeded(resp, failure) {
		return nil
	}
	if failure.then == lost && !x.call.reads {
		failure.is = append(failure.is, ErrIndeterminate)
	}
	return failure
}

// succeeded takes in what a success brought, or fills in why the answer is none.
func (x *exchange) succeeded(resp *http.Response, failure *Error) bool {
	body, err := io.ReadAll(resp.Body) // in memory since RoundTrip
	failure.Status = resp.StatusCode
	switch {
	case err != nil || len(body) > maxAnswer:
		failure.Message = fmt.Sprintf("an answer of more than %d MB", maxAnswer>>20)
	case resp.StatusCode > 299:
		failure.read(resp, body, x.call.name, x.secrets)
	case x.decode(body) != nil:
		failure.Message = describe(resp, body)
		if !x.call.reads {
			failure.mean(ErrUnavailable, lost)
		}
	default:
		return true
	}
	return false
}

// decode reads what came with a success. A page that somebody else sent with a 200, such as a login, is
// none.
func (x *exchange) decode(body []byte) error {
	if x.call.out == nil {
		if len(body) > 0 && !json.Valid(body) {
			return errNotJSON
		}
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	return decoder.Decode(x.call.out)
}

// turn goes to the next worker if this one does not answer for itself, else it stays.
func (x *exchange) turn(failure *Error) {
	if !errors.Is(failure, ErrUnavailable) && !errors.Is(failure, ErrStarting) {
		x.client.active.Store(int64(x.worker))
		x.silent = 0
		return
	}
	x.worker = (x.worker + 1) % len(x.client.workers)
	x.silent++
}

// backoff implements [retryablehttp.Backoff]: what the worker asks for; else nothing while there are
// workers that were not asked yet; else exponential, with jitter, so that many requests that failed
// together do not come back together.
func (x *exchange) backoff(least, most time.Duration, _ int, resp *http.Response) time.Duration {
	if resp != nil && resp.Header.Get("Retry-After") != "" {
		return max(least, retryablehttp.DefaultBackoff(least, most, x.pauses, resp))
	}
	if x.silent%len(x.client.workers) != 0 {
		return 0
	}
	wait := retryablehttp.DefaultBackoff(least, most, x.pauses, nil)
	x.pauses++
	return wait/2 + rand.N(wait/2+1) //nolint:gosec // no secret depends on it
}

// observe tells [Config.Observe] of an attempt.
func (x *exchange) observe(ctx context.Context, resp *http.Response, failure *Error) {
	if x.client.cfg.Observe == nil {
		return
	}
	seen := Request{
		Method:   x.call.method,
		Host:     x.client.workers[x.worker].Host,
		Path:     x.call.path,
		Attempt:  x.attempts,
		Duration: time.Since(x.started),
	}
	if resp != nil {
		seen.Status = resp.StatusCode
	}
	if failure != nil {
		seen.Err = failure
	}
	x.client.cfg.Observe(ctx, seen)
}

// gaveUp is what is left to say when the context ended the attempts: the last answer, and whether the
// request may have been carried out.
func (x *exchange) gaveUp(ended error) *Error {
	e := Error{
		Method:  x.call.method,
		Host:    x.client.workers[x.worker].Host,
		Path:    x.call.path,
		Message: "none",
	}
	if x.last != nil {
		e = *x.last
	}
	e.Attempts, e.ended = x.attempts, ended
	if x.lost && !errors.Is(&e, ErrIndeterminate) {
		if e.then == final {
			e.is = nil // "already exists" may be the work of an attempt before
		}
		e.is = append(slices.Clone(e.is), ErrIndeterminate)
	}
	return &e
}
