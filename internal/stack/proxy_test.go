package stack_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// standIn starts a server that counts requests and answers each as a worker would after it executed the request.
func standIn(t *testing.T) (url string, count *atomic.Int64) {
	t.Helper()
	count = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		count.Add(1)
		switch {
		case strings.HasSuffix(r.URL.Path, "/pause"):
			rw.WriteHeader(http.StatusAccepted)
		case r.Method == http.MethodDelete:
			rw.WriteHeader(http.StatusNoContent)
		default:
			rw.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(rw, `{"name":"orders","query":"`+r.URL.RawQuery+`"}`)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, count
}

func startProxy(t *testing.T, o stack.ProxyOptions, workers ...string) *stack.Proxy {
	t.Helper()
	p, err := stack.NewProxy(o, workers...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// impatient returns the context of a client that gives up as soon as the condition holds.
func impatient(t *testing.T, met func() bool) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go func() {
		defer cancel()
		for !met() {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return ctx
}

// writes returns the writes that the proxy sent to a worker.
func writes(p *stack.Proxy) []stack.Request {
	return slices.DeleteFunc(p.Requests(), func(r stack.Request) bool { return !r.Sent || !r.IsWrite() })
}

// send sends a request on a new connection and returns the response.
func send(ctx context.Context, t *testing.T, method, url, body string) (status int, answer string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

// Each fault has its effect on the client, and the worker executes the request or not.
func TestFaults(t *testing.T) {
	t.Parallel()
	broken := func(err error) bool {
		return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	}
	for fault, want := range map[stack.Fault]struct {
		status  int
		message string // error of Kafka Connect's own shape
		page    bool
		broken  bool
		silent  bool
		done    bool
	}{
		stack.RebalanceConflict: {status: 409, message: "Cannot complete request because of a conflicting operation (e.g. worker rebalance)"},
		stack.RebalanceExpected: {status: 500, message: "Request cannot be completed because a rebalance is expected"},
		stack.Unavailable:       {status: 503, page: true},
		stack.StartingWorker:    {status: 404, page: true},
		stack.EmptyAnswer:       {status: 500, done: true},
		stack.ResetBefore:       {broken: true},
		stack.ResetAfter:        {broken: true, done: true},
		stack.CutShort:          {broken: true, done: true},
		stack.SilentBefore:      {silent: true},
		stack.SilentAfter:       {silent: true, done: true},
	} {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			worker, count := standIn(t)
			p := startProxy(t, stack.ProxyOptions{Rate: 1, Kinds: []stack.Fault{fault}}, worker)
			for _, request := range [][2]string{
				{http.MethodGet, "/connectors/orders"},
				{http.MethodPut, "/connectors/orders/pause"},
				{http.MethodDelete, "/connectors/orders"},
			} {
				before, ctx := count.Load(), t.Context()
				if faults := p.Faults().Total(); want.silent {
					ctx = impatient(t, func() bool { return p.Faults().Total() > faults && (!want.done || count.Load() > before) })
				}
				status, text, err := send(ctx, t, request[0], p.URL+request[1], "")
				if broken(err) != want.broken || errors.Is(err, context.Canceled) != want.silent {
					t.Errorf("%v: got error %v", request, err)
				}
				if err == nil && status != want.status {
					t.Errorf("%v: got status %d, want %d", request, status, want.status)
				}
				var said struct{ Message string }
				_ = json.Unmarshal([]byte(text), &said)
				if said.Message != want.message || strings.HasPrefix(text, "<html>") != want.page {
					t.Errorf("%v: got the answer %q", request, text)
				}
				if want.done { // possibly after the client has given up
					eventually(t, "the request is executed", func() bool { return count.Load() > before })
				} else if count.Load() > before {
					t.Errorf("%v: the worker executed it", request)
				}
			}
			counts := stack.FaultCounts{fault: {http.MethodGet: 1, http.MethodPut: 1, http.MethodDelete: 1}}
			if got := p.Faults(); !reflect.DeepEqual(got, counts) {
				t.Errorf("counted\n%v, want\n%v", got, counts)
			}
			done := map[bool]int{true: 2}[want.done]
			eventually(t, "the executed writes are recorded", func() bool { return len(writes(p)) == done })
		})
	}
}

// A proxy with a fault rate of 0 forwards every request unchanged, and records it.
func TestProxyRecords(t *testing.T) {
	t.Parallel()
	worker, _ := standIn(t)
	p := startProxy(t, stack.ProxyOptions{Rate: 1}, worker)
	p.SetRate(0)
	for _, request := range [][3]string{
		{http.MethodGet, "/connectors?expand=info&expand=status"},
		{http.MethodPut, "/connector-plugins/X/config/validate", "{}"},
		{http.MethodPost, "/connectors", `{"name":"a b"}`},
		{http.MethodPut, "/connectors/a%20b/pause"},
		{http.MethodDelete, "/connectors/a%20b"},
	} {
		began := time.Now()
		_, text, err := send(t.Context(), t, request[0], p.URL+request[1], request[2])
		if _, query, _ := strings.Cut(request[1], "?"); err != nil || !strings.Contains(text, query) {
			t.Errorf("%v: got %q, %v", request, text, err)
		}
		requests := p.Requests()
		if last := requests[len(requests)-1]; last.Received.Before(began) || last.Answered.Before(last.Received) {
			t.Errorf("%v: received at %v, answered at %v, sent at %v", request, last.Received, last.Answered, began)
		}
	}
	want := []stack.Request{
		{Method: http.MethodGet, Path: "/connectors", Query: "expand=info&expand=status", Sent: true, Status: 200},
		{Method: http.MethodPut, Path: "/connector-plugins/X/config/validate", Sent: true, Status: 200},
		{Method: http.MethodPost, Path: "/connectors", Connector: "a b", Sent: true, Status: 200},
		{Method: http.MethodPut, Path: "/connectors/a%20b/pause", Connector: "a b", Sent: true, Status: 202},
		{Method: http.MethodDelete, Path: "/connectors/a%20b", Connector: "a b", Sent: true, Status: 204},
	}
	if got := writes(p); len(got) != 3 || got[0].Method != http.MethodPost {
		t.Errorf("writes: %v", got)
	}
	got := p.Take()
	for i := range got {
		got[i].Received, got[i].Answered = time.Time{}, time.Time{}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("recorded %+v, want %+v", got, want)
	}
	if again := p.Take(); len(again) > 0 {
		t.Errorf("Take returned twice: %v", again)
	}
	if n := p.Faults().Total(); n > 0 {
		t.Errorf("%d faults at a rate of 0", n)
	}
}

// The same seed gives the same faults in the same order, another seed gives others. The rate holds, and every kind occurs.
func TestProxyIsRepeatable(t *testing.T) {
	t.Parallel()
	worker, _ := standIn(t)
	quick := []stack.Fault{stack.RebalanceConflict, stack.RebalanceExpected, stack.Unavailable, stack.StartingWorker, stack.EmptyAnswer}
	statuses := func(seed uint64) (list []int) {
		p := startProxy(t, stack.ProxyOptions{Seed: seed, Rate: 0.5, Kinds: quick}, worker)
		for range 200 {
			status, _, err := send(t.Context(), t, http.MethodGet, p.URL, "")
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, status)
		}
		if n := p.Faults().Total(); n < 70 || n > 130 {
			t.Errorf("%d of 200 requests met a fault at a rate of 0.5", n)
		}
		if n := len(p.Faults()); n != len(quick) {
			t.Errorf("%d kinds of %d:\n%v", n, len(quick), p.Faults())
		}
		return list
	}
	first := statuses(1)
	if !reflect.DeepEqual(first, statuses(1)) {
		t.Error("the same seed gave other faults")
	}
	if reflect.DeepEqual(first, statuses(2)) {
		t.Error("another seed gave the same faults")
	}
}

// Requests go to the workers in turn. A request to a worker that is down fails, and is not recorded as sent.
func TestProxyTargets(t *testing.T) {
	t.Parallel()
	first, countFirst := standIn(t)
	second, countSecond := standIn(t)
	p := startProxy(t, stack.ProxyOptions{}, first, second)
	ask := func(p *stack.Proxy) error {
		_, _, err := send(t.Context(), t, http.MethodDelete, p.URL+"/connectors/a", "")
		return err
	}
	for range 4 {
		if err := ask(p); err != nil {
			t.Fatal(err)
		}
	}
	if countFirst.Load() != 2 || countSecond.Load() != 2 {
		t.Errorf("the workers got %d and %d requests, want 2 each", countFirst.Load(), countSecond.Load())
	}
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	p = startProxy(t, stack.ProxyOptions{}, down.URL)
	if err := ask(p); err == nil || len(p.Requests()) != 1 || len(writes(p)) > 0 {
		t.Errorf("got %v from a worker that is down; recorded %v", err, p.Requests())
	}
}

// A write is executed although its client has disconnected. The hooks are called for it.
func TestProxyOutlivesClients(t *testing.T) {
	t.Parallel()
	worker, count := standIn(t)
	arrived, answered := make(chan struct{}), make(chan struct{})
	p := startProxy(t, stack.ProxyOptions{}, worker)
	var received atomic.Bool
	p.Before(func(r *http.Request) { received.Store(true); <-r.Context().Done(); close(arrived) })
	p.After(func(*http.Request) { close(answered) })
	if _, _, err := send(impatient(t, received.Load), t, http.MethodDelete, p.URL+"/connectors/a", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-arrived
	<-answered
	if count.Load() != 1 || len(writes(p)) != 1 {
		t.Errorf("the worker got %d requests, recorded %v", count.Load(), p.Requests())
	}
	eventually(t, "the proxy is idle", p.Idle)
}

// Concurrent requests are forwarded concurrently, and the latency applies to each.
func TestProxyForwardsConcurrently(t *testing.T) {
	t.Parallel()
	const n, latency = 20, 30 * time.Millisecond
	var all, clients sync.WaitGroup
	all.Add(n)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		all.Done()
		all.Wait() // no request is answered before all have arrived
	}))
	t.Cleanup(server.Close)
	p := startProxy(t, stack.ProxyOptions{}, server.URL)
	p.SetLatency(latency)
	began := time.Now()
	for range n {
		clients.Go(func() { _, _, _ = send(t.Context(), t, http.MethodGet, p.URL, "") })
	}
	clients.Wait()
	if took := time.Since(began); took < latency {
		t.Errorf("answered after %s, want %s at the earliest", took, latency)
	}
	for _, r := range p.Requests() {
		if r.Status != http.StatusOK {
			t.Errorf("recorded %v", r)
		}
	}
}

