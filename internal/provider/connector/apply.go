package connector

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// result is what an operation has done, also when it failed.
type result struct {
	connectclient.Connector // without a Name if it does not exist

	warnings   diag.Diagnostics // about its tasks, if it is RUNNING
	adopted    bool             // it existed before with the declared configuration
	hasOffsets bool             // it had offsets already, so the initial ones were not set
	changed    bool             // an update had something to change
	left       bool             // the wait for the declared state goes on: see [session.Operation.Wait]
	previous   savedValues      // the values that an update has changed, unless its tasks were checked
}

// waited sets the result of a wait.
func (done *result) waited(waited session.Waited) error {
	done.left, done.warnings = waited.Left, waited.Warnings
	return waited.Err
}

// create creates, adopts or repairs the connector, and waits for its declared state. A connector that it returns exists
// and belongs to this resource, also if there is an error.
func (r *Resource) create(
	ctx context.Context, client *connectclient.Client, op *session.Operation, want desired, position startPosition, timeout time.Duration,
) (done result, err error) {
	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if r.Connectors.Kept(want.name) { // tainted
		have, err := client.Connector(opCtx, want.name)
		if err == nil {
			done, err = update(opCtx, client, op, have, want, position, memory{writeOnly: writeOnlyKeys{}}, true)
		}
		if !errors.Is(err, connectclient.ErrNotFound) {
			r.Connectors.Created(want.name)
			done.Name = want.name
			return done, err
		}
	}
	state := want.state
	if position.given() {
		if err := client.RequireInitialOffsets(opCtx); err != nil {
			return done, err
		}
		state = connectclient.StateStopped // so that it reads nothing before they are set
	}
	got, outcome, err := r.createOrAdopt(ctx, opCtx, client, want, state)
	done = result{Connector: got, adopted: outcome == connectclient.Adopted}
	switch {
	case err != nil:
	case done.adopted || position.given():
		done.hasOffsets, err = position.set(opCtx, client, want.name)
		if err == nil {
			err = done.waited(reconcileState(opCtx, client, op, want, !done.adopted, true, nil))
		}
	default:
		err = done.waited(await(opCtx, client, op, want, false, nil))
	}
	return done, err
}

// createOrAdopt creates the connector, or adopts one that has exactly the declared configuration. From then on, no
// other resource of this run adopts or deletes it.
func (r *Resource) createOrAdopt(
	ctx, opCtx context.Context, client *connectclient.Client, want desired, state connectclient.State,
) (connectclient.Connector, connectclient.Outcome, error) {
	unlock, err := r.Connectors.Lock(opCtx, want.name)
	if err != nil {
		return connectclient.Connector{}, connectclient.Created, err
	}
	defer unlock()
	return r.createLocked(ctx, opCtx, client, want, state)
}

// createLocked is createOrAdopt for a caller that has locked the name.
func (r *Resource) createLocked(
	ctx, opCtx context.Context, client *connectclient.Client, want desired, state connectclient.State,
) (connectclient.Connector, connectclient.Outcome, error) {
	got, outcome, err := client.CreateConnector(opCtx, want.name, want.config, state)
	if errors.Is(err, connectclient.ErrIndeterminate) && got.Name == "" {
		got = findCreated(ctx, client, want)
	}
	if outcome == connectclient.Adopted && err == nil {
		if err := r.CreatedElsewhere(opCtx, client, want.name); err != nil {
			return connectclient.Connector{}, outcome, err
		}
	}
	if got.Name != "" && !r.Connectors.Created(want.name) {
		return connectclient.Connector{}, outcome, r.Connectors.DeclaredTwice(want.name)
	}
	return got, outcome, err
}

// findCreated looks for a connector whose creation may have been executed although its answer was lost.
func findCreated(ctx context.Context, client *connectclient.Client, want desired) connectclient.Connector {
	ctx, cancel := session.AfterDeadline(ctx)
	defer cancel()
	got, err := client.Connector(ctx, want.name)
	if err != nil || !got.ShowsConfig(ctx, want.config) {
		return connectclient.Connector{}
	}
	return got
}

