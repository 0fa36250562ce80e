package connector

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// outcome is what an operation has left.
type outcome struct {
	connectclient.Connector // without a name if there is none

	status  connectclient.Status // last seen
	adopted bool                 // it was there before
	resumed bool                 // it goes on from offsets that were there, instead of the initial ones
}

// create brings the connector into being as declared and waits for it. A connector that is returned exists and is
// this resource's, also when there is an error.
func (r *Resource) create(ctx context.Context, client *connectclient.Client, spec spec, timeout time.Duration) (left outcome, err error) {
	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if r.Connectors.Kept(spec.name) {
		left, err = converge(opCtx, client, spec)
		if !errors.Is(err, connectclient.ErrNotFound) {
			left.Name = spec.name
			return left, err
		}
	}
	created := spec.state
	if len(spec.offsets) > 0 {
		if err := client.RequireInitialOffsets(opCtx); err != nil {
			return left, err
		}
		created = connectclient.StateStopped // so that it reads nothing before they are set
	}
	got, what, err := r.own(ctx, opCtx, client, spec, created)
	left = outcome{Connector: got, adopted: what == connectclient.Adopted}
	switch {
	case err != nil:
	case left.adopted || len(spec.offsets) > 0:
		left.resumed, err = setInitialOffsets(opCtx, client, spec)
		if err == nil {
			left.status, err = bringTo(opCtx, client, spec, !left.adopted)
		}
	default:
		left.status, err = client.Await(opCtx, spec.name, spec.state)
	}
	return left, err
}

// own creates or adopts the connector, which no other resource of this walk may delete from then on.
func (r *Resource) own(
	ctx, opCtx context.Context, client *connectclient.Client, spec spec, state connectclient.State,
) (connectclient.Connector, connectclient.Outcome, error) {
	unlock, err := r.Connectors.Lock(opCtx, spec.name)
	if err != nil {
		return connectclient.Connector{}, connectclient.Created, err
	}
	defer unlock()
	got, what, err := client.CreateConnector(opCtx, spec.name, spec.config, state)
	if errors.Is(err, connectclient.ErrIndeterminate) && got.Name == "" {
		got = landed(ctx, client, spec)
	}
	if got.Name != "" && !r.Connectors.Created(spec.name) {
		return connectclient.Connector{}, what, r.Connectors.DeclaredTwice(spec.name)
	}
	return got, what, err
}

// landed returns the connector if a creation whose answer was lost has made it after all.
func landed(ctx context.Context, client *connectclient.Client, spec spec) connectclient.Connector {
	ctx, cancel := session.AfterDeadline(ctx)
	defer cancel()
	got, err := client.Connector(ctx, spec.name)
	if err != nil || !got.HasConfig(spec.config) {
		return connectclient.Connector{}
	}
	return got
}

// converge gives an existing connector its declared configuration and then its state, and waits for both. The values
// of ignored keys stay as they are on the worker.
func converge(ctx context.Context, client *connectclient.Client, spec spec) (left outcome, err error) {
	before, err := client.Connector(ctx, spec.name)
	if err != nil {
		return left, err
	}
	ctx = connectclient.WithSecrets(ctx, spec.secretsOf(before)...)
	got, what, err := client.PutConfig(ctx, before, spec.carryOver(before))
	left.Connector = got
	if err != nil {
		return left, err
	}
	if _, err := setInitialOffsets(ctx, client, spec); err != nil {
		return left, err
	}
	changed := what != connectclient.Unchanged
	if left.status, err = bringTo(ctx, client, spec, changed); err != nil {
		return left, err
	}
	if spec.state != connectclient.StateRunning || !changed && len(spec.doubted) == 0 {
		return left, nil
	}
	return left, checkTasks(ctx, client, got, before, spec.doubted)
}

// carryOver returns the declared configuration with the worker's values of ignored keys.
func (s spec) carryOver(held connectclient.Connector) map[string]string {
	config := make(map[string]string, len(s.config)+len(s.ignored))
	for _, key := range s.ignored {
		if value, ok := held.Config[key]; ok {
			config[key] = value
		}
	}
	maps.Copy(config, s.config)
	return config
}

// secretsOf are values that a connector has for keys that are ignored, or are or were write-only. Where it was forgotten
// which the latter are, any may be one that is not declared.
func (s spec) secretsOf(held connectclient.Connector) (values []string) {
	for key, value := range held.Config {
		_, declared := s.config[key]
		_, writeOnly := s.writeOnly[key]
		mayBe := !declared && key != nameKey && s.writeOnly.hides(key)
		if writeOnly || mayBe || slices.Contains(s.ignored, key) {
			values = append(values, value)
		}
	}
	return values
}

// bringTo gives a connector its declared state, restarts what has failed, and waits. What had failed before and was
// not changed is left as it is where failures are not to be restarted.
func bringTo(ctx context.Context, client *connectclient.Client, spec spec, changed bool) (connectclient.Status, error) {
	status, err := client.Status(ctx, spec.name)
	if err != nil && !errors.Is(err, connectclient.ErrNoStatus) {
		return status, err
	}
	restart := changed || spec.restart
	if status.Failed() && !restart && (!spec.newState || status.Connector.State == spec.state) {
		return status, nil
	}
	switch {
	case status.Connector.State != spec.state:
		if err := request(ctx, client, spec); err != nil {
			return status, err
		}
	case status.Reached(spec.state) && spec.state != connectclient.StateRunning:
		return status, nil // where a configuration does not change the state
	}
	if status.Failed() && restart {
		err := client.RestartConnector(ctx, spec.name, connectclient.RestartOptions{IncludeTasks: true, OnlyFailed: true})
		if err != nil {
			return status, err
		}
		return client.AwaitRestart(ctx, spec.name, spec.state)
	}
	return client.Await(ctx, spec.name, spec.state)
}

// request asks for the declared state.
func request(ctx context.Context, client *connectclient.Client, spec spec) error {
	switch spec.state {
	case connectclient.StatePaused:
		return client.PauseConnector(ctx, spec.name)
	case connectclient.StateStopped:
		return client.StopConnector(ctx, spec.name)
	default:
		return client.ResumeConnector(ctx, spec.name)
	}
}

// look shows a connector and its status, which is empty right after creation. Traces in the status do not show the
// values of ignored and write-only keys, which may be secrets that Terraform does not know.
func look(ctx context.Context, client *connectclient.Client, m model, writeOnly writeOnlyKeys) (connectclient.Connector, connectclient.Status, error) {
	name, secretKeys := m.Name.ValueString(), append(tfvalue.StringSet(m.IgnoredConfigKeys), writeOnly.names()...)
	got, status, err := client.ConnectorWithStatus(ctx, name, secretKeys...)
	if err != nil || writeOnly != nil {
		return got, status, err
	}
	for key := range got.Config {
		if _, declared := m.declares(key); !declared && key != nameKey {
			secretKeys = append(secretKeys, key)
		}
	}
	return client.ConnectorWithStatus(ctx, name, secretKeys...)
}

// observeAfterFailure puts into the model what the worker holds after an operation failed or was interrupted, and
// tells whether it could.
func observeAfterFailure(ctx context.Context, client *connectclient.Client, m *model, before model, writeOnly writeOnlyKeys) bool {
	ctx, cancel := session.AfterDeadline(ctx)
	defer cancel()
	got, status, err := look(ctx, client, *m, writeOnly)
	if err != nil {
		return false
	}
	m.observe(got, status, before, writeOnly)
	if state := unsettledState(status); state != "" {
		m.State = types.StringValue(state)
	}
	return true
}
