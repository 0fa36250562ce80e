package stack_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// standIn starts a server that answers each request like a worker, and counts the requests.
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

func faultProxy(t *testing.T, o stack.FaultOptions, workers ...string) *stack.FaultProxy {
	t.Helper()
	p, err := stack.NewFaultProxy(o, workers...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// impatient returns the context of a client with a short timeout.
func impatient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// send sends a request on a new connection and returns the complete answer.
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

// Each fault gives the client the expected answer or error, and the worker gets the request only where it should.
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
			p := faultProxy(t, stack.FaultOptions{Rate: 1, Kinds: []stack.Fault{fault}}, worker)
			for _, request := range [][2]string{
				{http.MethodGet, "/connectors/orders"},
				{http.MethodPut, "/connectors/orders/pause"},
				{http.MethodDelete, "/connectors/orders"},
			} {
				before, ctx := count.Load(), t.Context()
				if want.silent {
					ctx = impatient(t)
				}
				status, text, err := send(ctx, t, request[0], p.URL+request[1], "")
				if broken(err) != want.broken || errors.Is(err, context.DeadlineExceeded) != want.silent {
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
					eventually(t, "the request is carried out", func() bool { return count.Load() > before })
				} else if count.Load() > before {
					t.Errorf("%v: was carried out", request)
				}
			}
			counts := stack.FaultCounts{fault: {http.MethodGet: 1, http.MethodPut: 1, http.MethodDelete: 1}}
			if got := p.Faults(); !reflect.DeepEqual(got, counts) {
				t.Errorf("counted\n%v, want\n%v", got, counts)
			}
			writes := map[bool]int{true: 2}[want.done]
			eventually(t, "the writes that were carried out are noted", func() bool { return len(p.Writes()) == writes })
		})
	}
}

// A cleared proxy forwards all requests unchanged and records the writes.
func TestFaultProxyCleared(t *testing.T) {
	t.Parallel()
	worker, _ := standIn(t)
	p := faultProxy(t, stack.FaultOptions{Rate: 1}, worker)
	p.Clear()
	for _, request := range [][3]string{
		{http.MethodGet, "/connectors?expand=info&expand=status"},
		{http.MethodPut, "/connector-plugins/X/config/validate", "{}"},
		{http.MethodPost, "/connectors", `{"name":"a b"}`},
		{http.MethodPut, "/connectors/a%20b/pause"},
		{http.MethodDelete, "/connectors/a%20b"},
	} {
		_, text, err := send(t.Context(), t, request[0], p.URL+request[1], request[2])
		if _, query, _ := strings.Cut(request[1], "?"); err != nil || !strings.Contains(text, query) {
			t.Errorf("%v: got %q, %v", request, text, err)
		}
	}
	want := []stack.Write{
		{Method: http.MethodPost, Path: "/connectors", Connector: "a b", Status: 200},
		{Method: http.MethodPut, Path: "/connectors/a%20b/pause", Connector: "a b", Status: 202},
		{Method: http.MethodDelete, Path: "/connectors/a%20b", Connector: "a b", Status: 204},
	}
	if got := p.Writes(); !reflect.DeepEqual(got, want) {
		t.Errorf("noted %v, want %v", got, want)
	}
	if p.ForgetWrites(); len(p.Writes()) > 0 {
		t.Error("did not forget")
	}
	if n := p.Faults().Total(); n > 0 {
		t.Errorf("%d faults although it was cleared", n)
	}
	if n := p.Requests(); n != 5 {
		t.Errorf("counted %d requests, want 5", n)
	}
}

// The same seed gives the same faults in the same order, another seed gives others. All kinds occur, at the given rate.
func TestFaultProxyIsRepeatable(t *testing.T) {
	t.Parallel()
	worker, _ := standIn(t)
	quick := []stack.Fault{stack.RebalanceConflict, stack.RebalanceExpected, stack.Unavailable, stack.StartingWorker, stack.EmptyAnswer}
	statuses := func(seed uint64) (list []int) {
		p := faultProxy(t, stack.FaultOptions{Seed: seed, Rate: 0.5, Kinds: quick}, worker)
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

// Requests go to the workers in turn, workers can be replaced, and a request to a worker that is down is not recorded.
func TestFaultProxyTargets(t *testing.T) {
	t.Parallel()
	first, countFirst := standIn(t)
	second, countSecond := standIn(t)
	p := faultProxy(t, stack.FaultOptions{}, first, second)
	ask := func() error {
		_, _, err := send(t.Context(), t, http.MethodDelete, p.URL+"/connectors/a", "")
		return err
	}
	for range 4 {
		if err := ask(); err != nil {
			t.Fatal(err)
		}
	}
	if countFirst.Load() != 2 || countSecond.Load() != 2 {
		t.Errorf("the workers got %d and %d requests, want 2 each", countFirst.Load(), countSecond.Load())
	}
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	p.ForgetWrites()
	if err := p.SetTargets(down.URL); err != nil {
		t.Fatal(err)
	}
	if err := ask(); err == nil || len(p.Writes()) > 0 {
		t.Errorf("got %v from a worker that is down; noted %v", err, p.Writes())
	}
	if err := p.SetTargets(second); err != nil {
		t.Fatal(err)
	}
	if err := ask(); err != nil || countSecond.Load() != 3 {
		t.Errorf("got %v, %d requests", err, countSecond.Load())
	}
}

// A write reaches the worker although its client has gone, and the hooks are called.
func TestFaultProxyOutlivesClients(t *testing.T) {
	t.Parallel()
	worker, count := standIn(t)
	arrived, carried := make(chan struct{}), make(chan struct{})
	p := faultProxy(t, stack.FaultOptions{
		Arrived: func(r *http.Request) { <-r.Context().Done(); close(arrived) },
		Carried: func(*http.Request) { close(carried) },
	}, worker)
	if _, _, err := send(impatient(t), t, http.MethodDelete, p.URL+"/connectors/a", ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	<-arrived
	<-carried
	if count.Load() != 1 || len(p.Writes()) != 1 {
		t.Errorf("the worker got %d requests, noted %v", count.Load(), p.Writes())
	}
}

// Close ends all requests and goroutines. Not parallel, because it counts goroutines.
func TestFaultProxyCloses(t *testing.T) {
	worker, _ := standIn(t)
	before := runtime.NumGoroutine()
	for range 10 {
		p, err := stack.NewFaultProxy(stack.FaultOptions{Rate: 1, Kinds: []stack.Fault{stack.SilentBefore, stack.CutShort, stack.ResetAfter}}, worker)
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
		eventually(t, "all requests have arrived", func() bool { return p.Requests() == 10 })
		p.Close()
		for range 10 {
			<-ended
		}
	}
	eventually(t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= before })
}

func TestFaultProxyNeedsAWorker(t *testing.T) {
	t.Parallel()
	for _, workers := range [][]string{nil, {"://"}} {
		if p, err := stack.NewFaultProxy(stack.FaultOptions{}, workers...); err == nil {
			p.Close()
			t.Errorf("no error for %v", workers)
		}
	}
}

// A client that only retries gets its requests through to a real worker in spite of faults.
func TestFaultProxyBeforeARealWorker(t *testing.T) {
	t.Parallel()
	s := stack.Shared(t)
	p := faultProxy(t, stack.FaultOptions{Seed: 1, Rate: 0.5}, s.URLs()...)
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
	for _, w := range p.Writes() {
		if w.Connector != "faults" {
			t.Errorf("noted %v", w)
		}
	}
}