// update reads the connector and updates it. If there is something to change, it first checks that the workers belong to
// the cluster that the connector was last applied to. Nothing was changed if there is an error in the diagnostics.
func (r *Resource) update(
	ctx context.Context, client *connectclient.Client, op *session.Operation, want desired, known memory, changesState bool,
) (done result, diags diag.Diagnostics, err error) {
	unlock, err := r.Connectors.Lock(ctx, want.name) // an action may have stopped the connector for a moment
	if err != nil {
		return done, nil, err
	}
	defer unlock()
	have, err := client.RecentConnector(ctx, want.name)
	if err != nil {
		return done, nil, err
	}
	if !want.hasTarget() { // ignore_changes keeps the state that Read has stored
		status, err := client.Status(ctx, want.name)
		if err != nil && !errors.Is(err, connectclient.ErrNoStatus) {
			return done, nil, err
		}
		want.state = connectclient.State(model{OnFailure: types.StringValue(onFailureIgnore)}.observedState(status))
	}
	changed := changesState || !want.unmasked(have, known).HasConfig(want.configFor(have))
	if changed {
		diags = r.CheckCluster(ctx, client, quoted(want.name), known.clusterID)
	}
	if !diags.HasError() {
		done, err = update(ctx, client, op, have, want, startPosition{}, known, changesState)
	}
	done.changed = changed
	return done, diags, err
}

// hasTarget reports whether the declared state is one that a connector can be set to.
func (d desired) hasTarget() bool { return slices.Contains(targetStates, string(d.state)) }

// recreate creates a connector that does not exist any more. Read could not find that out, because no worker answered.
func (r *Resource) recreate(
	ctx context.Context, client *connectclient.Client, op *session.Operation, m model, known memory,
) (done result, diags diag.Diagnostics, err error) {
	diags = r.CheckMissing(ctx, client, quoted(m.Name.ValueString()), known.clusterID)
	position, more := r.startPosition(ctx, m)
	if diags.Append(more...); diags.HasError() {
		return done, diags, nil
	}
	want := m.desired(m.isPassword(ctx, client))
	if !want.hasTarget() {
		want.state = connectclient.StateRunning
	}
	done, err = r.create(ctx, client, op, want, position, updateTimeout)
	done.changed = true
	return done, diags, err
}

// update gives an existing connector, as it was just read, its declared configuration and then its declared state, and
// waits for both.
func update(
	ctx context.Context, client *connectclient.Client, op *session.Operation,
	have connectclient.Connector, want desired, position startPosition, known memory, changesState bool,
) (done result, err error) {
	ctx = connectclient.WithSecrets(ctx, want.secretsOf(have, known.writeOnly)...)
	if err := want.refuseMasks(have, known); err != nil {
		return done, err
	}
	unmasked, sent := want.unmasked(have, known), want.configFor(have)
	if want.rollback, err = want.rollback.prepare(ctx, client, have, want, sent, !unmasked.HasConfig(sent)); err != nil {
		return done, err
	}
	ctx = want.rollback.hide(ctx, nil)
	defer func() {
		if err != nil || done.left || want.state == connectclient.StatePaused { // tasks get their configurations when it is resumed
			done.previous = want.changedValues(known, have)
		}
	}()
	got, outcome, err := client.PutConfig(ctx, unmasked, sent)
	if outcome == connectclient.Unchanged {
		got = have
	}
	done.Connector = got
	if err != nil {
		return done, err
	}
	if _, err := position.set(ctx, client, want.name); err != nil {
		return done, err
	}
	changed := outcome != connectclient.Unchanged
	var tasks *taskCheck
	if want.state == connectclient.StateRunning && (changed || len(known.staleKeys) > 0 || !known.saved.empty()) {
		tasks = &taskCheck{
			client: client, turn: op.Turn, want: want, got: got,
			previous: previousValues{known: have.Config, saved: known.saved, keys: known.staleKeys},
		}
	}
	return done, done.waited(reconcileState(ctx, client, op, want, changed, changesState, tasks))
}

