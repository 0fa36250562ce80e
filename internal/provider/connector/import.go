package connector

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// identityModel identifies a connector in its cluster.
type identityModel struct {
	Name    types.String `tfsdk:"name"`
	Cluster types.String `tfsdk:"cluster"`
}

func (m model) identity() identityModel { return identityModel{Name: m.Name, Cluster: m.Cluster} }

// IdentitySchema implements [resource.ResourceWithIdentity].
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"name": identityschema.StringAttribute{
				Description:       "Name of the connector.",
				RequiredForImport: true,
			},
			"cluster": identityschema.StringAttribute{
				Description:       "Name of an entry in clusters of the provider. Not set for the default cluster.",
				OptionalForImport: true,
			},
		},
	}
}

// ImportState imports the connector that the id, or the identity, names. It fails if the connector does not exist.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	cluster, name := session.SplitID(req.ID, 1)
	id := identityModel{Cluster: cluster, Name: types.StringValue(name)}
	if req.ID == "" && req.Identity != nil {
		resp.Diagnostics.Append(tfvalue.Get(ctx, req.Identity, &id)...)
	}
	if err := connectclient.ValidName(id.Name.ValueString()); err != nil {
		resp.Diagnostics.AddError("Invalid connector name", diagnostics.Sentence(err.Error()))
		return
	}
	r, diags := r.in(id.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
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
		m, diags, err = importModel(ctx, client, id)
		return err
	})
	resp.Diagnostics.Append(diags...)
	if err != nil {
		resp.Diagnostics.Append(model{Name: id.Name}.unableTo("import", err)...)
		return
	}
	resp.Diagnostics.Append(writeOnlyKeys{}.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(tfvalue.Set(ctx, resp.Identity, m.identity())...)
	resp.Diagnostics.Append(tfvalue.Set(ctx, &resp.State, m)...)
}

// importModel reads the connector as an import stores it.
func importModel(ctx context.Context, client *connectclient.Client, id identityModel) (model, diag.Diagnostics, error) {
	name := id.Name.ValueString()
	got, status, err := client.ConnectorWithStatus(ctx, name)
	if err != nil {
		return model{}, nil, err
	}
	passwords, err := passwordKeys(ctx, client, got.Config[classKey])
	warnings := passwordsWarning(quoted(name), err)
	if !status.Assigned() {
		warnings.Append(unknownStateWarning(diagnostics.Quoted(name)))
	}
	return importedModel(id.Cluster, got, status, passwords), warnings, nil
}

// importedModel converts a connector as an import stores it. The keys of secrets, see [secret.Why], are listed in
// ignored_config_keys, and their values are left out. So are blank keys and null values, which a configuration cannot declare.
//
// An import changes nothing on the worker. A connector that has failed therefore gets on_failure = "warn": with the default,
// the next apply would restart what failed.
func importedModel(cluster types.String, got connectclient.Connector, status connectclient.Status, passwords map[string]bool) model {
	m := fromConnect(got, status)
	m.Cluster = cluster
	m.ID = m.id()
	config, ignored := maps.Clone(m.Config.Elements()), slices.Clone(got.NullKeys)
	for key, value := range got.Config {
		if strings.TrimSpace(key) == "" || secret.Why(key, value, passwords[key]) != secret.NotSecret {
			ignored = append(ignored, key)
		}
	}
	for _, key := range append(ignored, nameKey) {
		delete(config, key)
	}
	m.Config = types.MapValueMust(types.StringType, config)
	if len(ignored) > 0 {
		keys := make([]attr.Value, len(ignored))
		for i, key := range ignored {
			keys[i] = types.StringValue(key)
		}
		m.IgnoredConfigKeys = types.SetValueMust(types.StringType, keys)
	}
	m.State = types.StringValue(targetState(status))
	if status.Failed() {
		m.OnFailure = types.StringValue(onFailureWarn)
	}
	return m
}

// passwordKeys returns the keys that a class defines as passwords. Workers before 3.2 do not report them: this is no error.
func passwordKeys(ctx context.Context, client *connectclient.Client, class string) (map[string]bool, error) {
	keys, err := client.PasswordKeys(ctx, class)
	if _, tooOld := errors.AsType[*connectclient.UnsupportedError](err); tooOld {
		err = nil
	}
	return keys, err
}

// passwordsWarning warns that the worker did not report which keys are passwords.
func passwordsWarning(of string, err error) diag.Diagnostics {
	if err == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("ignored_config_keys"), "The secrets of "+of+" were found by names and values only",
		"The worker did not tell which keys the connector defines as passwords: "+diagnostics.Sentence(err.Error())+
			"\n\nThe import leaves out a value only if the name of its key or the form of the value shows that it is a secret. "+
			"Terraform stores config in the state: check that config has no other secret.")}
}

// unknownStateWarning warns that targetState may be wrong for the named connectors.
func unknownStateWarning(names string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("state"), "The states of some connectors are not known",
		"No worker runs these connectors at present, so their statuses do not show whether they are RUNNING, PAUSED or STOPPED: "+names+
			".\n\nThe import stores RUNNING if no task is PAUSED. An apply of this configuration would start a connector that was STOPPED. "+
			"Wait until all workers have started, then import the connectors again, or set state.")
}

// targetState returns the state that a connector is to have, as far as its status shows it. The REST API does not tell the
// target state of a connector that is FAILED or moves between workers; its tasks may.
func targetState(status connectclient.Status) string {
	if state := string(status.Connector.State); slices.Contains(targetStates, state) {
		return state
	}
	for _, task := range status.Tasks {
		if task.State == connectclient.StatePaused {
			return statePaused
		}
	}
	return stateRunning
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
