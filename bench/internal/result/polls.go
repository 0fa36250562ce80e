package result

import (
	"fmt"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/proxy"
)

// looks is how often a create looked at the connectors that it waited for.
type looks struct {
	listings int     // of all connectors
	atOnce   int     // listings under way at the same time, at most
	gap      float64 // seconds from one listing to the next, median
	each     int     // looks at one connector, by one who waited alone
	seconds  float64 // that the create took
}

// tick is the shortest time between two looks of one who waits, in seconds: the default of the client.
const tick = 0.1

// onePoll tells whether there was never more than one look a tick.
func (l looks) onePoll() bool {
	return l.atOnce <= 1 && float64(l.listings+l.each) <= l.seconds/tick
}

// pollsAt returns the looks of the create of n connectors without added latency; of the one with the most.
func (r Run) pollsAt(n int) (most looks) {
	for _, s := range r.Of(Key{Subject: Provider, Operation: Create, N: n}) {
		l := looks{listings: s.Traffic.Requests[proxy.Listing], each: s.Traffic.Requests[proxy.GetStatus], seconds: s.Seconds}
		if p := s.Traffic.Listings; p != nil {
			l.atOnce, l.gap = p.MostAtOnce, p.MedianGap
		}
		if l.listings+l.each >= most.listings+most.each {
			most = l
		}
	}
	return most
}

// String says it in few words.
func (l looks) String() string {
	text := fmt.Sprintf("%d listings", l.listings)
	if l.gap > 0 {
		text += fmt.Sprintf(", one every %.2f s", l.gap)
	}
	if l.atOnce > 1 {
		text += fmt.Sprintf(", %d at once", l.atOnce)
	}
	if l.each > 0 {
		text += fmt.Sprintf(", %d looks at one that was waited for alone", l.each)
	}
	return text
}

// polls judges how the connectors were looked at while they were created, of every size, and tells of the largest; of the
// largest that missed the bound, if one did.
func (r Run) polls() Bound {
	b := Bound{Work: "polls while N connectors are waited for, whatever N", Limit: fmt.Sprintf("at most one each %.1f s", tick), Verdict: NotMeasured}
	sizes := r.Sizes(func(s Sample) bool {
		return s.Subject == Provider && s.Operation == Create && s.LatencyMS == 0 && !s.Failed
	})
	if len(sizes) == 0 {
		return b
	}
	shown, met := sizes[len(sizes)-1], true
	for _, n := range sizes {
		if !r.pollsAt(n).onePoll() {
			shown, met = n, false
		}
	}
	return b.judge(met, "N = %d: %s", shown, r.pollsAt(shown))
}

func (r Run) planOne() Bound {
	const most = 3
	b := Bound{Work: "requests of a plan for 1 of many connectors (`-target`)", Limit: fmt.Sprintf("at most %d, no listing", most), Verdict: NotMeasured}
	sizes := r.Measured(Provider, PlanOne, Setting{})
	if len(sizes) == 0 {
		return b
	}
	k := Key{Subject: Provider, Operation: PlanOne, N: sizes[len(sizes)-1]}
	count, _ := r.Most(k, requests)
	listings, _ := r.Most(k, func(s Sample) float64 { return float64(s.Traffic.Requests[proxy.Listing]) })
	return b.judge(count <= most && listings == 0, "%.0f, of these %.0f listings (1 of %d)", count, listings, k.N)
}
