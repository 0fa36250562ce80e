package chaos

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// fixture is a fleet of connectors that Terraform manages through a proxy.
type fixture struct {
	t       *testing.T
	rand    *rand.Rand
	tf      *terraform
	proxy   *stack.Proxy
	trigger trigger

	size         int    // approximate number of declared connectors
	shortTimeout string // timeout of the connectors with a short timeout
	fleet        fleet
	change       change // from the last fleet that was checked
	applied      bool   // the last apply succeeded, so that Terraform has nothing left to do
	requests     int    // number of requests before the current change
}

// newFixture starts a test. The fleet is empty, and [fixture.destroy] must empty it again.
func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, rand: begin(t), size: *connectors, shortTimeout: "3m", fleet: fleet{}}
	var urls []string
	for _, w := range cluster.Workers {
		urls = append(urls, w.URL)
	}
	proxy, err := stack.NewProxy(stack.ProxyOptions{Seed: f.rand.Uint64()}, urls...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	proxy.Before(f.trigger.step)
	proxy.After(f.trigger.step)
	f.proxy, f.tf = proxy, newTerraform(t, fleetConfig)
	t.Cleanup(func() {
		if t.Failed() { // the next test needs running workers without connectors
			restore(t)
			deleteAll(t)
		}
	})
	return f
}

// declare starts a new change and changes the declaration at random.
func (f *fixture) declare() {
	f.t.Helper()
	f.newChange()
	f.declareMore()
}

// newChange starts a new, empty change. Requests of the previous change are no longer checked.
func (f *fixture) newChange() {
	f.t.Helper()
	f.change = change{}
	f.awaitIdle()
	f.requests += len(f.proxy.Take())
}

// declareMore changes the declaration at random and adds that to the change.
func (f *fixture) declareMore() {
	f.t.Helper()
	var more change
	f.fleet, more = f.fleet.mutate(f.rand, f.size)
	f.change = f.change.merge(more)
	f.setVariables()
}

// setVariables passes the declaration to Terraform. The short request timeout keeps silent faults short. A response that
// is only slow then counts as a fault too.
func (f *fixture) setVariables() {
	f.t.Helper()
	f.tf.SetVariables(map[string]any{
		"urls": []string{f.proxy.URL}, "request_timeout": "1500ms", "short_timeout": f.shortTimeout, "fleet": f.fleet,
	})
}

// totalRequests returns the number of requests since the start of the test.
func (f *fixture) totalRequests() int { return f.requests + len(f.proxy.Requests()) }

// awaitIdle waits until the workers have answered all requests, also those of clients that have disconnected.
func (f *fixture) awaitIdle() {
	f.t.Helper()
	acctest.Eventually(f.t, "no request is in progress", f.proxy.Idle)
}

// check checks that the workers match the declaration and that all writes belong to the change. After restarts, writes to
// other connectors are allowed: they may need a repair.
func (f *fixture) check(restarts bool) {
	f.t.Helper()
	f.fleet.mustMatch(f.t)
	f.checkWrites(restarts)
}

// checkWrites checks that all writes belong to the change.
func (f *fixture) checkWrites(restarts bool) {
	f.t.Helper()
	f.awaitIdle()
	f.change.mustCover(f.t, f.proxy.Requests(), restarts)
}

// destroy destroys all connectors, without faults.
func (f *fixture) destroy() {
	f.t.Helper()
	f.proxy.SetRate(0)
	f.newChange()
	removed := names{}
	for name := range maps.Keys(f.fleet) {
		removed[name] = true
	}
	f.tf.Must("destroy", "-auto-approve", "-no-color")
	f.fleet, f.change = fleet{}, change{removed: removed}
	f.check(false)
}

// terraform runs Terraform with the provider that was built.
type terraform struct {
	*acctest.CLI
	tainted int // number of tainted resources that applies repaired
}

func newTerraform(t *testing.T, config string) *terraform {
	t.Helper()
	return &terraform{CLI: acctest.NewCLIWith(t, config, provider)}
}

// apply runs terraform apply and reports whether it succeeded.
func (tf *terraform) apply() (out string, ok bool) {
	tf.T.Helper()
	out, ok = tf.Run("apply", "-auto-approve", "-compact-warnings", "-parallelism=30", "-no-color")
	tf.tainted += strings.Count(out, "is tainted, so must be replaced")
	return out, ok
}

// converge runs terraform apply, which must succeed and leave an empty plan.
func (tf *terraform) converge() {
	tf.T.Helper()
	if out, ok := tf.apply(); !ok {
		tf.T.Fatalf("the apply failed:\n%s", out)
	}
	tf.mustBeEmpty()
}

// mustBeEmpty runs terraform plan and stops the test if the plan has changes.
func (tf *terraform) mustBeEmpty() {
	tf.T.Helper()
	tf.Must("plan", "-detailed-exitcode", "-compact-warnings", "-no-color")
}

// errorsOf counts the errors in the output of Terraform by their summaries, without the names in these.
func errorsOf(out string) string {
	counts, order := map[string]int{}, []string(nil)
	for line := range strings.Lines(out) {
		if _, summary, ok := strings.Cut(line, "Error: "); ok {
			summary, _, _ = strings.Cut(strings.TrimSpace(summary), ` "`)
			if counts[summary]++; counts[summary] == 1 {
				order = append(order, summary)
			}
		}
	}
	for i, summary := range order {
		order[i] = fmt.Sprintf("%d × %s", counts[summary], summary)
	}
	return strings.Join(order, "; ")
}

// trigger calls a function after a number of steps, counted from the first write of an apply. The proxy takes a step when
// it receives a request, and another one when a worker has answered it. The request waits for the function.
type trigger struct {
	mu      sync.Mutex
	left    int // steps until the function is called; not positive: never
	started bool
	count   int
	do      func(*http.Request)
}

// arm sets the number of steps and the function.
func (g *trigger) arm(steps int, do func(*http.Request)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left, g.do, g.started, g.count = steps, do, false, 0
}

// step is a hook of the proxy.
func (g *trigger) step(r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	reads := r.Method == http.MethodGet || strings.HasSuffix(r.URL.Path, "/config/validate")
	if g.started = g.started || !reads; !g.started {
		return
	}
	g.count++
	if g.left--; g.left == 0 {
		g.do(r)
	}
}

// disarm returns the number of steps so far. The function is not called any more.
func (g *trigger) disarm() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left = 0
	return g.count
}
