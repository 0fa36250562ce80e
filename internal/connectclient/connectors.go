package connectclient

import "context"

// Connector is a connector as its worker holds it.
type Connector struct {
	Name string
	Type string // "source", "sink" or "unknown"

	// Config is the configuration, in which the worker has put the key "name". Secrets are in clear
	// text.
	Config map[string]string

	// NullKeys are the keys, sorted, whose value the worker holds as null. They are not in Config.
	NullKeys []string

	// Tasks are the tasks that the connector was last known to have.
	Tasks []TaskID
}

// TaskID names a task.
type TaskID struct {
	Connector string `json:"connector"`
	Task      int    `json:"task"`
}

// HasConfig reports whether the connector has exactly this configuration. The key "name", which
// workers add, may be left out of it.
func (c Connector) HasConfig(config map[string]string) bool { return false }

// Outcome is what a write found and did.
type Outcome int

// The outcomes of [Client.CreateConnector] and [Client.PutConfig].
const (
	Created   Outcome = iota + 1 // it was not there and now is
	Adopted                      // CreateConnector: it was there already, with exactly this configuration; nothing was changed
	Updated                      // PutConfig: the configuration was replaced
	Unchanged                    // PutConfig: it had exactly this configuration already; nothing was sent
)

// Connectors returns the names of all connectors, sorted.
func (c *Client) Connectors(ctx context.Context) ([]string, error) {
	// GET /connectors
	return nil, nil
}

// Connector returns the named connector, or [ErrNotFound].
func (c *Client) Connector(ctx context.Context, name string) (Connector, error) {
	// GET /connectors/{name}
	return Connector{}, nil
}

// CreateConnector creates a connector in the given state: RUNNING, PAUSED or STOPPED.
//
// Where a connector of this name exists, it is left as it is: with exactly this configuration the
// outcome is [Adopted], whatever state it is in, else the error is [ErrExists].
//
// A connector returned together with an error exists: it was created and could not be brought into
// its state. An [ErrIndeterminate] means that it may or may not exist.
func (c *Client) CreateConnector(ctx context.Context, name string, config map[string]string, state State) (Connector, Outcome, error) {
	// POST /connectors
	return Connector{}, 0, nil
}

// PutConfig replaces the configuration of an existing connector, or answers [ErrNotFound].
//
// A worker creates what it is told to configure and does not find. The connector is therefore read
// first; one that vanishes between that read and the write is created, RUNNING, and the outcome says
// so: [Created].
func (c *Client) PutConfig(ctx context.Context, name string, config map[string]string) (Connector, Outcome, error) {
	// PUT /connectors/{name}/config
	return Connector{}, 0, nil
}

// DeleteConnector deletes the named connector, or answers [ErrNotFound]. Its offsets stay.
func (c *Client) DeleteConnector(ctx context.Context, name string) error {
	// DELETE /connectors/{name}
	return nil
}
