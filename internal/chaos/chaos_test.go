package chaos

import (
	"net/http"
	"testing"
	"time"
)

// outage is how long no answer gets through at times: longer than a connector that hurries waits.
const outage = 12 * time.Second

// While requests meet faults, workers and brokers are killed and started, no answer gets through for a while, and
// the provider is killed, applies may fail. Once that is over, one goes through and leaves what was declared.
func TestChaos(t *testing.T) {
	p := newPlayground(t)
	p.hurry = "10s"
	began := time.Now()
	for round := 1; round <= *rounds; round++ {
		p.turn()
		p.applied = true
		storm := p.newStorm()
		p.proxy.SetRate(rate)
		if round%2 == 1 {
			p.applyThroughOutage()
			p.applyUntilKilled()
		} else {
			p.applyUntilKilled()
			p.applyThroughOutage()
		}
		storm.end()

		p.proxy.SetRate(0)
		settle(t)
		out, ok := p.tf.apply()
		if !ok {
			t.Fatalf("the apply after the storm failed:\n%s", out)
		}
		p.fleet.mustBeThere(t)
		p.tf.mustBeEmpty()
		p.check(true)
		t.Logf("%4.0f s: round %d, %v; in the storm: %v; %d of %d requests met a fault; %d failed creations healed so far",
			time.Since(began).Seconds(), round, p.done, storm, p.proxy.Faults().Total(), p.requests+len(p.proxy.Requests()), p.tf.tainted)
	}
	p.end()
	t.Logf("survived:\n%s", p.proxy.Faults())
}

// attempts is how often a fuse is lit before it counts as never burning down: some changes need few requests.
const attempts = 10

// applyMore applies what is declared. If nothing of that is left to do, more is declared before. Not otherwise: a connector
// whose creation Terraform never heard of is adopted as it was declared, and as nothing else.
func (p *playground) applyMore() (out string, ok bool) {
	p.t.Helper()
	if p.applied {
		p.declareMore()
	}
	out, p.applied = p.tf.apply()
	return out, p.applied
}

// applyUntil applies until it has done something at some moment of that; do tells whether it could.
func (p *playground) applyUntil(what string, do func() bool) {
	p.t.Helper()
	for range attempts {
		done := false
		p.fuse.light(1+p.rand.IntN(2*p.size), func(*http.Request) { done = do() })
		out, ok := p.applyMore()
		p.fuse.out()
		p.t.Logf("apply, %s: %v, succeeded: %v %s", what, done, ok, errorsOf(out))
		if done {
			return
		}
	}
	p.t.Fatalf("%s: never in %d applies", what, attempts)
}

// applyUntilKilled applies and kills the provider at some moment of that.
func (p *playground) applyUntilKilled() {
	p.t.Helper()
	p.applyUntil("provider killed", p.tf.killProvider)
}

// applyThroughOutage applies while from some moment on no answer gets through for a while.
func (p *playground) applyThroughOutage() {
	p.t.Helper()
	over := make(chan struct{})
	p.applyUntil("outage", func() bool {
		p.proxy.SetRate(1)
		time.AfterFunc(outage, func() {
			p.proxy.SetRate(rate)
			close(over)
		})
		return true
	})
	<-over
}
