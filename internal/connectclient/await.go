package connectclient

import "context"

// FailedError ends an [Client.Await]: the connector or tasks of it FAILED and stayed so.
type FailedError struct {
	Name     string
	Failures []Failure
}

func (e *FailedError) Error() string { return "" }

// WaitError is an [Client.Await] that ended before the connector was in the wanted state. It unwraps
// to why it ended: context.DeadlineExceeded, context.Canceled, [ErrNotFound], or an answer of the
// worker.
type WaitError struct {
	Name string
	Want State
	Last *Status // the last that was seen; nil if no status was
	Err  error
}

func (e *WaitError) Error() string { return "" }

// Unwrap returns why the wait ended.
func (e *WaitError) Unwrap() error { return e.Err }

// Await waits until the named connector is in the wanted state.
//
//   - RUNNING: the connector and all of its tasks are RUNNING, and stay so for [Config.Settle].
//   - PAUSED: the connector and all of its tasks are PAUSED.
//   - STOPPED: the connector is STOPPED and has no tasks.
//
// It ends with a [*FailedError] when the connector or a task stays FAILED for [Config.Settle], and
// with a [*WaitError] when the context ends, when the connector is gone, or when the workers refuse
// to answer. The status returned is the last seen, also with an error.
func (c *Client) Await(ctx context.Context, name string, want State) (Status, error) {
	return Status{}, nil
}
