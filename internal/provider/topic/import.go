package topic

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// ImportState imports the topic that the id, role/name, or the identity tells. One that does not exist is an error.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	identity, ok := splitID(req.ID)
	if req.ID == "" && req.Identity != nil {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		_, ok = splitID(identity.Role.ValueString() + "/" + identity.Name.ValueString())
	}
	if !ok {
		resp.Diagnostics.AddError("Invalid import id", "Found "+diagnostics.Quoted(req.ID)+". Give role and name of the topic, such as \"offset/connect-offsets\"; "+
			"the role is one of "+strings.Join(roleNames(), ", ")+".")
		return
	}
	client, diags := r.Kafka.Client()
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("role"), identity.Role)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), identity.Name)...)
	var m model
	if resp.Diagnostics.Append(resp.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	opCtx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	state, err := client.Inspect(opCtx, m.Name.ValueString())
	if err == nil && !state.Exists() {
		err = fmt.Errorf("%w: the cluster has none of that name", internaltopic.ErrNotFound)
	}
	if err != nil {
		resp.Diagnostics.Append(m.errors("import", err)...)
		return
	}
	m.adoptConfig(state)
	m.observe(state, model{})
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identity)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// MoveState takes over what other providers manage as a topic. The next Read fills in the rest; the role comes from the
// configuration.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveKafkaTopic}}
}

// kafkaTopicState is what the state of a kafka_topic of Mongey/kafka holds, in every version of its schema.
type kafkaTopicState struct {
	Name              string            `json:"name"`
	Partitions        int64             `json:"partitions"`
	ReplicationFactor int64             `json:"replication_factor"`
	Config            map[string]string `json:"config"`
}

// moveKafkaTopic takes over a kafka_topic of Mongey/kafka or of a fork or mirror of it.
func moveKafkaTopic(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != "kafka_topic" || !strings.HasSuffix(strings.ToLower(req.SourceProviderAddress), "/kafka") || req.SourceRawState == nil {
		return
	}
	var source kafkaTopicState
	if err := json.Unmarshal(req.SourceRawState.JSON, &source); err != nil || source.Name == "" {
		resp.Diagnostics.AddError("Unable to move a kafka_topic", "Its state does not hold a topic as Mongey/kafka writes it. Run terraform apply with that provider once, or import the topic instead.")
		return
	}
	delete(source.Config, cleanupPolicyKey) // always compact here, and an error in config
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
