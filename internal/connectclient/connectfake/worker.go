// Package connectfake is an in-memory Kafka Connect for tests.
//
//   - [New] starts a [Worker]; [Worker.Peer] starts another of the same cluster.
//   - [Worker.Inject] makes requests go wrong with an [Effect]: answers that no worker gives by
//     itself, connections that break before or after the request was carried out.
//   - [Worker.Requests] and [Worker.Count] tell what was asked.
//   - [Worker.Edit], [Worker.Remove], [Worker.Break] and the like change things behind the client's
//     back.
//
// What it answers, and how that differs between versions, was observed on real workers. The contract
// test of package connectclient runs the same cases against both.
package connectfake

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path"
	"sync"
	"testing"
	"time"
)

// Worker is one worker of a cluster in memory.
type Worker struct {
	cluster *cluster
	server  *httptest.Server
	faults  faults
	log     requestLog
}

// Option changes how a cluster behaves.
type Option func(*cluster)

// WithVersion makes workers of another version than 4.1.0: 2.8.2, 3.5.2 and 3.7.2 have differences that
// were observed, others behave like the next older of these.
func WithVersion(version string) Option {
	return func(c *cluster) { c.setVersion(version) }
}

// WithStatusLag makes statuses lag what is done by d, as those of real workers do by some 100 ms.
func WithStatusLag(d time.Duration) Option {
	return func(c *cluster) { c.lag = d }
}

// WithMask makes workers answer "****" for the values of these keys, as some distributions do.
func WithMask(keys ...string) Option {
	return func(c *cluster) {
		for _, key := range keys {
			c.masked[key] = true
		}
	}
}

// WithAuthorization makes workers answer 401 to requests that allowed does not let pass.
func WithAuthorization(allowed func(*http.Request) bool) Option {
	return func(c *cluster) { c.allowed = allowed }
}

// WithTLS makes workers speak https with this configuration, which holds their certificate.
func WithTLS(config *tls.Config) Option {
	return func(c *cluster) { c.tls = config }
}

// New starts the first worker of a new cluster. It stops with the test.
func New(t testing.TB, options ...Option) *Worker {
	t.Helper()
	c := newCluster()
	for _, option := range options {
		option(c)
	}
	return c.start(t)
}

// Peer starts another worker of the same cluster, with faults and a request log of its own.
func (w *Worker) Peer(t testing.TB) *Worker {
	t.Helper()
	return w.cluster.start(t)
}

func (c *cluster) start(t testing.TB) *Worker {
	w := &Worker{cluster: c}
	w.server = httptest.NewUnstartedServer(w)
	w.server.Config.ErrorLog = discard
	if c.tls != nil {
		w.server.TLS = c.tls.Clone()
		w.server.StartTLS()
	} else {
		w.server.Start()
	}
	t.Cleanup(w.server.Close)
	return w
}

// URL returns the worker's address.
func (w *Worker) URL() string { return w.server.URL }

// Stop ends the worker: connections to it are refused from now on.
func (w *Worker) Stop() { w.server.Close() }

// ServeHTTP answers a request, with a fault if one was injected for it.
func (w *Worker) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.log.add(r)
	next := http.Handler(http.HandlerFunc(w.serve))
	if effect := w.faults.take(r); effect != nil {
		effect(rw, r, next)
		return
	}
	next.ServeHTTP(rw, r)
}

// discard is the log of servers whose connections are broken on purpose.
var discard = log.New(io.Discard, "", 0)

// Request is a request that a worker was sent.
type Request struct {
	Method string
	Path   string // escaped
	Query  string
}

type requestLog struct {
	mu       sync.Mutex
	requests []Request
}

func (l *requestLog) add(r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, Request{r.Method, r.URL.EscapedPath(), r.URL.RawQuery})
}

// Requests returns what the worker was sent, in order.
func (w *Worker) Requests() []Request {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	return append([]Request(nil), w.log.requests...)
}

// Count returns how many requests with this method were sent to paths that match the pattern, in which
// * stands for one segment ([path.Match]). Empty is any.
func (w *Worker) Count(method, pattern string) int {
	n := 0
	for _, r := range w.Requests() {
		if matches(method, pattern, r.Method, r.Path) {
			n++
		}
	}
	return n
}

// Forget empties the log.
func (w *Worker) Forget() {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	w.log.requests = nil
}

func matches(wantMethod, pattern, method, escaped string) bool {
	if wantMethod != "" && wantMethod != method {
		return false
	}
	ok, _ := path.Match(pattern, escaped)
	return ok || pattern == ""
}
