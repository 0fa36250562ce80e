package proxy

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Traffic counts the requests that a proxy forwarded.
type Traffic struct {
	Requests map[string]int `json:"requests,omitempty"` // by [Kind]
	Refused  map[string]int `json:"refused,omitempty"`  // by status, 400 and above
	Listings *Polling       `json:"listings,omitempty"` // timing of the listings among the requests; nil if there were none
}

// Polling is the timing of repeated requests.
type Polling struct {
	MostAtOnce int     `json:"most_at_once"` // maximum in flight at the same time
	MedianGap  float64 `json:"median_gap"`   // seconds between the starts of two requests; 0 for a single request
}

// Total is the number of requests of any kind.
func (t Traffic) Total() int {
	total := 0
	for n := range maps.Values(t.Requests) {
		total += n
	}
	return total
}

// meter counts requests. Its methods are safe for concurrent use.
type meter struct {
	mu                  sync.Mutex
	traffic             Traffic
	listed              []time.Time // start of each listing
	listing, mostAtOnce int         // listings in flight: now, and the maximum
}

func (m *meter) began(kind string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.traffic.Requests == nil {
		m.traffic.Requests = map[string]int{}
	}
	m.traffic.Requests[kind]++
	if kind == Listing {
		m.listed = append(m.listed, time.Now())
		m.listing++
		m.mostAtOnce = max(m.mostAtOnce, m.listing)
	}
}

func (m *meter) answered(status int) {
	if status < 400 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.traffic.Refused == nil {
		m.traffic.Refused = map[string]int{}
	}
	m.traffic.Refused[strconv.Itoa(status)]++
}

func (m *meter) ended(kind string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if kind == Listing {
		m.listing--
	}
}

// take returns the counts and resets them.
func (m *meter) take() Traffic {
	m.mu.Lock()
	defer m.mu.Unlock()
	traffic := m.traffic
	if len(m.listed) > 0 {
		traffic.Listings = &Polling{MostAtOnce: m.mostAtOnce, MedianGap: medianGap(m.listed)}
	}
	m.traffic, m.listed, m.mostAtOnce = Traffic{}, nil, m.listing
	return traffic
}

// medianGap returns the median of the seconds between consecutive starts.
func medianGap(starts []time.Time) float64 {
	if len(starts) < 2 {
		return 0
	}
	var gaps []time.Duration
	for i := 1; i < len(starts); i++ {
		gaps = append(gaps, starts[i].Sub(starts[i-1]))
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2].Seconds()
}
