package proxy_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/proxy"
)

func TestKind(t *testing.T) {
	for _, test := range []struct{ method, path, want string }{
		{"GET", "/", "GET cluster"},
		{"GET", "/connectors", "GET names"},
		{"GET", "/connectors?expand=info&expand=status", proxy.Listing},
		{"POST", "/connectors", "POST connector"},
		{"GET", "/connectors/a", "GET connector"},
		{"DELETE", "/connectors/status", "DELETE connector"},
		{"GET", "/connectors/a/status", proxy.GetStatus},
		{"PUT", "/connectors/a/config", "PUT config"},
		{"POST", "/connectors/a/restart?includeTasks=true", "POST restart"},
		{"GET", "/connectors/a/tasks/0/status", "GET tasks status"},
		{"PUT", "/connector-plugins/org.example.Source/config/validate", proxy.Validate},
		{"GET", "/connector-plugins", "GET connector-plugins"},
	} {
		if got := proxy.Kind(httptest.NewRequestWithContext(t.Context(), test.method, test.path, nil)); got != test.want {
			t.Errorf("%s %s: %q, want %q", test.method, test.path, got, test.want)
		}
	}
}

// start starts a proxy in front of a worker.
func start(t *testing.T, worker http.HandlerFunc) *proxy.Proxy {
	t.Helper()
	server := httptest.NewServer(worker)
	t.Cleanup(server.Close)
	p, err := proxy.Start(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func get(t *testing.T, url string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	resp.Body.Close()
}

func TestProxyForwardsConcurrently(t *testing.T) {
	const n = 20
	var all sync.WaitGroup
	all.Add(n)
	p := start(t, func(http.ResponseWriter, *http.Request) {
		all.Done()
		all.Wait() // no request is answered before all have arrived
	})
	p.SetLatency(time.Millisecond)

	var clients sync.WaitGroup
	for range n {
		clients.Go(func() { get(t, p.URL+"/connectors?expand=status") })
	}
	clients.Wait()
	got := p.Take()
	if got.Requests[proxy.Listing] != n || got.Listings == nil || got.Listings.MostAtOnce != n {
		t.Errorf("%+v, listings %+v; want %d at once", got, got.Listings, n)
	}
	if again := p.Take(); again.Total() != 0 || again.Listings != nil {
		t.Errorf("counted twice: %+v", again)
	}
}

func TestProxyCountsRefusals(t *testing.T) {
	p := start(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusConflict) })
	for range 3 {
		get(t, p.URL+"/connectors/a")
	}
	got := p.Take()
	if got.Total() != 3 || got.Refused["409"] != 3 {
		t.Errorf("%+v, want 3 requests, all refused", got)
	}
}

func TestProxyAddsLatency(t *testing.T) {
	p := start(t, func(http.ResponseWriter, *http.Request) {})
	const wait = 30 * time.Millisecond
	p.SetLatency(wait)
	began := time.Now()
	get(t, p.URL+"/")
	if took := time.Since(began); took < wait {
		t.Errorf("answered after %s, want %s at the earliest", took, wait)
	}
}
