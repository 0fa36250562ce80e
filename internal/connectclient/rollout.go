package connectclient

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Rollout is what [Client.AwaitRollout] waits for: all workers run the wanted revisions of their properties files.
type Rollout struct {
	// Revisions are the wanted revisions. Each worker has to announce one of them.
	Revisions []string

	// Check, unless nil, is called when the workers seem to be done. It returns what is still pending.
	Check func(ctx context.Context, connectors map[string]ConnectorWithStatus) ([]string, error)

	// Progress, unless nil, is called with each new state of the rollout.
	Progress func(RolloutState)
}

// RolloutState is what one poll of [Client.AwaitRollout] found.
type RolloutState struct {
	Revisions []string // the wanted ones
	Workers   []Worker // in the order of [Config.URLs]
	Pending   []string // what the group has still to do, such as "task 0 of connector orders is UNASSIGNED"
}

// Missing says what is not as wanted, one line for each worker, or else for each part of the group.
func (s RolloutState) Missing() []string {
	var missing []string
	for _, w := range s.Workers {
		if line := s.missing(w); line != "" {
			missing = append(missing, line)
		}
	}
	if len(missing) == 0 {
		missing = s.Pending
	}
	return missing
}

func (s RolloutState) missing(w Worker) string {
	switch {
	case w.Err != nil && !w.Answers():
		return fmt.Sprintf("%s does not answer: %v", w.URL, w.Err)
	case w.Revision == "":
		return w.URL + " announces no revision"
	case !slices.Contains(s.Revisions, w.Revision):
		return w.URL + " runs revision " + w.Revision
	case w.Err != nil:
		return fmt.Sprintf("%s runs the revision, but is not ready: %v", w.URL, w.Err)
	}
	return ""
}

// String has one line for each worker or part of the group that is not as wanted.
func (s RolloutState) String() string {
	if missing := s.Missing(); len(missing) > 0 {
		return strings.Join(missing, "\n")
	}
	return "all workers run the revision"
}

// RolloutError is the error of [Client.AwaitRollout] if the wait ended before all workers run the revisions. It unwraps to
// the reason: context.DeadlineExceeded, context.Canceled, or a failed request.
type RolloutError struct {
	State RolloutState // the last one
	Err   error
}

func (e *RolloutError) Error() string {
	return fmt.Sprintf("the rollout did not end: %v; %s", e.Err, strings.Join(e.State.Missing(), "; "))
}

// Unwrap returns the reason for the end of the wait.
func (e *RolloutError) Unwrap() error { return e.Err }

// rolloutBackoff is how much longer than the longest pause of [Config.Poll] a pause of AwaitRollout can get: a worker needs
// minutes rather than seconds.
const rolloutBackoff = 10

// AwaitRollout polls until every worker announces one of the wanted revisions, no connector and no task is UNASSIGNED, and
// no rebalance is pending. Each poll sends one request to each worker, a second one to those that run the revision, and one
// listing when all of them do. The pauses grow by half, from the longest pause of [Config.Poll] to ten times as long.
func (c *Client) AwaitRollout(ctx context.Context, r Rollout) error {
	var state RolloutState
	shown := ""
	for pause := c.cfg.Poll.Max; ; pause = min(pause+pause/2, rolloutBackoff*c.cfg.Poll.Max) {
		next, err := c.pollRollout(ctx, r)
		if ctx.Err() == nil || state.Workers == nil { // else the end of the wait caused what the poll found
			state = next
		}
		text := state.String()
		if shown != text && r.Progress != nil && err == nil {
			r.Progress(state)
		}
		shown = text
		switch {
		case ctx.Err() != nil:
			return &RolloutError{State: state, Err: ctx.Err()}
		case err != nil:
			return &RolloutError{State: state, Err: err}
		case len(state.Missing()) == 0:
			return nil
		}
		if err := sleep(ctx, pause); err != nil {
			return &RolloutError{State: state, Err: err}
		}
	}
}

// pollRollout returns the current state, and an error if waiting longer is of no use.
func (c *Client) pollRollout(ctx context.Context, r Rollout) (RolloutState, error) {
	state := RolloutState{Revisions: r.Revisions}
	state.Workers = c.askWorkers(ctx, func(w Worker) bool { return slices.Contains(r.Revisions, w.Revision) })
	for _, w := range state.Workers {
		if w.final {
			return state, w.Err
		}
	}
	if err := oneKafkaCluster(state.Workers); err != nil || len(state.Missing()) > 0 {
		return state, err
	}
	connectors, err := c.Connectors(ctx)
	if err != nil {
		return state, err
	}
	state.Pending = unassigned(connectors)
	if len(state.Pending) == 0 && r.Check != nil {
		state.Pending, err = r.Check(ctx, connectors)
	}
	return state, err
}

// unassigned lists the connectors and tasks that no worker runs.
func unassigned(connectors map[string]ConnectorWithStatus) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(connectors)) {
		status := connectors[name].Status
		if status.Connector.State == StateUnassigned {
			list = append(list, fmt.Sprintf("connector %s is %s", name, StateUnassigned))
		}
		for _, task := range status.Tasks {
			if task.State == StateUnassigned {
				list = append(list, fmt.Sprintf("task %d of connector %s is %s", task.ID, name, StateUnassigned))
			}
		}
		for _, task := range status.Unseen {
			list = append(list, fmt.Sprintf("task %d of connector %s has no status yet", task, name))
		}
	}
	return list
}
