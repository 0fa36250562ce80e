package connector

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// ValidateConfig reports mistakes that can be found without a worker.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m model
	if resp.Diagnostics.Append(tfvalue.Get(ctx, req.Config, &m)...); resp.Diagnostics.HasError() {
		return
	}
	if r.Session != nil {
		r, diags := r.in(m.Cluster)
		if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
			return
		}
		resp.Diagnostics.Append(r.Connectors.Declare(m.Name)...)
	}
	_, diags := r.offsetsFrom(ctx, m)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(m.nullValues()...)
	resp.Diagnostics.Append(m.keysGivenTwice()...)
	resp.Diagnostics.Append(m.reservedKeys()...)
}

// nullValues rejects null values. Workers store some of them and fail later.
func (m model) nullValues() (diags diag.Diagnostics) {
	for _, part := range m.configs() {
		for key, value := range part.values.Elements() {
			if value.IsNull() {
				diags.AddAttributeError(path.Root(part.attribute).AtMapKey(key), "Null value in a connector's configuration",
					"The value of "+diagnostics.Quoted(key)+" is null. Workers do not treat a null value as a missing key. Remove the key, or set a value.")
			}
		}
	}
	return diags
}

// keysGivenTwice rejects keys that two of the maps declare.
func (m model) keysGivenTwice() (diags diag.Diagnostics) {
	givenIn := map[string]string{}
	for _, part := range m.configs() {
		for key := range part.values.Elements() {
			if first, twice := givenIn[key]; twice {
				diags.AddAttributeError(path.Root(part.attribute).AtMapKey(key), "Configuration key given twice",
					diagnostics.Quoted(key)+" is in "+first+" and in "+part.attribute+". Remove it from one of them.")
			}
			givenIn[key] = part.attribute
		}
	}
	return diags
}

// reservedKeys checks name and connector.class.
func (m model) reservedKeys() (diags diag.Diagnostics) {
	config := m.Config.Elements()
	name, ok := config[nameKey].(types.String)
	if ok && !name.IsNull() && !name.IsUnknown() && !m.Name.IsUnknown() && name.ValueString() != m.Name.ValueString() {
		diags.AddAttributeError(path.Root("config").AtMapKey(nameKey), "Connector name given twice",
			"The key \"name\" is "+diagnostics.Quoted(name.ValueString())+" and the attribute name is "+diagnostics.Quoted(m.Name.ValueString())+
				". Remove the key: workers set it.")
	}
	if attribute, ok := m.declares(nameKey); ok && attribute != "config" {
		diags.AddAttributeError(path.Root(attribute).AtMapKey(nameKey), "Connector name given twice",
			"The attribute \"name\" sets the name of the connector. Remove the key \"name\" from "+attribute+".")
	}
	if !m.Config.IsUnknown() && !tfvalue.Has(config, classKey) {
		diags.AddAttributeError(path.Root("config"), "Missing connector class",
			"The key \"connector.class\" is missing. Set it to the class of the connector, such as \"org.apache.kafka.connect.file.FileStreamSourceConnector\".")
	}
	return diags
}

// connectorName rejects names that a worker would accept at creation and could not find afterwards.
type connectorName struct{}

func (connectorName) Description(context.Context) string {
	return "must be a name that the REST API can address"
}

func (v connectorName) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (connectorName) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := connectclient.ValidName(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid connector name", diagnostics.Sentence(err.Error()))
	}
}

// ModifyPlan decides how a replacement is executed (see [session.Objects]), and whether a changed name or cluster is one. It plans
// what follows from known values, and lets the worker validate a configuration that changes.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var before, after model
	created, destroyed := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	if !created {
		resp.Diagnostics.Append(tfvalue.Get(ctx, req.State, &before)...)
	}
	if !destroyed {
		resp.Diagnostics.Append(tfvalue.Get(ctx, req.Plan, &after)...)
		resp.Diagnostics.Append(after.getWriteOnly(ctx, req.Config)...)
	}
	if resp.Diagnostics.HasError() || r.Session == nil {
		return
	}
	if created {
		before.Cluster = after.Cluster // null would count as a use of the default cluster
	}
	from, diags := r.in(before.Cluster)
	resp.Diagnostics.Append(diags...)
	if r = from; !destroyed {
		r, diags = r.in(after.Cluster)
		resp.Diagnostics.Append(diags...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if client := r.ConnectClient(); client != nil && !req.Plan.Raw.Equal(req.State.Raw) {
		resp.Diagnostics.Append(r.checkWorkers(ctx, client, created)...)
	}
	switch {
	case destroyed:
		if before.State.ValueString() == stateUnreachable && !r.Applying.Load() {
			resp.Diagnostics.Append(r.ReportDestroy()...)
		}
		resp.Diagnostics.Append(r.Connectors.PlanDestroy(ctx, before.former(), resp.Private)...)
		return
	case created:
		r.planCreate(ctx, after, req, resp)
	default:
		r.planUpdate(ctx, from, before, after, resp)
	}
	if !created && (after.typeMayChange(before) || before.Type.IsNull()) { // null: moved here, and not read since
		after.Type = types.StringUnknown()
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("type"), after.Type)...)
	}
	if id := after.id(); !id.Equal(after.ID) && (!id.IsUnknown() || !created) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), id)...)
	}
	r.planConfig(ctx, from, before, after, req, resp)
}

