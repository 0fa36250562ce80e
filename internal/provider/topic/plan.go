package topic

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// ValidateConfig reports what is wrong whatever the cluster holds.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m model
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	if r.Session != nil {
		resp.Diagnostics.Append(r.Topics.Declare(m.Name)...)
	}
	for key, value := range m.Config.Elements() {
		if value.IsNull() {
			resp.Diagnostics.AddAttributeError(path.Root("config").AtMapKey(key), "Null value in a topic's settings",
				"The value of "+diagnostics.Quoted(key)+" is null. Leave the key out, which puts the setting back to the broker's default, or give it a value.")
		}
	}
	if m.Role.IsUnknown() || m.Name.IsUnknown() {
		return
	}
	if err := m.spec(m).Validate(); err != nil {
		resp.Diagnostics.Append(m.errors("plan", err)...)
	}
}

// ModifyPlan plans the defaults, guards what must not be deleted, and looks at the cluster for what cannot be done and
// for what those who approve the plan should know.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var before, after model
	created, destroyed := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	if !created {
		resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
	}
	if !destroyed {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &after)...)
	}
	if resp.Diagnostics.HasError() || r.Session == nil {
		return
	}
	if destroyed {
		resp.Diagnostics.Append(r.Topics.PlanDestroy(ctx, before.former(), resp.Private)...)
		resp.Diagnostics.Append(r.warnOfMembers(ctx, before)...)
		return
	}
	resp.Diagnostics.Append(planDefaults(ctx, req, resp, &after)...)
	r.StorageTopics.Declare(after.Name, after.GroupID)
	if created {
		r.planCreate(ctx, req, after, resp)
		return
	}
	resp.Diagnostics.Append(before.guardRole(after)...)
	resp.Diagnostics.Append(r.Topics.PlanUpdate(before.former(), after.Name, req.Config)...)
	if !after.Name.Equal(before.Name) {
		resp.Diagnostics.Append(r.warnOfMembers(ctx, before)...)
		return
	}
	if resp.Diagnostics.HasError() || resp.Plan.Raw.Equal(req.State.Raw) {
		return
	}
	if mark, _ := req.Private.GetKey(ctx, createFailedKey); mark == nil {
		after.SeedFrom = types.StringNull()
	}
	r.planUpdate(ctx, after, before, resp)
}

// planDefaults plans what follows from other attributes.
func planDefaults(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, m *model) diag.Diagnostics {
	var declared types.Int64
	diags := req.Config.GetAttribute(ctx, path.Root("partitions"), &declared)
	if declared.IsNull() {
		m.Partitions = m.defaultPartitions()
		diags.Append(resp.Plan.SetAttribute(ctx, path.Root("partitions"), m.Partitions)...)
	}
	m.ID = m.id()
	diags.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), m.ID)...)
	return diags
}

// planCreate looks whether the topic can be created, or, where it is the create half of a replacement, what that does.
func (r *Resource) planCreate(ctx context.Context, req resource.ModifyPlanRequest, m model, resp *resource.ModifyPlanResponse) {
	creation, diags := r.Topics.PlanCreate(ctx, m.Name, req.Config, resp.Private)
	resp.Diagnostics.Append(diags...)
	if !m.decided() || resp.Diagnostics.HasError() {
		return
	}
	if creation.InPlace {
		r.planUpdate(ctx, m, m, resp)
		return
	}
	have, ok := r.inspect(ctx, m, resp)
	if !ok {
		return
	}
	if former := creation.Replaces; former != nil && former.Name == m.Name.ValueString() {
		have.Topic, have.Rebuild = nil, nil // by the time that it is created
	}
	steps, err := internaltopic.PlanCreate(have, m.spec(m))
	switch {
	case errors.Is(err, internaltopic.ErrExists):
		// No error yet: Terraform plans once more in the middle of an apply, and one that fails there leaves a
		// replacement with create_before_destroy half done, with the topic up for deletion.
		resp.Diagnostics.Append(m.existsWarning())
		return
	case err != nil:
		resp.Diagnostics.Append(m.errors("create", err)...)
		return
	}
	r.warnOfSteps(ctx, m, steps, resp)
}

