package topic

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// ValidateConfig reports mistakes that do not depend on the cluster.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m model
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	if r.Session != nil {
		r, diags := r.in(m.Cluster)
		if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
			return
		}
		resp.Diagnostics.Append(r.Topics.Declare(m.Name)...)
	}
	for key, value := range m.Config.Elements() {
		if value.IsNull() {
			resp.Diagnostics.AddAttributeError(path.Root("config").AtMapKey(key), "Null value in a topic's settings",
				"The value of "+diagnostics.Quoted(key)+" is null. Give it a value, or remove the key to reset the setting to the broker's default.")
		}
		if meant := workerconfig.TopicSettingOfBroker(key); meant != "" {
			resp.Diagnostics.AddAttributeError(path.Root("config").AtMapKey(key), "Not a topic setting",
				diagnostics.Quoted(key)+" is a setting of brokers, not of topics: did you mean "+diagnostics.Quoted(meant)+"?")
		}
	}
	if !m.Connectors.IsNull() && !m.Role.IsUnknown() && m.Role.ValueString() != string(internaltopic.RoleOffset) {
		resp.Diagnostics.AddAttributeError(path.Root("connectors"), "Only an offset topic can belong to connectors",
			"connectors is set, but role is "+diagnostics.Quoted(m.Role.ValueString())+". Connectors have no config or status topic of their own. Remove connectors, or set role to \"offset\".")
	}
	if m.Role.IsUnknown() || m.Name.IsUnknown() {
		return
	}
	if err := m.spec(m).Validate(); err != nil {
		resp.Diagnostics.Append(diagnose("plan", m.identity(), err)...)
	}
}

// ModifyPlan plans the defaults and refuses to delete a protected topic. It then reads the topic on the brokers, and
// reports what the apply will refuse and which workers have to be stopped.
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
	if created {
		before.Cluster = after.Cluster // null would count as a use of the default cluster
	}
	from, diags := r.in(before.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if destroyed {
		resp.Diagnostics.Append(from.Topics.PlanDestroy(ctx, before.former(), resp.Private)...)
		resp.Diagnostics.Append(from.deletionWarning(ctx, before)...)
		return
	}
	if r, diags = r.in(after.Cluster); diags.HasError() {
		resp.Diagnostics.Append(diags...)
		return
	}
	resp.Diagnostics.Append(planDefaults(ctx, req, resp, before, &after)...)
	resp.Diagnostics.Append(r.declare(after)...)
	if created {
		r.planCreate(ctx, req, after, resp)
		return
	}
	resp.Diagnostics.Append(guardRole(before, after)...)
	if after.Name.Equal(before.Name) && from.Cluster != r.Cluster && from.SameBrokers(r.Session) {
		resp.Diagnostics.Append(sameTopicError(before.identity(), after.identity()))
		return
	}
	resp.Diagnostics.Append(from.Topics.PlanUpdate(ctx, before.former(), after.former(), false, resp.Private)...)
	if !after.Name.Equal(before.Name) || !after.Cluster.Equal(before.Cluster) {
		resp.Diagnostics.Append(from.deletionWarning(ctx, before)...)
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

// declare tells the session about the topic. It refuses a topic that does not fit the workers that use it.
func (r *Resource) declare(m model) diag.Diagnostics {
	r.StorageTopics.Declare(m.Name, m.GroupID, m.Partitions, m.Connectors)
	return r.StorageTopics.Conflicts(m.Name.ValueString(), path.Root("connectors"))
}

// planDefaults plans the values that follow from other attributes. If partitions is not declared, a topic in the state keeps
// its number.
func planDefaults(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, before model, m *model) diag.Diagnostics {
	declared, diags := declaresPartitions(ctx, req)
	if !declared {
		switch m.Partitions = m.defaultPartitions(); {
		case m.Name.IsUnknown() && m.keepsPartitions():
			m.Partitions = types.Int64Unknown() // a topic of that name may exist, and keeps its number
		case m.Name.Equal(before.Name) && m.keepsPartitions() && !before.Partitions.IsNull():
			m.Partitions = before.Partitions
		}
		diags.Append(resp.Plan.SetAttribute(ctx, path.Root("partitions"), m.Partitions)...)
	}
	m.ID = m.id()
	diags.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), m.ID)...)
	return diags
}

