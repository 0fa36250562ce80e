package chaos

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// playground is a fleet that a Terraform manages through a fault proxy.
type playground struct {
	t     *testing.T
	rand  *rand.Rand
	tf    *terraform
	proxy *stack.Proxy
	size  int    // about how many connectors are declared at a time
	hurry string // when connectors that hurry give up
	fleet fleet
	done  change // what the last declaration changed
	fuse  fuse

	requests int  // before the current declaration
	applied  bool // nothing that is declared is left to do, as far as Terraform knows
}

// newPlayground begins a test with an empty fleet, which it ends with again.
func newPlayground(t *testing.T) *playground {
	t.Helper()
	p := &playground{t: t, rand: begin(t), size: *connectors, hurry: "3m", fleet: fleet{}}
	var urls []string
	for _, w := range cluster.Workers {
		urls = append(urls, w.URL)
	}
	proxy, err := stack.NewProxy(stack.ProxyOptions{Seed: p.rand.Uint64()}, urls...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	proxy.Before(p.fuse.burn)
	proxy.After(p.fuse.burn)
	p.proxy, p.tf = proxy, newTerraform(t, fleetConfig)
	t.Cleanup(func() {
		if t.Failed() { // the other tests want to find all up and empty
			restore(t)
			deleteAll(t)
		}
	})
	return p
}

// declare changes the declaration at random.
func (p *playground) declare() {
	p.t.Helper()
	p.turn()
	p.declareMore()
}

// turn begins a new change, of which nothing is declared yet.
func (p *playground) turn() {
	p.t.Helper()
	p.done = change{}
	p.forget()
}

// declareMore changes it once more, before the last change was checked.
func (p *playground) declareMore() {
	p.t.Helper()
	var more change
	p.fleet, more = p.fleet.mutate(p.rand, p.size)
	p.done = p.done.and(more)
	p.write()
}

// forget forgets the writes so far, those included that are still to be carried out.
func (p *playground) forget() {
	p.t.Helper()
	eventually(p.t, "no request is on its way to a worker", p.proxy.Idle)
	p.requests += len(p.proxy.Take())
}

func (p *playground) write() {
	p.t.Helper()
	// A short time-out makes a silent worker a cheap fault; one that is only slow is then a fault as well.
	p.tf.set(map[string]any{"urls": []string{p.proxy.URL}, "request_timeout": "1500ms", "hurry": p.hurry, "fleet": p.fleet})
}

// check checks that the workers hold the declaration, and that nothing was written that it does not say. Where workers
// went down, others than the declaration names may need to be written to.
func (p *playground) check(wentDown bool) {
	p.t.Helper()
	p.fleet.mustBeHeld(p.t)
	p.checkWrites(wentDown)
}

// checkWrites checks that nothing was written that the declaration does not say.
func (p *playground) checkWrites(wentDown bool) {
	p.t.Helper()
	eventually(p.t, "no request is on its way to a worker", p.proxy.Idle)
	p.done.mustBeDeclared(p.t, p.proxy.Requests(), wentDown)
}

// end removes all connectors.
func (p *playground) end() {
	p.t.Helper()
	p.proxy.SetRate(0)
	removed := names{}
	for name := range maps.Keys(p.fleet) {
		removed[name] = true
	}
	p.forget()
	p.tf.destroy()
	p.fleet, p.done = fleet{}, change{removed: removed}
	p.check(false)
}
