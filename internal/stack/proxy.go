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

// FaultOptions describe a [FaultProxy]. The zero value passes everything on.
type FaultOptions struct {
	// Seed and the ordinal of a request decide alone whether it meets a fault, and which, so that a run can be repeated.
	Seed uint64
	// Rate is the share of requests that meet a fault, from 0 to 1. See [FaultProxy.SetRate].
	Rate float64
	// Kinds are the faults to choose from; default [AllFaults]. The silent ones cost a client the whole of its time-out.
	Kinds []Fault

	// Arrived, when set, is called for each request before anything else happens to it, Carried when a worker has
	// answered it and the answer has not been passed on. The request waits for them; its body has been read.
	Arrived, Carried func(*http.Request)
}

// FaultProxy stands on loopback in front of the REST APIs of workers, which take turns, and gives a share of the requests
// a fault. It notes which writes got through. All its methods are safe for concurrent use.
//
// A request that was sent to a worker is carried out there whatever becomes of the client. One that cannot be sent, since
// the worker is down, breaks its connection.
type FaultProxy struct {
	URL string // of the proxy, without a slash at the end

	options   FaultOptions
	server    *httptest.Server
	transport *http.Transport
	life      context.Context // of the proxy, for what must not end with the client
	end       context.CancelFunc

	mu       sync.Mutex // guards what follows
	targets  []*url.URL
	rate     float64
	requests uint64
	faults   FaultCounts
	writes   []Write
	carrying int // requests that workers have not answered yet
}

// Write is a request that changes something and was sent to a worker.
type Write struct {
	Method    string
	Path      string // escaped
	Connector string // whom it is about, empty for none; of a creation, what its body says
	Status    int    // of the worker's answer, 0 for none
}

// String returns the request and the status, such as "DELETE /connectors/a: 204".
func (w Write) String() string {
	what := w.Method + " " + w.Path
	if w.Method == http.MethodPost && w.Path == "/connectors" {
		what += " (" + w.Connector + ")"
	}
	return fmt.Sprintf("%s: %d", what, w.Status)
}

// NewFaultProxy starts a proxy in front of the workers with these URLs. [FaultProxy.Close] ends it.
func NewFaultProxy(o FaultOptions, workers ...string) (*FaultProxy, error) {
	if o.Kinds == nil {
		o.Kinds = AllFaults()
	}
	// Connections to workers are not kept: one that outlived its worker would lose the first request to the next.
	p := &FaultProxy{options: o, rate: o.Rate, faults: FaultCounts{}, transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	if err := p.SetTargets(workers...); err != nil {
		return nil, err
	}
	p.life, p.end = context.WithCancel(context.Background())
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	p.server.Config.ErrorLog = log.New(io.Discard, "", 0) // broken connections are the point
	p.server.Start()
	p.URL = p.server.URL
	return p, nil
}

// Close ends the proxy with all requests that are on their way.
func (p *FaultProxy) Close() {
	p.end()
	p.server.CloseClientConnections()
	p.server.Close()
}

// SetTargets puts the proxy in front of other workers.
func (p *FaultProxy) SetTargets(workers ...string) error {
	if len(workers) == 0 {
		return errors.New("fault proxy: no worker to stand before")
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

// SetRate sets the share of requests that meet a fault, from 0 to 1.
func (p *FaultProxy) SetRate(rate float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate = rate
}

// Clear ends all faults: requests that come from now on are passed on as they are.
func (p *FaultProxy) Clear() { p.SetRate(0) }

// Requests returns the number of requests so far.
func (p *FaultProxy) Requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int(p.requests)
}

// Faults returns how many requests met which fault so far.
func (p *FaultProxy) Faults() FaultCounts {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := FaultCounts{}
	counts.Add(p.faults)
	return counts
}

// Writes returns the writes that were sent to workers since the last [FaultProxy.ForgetWrites], in the order of their
// answers.
func (p *FaultProxy) Writes() []Write {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.writes)
}

// Idle reports whether workers have answered all that was sent to them, also what no client waits for any more.
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

// next draws the fault and the worker of the next request.
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

// hold keeps the client waiting until it gives up, and then breaks the connection.
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
	// Without a connection nothing was sent.
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
	got.header.Del("Connection") // of the other connection
	got.body, err = io.ReadAll(resp.Body)
	return got, err
}

// note adds the request to the writes if it is one.
func (p *FaultProxy) note(r *http.Request, body []byte, status int) {
	path := r.URL.EscapedPath()
	if r.Method == http.MethodGet || strings.HasSuffix(path, "/config/validate") {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writes = append(p.writes, Write{Method: r.Method, Path: path, Connector: connectorOf(r.URL, body), Status: status})
}

// connectorOf returns the name of the connector that a write is about.
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
	_ = json.Unmarshal(body, &created) // the worker refuses what is no JSON
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

// sendHalf sends the first half of the bytes of the answer, which without a body is half of its header, and breaks the
// connection.
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

// reset breaks the connection without a word.
func reset(rw http.ResponseWriter) {
	takeOver(rw, func(conn net.Conn) {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // an RST instead of an orderly end
		}
	})
}

// takeOver does something with the connection and closes it. A client that has gone is left alone.
func takeOver(rw http.ResponseWriter, do func(net.Conn)) {
	conn, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		return
	}
	do(conn)
	_ = conn.Close()
}
