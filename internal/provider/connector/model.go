package connector

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// Values of `state`. A configuration declares one of the first three. Read and failed applies store other states that
// the worker reports, so that the next plan shows a change.
const (
	stateRunning = string(connectclient.StateRunning)
	statePaused  = string(connectclient.StatePaused)
	stateStopped = string(connectclient.StateStopped)
	stateFailed  = string(connectclient.StateFailed)

	stateUnreachable = "UNREACHABLE" // no worker answered
)

// targetStates are the values of `state` that can be declared.
var targetStates = []string{stateRunning, statePaused, stateStopped}

// Values of `on_failure`.
const (
	onFailureRestart = "restart"
	onFailureWarn    = "warn"
	onFailureIgnore  = "ignore"
)

// Keys of a connector's configuration that have a meaning for this resource.
const (
	nameKey    = "name"                     // Connect adds it to every configuration
	classKey   = "connector.class"          // the connector plugin
	versionKey = "connector.plugin.version" // the version of the plugin, since Kafka 4.1 (KIP-891)
)

// model is the resource in configuration, plan and state.
type model struct {
	Name                  types.String   `tfsdk:"name"`
	Config                types.Map      `tfsdk:"config"`
	Cluster               types.String   `tfsdk:"cluster"`
	ConfigSensitive       types.Map      `tfsdk:"config_sensitive"`
	ConfigWO              types.Map      `tfsdk:"config_wo"` // null in plan and state
	ConfigWOVersion       types.Int64    `tfsdk:"config_wo_version"`
	State                 types.String   `tfsdk:"state"`
	OnFailure             types.String   `tfsdk:"on_failure"`
	OnUpdateFailure       types.String   `tfsdk:"on_update_failure"`
	IgnoredConfigKeys     types.Set      `tfsdk:"ignored_config_keys"`
	Validate              types.Bool     `tfsdk:"validate"`
	InitialOffsets        types.List     `tfsdk:"initial_offsets"`
	OffsetsFrom           types.Object   `tfsdk:"offsets_from"`
	ResetOffsetsOnDestroy types.Bool     `tfsdk:"reset_offsets_on_destroy"`
	DeletionProtection    types.Bool     `tfsdk:"deletion_protection"`
	Timeouts              timeouts.Value `tfsdk:"timeouts"`
	ID                    types.String   `tfsdk:"id"`
	Type                  types.String   `tfsdk:"type"`
	ConfigWORevision      types.Int64    `tfsdk:"config_wo_revision"`
}

// Types of the nested attributes.
var (
	offsetType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"partition": jsontypes.NormalizedType{}, "offset": jsontypes.NormalizedType{},
	}}
	offsetsFromTypes = map[string]attr.Type{"name": types.StringType, "cluster": types.StringType}
	timeoutTypes     = map[string]attr.Type{
		"create": types.StringType, "read": types.StringType, "update": types.StringType, "delete": types.StringType,
	}
)

// fromConnect converts the answer of a worker. What only Terraform knows has its default. The whole configuration,
// secrets included, is in Config, and State is the state that the worker reports. The rules for drift are in drift.go.
func fromConnect(got connectclient.Connector, status connectclient.Status) model {
	config := make(map[string]attr.Value, len(got.Config)+len(got.NullKeys))
	for key, value := range got.Config {
		config[key] = types.StringValue(value)
	}
	for _, key := range got.NullKeys {
		config[key] = types.StringNull()
	}
	return model{
		Name:                  types.StringValue(got.Name),
		Config:                types.MapValueMust(types.StringType, config),
		ConfigSensitive:       types.MapNull(types.StringType),
		ConfigWO:              types.MapNull(types.StringType),
		State:                 types.StringValue(string(cmp.Or(status.Connector.State, connectclient.StateUnassigned))),
		OnFailure:             types.StringValue(onFailureRestart),
		OnUpdateFailure:       types.StringValue(onUpdateFailureKeep),
		IgnoredConfigKeys:     types.SetNull(types.StringType),
		Validate:              types.BoolValue(true),
		InitialOffsets:        types.ListNull(offsetType),
		OffsetsFrom:           types.ObjectNull(offsetsFromTypes),
		ResetOffsetsOnDestroy: types.BoolValue(false),
		DeletionProtection:    types.BoolValue(false),
		Timeouts:              timeouts.Value{Object: types.ObjectNull(timeoutTypes)},
		ID:                    types.StringValue(got.Name),
		Type:                  types.StringValue(got.Type),
	}
}

