package result_test

import (
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/traffic"
)

// ideal is a run that only just meets every bound.
func ideal() result.Run {
	var r result.Run
	add := func(s result.Subject, op result.Operation, n int, setting result.Setting, seconds, peak float64, requests map[string]int) {
		r.Samples = append(r.Samples, result.Sample{
			Subject: s, Operation: op, N: n, Setting: setting, Seconds: seconds, PeakMiB: peak,
			Traffic: traffic.Traffic{Requests: requests, Listings: &traffic.Polling{MostAtOnce: 1, MedianGap: 0.25}},
		})
	}
	listings := map[string]int{traffic.Listing: 5}
	near, far, exact := result.Setting{}, result.Setting{LatencyMS: 50}, result.Setting{ExactlyOnce: true}
	for _, seconds := range []float64{1, 1.14, 9} { // the median counts
		add(result.Provider, result.Plan, 1000, near, seconds, 50, listings)
	}
	add(result.Floor, result.Plan, 1000, near, 1, 30, nil)
	add(result.Provider, result.Plan, 1000, far, 1.24, 50, listings)
	add(result.Floor, result.Plan, 1000, far, 1, 30, nil)
	for _, setting := range []result.Setting{near, exact} {
		for _, op := range []result.Operation{result.Create, result.Change} {
			add(result.Provider, op, 200, setting, 11.9, 50, listings)
			add(result.Floor, op, 200, setting, 1, 30, nil)
			add(result.Worker, op, 200, setting, 10, 0, nil)
		}
	}
	add(result.Provider, result.Destroy, 1000, near, 12.4, 50, nil)
	add(result.Floor, result.Destroy, 1000, near, 10, 30, nil)
	add(result.Worker, result.Destroy, 1000, near, 5, 0, nil)
	add(result.Provider, result.PlanOne, 5000, near, 60, 30, map[string]int{"GET connector": 3})
	return r
}

func TestBoundsMet(t *testing.T) {
	for _, b := range ideal().Bounds() {
		if b.Verdict != result.Met {
			t.Errorf("%s: %s (%s)", b.Work, b.Verdict, b.Measured)
		}
	}
}

func TestBoundsMissed(t *testing.T) {
	for _, test := range []struct {
		what  string // prefix of the missed bound
		spoil func(*result.Sample)
	}{
		{"requests for a plan without changes", func(s *result.Sample) { spoilRequests(s, result.Plan, "GET connector") }},
		{"wall time of that plan relative to the do-nothing provider, 0 ms", func(s *result.Sample) { slow(s, result.Plan, result.Setting{}) }},
		{"wall time of that plan relative to the do-nothing provider, 50 ms", func(s *result.Sample) { slow(s, result.Plan, result.Setting{LatencyMS: 50}) }},
		{"peak memory", func(s *result.Sample) {
			if s.Subject == result.Provider && s.Operation == result.Destroy {
				s.PeakMiB++
			}
		}},
		{"create, N = 200", func(s *result.Sample) { slow(s, result.Create, result.Setting{}) }},
		{"change of all, N = 200", func(s *result.Sample) { slow(s, result.Change, result.Setting{ExactlyOnce: true}) }},
		{"destroy", func(s *result.Sample) { slow(s, result.Destroy, result.Setting{}) }},
		{"polls", func(s *result.Sample) { // one per connector and interval
			if s.Subject == result.Provider && s.Operation == result.Create {
				s.Traffic.Requests = map[string]int{traffic.GetStatus: int(s.Seconds/0.1)*s.N + 1}
			}
		}},
		{"polls", func(s *result.Sample) {
			if s.Subject == result.Provider && s.Operation == result.Create {
				s.Traffic.Listings = &traffic.Polling{MostAtOnce: 2}
			}
		}},
		{"requests for a plan of 1", func(s *result.Sample) { spoilRequests(s, result.PlanOne, traffic.Listing) }},
	} {
		r := ideal()
		for i := range r.Samples {
			test.spoil(&r.Samples[i])
		}
		var missed []string
		for _, b := range r.Bounds() {
			if b.Verdict != result.Met {
				missed = append(missed, b.Work)
			}
		}
		if len(missed) != 1 || !strings.HasPrefix(missed[0], test.what) {
			t.Errorf("missed: %q, want only %q", missed, test.what)
		}
	}
}

func slow(s *result.Sample, op result.Operation, setting result.Setting) {
	if s.Subject == result.Provider && s.Operation == op && s.Setting == setting {
		s.Seconds *= 1.1
	}
}

func spoilRequests(s *result.Sample, op result.Operation, kind string) {
	if s.Subject != result.Provider || s.Operation != op || s.Setting.LatencyMS > 0 {
		return
	}
	requests := map[string]int{kind: 1}
	for k, n := range s.Traffic.Requests {
		requests[k] += n
	}
	s.Traffic.Requests = requests
}

func TestSmallRunsDoNotMeetBounds(t *testing.T) {
	r := ideal()
	for i := range r.Samples {
		r.Samples[i].N /= 10
	}
	for _, b := range r.Bounds() {
		if b.Verdict == result.Met && !strings.HasPrefix(b.Work, "polls") && !strings.HasPrefix(b.Work, "requests for a plan of 1") {
			t.Errorf("%s met with a smaller N: %s", b.Work, b.Measured)
		}
	}
	for _, b := range (result.Run{}).Bounds() {
		if b.Verdict != result.NotMeasured {
			t.Errorf("%s: %s without a sample", b.Work, b.Verdict)
		}
	}
}

func TestFailedSamplesDoNotCount(t *testing.T) {
	r := ideal()
	for i := range r.Samples {
		r.Samples[i].Failed = true
	}
	for _, b := range r.Bounds() {
		if b.Verdict != result.NotMeasured {
			t.Errorf("%s: %s (%s)", b.Work, b.Verdict, b.Measured)
		}
	}
}
