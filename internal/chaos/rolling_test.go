package chaos

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// Workers are restarted one after the other, as for a new version, in the middle of an apply, which goes through.
func TestRollingRestart(t *testing.T) {
	p := newPlayground(t)
	gate := &gate{opened: make(chan struct{})}
	var urls []string
	for _, worker := range cluster.Workers {
		proxy, err := stack.NewProxy(stack.ProxyOptions{}, worker.URL)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(proxy.Close)
		proxy.Before(gate.pass)
		urls = append(urls, proxy.URL)
	}
	p.fleet, p.done = p.fleet.mutate(p.rand, p.size)
	p.tf.set(map[string]any{"urls": urls, "request_timeout": "2m", "hurry": p.hurry, "fleet": p.fleet})

	rolled := make(chan error, 1)
	gate.at(p.size/3, func() { go func() { rolled <- roll(t.Context(), gate) }() })
	out, ok := p.tf.apply()
	if !ok {
		t.Fatalf("the apply failed:\n%s", out)
	}
	if err := <-rolled; err != nil {
		t.Fatal(err)
	}
	p.fleet.mustBeHeld(t)
	p.tf.mustBeEmpty()
	p.write() // to be without the proxies of this test
	p.end()
}

// roll restarts each worker. Creations go on while the first one is down; some are held back for the restart of the last.
func roll(ctx context.Context, gate *gate) error {
	open := sync.OnceFunc(gate.open)
	defer open()
	for i, worker := range cluster.Workers {
		if i == len(cluster.Workers)-1 {
			open()
		}
		// One that gets stuck is killed, as whoever rolls a group does at last.
		if err := worker.Stop(ctx); err != nil && worker.Running() {
			return err
		}
		if err := worker.Start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// gate counts creations on their way to the workers. It lets as many through as it is told to, does something, lets as
// many through again, and holds the others back until it is opened.
type gate struct {
	mu     sync.Mutex
	passed int
	limit  int
	do     func()
	opened chan struct{}
}

func (g *gate) at(limit int, do func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limit, g.do = limit, do
}

func (g *gate) open() { close(g.opened) }

func (g *gate) pass(r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/connectors" {
		return
	}
	g.mu.Lock()
	g.passed++
	if g.passed == g.limit {
		g.do()
	}
	hold := g.passed > 2*g.limit
	g.mu.Unlock()
	if !hold {
		return
	}
	select {
	case <-g.opened:
	case <-r.Context().Done():
	}
}