// desired is what a configuration declares, without Terraform's types.
type desired struct {
	name      string
	config    map[string]string // the keys of all three maps
	hidden    map[string]bool   // the keys of config_sensitive and config_wo
	ignored   []string          // keys whose values on the worker stay as they are
	state     connectclient.State
	restart   bool // restart what is FAILED
	onFailure string

	isPassword func(key string) bool // whether the plugin defines the key as PASSWORD

	rollback *rollback // what an update does if the connector fails; nil if the connector keeps the new configuration
}

// desired converts what is declared. Unknown values are left out. isPassword tells which keys the plugin defines as PASSWORD.
func (m model) desired(isPassword func(key string) bool) desired {
	config, hidden := map[string]string{}, map[string]bool{}
	for _, part := range m.configs() {
		for key, value := range tfvalue.StringMap(part.values) {
			config[key], hidden[key] = value, part.attribute != "config"
		}
	}
	return desired{
		name:      m.Name.ValueString(),
		config:    config,
		hidden:    hidden,
		ignored:   tfvalue.StringSet(m.IgnoredConfigKeys),
		state:     connectclient.State(m.State.ValueString()),
		restart:   m.restartsFailures(),
		onFailure: m.OnFailure.ValueString(),

		isPassword: isPassword,
	}
}

// hide returns a context that hides the secrets of the configuration in the worker's messages: the values of
// config_sensitive and config_wo, and what is a secret in config. isPassword may be nil, see [secret.Values].
func (m model) hide(ctx context.Context, isPassword func(key string) bool) context.Context {
	for _, values := range []types.Map{m.ConfigSensitive, m.ConfigWO} {
		ctx = connectclient.WithSecrets(ctx, slices.Collect(maps.Values(tfvalue.StringMap(values)))...)
	}
	return connectclient.WithConfig(ctx, tfvalue.StringMap(m.Config), isPassword)
}

// isPassword returns a function that reports whether the plugin defines a key as PASSWORD.
func (m model) isPassword(ctx context.Context, client *connectclient.Client) func(key string) bool {
	class, _ := m.Config.Elements()[classKey].(types.String)
	if class.ValueString() == "" {
		return func(string) bool { return false }
	}
	return client.IsPassword(ctx, class.ValueString())
}

// configPart is one of the maps that make up a configuration.
type configPart struct {
	attribute string
	values    types.Map
}

// configs returns the maps that make up the configuration.
func (m model) configs() []configPart {
	return []configPart{{"config", m.Config}, {"config_sensitive", m.ConfigSensitive}, {"config_wo", m.ConfigWO}}
}

// declares returns the map that declares the configuration key.
func (m model) declares(key string) (attribute string, ok bool) {
	for _, part := range m.configs() {
		if tfvalue.Has(part.values.Elements(), key) {
			return part.attribute, true
		}
	}
	return "", false
}

// keyPath returns where the configuration declares a key. Workers may shorten the key of an override to its end:
// linger.ms for producer.override.linger.ms.
func (m model) keyPath(key string) path.Path {
	if attribute, ok := m.declares(key); ok {
		return path.Root(attribute).AtMapKey(key)
	}
	for _, part := range m.configs() {
		for declared := range part.values.Elements() {
			if strings.HasSuffix(declared, ".override."+key) {
				return path.Root(part.attribute).AtMapKey(declared)
			}
		}
	}
	return path.Root("config")
}

// restartsFailures reports whether an apply restarts what is FAILED.
func (m model) restartsFailures() bool {
	return m.OnFailure.IsNull() || m.OnFailure.ValueString() == onFailureRestart
}

// former returns what the session needs to know about the object in the prior state.
func (m model) former() session.Former {
	return session.Former{Cluster: m.Cluster.ValueString(), Name: m.Name.ValueString(), Protected: m.DeletionProtection.ValueBool()}
}

// id returns the value of `id`. It is unknown if the name or the cluster is.
func (m model) id() types.String { return session.ObjectID(m.Cluster, m.Name) }

// setComputed sets the attributes that only the worker knows, for a connector that is as planned.
func (m *model) setComputed(got connectclient.Connector) {
	m.ID = m.id()
	m.Type = types.StringValue(got.Type)
}

// stored returns the model without write-only values, as the state stores it.
func (m model) stored() model {
	m.ConfigWO = types.MapNull(types.StringType)
	return m
}
