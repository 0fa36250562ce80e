package result

import "fmt"

// Sizes of the bounds. If a size was not measured, the largest smaller N is shown instead and does not meet the bound.
const (
	planSize    = 1000
	writeSize   = 200
	destroySize = 1000
)

// Verdict tells whether a bound was met.
type Verdict string

// The verdicts.
const (
	Met         Verdict = "yes"
	Missed      Verdict = "no"
	NotMeasured Verdict = "not measured"
)

// Bound is a performance goal of this project and the measured value.
type Bound struct {
	Work     string
	Limit    string
	Measured string // empty if not measured
	Verdict  Verdict
}

// Bounds compares the run with every bound.
func (r Run) Bounds() []Bound {
	return []Bound{
		r.planRequests(),
		r.planWall(Setting{}, 1.15),
		r.planWall(Setting{LatencyMS: 50}, 1.25),
		r.memory(),
		r.write(Create, "POSTs", 1.2, Setting{}),
		r.write(Create, "POSTs", 1.2, Setting{ExactlyOnce: true}),
		r.write(Change, "PUTs", 1.25, Setting{}),
		r.write(Change, "PUTs", 1.25, Setting{ExactlyOnce: true}),
		r.destroy(),
		r.polls(),
		r.planOne(),
	}
}

// measured returns the bound with the measured value and the verdict.
func (b Bound) measured(met bool, format string, args ...any) Bound {
	b.Measured, b.Verdict = fmt.Sprintf(format, args...), Missed
	if met {
		b.Verdict = Met
	}
	return b
}

// at returns the largest measured N up to the wanted one, and a remark if it is smaller.
func (r Run) at(op Operation, setting Setting, wanted int) (n int, remark string) {
	for _, size := range r.Measured(Provider, op, setting) {
		if size <= wanted {
			n = size
		}
	}
	if n < wanted {
		remark = fmt.Sprintf(" (at N = %d)", n)
	}
	return n, remark
}

func (r Run) planRequests() Bound {
	const most = 5
	b := Bound{Work: fmt.Sprintf("requests for a plan without changes, N = %d", planSize), Limit: fmt.Sprintf("at most %d", most), Verdict: NotMeasured}
	n, remark := r.at(Plan, Setting{}, planSize)
	count, ok := r.Most(Key{Subject: Provider, Operation: Plan, N: n}, requests)
	if !ok {
		return b
	}
	return b.measured(count <= most && remark == "", "%.0f%s", count, remark)
}

func (r Run) planWall(setting Setting, most float64) Bound {
	b := Bound{
		Work:    fmt.Sprintf("wall time of that plan relative to the do-nothing provider, %s", setting),
		Limit:   fmt.Sprintf("at most %.2f times", most),
		Verdict: NotMeasured,
	}
	n, remark := r.at(Plan, setting, planSize)
	ours, ok := r.Wall(Key{Subject: Provider, Operation: Plan, N: n, Setting: setting})
	floor, floorOK := r.Wall(Key{Subject: Floor, Operation: Plan, N: n, Setting: setting})
	if !ok || !floorOK {
		return b
	}
	return b.measured(ours/floor <= most && remark == "", "%.2f (%.1f s, %.1f s)%s", ours/floor, ours, floor, remark)
}

// memory compares every operation and shows the one with the largest difference.
func (r Run) memory() Bound {
	const most = 20
	b := Bound{
		Work:    fmt.Sprintf("peak memory of the provider, N = %d, any operation", planSize),
		Limit:   fmt.Sprintf("at most %d MB above the do-nothing provider", most),
		Verdict: NotMeasured,
	}
	n, remark := r.at(Plan, Setting{}, planSize)
	var worst Operation
	var ours, floor float64
	for _, op := range Operations {
		mine, ok := r.Most(Key{Subject: Provider, Operation: op, N: n}, peak)
		idle, idleOK := r.Most(Key{Subject: Floor, Operation: op, N: n}, peak)
		if ok && idleOK && (worst == "" || mine-idle > ours-floor) {
			worst, ours, floor = op, mine, idle
		}
	}
	if worst == "" {
		return b
	}
	return b.measured(ours-floor <= most && remark == "", "%+.0f (%.0f, %.0f; %s)%s", ours-floor, ours, floor, worst, remark)
}

// write compares with the worker alone. It also shows the do-nothing provider: if that exceeds the bound, no provider can meet
// it.
func (r Run) write(op Operation, raw string, most float64, setting Setting) Bound {
	b := Bound{
		Work:    fmt.Sprintf("%s, N = %d, including waits, relative to plain HTTP %s, parallelism 10", op, writeSize, raw),
		Limit:   fmt.Sprintf("at most %.2f times", most),
		Verdict: NotMeasured,
	}
	if setting.ExactlyOnce {
		b.Work += ", on a worker with exactly-once support"
	}
	n, remark := r.at(op, setting, writeSize)
	key := func(s Subject) Key { return Key{Subject: s, Operation: op, N: n, Setting: setting} }
	ours, ok := r.Wall(key(Provider))
	worker, workerOK := r.Wall(key(Worker))
	floor, floorOK := r.Wall(key(Floor))
	if !ok || !workerOK || !floorOK {
		return b
	}
	beyond := ""
	if floor > most*worker {
		beyond = ", which alone exceeds the bound"
	}
	return b.measured(ours/worker <= most && remark == "", "%.2f (%.1f s, %.1f s; the do-nothing provider %.1f s%s)%s",
		ours/worker, ours, worker, floor, beyond, remark)
}

func (r Run) destroy() Bound {
	const most = 1.25
	b := Bound{
		Work:    fmt.Sprintf("destroy, N = %d, relative to the slower of plain HTTP DELETEs and the do-nothing provider", destroySize),
		Limit:   fmt.Sprintf("at most %.2f times", most),
		Verdict: NotMeasured,
	}
	n, remark := r.at(Destroy, Setting{}, destroySize)
	ours, ok := r.Wall(Key{Subject: Provider, Operation: Destroy, N: n})
	worker, workerOK := r.Wall(Key{Subject: Worker, Operation: Destroy, N: n})
	floor, floorOK := r.Wall(Key{Subject: Floor, Operation: Destroy, N: n})
	if !ok || !workerOK || !floorOK {
		return b
	}
	ratio := ours / max(worker, floor)
	return b.measured(ratio <= most && remark == "", "%.2f (%.1f s; %.1f s, %.1f s)%s", ratio, ours, worker, floor, remark)
}
