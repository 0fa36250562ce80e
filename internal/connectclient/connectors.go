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

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// Connector is a connector as the worker stores it.
type Connector struct {
	Name string
	Type string // "source", "sink" or "unknown"

	// Config is the configuration, to which the worker added the key "name". It contains secrets in clear text.
	Config map[string]string

	// NullKeys are the sorted keys that the worker stores with a null value. They are not in Config.
	NullKeys []string

	// Tasks are the tasks that the worker last knew of.
	Tasks []TaskID
}

// TaskID names a task.
type TaskID struct {
	Connector string `json:"connector"`
	Task      int    `json:"task"`
}

// UnmarshalJSON reads the JSON of the REST API.
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
		return errors.New("the answer contains a connector without a name")
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

// HasConfig reports whether the connector has exactly this configuration. The key "name", which workers add, may be
// missing in config.
func (c Connector) HasConfig(config map[string]string) bool {
	return len(c.NullKeys) == 0 && maps.Equal(withName(c.Config, c.Name), withName(config, c.Name))
}

// ShowsConfig reports whether the connector has this configuration as far as the worker shows it. A mask is equal to every
// value of a secret: see [secret.MayBeMasked]. The values that ctx hides are secrets, too.
func (c Connector) ShowsConfig(ctx context.Context, config map[string]string) bool {
	c.Config = maps.Clone(c.Config)
	for key, declared := range config {
		if secret.IsMask(c.Config[key]) && (secret.MayBeMasked(key, declared) || allSecretsOf(ctx).Has(declared)) {
			c.Config[key] = declared
		}
	}
	return c.HasConfig(config)
}

