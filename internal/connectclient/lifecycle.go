package connectclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// PauseConnector asks the connector and its tasks to pause. They keep their resources.
func (c *Client) PauseConnector(ctx context.Context, name string) error {
	// PUT /connectors/{name}/pause
	_, err := c.command(ctx, http.MethodPut, name, "/pause", "")
	return err
}

// ResumeConnector asks a paused or stopped connector to run.
func (c *Client) ResumeConnector(ctx context.Context, name string) error {
	// PUT /connectors/{name}/resume
	_, err := c.command(ctx, http.MethodPut, name, "/resume", "")
	return err
}

// StopConnector asks the connector to shut its tasks down. Since Kafka 3.5 (KIP-875); older workers
// answer [ErrUnsupported].
func (c *Client) StopConnector(ctx context.Context, name string) error {
	// PUT /connectors/{name}/stop
	_, err := c.command(ctx, http.MethodPut, name, "/stop", "")
	if errors.Is(err, ErrUnsupported) {
		return c.explain(ctx, err, featureStop)
	}
	return err
}

// RestartOptions say what a restart covers. The zero value is the connector alone, without its tasks.
type RestartOptions struct {
	IncludeTasks bool // its tasks too
	OnlyFailed   bool // only what FAILED
}

// RestartConnector restarts the connector, and its tasks if asked to (KIP-745). Workers before 3.0,
// which know no options, restart the connector in any case, and are asked for each task by itself.
// Whether what was restarted runs is for its status to tell.
func (c *Client) RestartConnector(ctx context.Context, name string, opts RestartOptions) error {
	// POST /connectors/{name}/restart
	query := ""
	if opts != (RestartOptions{}) {
		query = url.Values{
			"includeTasks": {strconv.FormatBool(opts.IncludeTasks)},
			"onlyFailed":   {strconv.FormatBool(opts.OnlyFailed)},
		}.Encode()
	}
	status, err := c.command(ctx, http.MethodPost, name, "/restart", query)
	if err != nil && !errors.Is(err, errNotStarted) {
		return err
	}
	if opts.IncludeTasks && status != http.StatusAccepted { // which workers answer that know the options
		return c.restartTasks(ctx, name, opts.OnlyFailed)
	}
	return nil
}

// restartTasks restarts one task after the other.
func (c *Client) restartTasks(ctx context.Context, name string, onlyFailed bool) error {
	// POST /connectors/{name}/tasks/{id}/restart
	status, err := c.Status(ctx, name)
	if errors.Is(err, ErrNoStatus) {
		return nil // no tasks either
	}
	if err != nil {
		return err
	}
	for _, task := range status.Tasks {
		if onlyFailed && task.State != StateFailed {
			continue
		}
		_, err := c.command(ctx, http.MethodPost, name, fmt.Sprintf("/tasks/%d/restart", task.ID), "")
		fewer := errors.Is(err, ErrNotFound) // than there were a moment ago
		if err != nil && !fewer && !errors.Is(err, errNotStarted) {
			return err
		}
	}
	return nil
}

// command asks something of a connector that may be carried out twice without harm.
func (c *Client) command(ctx context.Context, method, name, what, query string) (int, error) {
	return c.repeatable(ctx, name, what, call{method: method, query: query})
}

// repeatable sends a request, to what is below a connector, that may be carried out twice without harm.
// If an answer is lost, the connector is looked up before the request is sent again; what it was told
// last cannot be read from a worker, and its status may still be that of before.
func (c *Client) repeatable(ctx context.Context, name, what string, request call) (int, error) {
	path, err := connectorPath(name)
	if err != nil {
		return 0, err
	}
	request.path, request.name = path+what, name
	request.resolve = func(ctx context.Context, e *Error) (bool, error) {
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
	return c.do(ctx, request)
}
