package result

import (
	"cmp"
	"slices"
)

// Key is what samples have in common that measure the same.
type Key struct {
	Subject   Subject
	Operation Operation
	N         int
	LatencyMS int
}

// Key returns what the sample measures.
func (s Sample) Key() Key { return Key{s.Subject, s.Operation, s.N, s.LatencyMS} }

// Of returns the samples of a key that did not fail.
func (r Run) Of(k Key) (list []Sample) {
	for _, s := range r.Samples {
		if s.Key() == k && !s.Failed {
			list = append(list, s)
		}
	}
	return list
}

// Median is the middle of what a value is in the samples of a key; not ok when there is none.
func (r Run) Median(k Key, value func(Sample) float64) (median float64, ok bool) {
	var values []float64
	for _, s := range r.Of(k) {
		values = append(values, value(s))
	}
	if len(values) == 0 {
		return 0, false
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 0 {
		return (values[middle-1] + values[middle]) / 2, true
	}
	return values[middle], true
}

// Most is the largest that a value is in the samples of a key; not ok when there is none.
func (r Run) Most(k Key, value func(Sample) float64) (most float64, ok bool) {
	for i, s := range r.Of(k) {
		if v := value(s); i == 0 || v > most {
			most, ok = v, true
		}
	}
	return most, ok
}

// Sizes returns every N of the samples that the filter lets through, in order.
func (r Run) Sizes(filter func(Sample) bool) []int {
	return distinct(r.Samples, filter, func(s Sample) int { return s.N })
}

// Latencies returns every latency of the samples, in order.
func (r Run) Latencies() []int {
	return distinct(r.Samples, func(Sample) bool { return true }, func(s Sample) int { return s.LatencyMS })
}

func distinct[T cmp.Ordered](samples []Sample, filter func(Sample) bool, of func(Sample) T) (list []T) {
	for _, s := range samples {
		if filter(s) && !slices.Contains(list, of(s)) {
			list = append(list, of(s))
		}
	}
	slices.Sort(list)
	return list
}

// Values of a sample, for [Run.Median] and [Run.Most].
func wall(s Sample) float64     { return s.Seconds }
func requests(s Sample) float64 { return float64(s.Traffic.Total()) }
func peak(s Sample) float64     { return s.PeakMiB }

// Wall is the median of the wall time, in seconds.
func (r Run) Wall(k Key) (float64, bool) { return r.Median(k, wall) }
