package chaos

import (
	"net/http"
	"testing"
	"time"
)

const (
	// faultRate is the share of requests that meet a fault. A much higher rate would give fewer faults a minute: an apply
	// would wait for the few requests that fail several times in a row, each time longer.
	faultRate = 0.3

	// outage is how long all requests fail. It is longer than the short timeout of connectors in TestChaos.
	outage = 12 * time.Second

	// seriesApplies is the number of applies of TestFaultedSeries between two checks without faults.
	seriesApplies = 5

	// triggerAttempts limits how often a test arms the trigger. Some applies make fewer requests than the trigger needs.
	triggerAttempts = 10
)

// Every apply succeeds although 30 % of its requests meet a fault, and writes only to the connectors that it changes. After
// each apply, the workers have what it reported as done. After each series, the workers match the declaration.
func TestFaultedSeries(t *testing.T) {
	f := newFixture(t)
	f.size = min(f.size, 25) // about fifty requests of an apply then meet a fault
	began := time.Now()
	for n := 0; n < *applies || f.proxy.Faults().Total() < *faulted; {
		for range min(seriesApplies, *applies) {
			f.declare()
			f.proxy.SetRate(faultRate)
			if out, ok := f.tf.apply(); !ok {
				t.Fatalf("apply %d failed under faults:\n%s", n, out)
			}
			f.fleet.mustExist(t)
			f.checkWrites(false)
			n++
			t.Logf("%4.0f s: apply %d, %v", time.Since(began).Seconds(), n, f.change)
		}
		f.proxy.SetRate(0)
		f.tf.converge()
		f.check(false)
		t.Logf("%4.0f s: %d applies, %d of %d requests met a fault", time.Since(began).Seconds(), n, f.proxy.Faults().Total(), f.totalRequests())
	}
	f.destroy()
	t.Logf("requests that met a fault:\n%s", f.proxy.Faults())
}

// Applies may fail while requests meet faults, workers and brokers restart, all requests fail for a while, and the provider
// is killed. After that, one apply succeeds, and the workers match the declaration.
func TestChaos(t *testing.T) {
	f := newFixture(t)
	f.shortTimeout = "10s"
	began := time.Now()
	for round := 1; round <= *rounds; round++ {
		f.newChange()
		f.applied = true
		restarts := f.startRestarts()
		f.proxy.SetRate(faultRate)
		if round%2 == 1 {
			f.applyDuringOutage()
			f.applyUntilKilled()
		} else {
			f.applyUntilKilled()
			f.applyDuringOutage()
		}
		restarts.stop()

		f.proxy.SetRate(0)
		awaitGroup(t)
		out, ok := f.tf.apply()
		if !ok {
			t.Fatalf("the apply without faults failed:\n%s", out)
		}
		f.fleet.mustExist(t)
		f.tf.mustBeEmpty()
		f.check(true)
		t.Logf("%4.0f s: round %d, %v; restarts: %v; %d of %d requests met a fault; %d tainted connectors repaired so far",
			time.Since(began).Seconds(), round, f.change, restarts, f.proxy.Faults().Total(), f.totalRequests(), f.tf.tainted)
	}
	f.destroy()
	t.Logf("requests that met a fault:\n%s", f.proxy.Faults())
}

// applyMore runs terraform apply. It changes the declaration only if the previous apply succeeded: a connector whose
// creation did not reach the state can be adopted only with an identical configuration.
func (f *fixture) applyMore() (out string, ok bool) {
	f.t.Helper()
	if f.applied {
		f.declareMore()
	}
	out, f.applied = f.tf.apply()
	return out, f.applied
}

// applyUntil applies until do was called at a random step of an apply and returned true.
func (f *fixture) applyUntil(what string, do func() bool) {
	f.t.Helper()
	for range triggerAttempts {
		done := false
		f.trigger.arm(1+f.rand.IntN(2*f.size), func(*http.Request) { done = do() })
		out, ok := f.applyMore()
		f.trigger.disarm()
		f.t.Logf("apply, %s: %v, succeeded: %v %s", what, done, ok, errorsOf(out))
		if done {
			return
		}
	}
	f.t.Fatalf("%s: not in %d applies", what, triggerAttempts)
}

// applyUntilKilled applies and kills the provider at a random step.
func (f *fixture) applyUntilKilled() {
	f.t.Helper()
	f.applyUntil("provider killed", f.tf.KillProvider)
}

// applyDuringOutage applies. From a random step on, all requests fail for a while.
func (f *fixture) applyDuringOutage() {
	f.t.Helper()
	over := make(chan struct{})
	f.applyUntil("outage", func() bool {
		f.proxy.SetRate(1)
		time.AfterFunc(outage, func() {
			f.proxy.SetRate(faultRate)
			close(over)
		})
		return true
	})
	<-over
}
