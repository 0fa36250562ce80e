package connector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

const (
	// undoTimeout bounds what follows a move that has failed: the previous connector gets its offsets and its state again.
	undoTimeout = time.Minute

	// resetTimeout bounds the deletion of the offsets under the previous name. The tasks of a sink may be members of its consumer
	// group for some seconds after they have ended.
	resetTimeout = 30 * time.Second
)

// move gives a connector another name, or moves it to another cluster, and keeps its position:
//
//  1. Create the new connector STOPPED.
//  2. Stop the previous one, and wait until its tasks have ended.
//  3. Read the offsets of the previous one, set them for the new one, and read them back.
//  4. Start the new connector, and wait until it has its declared state.
//  5. Delete the offsets of the previous connector, then the connector.
//
// The two never run at the same time. After an error in steps 1 to 4, undo lets the previous connector run again.
//
// Terraform saves the new name after the last step. So if the provider is killed, the next apply executes the move again, and finds what
// the first one has done: see resume. If the previous connector is deleted already, Read removes it from the state, and the next apply
// adopts the new one.
type move struct {
	r        *Resource // of the new cluster
	from, to place
	want     desired
	old      connectclient.Connector
	declared connectclient.State // to restore if an earlier run has stopped the previous connector

	created  bool                // this run has created the new connector
	finishes bool                // an earlier run has started the new connector
	before   connectclient.State // of the previous connector, once it may be stopped
	copied   bool                // the new connector may have the offsets of the previous one
	started  bool                // the new connector may run
	apart    bool                // the two connectors do not share offsets
	cleans   bool                // the offsets of the previous connector are to be deleted
}

// updateMoved executes a planned move. After an error, the state keeps the previous name.
func (r *Resource) updateMoved(ctx context.Context, m, before model, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(tfvalue.Set(ctx, resp.Identity, before.identity())...)
	known, diags := readMemory(ctx, req.Private)
	from, more := r.in(before.Cluster)
	diags.Append(more...)
	r, more = r.in(m.Cluster)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	known.writeOnly = known.writeOnly.merge(m.writeOnlyKeys(connectclient.Connector{}))
	resp.Diagnostics.Append(known.writeOnly.save(ctx, resp.Private)...) // also if the move fails: Read must not store their values
	client, timeout, diags := r.prepare(ctx, m.Timeouts.Update, updateTimeout)
	fromClient, _, more := from.prepare(ctx, m.Timeouts.Update, updateTimeout)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	want := m.desired(m.isPassword(ctx, client))
	ctx = m.hide(before.hide(ctx, nil), want.isPassword)

	op := r.Operations.Begin(r.Qualified(want.name))
	defer func() { resp.Diagnostics.Append(lateDiagnostics(op.End(ctx, true))...) }()
	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	done, diags, err := r.move(opCtx, client, want, known, place{from.Session, fromClient, before.Name.ValueString()})
	resp.Diagnostics.Append(diags...)
	if err == nil && !diags.HasError() {
		m.setComputed(done.Connector)
		resp.Diagnostics.Append(saveClusterID(opCtx, client, resp.Private)...)
		resp.Diagnostics.Append(saveTaskCheck(ctx, resp.Private, done, nil, want.state)...)
		resp.Diagnostics.Append(m.saveWriteOnly(ctx, done.Connector, before.ConfigWORevision, resp.Private)...)
		resp.Diagnostics.Append(tfvalue.Set(ctx, resp.Identity, m.identity())...)
		resp.Diagnostics.Append(tfvalue.Set(ctx, &resp.State, m.stored())...)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(m.unableToMove(before, err)...)
	}
	if before, ok := before.readAfterFailure(ctx, fromClient, before, known.writeOnly); ok {
		resp.Diagnostics.Append(tfvalue.Set(ctx, &resp.State, before.stored())...)
	}
}

// move executes a planned change of the name or the cluster. Nothing was changed if there is an error in the diagnostics.
func (r *Resource) move(
	ctx context.Context, client *connectclient.Client, want desired, known memory, from place,
) (done result, diags diag.Diagnostics, err error) {
	to := place{r.Session, client, want.name}
	unlock, err := lockBoth(ctx, from, to)
	if err != nil {
		return done, nil, err
	}
	defer unlock()
	if from.Connectors.CreatedHere(from.name) {
		return done, nil, from.Connectors.DeclaredTwice(from.name)
	}
	if err := requireMove(ctx, client, from.client); err != nil {
		return done, nil, err
	}
	if diags = from.CheckCluster(ctx, from.client, from.String(), known.clusterID); diags.HasError() {
		return done, diags, nil
	}
	if !want.hasTarget() { // ignore_changes keeps the state that Read has stored
		status, err := from.client.AwaitAssigned(ctx, from.name)
		if err != nil {
			return done, diags, err
		}
		want.state = connectclient.State(targetState(status))
	}
	m := &move{r: r, from: from, to: to, want: want}
	if m.old, err = from.client.Connector(ctx, from.name); err != nil {
		if errors.Is(err, connectclient.ErrNotFound) {
			err = fmt.Errorf("%w; apply again: the plan then creates %s, without the position of %s", err, to, from)
		}
		return done, diags, err
	}
	if m.old.Type == typeSink && r.OtherKafka(ctx, from.Session) {
		return done, diags, fmt.Errorf("%s. %s The plan then replaces the connector, unless it is made with -refresh=false", from, sinkElsewhere)
	}
	ctx = connectclient.WithSecrets(ctx, want.secretsOf(m.old, known.writeOnly)...)
	if err := want.refuseAllMasks(m.old); err != nil {
		return done, diags, err
	}
	m.want.config = want.configFor(m.old)
	done, more, err := m.run(ctx)
	done.changed = true
	return done, append(diags, more...), err
}