// planCreate checks whether the topic can be created. The creation may be the second half of a replacement.
func (r *Resource) planCreate(ctx context.Context, req resource.ModifyPlanRequest, m model, resp *resource.ModifyPlanResponse) {
	creation, diags := r.Topics.PlanCreate(ctx, m.Name, req.Private, resp.Private)
	resp.Diagnostics.Append(diags...)
	if creation.InPlace {
		resp.Diagnostics.Append(r.planPartitionsInPlace(ctx, req, &m, resp)...)
	}
	if !m.fullyKnown() || resp.Diagnostics.HasError() {
		return
	}
	if creation.InPlace {
		r.planUpdate(ctx, m, m, resp)
		return
	}
	have, ok := r.inspect(ctx, m.Name, resp)
	if !ok {
		resp.Diagnostics.Append(unknownSettings(m)...)
		return
	}
	if former := creation.Replaces; former != nil && former.Name == m.Name.ValueString() && former.Cluster == r.Cluster {
		have.Topic, have.Rebuild = nil, nil // Delete runs before Create
	}
	steps, err := internaltopic.PlanCreate(have, m.spec(m))
	switch {
	case errors.Is(err, internaltopic.ErrExists):
		// Terraform plans a resource again during an apply. With create_before_destroy, an error there would interrupt
		// the replacement and leave the existing topic to be deleted. Create returns the error instead.
		resp.Diagnostics.Append(existsWarning(m.identity()))
	case err != nil:
		resp.Diagnostics.Append(diagnose("create", m.identity(), err)...)
	default:
		resp.Diagnostics.Append(r.validateSettings(ctx, m, "create", steps)...)
		r.checkSteps(ctx, m, steps, resp)
	}
}

func declaresPartitions(ctx context.Context, req resource.ModifyPlanRequest) (bool, diag.Diagnostics) {
	var declared types.Int64
	diags := req.Config.GetAttribute(ctx, path.Root("partitions"), &declared)
	return !declared.IsNull(), diags
}

// planPartitionsInPlace plans that an existing topic, which Create converges, keeps its number of partitions unless the
// number is declared.
func (r *Resource) planPartitionsInPlace(ctx context.Context, req resource.ModifyPlanRequest, m *model, resp *resource.ModifyPlanResponse) diag.Diagnostics {
	declared, diags := declaresPartitions(ctx, req)
	if declared || diags.HasError() || !m.keepsPartitions() {
		return diags
	}
	have, ok := r.have(ctx, m.Name, resp)
	if !ok || !have.Exists() {
		return diags
	}
	m.Partitions = fromBrokers(have).Partitions
	r.StorageTopics.Declare(m.Name, m.GroupID, m.Partitions, m.Connectors)
	diags.Append(resp.Plan.SetAttribute(ctx, path.Root("partitions"), m.Partitions)...)
	return diags
}

// planUpdate checks whether the topic can be changed.
func (r *Resource) planUpdate(ctx context.Context, m, before model, resp *resource.ModifyPlanResponse) {
	if !m.fullyKnown() {
		return
	}
	have, ok := r.have(ctx, m.Name, resp)
	if !ok {
		resp.Diagnostics.Append(unknownSettings(m)...)
		return
	}
	spec := m.spec(before)
	plan := internaltopic.Plan
	if halfSeeded(have, spec) {
		plan = internaltopic.PlanCreate
	}
	steps, err := plan(have, spec)
	if err != nil {
		resp.Diagnostics.Append(diagnose("update", m.identity(), err)...)
		return
	}
	resp.Diagnostics.Append(r.validateSettings(ctx, m, "update", steps)...)
	r.checkSteps(ctx, m, steps, resp)
}

