package connectfake

import (
	"io"
	"log"
	"net/http"
	"path"
	"sync"
)

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
