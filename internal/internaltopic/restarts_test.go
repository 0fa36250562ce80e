package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// A supervisor restarts the workers of a group whenever they end, and does not know that a rebuild runs. Workers are
// stopped and killed at random moments, while the offset topic and the status topic are rebuilt again and again, and
// while each of 20 files grows. At the end, every line was copied exactly once.
//
// A worker without exactly-once support may repeat the lines that it copied after its last commit, if it is killed. So
// only the workers of the group with that support are killed; the other ones are stopped, and commit first.
//
// The test runs in the long form only, because each rebuild takes about half a minute.
func TestRebuildsBetweenRestartsLoseNothing(t *testing.T) {
	if !thorough() {
		t.Skip("set " + killsVariable + " to the number of rebuilds")
	}
	for name, c := range map[string]struct {
		kill       bool
		properties map[string]string
	}{
		"exactly once, workers are stopped or killed": {true, map[string]string{
			"exactly.once.source.support": "enabled", "producer.transaction.timeout.ms": "5000",
		}},
		"at least once, workers are stopped": {false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			properties := map[string]string{"session.timeout.ms": "2000", "heartbeat.interval.ms": "500"}
			maps.Copy(properties, c.properties)
			g := newFileGroup(t, realBroker(t), 20, 25, properties)
			workers := g.startWorkers(t, 2)
			g.write(t, 1)
			g.awaitLines(t, linesLimit)

			during := g.begin(t, workers, c.kill)
			r := &rebuilder{group: g, refused: map[string]int{}}
			r.run(t, kills(t))
			t.Logf("%d rebuilds, refused: %v; %s", r.done, r.refused, during.end())

			g.awaitLines(t, linesLimit)
			for range 3 {
				g.restart(t, workers...)
			}
			for _, w := range workers {
				if err := w.Stop(t.Context()); err != nil {
					t.Error(err)
				}
			}
			g.wantEachLineOnce(t)
		})
	}
}

// startWorkers starts workers and creates the sources.
func (g *fileGroup) startWorkers(t *testing.T, n int) []*stack.Worker {
	t.Helper()
	workers := make([]*stack.Worker, n)
	var starting sync.WaitGroup
	for i := range workers {
		starting.Go(func() { workers[i] = g.addWorker(t) })
	}
	starting.Wait()
	g.createSources(t, workers[0])
	return workers
}

// rebuilder changes the partition counts of the offset topic and the status topic at the same time, as one apply does.
type rebuilder struct {
	group *fileGroup
	done  int

	mu      sync.Mutex
	refused map[string]int // How many attempts were refused, by reason.
}

// run tries until n rebuilds have succeeded. After each success, it waits for the lines that were written before.
func (r *rebuilder) run(t *testing.T, n int) {
	t.Helper()
	g := r.group
	c := newClient(t, g.stack.Bootstrap())
	c.lockSession, c.leaveWait, c.startFloor = defaultLockSession, defaultLeaveWait, defaultStartFloor
	roles, changes := []Role{RoleOffset, RoleStatus}, [2]int{}
	for began := time.Now(); r.done < n; {
		var (
			both sync.WaitGroup
			done [2]bool
			errs [2]error
		)
		for i, role := range roles {
			o := g.orders(role, []int{1, 25, 5}[changes[i]%3])
			both.Go(func() { done[i], errs[i] = r.try(t.Context(), c, o) })
		}
		both.Wait()
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatalf("after %d rebuilds: %v", r.done, err)
		}
		for i := range roles {
			if done[i] {
				changes[i]++
				r.done++
			}
		}
		if done == [2]bool{} {
			if err := sleep(t.Context(), pollInterval); err != nil {
				t.Fatal(err)
			}
			continue
		}
		g.awaitLines(t, 5*time.Minute)
		repeated := g.repetitions()
		t.Logf("%4.0f s: %d rebuilds; refused so far: %v; %d lines, %d repeated", time.Since(began).Seconds(), r.done, r.refused, g.lines(), repeated)
		if repeated > 0 {
			t.Fatalf("%d lines were repeated", repeated)
		}
	}
}