// requireMove returns an error if the workers are too old for a move, or do not answer.
func requireMove(ctx context.Context, to, from *connectclient.Client) error {
	err := to.RequireInitialOffsets(ctx)
	if err == nil {
		err = from.RequireReadOffsets(ctx)
	}
	if errors.As(err, new(*connectclient.UnsupportedError)) {
		return fmt.Errorf("%w; to delete the connector and to create it without its offsets, apply with -replace", err)
	}
	return err
}

// lockBoth locks both connectors, in an order that is the same for every move.
func lockBoth(ctx context.Context, a, b place) (unlock func(), err error) {
	if a.Qualified(a.name) > b.Qualified(b.name) {
		a, b = b, a
	}
	first, err := a.Connectors.Lock(ctx, a.name)
	if err != nil {
		return nil, err
	}
	second, err := b.Connectors.Lock(ctx, b.name)
	if err != nil {
		first()
		return nil, err
	}
	return func() { second(); first() }, nil
}

// run executes the steps, and undoes them after an error.
func (m *move) run(ctx context.Context) (done result, diags diag.Diagnostics, err error) {
	got, err := m.create(ctx)
	if err == nil && !m.finishes {
		err = m.takePosition(ctx)
	}
	var waited session.Waited
	if err == nil {
		waited = m.start(ctx)
		err = waited.Err
	}
	if err != nil {
		return done, nil, m.undo(ctx, err)
	}
	diags = append(diags, waited.Warnings...)
	diags.Append(m.clean(ctx)...)
	if err := m.from.client.DeleteConnector(ctx, m.from.name); err != nil && !errors.Is(err, connectclient.ErrNotFound) {
		return done, diags, fmt.Errorf("%s runs, but %s, which is STOPPED, was not deleted: %w; apply again to delete it, and do not change back before: both connectors would run", m.to, m.from, err)
	}
	done.Connector = got
	return done, diags, nil
}

// create creates the new connector STOPPED, or finds the one that an earlier run has created.
func (m *move) create(ctx context.Context) (connectclient.Connector, error) {
	got, outcome, err := m.r.createLocked(ctx, ctx, m.to.client, m.want, connectclient.StateStopped)
	m.created = got.Name != "" && outcome != connectclient.Adopted
	if err != nil || m.created {
		return got, err
	}
	if err := m.resume(ctx); err != nil || len(m.want.masked(got)) == 0 {
		return got, err
	}
	// The connector may have the secrets of the earlier run, which the worker masks.
	got, _, err = m.to.client.PutConfig(ctx, got, m.want.config)
	return got, err
}

// resume finds out what an earlier run has done with a connector that has the new name and the declared configuration:
//
//   - It is STOPPED: the earlier run has created it. Its offsets may be incomplete, so they are set again.
//   - It is not STOPPED, and the previous connector is: the earlier run has started it, also if it is FAILED since. It has the newer
//     offsets, so only the last steps are left.
//   - Both run: another connector has this name.
func (m *move) resume(ctx context.Context) error {
	if m.to.Connectors.Stored(m.to.name) { // a name that the plan did not know
		return fmt.Errorf("another resource of the state has %s; apply again after it has another name", m.to)
	}
	status, err := m.to.client.AwaitAssigned(ctx, m.to.name)
	if err != nil {
		return err
	}
	previous, err := m.from.client.AwaitAssigned(ctx, m.from.name)
	if err != nil {
		return err
	}
	if m.from.name == m.to.name && previous.Connector.WorkerID == status.Connector.WorkerID && !m.from.OtherKafka(ctx, m.to.Session) {
		return fmt.Errorf("%s and %s are one connector on worker %s: both clusters of the provider lead to the same workers; correct connect.urls of one of them", m.from, m.to, status.Connector.WorkerID)
	}
	m.declared = m.want.state
	if status.Connector.State == connectclient.StateStopped {
		return nil
	}
	if !halted(previous) {
		return fmt.Errorf("%s exists already, and both connectors run (%s: %v; %s: %v); delete or stop one of them, or choose another name", m.to, m.from, previous, m.to, status)
	}
	m.finishes = true
	return nil
}

