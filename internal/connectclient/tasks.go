package connectclient

import (
	"context"
	"encoding/json"
	"net/http"
)

// TaskConfig is what a connector made of its configuration for one task, as its worker holds it. It changes some
// 100 ms after the connector's own, and not at all while the connector fails to compute it, which no status shows.
type TaskConfig struct {
	ID int

	// Config has the keys that the connector gives to its tasks, and "task.class". Most connectors pass all of theirs
	// on. Secrets are in clear text. Keys whose value is null are left out.
	Config map[string]string
}

// UnmarshalJSON reads the configuration of a task as workers write it.
func (t *TaskConfig) UnmarshalJSON(data []byte) error {
	var wire struct {
		ID     TaskID             `json:"id"`
		Config map[string]*string `json:"config"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*t = TaskConfig{ID: wire.ID.Task, Config: map[string]string{}}
	for key, value := range wire.Config {
		if value != nil {
			t.Config[key] = *value
		}
	}
	return nil
}

// TaskConfigs returns the configurations of the named connector's tasks, or [ErrNotFound].
func (c *Client) TaskConfigs(ctx context.Context, name string) ([]TaskConfig, error) {
	// GET /connectors/{name}/tasks
	path, err := connectorPath(name)
	if err != nil {
		return nil, err
	}
	var tasks []TaskConfig
	_, err = c.do(ctx, call{method: http.MethodGet, path: path + "/tasks", name: name, out: &tasks})
	return tasks, err
}
