package provider

import (
	"bytes"
	"context"
	"crypto/rand"
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
)

// worker asks a Connect worker without the code under test, through a proxy that notes what the code under test asks.
type worker struct {
	t      *testing.T
	direct string // address of the worker itself
	URL    string // address of the proxy, for the provider

	mu       sync.Mutex
	requests []string // method and path of each request that came through the proxy

	// before and after, when set, run around each request that comes through the proxy; after runs when the worker
	// has answered and the answer has not been passed on.
	before, after func(*http.Request)
}

// watch puts a proxy in front of the worker at the address.
func watch(t *testing.T, address string) *worker {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	w := &worker{t: t, direct: address}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(resp *http.Response) error {
			if w.after != nil {
				w.after(resp.Request)
			}
			return nil
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.requests = append(w.requests, r.Method+" "+r.URL.Path)
		w.mu.Unlock()
		if w.before != nil {
			w.before(r)
		}
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	w.URL = server.URL
	return w
}

// count is the number of requests with the method that came through the proxy; an empty method means any.
func (w *worker) count(method string) int {
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

// forget starts the count anew.
func (w *worker) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = nil
}

// writes are the requests that came through the proxy and change something.
func (w *worker) writes() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.requests), func(r string) bool {
		return strings.HasPrefix(r, "GET ") || strings.HasSuffix(r, "/validate")
	})
}

// ask sends a request straight to the worker and returns status and body.
func (w *worker) ask(method, path string, body any) (int, []byte) {
	w.t.Helper()
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body)
	}
	// Not the test's context: it is over when clean-up runs.
	req, err := http.NewRequestWithContext(context.WithoutCancel(w.t.Context()), method, w.direct+path, bytes.NewReader(text))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, answer
}

// do sends a request straight to the worker until it succeeds: the worker may be rebalancing.
func (w *worker) do(method, path string, body any) []byte {
	w.t.Helper()
	var answer []byte
	eventually(w.t, method+" "+path+" succeeds", func() bool {
		var status int
		status, answer = w.ask(method, path, body)
		return status < 300
	})
	return answer
}

// config is what the worker holds of the connector's configuration, without its name.
func (w *worker) config(name string) map[string]string {
	w.t.Helper()
	var config map[string]string
	if err := json.Unmarshal(w.do(http.MethodGet, connectorPath(name, "config"), nil), &config); err != nil {
		w.t.Fatal(err)
	}
	delete(config, "name")
	return config
}

// status is the state of the connector and those of its tasks.
func (w *worker) status(name string) (connector string, tasks []string) {
	w.t.Helper()
	var status struct {
		Connector struct{ State string }
		Tasks     []struct{ State string }
	}
	if err := json.Unmarshal(w.do(http.MethodGet, connectorPath(name, "status"), nil), &status); err != nil {
		w.t.Fatal(err)
	}
	for _, task := range status.Tasks {
		tasks = append(tasks, task.State)
	}
	return status.Connector.State, tasks
}

// exists tells whether the worker has the connector.
func (w *worker) exists(name string) bool {
	w.t.Helper()
	var names []string
	if err := json.Unmarshal(w.do(http.MethodGet, "/connectors", nil), &names); err != nil {
		w.t.Fatal(err)
	}
	return slices.Contains(names, name)
}

// older tells whether the worker is older than a version such as "3.5".
func (w *worker) older(than string) bool {
	w.t.Helper()
	var cluster struct{ Version string }
	if err := json.Unmarshal(w.do(http.MethodGet, "/", nil), &cluster); err != nil {
		w.t.Fatal(err)
	}
	return version.Must(version.NewVersion(cluster.Version)).LessThan(version.Must(version.NewVersion(than)))
}

// states are the states that the worker can be asked for.
func (w *worker) states() []string {
	w.t.Helper()
	if w.older("3.5") {
		return []string{stateRunning, statePaused}
	}
	return targetStates
}

// needs expects the error of a worker that is too old for a feature.
func needs(feature, since string) *regexp.Regexp {
	return flat(feature + " needs Kafka Connect " + since + " or later; the worker is ")
}

// flat is a pattern that finds the text however Terraform wraps its lines.
func flat(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, word := range words {
		words[i] = regexp.QuoteMeta(word)
	}
	return regexp.MustCompile(strings.Join(words, `[\s│]+`))
}

// delete deletes the connector if it is there.
func (w *worker) delete(name string) {
	w.t.Helper()
	eventually(w.t, "connector "+name+" is deleted", func() bool {
		status, _ := w.ask(http.MethodDelete, connectorPath(name), nil)
		return status == http.StatusNoContent || status == http.StatusNotFound
	})
}

// connectorPath is the escaped path of a connector and what is below it.
func connectorPath(name string, below ...string) string {
	return "/connectors/" + strings.Join(append([]string{url.PathEscape(name)}, below...), "/")
}

// uniqueName is a connector name that no other test uses.
func uniqueName(prefix string) string { return prefix + "-" + strings.ToLower(rand.Text()[:10]) }
