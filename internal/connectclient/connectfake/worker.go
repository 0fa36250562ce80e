package connectfake

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
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
