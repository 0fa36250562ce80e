// Package result is what a run of the benchmark has measured, and what follows from it.
package result

import (
	"fmt"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/proxy"
)

// Operation is a piece of the work, done on N connectors.
type Operation string

// The operations, in the order in which they come.
const (
	Create    Operation = "create"
	Plan      Operation = "plan"       // without changes
	PlanSome  Operation = "plan-some"  // of [Some] changes
	ApplySome Operation = "apply-some" // of these changes
	Change    Operation = "change"     // of all N
	Destroy   Operation = "destroy"
	PlanOne   Operation = "plan-one" // without changes, limited to one of N (-target)
)

// Operations are all of them.
var Operations = []Operation{Create, Plan, PlanSome, ApplySome, Change, Destroy, PlanOne}

// Some is the number of connectors that PlanSome and ApplySome change, as far as there are so many.
const Some = 5

// String says it in words.
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

// Subject is who does the work.
type Subject string

// The subjects.
const (
	Provider Subject = "provider" // Terraform with this project's provider
	Floor    Subject = "floor"    // Terraform with a provider of the same schema that does nothing
	Worker   Subject = "worker"   // plain HTTP requests
	Peer     Subject = "peer"     // Terraform with another provider
)

// Subjects are all of them.
var Subjects = []Subject{Provider, Floor, Worker, Peer}

// Setting is the circumstances of a measurement. The zero value is a near worker as it comes.
type Setting struct {
	LatencyMS   int  `json:"latency_ms"`             // added to each request
	ExactlyOnce bool `json:"exactly_once,omitempty"` // the worker supports it for sources, which makes each write take longer
}

// String says it in words.
func (s Setting) String() string {
	text := fmt.Sprintf("%d ms", s.LatencyMS)
	if s.ExactlyOnce {
		text += ", exactly once"
	}
	return text
}

// Sample is one measurement. Memory and CPU time are those of the provider's processes, unknown (0) for plain requests.
type Sample struct {
	Subject   Subject   `json:"subject"`
	Operation Operation `json:"operation"`
	N         int       `json:"n"`
	Setting

	Seconds      float64 `json:"seconds"`                 // wall time
	CPUSeconds   float64 `json:"cpu_seconds,omitempty"`   // user and system, of all processes
	PeakMiB      float64 `json:"peak_mib,omitempty"`      // resident memory of the largest process, at most
	Processes    int     `json:"processes,omitempty"`     // how many processes of the provider Terraform started
	TerraformCPU float64 `json:"terraform_cpu,omitempty"` // seconds of Terraform itself

	Traffic proxy.Traffic `json:"traffic"`
	Failed  bool          `json:"failed,omitempty"` // it ended with an error; the numbers are those until then
}

// Run is one run of the benchmark.
type Run struct {
	Began    time.Time `json:"began"`
	Seconds  float64   `json:"seconds"` // how long it took
	Complete bool      `json:"complete"`
	Command  string    `json:"command"` // that made it
	Machine  Machine   `json:"machine"`
	PeerName string    `json:"peer,omitempty"` // what Peer stands for
	Samples  []Sample  `json:"samples"`
}

// Failed is the number of measurements that ended with an error, without those of another provider, which may well.
func (r Run) Failed() (n int) {
	for _, s := range r.Samples {
		if s.Failed && s.Subject != Peer {
			n++
		}
	}
	return n
}

// Machine is what everything ran on.
type Machine struct {
	Cores     int    `json:"cores"`
	System    string `json:"system"`
	Terraform string `json:"terraform"`
	Kafka     string `json:"kafka"`
	Go        string `json:"go"`
	Provider  string `json:"provider"` // the commit that was built
}
