package connectclient

import "context"

// State is what a connector or a task is in. Connectors can be asked to be RUNNING, PAUSED or
// STOPPED; the others are reported only.
type State string

// The states that workers report.
const (
	StateRunning    State = "RUNNING"
	StatePaused     State = "PAUSED"
	StateStopped    State = "STOPPED" // connectors only, since Kafka 3.5 (KIP-875)
	StateFailed     State = "FAILED"
	StateUnassigned State = "UNASSIGNED"
	StateRestarting State = "RESTARTING"
	StateDestroyed  State = "DESTROYED"
)

// Status is what a connector and its tasks are doing. It says nothing of the configuration that they
// run, and a worker that died is shown with its last states until the group notices.
type Status struct {
	Name      string          `json:"name"`
	Type      string          `json:"type"` // "source", "sink" or "unknown"
	Connector ConnectorStatus `json:"connector"`
	Tasks     []TaskStatus    `json:"tasks"`
}

// ConnectorStatus is what the connector itself, without its tasks, is doing.
type ConnectorStatus struct {
	State    State  `json:"state"`
	WorkerID string `json:"worker_id"`
	Trace    string `json:"trace"`   // the stack trace of a FAILED connector
	Version  string `json:"version"` // of the plugin; empty before Kafka 3.7 and for some that failed
}

// TaskStatus is what one task is doing.
type TaskStatus struct {
	ID       int    `json:"id"`
	State    State  `json:"state"`
	WorkerID string `json:"worker_id"`
	Trace    string `json:"trace"`   // the stack trace of a FAILED task
	Version  string `json:"version"` // of the plugin; empty before Kafka 3.7 and for some that failed
}

// Failure is a connector or a task that FAILED.
type Failure struct {
	Task     *int   // nil for the connector itself
	WorkerID string // such as "10.0.0.7:8083"
	Cause    string // the root cause, one line; empty if the worker gave none
}

// Status returns the state of the named connector and of its tasks. Right after creation it answers
// [ErrNoStatus] for a moment.
func (c *Client) Status(ctx context.Context, name string) (Status, error) {
	// GET /connectors/{name}/status
	return Status{}, nil
}

// Failed reports whether the connector or one of its tasks FAILED.
func (s Status) Failed() bool { return false }

// Failures lists the connector, if it FAILED, and the tasks that did.
func (s Status) Failures() []Failure { return nil }

// RootCause returns the one line of a Java stack trace that says what went wrong: its last "Caused
// by", or its first line.
func RootCause(trace string) string { return "" }
