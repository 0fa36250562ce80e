// Package logger implements the resource kafkaconnect_logger.
package logger

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
	createTimeout = 5 * time.Minute
	readTimeout   = 2 * time.Minute
	updateTimeout = 5 * time.Minute
	deleteTimeout = 2 * time.Minute
)

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
)

// NewResource returns the resource kafkaconnect_logger.
func NewResource() resource.Resource { return &Resource{} }

// Resource is the resource kafkaconnect_logger.
type Resource struct {
	*session.Session // nil until the provider is configured, as under `terraform validate`
}

// Metadata implements [resource.Resource].
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_logger"
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

// prepare returns the resource for the cluster of the model, its client, and the timeout of the operation.
func (r *Resource) prepare(
	ctx context.Context, m model, declared func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), byDefault time.Duration,
) (*Resource, *connectclient.Client, time.Duration, diag.Diagnostics) {
	in, diags := r.in(m.Cluster)
	if diags.HasError() {
		return in, nil, 0, diags
	}
	client, diags := in.Connect.Client()
	timeout, more := declared(ctx, byDefault)
	return in, client, timeout, append(diags, more...)
}

// Create sets the level. What it set is saved, also after an error.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.Applying.Store(true)
	var m model
	if resp.Diagnostics.Append(tfvalue.Get(ctx, req.Plan, &m)...); resp.Diagnostics.HasError() {
		return
	}
	r, client, timeout, diags := r.prepare(ctx, m, m.Timeouts.Create, createTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	changed, err := r.set(opCtx, client, change{name: m.Name.ValueString(), level: m.level()})
	resp.Diagnostics.Append(m.outcome("set", changed, err)...)
	if changed.before == nil {
		return
	}
	r.Loggers.Created(m.Name.ValueString())
	m.OriginalLevel = original(changed.original)
	m.observe(changed.after)
	resp.Diagnostics.Append(tfvalue.Set(ctx, resp.Identity, m.identity())...)
	resp.Diagnostics.Append(tfvalue.Set(ctx, &resp.State, m)...)
}

// Read stores the levels of the workers that answer. While no worker answers, the state stays.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m model
	if resp.Diagnostics.Append(tfvalue.Get(ctx, req.State, &m)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(tfvalue.Set(ctx, resp.Identity, m.identity())...)
	r.Planning.Store(true)
	in, diags := r.in(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() || in.Connect.Unknown {
		return
	}
	resp.Diagnostics.Append(tfvalue.SavePrivate(ctx, resp.Private, belowKey, in.Levels.Read(m.Name.ValueString(), m.knownLevel()))...)
	defer func() {
		if resp.Diagnostics.HasError() {
			in.Levels.NotRead(m.Name.ValueString())
		}
	}()
	r, client, timeout, diags := r.prepare(ctx, m, m.Timeouts.Read, readTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	list, err := r.list(opCtx, client, m.Name.ValueString())
	if found, ok := errors.AsType[*session.NoWorkerError](err); ok {
		resp.Diagnostics.Append(r.Report(found)...)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose("read", m.Name, err))
		return
	}
	m.observe(list)
	resp.Diagnostics.Append(tfvalue.Set(ctx, &resp.State, m)...)
}

// Update sets the level. After an error, the state stores the levels of the workers.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.Applying.Store(true)
	var m, before model
	resp.Diagnostics.Append(tfvalue.Get(ctx, req.Plan, &m)...)
	resp.Diagnostics.Append(tfvalue.Get(ctx, req.State, &before)...)
	resp.Diagnostics.Append(tfvalue.Set(ctx, resp.Identity, m.identity())...)
	below, diags := levelsBelow(ctx, req.Private)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	r, client, timeout, diags := r.prepare(ctx, m, m.Timeouts.Update, updateTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	changed, err := r.set(opCtx, client, change{name: m.Name.ValueString(), level: m.level(), below: below})
	resp.Diagnostics.Append(m.outcome("set", changed, err)...)
	if changed.before == nil {
		return // the state keeps what it has
	}
	m.observe(changed.after)
	resp.Diagnostics.Append(tfvalue.Set(ctx, &resp.State, m)...)
}

// Delete restores the level that the logger had when the resource was created. It keeps the level if another resource has set it in
// this run: with create_before_destroy, or after a change of the address without a moved block.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.Applying.Store(true)
	var m model
	resp.Diagnostics.Append(tfvalue.Get(ctx, req.State, &m)...)
	below, diags := levelsBelow(ctx, req.Private)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	r, client, timeout, diags := r.prepare(ctx, m, m.Timeouts.Delete, deleteTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if r.Loggers.CreatedHere(m.Name.ValueString()) {
		resp.Diagnostics.Append(m.notRestoredWarning())
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	changed, err := r.set(ctx, client, change{name: m.Name.ValueString(), level: m.OriginalLevel.ValueString(), restores: true, below: below})
	resp.Diagnostics.Append(m.outcome("restore", changed, err)...)
}
