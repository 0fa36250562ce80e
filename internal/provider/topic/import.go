package topic

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// identityModel identifies a topic in its cluster.
type identityModel struct {
	Role    types.String `tfsdk:"role"`
	Name    types.String `tfsdk:"name"`
	Cluster types.String `tfsdk:"cluster"`
}

func (m model) identity() identityModel {
	return identityModel{Role: m.Role, Name: m.Name, Cluster: m.Cluster}
}

// id returns role/name, or cluster/role/name. It is unknown if one of them is.
func (i identityModel) id() types.String {
	if i.Role.IsUnknown() || i.Name.IsUnknown() {
		return types.StringUnknown()
	}
	return session.ObjectID(i.Cluster, types.StringValue(i.Role.ValueString()+"/"+i.Name.ValueString()))
}

// IdentitySchema describes the identity by which Terraform 1.12 and later can import.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"role": identityschema.StringAttribute{Description: "Role of the topic: offset, config or status.", RequiredForImport: true},
			"name": identityschema.StringAttribute{Description: "Name of the topic.", RequiredForImport: true},
			"cluster": identityschema.StringAttribute{
				Description: "Name of an entry in clusters of the provider. Not set for the default cluster.", OptionalForImport: true,
			},
		},
	}
}

// splitID splits an import id, which is role/name or cluster/role/name. No part of it can contain a slash.
func splitID(id string) (identity identityModel, ok bool) {
	cluster, rest := session.SplitID(id, 2)
	role, name, ok := strings.Cut(rest, "/")
	ok = ok && slices.Contains(roleNames(), role) && name != ""
	return identityModel{Role: types.StringValue(role), Name: types.StringValue(name), Cluster: cluster}, ok
}

// ImportState imports the topic that the import id or the identity names. If it does not exist, it returns an error.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	identity, ok := splitID(req.ID)
	if req.ID == "" && req.Identity != nil {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		_, ok = splitID(identity.id().ValueString())
	}
	if !ok {
		resp.Diagnostics.AddError("Invalid import id", "Found "+diagnostics.Quoted(req.ID)+". Give the role and the name of the topic, such as \"offset/connect-offsets\". "+
			"The role is one of "+strings.Join(roleNames(), ", ")+".")
		return
	}
	r, diags := r.in(identity.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.Kafka.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	opCtx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	state, err := client.Inspect(opCtx, identity.Name.ValueString())
	if err == nil && !state.Exists() {
		err = fmt.Errorf("%w: the cluster has no topic of this name", internaltopic.ErrNotFound)
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose("import", identity, err)...)
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identity)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, importedModel(identity, state))...)
}

// importedModel converts a topic as an import stores it.
func importedModel(identity identityModel, state internaltopic.State) model {
	m := fromBrokers(state)
	m.Role, m.Name, m.Cluster = identity.Role, identity.Name, identity.Cluster
	m.Connectors, m.SkipChecks = types.SetNull(types.StringType), types.SetNull(types.StringType)
	m.Timeouts = timeouts.Value{Object: types.ObjectNull(timeoutTypes)}
	m.observe(state, model{})
	return m
}

// MoveState accepts topics of other providers. The next Read fills in the remaining attributes, except the role, which
// comes from the configuration.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveKafkaTopic}}
}

// kafkaTopicState is the state of a kafka_topic of Mongey/kafka. All versions of its schema have these attributes.
type kafkaTopicState struct {
	Name              string            `json:"name"`
	Partitions        int64             `json:"partitions"`
	ReplicationFactor int64             `json:"replication_factor"`
	Config            map[string]string `json:"config"`
}

// moveKafkaTopic converts the state of a kafka_topic of Mongey/kafka, or of a fork or mirror of it.
func moveKafkaTopic(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != "kafka_topic" || !strings.HasSuffix(strings.ToLower(req.SourceProviderAddress), "/kafka") || req.SourceRawState == nil {
		return
	}
	var source kafkaTopicState
	if err := json.Unmarshal(req.SourceRawState.JSON, &source); err != nil || source.Name == "" {
		resp.Diagnostics.AddError("Unable to move a kafka_topic", "The state of the kafka_topic does not have the format of the provider Mongey/kafka. Run terraform apply with that provider once, or import the topic instead.")
		return
	}
	delete(source.Config, internaltopic.KeyCleanupPolicy) // always compact here, and an error in config
	for name, value := range map[string]any{
		"name":               source.Name,
		"partitions":         source.Partitions,
		"replication_factor": source.ReplicationFactor,
		"config":             source.Config,
	} {
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), value)...)
	}
	if resp.TargetIdentity != nil {
		resp.Diagnostics.Append(resp.TargetIdentity.SetAttribute(ctx, path.Root("name"), source.Name)...)
	}
}
