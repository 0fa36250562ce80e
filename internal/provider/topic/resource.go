// Package topic implements the resource kafkaconnect_internal_topic.
package topic

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// Defaults of `timeouts`. An update may wait until the brokers have copied replicas.
const (
	createTimeout = 10 * time.Minute
	readTimeout   = 2 * time.Minute
	updateTimeout = 30 * time.Minute
	deleteTimeout = 5 * time.Minute
)

// Keys in private state.
const (
	createFailedKey = "create_failed" // in the state after a failed create: the next update completes seed_from
	siblingsKey     = "siblings"      // in the state: the other topics of the group, as far as they are known
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

// Metadata returns the name of the resource type.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_internal_topic"
	// A topic that was moved from another provider has no role before the first apply.
	resp.ResourceBehavior.MutableIdentity = true
}

// Configure stores the session of the configured provider.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.Session = session.From(req.ProviderData)
}

// in returns the resource for the topics of a cluster.
func (r *Resource) in(cluster types.String) (*Resource, diag.Diagnostics) {
	s, diags := r.In(cluster)
	return &Resource{s}, diags
}

// Create creates the topic, with the records of the topic that seed_from names. If the topic exists already, it returns
// an error, unless Delete kept it (see session.Objects). After a failure, a topic that exists is saved in the state.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.Applying.Store(true)
	var m model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	r, diags := r.in(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.Kafka.Client()
	timeout, more := m.Timeouts.Create(ctx, createTimeout)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	result, exists, err := r.create(opCtx, client, m)
	if exists {
		r.Topics.Created(m.Name.ValueString())
	}
	resp.Diagnostics.Append(resultWarnings(m.Name, result)...)
	if err == nil {
		err = m.fillComputed(opCtx, client)
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose("create", m.identity(), err)...)
		if !exists {
			return
		}
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, createFailedKey, privateTrue)...)
		m.observeAfterFailure(ctx, client, model{})
	}
	_, diags = r.siblings(ctx, m, resp.Private, resp.Private)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// Read updates the state with the topic on the brokers. While a rebuild has deleted the topic, its copy is shown instead,
// with a difference that makes the next plan finish the rebuild.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.Planning.Store(true)
	var m model
	if resp.Diagnostics.Append(req.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	// Terraform before 1.12 stores no identity. The framework requires one, even if Read removes the resource.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	r, diags := r.in(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	// Terraform reads the topics of a group at the same time: note this one before the requests below take their time.
	r.StorageTopics.NoteState(m.Name, m.GroupID, m.Connectors)
	if r.Kafka.Unknown {
		r.Topics.NoteState(m.Name)
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
		resp.Diagnostics.Append(diagnose("read", m.identity(), err)...)
		return
	}
	if !state.Exists() {
		resp.Diagnostics.Append(r.Topics.Removed(ctx, resp.Private)...)
		resp.State.RemoveResource(ctx)
		return
	}
	// A topic that is removed from the state is not noted: the plan would treat its creation as the repair of a tainted one.
	r.Topics.NoteState(m.Name)
	r.StorageTopics.SetFound(m.Name.ValueString(), state)
	m.observe(state, model{})
	_, diags = r.siblings(ctx, m, req.Private, resp.Private)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// siblings returns the other topics of the group: those that this run and earlier ones know. It saves them for later runs,
// because an apply does not know the topics that it leaves unchanged. A shrink locks one of them.
func (r *Resource) siblings(ctx context.Context, m model, saved tfvalue.PrivateReader, private tfvalue.PrivateWriter) ([]string, diag.Diagnostics) {
	former, diags := tfvalue.ReadPrivate[savedSiblings](ctx, saved, siblingsKey, "The list of the topics of the group")
	if former.Group != m.GroupID.ValueString() {
		former = savedSiblings{}
	}
	siblings := r.StorageTopics.OfSameGroup(m.Name.ValueString(), former.Topics...)
	if !slices.Equal(siblings, former.Topics) {
		diags.Append(tfvalue.SavePrivate(ctx, private, siblingsKey, savedSiblings{m.GroupID.ValueString(), siblings})...)
	}
	return siblings, diags
}

// savedSiblings is what siblings saves.
type savedSiblings struct {
	Group  string   `json:"group"` // group_id of the topic
	Topics []string `json:"topics"`
}

// Update changes the topic to match the plan. After an error, the state shows the topic as read again from the brokers.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.Applying.Store(true)
	var m, before model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	r, diags := r.in(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	siblings, diags := r.siblings(ctx, m, req.Private, resp.Private)
	client, more := r.Kafka.Client()
	resp.Diagnostics.Append(append(diags, more...)...)
	timeout, diags := m.Timeouts.Update(ctx, updateTimeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	spec := m.spec(before)
	if mark, _ := req.Private.GetKey(ctx, createFailedKey); mark == nil {
		spec.SeedFrom = "" // it only applies to the creation
	}

	opCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	result, err := converge(opCtx, client, spec, r.options(ctx, m, siblings))
	resp.Diagnostics.Append(resultWarnings(m.Name, result)...)
	if err == nil {
		err = m.fillComputed(opCtx, client)
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose("update", m.identity(), err)...)
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
	r, diags := r.in(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	name := m.Name.ValueString()
	keep, diags := r.Topics.KeepOnDelete(ctx, name, req.Private)
	if resp.Diagnostics.Append(diags...); keep || diags.HasError() {
		return
	}
	if resp.Diagnostics.Append(r.Topics.GuardDeletion(m.former(), "a replacement")...); resp.Diagnostics.HasError() {
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
		resp.Diagnostics.Append(diagnose("delete", m.identity(), err)...)
	}
}
