package connectclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

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

	// Unseen are the tasks that the connector has and no status tells of, as far as that was looked up:
	// by [Client.Await] for RUNNING, and by [Client.Look].
	Unseen []int `json:"-"`
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

// String returns "task 0 on 10.0.0.7:8083: the cause".
func (f Failure) String() string {
	what, cause := "the connector", f.Cause
	if f.Task != nil {
		what = fmt.Sprintf("task %d", *f.Task)
	}
	if cause == "" {
		cause = "the worker gives no cause; its log does"
	}
	return fmt.Sprintf("%s on %s: %s", what, f.WorkerID, cause)
}

// Status returns the state of the named connector and of its tasks. Right after creation it answers
// [ErrNoStatus] for a moment.
func (c *Client) Status(ctx context.Context, name string) (Status, error) {
	// GET /connectors/{name}/status
	path, err := connectorPath(name)
	if err != nil {
		return Status{}, err
	}
	var status Status
	if _, err := c.do(ctx, call{method: http.MethodGet, path: path + "/status", name: name, out: &status}); err != nil {
		return Status{}, err
	}
	status.hide(c.secrets.with(secretsOf(ctx)))
	return status, nil
}

// statusIfAny is Status, with nil for a connector that has none.
func (c *Client) statusIfAny(ctx context.Context, name string) (*Status, error) {
	status, err := c.Status(ctx, name)
	switch {
	case errors.Is(err, ErrNoStatus):
		return nil, nil //nolint:nilnil // no status is none
	case err != nil:
		return nil, err
	}
	return &status, nil
}

// hide takes the secrets out of the stack traces.
func (s *Status) hide(secrets *Secrets) {
	s.Connector.Trace = secrets.Hide(s.Connector.Trace)
	for i := range s.Tasks {
		s.Tasks[i].Trace = secrets.Hide(s.Tasks[i].Trace)
	}
}

// Failed reports whether the connector or one of its tasks FAILED.
func (s Status) Failed() bool { return len(s.Failures()) > 0 }

// unassigned reports whether a task is UNASSIGNED.
func (s Status) unassigned() bool {
	return slices.ContainsFunc(s.Tasks, func(task TaskStatus) bool { return task.State == StateUnassigned })
}

// of returns the status with the tasks that the connector has: without those that it has not, and with
// those that are unseen. A worker that is late to tell that a task has ended leaves it UNASSIGNED for good
// when the others have just erased its status, even in the status of a connector that is created later
// under the same name.
func (s Status) of(connector Connector) Status {
	has, seen := map[int]bool{}, map[int]bool{}
	for _, task := range connector.Tasks {
		has[task.Task] = true
	}
	s.Tasks = slices.DeleteFunc(slices.Clone(s.Tasks), func(task TaskStatus) bool {
		seen[task.ID] = true
		return task.State == StateUnassigned && !has[task.ID]
	})
	s.Unseen = nil
	for _, task := range connector.Tasks {
		if !seen[task.Task] {
			s.Unseen = append(s.Unseen, task.Task)
		}
	}
	return s
}

// Idle reports whether the connector is RUNNING and shows no tasks.
func (s Status) Idle() bool { return s.Connector.State == StateRunning && len(s.Tasks) == 0 }

// Failures lists the connector, if it FAILED, and the tasks that did.
func (s Status) Failures() []Failure {
	var failures []Failure
	if s.Connector.State == StateFailed {
		failures = append(failures, Failure{WorkerID: s.Connector.WorkerID, Cause: RootCause(s.Connector.Trace)})
	}
	for _, task := range s.Tasks {
		if task.State == StateFailed {
			failures = append(failures, Failure{Task: &task.ID, WorkerID: task.WorkerID, Cause: RootCause(task.Trace)})
		}
	}
	return failures
}

// String returns the states in one line: "connector RUNNING, task 0 UNASSIGNED".
func (s Status) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "connector %s", s.Connector.State)
	for _, task := range s.Tasks {
		fmt.Fprintf(&b, ", task %d %s", task.ID, task.State)
	}
	if len(s.Tasks) == 0 {
		b.WriteString(", no tasks")
	}
	return b.String()
}

// RootCause returns the one line of a Java stack trace that says what went wrong: its last "Caused
// by", or its first line.
func RootCause(trace string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(trace), "\n")
	cause := first
	for line := range strings.Lines(trace) {
		// Those of suppressed exceptions are indented, and not the cause.
		if after, ok := strings.CutPrefix(line, "Caused by: "); ok {
			cause = after
		}
	}
	return strings.TrimSpace(cause)
}
