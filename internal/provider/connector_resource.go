package provider

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

// Defaults of `timeouts`.
const (
	createTimeout = 10 * time.Minute
	readTimeout   = 2 * time.Minute
	updateTimeout = 10 * time.Minute
	deleteTimeout = 5 * time.Minute
)

// lookTimeout bounds the last look at a connector after an operation has failed or was interrupted.
const lookTimeout = 10 * time.Second

// Keys in private state; see ledger.
const (
	createFailedKey = "create_failed" // in the state of a connector whose creation failed after it existed
	keepKey         = "keep"          // in the plan of a replacement whose delete half keeps the connector
)

var privateTrue = []byte("true")

var (
	_ resource.ResourceWithConfigure      = (*connectorResource)(nil)
	_ resource.ResourceWithValidateConfig = (*connectorResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*connectorResource)(nil)
	_ resource.ResourceWithImportState    = (*connectorResource)(nil)
)

func newConnectorResource() resource.Resource { return &connectorResource{} }

type connectorResource struct {
	*providerData // nil until the provider is configured, as under `terraform validate`
}

func (r *connectorResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_connector"
}

func (r *connectorResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.providerData, _ = req.ProviderData.(*providerData)
}

// Create creates the connector in its declared state, or adopts one that is exactly as declared, and waits for it.
// What exists afterwards is saved, whatever failed.
func (r *connectorResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m connectorModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.connect.use()
	timeout, more := m.Timeouts.Create(ctx, createTimeout)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	spec := m.spec()
	ctx = connectclient.WithSecrets(ctx, spec.secrets...)

	got, adopted, err := r.create(ctx, client, spec, timeout)
	if adopted {
		resp.Diagnostics.Append(adoptedWarning(spec.name))
	}
	switch {
	case err == nil:
		m.created(got)
	case got.Name == "":
		resp.Diagnostics.Append(m.errors("create", err)...)
		return
	case ctx.Err() != nil:
		resp.Diagnostics.Append(interruptedWarning(spec.name))
		m.created(got)
	default:
		resp.Diagnostics.Append(m.errors("create", err)...)
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, createFailedKey, privateTrue)...)
		m.created(got)
		observeAfterFailure(ctx, client, &m, m)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Read shows what the worker holds. A failure counts as drift, a connector that is gone as absent.
func (r *connectorResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m connectorModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	if mark, _ := req.Private.GetKey(ctx, createFailedKey); mark != nil {
		r.ledger.failed.add(m.Name.ValueString())
	}
	if r.connect.unknown {
		return
	}
	client, diags := r.connect.use()
	timeout, more := m.Timeouts.Read(ctx, readTimeout)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	ctx = connectclient.WithSecrets(ctx, m.spec().secrets...)

	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	got, status, err := look(opCtx, client, m)
	if errors.Is(err, connectclient.ErrNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(m.errors("read", err)...)
		return
	}
	m.observe(got, status, m)
	resp.Diagnostics.Append(m.failureWarnings(status)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Update changes the configuration, then the state, restarts what has failed, and waits. After an error the state is
// what was read back.
func (r *connectorResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m, before connectorModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.connect.use()
	timeout, more := m.Timeouts.Update(ctx, updateTimeout)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	ctx = connectclient.WithSecrets(ctx, append(m.spec().secrets, before.spec().secrets...)...)

	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	got, err := converge(opCtx, client, m.spec())
	if err != nil {
		resp.Diagnostics.Append(m.errors("update", err)...)
		if !observeAfterFailure(ctx, client, &m, before) {
			return
		}
	} else {
		m.created(got)
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, createFailedKey, nil)...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Delete deletes the connector, unless it is to be kept for the create half of a replacement (see ledger). Offsets stay.
func (r *connectorResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m connectorModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	name := m.Name.ValueString()
	if keep, _ := req.Private.GetKey(ctx, keepKey); keep != nil {
		r.ledger.kept.add(name)
		return
	}
	if r.ledger.owned.has(name) {
		return
	}
	if resp.Diagnostics.Append(m.guardDeletion("replace it")...); resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.connect.use()
	timeout, more := m.Timeouts.Delete(ctx, deleteTimeout)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(connectclient.WithSecrets(ctx, m.spec().secrets...), timeout)
	defer cancel()
	if err := client.DeleteConnector(ctx, name); err != nil && !errors.Is(err, connectclient.ErrNotFound) {
		resp.Diagnostics.Append(m.errors("delete", err)...)
	}
}

// ImportState imports the connector that the id names. One that does not exist is an error.
func (r *connectorResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if err := connectclient.ValidName(req.ID); err != nil {
		resp.Diagnostics.AddError("Invalid connector name", sentence(err.Error()))
		return
	}
	client, diags := r.connect.use()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	var m connectorModel
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), req.ID)...)
	if resp.Diagnostics.Append(resp.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	opCtx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	got, status, secretKeys, err := lookForImport(opCtx, client, m)
	if err != nil {
		resp.Diagnostics.Append(m.errors("import", err)...)
		return
	}
	m.ignore(secretKeys)
	m.observe(got, status, m)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}