// With KeepAlive, the proxy reuses its connection to the worker.
func TestProxyKeepsConnections(t *testing.T) {
	t.Parallel()
	for keepAlive, want := range map[bool]int64{true: 1, false: 3} {
		var connections atomic.Int64
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				connections.Add(1)
			}
		}
		server.Start()
		t.Cleanup(server.Close)
		p := startProxy(t, stack.ProxyOptions{KeepAlive: keepAlive}, server.URL)
		for range 3 {
			if _, _, err := send(t.Context(), t, http.MethodGet, p.URL, ""); err != nil {
				t.Fatal(err)
			}
		}
		if n := connections.Load(); n != want {
			t.Errorf("KeepAlive %v: %d connections, want %d", keepAlive, n, want)
		}
	}
}

// Close aborts requests in progress and leaves no goroutine. Not parallel: it counts goroutines.
func TestProxyCloses(t *testing.T) {
	worker, _ := standIn(t)
	before := runtime.NumGoroutine()
	for range 10 {
		p, err := stack.NewProxy(stack.ProxyOptions{Rate: 1, Kinds: []stack.Fault{stack.SilentBefore, stack.CutShort, stack.ResetAfter}}, worker)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		for range 10 {
			go func() {
				_, _, _ = send(t.Context(), t, http.MethodGet, p.URL, "")
				ended <- struct{}{}
			}()
		}
		eventually(t, "all requests have arrived", func() bool { return len(p.Requests()) == 10 })
		p.Close()
		for range 10 {
			<-ended
		}
	}
	eventually(t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= before })
}