// planUpdate looks whether the topic can be changed, and what that does.
func (r *Resource) planUpdate(ctx context.Context, m, before model, resp *resource.ModifyPlanResponse) {
	if !m.decided() {
		return
	}
	have, ok := r.StorageTopics.Found(m.Name.ValueString())
	if !ok {
		if have, ok = r.inspect(ctx, m, resp); !ok {
			return
		}
	}
	spec := m.spec(before)
	plan := internaltopic.Plan
	if halfSeeded(have, spec) {
		plan = internaltopic.PlanCreate
	}
	steps, err := plan(have, spec)
	if err != nil {
		resp.Diagnostics.Append(m.errors("update", err)...)
		return
	}
	r.warnOfSteps(ctx, m, steps, resp)
	if slices.ContainsFunc(steps, func(s internaltopic.Step) bool { return s.Action == internaltopic.ActionShrink }) {
		siblings, _ := json.Marshal(r.StorageTopics.OfSameGroup(spec.Name)) // strings always can
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, siblingsKey, siblings)...)
	}
}

// inspect looks at the cluster. One that cannot be asked is no error: the same apply may bring it about.
func (r *Resource) inspect(ctx context.Context, m model, resp *resource.ModifyPlanResponse) (have internaltopic.State, ok bool) {
	if r.Kafka.Unknown {
		return have, false
	}
	client, diags := r.Kafka.Client()
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return have, false
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	have, err := client.Inspect(ctx, m.Name.ValueString())
	if err != nil {
		resp.Diagnostics.Append(m.blindWarning(err))
	}
	return have, err == nil
}

// warnOfSteps tells what is to be known of the steps, with the workers that are in their way.
func (r *Resource) warnOfSteps(ctx context.Context, m model, steps []internaltopic.Step, resp *resource.ModifyPlanResponse) {
	if slices.ContainsFunc(steps, internaltopic.Step.NeedsWorkersStopped) {
		resp.Diagnostics.Append(m.stepWarnings(steps, r.members(ctx, m))...)
	}
}

// warnOfMembers tells which workers are in the way of a deletion.
func (r *Resource) warnOfMembers(ctx context.Context, m model) diag.Diagnostics {
	return m.deletionWarning(r.members(ctx, m))
}

// members are the live workers that may use the topic, as far as they can be seen.
func (r *Resource) members(ctx context.Context, m model) (live []internaltopic.Member) {
	client := r.Kafka.ClientOrNil()
	if client == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if id := m.GroupID.ValueString(); id != "" {
		group, _ := client.Group(ctx, id)
		return group.Members
	}
	groups, _ := client.ConnectGroups(ctx)
	for _, group := range groups {
		live = append(live, group.Members...)
	}
	return live
}

// decided tells whether all that the brokers have a say in is known.
func (m model) decided() bool {
	for _, value := range m.Config.Elements() {
		if value.IsUnknown() {
			return false
		}
	}
	return !m.Role.IsUnknown() && !m.Name.IsUnknown() && !m.Partitions.IsUnknown() && !m.Config.IsUnknown() &&
		!m.SeedFrom.IsUnknown() && !m.DeletionProtection.IsUnknown()
}

// guardRole refuses another role: which topic is which is for the workers to say.
func (m model) guardRole(after model) (diags diag.Diagnostics) {
	if !m.Role.IsNull() && !after.Role.IsUnknown() && !after.Role.Equal(m.Role) {
		diags.AddAttributeError(path.Root("role"), "The role of an internal topic cannot be changed",
			"Topic "+diagnostics.Quoted(m.Name.ValueString())+" is the "+m.Role.ValueString()+" topic of its group. If that was a mistake, run terraform state rm on the resource and "+
				"import the topic as "+diagnostics.Quoted(after.id().ValueString())+"; nothing on the brokers changes by that.")
	}
	return diags
}
