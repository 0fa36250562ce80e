// Package connector implements the resource kafkaconnect_connector.
package connector

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// Defaults of `timeouts`.
const (
	createTimeout = 10 * time.Minute
	readTimeout   = 2 * time.Minute
	updateTimeout = 10 * time.Minute
	deleteTimeout = 5 * time.Minute
)

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithMoveState      = (*Resource)(nil)
)

// NewResource returns the resource kafkaconnect_connector.
func NewResource() resource.Resource { return &Resource{} }

// Resource is the resource kafkaconnect_connector.
type Resource struct {
	*session.Session // nil until the provider is configured, as under `terraform validate`
}

// Metadata implements [resource.Resource].
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_connector"
	resp.ResourceBehavior.MutableIdentity = true // a move changes the name or the cluster
}

// Configure implements [resource.ResourceWithConfigure].
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.Session = session.From(req.ProviderData)
}

// in returns the resource for the objects of a cluster.
func (r *Resource) in(cluster types.String) (*Resource, diag.Diagnostics) {
	s, diags := r.In(cluster)
	return &Resource{s}, diags
}

// prepare returns the client and the timeout of the operation.
func (r *Resource) prepare(
	ctx context.Context, declared func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), byDefault time.Duration,
) (*connectclient.Client, time.Duration, diag.Diagnostics) {
	client, diags := r.Connect.Client()
	diags.Append(r.RefuseShared()...)
	timeout, more := declared(ctx, byDefault)
	return client, timeout, append(diags, more...)
}

// Create creates the connector in its declared state, or adopts one that is exactly as declared, and waits for it. A
// connector that exists afterwards is saved, also after an error.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.Applying.Store(true)
	var m model
	if resp.Diagnostics.Append(tfvalue.Get(ctx, req.Plan, &m)...); resp.Diagnostics.HasError() {
		return
	}
	r, diags := r.in(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, timeout, diags := r.prepare(ctx, m.Timeouts.Create, createTimeout)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(m.getWriteOnly(ctx, req.Config)...)
	position, diags := r.startPosition(ctx, m)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	want := m.desired(m.isPassword(ctx, client))
	ctx = m.hide(ctx, want.isPassword)

	op := r.Operations.Begin(r.Qualified(want.name))
	defer func() {
		failed := resp.Diagnostics.HasError()
		resp.Diagnostics.Append(lateDiagnostics(op.End(ctx, failed))...)
		if !failed && resp.Diagnostics.HasError() {
			resp.Diagnostics.Append(healthyTaintedWarning(want.name))
		}
	}()
	done, err := r.create(ctx, client, op, want, position, timeout)
	switch {
	case done.adopted:
		resp.Diagnostics.Append(adoptedWarning(want.name, want.masked(done.Connector)))
	case done.hasOffsets:
		resp.Diagnostics.Append(position.notSetWarning(want.name))
	}
	interrupted := ctx.Err() != nil && !position.given() && !r.Connectors.Kept(want.name)
	if done.Name == "" {
		resp.Diagnostics.Append(m.unableTo("create", err)...)
		return
	}
	m.setComputed(done.Connector)
	resp.Diagnostics.Append(saveClusterID(ctx, client, resp.Private)...)
	resp.Diagnostics.Append(saveTaskCheck(ctx, resp.Private, done, err, want.state)...)
	switch {
	case err == nil:
		resp.Diagnostics.Append(done.warnings...)
	case interrupted:
		resp.Diagnostics.Append(interruptedWarning(want.name))
	default:
		resp.Diagnostics.Append(withTaintAdvice(m.unableTo("create", err))...)
		m, _ = m.readAfterFailure(ctx, client, m, m.writeOnlyKeys(done.Connector))
	}
	resp.Diagnostics.Append(m.saveWriteOnly(ctx, done.Connector, types.Int64Null(), resp.Private)...)
	resp.Diagnostics.Append(tfvalue.Set(ctx, resp.Identity, m.identity())...)
	resp.Diagnostics.Append(tfvalue.Set(ctx, &resp.State, m.stored())...)
}

// Read stores what the worker holds. A connector that does not exist is removed from the state. While no worker answers, the
// state stays, and `state` is UNREACHABLE.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m model
	if resp.Diagnostics.Append(tfvalue.Get(ctx, req.State, &m)...); resp.Diagnostics.HasError() {
		return
	}
	// Terraform before 1.12 stores no identity. The framework requires one, also for a connector that does not exist.
	resp.Diagnostics.Append(tfvalue.Set(ctx, resp.Identity, m.identity())...)
	r, diags := r.in(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	r.Planning.Store(true)
	if r.Connect.Unknown {
		r.Connectors.NoteState(m.Name)
		return
	}
	client, timeout, diags := r.prepare(ctx, m.Timeouts.Read, readTimeout)
	resp.Diagnostics.Append(diags...)
	known, diags := readMemory(ctx, req.Private)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx = m.hide(ctx, nil)
	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var got connectclient.Connector
	var status connectclient.Status
	err := r.Ask(opCtx, client, func(ctx context.Context) (err error) {
		got, status, err = readConnector(ctx, client, m, known.writeOnly)
		return err
	})
	if found, ok := errors.AsType[*session.NoWorkerError](err); ok {
		resp.Diagnostics.Append(r.Report(found)...)
		resp.Diagnostics.Append(tfvalue.Set(ctx, &resp.State, m.unreachable())...)
		r.Connectors.NoteState(m.Name)
		return
	}
	if errors.Is(err, connectclient.ErrNotFound) {
		resp.Diagnostics.Append(r.CheckMissing(opCtx, client, quoted(m.Name.ValueString()), known.clusterID)...)
		if !resp.Diagnostics.HasError() {
			resp.Diagnostics.Append(r.Connectors.Removed(ctx, resp.Private)...)
			resp.State.RemoveResource(ctx)
		}
		return
	}
	if err != nil {
		resp.Diagnostics.Append(m.unableTo("read", err)...)
		return
	}
	before := m
	m = m.observed(got, status, m, known.writeOnly, m.isPassword(ctx, client))
	resp.Diagnostics.Append(m.failureWarnings(status)...)
	resp.Diagnostics.Append(m.readTasks(opCtx, client, got, before, known, resp.Private)...)
	resp.Diagnostics.Append(tfvalue.Set(ctx, &resp.State, m)...)
	r.Connectors.NoteState(m.Name)
}

