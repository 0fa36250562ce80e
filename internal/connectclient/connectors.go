package connectclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

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

// UnmarshalJSON reads a connector as workers write it.
func (c *Connector) UnmarshalJSON(data []byte) error {
	var wire struct {
		Name   string             `json:"name"`
		Type   string             `json:"type"`
		Config map[string]*string `json:"config"`
		Tasks  []TaskID           `json:"tasks"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	if wire.Name == "" {
		return errors.New("a connector without a name")
	}
	*c = Connector{Name: wire.Name, Type: wire.Type, Config: map[string]string{}, Tasks: wire.Tasks}
	for key, value := range wire.Config {
		if value == nil {
			c.NullKeys = append(c.NullKeys, key)
			continue
		}
		c.Config[key] = *value
	}
	slices.Sort(c.NullKeys)
	return nil
}

// HasConfig reports whether the connector has exactly this configuration. The key "name", which
// workers add, may be left out of it.
func (c Connector) HasConfig(config map[string]string) bool {
	return len(c.NullKeys) == 0 && maps.Equal(named(c.Config, c.Name), named(config, c.Name))
}

// named returns the configuration as a worker stores it: with the connector's name, unless it has
// another.
func named(config map[string]string, name string) map[string]string {
	if _, ok := config["name"]; ok {
		return config
	}
	config = maps.Clone(config)
	if config == nil {
		config = map[string]string{}
	}
	config["name"] = name
	return config
}

// connectorPath returns the path of a connector, or why no worker could be asked for it.
func connectorPath(name string) (string, error) {
	return "/connectors/" + segment(name), ValidName(name)
}

// checkConfig refuses a configuration that names another connector. Some workers accept it.
func checkConfig(name string, config map[string]string) error {
	if other, ok := config["name"]; ok && other != name {
		return fmt.Errorf("the configuration of connector %q has another name in its key \"name\": %w", name, ErrInvalid)
	}
	return nil
}

// Connectors returns the names of all connectors, sorted.
func (c *Client) Connectors(ctx context.Context) ([]string, error) {
	// GET /connectors
	var names []string
	_, err := c.do(ctx, call{method: http.MethodGet, path: "/connectors", out: &names})
	slices.Sort(names)
	return names, err
}

// Connector returns the named connector, or [ErrNotFound].
func (c *Client) Connector(ctx context.Context, name string) (Connector, error) {
	// GET /connectors/{name}
	path, err := connectorPath(name)
	if err != nil {
		return Connector{}, err
	}
	var connector Connector
	_, err = c.do(ctx, call{method: http.MethodGet, path: path, name: name, out: &connector})
	return connector, err
}

// PutConfig replaces the configuration of a connector that has just been read.
//
// A worker creates what it is told to configure and does not find: one that vanished since it was read is
// created, RUNNING, and the outcome says so: [Created].
func (c *Client) PutConfig(ctx context.Context, have Connector, config map[string]string) (Connector, Outcome, error) {
	// PUT /connectors/{name}/config
	name := have.Name
	path, err := connectorPath(name)
	if err := errors.Join(err, checkConfig(name, config)); err != nil {
		return Connector{}, 0, err
	}
	if have.HasConfig(config) {
		return have, Unchanged, nil // the same again would restart the connector for nothing
	}
	var put Connector
	status, err := c.do(ctx, call{
		method: http.MethodPut, path: path + "/config", name: name, body: config, out: &put,
		resolve: func(ctx context.Context, e *Error) (bool, error) {
			if !errors.Is(e, ErrIndeterminate) {
				return false, e
			}
			put, err = c.Connector(ctx, name)
			switch {
			case errors.Is(err, ErrNotFound): // deleted meanwhile: sending again would create it
				return false, err
			case err != nil:
				return false, unresolved(e, err)
			}
			return put.HasConfig(config), nil
		},
	})
	switch {
	case err != nil:
		return Connector{}, 0, err
	case status == http.StatusCreated:
		return put, Created, nil
	}
	return put, Updated, nil
}

// DeleteConnector deletes the named connector, or answers [ErrNotFound]. Its offsets stay.
func (c *Client) DeleteConnector(ctx context.Context, name string) error {
	// DELETE /connectors/{name}
	path, err := connectorPath(name)
	if err != nil {
		return err
	}
	sent := false // a deletion that may have been carried out
	_, err = c.do(ctx, call{
		method: http.MethodDelete, path: path, name: name,
		resolve: func(ctx context.Context, e *Error) (bool, error) {
			switch {
			case errors.Is(e, ErrNotFound) && sent:
				return true, nil
			case !errors.Is(e, ErrIndeterminate):
				return false, e
			}
			sent = true
			switch _, err := c.Connector(ctx, name); {
			case errors.Is(err, ErrNotFound):
				return true, nil
			case err != nil:
				return false, unresolved(e, err)
			}
			return false, nil
		},
	})
	return err
}
