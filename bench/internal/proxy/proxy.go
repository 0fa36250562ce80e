// Package proxy is an HTTP proxy in front of a Connect worker. It adds latency to each request and counts the requests.
package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"time"
)

// idleConnections is how many connections to the worker stay open. It is more than any client uses at once, so that the
// proxy does not reconnect during a measurement.
const idleConnections = 256

// Proxy is a running proxy. It forwards concurrent requests concurrently.
type Proxy struct {
	URL string // without a trailing slash

	latency   atomic.Int64 // a time.Duration
	meter     meter
	forwarder *httputil.ReverseProxy
	server    *http.Server
}

// Start starts a proxy on loopback for the worker at the URL.
func Start(ctx context.Context, worker string) (*Proxy, error) {
	target, err := url.Parse(worker)
	if err != nil {
		return nil, fmt.Errorf("address of the worker: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	quiet := log.New(io.Discard, "", 0) // a client that is killed closes its connections, which is not an error here
	p := &Proxy{URL: "http://" + listener.Addr().String()}
	p.forwarder = &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: &http.Transport{MaxIdleConns: idleConnections, MaxIdleConnsPerHost: idleConnections, DisableCompression: true},
		ErrorLog:  quiet,
		ModifyResponse: func(resp *http.Response) error {
			p.meter.answered(resp.StatusCode)
			return nil
		},
	}
	p.server = &http.Server{
		Handler:           p,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          quiet,
	}
	go p.serve(listener)
	return p, nil
}

func (p *Proxy) serve(listener net.Listener) {
	if err := p.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		fmt.Println("proxy:", err)
	}
}

// SetLatency sets how long the proxy holds each later request before it forwards it.
func (p *Proxy) SetLatency(d time.Duration) { p.latency.Store(int64(d)) }

// Take returns the traffic since the previous Take.
func (p *Proxy) Take() Traffic { return p.meter.take() }

// Close stops the proxy and closes its connections.
func (p *Proxy) Close() error { return p.server.Close() }

// ServeHTTP forwards one request.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := Kind(r)
	p.meter.began(kind)
	defer p.meter.ended(kind)
	if wait := time.Duration(p.latency.Load()); wait > 0 {
		select {
		case <-r.Context().Done():
			return
		case <-time.After(wait):
		}
	}
	p.forwarder.ServeHTTP(w, r)
}
