package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Defaults of `timeouts`. An update may have to wait for replicas to be copied.
const (
	topicCreateTimeout = 10 * time.Minute
	topicReadTimeout   = 2 * time.Minute
	topicUpdateTimeout = 30 * time.Minute
	topicDeleteTimeout = 5 * time.Minute
)

// Keys in private state, beside createFailedKey: with that mark, seed_from is still to be finished.
const (
	deleteKey   = "delete"   // in a plan whose delete half somebody wants; see topicLedger
	siblingsKey = "siblings" // in a plan that takes partitions away: other topics of the group
)

var (
	_ resource.ResourceWithConfigure      = (*internalTopicResource)(nil)
	_ resource.ResourceWithIdentity       = (*internalTopicResource)(nil)
	_ resource.ResourceWithValidateConfig = (*internalTopicResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*internalTopicResource)(nil)
	_ resource.ResourceWithImportState    = (*internalTopicResource)(nil)
	_ resource.ResourceWithMoveState      = (*internalTopicResource)(nil)
)

func newInternalTopicResource() resource.Resource { return &internalTopicResource{} }

type internalTopicResource struct {
	*providerData // nil until the provider is configured, as under `terraform validate`
}

func (r *internalTopicResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_internal_topic"
	// A topic that was moved here from another provider has no role until the first apply.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *internalTopicResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.providerData, _ = req.ProviderData.(*providerData)
}

// Create creates the topic, with the content of another one where that is declared. A topic that is there already is an
// error, unless it was kept for this very replacement. What exists afterwards is saved, whatever failed.
func (r *internalTopicResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m internalTopicModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.kafka.use()
	timeout, more := m.Timeouts.Create(ctx, topicCreateTimeout)
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
		m.observeAfterFailure(ctx, client, internalTopicModel{})
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Read shows what the brokers hold. A topic in the middle of an unfinished rebuild counts as there, and as changed.
func (r *internalTopicResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m internalTopicModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	// Terraform before 1.12 keeps no identity, and the framework wants one even of what is gone.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	r.topics.join(m)
	if r.kafka.unknown {
		return
	}
	client, diags := r.kafka.use()
	timeout, more := m.Timeouts.Read(ctx, topicReadTimeout)
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
	r.topics.find(m.Name.ValueString(), state)
	m.observe(state, internalTopicModel{})
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Update leads the topic to what is declared. After an error the state is what was read back.
func (r *internalTopicResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m, before internalTopicModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	siblings, diags := req.Private.GetKey(ctx, siblingsKey)
	client, more := r.kafka.use()
	resp.Diagnostics.Append(append(diags, more...)...)
	timeout, diags := m.Timeouts.Update(ctx, topicUpdateTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	spec := m.spec(before)
	if mark, _ := req.Private.GetKey(ctx, createFailedKey); mark == nil {
		spec.SeedFrom = "" // it was read when the topic was created
	}
	r.topics.join(m)

	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	result, err := convergeTopic(opCtx, client, spec, r.options(ctx, m, siblings))
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

// Delete deletes the topic if a plan wanted that; otherwise it is the delete half of the replacement of a tainted one,
// which is kept for the create half (see topicLedger).
func (r *internalTopicResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m internalTopicModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	name := m.Name.ValueString()
	if wanted, _ := req.Private.GetKey(ctx, deleteKey); wanted == nil {
		r.topics.kept.add(name)
		return
	}
	if resp.Diagnostics.Append(m.guardDeletion("replace it")...); resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.kafka.use()
	timeout, more := m.Timeouts.Delete(ctx, topicDeleteTimeout)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := client.Delete(ctx, name, r.options(ctx, m, nil)); err != nil {
		resp.Diagnostics.Append(m.errors("delete", err)...)
	}
}
