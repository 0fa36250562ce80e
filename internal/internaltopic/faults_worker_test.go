package internaltopic

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// linesLimit is how long a worker that starts may take until its sources have copied all lines.
const linesLimit = 2 * time.Minute

// workerCases returns the cases that a worker takes part in: one before and one after the point of no return, or, in the
// long form, each moment with a refusal and with a lost answer.
func workerCases() []faultCase {
	var cases []faultCase
	for _, f := range faultCases(true) {
		switch {
		case thorough() && f.times == 1 && !f.unsent && f.mode.survives == (f.refuse == nil):
			cases = append(cases, f)
		case thorough() || f.times != 1 || f.mode.survives:
		case f.from < f.to && f.before == stepPartitions && f.kind == kmsg.CreatePartitions:
			cases = append(cases, f)
		case f.from > f.to && f.before == stepDeleteCopy:
			cases = append(cases, f)
		}
	}
	return cases
}

// After a rebuild that failed before its point of no return, the worker starts without another apply. After one that
// failed later, it starts after the next apply. Its sources continue where they were: no line is lost or repeated.
func TestNoFailureStrandsAGroup(t *testing.T) {
	t.Parallel()
	cases := workerCases()
	g := newFileGroup(t, realBroker(t), 3, cases[0].from, nil)
	w := g.addWorker(t)
	g.createSources(t, w)
	for _, f := range cases {
		t.Run(f.String(), func(t *testing.T) { f.runWithWorker(t, g, w) })
	}
	for range 2 {
		g.restart(t, w)
	}
	if err := w.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	g.wantEachLineOnce(t)
}

// runWithWorker stops the worker, changes the offset topic under the fault, and starts the worker again.
func (f faultCase) runWithWorker(t *testing.T, g *fileGroup, w *stack.Worker) {
	bootstrap := g.stack.Bootstrap()
	repeated := g.repetitions()
	g.write(t, 5)
	if w.Running() { // unless the previous case failed
		g.awaitLines(t, linesLimit)
		if err := w.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	o := g.orders(RoleOffset, f.from)
	if err := converge(t.Context(), newClient(t, bootstrap), o); err != nil {
		t.Fatal(err)
	}
	o.Spec.Partitions = f.to
	err := f.applyAndCheck(t, bootstrap, o, contentOf(t, bootstrap, o.Spec.Name))
	if err != nil && (f.after || f.cannotUnlock()) {
		for _, next := range []orders{o, g.orders(RoleStatus, 5), g.orders(RoleConfig, 1)} {
			if err := converge(t.Context(), newClient(t, bootstrap), next); err != nil {
				t.Fatalf("the next apply of topic %s failed, too: %v", next.Spec.Name, err)
			}
		}
	}
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.write(t, 5)
	g.awaitLines(t, linesLimit)
	if now := g.repetitions(); now > repeated {
		t.Errorf("%d lines were repeated", now-repeated)
	}
}
