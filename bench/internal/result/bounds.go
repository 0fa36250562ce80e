package result

import "fmt"

// Sizes of the bounds.
const (
	writeSize = 100
	planSize  = 1000
)

// StableFor is the default of the provider's `connect.stable_for`: how long an apply watches connectors that run, in seconds.
const StableFor = 5

// Verdict tells whether a bound was met.
type Verdict string

// The verdicts.
const (
	Met         Verdict = "yes"
	Missed      Verdict = "no"
	Unreachable Verdict = "no: the floor exceeds it"
	NotMeasured Verdict = "not measured"
)

// Bound is a performance goal of this project and the measured values. A value is 0 if it was not measured.
type Bound struct {
	Work              string
	Unit              string
	Ours, Floor, Peer float64
	Rule              string  // how the limit is computed; empty if it is constant
	Limit             float64 // what the goal is in this run; 0 if unknown
}

// Verdict compares the measured value with the limit.
func (b Bound) Verdict() Verdict {
	switch {
	case b.Ours == 0 || b.Limit == 0:
		return NotMeasured
	case b.Ours <= b.Limit:
		return Met
	case b.Floor > b.Limit:
		return Unreachable
	default:
		return Missed
	}
}

// Bounds compares the run with every bound.
func (r Run) Bounds() []Bound {
	return []Bound{
		r.write(Create, 1.25, true),
		r.write(Change, 1.25, true),
		r.write(Destroy, 1.15, false),
		r.plan("plan without changes", "s", Done, 0.75),
		r.plan("provider CPU of that plan", "s", CPU, 0.6),
		r.memory(250),
	}
}

// write compares with plain HTTP requests. An apply that watches its connectors may take that time, and a second, in addition.
func (r Run) write(op Operation, factor float64, watches bool) Bound {
	w := Work{Operation: op, N: writeSize}
	b := r.bound(fmt.Sprintf("%s %d running connectors", string(op), writeSize), "s", w, Done, Raw)
	b.Rule, b.Limit = fmt.Sprintf("%.2f × plain HTTP", factor), factor*b.Floor
	if watches {
		b.Rule += " + `stable_for` + 1 s"
		if b.Limit > 0 {
			b.Limit += StableFor + 1
		}
	}
	return b
}

// plan compares with an older build of this provider. The floor is Terraform alone, which has no provider process.
func (r Run) plan(what, unit string, value func(Sample) float64, factor float64) Bound {
	b := r.bound(fmt.Sprintf("%s, %d stopped", what, planSize), unit, stoppedPlan, value, Terraform)
	b.Rule = fmt.Sprintf("%.2f × older build", factor)
	if r.OwnBuild {
		b.Limit = factor * b.Peer
	}
	return b
}

func (r Run) memory(most float64) Bound {
	b := r.bound(fmt.Sprintf("provider peak memory of that plan, %d stopped", planSize), "MB", stoppedPlan, Peak, Terraform)
	b.Limit = most
	return b
}

// stoppedPlan is the plan that the bounds are for.
var stoppedPlan = Work{Operation: PlanStopped, N: planSize}

// bound returns the medians of a value.
func (r Run) bound(what, unit string, w Work, value func(Sample) float64, floor Subject) Bound {
	b := Bound{Work: what, Unit: unit}
	b.Ours, _ = r.Median(Provider, w, value)
	b.Floor, _ = r.Median(floor, w, value)
	b.Peer, _ = r.Median(Peer, w, value)
	return b
}
