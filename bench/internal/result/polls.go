package result

import (
	"fmt"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/traffic"
)

// polling is how often a create polled the worker while it waited for connectors.
type polling struct {
	listings int     // polls of all connectors
	atOnce   int     // maximum of listings in flight
	gap      float64 // median seconds between two listings
	statuses int     // polls of a single connector
	seconds  float64 // duration of the create
}

// pollInterval is the client's minimum between two polls, in seconds.
const pollInterval = 0.1

// shared tells whether all waits together polled at most once per interval.
func (p polling) shared() bool {
	return p.atOnce <= 1 && float64(p.listings+p.statuses) <= p.seconds/pollInterval
}

// pollsAt returns the polling of the create of n connectors without added latency: of the sample with the most polls.
func (r Run) pollsAt(n int) (most polling) {
	for _, s := range r.Of(Key{Subject: Provider, Operation: Create, N: n}) {
		p := polling{listings: s.Traffic.Requests[traffic.Listing], statuses: s.Traffic.Requests[traffic.GetStatus], seconds: s.Seconds}
		if l := s.Traffic.Listings; l != nil {
			p.atOnce, p.gap = l.MostAtOnce, l.MedianGap
		}
		if p.listings+p.statuses >= most.listings+most.statuses {
			most = p
		}
	}
	return most
}

// String returns the polling in words.
func (p polling) String() string {
	text := fmt.Sprintf("%d listings", p.listings)
	if p.gap > 0 {
		text += fmt.Sprintf(", one every %.2f s", p.gap)
	}
	if p.atOnce > 1 {
		text += fmt.Sprintf(", up to %d concurrent", p.atOnce)
	}
	if p.statuses > 0 {
		text += fmt.Sprintf(", %d polls of a single connector", p.statuses)
	}
	return text
}

// polls checks the polling of creates of every size. It shows the largest size that missed the bound, or else the largest.
func (r Run) polls() Bound {
	b := Bound{Work: "polls while waiting for N connectors, any N", Limit: fmt.Sprintf("at most one per %.1f s", pollInterval), Verdict: NotMeasured}
	sizes := r.Sizes(func(s Sample) bool {
		return s.Subject == Provider && s.Operation == Create && s.LatencyMS == 0 && !s.Failed
	})
	if len(sizes) == 0 {
		return b
	}
	shown, met := sizes[len(sizes)-1], true
	for _, n := range sizes {
		if !r.pollsAt(n).shared() {
			shown, met = n, false
		}
	}
	return b.measured(met, "N = %d: %s", shown, r.pollsAt(shown))
}

func (r Run) planOne() Bound {
	const most = 3
	b := Bound{Work: "requests for a plan of 1 of many connectors (`-target`)", Limit: fmt.Sprintf("at most %d, no listing", most), Verdict: NotMeasured}
	sizes := r.Measured(Provider, PlanOne, Setting{})
	if len(sizes) == 0 {
		return b
	}
	k := Key{Subject: Provider, Operation: PlanOne, N: sizes[len(sizes)-1]}
	count, _ := r.Most(k, requests)
	listings, _ := r.Most(k, func(s Sample) float64 { return float64(s.Traffic.Requests[traffic.Listing]) })
	return b.measured(count <= most && listings == 0, "%.0f, including %.0f listings (1 of %d)", count, listings, k.N)
}
