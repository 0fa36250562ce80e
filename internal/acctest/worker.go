package acctest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-version"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// Worker asks a Connect worker without the code under test. A proxy before the worker records the requests of the code under test.
type Worker struct {
	T      *testing.T
	Direct string // address of the worker itself
	URL    string // address of the proxy, for the provider

	mu       sync.Mutex
	requests []string // method and path of each request that came through the proxy

	// Before and After, if set, run around each request through the proxy. After runs before the answer is passed on.
	Before, After func(*http.Request)
}

// Watch puts a proxy before the worker at the address.
func Watch(t *testing.T, address string) *Worker {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	w := &Worker{T: t, Direct: address}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(resp *http.Response) error {
			if w.After != nil {
				w.After(resp.Request)
			}
			return nil
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.requests = append(w.requests, r.Method+" "+r.URL.Path)
		w.mu.Unlock()
		if w.Before != nil {
			w.Before(r)
		}
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	w.URL = server.URL
	return w
}

// Count is the number of requests with the method that came through the proxy; an empty method means any.
func (w *Worker) Count(method string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, request := range w.requests {
		if strings.HasPrefix(request, method) {
			n++
		}
	}
	return n
}

// Forget drops the recorded requests.
func (w *Worker) Forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = nil
}

// Writes are the requests that came through the proxy and change something.
func (w *Worker) Writes() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.requests), func(r string) bool {
		return strings.HasPrefix(r, "GET ") || strings.HasSuffix(r, "/validate")
	})
}

// Ask sends a request straight to the worker and returns status and body.
func (w *Worker) Ask(method, path string, body any) (int, []byte) {
	w.T.Helper()
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body)
	}
	// Not the test's context: it is over when clean-up runs.
	req, err := http.NewRequestWithContext(context.WithoutCancel(w.T.Context()), method, w.Direct+path, bytes.NewReader(text))
	if err != nil {
		w.T.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.T.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		w.T.Fatal(err)
	}
	return resp.StatusCode, answer
}

// Do sends a request straight to the worker until it succeeds: the worker may be rebalancing.
func (w *Worker) Do(method, path string, body any) []byte {
	w.T.Helper()
	var answer []byte
	Eventually(w.T, method+" "+path+" succeeds", func() bool {
		var status int
		status, answer = w.Ask(method, path, body)
		return status < 300
	})
	return answer
}

// Config is what the worker holds of the connector's configuration, without its name.
func (w *Worker) Config(name string) map[string]string {
	w.T.Helper()
	var config map[string]string
	if err := json.Unmarshal(w.Do(http.MethodGet, ConnectorPath(name, "config"), nil), &config); err != nil {
		w.T.Fatal(err)
	}
	delete(config, "name")
	return config
}

// Status is the state of the connector and those of its tasks.
func (w *Worker) Status(name string) (connector string, tasks []string) {
	w.T.Helper()
	var status struct {
		Connector struct{ State string }
		Tasks     []struct{ State string }
	}
	if err := json.Unmarshal(w.Do(http.MethodGet, ConnectorPath(name, "status"), nil), &status); err != nil {
		w.T.Fatal(err)
	}
	for _, task := range status.Tasks {
		tasks = append(tasks, task.State)
	}
	return status.Connector.State, tasks
}

// Exists reports whether the worker has the connector.
func (w *Worker) Exists(name string) bool {
	w.T.Helper()
	var names []string
	if err := json.Unmarshal(w.Do(http.MethodGet, "/connectors", nil), &names); err != nil {
		w.T.Fatal(err)
	}
	return slices.Contains(names, name)
}

// Older reports whether the worker is older than a version such as "3.5".
func (w *Worker) Older(than string) bool {
	w.T.Helper()
	var Kafka struct{ Version string }
	if err := json.Unmarshal(w.Do(http.MethodGet, "/", nil), &Kafka); err != nil {
		w.T.Fatal(err)
	}
	return version.Must(version.NewVersion(Kafka.Version)).LessThan(version.Must(version.NewVersion(than)))
}

// States are the states that the worker can be asked for.
func (w *Worker) States() []string {
	w.T.Helper()
	if w.Older("3.5") {
		return []string{"RUNNING", "PAUSED"}
	}
	return []string{"RUNNING", "PAUSED", "STOPPED"}
}

// Needs expects the error of a worker that is too old for a feature.
func Needs(feature, since string) *regexp.Regexp {
	return Flat(feature + " needs Kafka Connect " + since + " or later; the worker is ")
}

// Delete deletes the connector if it is there.
func (w *Worker) Delete(name string) {
	w.T.Helper()
	Eventually(w.T, "connector "+name+" is deleted", func() bool {
		status, _ := w.Ask(http.MethodDelete, ConnectorPath(name), nil)
		return status == http.StatusNoContent || status == http.StatusNotFound
	})
}

// ConnectorPath is the escaped path of a connector and what is below it.
func ConnectorPath(name string, below ...string) string {
	return "/connectors/" + strings.Join(append([]string{url.PathEscape(name)}, below...), "/")
}

// Classes of the connectors that every worker of the test stack has.
const (
	SourceClass = "org.apache.kafka.connect.file.FileStreamSourceConnector"
	SinkClass   = "org.apache.kafka.connect.file.FileStreamSinkConnector"
)

// SharedWorker returns the worker that all acceptance tests share, behind a proxy of this test.
func SharedWorker(t *testing.T) *Worker {
	t.Helper()
	RequireAcceptance(t)
	return Watch(t, stack.Shared(t).URLs()[0])
}
