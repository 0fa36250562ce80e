package result

import (
	"cmp"
	"slices"
)

// Key identifies the samples that measure the same thing.
type Key struct {
	Subject   Subject
	Operation Operation
	N         int
	Setting   Setting
}

// Key returns the key of the sample.
func (s Sample) Key() Key { return Key{s.Subject, s.Operation, s.N, s.Setting} }

// Of returns the successful samples of a key.
func (r Run) Of(k Key) (list []Sample) {
	for _, s := range r.Samples {
		if s.Key() == k && !s.Failed {
			list = append(list, s)
		}
	}
	return list
}

// Median returns the median of a value over the samples of a key. It is not ok without samples.
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

// Most returns the maximum of a value over the samples of a key. It is not ok without samples.
func (r Run) Most(k Key, value func(Sample) float64) (most float64, ok bool) {
	for i, s := range r.Of(k) {
		if v := value(s); i == 0 || v > most {
			most, ok = v, true
		}
	}
	return most, ok
}

// Sizes returns the N of all samples that the filter accepts, sorted and without duplicates.
func (r Run) Sizes(filter func(Sample) bool) (list []int) {
	for _, s := range r.Samples {
		if filter(s) && !slices.Contains(list, s.N) {
			list = append(list, s.N)
		}
	}
	slices.Sort(list)
	return list
}

// Measured returns every N for which the key has a successful sample, sorted.
func (r Run) Measured(subject Subject, op Operation, setting Setting) []int {
	return r.Sizes(func(s Sample) bool { return !s.Failed && s.Key() == Key{subject, op, s.N, setting} })
}

// Settings returns the settings of all samples: default workers first, then by latency.
func (r Run) Settings() (list []Setting) {
	for _, s := range r.Samples {
		if !slices.Contains(list, s.Setting) {
			list = append(list, s.Setting)
		}
	}
	slices.SortFunc(list, func(a, b Setting) int {
		switch {
		case a.ExactlyOnce == b.ExactlyOnce:
			return cmp.Compare(a.LatencyMS, b.LatencyMS)
		case a.ExactlyOnce:
			return 1
		default:
			return -1
		}
	})
	return list
}

// Values of a sample, for [Run.Median] and [Run.Most].
func wall(s Sample) float64     { return s.Seconds }
func requests(s Sample) float64 { return float64(s.Traffic.Total()) }
func peak(s Sample) float64     { return s.PeakMiB }

// Wall returns the median of the wall time in seconds.
func (r Run) Wall(k Key) (float64, bool) { return r.Median(k, wall) }
