package result_test

import (
	"slices"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
)

// ideal is a run that only just meets every bound.
func ideal() result.Run {
	r := result.Run{OwnBuild: true}
	add := func(s result.Subject, op result.Operation, n int, seconds, cpu, peak float64) {
		r.Samples = append(r.Samples, result.Sample{Subject: s, Operation: op, N: n, Seconds: seconds, CPUSeconds: cpu, PeakMB: peak})
	}
	for i, op := range []result.Operation{result.Create, result.Change, result.Destroy} {
		add(result.Raw, op, 100, 10, 0, 0)
		for _, seconds := range []float64{1, []float64{18.5, 18.5, 11.5}[i], 99} { // the median counts
			add(result.Provider, op, 100, seconds, 1, 30)
		}
	}
	add(result.Provider, result.PlanStopped, 1000, 3, 6, 250)
	add(result.Peer, result.PlanStopped, 1000, 4, 10, 150)
	add(result.Terraform, result.PlanStopped, 1000, 2, 0, 0)
	return r
}

func TestBounds(t *testing.T) {
	of := func(s result.Subject, op result.Operation) func(result.Sample) bool {
		return func(one result.Sample) bool { return one.Subject == s && one.Operation == op }
	}
	change := func(which func(result.Sample) bool, change func(*result.Sample)) func(*result.Run) {
		return func(r *result.Run) {
			for i := range r.Samples {
				if which(r.Samples[i]) {
					change(&r.Samples[i])
				}
			}
		}
	}
	slower := func(s *result.Sample) { s.Seconds += 0.1 }
	const yes, no, none = result.Met, result.Missed, result.NotMeasured
	for name, test := range map[string]struct {
		change func(*result.Run)
		want   []result.Verdict
	}{
		"ideal":          {func(*result.Run) {}, []result.Verdict{yes, yes, yes, yes, yes, yes}},
		"create":         {change(of(result.Provider, result.Create), slower), []result.Verdict{no, yes, yes, yes, yes, yes}},
		"change":         {change(of(result.Provider, result.Change), slower), []result.Verdict{yes, no, yes, yes, yes, yes}},
		"destroy":        {change(of(result.Provider, result.Destroy), slower), []result.Verdict{yes, yes, no, yes, yes, yes}},
		"plan":           {change(of(result.Provider, result.PlanStopped), slower), []result.Verdict{yes, yes, yes, no, yes, yes}},
		"CPU":            {change(of(result.Provider, result.PlanStopped), func(s *result.Sample) { s.CPUSeconds += 0.1 }), []result.Verdict{yes, yes, yes, yes, no, yes}},
		"memory":         {change(of(result.Provider, result.PlanStopped), func(s *result.Sample) { s.PeakMB++ }), []result.Verdict{yes, yes, yes, yes, yes, no}},
		"late":           {change(of(result.Provider, result.Create), func(s *result.Sample) { s.LateSeconds = 0.1 }), []result.Verdict{no, yes, yes, yes, yes, yes}},
		"failed":         {change(of(result.Raw, result.Create), func(s *result.Sample) { s.Failed = true }), []result.Verdict{none, yes, yes, yes, yes, yes}},
		"other provider": {func(r *result.Run) { r.OwnBuild = false }, []result.Verdict{yes, yes, yes, none, none, yes}},
		"nothing":        {func(r *result.Run) { r.Samples = nil }, []result.Verdict{none, none, none, none, none, none}},
		"slow Terraform": {func(r *result.Run) {
			change(of(result.Terraform, result.PlanStopped), func(s *result.Sample) { s.Seconds = 3.1 })(r)
			change(of(result.Provider, result.PlanStopped), slower)(r)
		}, []result.Verdict{yes, yes, yes, result.Unreachable, yes, yes}},
	} {
		r := ideal()
		test.change(&r)
		var got []result.Verdict
		for _, b := range r.Bounds() {
			got = append(got, b.Verdict())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestMedian(t *testing.T) {
	r := result.Run{}
	for _, seconds := range []float64{4, 1, 2, 3} {
		r.Samples = append(r.Samples, result.Sample{Subject: result.Raw, Operation: result.Create, N: 1, Seconds: seconds})
	}
	w := result.Work{Operation: result.Create, N: 1}
	if median, ok := r.Median(result.Raw, w, result.Done); !ok || median != 2.5 {
		t.Errorf("%v, %v", median, ok)
	}
	if _, ok := r.Median(result.Provider, w, result.Done); ok {
		t.Error("a median without samples")
	}
}
