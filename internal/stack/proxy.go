package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"
)

// ProxyOptions describe a [Proxy]. The zero value forwards every request unchanged.
type ProxyOptions struct {
	// Seed and the ordinal of a request determine whether the request meets a fault, and which. A run is repeatable.
	Seed uint64
	// Rate is the share of requests that meet a fault, from 0 to 1. See [Proxy.SetRate].
	Rate float64
	// Kinds are the faults to choose from; default all. A silent fault lasts until the client times out.
	Kinds []Fault

	// KeepAlive reuses connections to the workers. A test that restarts workers must not set it: the first request on a
	// connection to the previous process would fail.
	KeepAlive bool
}

// Proxy is an HTTP proxy on loopback in front of the REST APIs of workers. It forwards requests to the workers in turn,
// records each request, and can add latency and faults. All its methods are safe for concurrent use.
//
// A request that was sent to a worker is completed there even if the client disconnects. If the worker refuses the
// connection, the proxy resets the connection of the client.
type Proxy struct {
	URL string // without a trailing slash

	options   ProxyOptions
	targets   []*url.URL
	server    *httptest.Server
	transport *http.Transport
	ctx       context.Context // ends with Close; requests to workers use it, not the context of the client
	cancel    context.CancelFunc

	mu            sync.Mutex // guards the fields below
	rate          float64
	latency       time.Duration
	before, after func(*http.Request)
	ordinal       uint64 // of the next request
	active        int    // requests in progress
	requests      []*Request
	faults        FaultCounts
}

// Request is a request that a [Proxy] received.
type Request struct {
	Method    string
	Path      string // escaped
	Query     string // escaped
	Connector string // the connector that the request is about, or ""; for a creation, the name in the body
	Received  time.Time

	Sent     bool      // the proxy sent the request to a worker
	Answered time.Time // when the response of the worker was complete; zero if there was none
	Status   int       // of the response; 0 if there was none
}

// IsWrite reports whether the request changes something.
func (r Request) IsWrite() bool {
	return r.Method != http.MethodGet && !strings.HasSuffix(r.Path, "/config/validate")
}

// String returns the request and the status, such as "DELETE /connectors/a: 204".
func (r Request) String() string {
	what := r.Method + " " + r.Path
	if r.Method == http.MethodPost && r.Path == "/connectors" {
		what += " (" + r.Connector + ")"
	}
	return fmt.Sprintf("%s: %d", what, r.Status)
}

// NewProxy starts a proxy in front of the workers with these URLs. [Proxy.Close] stops it.
func NewProxy(o ProxyOptions, workers ...string) (*Proxy, error) {
	if o.Kinds == nil {
		o.Kinds = allFaults()
	}
	const idle = 256 // more than any client uses at once, so that KeepAlive opens no connection twice
	p := &Proxy{options: o, rate: o.Rate, faults: FaultCounts{}, transport: &http.Transport{
		DisableKeepAlives: !o.KeepAlive, MaxIdleConns: idle, MaxIdleConnsPerHost: idle, DisableCompression: true,
	}}
	if len(workers) == 0 {
		return nil, errors.New("proxy: no worker")
	}
	for _, worker := range workers {
		target, err := url.Parse(worker)
		if err != nil {
			return nil, fmt.Errorf("proxy: %w", err)
		}
		p.targets = append(p.targets, target)
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0) // it would report every connection that a fault breaks
	p.server.Start()
	p.URL = p.server.URL
	return p, nil
}

// Close stops the proxy and aborts all requests in progress.
func (p *Proxy) Close() {
	p.cancel()
	p.server.CloseClientConnections()
	p.server.Close()
	p.transport.CloseIdleConnections()
}

// SetRate sets the share of later requests that meet a fault, from 0 to 1.
func (p *Proxy) SetRate(rate float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate = rate
}

// SetLatency sets how long the proxy delays each later request.
func (p *Proxy) SetLatency(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.latency = d
}

// Before sets a function that the proxy calls with each later request before it forwards the request, or nil. The
// function may block and may change the request, except for the body, which has been read.
func (p *Proxy) Before(hook func(*http.Request)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before = hook
}

// After sets a function that the proxy calls with each request once a worker has answered it, or nil. The client gets
// the response when the function returns.
func (p *Proxy) After(hook func(*http.Request)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.after = hook
}

// Faults returns how many requests met which fault so far.
func (p *Proxy) Faults() FaultCounts {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := FaultCounts{}
	for fault, methods := range p.faults {
		counts[fault] = maps.Clone(methods)
	}
	return counts
}

// Requests returns the requests since the previous [Proxy.Take], in the order of arrival.
func (p *Proxy) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.copyRequests()
}

// Take returns the same as [Proxy.Requests] and empties the list.
func (p *Proxy) Take() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	requests := p.copyRequests()
	p.requests = nil
	return requests
}

func (p *Proxy) copyRequests() []Request {
	requests := make([]Request, len(p.requests))
	for i, r := range p.requests {
		requests[i] = *r
	}
	return requests
}

