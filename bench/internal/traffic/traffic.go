// Package traffic counts the requests that a proxy recorded.
package traffic

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// Traffic is the number of requests of each kind.
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

// Of counts the requests, which must be in the order of arrival.
func Of(requests []stack.Request) Traffic {
	var t Traffic
	var listings []stack.Request
	for _, r := range requests {
		kind := Kind(r)
		increment(&t.Requests, kind)
		if r.Status >= http.StatusBadRequest {
			increment(&t.Refused, strconv.Itoa(r.Status))
		}
		if kind == Listing {
			listings = append(listings, r)
		}
	}
	if len(listings) > 0 {
		t.Listings = &Polling{MostAtOnce: mostAtOnce(listings), MedianGap: medianGap(listings)}
	}
	return t
}

func increment(counts *map[string]int, key string) {
	if *counts == nil {
		*counts = map[string]int{}
	}
	(*counts)[key]++
}

// Total is the number of requests of any kind.
func (t Traffic) Total() int {
	total := 0
	for n := range maps.Values(t.Requests) {
		total += n
	}
	return total
}

// mostAtOnce returns how many requests were in flight at the same time. The maximum is reached when a request arrives.
func mostAtOnce(requests []stack.Request) (most int) {
	for i, r := range requests {
		n := 1
		for _, earlier := range requests[:i] {
			if earlier.Answered.IsZero() || earlier.Answered.After(r.Received) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// medianGap returns the median of the seconds between the starts of consecutive requests.
func medianGap(requests []stack.Request) float64 {
	if len(requests) < 2 {
		return 0
	}
	var gaps []time.Duration
	for i := 1; i < len(requests); i++ {
		gaps = append(gaps, requests[i].Received.Sub(requests[i-1].Received))
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2].Seconds()
}

// Kinds of requests that other packages use by name.
const (
	Listing   = "GET listing"  // all connectors in one response
	GetStatus = "GET status"   // of one connector
	Validate  = "PUT validate" // a configuration, without storing it
)

// Kind returns a name for the request that is the same for every connector: its method, and its path without names and ids.
func Kind(r stack.Request) string {
	parts := strings.Split(strings.Trim(r.Path, "/"), "/")
	query, _ := url.ParseQuery(r.Query) // as far as it is valid
	var what string
	switch {
	case parts[0] == "":
		what = "cluster"
	case parts[0] == "connector-plugins" && parts[len(parts)-1] == "validate":
		return Validate
	case parts[0] == "connectors" && len(parts) > 2:
		what = strings.Join(withoutNumbers(parts[2:]), " ")
	case parts[0] == "connectors" && (len(parts) == 2 || r.Method == http.MethodPost):
		what = "connector"
	case parts[0] == "connectors" && query.Has("expand"):
		return Listing
	case parts[0] == "connectors":
		what = "names"
	default:
		what = parts[0]
	}
	return r.Method + " " + what
}

// withoutNumbers removes task ids.
func withoutNumbers(parts []string) []string {
	var words []string
	for _, part := range parts {
		if strings.Trim(part, "0123456789") != "" {
			words = append(words, part)
		}
	}
	return words
}
