package connectclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// retry tells what may follow a request that failed.
type retry int

const (
	noRetry        retry = iota // the answer is final
	retrySafe                   // the worker did not execute the request: send it again
	outcomeUnknown              // the worker may have executed the request: send a read again, read a write back first
)

// pluginTries bounds the attempts of a call that runs a plugin. A worker answers in another form for about 3 s while it
// starts; the pauses of so many attempts take longer.
const pluginTries = 7

// maxAnswer bounds how much of an answer is read: a listing of 5000 connectors has about 3 MB.
const maxAnswer = 64 << 20

// call describes what an operation asks for.
type call struct {
	method string
	path   string // escaped
	query  string
	name   string // the connector that the path names, which a 404 may report as absent
	body   any    // sent as JSON, unless nil
	out    any    // receives the JSON of the answer; by default, an answer is optional and ignored
	reads  bool   // the request changes nothing; implied by GET

	// runsPlugin is set for a read that lets the worker run a plugin's code. It is not sent again after it timed out in the
	// worker, and not more than pluginTries times to a server that does not answer as a worker does.
	runsPlugin bool

	creates string // the connector that POST /connectors creates; its path does not name one

	// resolve is called when a write fails with noRetry or outcomeUnknown. It returns true if the operation is done
	// nevertheless, false to send the request again, or the error that ends the operation.
	resolve func(context.Context, *Error) (bool, error)

	onRetry func(*Error) // called, unless nil, with every failure that is retried
}

// request is a call while it is being sent, with what its attempts so far have shown.
type request struct {
	call
	client  *Client
	secrets *Secrets
	json    []byte

	worker   int // index into Client.workers
	skipped  int // how many workers in a row did not answer
	attempts int
	wait     time.Duration // the last pause, before jitter

	last         *Error // the last failure that the end of the context did not cause
	maybeApplied bool   // a failed attempt may have been executed by the worker
}

// answer is what one attempt brought.
type answer struct {
	resp   *http.Response // nil if err is set; its body is closed
	body   []byte
	err    error
	onWire bool // there was a connection to send the request on
}

// repeatsValues reports whether the answer is an error that may repeat configuration values. A refusal of the credentials
// does not.
func (a answer) repeatsValues() bool {
	return a.resp != nil && a.resp.StatusCode >= http.StatusBadRequest &&
		a.resp.StatusCode != http.StatusUnauthorized && a.resp.StatusCode != http.StatusForbidden
}

// do sends a call until the answer is final or the context ends. It returns the HTTP status of the success, or 0 if
// the call's resolve reported success.
func (c *Client) do(ctx context.Context, call call) (int, error) {
	call.reads = call.reads || call.method == http.MethodGet
	if !call.reads && strings.HasPrefix(call.path, "/connectors") {
		c.written.Store(true)
	}
	if call.out == nil {
		call.out = &ignored{}
	}
	r := &request{call: call, client: c, secrets: c.secrets.With(secretsOf(ctx)), worker: int(c.active.Load())}
	if call.body != nil {
		var err error
		if r.json, err = json.Marshal(call.body); err != nil {
			return 0, fmt.Errorf("%s %s: %w", call.method, call.path, err)
		}
	}
	for {
		var answer answer
		failure, err := r.checkMember(ctx)
		if err == nil && failure == nil {
			answer, failure, err = r.attempt(ctx)
		}
		switch {
		case err == nil && failure == nil:
			c.active.Store(int64(r.worker))
			return answer.resp.StatusCode, nil
		case answer.resp == nil && ctx.Err() != nil: // the caller ended the attempt: this says nothing about the worker
			r.maybeApplied = r.maybeApplied || errors.Is(failure, ErrIndeterminate)
			return 0, r.gaveUp(ctx.Err())
		case err != nil && r.maybeApplied:
			return 0, fmt.Errorf("%w; %w: %w", r.last, ErrIndeterminate, err)
		case err != nil:
			return 0, fmt.Errorf("%s %s: %w", call.method, call.path, err)
		}
		r.last = failure
		r.nextWorker(failure)
		if done, err := r.settle(ctx, failure); done || err != nil {
			return 0, err
		}
		if err := sleep(ctx, r.pause(failure)); err != nil {
			return 0, r.gaveUp(err)
		}
	}
}

// attempt sends the request once to the current worker.
func (r *request) attempt(ctx context.Context) (answer, *Error, error) {
	req, err := r.target(ctx)
	if err != nil {
		return answer{}, nil, err
	}
	started := time.Now()
	answer := r.send(req)
	if answer.repeatsValues() {
		_, message, _ := decodeMessage(answer.body)
		r.secrets = r.client.secrets.With(allSecretsOf(ctx)).With(NewSecrets(resolvedValues(message, r.config())...))
	}
	failure := r.failure(answer)
	r.observe(ctx, answer, failure, time.Since(started))
	return answer, failure, nil
}

// send sends the request once and reads the whole answer, so that a truncated answer counts as lost. It follows no
// redirect, which would send the credentials elsewhere and turn a POST into a GET.
func (r *request) send(req *http.Request) answer {
	r.attempts++
	ctx, cancel := context.WithTimeout(req.Context(), r.client.cfg.RequestTimeout)
	defer cancel()
	var onWire atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { onWire.Store(true) }})
	resp, err := r.client.transport.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return answer{err: err, onWire: onWire.Load()}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return answer{err: err, onWire: true}
	}
	return answer{resp: resp, body: body}
}

