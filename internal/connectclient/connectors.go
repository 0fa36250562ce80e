package connectclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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

// Outcome is what a write found and did.
type Outcome int

// The outcomes of [Client.CreateConnector] and [Client.PutConfig].
const (
	Created   Outcome = iota + 1 // it was not there and now is
	Adopted                      // CreateConnector: it was there already, with exactly this configuration; nothing was changed
	Updated                      // PutConfig: the configuration was replaced
	Unchanged                    // PutConfig: it had exactly this configuration already; nothing was sent
)

// newConnector is the body of POST /connectors.
type newConnector struct {
	Name         string            `json:"name"`
	Config       map[string]string `json:"config"`
	InitialState State             `json:"initial_state,omitempty"` // since Kafka 3.7 (KIP-980)
}

// CreateConnector creates a connector in the given state: RUNNING, PAUSED or STOPPED. Workers before
// 3.7 create it RUNNING, and it is brought into its state at once.
//
// Where a connector of this name exists, it is left as it is: with exactly this configuration the
// outcome is [Adopted], whatever state it is in, else the error is [ErrExists].
//
// A connector returned together with an error exists: it was created and could not be brought into
// its state. An [ErrIndeterminate] means that it may or may not exist.
func (c *Client) CreateConnector(ctx context.Context, name string, config map[string]string, state State) (Connector, Outcome, error) {
	// POST /connectors
	if err := errors.Join(ValidName(name), checkConfig(name, config)); err != nil {
		return Connector{}, 0, err
	}
	body := newConnector{Name: name, Config: named(config, name)}
	switch state {
	case StateRunning: // is what workers of all versions do if told nothing
		return c.create(ctx, body)
	case StatePaused, StateStopped:
		body.InitialState = state
	default:
		return Connector{}, 0, fmt.Errorf("a connector cannot be created %s", state)
	}
	connector, outcome, err := c.create(ctx, body)
	if errors.Is(err, errNoInitialState) {
		return c.createThenSet(ctx, body)
	}
	return connector, outcome, err
}

// createThenSet creates on a worker that knows no initial state: the connector runs for a moment.
func (c *Client) createThenSet(ctx context.Context, body newConnector) (Connector, Outcome, error) {
	state := body.InitialState
	set := c.PauseConnector
	if state == StateStopped {
		if err := c.require(ctx, featureStop); err != nil {
			return Connector{}, 0, err // before there is one that cannot be stopped
		}
		set = c.StopConnector
	}
	body.InitialState = ""
	connector, outcome, err := c.create(ctx, body)
	if err != nil || outcome == Adopted {
		return connector, outcome, err
	}
	return connector, outcome, set(ctx, body.Name)
}

// create sends the one request. A connector that is there afterwards was made by it, if an answer was
// lost; else it was there before.
func (c *Client) create(ctx context.Context, body newConnector) (Connector, Outcome, error) {
	var connector Connector
	outcome, sent := Created, false
	_, err := c.do(ctx, call{
		method: http.MethodPost, path: "/connectors", body: body, out: &connector,
		resolve: func(ctx context.Context, e *Error) (bool, error) {
			exists := errors.Is(e, ErrExists)
			sent = sent || errors.Is(e, ErrIndeterminate)
			if !exists && !errors.Is(e, ErrIndeterminate) {
				return false, e
			}
			have, err := c.Connector(ctx, body.Name)
			switch {
			case errors.Is(err, ErrNotFound): // did not land, or is gone again
				return false, nil
			case err != nil:
				return false, unresolved(e, err)
			case !have.HasConfig(body.Config):
				return false, fmt.Errorf("connector %q %w with another configuration", body.Name, ErrExists)
			}
			if !sent {
				outcome = Adopted
			}
			connector = have
			return true, nil
		},
	})
	if err != nil {
		return Connector{}, 0, err
	}
	return connector, outcome, nil
}

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

// ValidName tells why a worker could not be asked for a connector of this name, or nil. Workers
// accept names that they cannot address afterwards, which nobody could delete.
func ValidName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("a connector name must not be empty")
	case name == "." || name == "..":
		return fmt.Errorf("connector name %q means a folder in a URL", name)
	case strings.TrimSpace(name) != name:
		return fmt.Errorf("connector name %q begins or ends with a blank, which workers cut off", name)
	case !utf8.ValidString(name):
		return fmt.Errorf("connector name %q is not valid UTF-8", name)
	case strings.ContainsAny(name, `/\%`):
		return fmt.Errorf("connector name %q has a slash, a backslash or a percent sign: a worker would create it and never find it again", name)
	case strings.ContainsAny(name, "{}"):
		return fmt.Errorf("connector name %q has a brace: a worker would create it and then fail to build its URL", name)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("connector name %q has a control character, which workers refuse", name)
	}
	return nil
}

// segment escapes one segment of a path. A plus is escaped too: some servers read it as a blank.
func segment(text string) string {
	return strings.ReplaceAll(url.PathEscape(text), "+", "%2B")
}
