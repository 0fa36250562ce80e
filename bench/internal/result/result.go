// Package result holds the samples of a benchmark run and compares them with the project's bounds.
package result

import (
	"slices"
	"time"
)

// Operation is one step of the work on N connectors.
type Operation string

// The operations.
const (
	Create      Operation = "create"
	Plan        Operation = "plan"   // without changes
	Change      Operation = "change" // of all N
	Destroy     Operation = "destroy"
	PlanStopped Operation = "plan-stopped" // without changes, of stopped connectors
)

// Operations lists all operations in the order of a run.
var Operations = []Operation{Create, Plan, Change, Destroy, PlanStopped}

// String returns the operation in words.
func (o Operation) String() string {
	switch o {
	case Plan:
		return "plan without changes"
	case Change:
		return "change of all"
	case PlanStopped:
		return "plan without changes, stopped"
	default:
		return string(o)
	}
}

// Subject is what does the work.
type Subject string

// The subjects.
const (
	Provider  Subject = "this provider"
	Raw       Subject = "plain HTTP"      // requests without Terraform
	Terraform Subject = "Terraform alone" // with terraform_data instead of connectors
	Peer      Subject = "peer"            // Terraform with another provider, or an older build of this one
)

// Subjects lists all subjects.
var Subjects = []Subject{Provider, Raw, Terraform, Peer}

// Sample is one measurement. CPU time and memory are those of the provider's processes.
type Sample struct {
	Subject   Subject   `json:"subject"`
	Operation Operation `json:"operation"`
	N         int       `json:"n"`
	LatencyMS int       `json:"latency_ms,omitempty"` // added to each request

	Seconds     float64 `json:"seconds"`                // wall time of the command, or of the plain requests and their polls
	LateSeconds float64 `json:"late_seconds,omitempty"` // time after that until all connectors are as declared
	CPUSeconds  float64 `json:"cpu_seconds,omitempty"`  // user and system time of all processes
	PeakMB      float64 `json:"peak_mb,omitempty"`      // peak resident memory of the largest process
	Requests    int     `json:"requests,omitempty"`

	Failed bool `json:"failed,omitempty"` // the other values are those at the time of the error
}

// Run is one run of the benchmark.
type Run struct {
	Began    time.Time `json:"began"`
	Seconds  float64   `json:"seconds"` // duration
	Complete bool      `json:"complete"`
	Command  string    `json:"command"` // make command that repeats it
	Machine  Machine   `json:"machine"`
	Peer     string    `json:"peer,omitempty"`      // executable of the peer
	OwnBuild bool      `json:"own_build,omitempty"` // the peer is another build of this provider
	Samples  []Sample  `json:"samples"`
}

// Machine describes the hardware and the versions.
type Machine struct {
	Cores     int    `json:"cores"`
	System    string `json:"system"`
	Terraform string `json:"terraform"`
	Kafka     string `json:"kafka"`
	Go        string `json:"go"`
	Provider  string `json:"provider"` // commit
}

// Failed returns the number of failed measurements, except those of a peer: its failures do not fail the run.
func (r Run) Failed() (n int) {
	for _, s := range r.Samples {
		if s.Failed && s.Subject != Peer {
			n++
		}
	}
	return n
}

// Work is what the samples of one comparison have in common.
type Work struct {
	Operation Operation
	N         int
	LatencyMS int
}

// Work returns what was measured.
func (s Sample) Work() Work { return Work{s.Operation, s.N, s.LatencyMS} }

// Works lists what was measured: by operation, then by latency, then by N.
func (r Run) Works() (list []Work) {
	for _, s := range r.Samples {
		if !slices.Contains(list, s.Work()) {
			list = append(list, s.Work())
		}
	}
	slices.SortFunc(list, func(a, b Work) int {
		const more = 1000000 // than any N
		order := func(w Work) int { return (slices.Index(Operations, w.Operation)*more+w.LatencyMS)*more + w.N }
		return order(a) - order(b)
	})
	return list
}

// Of returns the successful samples of a subject.
func (r Run) Of(subject Subject, w Work) (list []Sample) {
	for _, s := range r.Samples {
		if s.Subject == subject && s.Work() == w && !s.Failed {
			list = append(list, s)
		}
	}
	return list
}

// Done is the time until all connectors are as declared, for [Run.Median].
func Done(s Sample) float64 { return s.Seconds + s.LateSeconds }

// CPU is the CPU time, for [Run.Median].
func CPU(s Sample) float64 { return s.CPUSeconds }

// Peak is the peak memory, for [Run.Median].
func Peak(s Sample) float64 { return s.PeakMB }

// Median returns the median of a value over the successful samples. It is not ok without samples.
func (r Run) Median(subject Subject, w Work, value func(Sample) float64) (median float64, ok bool) {
	var values []float64
	for _, s := range r.Of(subject, w) {
		values = append(values, value(s))
	}
	if len(values) == 0 {
		return 0, false
	}
	slices.Sort(values)
	low, high := values[(len(values)-1)/2], values[len(values)/2]
	return (low + high) / 2, true
}
