// Package result holds the samples of a benchmark run and compares them with the project's bounds.
package result

import (
	"fmt"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/traffic"
)

// Operation is one step of the work on N connectors.
type Operation string

// The operations, in the order of a run.
const (
	Create    Operation = "create"
	Plan      Operation = "plan"       // without changes
	PlanSome  Operation = "plan-some"  // of [Some] changes
	ApplySome Operation = "apply-some" // of the same changes
	Change    Operation = "change"     // of all N
	Destroy   Operation = "destroy"
	PlanOne   Operation = "plan-one" // without changes, of one of N connectors (-target)
)

// Operations lists all operations.
var Operations = []Operation{Create, Plan, PlanSome, ApplySome, Change, Destroy, PlanOne}

// Some is how many connectors PlanSome and ApplySome change, or N if N is smaller.
const Some = 5

// String returns the operation in words.
func (o Operation) String() string {
	switch o {
	case Plan:
		return "plan without changes"
	case PlanSome:
		return "plan of 5 changes"
	case ApplySome:
		return "apply of 5 changes"
	case Change:
		return "change of all"
	case PlanOne:
		return "plan of one (-target)"
	default:
		return string(o)
	}
}

// Subject is what does the work.
type Subject string

// The subjects.
const (
	Provider Subject = "provider" // Terraform with this project's provider
	Floor    Subject = "floor"    // Terraform with the do-nothing provider, which has the same schema
	Worker   Subject = "worker"   // plain HTTP requests
	Peer     Subject = "peer"     // Terraform with another provider
)

// Subjects lists all subjects.
var Subjects = []Subject{Provider, Floor, Worker, Peer}

// Setting is the environment of a measurement. The zero value is no added latency and a worker with default settings.
type Setting struct {
	LatencyMS   int  `json:"latency_ms"`             // added to each request
	ExactlyOnce bool `json:"exactly_once,omitempty"` // exactly.once.source.support=enabled, which makes each write slower
}

// String returns the setting in words.
func (s Setting) String() string {
	text := fmt.Sprintf("%d ms", s.LatencyMS)
	if s.ExactlyOnce {
		text += ", exactly once"
	}
	return text
}

// Sample is one measurement. CPU time and memory are those of the provider's processes, and 0 for plain requests.
type Sample struct {
	Subject   Subject   `json:"subject"`
	Operation Operation `json:"operation"`
	N         int       `json:"n"`
	Setting

	Seconds    float64 `json:"seconds"`               // wall time
	CPUSeconds float64 `json:"cpu_seconds,omitempty"` // user and system time of all processes
	PeakMiB    float64 `json:"peak_mib,omitempty"`    // peak resident memory of the largest process

	Traffic traffic.Traffic `json:"traffic"`
	Failed  bool            `json:"failed,omitempty"` // the other values are those at the time of the error
}

// Run is one run of the benchmark.
type Run struct {
	Began    time.Time `json:"began"`
	Seconds  float64   `json:"seconds"` // duration
	Complete bool      `json:"complete"`
	Command  string    `json:"command"` // make command that repeats it
	Machine  Machine   `json:"machine"`
	PeerName string    `json:"peer,omitempty"` // executable of the peer
	Samples  []Sample  `json:"samples"`
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

// Machine describes the hardware and the versions.
type Machine struct {
	Cores     int    `json:"cores"`
	System    string `json:"system"`
	Terraform string `json:"terraform"`
	Kafka     string `json:"kafka"`
	Go        string `json:"go"`
	Provider  string `json:"provider"` // commit
}