func TestProxyNeedsAWorker(t *testing.T) {
	t.Parallel()
	for _, workers := range [][]string{nil, {"://"}} {
		if p, err := stack.NewProxy(stack.ProxyOptions{}, workers...); err == nil {
			p.Close()
			t.Errorf("no error for %v", workers)
		}
	}
}

// A client that only retries gets its requests through the faults in front of a real worker.
func TestProxyWithARealWorker(t *testing.T) {
	t.Parallel()
	s := stack.Shared(t)
	p := startProxy(t, stack.ProxyOptions{Seed: 1, Rate: 0.5}, s.URLs()...)
	config := `{"connector.class":"` + fileSource + `","topic":"faults","file":"` + os.DevNull + `"}`
	until := func(method, path, body string, want ...int) {
		eventually(t, method+" "+path, func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, method, p.URL+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return false
			}
			defer resp.Body.Close()
			_, err = io.Copy(io.Discard, resp.Body)
			page := strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
			return err == nil && !page && slices.Contains(want, resp.StatusCode)
		})
	}
	until(http.MethodPut, "/connectors/faults/config", config, http.StatusCreated, http.StatusOK)
	until(http.MethodGet, "/connectors/faults", "", http.StatusOK)
	until(http.MethodDelete, "/connectors/faults", "", http.StatusNoContent, http.StatusNotFound)
	for _, r := range p.Requests() {
		if r.Connector != "faults" {
			t.Errorf("recorded %v", r)
		}
	}
}
