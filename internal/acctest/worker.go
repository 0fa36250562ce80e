package acctest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// Worker is a Connect worker. Its methods query the worker directly, without the code under test. The provider uses the
// proxy in front of the worker, at [stack.Proxy.URL].
type Worker struct {
	*stack.Proxy // nil without Watch

	T      *testing.T
	Direct string // URL of the worker itself
}

// Watch returns the worker at the URL, with a proxy that ends with the test.
func Watch(t *testing.T, address string) *Worker {
	t.Helper()
	proxy, err := stack.NewProxy(stack.ProxyOptions{}, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	return &Worker{Proxy: proxy, T: t, Direct: address}
}

// Count returns how many requests of the method the proxy received. An empty method means any.
func (w *Worker) Count(method string) int {
	n := 0
	for _, request := range w.Requests() {
		if method == "" || request.Method == method {
			n++
		}
	}
	return n
}

// Writes returns method and path of the requests that change something, in the order in which the proxy received them.
func (w *Worker) Writes() []string {
	var writes []string
	for _, request := range w.Requests() {
		if request.IsWrite() {
			writes = append(writes, request.Method+" "+request.Path)
		}
	}
	return writes
}

// Forget empties the list of requests.
func (w *Worker) Forget() { w.Take() }

// Ask sends a request directly to the worker and returns the status and the body of the response.
func (w *Worker) Ask(method, path string, body any) (int, []byte) {
	w.T.Helper()
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body)
	}
	// The context of the test is already cancelled when Cleanup functions run.
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

// Do sends a request directly to the worker, again and again until it succeeds: the worker may be rebalancing.
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

// Config returns the configuration of the connector on the worker, without the key "name".
func (w *Worker) Config(name string) map[string]string {
	w.T.Helper()
	var config map[string]string
	if err := json.Unmarshal(w.Do(http.MethodGet, ConnectorPath(name, "config"), nil), &config); err != nil {
		w.T.Fatal(err)
	}
	delete(config, "name")
	return config
}

// Status returns the state of the connector and the states of its tasks.
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

// States returns the target states that the worker supports.
func (w *Worker) States() []string {
	w.T.Helper()
	if w.Older("3.5") {
		return []string{"RUNNING", "PAUSED"}
	}
	return []string{"RUNNING", "PAUSED", "STOPPED"}
}

// Needs returns a pattern for the error that the worker is too old for a feature.
func Needs(feature, since string) *regexp.Regexp {
	return Flat(feature + " needs Kafka Connect " + since + " or later; the worker runs ")
}

// Delete deletes the connector if it exists.
func (w *Worker) Delete(name string) {
	w.T.Helper()
	Eventually(w.T, "connector "+name+" is deleted", func() bool {
		status, _ := w.Ask(http.MethodDelete, ConnectorPath(name), nil)
		return status == http.StatusNoContent || status == http.StatusNotFound
	})
}

// ConnectorPath returns the escaped path of a connector, followed by the segments below.
func ConnectorPath(name string, below ...string) string {
	return "/connectors/" + strings.Join(append([]string{url.PathEscape(name)}, below...), "/")
}

// Connector classes that every worker of the test stack has.
const (
	SourceClass = "org.apache.kafka.connect.file.FileStreamSourceConnector"
	SinkClass   = "org.apache.kafka.connect.file.FileStreamSinkConnector"
)

// SharedWorker returns the worker that all acceptance tests share, with a proxy for this test only.
func SharedWorker(t *testing.T) *Worker {
	t.Helper()
	RequireAcceptance(t)
	return Watch(t, stack.Shared(t).URLs()[0])
}
