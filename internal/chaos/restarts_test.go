package chaos

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// restarts stops or kills random workers and brokers, and starts each again before the next one. Two of three brokers are
// always running.
type restarts struct {
	t        *testing.T
	restarts []string // name of each process, and whether it was stopped or killed
	cancel   context.CancelFunc
	done     chan struct{}
	err      error // set before done is closed
}

// startRestarts starts the restarts in the background.
func (f *fixture) startRestarts() *restarts {
	ctx, cancel := context.WithCancel(f.t.Context())
	r := &restarts{t: f.t, cancel: cancel, done: make(chan struct{})}
	f.t.Cleanup(func() {
		cancel()
		<-r.done
	})
	random := rand.New(rand.NewPCG(f.rand.Uint64(), 0)) // f.rand is not safe for concurrent use
	go func() {
		defer close(r.done)
		r.err = r.run(ctx, random)
	}()
	return r
}

// stop waits until all processes run again.
func (r *restarts) stop() {
	r.t.Helper()
	r.cancel()
	<-r.done
	if r.err != nil {
		r.t.Fatal(r.err)
	}
}

// run restarts at least one process, and continues until the context ends.
func (r *restarts) run(ctx context.Context, random *rand.Rand) error {
	processes := cluster.Processes()
	if len(cluster.Brokers) < 3 {
		processes = processes[len(cluster.Brokers):] // without its only broker, the cluster does nothing
	}
	for {
		process, kill := processes[random.IntN(len(processes))], random.IntN(2) == 0
		if err := r.restart(process, kill, seconds(random, 0, 2)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(seconds(random, 3, 10)): // during a rebalance, the group serves no writes
		}
	}
}

// restart stops or kills a process and starts it after a delay.
func (r *restarts) restart(process *stack.Process, kill bool, delay time.Duration) error {
	ctx, how, end := r.t.Context(), "stopped", process.Stop
	if kill {
		how, end = "killed", process.Kill
	}
	r.restarts = append(r.restarts, process.Name+" "+how)
	// Stop returns an error if it had to kill the process. The test accepts that.
	if err := end(ctx); err != nil && process.Running() {
		return err
	}
	time.Sleep(delay)
	return process.Start(ctx)
}

// String returns the restarts so far.
func (r *restarts) String() string { return strings.Join(r.restarts, ", ") }

// restore starts the processes that a failed test has left stopped.
func restore(t *testing.T) {
	t.Helper()
	for _, process := range cluster.Processes() {
		if process.Running() {
			continue
		}
		if err := process.Start(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}
}

// seconds returns a random duration.
func seconds(random *rand.Rand, least, most float64) time.Duration {
	return time.Duration((least + random.Float64()*(most-least)) * float64(time.Second))
}

// An apply succeeds although each worker restarts in the middle of it, one after the other, as for an upgrade.
func TestRollingRestart(t *testing.T) {
	f := newFixture(t)
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
	f.fleet, f.change = f.fleet.mutate(f.rand, f.size)
	f.tf.SetVariables(map[string]any{"urls": urls, "request_timeout": "2m", "short_timeout": f.shortTimeout, "fleet": f.fleet})

	restarted := make(chan error, 1)
	gate.at(f.size/3, func() { go func() { restarted <- rollingRestart(t.Context(), gate) }() })
	out, ok := f.tf.apply()
	if !ok {
		t.Fatalf("the apply failed:\n%s", out)
	}
	if err := <-restarted; err != nil {
		t.Fatal(err)
	}
	f.fleet.mustMatch(t)
	f.tf.mustBeEmpty()
	f.setVariables() // back to the proxy of the fixture
	f.destroy()
}

// rollingRestart restarts each worker. The gate is open while the first workers restart, and then holds creations back
// until the restart of the last worker.
func rollingRestart(ctx context.Context, gate *gate) error {
	open := sync.OnceFunc(gate.open)
	defer open()
	for i, worker := range cluster.Workers {
		if i == len(cluster.Workers)-1 {
			open()
		}
		// Stop returns an error if it had to kill the worker. The test accepts that.
		if err := worker.Stop(ctx); err != nil && worker.Running() {
			return err
		}
		if err := worker.Start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// gate counts creations. When the count reaches the limit, it calls a function. It lets as many creations pass again and
// blocks the others until it is opened.
type gate struct {
	mu     sync.Mutex
	count  int
	limit  int
	do     func()
	opened chan struct{}
}

// at sets the limit and the function.
func (g *gate) at(limit int, do func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limit, g.do = limit, do
}

func (g *gate) open() { close(g.opened) }

// pass is a hook of the proxy.
func (g *gate) pass(r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/connectors" {
		return
	}
	g.mu.Lock()
	g.count++
	if g.count == g.limit {
		g.do()
	}
	block := g.count > 2*g.limit
	g.mu.Unlock()
	if !block {
		return
	}
	select {
	case <-g.opened:
	case <-r.Context().Done():
	}
}
