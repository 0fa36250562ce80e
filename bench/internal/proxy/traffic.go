package proxy

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Traffic is what went through a proxy.
type Traffic struct {
	Requests    map[string]int `json:"requests,omitempty"` // by [Kind]
	Refused     map[string]int `json:"refused,omitempty"`  // by status, those of 400 and more
	Connections int            `json:"connections,omitempty"`
	Listings    *Polling       `json:"listings,omitempty"` // how the listings among the requests were spread; nil without any
}

// Polling is how requests that come again and again were spread over time.
type Polling struct {
	MostAtOnce int     `json:"most_at_once"` // the most that were under way at the same time
	Seconds    float64 `json:"seconds"`      // from the start of the first to that of the last
	MedianGap  float64 `json:"median_gap"`   // seconds between two starts; 0 when there were fewer than two
}

// Total is the number of requests of any kind.
func (t Traffic) Total() int {
	total := 0
	for n := range maps.Values(t.Requests) {
		total += n
	}
	return total
}

// meter counts, from many goroutines at a time.
type meter struct {
	mu                  sync.Mutex
	traffic             Traffic
	listed              []time.Time // when each listing began
	listing, mostAtOnce int         // under way now, and at most
}

func (m *meter) connected() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.traffic.Connections++
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

// take returns what was counted, and starts anew.
func (m *meter) take() Traffic {
	m.mu.Lock()
	defer m.mu.Unlock()
	traffic := m.traffic
	if len(m.listed) > 0 {
		traffic.Listings = spread(m.listed)
		traffic.Listings.MostAtOnce = m.mostAtOnce
	}
	m.traffic, m.listed, m.mostAtOnce = Traffic{}, nil, m.listing
	return traffic
}

// spread tells how far apart the moments are, which come in order.
func spread(moments []time.Time) *Polling {
	var gaps []time.Duration
	for i := 1; i < len(moments); i++ {
		gaps = append(gaps, moments[i].Sub(moments[i-1]))
	}
	p := &Polling{Seconds: moments[len(moments)-1].Sub(moments[0]).Seconds()}
	if len(gaps) > 0 {
		slices.Sort(gaps)
		p.MedianGap = gaps[len(gaps)/2].Seconds()
	}
	return p
}