// configFor returns the declared configuration together with the values that the connector has for ignored keys.
func (d desired) configFor(have connectclient.Connector) map[string]string {
	config := make(map[string]string, len(d.config)+len(d.ignored))
	for _, key := range d.ignored {
		if value, ok := have.Config[key]; ok {
			config[key] = value
		}
	}
	maps.Copy(config, d.config)
	return config
}

// secretsOf returns the connector's values of ignored and write-only keys. If the write-only keys are not known, any
// undeclared key may be one.
func (d desired) secretsOf(have connectclient.Connector, writeOnly writeOnlyKeys) (values []string) {
	for key, value := range have.Config {
		_, declared := d.config[key]
		_, isWriteOnly := writeOnly[key]
		mayBeWriteOnly := !declared && key != nameKey && writeOnly.hides(key)
		if isWriteOnly || mayBeWriteOnly || slices.Contains(d.ignored, key) {
			values = append(values, value)
		}
	}
	return values
}

// reconcileState requests the declared state, restarts what is FAILED, and waits. It accepts a failure if on_failure
// does and neither the configuration (changed) nor the declared state (changesState) has changed.
func reconcileState(
	ctx context.Context, client *connectclient.Client, op *session.Operation, want desired, changed, changesState bool, tasks *taskCheck,
) session.Waited {
	status, err := client.Status(ctx, want.name)
	if err != nil && !errors.Is(err, connectclient.ErrNoStatus) {
		return session.Waited{Err: err}
	}
	restart := status.Failed() && (changed || want.restart)
	if status.Failed() && !restart && (!changesState || status.Connector.State == want.state) {
		return session.Waited{Err: tasks.run(ctx)}
	}
	switch {
	case status.Connector.State != want.state:
		err = requestState(ctx, client, want)
	case status.Reached(want.state) && want.state != connectclient.StateRunning:
		return session.Waited{} // a new configuration does not end PAUSED or STOPPED
	case status.Reached(want.state) && !status.Idle() && !changed && !changesState:
		return session.Waited{Err: tasks.run(ctx)} // nothing was sent that could end RUNNING
	}
	if restart && err == nil {
		err = client.RestartConnector(ctx, want.name, connectclient.RestartOptions{IncludeTasks: true, OnlyFailed: true})
	}
	if err != nil {
		return session.Waited{Err: err}
	}
	return await(ctx, client, op, want, restart, tasks)
}

// await waits until the connector is in its declared state and its tasks pass the check, which may be nil. The operation, if there is
// one, may end while the wait goes on: see [session.Operation.Wait].
func await(
	ctx context.Context, client *connectclient.Client, op *session.Operation, want desired, restarted bool, tasks *taskCheck,
) session.Waited {
	wait := func(ctx context.Context, running func()) session.Waited {
		wait := connectclient.Wait{State: want.state, Restarted: restarted, Reached: want.rollback.reached(running)}
		if tasks != nil {
			wait.InEffect = tasks.try
		}
		status, err := client.AwaitChange(ctx, want.name, wait)
		if err == nil {
			err = tasks.run(ctx)
		}
		if err != nil {
			return session.Waited{Err: want.rollback.after(ctx, client, op, err)}
		}
		return session.Waited{Warnings: idleWarning(want.name, status, want.onFailure)}
	}
	if op == nil {
		return wait(ctx, nil)
	}
	return op.Wait(ctx, wait)
}

// requestState requests the declared state.
func requestState(ctx context.Context, client *connectclient.Client, want desired) error {
	switch want.state {
	case connectclient.StatePaused:
		return client.PauseConnector(ctx, want.name)
	case connectclient.StateStopped:
		return client.StopConnector(ctx, want.name)
	default:
		return client.ResumeConnector(ctx, want.name)
	}
}