// Update changes the configuration, then the state, restarts what is FAILED, and waits. A changed name or cluster is a [move]. After
// an error, the state stores what the worker holds.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.Applying.Store(true)
	var m, before model
	resp.Diagnostics.Append(tfvalue.Get(ctx, req.Plan, &m)...)
	resp.Diagnostics.Append(tfvalue.Get(ctx, req.State, &before)...)
	resp.Diagnostics.Append(m.getWriteOnly(ctx, req.Config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if m.movesFrom(before) {
		r.updateMoved(ctx, m, before, req, resp)
		return
	}
	resp.Diagnostics.Append(tfvalue.Set(ctx, resp.Identity, m.identity())...)
	known, diags := readMemory(ctx, req.Private)
	r, more := r.in(m.Cluster)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	known.applied, known.shown = before.applied(), tfvalue.StringMap(before.Config)
	former := m.formerSecrets(before, known.writeOnly)
	known.writeOnly = known.writeOnly.merge(m.writeOnlyKeys(connectclient.Connector{})).merge(former)
	resp.Diagnostics.Append(known.writeOnly.save(ctx, resp.Private)...) // also if the update fails: Read must not store their values
	client, timeout, diags := r.prepare(ctx, m.Timeouts.Update, updateTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	want := m.desired(m.isPassword(ctx, client))
	want.rollback = m.rollback(ctx, client, before, known)
	ctx = m.hide(before.hide(ctx, nil), want.isPassword)

	op := r.Operations.Begin(r.Qualified(want.name))
	defer func() { resp.Diagnostics.Append(lateDiagnostics(op.End(ctx, true))...) }()
	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	done, diags, err := r.update(opCtx, client, op, want, known, !m.State.Equal(before.State))
	if errors.Is(err, connectclient.ErrNotFound) && before.State.ValueString() == stateUnreachable {
		done, diags, err = r.recreate(opCtx, client, op, m, known)
	}
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	resp.Diagnostics.Append(saveTaskCheck(ctx, resp.Private, done, err, want.state)...)
	if err == nil {
		if done.changed {
			resp.Diagnostics.Append(saveClusterID(opCtx, client, resp.Private)...)
		}
		resp.Diagnostics.Append(done.warnings...)
		m.setComputed(done.Connector)
		resp.Diagnostics.Append(m.saveWriteOnly(ctx, done.Connector, before.ConfigWORevision, resp.Private)...)
		resp.Diagnostics.Append(tfvalue.Set(ctx, &resp.State, m.stored())...)
		return
	}
	resp.Diagnostics.Append(m.unableTo("update", err)...)
	m.ConfigWORevision, m.ConfigWOVersion = before.ConfigWORevision, before.ConfigWOVersion
	if read, ok := m.readAfterFailure(ctx, client, before, known.writeOnly); ok {
		resp.Diagnostics.Append(tfvalue.Set(ctx, &resp.State, read.without(former, m).withStaleState(err).stored())...)
	}
}

// Delete deletes the connector and keeps its offsets. It keeps a tainted connector that Create repairs in place: see
// [session.Objects].
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m model
	if resp.Diagnostics.Append(tfvalue.Get(ctx, req.State, &m)...); resp.Diagnostics.HasError() {
		return
	}
	r, diags := r.in(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	name := m.Name.ValueString()
	client, timeout, diags := r.prepare(ctx, m.Timeouts.Delete, deleteTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(m.hide(ctx, nil), timeout)
	defer cancel()
	unlock, err := r.Connectors.Lock(ctx, name)
	if err != nil {
		resp.Diagnostics.Append(m.unableTo("delete", err)...)
		return
	}
	defer unlock()
	keep, diags := r.Connectors.KeepOnDelete(ctx, name, req.Private)
	if resp.Diagnostics.Append(diags...); keep || diags.HasError() {
		if keep && !r.Connectors.Kept(name) {
			resp.Diagnostics.Append(notDeletedWarning(name))
		}
		return
	}
	if resp.Diagnostics.Append(r.Connectors.GuardDeletion(m.former(), "a replacement")...); resp.Diagnostics.HasError() {
		return
	}
	known, diags := readMemory(ctx, req.Private)
	resp.Diagnostics.Append(append(diags, r.CheckCluster(ctx, client, quoted(name), known.clusterID)...)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if m.ResetOffsetsOnDestroy.ValueBool() {
		err = resetOffsets(ctx, client, name)
	}
	if err == nil {
		err = client.DeleteConnector(ctx, name)
	}
	if err != nil && !errors.Is(err, connectclient.ErrNotFound) {
		resp.Diagnostics.Append(m.unableTo("delete", err)...)
	}
}