// target builds the HTTP request to the current worker, below the path of the worker's URL.
func (r *request) target(ctx context.Context) (*http.Request, error) {
	worker := r.client.workers[r.worker]
	u, err := worker.Parse(worker.EscapedPath() + r.path)
	if err != nil {
		return nil, err
	}
	u.RawQuery = r.query
	var body io.Reader // stays nil without a body: an empty one would be sent in chunks
	if r.json != nil {
		body = bytes.NewReader(r.json)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header = r.client.header.Clone()
	req.Host = req.Header.Get("Host") // net/http sends it from here only; if it is empty, that of the URL
	if r.json != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// failure classifies an answer. It returns nil for a success, whose body is then in call.out.
func (r *request) failure(a answer) *Error {
	worker := r.client.workers[r.worker]
	e := &Error{Method: r.method, Host: worker.Host, base: worker, Path: r.path, Attempts: r.attempts}
	if a.err != nil {
		e.fromTransport(a.err, a.onWire, r.secrets)
		if !r.reads && errors.Is(e, ErrForeign) && e.Message != usesHTTPS {
			e.classify(ErrUnavailable, outcomeUnknown)
		}
	} else {
		e.Status = a.resp.StatusCode
		switch {
		case len(a.body) > maxAnswer:
			e.Message = fmt.Sprintf("the answer has more than %d MB", maxAnswer>>20)
		case e.Status > 299:
			e.fromAnswer(a.resp, a.body, r.name, r.secrets)
			e.adviseOnSize(len(r.json))
		case r.decode(a.body) != nil: // a page that a proxy or a login form sent with status 200
			e.Message = describe(a.resp, a.body)
			e.classify(ErrForeign, noRetry)
			if !r.reads {
				e.classify(ErrUnavailable, outcomeUnknown)
			}
		default:
			found := r.mixup()
			if found == nil {
				return nil
			}
			e.fromMixup(found, r.client.workers[r.worker].String(), r.reads)
		}
	}
	if e.retry == outcomeUnknown && !r.reads {
		e.kinds = append(e.kinds, ErrIndeterminate)
	}
	return e
}

// decode reads the body of a success into call.out.
func (r *request) decode(body []byte) error {
	if _, optional := r.out.(*ignored); optional && len(body) == 0 {
		return nil
	}
	return json.Unmarshal(body, r.out)
}

// nextWorker moves on to the next worker if this one did not answer itself.
func (r *request) nextWorker(failure *Error) {
	if !errors.Is(failure, ErrUnavailable) && !errors.Is(failure, ErrStarting) {
		r.client.active.Store(int64(r.worker))
		r.skipped = 0
		return
	}
	r.worker = (r.worker + 1) % len(r.client.workers)
	r.skipped++
}

// settle decides what follows a failure. It returns true if the operation is done nevertheless, an error if the
// operation has failed, or false and nil to send the request again.
func (r *request) settle(ctx context.Context, failure *Error) (bool, error) {
	if r.runsPlugin && (errors.Is(failure, ErrTimedOut) && failure.Status != 0 || failure.foreign && r.attempts >= pluginTries) {
		return false, failure
	}
	if failure.retry == retrySafe || failure.retry == outcomeUnknown && r.reads {
		if r.onRetry != nil {
			r.onRetry(failure)
		}
		return false, nil
	}
	r.maybeApplied = r.maybeApplied || failure.retry == outcomeUnknown
	if r.resolve == nil || errors.Is(failure, ErrOtherConnector) {
		return false, failure
	}
	done, err := r.resolve(ctx, failure)
	if err != nil && ctx.Err() != nil && r.maybeApplied { // the write could not be read back in time
		return false, r.gaveUp(ctx.Err())
	}
	return done, err
}

// pause returns how long to wait before the next attempt: as long as the worker asks for with Retry-After, not at all
// while there are workers that were not tried yet, else exponentially longer. Half of it is random, so that many
// requests that failed together are not sent again together.
func (r *request) pause(failure *Error) time.Duration {
	retry := r.client.cfg.Retry
	switch {
	case failure.retryAfter > 0:
		return max(retry.Min, failure.retryAfter)
	case r.skipped%len(r.client.workers) != 0:
		return 0
	}
	r.wait = min(max(2*r.wait, retry.Min), retry.Max)
	return r.wait/2 + rand.N(r.wait/2+1) //nolint:gosec // no secret depends on it
}

// observe reports an attempt to [Config.Observe].
func (r *request) observe(ctx context.Context, a answer, failure *Error, took time.Duration) {
	if r.client.cfg.Observe == nil {
		return
	}
	seen := Request{Method: r.method, Host: r.client.workers[r.worker].Host, Path: r.path, Attempt: r.attempts, Duration: took}
	if a.resp != nil {
		seen.Status = a.resp.StatusCode
	}
	if failure != nil {
		seen.Err = failure
	}
	r.client.cfg.Observe(ctx, seen)
}

// gaveUp returns the error of a request whose context ended: the last failure, and whether the worker may have
// executed the request.
func (r *request) gaveUp(ended error) *Error {
	worker := r.client.workers[r.worker]
	e := Error{Method: r.method, Host: worker.Host, base: worker, Path: r.path, Message: "none"}
	if r.last != nil {
		e = *r.last
	}
	e.Attempts, e.ended = r.attempts, ended
	if r.maybeApplied && !errors.Is(&e, ErrIndeterminate) {
		if e.retry == noRetry {
			e.kinds = nil // "already exists" may be the result of an earlier attempt
		}
		e.kinds = append(slices.Clone(e.kinds), ErrIndeterminate)
	}
	return &e
}

// retryAfter reads the pause that an overloaded worker or proxy asks for, in seconds or as a date. It returns 0 for
// none.
func retryAfter(resp *http.Response) time.Duration {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	value := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return time.Until(date)
	}
	return 0
}

// sleep returns nil after the pause, or the context's error if the context ends first.
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
