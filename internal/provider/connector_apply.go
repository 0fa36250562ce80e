package provider

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

// create brings the connector into being as declared and waits for it. A connector that is returned exists and is
// this resource's, also when there is an error; adopted tells that it was there before.
func (r *connectorResource) create(ctx context.Context, client *connectclient.Client, spec connectorSpec, timeout time.Duration) (got connectclient.Connector, adopted bool, err error) {
	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if r.ledger.kept.has(spec.name) {
		got, err = converge(opCtx, client, spec)
		if !errors.Is(err, connectclient.ErrNotFound) {
			got.Name = spec.name
			return got, false, err
		}
	}
	created := spec.state
	if len(spec.offsets) > 0 {
		if err := client.RequireInitialOffsets(opCtx); err != nil {
			return got, false, err
		}
		created = connectclient.StateStopped // so that it reads nothing before they are set
	}
	got, outcome, err := client.CreateConnector(opCtx, spec.name, spec.config, created)
	if errors.Is(err, connectclient.ErrIndeterminate) && got.Name == "" {
		got = landed(ctx, client, spec)
	}
	if got.Name != "" {
		r.ledger.owned.add(spec.name)
	}
	adopted = outcome == connectclient.Adopted
	switch {
	case err != nil:
	case adopted || len(spec.offsets) > 0:
		if err = setInitialOffsets(opCtx, client, spec); err == nil {
			err = bringTo(opCtx, client, spec, !adopted)
		}
	default:
		_, err = client.Await(opCtx, spec.name, spec.state)
	}
	return got, adopted, err
}

// landed returns the connector if a creation whose answer was lost has made it after all.
func landed(ctx context.Context, client *connectclient.Client, spec connectorSpec) connectclient.Connector {
	ctx, cancel := lastLook(ctx)
	defer cancel()
	got, err := client.Connector(ctx, spec.name)
	if err != nil || !got.HasConfig(spec.config) {
		return connectclient.Connector{}
	}
	return got
}

// converge gives an existing connector its declared configuration and then its state, and waits for both. The values
// of ignored keys stay as they are on the worker.
func converge(ctx context.Context, client *connectclient.Client, spec connectorSpec) (connectclient.Connector, error) {
	before, err := client.Connector(ctx, spec.name)
	if err != nil {
		return connectclient.Connector{}, err
	}
	got, outcome, err := client.PutConfig(ctx, before, spec.carryOver(before))
	if err != nil {
		return got, err
	}
	if err := setInitialOffsets(ctx, client, spec); err != nil {
		return got, err
	}
	if err := bringTo(ctx, client, spec, outcome != connectclient.Unchanged); err != nil {
		return got, err
	}
	if spec.state != connectclient.StateRunning || outcome == connectclient.Unchanged && len(spec.doubted) == 0 {
		return got, nil
	}
	return got, checkTasks(ctx, client, got, before, spec.doubted)
}

// carryOver returns the declared configuration with the worker's values of ignored keys.
func (s connectorSpec) carryOver(held connectclient.Connector) map[string]string {
	config := make(map[string]string, len(s.config)+len(s.ignored))
	for _, key := range s.ignored {
		if value, ok := held.Config[key]; ok {
			config[key] = value
		}
	}
	maps.Copy(config, s.config)
	return config
}

// bringTo gives a connector its declared state, restarts what has failed, and waits. What had failed before and was
// not changed is left as it is where failures are not to be restarted.
func bringTo(ctx context.Context, client *connectclient.Client, spec connectorSpec, changed bool) error {
	status, err := client.Status(ctx, spec.name)
	if err != nil && !errors.Is(err, connectclient.ErrNoStatus) {
		return err
	}
	if status.Failed() && !changed && !spec.restart {
		return nil
	}
	switch {
	case status.Connector.State != spec.state:
		if err := request(ctx, client, spec); err != nil {
			return err
		}
	case status.Reached(spec.state) && spec.state != connectclient.StateRunning:
		return nil // where a configuration does not change the state
	}
	if status.Failed() {
		err := client.RestartConnector(ctx, spec.name, connectclient.RestartOptions{IncludeTasks: true, OnlyFailed: true})
		if err != nil {
			return err
		}
	}
	_, err = client.Await(ctx, spec.name, spec.state)
	return err
}

// request asks for the declared state.
func request(ctx context.Context, client *connectclient.Client, spec connectorSpec) error {
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
func look(ctx context.Context, client *connectclient.Client, m connectorModel, writeOnly writeOnlyKeys) (connectclient.Connector, connectclient.Status, error) {
	name, secretKeys := m.Name.ValueString(), append(stringSet(m.IgnoredConfigKeys), writeOnly.names()...)
	got, status, err := client.Look(ctx, name, secretKeys...)
	if err != nil || writeOnly != nil {
		return got, status, err
	}
	for key := range got.Config {
		if _, declared := m.declares(key); !declared && key != nameKey {
			secretKeys = append(secretKeys, key)
		}
	}
	return client.Look(ctx, name, secretKeys...)
}

// observeAfterFailure puts into the model what the worker holds after an operation failed or was interrupted, and
// tells whether it could.
func observeAfterFailure(ctx context.Context, client *connectclient.Client, m *connectorModel, before connectorModel, writeOnly writeOnlyKeys) bool {
	ctx, cancel := lastLook(ctx)
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

// lastLook is the context of a look that must still be possible when the operation's time is over or it was
// interrupted.
func lastLook(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
}
