package session

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// after returns a wait for a connector that is RUNNING after a second, and of which the result is known after more seconds.
func after(seconds int, result Waited) func(context.Context, func()) Waited {
	return func(ctx context.Context, running func()) Waited {
		time.Sleep(time.Second)
		running()
		select {
		case <-time.After(time.Duration(seconds) * time.Second):
			return result
		case <-ctx.Done():
			return Waited{Err: ctx.Err()}
		}
	}
}

// operate runs an operation that returns after its wait, and returns what it is told at the end.
func operate(ctx context.Context, o *Operations, name string, wait func(context.Context, func()) Waited) (waited Waited, found []Late) {
	op := o.Begin(name)
	waited = op.Wait(ctx, wait)
	found, _ = op.End(ctx, waited.Err != nil)
	return waited, found
}

var errFailed = errors.New("failed")

// An operation that is alone waits itself.
func TestOperations_alone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var o Operations
		for range 3 { // a chain
			began := time.Now()
			waited, found := operate(t.Context(), &o, "a", after(5, Waited{Err: errFailed}))
			if !errors.Is(waited.Err, errFailed) || len(found) > 0 || time.Since(began) != 6*time.Second {
				t.Errorf("got %v, %v after %v", waited, found, time.Since(began))
			}
		}
	})
}

// Ten operations at a time pay the time once. The last one returns what all have found.
func TestOperations_once(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var o Operations
		type end struct {
			waited Waited
			found  []Late
		}
		ends, slots := make(chan end, 100), make(chan struct{}, 10)
		began := time.Now()
		for i := range 100 {
			slots <- struct{}{}
			result := map[int]Waited{3: {Err: errFailed}, 50: {Warnings: diag.Diagnostics{diag.NewWarningDiagnostic("idle", "")}}, 70: {Err: errFailed}}[i]
			go func() {
				waited, found := operate(t.Context(), &o, string(rune('A'+i)), after(5, result))
				<-slots
				ends <- end{waited, found}
			}()
		}
		var found []Late
		for range 100 {
			e := <-ends
			if e.waited.Err != nil {
				t.Errorf("got %v", e.waited)
			}
			found = append(found, e.found...)
		}
		if took := time.Since(began); took != 15*time.Second {
			t.Errorf("took %v, want 10 s until RUNNING and 5 s", took)
		}
		if len(found) != 3 || found[0].Name != "D" || !errors.Is(found[0].Err, errFailed) || len(found[1].Warnings) != 1 || !errors.Is(found[2].Err, errFailed) {
			t.Errorf("got %v", found)
		}
	})
}

// An operation that fails itself, or an update, returns what was found so far: Terraform taints no other connector for it.
func TestOperations_takes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var o Operations
		long := o.Begin("long")
		if waited, found := operate(t.Context(), &o, "a", after(1, Waited{Err: errFailed})); waited.Err != nil || len(found) > 0 {
			t.Errorf("got %v, %v", waited, found)
		}
		time.Sleep(time.Minute)
		if _, found := operate(t.Context(), &o, "b", after(1, Waited{})); len(found) > 0 {
			t.Errorf("got %v", found)
		}
		if found, _ := o.Begin("c").End(t.Context(), true); len(found) != 1 || found[0].Name != "a" {
			t.Errorf("got %v", found)
		}
		if found, _ := long.End(t.Context(), false); len(found) > 0 {
			t.Errorf("got %v again", found)
		}
	})
}

// An operation that waits for the connectors of others ends when another one begins, which then waits for all.
func TestOperations_passedOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var o Operations
		first := o.Begin("first")
		if waited, _ := operate(t.Context(), &o, "a", after(10, Waited{Err: errFailed})); waited.Err != nil {
			t.Error(waited)
		}
		time.AfterFunc(time.Second, func() {
			if _, found := operate(t.Context(), &o, "second", after(0, Waited{})); len(found) != 1 {
				t.Errorf("got %v", found)
			}
		})
		began := time.Now()
		if found, _ := first.End(t.Context(), false); len(found) > 0 || time.Since(began) != time.Second {
			t.Errorf("got %v after %v", found, time.Since(began))
		}
		time.Sleep(time.Minute)
	})
}

// An interrupt ends the waits of operations in flight. The last one names the connectors that are not known to be stable.
func TestOperations_interrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var o Operations
		ctx, cancel := context.WithCancel(t.Context())
		last := o.Begin("last")
		operate(ctx, &o, "a", after(10, Waited{}))
		time.AfterFunc(time.Second, cancel)
		waited := last.Wait(ctx, after(20, Waited{}))
		found, unfinished := last.End(ctx, true)
		if !errors.Is(waited.Err, context.Canceled) || len(found) > 0 || len(unfinished) != 1 || unfinished[0] != "a" {
			t.Errorf("got %v, %v, %v", waited, found, unfinished)
		}
		time.Sleep(time.Minute) // the wait for "a" goes on until the process ends
	})
}