// planCreate plans a new connector, or the second part of a replacement.
func (r *Resource) planCreate(ctx context.Context, after model, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	creation, diags := r.Connectors.PlanCreate(ctx, after.Name, req.Private, resp.Private)
	resp.Diagnostics.Append(diags...)
	if creation.InPlace {
		resp.Diagnostics.Append(repairedInPlaceWarning(after.Name.ValueString()))
	} else if former := creation.Replaces; former == nil || former.Name != after.Name.ValueString() || former.Cluster != r.Cluster {
		resp.Diagnostics.Append(r.checkName(ctx, after, false)...)
	}
	if !creation.InPlace {
		resp.Diagnostics.Append(r.planOffsetsFrom(ctx, after)...)
	}
}

// planUpdate plans a connector that the state has. A changed name or cluster is a move, or a replacement.
func (r *Resource) planUpdate(ctx context.Context, from *Resource, before, after model, resp *resource.ModifyPlanResponse) {
	moves := false
	if after.movesFrom(before) {
		replaces, diags := r.planMove(ctx, from, before, after)
		if resp.Diagnostics.Append(diags...); replaces {
			resp.RequiresReplace = append(resp.RequiresReplace, after.changed(before))
		}
		if moves = !replaces; moves {
			resp.Diagnostics.Append(r.Connectors.Take(after.Name)...)
		}
	}
	resp.Diagnostics.Append(from.Connectors.PlanUpdate(ctx, before.former(), after.former(), moves, resp.Private)...)
}

// planConfig plans what the worker is to receive. From is the cluster in which the connector is.
func (r *Resource) planConfig(ctx context.Context, from *Resource, before, after model, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	created := req.State.Raw.IsNull()
	held := place{Session: from.Session, name: before.Name.ValueString()}
	if created {
		held.name = after.Name.ValueString()
	}
	secretsChange := r.planWriteOnly(ctx, held, req, before, after, resp)
	changes := secretsChange || sendsConfig(before, after)
	if changes && !created {
		known, diags := readMemory(ctx, req.Private)
		known.applied = before.applied()
		resp.Diagnostics.Append(append(diags, r.planMasks(ctx, held, after, known, after.movesFrom(before))...)...)
		resp.Diagnostics.Append(r.planRollback(ctx, held, before, after)...)
	}
	if (changes || created) && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.validate(ctx, held, after, r.appliesAlready(created))...)
		resp.Diagnostics.Append(r.checkDeadLetters(ctx, after, r.appliesAlready(created))...)
	}
}

// appliesAlready reports whether the resource is planned again in an apply, as far as that can be told. Terraform passes
// nothing of the first plan to the second one. It reads an object before it plans an update, except in an apply and with
// -refresh=false; a creation in an apply looks like one in a plan until something was applied.
func (r *Resource) appliesAlready(created bool) bool {
	return r.Applying.Load() || !created && !r.Planning.Load()
}

// checkWorkers reports once in a run that no worker answers, or that the workers belong to different clusters. For an object
// in the state, Read has asked the workers.
func (r *Resource) checkWorkers(ctx context.Context, client *connectclient.Client, created bool) diag.Diagnostics {
	if !r.appliesAlready(created) {
		if found := r.NoWorker(ctx, client); found != nil {
			return r.Report(found)
		}
	}
	return append(r.CheckMembers(ctx, client), r.CheckShared(ctx)...)
}

// checkName finds out in the plan that the name of a new connector, or the new name of one that moves, is taken on the worker. If that
// connector has the declared configuration, there is a warning, else an error. A connector that the state has is left to the operations: it is tainted, or another
// resource of the state gives the name up.
func (r *Resource) checkName(ctx context.Context, m model, moves bool) (diags diag.Diagnostics) {
	client, name := r.ConnectClient(), m.Name.ValueString()
	if client == nil || name == "" || r.Applying.Load() || r.Connectors.Stored(name) {
		return nil
	}
	var have connectclient.Connector
	err := r.Ask(ctx, client, func(ctx context.Context) (err error) {
		ctx, cancel := context.WithTimeout(ctx, readTimeout)
		defer cancel()
		have, err = client.Find(ctx, name)
		return err
	})
	if err != nil || have.Name == "" || r.Connectors.Stored(name) { // which may have been loaded since
		return nil
	}
	switch differ := m.differences(have, m.isPassword(ctx, client)); {
	case len(differ) == 0 && moves:
		diags.Append(willBeCompletedWarning(name))
	case len(differ) == 0:
		diags.Append(willBeAdoptedWarning(name))
	case moves:
		diags.AddAttributeError(path.Root("name"), "Unable to create "+quoted(name), takenDetail(differ))
	default:
		diags.AddAttributeError(path.Root("name"), "Unable to create "+quoted(name), existsDetail(name, differ))
	}
	return diags
}

// differences returns the sorted keys whose values on the worker are not the declared ones, as far as both are known.
func (m model) differences(have connectclient.Connector, isPassword func(key string) bool) []string {
	want := m.desired(isPassword)
	differ := slices.Clone(have.NullKeys)
	for key, value := range want.config {
		held, exists := have.Config[key]
		if !exists || held != value && !want.isMask(key, held) {
			differ = append(differ, key)
		}
	}
	for key := range have.Config {
		if _, declared := m.declares(key); !declared && key != nameKey && !m.isUnknown(key) && !slices.Contains(want.ignored, key) {
			differ = append(differ, key)
		}
	}
	slices.Sort(differ)
	return slices.Compact(differ)
}

// typeMayChange reports whether the class, which decides the type, changes or is unknown.
func (m model) typeMayChange(before model) bool {
	class, known := m.Config.Elements()[classKey]
	return !known || !class.Equal(before.Config.Elements()[classKey])
}
