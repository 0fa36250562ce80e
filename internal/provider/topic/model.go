package topic

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// Settings of a topic that are not the user's alone: the policy is always compact, and while a change of partitions is
// unfinished these three are overwritten.
const (
	cleanupPolicyKey  = internaltopic.KeyCleanupPolicy
	retentionMsKey    = internaltopic.KeyRetentionMs
	retentionBytesKey = internaltopic.KeyRetentionBytes

	cleanupPolicyCompact = internaltopic.PolicyCompact
)

// internalTopicModel is the resource in configuration, plan and state.
type model struct {
	Role               types.String   `tfsdk:"role"`
	Name               types.String   `tfsdk:"name"`
	Partitions         types.Int64    `tfsdk:"partitions"`
	ReplicationFactor  types.Int64    `tfsdk:"replication_factor"`
	Config             types.Map      `tfsdk:"config"`
	GroupID            types.String   `tfsdk:"group_id"`
	SeedFrom           types.String   `tfsdk:"seed_from"`
	DeletionProtection types.Bool     `tfsdk:"deletion_protection"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
	ID                 types.String   `tfsdk:"id"`
	CleanupPolicy      types.String   `tfsdk:"cleanup_policy"`
}

// internalTopicIdentity is what tells one topic from every other.
type identityModel struct {
	Role types.String `tfsdk:"role"`
	Name types.String `tfsdk:"name"`
}

func (m model) identity() identityModel {
	return identityModel{Role: m.Role, Name: m.Name}
}

// former is what a plan without the topic's state needs to know of it.
func (m model) former() session.Former {
	return session.Former{Name: m.Name.ValueString(), Protected: m.DeletionProtection.ValueBool()}
}

// spec converts what is declared; what is not known yet is left out. Settings that before managed and the model does
// not are put back to the broker's default.
func (m model) spec(before model) internaltopic.Spec {
	spec := internaltopic.Spec{
		Role:              internaltopic.Role(m.Role.ValueString()),
		Name:              m.Name.ValueString(),
		Partitions:        int(m.Partitions.ValueInt64()),
		ReplicationFactor: int(m.ReplicationFactor.ValueInt64()),
		Config:            tfvalue.StringMap(m.Config),
		SeedFrom:          m.SeedFrom.ValueString(),
		AllowDeletion:     !m.DeletionProtection.IsNull() && !m.DeletionProtection.IsUnknown() && !m.DeletionProtection.ValueBool(),
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

// defaultPartitions is the number of partitions of a topic whose configuration does not tell.
func (m model) defaultPartitions() types.Int64 {
	if m.Role.IsUnknown() {
		return types.Int64Unknown()
	}
	return types.Int64Value(int64(internaltopic.Role(m.Role.ValueString()).DefaultPartitions()))
}

// id is role/name, known when both are.
func (m model) id() types.String {
	if m.Role.IsUnknown() || m.Name.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(m.Role.ValueString() + "/" + m.Name.ValueString())
}

// observe puts what the brokers hold into the model. Of the settings, those that the model or before names are shown.
func (m *model) observe(state internaltopic.State, before model) {
	topic := shown(state)
	if topic == nil {
		return
	}
	m.Partitions = types.Int64Value(int64(topic.Partitions()))
	m.ReplicationFactor = types.Int64Value(int64(topic.ReplicationFactor()))
	m.observeConfig(state, before)
	m.CleanupPolicy = observedPolicy(state)
	if !m.Role.IsNull() {
		m.ID = m.id()
	}
	if m.DeletionProtection.IsNull() {
		m.DeletionProtection = types.BoolValue(true)
	}
}

// shown is the topic as the state shows it: while it is missing in the middle of a rebuild, its copy.
func shown(state internaltopic.State) *internaltopic.Topic {
	if state.Topic == nil {
		return state.Rebuild
	}
	return state.Topic
}

// observeConfig shows the value that each managed setting has, and leaves out those that are not set on the topic.
// Those that a rebuild overwrites stay as they are until it is finished.
func (m *model) observeConfig(state internaltopic.State, before model) {
	set, values := shown(state).Config, map[string]attr.Value{}
	for _, managed := range []map[string]attr.Value{before.Config.Elements(), m.Config.Elements()} {
		for key, declared := range managed {
			value, ok := set[key]
			switch {
			case state.Unfinished() && isRetention(key):
				values[key] = declared
			case ok:
				values[key] = types.StringValue(value)
			}
		}
	}
	if len(values) == 0 && m.Config.IsNull() {
		return
	}
	m.Config = types.MapValueMust(types.StringType, values)
}

// adoptConfig declares every setting that is set on the topic, as import does.
func (m *model) adoptConfig(state internaltopic.State) {
	values := map[string]attr.Value{}
	for key, value := range shown(state).Config {
		if key == cleanupPolicyKey || state.Unfinished() && isRetention(key) {
			continue
		}
		values[key] = types.StringValue(value)
	}
	m.Config = types.MapNull(types.StringType)
	if len(values) > 0 {
		m.Config = types.MapValueMust(types.StringType, values)
	}
}

func isRetention(key string) bool { return key == retentionMsKey || key == retentionBytesKey }

// observedPolicy is the cleanup policy, and never compact while a rebuild is unfinished: the next plan is to finish it.
func observedPolicy(state internaltopic.State) types.String {
	policy := shown(state).Effective[cleanupPolicyKey]
	if state.Unfinished() && policy == cleanupPolicyCompact {
		return types.StringNull()
	}
	return types.StringValue(policy)
}

// splitID splits role/name. A name cannot hold a slash, nor can a role.
func splitID(id string) (identity identityModel, ok bool) {
	role, name, ok := strings.Cut(id, "/")
	ok = ok && slices.Contains(roleNames(), role) && name != ""
	return identityModel{Role: types.StringValue(role), Name: types.StringValue(name)}, ok
}
