package chaos

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// storm ends workers and brokers, and starts each again, one after the other: of three brokers two have to be there.
type storm struct {
	t     *testing.T
	ended []string // what was ended, and how
	stop  context.CancelFunc
	over  chan struct{}
	err   error // once it is over
}

// newStorm begins one that lasts until its end.
func (p *playground) newStorm() *storm {
	ctx, stop := context.WithCancel(p.t.Context())
	s := &storm{t: p.t, stop: stop, over: make(chan struct{})}
	p.t.Cleanup(func() {
		stop()
		<-s.over
	})
	random := rand.New(rand.NewPCG(p.rand.Uint64(), 0)) // its own, for it runs beside the test
	go func() {
		defer close(s.over)
		s.err = s.rage(ctx, random)
	}()
	return s
}

// end waits until all is up again.
func (s *storm) end() {
	s.t.Helper()
	s.stop()
	<-s.over
	if s.err != nil {
		s.t.Fatal(s.err)
	}
}

// rage ends at least one process, and goes on until the context ends.
func (s *storm) rage(ctx context.Context, random *rand.Rand) error {
	processes := cluster.Processes()
	if len(cluster.Brokers) < 3 {
		processes = processes[len(cluster.Brokers):] // a broker that is alone holds everything up
	}
	for {
		victim, kill := processes[random.IntN(len(processes))], random.IntN(2) == 0
		if err := s.strike(victim, kill, seconds(random, 0, 2)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(seconds(random, 3, 10)): // a group that is never at rest does nothing
		}
	}
}

// strike ends a process and starts it again after a while.
func (s *storm) strike(victim *stack.Process, kill bool, after time.Duration) error {
	ctx, way, end := s.t.Context(), "stopped", victim.Stop
	if kill {
		way, end = "killed", victim.Kill
	}
	s.ended = append(s.ended, victim.Name+" "+way)
	// Workers that are stopped while they join their group get stuck at times, and are killed: a fault like any other.
	if err := end(ctx); err != nil && victim.Running() {
		return err
	}
	time.Sleep(after)
	return victim.Start(ctx)
}

// restore starts what a test that failed has left down.
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

// seconds is a random time.
func seconds(random *rand.Rand, least, most float64) time.Duration {
	return time.Duration((least + random.Float64()*(most-least)) * float64(time.Second))
}

// String returns what was ended.
func (s *storm) String() string { return strings.Join(s.ended, ", ") }
