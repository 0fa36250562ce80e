package topic

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// Defaults of `timeouts`. An update may have to wait for replicas to be copied.
const (
	createTimeout = 10 * time.Minute
	readTimeout   = 2 * time.Minute
	updateTimeout = 30 * time.Minute
	deleteTimeout = 5 * time.Minute
)

// Keys in private state.
const (
	createFailedKey = "create_failed" // in the state, until a create that failed is completed: seed_from is unfinished
	siblingsKey     = "siblings"      // in a plan that takes partitions away: the other topics of the group
)

var privateTrue = []byte("true")

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithMoveState      = (*Resource)(nil)
)

// NewResource returns the resource kafkaconnect_internal_topic.
func NewResource() resource.Resource { return &Resource{} }

// Resource is the resource kafkaconnect_internal_topic.
type Resource struct {
	*session.Session // nil until the provider is configured, as under `terraform validate`
}

func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_internal_topic"
	// A topic that was moved here from another provider has no role until the first apply.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.Session = session.From(req.ProviderData)
}

// Create creates the topic, with the content of another one where that is declared. A topic that is there already is an
// error, unless it was kept for this very replacement. What exists afterwards is saved, whatever failed.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.Kafka.Client()
	timeout, more := m.Timeouts.Create(ctx, createTimeout)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	result, ours, err := r.create(opCtx, client, m)
	resp.Diagnostics.Append(m.doneWarnings(result)...)
	if err == nil {
		err = m.settle(opCtx, client)
	}
	if err != nil {
		resp.Diagnostics.Append(m.errors("create", err)...)
		if !ours {
			return
		}
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, createFailedKey, privateTrue)...)
		m.observeAfterFailure(ctx, client, model{})
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Read shows what the brokers hold. A topic in the middle of an unfinished rebuild counts as there, and as changed.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m model
	if resp.Diagnostics.Append(req.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	// Terraform before 1.12 keeps no identity, and the framework wants one even of what is gone.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	r.Topics.NoteState(m.Name)
	r.StorageTopics.Declare(m.Name, m.GroupID)
	if r.Kafka.Unknown {
		return
	}
	client, diags := r.Kafka.Client()
	timeout, more := m.Timeouts.Read(ctx, readTimeout)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	state, err := client.Inspect(opCtx, m.Name.ValueString())
	if err != nil {
		resp.Diagnostics.Append(m.errors("read", err)...)
		return
	}
	if !state.Exists() {
		resp.State.RemoveResource(ctx)
		return
	}
	r.StorageTopics.SetFound(m.Name.ValueString(), state)
	m.observe(state, model{})
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Update leads the topic to what is declared. After an error the state is what was read back.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m, before model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	siblings, diags := req.Private.GetKey(ctx, siblingsKey)
	client, more := r.Kafka.Client()
	resp.Diagnostics.Append(append(diags, more...)...)
	timeout, diags := m.Timeouts.Update(ctx, updateTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	spec := m.spec(before)
	if mark, _ := req.Private.GetKey(ctx, createFailedKey); mark == nil {
		spec.SeedFrom = "" // it was read when the topic was created
	}
	r.StorageTopics.Declare(m.Name, m.GroupID)

	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	result, err := converge(opCtx, client, spec, r.options(ctx, m, siblings))
	resp.Diagnostics.Append(m.doneWarnings(result)...)
	if err == nil {
		err = m.settle(opCtx, client)
	}
	if err != nil {
		resp.Diagnostics.Append(m.errors("update", err)...)
		if !m.observeAfterFailure(ctx, client, before) {
			return
		}
	} else {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, createFailedKey, nil)...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Delete deletes the topic, unless it is tainted and Create repairs it in place (see session.Objects).
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m model
	if resp.Diagnostics.Append(req.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	name := m.Name.ValueString()
	keep, diags := r.Topics.KeepOnDelete(ctx, name, req.Private)
	if resp.Diagnostics.Append(diags...); keep || diags.HasError() {
		return
	}
	if resp.Diagnostics.Append(r.Topics.GuardDeletion(m.former(), "replace it")...); resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.Kafka.Client()
	timeout, more := m.Timeouts.Delete(ctx, deleteTimeout)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := client.Delete(ctx, name, r.options(ctx, m, nil)); err != nil {
		resp.Diagnostics.Append(m.errors("delete", err)...)
	}
}
