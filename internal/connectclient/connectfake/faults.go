package connectfake

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// Always injects a fault until [Worker.Calm].
const Always = -1

// Effect is what happens to a request. next carries it out.
type Effect func(rw http.ResponseWriter, r *http.Request, next http.Handler)

type fault struct {
	method, pattern string
	times           int
	effect          Effect
}

type faults struct {
	mu   sync.Mutex
	list []*fault
}

// Inject gives the effect to the next requests, as many as times, with this method to paths that match
// the pattern, in which * stands for one segment ([path.Match]); empty is any. Faults for the same
// requests take effect one after the other.
func (w *Worker) Inject(method, pattern string, times int, effect Effect) {
	w.faults.mu.Lock()
	defer w.faults.mu.Unlock()
	w.faults.list = append(w.faults.list, &fault{method, pattern, times, effect})
}

// Calm takes back all faults.
func (w *Worker) Calm() {
	w.faults.mu.Lock()
	defer w.faults.mu.Unlock()
	w.faults.list = nil
}

// take returns the effect for a request, or nil.
func (f *faults) take(r *http.Request) Effect {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range f.list {
		if fault.times != 0 && matches(fault.method, fault.pattern, r.Method, r.URL.EscapedPath()) {
			if fault.times > 0 {
				fault.times--
			}
			return fault.effect
		}
	}
	return nil
}

// Answer answers with a status, a content type (none if empty) and a body. Nothing is carried out.
func Answer(status int, contentType, body string) Effect {
	return func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) {
		if contentType != "" {
			rw.Header().Set("Content-Type", contentType)
		}
		rw.WriteHeader(status)
		_, _ = rw.Write([]byte(body))
	}
}

// Fails answers with an error of Connect's own shape. Nothing is carried out.
func Fails(status int, message string) Effect {
	return func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) { writeError(rw, status, message) }
}

// Rebalancing is what a rebalance makes a worker answer: 500 to reads, 409 to writes.
func Rebalancing() Effect {
	return func(rw http.ResponseWriter, r *http.Request, _ http.Handler) {
		if r.Method == http.MethodGet {
			writeError(rw, http.StatusInternalServerError, "Request cannot be completed because a rebalance is expected")
			return
		}
		writeError(rw, http.StatusConflict, "Cannot complete request because of a conflicting operation (e.g. worker rebalance)")
	}
}

// Starting is what a worker that starts answers to everything: a 404 of its web server's.
func Starting() Effect {
	return Answer(http.StatusNotFound, "text/html;charset=iso-8859-1",
		"<html><head><title>Error 404 Not Found</title></head><body><h2>HTTP ERROR 404 Not Found</h2></body></html>")
}

// RetryAfter answers 503 and asks to come back after some seconds.
func RetryAfter(seconds int) Effect {
	return func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) {
		rw.Header().Set("Retry-After", strconv.Itoa(seconds))
		rw.WriteHeader(http.StatusServiceUnavailable)
	}
}

// Reset breaks the connection. Nothing is carried out.
func Reset() Effect {
	return func(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }
}

// Lost carries the request out and gives its answer another effect, such as [Reset] or [Fails].
func Lost(instead Effect) Effect {
	return func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(httptest.NewRecorder(), r)
		instead(rw, r, next)
	}
}

// Afterwards carries the request out and calls a function before the answer goes out.
func Afterwards(call func()) Effect {
	return func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		whole := httptest.NewRecorder()
		next.ServeHTTP(whole, r)
		call()
		maps.Copy(rw.Header(), whole.Header())
		rw.WriteHeader(whole.Code)
		_, _ = rw.Write(whole.Body.Bytes())
	}
}

// Truncated carries the request out and breaks the connection in the middle of the answer.
func Truncated() Effect {
	return func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		whole := httptest.NewRecorder()
		next.ServeHTTP(whole, r)
		rw.Header().Set("Content-Type", "application/json")
		rw.Header().Set("Content-Length", strconv.Itoa(whole.Body.Len()+1))
		rw.WriteHeader(whole.Code)
		_, _ = rw.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
		panic(http.ErrAbortHandler)
	}
}

// Delayed waits before it carries the request out, or gives up with the client.
func Delayed(d time.Duration) Effect {
	return func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		select {
		case <-time.After(d):
			next.ServeHTTP(rw, r)
		case <-r.Context().Done():
		}
	}
}

// Held carries the request out when release is closed, or gives up with the client.
func Held(release <-chan struct{}) Effect {
	return func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		select {
		case <-release:
			next.ServeHTTP(rw, r)
		case <-r.Context().Done():
		}
	}
}

func writeError(rw http.ResponseWriter, status int, message string) {
	writeJSON(rw, status, map[string]any{"error_code": status, "message": message})
}

func writeJSON(rw http.ResponseWriter, status int, body any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(body)
}
