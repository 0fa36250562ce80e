package connector

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// movedConnector is what is used of the state of a `kafka-connect_connector` of Mongey/kafka-connect, whose versions
// all have these attributes.
type movedConnector struct {
	Name            string            `json:"name"`
	Config          map[string]string `json:"config"`
	ConfigSensitive map[string]string `json:"config_sensitive"`
}

// MoveState takes over connectors from Mongey/kafka-connect. It asks no worker: the next Read fills what is missing.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveFromKafkaConnect}}
}

func moveFromKafkaConnect(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != "kafka-connect_connector" || !strings.HasSuffix(req.SourceProviderAddress, "/kafka-connect") {
		return
	}
	var from movedConnector
	if err := json.Unmarshal(req.SourceRawState.JSON, &from); err != nil || from.Name == "" {
		resp.Diagnostics.AddError("Unable to move a connector",
			"The state of the kafka-connect_connector has no name and configuration that can be read. "+
				"Instead of moving it, import it by its name and take the old resource out of the state with a removed block.")
		return
	}
	set := func(attribute string, value any) {
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(attribute), value)...)
	}
	set("name", from.Name)
	set("id", from.Name)
	set("config", from.Config)
	if len(from.ConfigSensitive) > 0 {
		set("config_sensitive", from.ConfigSensitive)
	}
	resp.Diagnostics.Append(writeOnlyKeys{}.save(ctx, resp.TargetPrivate)...)
	resp.Diagnostics.Append(resp.TargetIdentity.SetAttribute(ctx, path.Root("name"), from.Name)...)
}