// validateSettings asks the brokers whether they accept the planned settings. Without an answer, it leaves that to the apply.
func (r *Resource) validateSettings(ctx context.Context, m model, verb string, steps []internaltopic.Step) (diags diag.Diagnostics) {
	client := r.Kafka.ClientOrNil()
	if client == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	for _, refusal := range client.Validate(ctx, steps) {
		diags.Append(diagnose(verb, m.identity(), refusal)...)
	}
	return diags
}

// have returns the topic as Read found it, or reads it.
func (r *Resource) have(ctx context.Context, name types.String, resp *resource.ModifyPlanResponse) (internaltopic.State, bool) {
	if have, ok := r.StorageTopics.Found(name.ValueString()); ok {
		return have, true
	}
	return r.inspect(ctx, name, resp)
}

// inspect reads the topic. A failure is only a warning, because the same apply may start the cluster.
func (r *Resource) inspect(ctx context.Context, name types.String, resp *resource.ModifyPlanResponse) (have internaltopic.State, ok bool) {
	if r.Kafka.Unknown {
		return have, false
	}
	client, diags := r.Kafka.Client()
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return have, false
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	have, err := client.Inspect(ctx, name.ValueString())
	if err != nil {
		resp.Diagnostics.Append(uncheckedWarning(name, err))
	}
	return have, err == nil
}

// checkSteps reports what would make the apply fail, and warns of steps that need the workers stopped.
func (r *Resource) checkSteps(ctx context.Context, m model, steps []internaltopic.Step, resp *resource.ModifyPlanResponse) {
	resp.Diagnostics.Append(r.findRefusals(ctx, m, steps)...)
	if slices.ContainsFunc(steps, internaltopic.Step.NeedsWorkersStopped) {
		resp.Diagnostics.Append(stepWarnings(m.Name, steps, r.liveMembers(ctx, m))...)
	}
}

// findRefusals asks the brokers for what would make the apply fail. A missing permission is only a warning, because the
// same apply may grant it.
func (r *Resource) findRefusals(ctx context.Context, m model, steps []internaltopic.Step) (diags diag.Diagnostics) {
	client := r.Kafka.ClientOrNil()
	if client == nil || len(steps) == 0 {
		return nil
	}
	checkCtx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	warnings, err := client.Check(checkCtx, steps, r.options(ctx, m, nil))
	for _, text := range warnings {
		diags.AddAttributeWarning(path.Root("partitions"), title(m.Name)+" can be changed with a side effect", text)
	}
	switch _, wrong := errors.AsType[*internaltopic.SpecError](err); {
	case err == nil:
	case wrong, internaltopic.Refused(err):
		diags.Append(diagnose("change", m.identity(), err)...)
	default:
		diags.Append(uncheckedWarning(m.Name, err))
	}
	return diags
}

// liveMembers returns the running workers that may use the topic. They are for warnings only, so errors are ignored.
func (r *Resource) liveMembers(ctx context.Context, m model) (live []internaltopic.Member) {
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

// guardRole refuses to change the role. The configuration of the workers decides which role a topic has.
func guardRole(before, after model) (diags diag.Diagnostics) {
	if !before.Role.IsNull() && !after.Role.IsUnknown() && !after.Role.Equal(before.Role) {
		diags.AddAttributeError(path.Root("role"), "The role of an internal topic cannot be changed",
			"Topic "+diagnostics.Quoted(before.Name.ValueString())+" is the "+before.Role.ValueString()+" topic of its group. To correct a wrong role, run terraform state rm "+
				"with the address of the resource. Then import the topic with the id "+diagnostics.Quoted(after.id().ValueString())+". This does not change the topic on the brokers.")
	}
	return diags
}
