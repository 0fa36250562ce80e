package connectclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// PauseConnector pauses the connector and its tasks. They keep their resources.
func (c *Client) PauseConnector(ctx context.Context, name string) error {
	// PUT /connectors/{name}/pause
	_, err := c.change(ctx, name, "/pause", call{method: http.MethodPut})
	return err
}

// ResumeConnector starts a paused or stopped connector.
func (c *Client) ResumeConnector(ctx context.Context, name string) error {
	// PUT /connectors/{name}/resume
	_, err := c.change(ctx, name, "/resume", call{method: http.MethodPut})
	return err
}

// StopConnector stops the connector and shuts its tasks down. Since Kafka 3.5 (KIP-875); for older workers it returns
// [ErrUnsupported].
func (c *Client) StopConnector(ctx context.Context, name string) error {
	// PUT /connectors/{name}/stop
	_, err := c.change(ctx, name, "/stop", call{method: http.MethodPut})
	return c.explain(ctx, err, featureStop)
}

// RestartOptions select what a restart covers. The zero value is the connector alone, without its tasks.
type RestartOptions struct {
	IncludeTasks bool // also the tasks
	OnlyFailed   bool // only what is FAILED
}

// RestartConnector restarts the connector, and its tasks if requested (KIP-745). Workers before 3.0 have no options:
// they always restart the connector, and each task is restarted with its own request. Use [Client.AwaitChange] to see
// whether the restart was successful.
func (c *Client) RestartConnector(ctx context.Context, name string, opts RestartOptions) error {
	// POST /connectors/{name}/restart
	query := ""
	if opts != (RestartOptions{}) {
		query = url.Values{
			"includeTasks": {strconv.FormatBool(opts.IncludeTasks)},
			"onlyFailed":   {strconv.FormatBool(opts.OnlyFailed)},
		}.Encode()
	}
	status, err := c.change(ctx, name, "/restart", call{method: http.MethodPost, query: query})
	if err != nil && !errors.Is(err, errNotStarted) {
		return err
	}
	if opts.IncludeTasks && status != http.StatusAccepted { // only workers that support the options answer 202
		return c.restartTasks(ctx, name, opts.OnlyFailed)
	}
	return nil
}

// RestartTask restarts one task of the named connector. It returns [ErrNotFound] if there is no such task or connector. Use
// [Client.AwaitChange] to see whether the restart was successful.
func (c *Client) RestartTask(ctx context.Context, name string, id int) error {
	// POST /connectors/{name}/tasks/{id}/restart
	_, err := c.change(ctx, name, fmt.Sprintf("/tasks/%d/restart", id), call{method: http.MethodPost})
	if errors.Is(err, errNotStarted) {
		return nil
	}
	return err
}

// restartTasks restarts one task after the other.
func (c *Client) restartTasks(ctx context.Context, name string, onlyFailed bool) error {
	status, err := c.statusOrNone(ctx, name)
	if err != nil {
		return err
	}
	for _, task := range status.Tasks {
		if onlyFailed && task.State != StateFailed {
			continue
		}
		err := c.RestartTask(ctx, name, task.ID)
		removed := errors.Is(err, ErrNotFound) // since the status was read
		if err != nil && !removed {
			return err
		}
	}
	return nil
}

// change sends a write to a path below the named connector. The write must be safe to execute twice. If an answer is
// lost, the write is sent again after the connector was found to exist: the requested state itself cannot be read, and
// the status may still show the previous state.
func (c *Client) change(ctx context.Context, name, below string, call call) (int, error) {
	if err := ValidName(name); err != nil {
		return 0, err
	}
	call.path, call.name = "/connectors/"+segment(name)+below, name
	call.resolve = func(ctx context.Context, e *Error) (bool, error) {
		if !errors.Is(e, ErrIndeterminate) {
			return false, e
		}
		switch _, err := c.Connector(ctx, name); {
		case errors.Is(err, ErrNotFound):
			return false, err
		case err != nil:
			return false, unresolved(e, err)
		}
		return false, nil
	}
	return c.do(ctx, call)
}
