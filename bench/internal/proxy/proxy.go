// Package proxy stands between the clients of a Connect worker and the worker: it makes the way there longer and counts
// what goes along it.
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

// idleConnections to the worker are kept: more than any client here uses at once, so that none is opened twice.
const idleConnections = 256

// Proxy is a running proxy. All requests that come at the same time are forwarded at the same time.
type Proxy struct {
	URL string // where clients reach it, without a slash at the end

	latency   atomic.Int64 // a time.Duration
	meter     meter
	forwarder *httputil.ReverseProxy
	server    *http.Server
}

// Start starts a proxy on loopback for the worker at the address.
func Start(ctx context.Context, worker string) (*Proxy, error) {
	target, err := url.Parse(worker)
	if err != nil {
		return nil, fmt.Errorf("address of the worker: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	quiet := log.New(io.Discard, "", 0) // a client that is killed is no news
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
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				p.meter.connected()
			}
		},
	}
	go p.serve(listener)
	return p, nil
}

func (p *Proxy) serve(listener net.Listener) {
	if err := p.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		fmt.Println("proxy:", err)
	}
}

// SetLatency makes every request that comes from now on wait that long before it goes on.
func (p *Proxy) SetLatency(d time.Duration) { p.latency.Store(int64(d)) }

// Take returns what went through since the last Take.
func (p *Proxy) Take() Traffic { return p.meter.take() }

// Close ends the proxy and the connections to it.
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
