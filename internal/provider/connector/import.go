package connector

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// connectorIdentity is what identifies a connector in its cluster.
type identityModel struct {
	Name types.String `tfsdk:"name"`
}

func (m model) identity() identityModel { return identityModel{Name: m.Name} }

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

// ImportState imports the connector that the id, or the identity, names. One that does not exist is an error.
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
	var m model
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), name)...)
	if resp.Diagnostics.Append(resp.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	opCtx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	got, status, secretKeys, err := lookForImport(opCtx, client, m)
	if err != nil {
		resp.Diagnostics.Append(m.errors("import", err)...)
		return
	}
	m.ignore(secretKeys)
	none := writeOnlyKeys{}
	m.observe(got, status, m, none)
	resp.Diagnostics.Append(none.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, m.identity())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// lookForImport reads what an import needs: beyond the connector and its status, the keys in its configuration that
// its plugin calls secrets, or whose names do.
func lookForImport(ctx context.Context, client *connectclient.Client, m model) (connectclient.Connector, connectclient.Status, []string, error) {
	got, status, err := look(ctx, client, m, writeOnlyKeys{})
	if err != nil {
		return got, status, nil, err
	}
	definitions, err := client.PluginConfig(ctx, got.Config[classKey])
	if errors.Is(err, connectclient.ErrUnsupported) || errors.Is(err, connectclient.ErrNotFound) {
		err = nil // an old worker
	}
	passwords := map[string]bool{}
	for _, definition := range definitions {
		passwords[definition.Name] = definition.Secret()
	}
	var secretKeys []string
	for key := range got.Config {
		if passwords[key] || secretName.MatchString(key) {
			secretKeys = append(secretKeys, key)
		}
	}
	return got, status, secretKeys, err
}
