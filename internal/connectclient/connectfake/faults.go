package connectfake

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// Always injects a fault until [Worker.Calm].
const Always = -1

// Effect replaces the handling of a request. next executes the request normally.
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

// Inject applies an effect to the next requests with this method and a path that matches the pattern, as many as times.
// In the pattern, * is one segment ([path.Match]). An empty method or pattern matches all requests. Several faults for the
// same requests apply one after the other.
func (w *Worker) Inject(method, pattern string, times int, effect Effect) {
	w.faults.mu.Lock()
	defer w.faults.mu.Unlock()
	w.faults.list = append(w.faults.list, &fault{method, pattern, times, effect})
}

// Calm removes all faults.
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

// Answer answers with a status, a content type (none if empty) and a body. The request is not executed.
func Answer(status int, contentType, body string) Effect {
	return func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) {
		if contentType != "" {
			rw.Header().Set("Content-Type", contentType)
		}
		rw.WriteHeader(status)
		_, _ = rw.Write([]byte(body))
	}
}

// Fails answers with an error in Connect's JSON form. The request is not executed.
func Fails(status int, message string) Effect {
	return func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) { writeError(rw, status, message) }
}

// Rebalancing answers like a worker in a rebalance: 500 to reads, 409 to writes.
func Rebalancing() Effect {
	return func(rw http.ResponseWriter, r *http.Request, _ http.Handler) {
		if r.Method == http.MethodGet {
			writeError(rw, http.StatusInternalServerError, "Request cannot be completed because a rebalance is expected")
			return
		}
		writeError(rw, http.StatusConflict, "Cannot complete request because of a conflicting operation (e.g. worker rebalance)")
	}
}

// Starting answers like a worker that is starting: its web server sends a 404 to every request.
func Starting() Effect {
	return Answer(http.StatusNotFound, "text/html;charset=iso-8859-1",
		"<html><head><title>Error 404 Not Found</title></head><body><h2>HTTP ERROR 404 Not Found</h2></body></html>")
}

// NotReady refuses a write like a worker that serves its REST API and has not opened its config topic yet.
func NotReady() Effect {
	return Fails(http.StatusInternalServerError, "This KafkaBasedLog was created in read-only mode and does not support write operations")
}

// RetryAfter answers 503 with a Retry-After header.
func RetryAfter(seconds int) Effect {
	return func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) {
		rw.Header().Set("Retry-After", strconv.Itoa(seconds))
		rw.WriteHeader(http.StatusServiceUnavailable)
	}
}

// Reset breaks the connection. The request is not executed.
func Reset() Effect {
	return func(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }
}

// Rewritten executes the request at another path, like a proxy that rewrites paths.
func Rewritten(path string) Effect {
	return func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		r.URL.Path, r.URL.RawPath = path, ""
		next.ServeHTTP(rw, r)
	}
}

// Lost executes the request and replaces its answer by another effect, such as [Reset] or [Fails].
func Lost(instead Effect) Effect {
	return func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(httptest.NewRecorder(), r)
		instead(rw, r, next)
	}
}

// Late executes the request after d, and answers with another effect, such as [Reset], before.
func Late(d time.Duration, instead Effect) Effect {
	return func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		body, _ := io.ReadAll(r.Body)
		later := r.Clone(context.WithoutCancel(r.Context()))
		later.Body = io.NopCloser(bytes.NewReader(body))
		time.AfterFunc(d, func() { next.ServeHTTP(httptest.NewRecorder(), later) })
		instead(rw, r, next)
	}
}

// Forwarded executes the request and answers like a worker from 2.8 to 3.3 that has forwarded the request to the leader:
// with 500 and the text of the leader's error. Such a worker validates configurations itself, so it forwards valid
// creations, updates and deletions only.
func Forwarded() Effect {
	return func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		leaders := httptest.NewRecorder()
		next.ServeHTTP(leaders, r)
		forwards := matches(http.MethodPost, "/connectors", r.Method, r.URL.EscapedPath()) ||
			matches(http.MethodDelete, "/connectors/*", r.Method, r.URL.EscapedPath()) ||
			matches(http.MethodPut, "/connectors/*/config", r.Method, r.URL.EscapedPath())
		var failed struct {
			Message string `json:"message"`
		}
		isError := json.Unmarshal(leaders.Body.Bytes(), &failed) == nil && leaders.Code >= http.StatusBadRequest
		if isError && forwards && leaders.Code != http.StatusBadRequest {
			writeError(rw, http.StatusInternalServerError, "Error trying to forward REST request: "+failed.Message)
			return
		}
		maps.Copy(rw.Header(), leaders.Header())
		rw.WriteHeader(leaders.Code)
		_, _ = rw.Write(leaders.Body.Bytes())
	}
}

// Afterwards executes the request and calls a function before it sends the answer.
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

// Truncated executes the request and breaks the connection in the middle of the answer.
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

// Delayed executes the request after a delay, unless the client gives up first.
func Delayed(d time.Duration) Effect {
	return func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		select {
		case <-time.After(d):
			next.ServeHTTP(rw, r)
		case <-r.Context().Done():
		}
	}
}

// Held executes the request when release is closed, unless the client gives up first.
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
