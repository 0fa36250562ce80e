package connector

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// classKey is the configuration key that says which connector it is.
const classKey = "connector.class"

// versionKey is the configuration key that says which version of the class, since Kafka 4.1 (KIP-891).
const versionKey = "connector.plugin.version"

// ValidateConfig reports what is wrong whatever the worker says.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m model
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	if r.Session != nil {
		resp.Diagnostics.Append(r.Connectors.Declare(m.Name)...)
	}
	resp.Diagnostics.Append(m.nullValues()...)
	resp.Diagnostics.Append(m.keysGivenTwice()...)
	resp.Diagnostics.Append(m.reservedKeys()...)
}

// nullValues refuses null values: workers store some of them and fail on them later.
func (m model) nullValues() (diags diag.Diagnostics) {
	for _, part := range m.configs() {
		for key, value := range part.values.Elements() {
			if value.IsNull() {
				diags.AddAttributeError(path.Root(part.attribute).AtMapKey(key), "Null value in a connector's configuration",
					"The value of "+diagnostics.Quoted(key)+" is null, which workers do not take for absent. Leave the key out, or give it a value.")
			}
		}
	}
	return diags
}

// keysGivenTwice refuses keys in two of the maps.
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

// reservedKeys checks the two keys that have a meaning for Connect itself.
func (m model) reservedKeys() (diags diag.Diagnostics) {
	config := m.Config.Elements()
	name, ok := config[nameKey].(types.String)
	if ok && !name.IsNull() && !name.IsUnknown() && !m.Name.IsUnknown() && name.ValueString() != m.Name.ValueString() {
		diags.AddAttributeError(path.Root("config").AtMapKey(nameKey), "Connector name given twice",
			"The key \"name\" is "+diagnostics.Quoted(name.ValueString())+" and the attribute name is "+diagnostics.Quoted(m.Name.ValueString())+
				". Remove the key: workers set it themselves.")
	}
	if attribute, ok := m.declares(nameKey); ok && attribute != "config" {
		diags.AddAttributeError(path.Root(attribute).AtMapKey(nameKey), "Connector name given twice",
			"The name of a connector is the attribute name. Remove the key.")
	}
	if !m.Config.IsUnknown() && !tfvalue.Has(config, classKey) {
		diags.AddAttributeError(path.Root("config"), "Missing connector class",
			"The key \"connector.class\" is missing. Give the class of the connector, such as \"org.apache.kafka.connect.file.FileStreamSourceConnector\".")
	}
	return diags
}

// connectorName refuses names that a worker would take and could not address afterwards.
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

// ModifyPlan guards what must not be deleted, plans what follows from known values, and tells the delete half of a
// replacement that it is to keep the connector (see ledger).
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var before, after model
	var diags diag.Diagnostics
	created, destroyed := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	if !created {
		resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
	}
	if !destroyed {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &after)...)
		after.ConfigWO, diags = configWriteOnly(ctx, req.Config)
		resp.Diagnostics.Append(diags...)
	}
	if resp.Diagnostics.HasError() || r.Session == nil {
		return
	}
	switch {
	case destroyed:
		resp.Diagnostics.Append(r.Connectors.PlanDestroy(ctx, before.former(), resp.Private)...)
		return
	case created:
		creation, diags := r.Connectors.PlanCreate(ctx, after.Name, req.Config, resp.Private)
		if resp.Diagnostics.Append(diags...); creation.InPlace {
			resp.Diagnostics.Append(repairedInPlaceWarning(after.Name.ValueString()))
		}
	default:
		resp.Diagnostics.Append(r.Connectors.PlanUpdate(before.former(), after.Name, req.Config)...)
	}
	if !created && after.typeMayDiffer(before) {
		after.Type = types.StringUnknown()
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("type"), after.Type)...)
	}
	if !after.Name.IsUnknown() {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), after.Name)...)
	}
	secretsChange := r.planWriteOnly(ctx, req, before, after, resp)
	if created || secretsChange || !after.Config.Equal(before.Config) || !after.ConfigSensitive.Equal(before.ConfigSensitive) {
		resp.Diagnostics.Append(r.validate(ctx, after)...)
	}
}

// typeMayDiffer tells whether the class, which decides the type, is another one, or not yet known.
func (m model) typeMayDiffer(before model) bool {
	now, known := m.Config.Elements()[classKey]
	then := before.Config.Elements()[classKey]
	return !known || !now.Equal(then)
}
