package connector

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// identityModel identifies a connector in its cluster.
type identityModel struct {
	Name types.String `tfsdk:"name"`
}

func (m model) identity() identityModel { return identityModel{Name: m.Name} }

// IdentitySchema implements [resource.ResourceWithIdentity].
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"name": identityschema.StringAttribute{
				Description:       "Name of the connector.",
				RequiredForImport: true,
			},
		},
	}
}

// ImportState imports the connector that the id, or the identity, names. It fails if the connector does not exist.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	name := types.StringValue(req.ID)
	if req.ID == "" && req.Identity != nil {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("name"), &name)...)
	}
	if err := connectclient.ValidName(name.ValueString()); err != nil {
		resp.Diagnostics.AddError("Invalid connector name", diagnostics.Sentence(err.Error()))
		return
	}
	client, diags := r.Connect.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	opCtx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var m model
	err := r.Ask(opCtx, client, func(ctx context.Context) (err error) {
		m, err = importModel(ctx, client, name.ValueString())
		return err
	})
	if err != nil {
		resp.Diagnostics.Append(model{Name: name}.unableTo("import", err)...)
		return
	}
	resp.Diagnostics.Append(writeOnlyKeys{}.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// importModel reads the connector. The keys of secrets, see [secret.Why], are listed in ignored_config_keys, and their values
// are left out.
func importModel(ctx context.Context, client *connectclient.Client, name string) (model, error) {
	got, status, err := client.ConnectorWithStatus(ctx, name)
	if err != nil {
		return model{}, err
	}
	definitions, err := client.PluginConfig(ctx, got.Config[classKey])
	if err != nil && !errors.Is(err, connectclient.ErrUnsupported) && !errors.Is(err, connectclient.ErrNotFound) { // older workers
		return model{}, err
	}
	passwords := map[string]bool{}
	for _, definition := range definitions {
		passwords[definition.Name] = definition.Secret()
	}
	m := fromConnect(got, status)
	config := maps.Clone(m.Config.Elements())
	delete(config, nameKey)
	var secretKeys []string
	for key, value := range got.Config {
		if secret.Why(key, value, passwords[key]) != secret.NotSecret {
			secretKeys = append(secretKeys, key)
			delete(config, key)
		}
	}
	m.Config = types.MapValueMust(types.StringType, config)
	if len(secretKeys) > 0 {
		m.IgnoredConfigKeys, _ = types.SetValueFrom(ctx, types.StringType, secretKeys) // strings always convert
	}
	m.State = types.StringValue(model{}.observedState(status))
	return m, nil
}

// movedConnector holds the attributes that are read from the state of a `kafka-connect_connector` of Mongey/kafka-connect.
// All versions of it have them.
type movedConnector struct {
	Name            string            `json:"name"`
	Config          map[string]string `json:"config"`
	ConfigSensitive map[string]string `json:"config_sensitive"`
}

// MoveState moves connectors from Mongey/kafka-connect. It sends no request: the next Read sets the other attributes.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveFromKafkaConnect}}
}

func moveFromKafkaConnect(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != "kafka-connect_connector" || !strings.HasSuffix(req.SourceProviderAddress, "/kafka-connect") {
		return
	}
	var from movedConnector
	if req.SourceRawState == nil || json.Unmarshal(req.SourceRawState.JSON, &from) != nil || from.Name == "" {
		resp.Diagnostics.AddError("Unable to move a connector",
			"The state of the kafka-connect_connector has no readable name and configuration. "+
				"Import the connector by its name instead. Remove the old resource from the state with a removed block.")
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
