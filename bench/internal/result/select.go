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
	Setting   Setting
}

// Key returns what the sample measures.
func (s Sample) Key() Key { return Key{s.Subject, s.Operation, s.N, s.Setting} }

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
func (r Run) Sizes(filter func(Sample) bool) (list []int) {
	for _, s := range r.Samples {
		if filter(s) && !slices.Contains(list, s.N) {
			list = append(list, s.N)
		}
	}
	slices.Sort(list)
	return list
}

// Measured returns every N with which the subject has done the operation without failing, in order.
func (r Run) Measured(subject Subject, op Operation, setting Setting) []int {
	return r.Sizes(func(s Sample) bool { return !s.Failed && s.Key() == Key{subject, op, s.N, setting} })
}

// Settings returns every setting of the samples, the plain ones first.
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

// Wall is the median of the wall time, in seconds.
func (r Run) Wall(k Key) (float64, bool) { return r.Median(k, wall) }
