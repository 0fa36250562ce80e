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

func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_connector"
}

func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.Session = session.From(req.ProviderData)
}

// prepare returns the client, and how long the operation may take.
func (r *Resource) prepare(
	ctx context.Context, declared func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), byDefault time.Duration,
) (*connectclient.Client, time.Duration, diag.Diagnostics) {
	client, diags := r.Connect.Client()
	timeout, more := declared(ctx, byDefault)
	return client, timeout, append(diags, more...)
}

// Create creates the connector in its declared state, or adopts one that is exactly as declared, and waits for it.
// What exists afterwards is saved, whatever failed.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.Applying.Store(true)
	var m model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	client, timeout, diags := r.prepare(ctx, m.Timeouts.Create, createTimeout)
	resp.Diagnostics.Append(diags...)
	m.ConfigWO, diags = configWriteOnly(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	spec := m.spec()
	spec.newState = true
	spec.offsets, diags = m.initialOffsets(ctx)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx = connectclient.WithSecrets(ctx, spec.secrets...)

	left, err := r.create(ctx, client, spec, timeout)
	got := left.Connector
	if left.adopted {
		resp.Diagnostics.Append(adoptedWarning(spec.name))
	}
	if left.resumed && !left.adopted {
		resp.Diagnostics.Append(m.offsetsWarning())
	}
	switch {
	case err == nil:
		resp.Diagnostics.Append(m.idleWarning(left.status)...)
		m.created(got)
	case got.Name == "":
		resp.Diagnostics.Append(m.errors("create", err)...)
		return
	case ctx.Err() != nil && len(spec.offsets) == 0 && !r.Connectors.Kept(spec.name):
		resp.Diagnostics.Append(interruptedWarning(spec.name))
		m.created(got)
	default:
		resp.Diagnostics.Append(m.errors("create", err)...)
		m.created(got)
		observeAfterFailure(ctx, client, &m, m, rememberWriteOnly(m, got))
	}
	m.nextRevision(types.Int64Null())
	resp.Diagnostics.Append(rememberWriteOnly(m, got).save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m.stored())...)
}

// Read shows what the worker holds. A failure counts as drift, a connector that is gone as absent.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m model
	if resp.Diagnostics.Append(req.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	// Terraform before 1.12 keeps no identity, and the framework wants one even of what is gone.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	r.Connectors.NoteState(m.Name)
	if r.Connect.Unknown {
		return
	}
	client, timeout, diags := r.prepare(ctx, m.Timeouts.Read, readTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx = connectclient.WithSecrets(ctx, m.spec().secrets...)

	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	writeOnly, diags := readWriteOnly(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	got, status, err := look(opCtx, client, m, writeOnly)
	if errors.Is(err, connectclient.ErrNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(m.errors("read", err)...)
		return
	}
	m.observe(got, status, m, writeOnly)
	resp.Diagnostics.Append(m.failureWarnings(status)...)
	resp.Diagnostics.Append(m.observeTasks(opCtx, client, got, req.Private, resp.Private)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Update changes the configuration, then the state, restarts what has failed, and waits. After an error the state is
// what was read back.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.Applying.Store(true)
	var m, before model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	if resp.Diagnostics.HasError() {
		return
	}
	writeOnly, diags := readWriteOnly(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	m.ConfigWO, diags = configWriteOnly(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	writeOnly = writeOnly.and(rememberWriteOnly(m, connectclient.Connector{}))
	resp.Diagnostics.Append(writeOnly.save(ctx, resp.Private)...) // whatever comes, Read is not to take their values for drift
	spec := m.spec()
	spec.writeOnly, spec.newState = writeOnly, !m.State.Equal(before.State)
	spec.doubted, diags = readDoubted(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	client, timeout, diags := r.prepare(ctx, m.Timeouts.Update, updateTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx = connectclient.WithSecrets(ctx, append(spec.secrets, before.spec().secrets...)...)

	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	left, err := converge(opCtx, client, spec)
	resp.Diagnostics.Append(doubtTasks(ctx, resp.Private, err, spec.state)...)
	if err != nil {
		resp.Diagnostics.Append(m.errors("update", err)...)
		m.ConfigWORevision, m.ConfigWOVersion = before.ConfigWORevision, before.ConfigWOVersion
		if !observeAfterFailure(ctx, client, &m, before, writeOnly) {
			return
		}
		m.staleAfter(err)
	} else {
		resp.Diagnostics.Append(m.idleWarning(left.status)...)
		m.created(left.Connector)
		m.nextRevision(before.ConfigWORevision)
		resp.Diagnostics.Append(rememberWriteOnly(m, left.Connector).save(ctx, resp.Private)...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m.stored())...)
}

// Delete deletes the connector, unless it is tainted and Create repairs it in place (see session.Objects). Offsets stay.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m model
	if resp.Diagnostics.Append(req.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	name := m.Name.ValueString()
	client, timeout, diags := r.prepare(ctx, m.Timeouts.Delete, deleteTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(connectclient.WithSecrets(ctx, m.spec().secrets...), timeout)
	defer cancel()
	unlock, err := r.Connectors.Lock(ctx, name)
	if err != nil {
		resp.Diagnostics.Append(m.errors("delete", err)...)
		return
	}
	defer unlock()
	keep, diags := r.Connectors.KeepOnDelete(ctx, name, req.Private)
	if resp.Diagnostics.Append(diags...); keep || diags.HasError() {
		return
	}
	if resp.Diagnostics.Append(r.Connectors.GuardDeletion(m.former(), "replace it")...); resp.Diagnostics.HasError() {
		return
	}
	if m.ResetOffsetsOnDestroy.ValueBool() {
		err = resetOffsets(ctx, client, name)
	}
	if err == nil {
		err = client.DeleteConnector(ctx, name)
	}
	if err != nil && !errors.Is(err, connectclient.ErrNotFound) {
		resp.Diagnostics.Append(m.errors("delete", err)...)
	}
}
