package connectclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// State is the state of a connector or a task. A connector can be set to RUNNING, PAUSED or STOPPED; workers only report
// the others.
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

// Status is the state of a connector and its tasks. It does not tell which configuration they run. After a worker
// crashes, its last states are reported until the group removes the worker.
type Status struct {
	Name      string          `json:"name"`
	Type      string          `json:"type"` // "source", "sink" or "unknown"
	Connector ConnectorStatus `json:"connector"`
	Tasks     []TaskStatus    `json:"tasks"`

	// Unseen lists the tasks of the connector that have no status. Only [Client.Await] for RUNNING,
	// [Client.ConnectorWithStatus] and [Client.Connectors] fill it in.
	Unseen []int `json:"-"`
}

// Assigned reports whether a worker runs the connector, or has stopped or failed it. Otherwise the connector moves to another
// worker, restarts, or was just created, and its status does not show the state that was set.
func (s Status) Assigned() bool {
	at := s.Connector.State
	return at != "" && at != StateUnassigned && at != StateRestarting
}

// ConnectorStatus is the state of the connector itself, without its tasks.
type ConnectorStatus struct {
	State    State  `json:"state"`
	WorkerID string `json:"worker_id"`
	Trace    string `json:"trace"`   // the stack trace of a FAILED connector
	Version  string `json:"version"` // of the plugin, since Kafka 4.1 (KIP-891); empty for some that are FAILED
}

// TaskStatus is the state of one task.
type TaskStatus struct {
	ID       int    `json:"id"`
	State    State  `json:"state"`
	WorkerID string `json:"worker_id"`
	Trace    string `json:"trace"`   // the stack trace of a FAILED task
	Version  string `json:"version"` // of the plugin, since Kafka 4.1 (KIP-891); empty for some that are FAILED
}

// Failure is a connector or a task that is FAILED.
type Failure struct {
	Task     *int   // nil for the connector itself
	WorkerID string // such as "10.0.0.7:8083"
	Cause    string // the root cause, one line; empty if the worker gave none

	// Causes are all causes in the stack trace, the outermost first, without content of records. Cause is the last one.
	Causes []string
}

func newFailure(task *int, worker, trace string) Failure {
	return Failure{Task: task, WorkerID: worker, Cause: RootCause(trace), Causes: Causes(trace)}
}

// String returns "task 0 on 10.0.0.7:8083: the cause".
func (f Failure) String() string {
	what, cause := "the connector", f.Cause
	if f.Task != nil {
		what = fmt.Sprintf("task %d", *f.Task)
	}
	if cause == "" {
		cause = "the worker reports no cause; check the log of the worker"
	}
	return fmt.Sprintf("%s on %s: %s", what, f.WorkerID, cause)
}

// Status returns the state of the named connector and its tasks. Right after the creation of the connector it returns
// [ErrNoStatus] for a moment.
func (c *Client) Status(ctx context.Context, name string) (Status, error) {
	// GET /connectors/{name}/status
	var status Status
	if err := c.get(ctx, name, "/status", &status); err != nil {
		return Status{}, err
	}
	return c.redact(ctx, status), nil
}

// statusOrNone is Status, but returns an empty status for a connector that has none.
func (c *Client) statusOrNone(ctx context.Context, name string) (Status, error) {
	status, err := c.Status(ctx, name)
	if errors.Is(err, ErrNoStatus) {
		return Status{}, nil
	}
	return status, err
}

// redactOf returns the status of a connector, with its tasks. Its stack traces show neither the secrets in the connector's
// configuration nor the values of secretKeys. To know what the plugin defines as PASSWORD, it may ask the worker, once for
// each class.
func (c *Client) redactOf(ctx context.Context, connector Connector, s Status, secretKeys ...string) Status {
	s = s.withTasksOf(connector)
	if !s.hasTrace() {
		return s
	}
	var values []string
	for _, key := range secretKeys {
		values = append(values, connector.Config[key])
	}
	isPassword := c.IsPassword(ctx, connector.Config["connector.class"])
	return c.redact(WithConfig(WithSecrets(ctx, values...), connector.Config, isPassword), s)
}

// hasTrace reports whether there is a stack trace.
func (s Status) hasTrace() bool {
	return s.Connector.Trace != "" || slices.ContainsFunc(s.Tasks, func(task TaskStatus) bool { return task.Trace != "" })
}

// redact returns the status with stack traces that show neither the client's secrets nor those of ctx.
func (c *Client) redact(ctx context.Context, s Status) Status {
	if !s.hasTrace() {
		return s
	}
	secrets := c.secrets.With(allSecretsOf(ctx))
	s.Connector.Trace = secrets.Hide(s.Connector.Trace)
	s.Tasks = slices.Clone(s.Tasks) // a listing is shared
	for i := range s.Tasks {
		s.Tasks[i].Trace = secrets.Hide(s.Tasks[i].Trace)
	}
	return s
}

// known reports whether the worker has a status of the connector.
func (s Status) known() bool { return s.Connector.State != "" }

// Failed reports whether the connector or one of its tasks is FAILED.
func (s Status) Failed() bool { return len(s.Failures()) > 0 }

// unassigned reports whether a task is UNASSIGNED.
func (s Status) unassigned() bool {
	return slices.ContainsFunc(s.Tasks, func(task TaskStatus) bool { return task.State == StateUnassigned })
}

// withTasksOf returns the status without UNASSIGNED tasks that the connector does not have, and with its Unseen tasks.
// If a worker reports late that a task has ended, the task stays UNASSIGNED for good, even for a connector that is created
// later under the same name: the other workers had just erased the status.
func (s Status) withTasksOf(connector Connector) Status {
	if !s.known() {
		return s
	}
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

// Failures lists the connector, if it is FAILED, and the tasks that are FAILED.
func (s Status) Failures() []Failure {
	var failures []Failure
	if s.Connector.State == StateFailed {
		failures = append(failures, newFailure(nil, s.Connector.WorkerID, s.Connector.Trace))
	}
	for _, task := range s.Tasks {
		if task.State == StateFailed {
			failures = append(failures, newFailure(&task.ID, task.WorkerID, task.Trace))
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