// try plans and applies once. It reports whether the topic was rebuilt. An attempt may be refused because workers run, or
// because a killed worker has left a transaction open.
func (r *rebuilder) try(ctx context.Context, c *Client, o orders) (bool, error) {
	have, err := c.Inspect(ctx, o.Spec.Name)
	if err != nil {
		return false, err
	}
	steps, err := Plan(have, o.Spec)
	if err != nil {
		return false, err
	}
	_, err = c.Apply(ctx, steps, Options{
		GroupID: o.GroupID, OtherStorageTopics: o.OtherStorageTopics, TransactionWait: 20 * time.Second, SkipChecks: []Check{CheckGroup},
	})
	for reason, refused := range map[string]error{"live": ErrGroupLive, "transaction": ErrOpenTransaction} {
		if errors.Is(err, refused) {
			r.countRefusal(reason)
			return false, nil
		}
	}
	return err == nil && len(steps) > 0, err
}

func (r *rebuilder) countRefusal(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused[reason]++
}

// lines returns how many lines were written to all files.
func (g *fileGroup) lines() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.written * len(g.files)
}

// unrest is what happens during the rebuilds: files grow, and workers restart.
type unrest struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
	mu      sync.Mutex
	counts  map[string]int
}

// begin starts the unrest.
func (g *fileGroup) begin(t *testing.T, workers []*stack.Worker, kill bool) *unrest {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	u := &unrest{cancel: cancel, counts: map[string]int{}}
	t.Cleanup(func() { u.end() })
	u.running.Go(func() {
		for sleep(ctx, 500*time.Millisecond) == nil {
			g.write(t, 1)
		}
	})
	ends := make([]chan bool, len(workers))
	for n, w := range workers {
		ends[n] = make(chan bool)
		u.running.Go(func() { u.supervise(ctx, t, w, ends[n]) })
	}
	u.running.Go(func() {
		for sleep(ctx, 4*time.Second+rand.N(12*time.Second)) == nil {
			chosen := slices.Clone(ends)
			if rand.N(3) == 0 {
				one := rand.N(len(ends))
				chosen = ends[one : one+1]
			}
			for _, end := range chosen {
				select {
				case end <- kill && rand.N(2) == 0:
				case <-ctx.Done():
				}
			}
		}
	})
	return u
}

// end waits until all workers run again, and returns what happened.
func (u *unrest) end() string {
	u.cancel()
	u.running.Wait()
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(u.counts)) {
		parts = append(parts, fmt.Sprintf("%d × %s", u.counts[what], what))
	}
	return strings.Join(parts, ", ")
}

func (u *unrest) add(what string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.counts[what]++
}

// supervise starts a worker whenever it does not run. It kills or stops it when it is told to.
func (u *unrest) supervise(ctx context.Context, t *testing.T, w *stack.Worker, end <-chan bool) {
	atOnce, cancel := context.WithCancel(t.Context())
	cancel()
	for ctx.Err() == nil {
		if !w.Running() {
			u.add("worker started")
			_ = w.Start(atOnce) // does not wait until it is ready
		}
		select {
		case <-ctx.Done():
		case kill := <-end:
			stop := w.Stop
			if kill {
				u.add("worker killed")
				stop = w.Kill
			} else {
				u.add("worker stopped")
			}
			if err := stop(ctx); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		case <-time.After(100 * time.Millisecond):
		}
	}
	u.settle(t, w)
}

// settle starts the worker until it stays.
func (u *unrest) settle(t *testing.T, w *stack.Worker) {
	for range 5 {
		if t.Context().Err() != nil {
			return
		}
		if !w.Running() {
			_ = w.Start(t.Context())
		}
		if w.WaitReady(t.Context()) == nil {
			return
		}
	}
	t.Errorf("%s does not start", w.Name)
}