// Idle reports whether no request is in progress. A request whose client has disconnected is in progress until the
// worker has answered it.
func (p *Proxy) Idle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.active == 0
}

func (p *Proxy) serve(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	recorded, before, latency := p.begin(r, body)
	defer p.end()
	if before != nil {
		before(r)
	}
	if latency > 0 {
		select {
		case <-time.After(latency):
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
	fault, target := p.next(r.Method)
	if instead, ok := fault.answer(); ok {
		instead.send(rw)
		return
	}
	switch fault {
	case ResetBefore:
		reset(rw)
		return
	case SilentBefore:
		p.hold(r)
		return
	}
	got, err := p.forward(r, target, body, recorded)
	if err != nil {
		reset(rw)
		return
	}
	switch fault {
	case EmptyAnswer:
		rw.WriteHeader(http.StatusInternalServerError)
	case ResetAfter:
		reset(rw)
	case CutShort:
		got.sendHalf(rw)
	case SilentAfter:
		p.hold(r)
	default:
		got.send(rw)
	}
}

// begin records a request, and returns the settings that apply to it.
func (p *Proxy) begin(r *http.Request, body []byte) (recorded *Request, before func(*http.Request), latency time.Duration) {
	recorded = &Request{
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
		Connector: connectorOf(r.URL, body), Received: time.Now(),
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active++
	p.requests = append(p.requests, recorded)
	return recorded, p.before, p.latency
}

func (p *Proxy) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active--
}

// next draws the fault and the worker of the next request.
func (p *Proxy) next(method string) (Fault, *url.URL) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fault := pickFault(p.options.Seed, p.ordinal, p.rate, p.options.Kinds)
	if fault != NoFault {
		p.faults.increment(fault, method)
	}
	target := p.targets[p.ordinal%uint64(len(p.targets))]
	p.ordinal++
	return fault, target
}

// hold blocks until the client disconnects, and then closes the connection.
func (p *Proxy) hold(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-p.ctx.Done():
	}
	panic(http.ErrAbortHandler)
}

// forward sends the request to a worker and reads the whole response.
func (p *Proxy) forward(r *http.Request, target *url.URL, body []byte, recorded *Request) (answer, error) {
	to := *r.URL
	to.Scheme, to.Host = target.Scheme, target.Host
	req, err := http.NewRequestWithContext(p.ctx, r.Method, to.String(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header = r.Header.Clone()
	req.Header.Del("Connection") // it applies to one connection only
	got, err := p.exchange(req)

	p.mu.Lock()
	dial := (*net.OpError)(nil)
	recorded.Sent = !errors.As(err, &dial) || dial.Op != "dial"
	recorded.Status = got.status
	if err == nil {
		recorded.Answered = time.Now()
	}
	after := p.after
	p.mu.Unlock()
	if err == nil && after != nil {
		after(r)
	}
	return got, err
}

func (p *Proxy) exchange(req *http.Request) (answer, error) {
	resp, err := p.transport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	got := answer{status: resp.StatusCode, header: resp.Header}
	got.header.Del("Connection")
	got.body, err = io.ReadAll(resp.Body)
	return got, err
}

// connectorOf returns the name of the connector that a request is about.
func connectorOf(u *url.URL, body []byte) string {
	below, ok := strings.CutPrefix(u.EscapedPath(), "/connectors")
	if !ok {
		return ""
	}
	if name, _, _ := strings.Cut(strings.TrimPrefix(below, "/"), "/"); name != "" {
		name, _ = url.PathUnescape(name)
		return name
	}
	var created struct{ Name string }
	_ = json.Unmarshal(body, &created) // the worker rejects a body that is not JSON
	return created.Name
}

// answer is a whole HTTP response.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) send(rw http.ResponseWriter) {
	maps.Copy(rw.Header(), a.header)
	rw.WriteHeader(a.status)
	_, _ = rw.Write(a.body) // fails if the client has disconnected
}

// sendHalf sends the header and half of the body, or half of the header if there is no body, and closes the connection.
func (a answer) sendHalf(rw http.ResponseWriter) {
	var whole bytes.Buffer
	resp := http.Response{
		StatusCode: a.status, ProtoMajor: 1, ProtoMinor: 1, Header: a.header,
		Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)),
	}
	_ = resp.Write(&whole) // to memory
	if len(a.body) > 0 {
		whole.Truncate(whole.Len() - (len(a.body)+1)/2)
	} else {
		whole.Truncate(whole.Len() / 2)
	}
	takeOver(rw, func(conn net.Conn) { _, _ = conn.Write(whole.Bytes()) })
}

// reset resets the connection of the client.
func reset(rw http.ResponseWriter) {
	takeOver(rw, func(conn net.Conn) {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // close with RST, not FIN
		}
	})
}

// takeOver calls do with the connection of the client and closes it. It does nothing if the client has disconnected.
func takeOver(rw http.ResponseWriter, do func(net.Conn)) {
	conn, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		return
	}
	do(conn)
	_ = conn.Close()
}
