// Package connectfake is an in-memory Kafka Connect for tests.
//
//   - [New] starts a [Worker]; [Worker.Peer] starts another of the same cluster.
//   - [Worker.Inject] makes requests fail with an [Effect]: answers that a healthy worker does not
//     give, and connections that break before or after the request was executed.
//   - [Worker.Requests] and [Worker.Count] return the requests that the worker received.
//   - [Worker.Edit], [Worker.Remove], [Worker.Break] and others make changes as another client would.
//
// The answers, and their differences between versions, were observed on real workers. The contract test of package
// connectclient runs the same cases against both.
package connectfake

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Worker is one worker of a cluster in memory.
type Worker struct {
	cluster *cluster
	server  *httptest.Server
	faults  faults
	log     requestLog
	loggers loggers // guarded by cluster.mu

	revision atomic.Pointer[string]
}

// Option changes how a cluster behaves.
type Option func(*cluster)

// WithVersion sets another version than 4.3.1. The differences of 2.8.2, 3.5.2, 3.7.2 and 4.4.0 were observed; any other
// version behaves like the next older one of these.
func WithVersion(version string) Option {
	return func(c *cluster) { c.setVersion(version) }
}

// WithKafkaClusterID sets another id of the Kafka cluster than "connectfake".
func WithKafkaClusterID(id string) Option {
	return func(c *cluster) { c.kafkaID = id }
}

// WithoutTopicTracking makes workers refuse requests for active topics, as with topic.tracking.enable=false.
func WithoutTopicTracking() Option {
	return func(c *cluster) { c.untracked = true }
}

// WithStatusLag makes statuses show changes after d, as real workers do after about 100 ms.
func WithStatusLag(d time.Duration) Option {
	return func(c *cluster) { c.lag = d }
}

// WithPlugin installs a connector. Keys are the keys that the answer to a validation has, by the type of their definition. The
// definition of keys without a type is null.
func WithPlugin(class, kind, version string, keys map[string][]string) Option {
	return func(c *cluster) {
		p := plugin{class: class, kind: kind, version: version, complete: true}
		for kind, names := range keys {
			for _, name := range names {
				p.keys = append(p.keys, key{name: name, kind: kind})
			}
		}
		c.available = append([]plugin{p}, c.available...)
	}
}

// WithMask makes workers answer "****" for the values of these keys, as some distributions do.
func WithMask(keys ...string) Option { return WithMaskText("****", keys...) }

// WithMaskText is [WithMask] with another mask.
func WithMaskText(mask string, keys ...string) Option {
	return func(c *cluster) {
		for _, key := range keys {
			c.masked[key] = mask
		}
	}
}

// WithAuthorization makes workers answer 401 to requests for which allowed returns false.
func WithAuthorization(allowed func(*http.Request) bool) Option {
	return func(c *cluster) { c.allowed = allowed }
}

// WithTLS makes workers serve https with this configuration, which has their certificate.
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
	w := &Worker{cluster: c, loggers: newLoggers()}
	c.mu.Lock()
	c.workers = append(c.workers, w)
	c.mu.Unlock()
	w.server = httptest.NewUnstartedServer(w)
	w.server.Config.ErrorLog = discard
	if c.tls != nil {
		w.server.TLS = c.tls.Clone()
		w.server.StartTLS()
	} else {
		w.server.Start()
	}
	if c.address == "" {
		c.address = w.server.Listener.Addr().String()
	}
	t.Cleanup(w.server.Close)
	return w
}

// URL returns the worker's address.
func (w *Worker) URL() string { return w.server.URL }

// Announce makes the worker send a revision in the header X-Kafka-Connect-Config of every answer, as one whose file sets
// response.http.headers.config. An empty revision ends that.
func (w *Worker) Announce(revision string) { w.revision.Store(&revision) }

// Stop stops the worker: later connections are refused.
func (w *Worker) Stop() { w.server.Close() }

// ServeHTTP answers a request, with a fault if one was injected for it.
func (w *Worker) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.log.add(r)
	if revision := w.revision.Load(); revision != nil && *revision != "" {
		rw.Header().Set("X-Kafka-Connect-Config", *revision)
	}
	next := http.Handler(http.HandlerFunc(w.serve))
	if effect := w.faults.take(r); effect != nil {
		effect(rw, r, next)
		return
	}
	next.ServeHTTP(rw, r)
}

// discard is the error log of servers whose connections break on purpose.
var discard = log.New(io.Discard, "", 0)

// Request is a request that a worker received.
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

// Requests returns the requests that the worker received, in order.
func (w *Worker) Requests() []Request {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	return append([]Request(nil), w.log.requests...)
}

// Count returns how many requests had this method and a path that matches the pattern, in which * is one segment
// ([path.Match]). An empty method or pattern matches all requests.
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