// halted reports whether the connector is STOPPED. A connector that is FAILED stays FAILED when it is stopped.
func halted(status connectclient.Status) bool {
	state := status.Connector.State
	return state == connectclient.StateStopped || state == connectclient.StateFailed && len(status.Tasks) == 0
}

// takePosition stops the previous connector and gives its offsets to the new one.
func (m *move) takePosition(ctx context.Context) (err error) {
	if m.before, err = m.from.stop(ctx); err != nil {
		return err
	}
	if m.declared != "" && m.before == connectclient.StateStopped {
		m.before = m.declared
	}
	if sharesOffsets(ctx, m.from, m.to, m.old, m.want.config) {
		return nil
	}
	want, err := m.from.finalOffsets(ctx)
	if err != nil {
		return err
	}
	have, err := m.to.client.Offsets(ctx, m.to.name)
	if err != nil {
		return err
	}
	if len(have) > 0 && m.want.config[groupKey] != "" {
		return nil // the configuration names a consumer group, which has a position that other sinks may share
	}
	if m.copied = true; !m.created && len(want) == 0 {
		return nil // the earlier run has deleted them, after the new connector had run
	}
	// A new connector that has the same offsets at once shares them with the previous one, for a reason that only the workers know.
	m.apart = m.created && (len(want) == 0 || !sameOffsets(comparedFor(m.old.Type), want, have))
	m.cleans = m.apart && len(want) > 0 && m.old.Config[groupKey] == "" // other sinks may read as a group that is named
	return m.to.replaceOffsets(ctx, m.old.Type, have, want)
}

// start requests the declared state and waits for it.
func (m *move) start(ctx context.Context) session.Waited {
	m.started = true
	return reconcileState(ctx, m.to.client, nil, m.want, true, true, nil)
}

// clean deletes the offsets of the previous connector, so that a connector that is created later under its name does not start there.
func (m *move) clean(ctx context.Context) (diags diag.Diagnostics) {
	if !m.cleans {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, resetTimeout)
	defer cancel()
	if _, err := m.from.client.ResetOffsets(ctx, m.from.name); err != nil {
		diags.AddAttributeWarning(path.Root("name"), "The offsets of "+m.from.String()+" were not deleted",
			"The connector was moved, and its offsets were copied. A new connector that gets the previous name would start at them. "+diagnostics.Sentence(err.Error()))
	}
	return diags
}

// undo lets the previous connector run again, from where the new one has stopped. It deletes the new connector if this run has created
// it. The error tells what became of them.
func (m *move) undo(ctx context.Context, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	if m.finishes {
		return fmt.Errorf("%w; %s keeps the offsets, and %s stays STOPPED; apply again to complete the move", cause, m.to, m.from)
	}
	if err := m.takeBack(ctx); err != nil {
		return fmt.Errorf("%w; %s could not continue where %s has stopped, and stays STOPPED: %w; apply again to complete the move", cause, m.from, m.to, err)
	}
	outcome := fmt.Sprintf("%s was not changed", m.from)
	if m.before != "" && m.before != connectclient.StateStopped {
		if err := m.from.set(ctx, m.before); err != nil {
			return fmt.Errorf("%w; %s could not be set to %s again, and may be STOPPED: %w", cause, m.from, m.before, err)
		}
		outcome = fmt.Sprintf("%s is %s again, as before", m.from, m.before)
	}
	if m.created {
		if err := m.deleteNew(ctx); err != nil {
			outcome += fmt.Sprintf("; %s, which is STOPPED, was not deleted: %v", m.to, err)
		}
	}
	return fmt.Errorf("%w; %s", cause, outcome)
}

// takeBack stops the new connector, if it may run, and gives its offsets to the previous one.
func (m *move) takeBack(ctx context.Context) error {
	if !m.started {
		return nil
	}
	if _, err := m.to.stop(ctx); err != nil || !m.copied {
		return err
	}
	moved := connectclient.Connector{Name: m.to.name, Type: m.old.Type, Config: m.want.config}
	return m.to.copyOffsets(ctx, m.from, moved, m.old)
}

// deleteNew deletes the new connector, with its offsets unless the previous one shares them.
func (m *move) deleteNew(ctx context.Context) error {
	if m.apart && m.want.config[groupKey] == "" {
		if _, err := m.to.client.ResetOffsets(ctx, m.to.name); err != nil {
			return err
		}
	}
	if err := m.to.client.DeleteConnector(ctx, m.to.name); err != nil && !errors.Is(err, connectclient.ErrNotFound) {
		return err
	}
	return nil
}
