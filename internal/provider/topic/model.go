package topic

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// model is the resource in configuration, plan and state.
type model struct {
	Role               types.String   `tfsdk:"role"`
	Name               types.String   `tfsdk:"name"`
	Cluster            types.String   `tfsdk:"cluster"`
	Partitions         types.Int64    `tfsdk:"partitions"`
	ReplicationFactor  types.Int64    `tfsdk:"replication_factor"`
	Config             types.Map      `tfsdk:"config"`
	GroupID            types.String   `tfsdk:"group_id"`
	Connectors         types.Set      `tfsdk:"connectors"`
	SeedFrom           types.String   `tfsdk:"seed_from"`
	DeletionProtection types.Bool     `tfsdk:"deletion_protection"`
	SkipChecks         types.Set      `tfsdk:"skip_checks"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
	ID                 types.String   `tfsdk:"id"`
	CleanupPolicy      types.String   `tfsdk:"cleanup_policy"`
}

// timeoutTypes are the types of the attributes of timeouts.
var timeoutTypes = map[string]attr.Type{
	"create": types.StringType, "read": types.StringType, "update": types.StringType, "delete": types.StringType,
}

// id returns role/name, or cluster/role/name. It is unknown if one of them is.
func (m model) id() types.String { return m.identity().id() }

// former returns what the session needs to know of a topic in the state.
func (m model) former() session.Former {
	return session.Former{Cluster: m.Cluster.ValueString(), Name: m.Name.ValueString(), Protected: m.DeletionProtection.ValueBool()}
}

// spec converts the declared values, and leaves out those that are unknown. Settings in the config of before that m does
// not declare are reset to the broker's default.
func (m model) spec(before model) internaltopic.Spec {
	spec := internaltopic.Spec{
		Role:              internaltopic.Role(m.Role.ValueString()),
		Name:              m.Name.ValueString(),
		Partitions:        int(m.Partitions.ValueInt64()),
		ReplicationFactor: int(m.ReplicationFactor.ValueInt64()),
		Config:            tfvalue.StringMap(m.Config),
		SeedFrom:          m.SeedFrom.ValueString(),
		AllowDeletion:     m.DeletionProtection.Equal(types.BoolValue(false)),
		SkipChecks:        m.skipChecks(),
	}
	declared := m.Config.Elements()
	for key := range before.Config.Elements() {
		if !tfvalue.Has(declared, key) && !m.Config.IsUnknown() {
			spec.Unset = append(spec.Unset, key)
		}
	}
	slices.Sort(spec.Unset)
	return spec
}

func (m model) skipChecks() (checks []internaltopic.Check) {
	for _, element := range m.SkipChecks.Elements() {
		if name, ok := element.(types.String); ok && name.ValueString() != "" {
			checks = append(checks, internaltopic.Check(name.ValueString()))
		}
	}
	return checks
}

// defaultPartitions returns the number of partitions of a topic that declares none.
func (m model) defaultPartitions() types.Int64 {
	if m.Role.IsUnknown() {
		return types.Int64Unknown()
	}
	return types.Int64Value(int64(internaltopic.Role(m.Role.ValueString()).DefaultPartitions()))
}

// keepsPartitions reports whether an existing topic keeps its number of partitions if none is declared. The config topic
// does not, because it must have 1.
func (m model) keepsPartitions() bool {
	return m.Role.ValueString() != string(internaltopic.RoleConfig)
}

// fullyKnown reports whether every value that the brokers can refuse is known.
func (m model) fullyKnown() bool {
	for _, value := range m.Config.Elements() {
		if value.IsUnknown() {
			return false
		}
	}
	return !m.Role.IsUnknown() && !m.Name.IsUnknown() && !m.Cluster.IsUnknown() && !m.Partitions.IsUnknown() && !m.Config.IsUnknown() &&
		!m.SeedFrom.IsUnknown() && !m.DeletionProtection.IsUnknown() && !m.SkipChecks.IsUnknown()
}

// fromBrokers converts a topic that exists on the brokers. Attributes that the brokers do not know are null. Config has
// all settings of the topic except cleanup.policy and those that an unfinished rebuild has overwritten.
func fromBrokers(state internaltopic.State) model {
	topic, settings := topicOrCopy(state), map[string]attr.Value{}
	for key, value := range topic.Config {
		if key != internaltopic.KeyCleanupPolicy && !overwritten(state, key) {
			settings[key] = types.StringValue(value)
		}
	}
	m := model{
		Name:              types.StringValue(topic.Name),
		Partitions:        types.Int64Value(int64(topic.Partitions())),
		ReplicationFactor: types.Int64Value(int64(topic.ReplicationFactor())),
		Config:            types.MapNull(types.StringType),
		CleanupPolicy:     types.StringValue(topic.Effective[internaltopic.KeyCleanupPolicy]),
	}
	if len(settings) > 0 {
		m.Config = types.MapValueMust(types.StringType, settings)
	}
	return m
}

// observe updates a model with the topic on the brokers, so that a difference from the declared values becomes a change
// in the next plan. Only settings in the config of m or before are shown.
func (m *model) observe(state internaltopic.State, before model) {
	actual := fromBrokers(state)
	m.Partitions = actual.Partitions
	m.ReplicationFactor = actual.ReplicationFactor
	m.Config = managedConfig(state, actual.Config.Elements(), before.Config, m.Config)
	m.CleanupPolicy = actual.CleanupPolicy
	if state.Unfinished() && actual.CleanupPolicy.ValueString() == internaltopic.PolicyCompact {
		m.CleanupPolicy = types.StringNull() // not the planned value, so that the next plan finishes the rebuild
	}
	if !m.Role.IsNull() { // it is null after a move from another provider
		m.ID = m.id()
	}
	if m.DeletionProtection.IsNull() {
		m.DeletionProtection = types.BoolValue(true)
	}
}

// managedConfig returns the actual values of the settings that one of the maps declares. It leaves out settings that are
// not set on the topic. A setting that an unfinished rebuild has overwritten keeps its declared value.
func managedConfig(state internaltopic.State, actual map[string]attr.Value, before, after types.Map) types.Map {
	values := map[string]attr.Value{}
	for _, declared := range []types.Map{before, after} {
		for key, value := range declared.Elements() {
			if overwritten(state, key) {
				values[key] = value
			} else if tfvalue.Has(actual, key) {
				values[key] = actual[key]
			}
		}
	}
	if len(values) == 0 && after.IsNull() {
		return after
	}
	return types.MapValueMust(types.StringType, values)
}

// topicOrCopy returns the topic or, while a rebuild has deleted it, its copy.
func topicOrCopy(state internaltopic.State) *internaltopic.Topic {
	if state.Topic == nil {
		return state.Rebuild
	}
	return state.Topic
}

// overwritten reports whether the lock of an unfinished rebuild has replaced the topic's own value of the setting.
func overwritten(state internaltopic.State, key string) bool {
	return state.Unfinished() && (key == internaltopic.KeyRetentionMs || key == internaltopic.KeyRetentionBytes)
}
