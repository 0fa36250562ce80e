package connectclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

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
