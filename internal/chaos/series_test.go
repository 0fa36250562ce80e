package chaos

import (
	"testing"
	"time"
)

// seriesApplies is how many applies are made under faults before they stop for a look.
const seriesApplies = 5

// rate is the share of requests that meet a fault. With a much larger one an apply waits for the few requests that fail
// often in a row, each time longer, and meets fewer faults a minute.
const rate = 0.3

// Every apply goes through although three of ten of its requests meet a fault, and writes to nothing but what it changes:
// no deletion and no creation that was not declared. What it reports as done is there, and after each series the workers
// hold what was declared.
func TestFaultedSeries(t *testing.T) {
	p := newPlayground(t)
	p.size = min(p.size, 25) // some fifty requests of an apply meet a fault then
	began := time.Now()
	for n := 0; n < *applies || p.proxy.Faults().Total() < *faulted; {
		for range min(seriesApplies, *applies) {
			p.declare()
			p.proxy.SetRate(rate)
			if out, ok := p.tf.apply(); !ok {
				t.Fatalf("apply %d failed under faults:\n%s", n, out)
			}
			p.fleet.mustBeThere(t)
			p.checkWrites(false)
			n++
			t.Logf("%4.0f s: apply %d, %v", time.Since(began).Seconds(), n, p.done)
		}
		p.proxy.SetRate(0)
		p.tf.converge()
		p.check(false)
		t.Logf("%4.0f s: %d applies, %d of %d requests met a fault", time.Since(began).Seconds(), n, p.proxy.Faults().Total(), p.requests+len(p.proxy.Requests()))
	}
	p.end()
	t.Logf("survived:\n%s", p.proxy.Faults())
}
