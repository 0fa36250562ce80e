package connectclient

import (
	"net/http"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// Only writes below /connectors can change what the cache holds.
func TestWritesThatEndCache(t *testing.T) {
	worker := connectfake.New(t)
	for path, want := range map[string]bool{
		"/connectors": true, "/connectors/a/pause": true, "/admin/loggers/root": false, "/connector-plugins/a/config/validate": false,
	} {
		client, err := New(Config{URLs: []string{worker.URL()}})
		if err != nil {
			t.Fatal(err)
		}
		worker.Inject("PUT", "", 1, connectfake.Answer(http.StatusNoContent, "", ""))
		if _, err := client.do(t.Context(), call{method: http.MethodPut, path: path}); err != nil {
			t.Fatal(err)
		}
		if got := client.written.Load(); got != want {
			t.Errorf("%s: ends the cache: %v", path, got)
		}
		client.Close()
	}
}

func TestPause(t *testing.T) {
	client, err := New(Config{URLs: []string{"http://a", "http://b"}, Retry: Interval{Min: time.Second, Max: 5 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	r := &request{client: client, skipped: 1}
	if got := r.pause(&Error{}); got != 0 {
		t.Errorf("before the next worker: %v", got)
	}
	r.skipped = 2
	for _, most := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second} {
		if got := r.pause(&Error{}); got < most/2 || got > most {
			t.Errorf("got %v, want %v to %v", got, most/2, most)
		}
	}
	for header, want := range map[string]time.Duration{"7": 7 * time.Second, "0": 0, "soon": 0, "": 0} {
		resp := &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {header}}}
		if got := retryAfter(resp); got != want {
			t.Errorf("%q: got %v", header, got)
		}
	}
	date := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	resp := &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {date}}}
	if got := retryAfter(resp); got < 59*time.Minute || got > time.Hour {
		t.Errorf("%q: got %v", date, got)
	}
	if got := r.pause(&Error{retryAfter: time.Minute}); got != time.Minute {
		t.Errorf("got %v", got)
	}
}
