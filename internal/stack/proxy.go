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
	"slices"
	"strings"
	"sync"
)

// FaultOptions describe a [FaultProxy]. The zero value forwards all requests without a fault.
type FaultOptions struct {
	// Seed and the ordinal of a request determine its fault, so that a run can be repeated.
	Seed uint64
	// Rate is the share of requests with a fault, from 0 to 1. See [FaultProxy.SetRate].
	Rate float64
	// Kinds are the faults to choose from; default [AllFaults]. A silent fault lasts until the client times out.
	Kinds []Fault

	// Arrived, if set, is called for each request before its fault or forwarding. Carried, if set, is called between a
	// worker's answer and its forwarding. The request waits for them. Its body has been read.
	Arrived, Carried func(*http.Request)
}

// FaultProxy is a loopback proxy for the REST APIs of workers. It forwards requests to the workers in turn, adds faults to a
// share of them, and records the writes that reached a worker. Its methods are safe for concurrent use.
//
// A request to a worker does not end with its client. If the worker is down, the proxy breaks the client's connection.
type FaultProxy struct {
	URL string // of the proxy, without a trailing slash

	options   FaultOptions
	server    *httptest.Server
	transport *http.Transport
	life      context.Context // ends with the proxy, not with a client
	end       context.CancelFunc

	mu       sync.Mutex // guards the fields below
	targets  []*url.URL
	rate     float64
	requests uint64
	faults   FaultCounts
	writes   []Write
	carrying int // requests without a worker's answer so far
}

// Write is a write request that was sent to a worker.
type Write struct {
	Method    string
	Path      string // escaped
	Connector string // from the path, or from the body of a creation; empty for none
	Status    int    // of the worker's answer, 0 without an answer
}

// String returns the request and the status, such as "DELETE /connectors/a: 204".
func (w Write) String() string {
	what := w.Method + " " + w.Path
	if w.Method == http.MethodPost && w.Path == "/connectors" {
		what += " (" + w.Connector + ")"
	}
	return fmt.Sprintf("%s: %d", what, w.Status)
}

// NewFaultProxy starts a proxy for the workers with these URLs. [FaultProxy.Close] ends it.
func NewFaultProxy(o FaultOptions, workers ...string) (*FaultProxy, error) {
	if o.Kinds == nil {
		o.Kinds = AllFaults()
	}
	// Connections to workers are not reused. A connection of a worker's previous run would fail the next request.
	p := &FaultProxy{options: o, rate: o.Rate, faults: FaultCounts{}, transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	if err := p.SetTargets(workers...); err != nil {
		return nil, err
	}
	p.life, p.end = context.WithCancel(context.Background())
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0) // broken connections are expected
	p.server.Start()
	p.URL = p.server.URL
	return p, nil
}

// Close ends the proxy and all requests in flight.
func (p *FaultProxy) Close() {
	p.end()
	p.server.CloseClientConnections()
	p.server.Close()
}

// SetTargets replaces the workers.
func (p *FaultProxy) SetTargets(workers ...string) error {
	if len(workers) == 0 {
		return errors.New("fault proxy: no worker URL")
	}
	var targets []*url.URL
	for _, worker := range workers {
		target, err := url.Parse(worker)
		if err != nil {
			return fmt.Errorf("fault proxy: %w", err)
		}
		targets = append(targets, target)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.targets = targets
	return nil
}

// SetRate sets the share of requests with a fault, from 0 to 1.
func (p *FaultProxy) SetRate(rate float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate = rate
}

// Clear ends all faults. The proxy forwards later requests without a fault.
func (p *FaultProxy) Clear() { p.SetRate(0) }

// Requests returns the number of requests so far.
func (p *FaultProxy) Requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int(p.requests)
}

// Faults returns the counts of faults so far.
func (p *FaultProxy) Faults() FaultCounts {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := FaultCounts{}
	counts.Add(p.faults)
	return counts
}

// Writes returns the writes since the last [FaultProxy.ForgetWrites], in the order of their answers.
func (p *FaultProxy) Writes() []Write {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.writes)
}

// Idle reports whether workers have answered all requests, including those whose client has gone.
func (p *FaultProxy) Idle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.carrying == 0
}

// ForgetWrites empties the list of writes.
func (p *FaultProxy) ForgetWrites() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writes = nil
}

// next returns the fault and the worker of the next request.
func (p *FaultProxy) next(method string) (Fault, *url.URL) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fault := pickFault(p.options.Seed, p.requests, p.rate, p.options.Kinds)
	if fault != NoFault {
		p.faults.count(fault, method, 1)
	}
	target := p.targets[p.requests%uint64(len(p.targets))]
	p.requests++
	return fault, target
}

func (p *FaultProxy) serve(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if p.options.Arrived != nil {
		p.options.Arrived(r)
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
	got, err := p.forward(r, target, body)
	if err != nil {
		reset(rw)
		return
	}
	if p.options.Carried != nil {
		p.options.Carried(r)
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

// hold waits until the client gives up, and then breaks the connection.
func (p *FaultProxy) hold(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-p.life.Done():
	}
	panic(http.ErrAbortHandler)
}

// forward sends the request to a worker and reads the whole answer.
func (p *FaultProxy) forward(r *http.Request, target *url.URL, body []byte) (answer, error) {
	to := *r.URL
	to.Scheme, to.Host = target.Scheme, target.Host
	req, err := http.NewRequestWithContext(p.life, r.Method, to.String(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header = r.Header.Clone()
	p.carry(1)
	defer p.carry(-1)
	got, err := p.exchange(req)
	// If the dial failed, no request was sent.
	if dial := (*net.OpError)(nil); !errors.As(err, &dial) || dial.Op != "dial" {
		p.note(req, body, got.status)
	}
	return got, err
}

func (p *FaultProxy) carry(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.carrying += n
}

func (p *FaultProxy) exchange(req *http.Request) (answer, error) {
	resp, err := p.transport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	got := answer{status: resp.StatusCode, header: resp.Header}
	got.header.Del("Connection") // applies to the worker's connection only
	got.body, err = io.ReadAll(resp.Body)
	return got, err
}

// note records the request if it is a write.
func (p *FaultProxy) note(r *http.Request, body []byte, status int) {
	path := r.URL.EscapedPath()
	if r.Method == http.MethodGet || strings.HasSuffix(path, "/config/validate") {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writes = append(p.writes, Write{Method: r.Method, Path: path, Connector: connectorOf(r.URL, body), Status: status})
}

// connectorOf returns the name of the connector that a write changes.
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
	_ = json.Unmarshal(body, &created) // the worker rejects invalid JSON
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
	_, _ = rw.Write(a.body) // fails when the client has gone
}

// sendHalf sends half of the body, or half of the header if there is no body, and breaks the connection.
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

// reset breaks the connection without an answer.
func reset(rw http.ResponseWriter) {
	takeOver(rw, func(conn net.Conn) {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // sends RST instead of FIN
		}
	})
}

// takeOver calls do with the connection and closes it. It does nothing if the client has gone.
func takeOver(rw http.ResponseWriter, do func(net.Conn)) {
	conn, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		return
	}
	do(conn)
	_ = conn.Close()
}
