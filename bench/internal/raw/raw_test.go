package raw_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/raw"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/work"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func TestWork(t *testing.T) {
	ctx, worker := t.Context(), connectfake.New(t)
	c := raw.New(worker.URL())
	worker.Inject("POST", "/connectors", 3, connectfake.Rebalancing())
	w := work.Work{N: 25, Revision: 1000, File: "lines.txt", State: work.Running}
	do := func(op result.Operation) {
		t.Helper()
		if err := c.Send(ctx, op, w); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Wait(ctx, op, w); err != nil {
			t.Fatal(err)
		}
	}
	for _, w.Revision = range []int{1000, 2000} {
		do(map[int]result.Operation{1000: result.Create, 2000: result.Change}[w.Revision])
		config, target, _ := worker.Connector(work.Name(w.N - 1))
		delete(config, "name") // added by the worker
		if want := w.Config(w.N - 1); !maps.Equal(config, want) || target != work.Running {
			t.Errorf("%s with %v, want %v", target, config, want)
		}
	}
	do(result.Destroy)
	w.State = work.Stopped
	do(result.Create)
	if err := c.Clear(ctx, w.N); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := worker.Connector(work.Name(0)); ok {
		t.Error("a connector is left after Clear")
	}
}

// Wait must not return before the connectors are as wanted.
func TestWaitLasts(t *testing.T) {
	worker := connectfake.New(t)
	c := raw.New(worker.URL())
	w := work.Work{N: 2, Revision: 1000, File: "lines.txt", State: work.Running}
	if err := c.Send(t.Context(), result.Create, w); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		what string
		op   result.Operation
		want work.Work
	}{
		{"another connector", result.Create, work.Work{N: 3, State: work.Running}},
		{"another state", result.Create, work.Work{N: 2, State: work.Stopped}},
		{"another configuration", result.Change, work.Work{N: 2, Revision: 2000, State: work.Running}},
		{"no connector", result.Destroy, work.Work{}},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		if waited, err := c.Wait(ctx, test.op, test.want); !waited || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: waited %v, %v", test.what, waited, err)
		}
		cancel()
	}
}

func TestErrorStopsTheWork(t *testing.T) {
	worker := connectfake.New(t)
	worker.Inject("POST", "/connectors", 1000, connectfake.Fails(400, "no"))
	if err := raw.New(worker.URL()).Send(t.Context(), result.Create, work.Work{N: 3}); err == nil {
		t.Error("no error, although the worker refused the requests")
	}
}