// The deadline of an operation applies to its wait after it has ended.
func TestOperations_deadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var o Operations
		last := o.Begin("last")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		operate(ctx, &o, "a", after(10, Waited{}))
		cancel()
		found, _ := last.End(t.Context(), false)
		if len(found) != 1 || !errors.Is(found[0].Err, context.DeadlineExceeded) {
			t.Errorf("got %v", found)
		}
	})
}

// The end of a timeout is not taken for an interrupt.
func TestOperations_timedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var o Operations
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if waited, _ := operate(ctx, &o, "a", after(10, Waited{})); !errors.Is(waited.Err, context.DeadlineExceeded) {
			t.Errorf("got %v", waited)
		}
	})
}

// Whatever the order and the parallelism, each failure is returned once.
func TestOperations_nothingLost(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			var o Operations
			var mu sync.Mutex
			returned, fails := map[string]int{}, map[string]bool{}
			slots := make(chan struct{}, []int{1, 2, 10, 50}[seed%4])
			var group sync.WaitGroup
			for i := range 100 {
				name, result := fmt.Sprint(i), Waited{}
				if random.IntN(10) == 0 {
					result.Err, fails[name] = errFailed, true
				}
				seconds, pause, updates := random.IntN(10), time.Duration(random.IntN(3000))*time.Millisecond, random.IntN(2) == 0
				chain := random.IntN(20) == 0 // Terraform begins this one when all others have ended
				if chain {
					group.Wait()
				}
				slots <- struct{}{}
				group.Go(func() {
					defer func() { <-slots }()
					time.Sleep(pause)
					op := o.Begin(name)
					waited := op.Wait(t.Context(), after(seconds, result))
					time.Sleep(pause / 2)
					found, unfinished := op.End(t.Context(), updates || waited.Err != nil)
					mu.Lock()
					defer mu.Unlock()
					if len(unfinished) > 0 {
						t.Errorf("seed %d: %v unfinished", seed, unfinished)
					}
					if waited.Err != nil {
						returned[name]++
					}
					for _, late := range found {
						returned[late.Name]++
					}
				})
			}
			group.Wait()
			for name, n := range returned {
				if n != 1 || !fails[name] {
					t.Errorf("seed %d: the result of %s was returned %d times", seed, name, n)
				}
			}
			if len(returned) != len(fails) {
				t.Errorf("seed %d: got %d failures of %d", seed, len(returned), len(fails))
			}
		})
	}
}

// undone returns a wait whose connector is RUNNING after a second and fails after five more. Then the wait undoes something for as
// long as the duration.
func undone(op *Operation, duration time.Duration, ended *error) func(context.Context, func()) Waited {
	return func(ctx context.Context, running func()) Waited {
		waited := after(5, Waited{Err: errFailed})(ctx, running)
		*ended = op.Undo(ctx, func(ctx context.Context, op *Operation) error {
			return op.Wait(ctx, func(ctx context.Context, running func()) Waited {
				running()
				select {
				case <-time.After(duration):
					return Waited{}
				case <-ctx.Done():
					return Waited{Err: ctx.Err()}
				}
			}).Err
		})
		return waited
	}
}

// The last operation waits for what the wait of another one undoes: after an interrupt for ten seconds more.
func TestOperations_undo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		duration, interrupt, want time.Duration
		left, cut                 bool
	}{
		"late":                        {3 * time.Second, time.Hour, 9 * time.Second, true, false},
		"late, interrupted":           {8 * time.Second, 7 * time.Second, 14 * time.Second, true, false},
		"late, interrupted for long":  {time.Minute, 7 * time.Second, 17 * time.Second, true, true},
		"alone, interrupted":          {8 * time.Second, 7 * time.Second, 14 * time.Second, false, false},
		"alone, interrupted for long": {time.Minute, 7 * time.Second, 17 * time.Second, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(test.interrupt, cancel)
				var o Operations
				var ended error
				began, op := time.Now(), o.Begin("a")
				last := op
				if test.left {
					last = o.Begin("last")
				}
				waited := op.Wait(ctx, undone(op, test.duration, &ended))
				if waited.Left != test.left {
					t.Errorf("got %v", waited)
				}
				if test.left {
					op.End(ctx, false)
				}
				found, unfinished := last.End(ctx, true)
				if len(unfinished) > 0 || test.left && (len(found) != 1 || !errors.Is(found[0].Err, errFailed)) || errors.Is(ended, context.Canceled) != test.cut {
					t.Errorf("got %v, %v, %v", found, unfinished, ended)
				}
				if took := time.Since(began); took != test.want {
					t.Errorf("took %v, want %v", took, test.want)
				}
			})
		})
	}
}

// A wait that has used up its time can still undo something, for a minute. After the end of an interrupted run it cannot.
func TestOperations_undoTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var o Operations
		var ended error
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began, op := time.Now(), o.Begin("a")
		op.Wait(ctx, undone(op, time.Hour, &ended))
		if took := time.Since(began); took != 63*time.Second || !errors.Is(ended, context.DeadlineExceeded) {
			t.Errorf("got %v after %v", ended, took)
		}
		interrupted, cancel := context.WithCancel(t.Context())
		cancel()
		op.End(interrupted, true)
		if err := op.Undo(t.Context(), func(context.Context, *Operation) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