// withName returns the configuration as a worker stores it: with the key "name".
func withName(config map[string]string, name string) map[string]string {
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

// TaskConfig is the configuration that a connector generated for one task. It changes about 100 ms after the connector's
// own configuration. It does not change while the connector fails to generate it, which no status shows.
type TaskConfig struct {
	ID int

	connector string // the name in the answer, which [Client.TaskConfigs] has checked

	// Config has "task.class" and the keys that the connector passes to its tasks; most connectors pass all keys. It
	// contains secrets in clear text. Keys with a null value are left out.
	Config map[string]string
}

// UnmarshalJSON reads the JSON of the REST API.
func (t *TaskConfig) UnmarshalJSON(data []byte) error {
	var wire struct {
		ID     TaskID             `json:"id"`
		Config map[string]*string `json:"config"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*t = TaskConfig{ID: wire.ID.Task, connector: wire.ID.Connector, Config: map[string]string{}}
	for key, value := range wire.Config {
		if value != nil {
			t.Config[key] = *value
		}
	}
	return nil
}

// Connector returns the named connector, or [ErrNotFound].
func (c *Client) Connector(ctx context.Context, name string) (Connector, error) {
	// GET /connectors/{name}
	var connector Connector
	if err := c.get(ctx, name, "", &connector); err != nil {
		return Connector{}, err
	}
	return connector, nil
}

// TaskConfigs returns the configurations of the named connector's tasks, or [ErrNotFound]. One such request at a time is in
// flight: workers refuse them while they rebalance, and one caller is enough to find out when that ends.
func (c *Client) TaskConfigs(ctx context.Context, name string) ([]TaskConfig, error) {
	// GET /connectors/{name}/tasks
	select {
	case c.readingTasks <- struct{}{}:
		defer func() { <-c.readingTasks }()
	case <-ctx.Done():
		return nil, fmt.Errorf("the tasks of connector %q were not read: %w", name, ctx.Err())
	}
	var tasks taskConfigs
	if err := c.get(ctx, name, "/tasks", &tasks); err != nil {
		return nil, err
	}
	return tasks, nil
}

// get reads a path below the named connector.
func (c *Client) get(ctx context.Context, name, below string, out any) error {
	if err := ValidName(name); err != nil {
		return err
	}
	_, err := c.do(ctx, call{method: http.MethodGet, path: "/connectors/" + segment(name) + below, name: name, out: out})
	return err
}

// Outcome is what a write did.
type Outcome int

// The outcomes of [Client.CreateConnector] and [Client.PutConfig].
const (
	Created   Outcome = iota + 1 // the connector did not exist and was created
	Adopted                      // CreateConnector: the connector exists with exactly this configuration; nothing was changed
	Updated                      // PutConfig: the configuration was replaced
	Unchanged                    // PutConfig: the connector has exactly this configuration; nothing was sent
)

// newConnector is the body of POST /connectors.
type newConnector struct {
	Name         string            `json:"name"`
	Config       map[string]string `json:"config"`
	InitialState State             `json:"initial_state,omitempty"` // since Kafka 3.7 (KIP-980)
}

// CreateConnector creates a connector in state RUNNING, PAUSED or STOPPED. Workers before 3.7 can only create it
// RUNNING; its state is then changed immediately.
//
// An existing connector of this name is not changed. If it has exactly this configuration, see [Connector.ShowsConfig], the
// outcome is [Adopted], whatever its state is; otherwise the error is [ErrExists].
//
// A connector that is returned together with an error exists: it was created, and changing its state failed. After an
// [ErrIndeterminate] the connector may or may not exist.
func (c *Client) CreateConnector(ctx context.Context, name string, config map[string]string, state State) (Connector, Outcome, error) {
	// POST /connectors
	if err := errors.Join(ValidName(name), checkConfig(name, config)); err != nil {
		return Connector{}, 0, err
	}
	body := newConnector{Name: name, Config: withName(config, name)}
	switch state {
	case StateRunning: // the default of all versions
		return c.create(ctx, body)
	case StatePaused, StateStopped:
		body.InitialState = state
	default:
		return Connector{}, 0, fmt.Errorf("a connector cannot be created in state %s", state)
	}
	connector, outcome, err := c.create(ctx, body)
	if errors.Is(err, errNoInitialState) {
		return c.createThenSet(ctx, body)
	}
	return connector, outcome, err
}

// checkConfig rejects a configuration whose key "name" has another name, which some workers accept.
func checkConfig(name string, config map[string]string) error {
	if other, ok := config["name"]; ok && other != name {
		return fmt.Errorf("the key \"name\" in the configuration of connector %q has another value: %w", name, ErrInvalid)
	}
	return nil
}

// createThenSet creates a connector on a worker that does not support initial states: the connector runs for a moment.
func (c *Client) createThenSet(ctx context.Context, body newConnector) (Connector, Outcome, error) {
	state := body.InitialState
	set := c.PauseConnector
	if state == StateStopped {
		if err := c.require(ctx, featureStop); err != nil {
			return Connector{}, 0, err // do not create a connector that cannot be stopped
		}
		set = c.StopConnector
	}
	body.InitialState = ""
	connector, outcome, err := c.create(ctx, body)
	if err != nil || outcome == Adopted {
		return connector, outcome, err
	}
	// A worker that is not the leader may not know of the new connector yet.
	pause := c.cfg.Retry.Min
	for range newTries {
		if err = set(ctx, body.Name); !errors.Is(err, ErrNotFound) || sleep(ctx, pause) != nil {
			break
		}
		pause = min(2*pause, c.cfg.Retry.Max)
	}
	return connector, outcome, err
}

// newTries bounds the attempts to change the state of a connector that was just created.
const newTries = 8

// create sends POST /connectors. If an answer was lost, a connector that exists afterwards was created by this call;
// otherwise it existed before.
func (c *Client) create(ctx context.Context, body newConnector) (Connector, Outcome, error) {
	var connector Connector
	outcome, lost := Created, false
	thrown := thrown{client: c, config: body.Config}
	_, err := c.do(ctx, call{
		method: http.MethodPost, path: "/connectors", creates: body.Name, body: body, out: &connector,
		resolve: func(ctx context.Context, e *Error) (bool, error) {
			exists := errors.Is(e, ErrExists)
			lost = lost || errors.Is(e, ErrIndeterminate)
			if !exists && !errors.Is(e, ErrIndeterminate) {
				return false, e
			}
			found, err := c.Connector(ctx, body.Name)
			switch {
			case errors.Is(err, ErrNotFound): // not created, or deleted already
				return false, thrown.explain(ctx, e)
			case err != nil:
				return false, unresolved(e, err)
			case !found.ShowsConfig(ctx, body.Config):
				return false, fmt.Errorf("connector %q %w with another configuration", body.Name, ErrExists)
			}
			if !lost {
				outcome = Adopted
			}
			connector = found
			return true, nil
		},
	})
	if err != nil {
		return Connector{}, 0, err
	}
	return connector, outcome, nil
}

// PutConfig replaces the configuration of a connector that was just read.
//
// A worker creates a connector that it does not find: if the connector was deleted since it was read, it is created in
// state RUNNING, and the outcome is [Created].
func (c *Client) PutConfig(ctx context.Context, have Connector, config map[string]string) (Connector, Outcome, error) {
	// PUT /connectors/{name}/config
	name := have.Name
	if err := errors.Join(ValidName(name), checkConfig(name, config)); err != nil {
		return Connector{}, 0, err
	}
	if have.HasConfig(config) {
		return have, Unchanged, nil // sending the same configuration would restart the connector
	}
	var put Connector
	thrown := thrown{client: c, config: withName(config, name)}
	status, err := c.do(ctx, call{
		method: http.MethodPut, path: "/connectors/" + segment(name) + "/config", name: name, out: &put,
		body: withName(config, name), // so that a worker refuses the request if a proxy sent it to another connector
		resolve: func(ctx context.Context, e *Error) (bool, error) {
			if !errors.Is(e, ErrIndeterminate) {
				return false, e
			}
			var err error
			put, err = c.Connector(ctx, name)
			switch {
			case errors.Is(err, ErrNotFound): // deleted in the meantime: sending again would create the connector
				return false, err
			case err != nil:
				return false, unresolved(e, err)
			}
			if put.HasConfig(config) {
				return true, nil
			}
			return false, thrown.explain(ctx, e)
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

// DeleteConnector deletes the named connector, or returns [ErrNotFound]. The connector's offsets stay.
func (c *Client) DeleteConnector(ctx context.Context, name string) error {
	// DELETE /connectors/{name}
	if err := ValidName(name); err != nil {
		return err
	}
	lost := false // the answer to an earlier attempt, which may have deleted the connector
	_, err := c.do(ctx, call{
		method: http.MethodDelete, path: "/connectors/" + segment(name), name: name,
		resolve: func(ctx context.Context, e *Error) (bool, error) {
			switch {
			case errors.Is(e, ErrNotFound) && lost:
				return true, nil
			case !errors.Is(e, ErrIndeterminate):
				return false, e
			}
			lost = true
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

// ValidName returns an error for a name that cannot be used in requests. Workers accept some of these names at creation
// and then cannot find the connector, so that nobody can delete it.
func ValidName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("a connector name must not be empty")
	case name == "." || name == "..":
		return fmt.Errorf("connector name %q has a special meaning in a URL path: choose another name", name)
	case strings.TrimSpace(name) != name:
		return fmt.Errorf("connector name %q begins or ends with white space, which workers remove", name)
	case !utf8.ValidString(name):
		return fmt.Errorf("connector name %q is not valid UTF-8", name)
	case strings.ContainsAny(name, `/\%`):
		return fmt.Errorf("connector name %q contains a slash, a backslash or a percent sign: workers create a connector of this name but cannot find it afterwards", name)
	case strings.ContainsAny(name, "{}"):
		return fmt.Errorf("connector name %q contains a brace: workers create a connector of this name but cannot build its URL", name)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("connector name %q contains a control character, which workers reject", name)
	}
	return nil
}

// segment escapes one segment of a path, including "+", which some servers read as a space.
func segment(text string) string {
	return strings.ReplaceAll(url.PathEscape(text), "+", "%2B")
}
