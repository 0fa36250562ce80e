package logger

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// identityModel identifies a logger in its cluster.
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
				Description:       "Name of the logger.",
				RequiredForImport: true,
			},
			"cluster": identityschema.StringAttribute{
				Description:       "Name of an entry in clusters of the provider. Not set for the default cluster.",
				OptionalForImport: true,
			},
		},
	}
}

// ImportState imports the logger that the id, or the identity, names. Every logger exists: without a level of its own, it has
// the level of the logger above.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	cluster, name := session.SplitID(req.ID, 1)
	id := identityModel{Cluster: cluster, Name: types.StringValue(name)}
	if req.ID == "" && req.Identity != nil {
		resp.Diagnostics.Append(tfvalue.Get(ctx, req.Identity, &id)...)
	}
	if err := validName(id.Name.ValueString()); err != nil {
		resp.Diagnostics.AddError("Invalid logger name", diagnostics.Sentence(err.Error()))
		return
	}
	r, diags := r.in(id.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.Connect.Client()
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), id.Name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("cluster"), id.Cluster)...)
	var m model
	if resp.Diagnostics.Append(tfvalue.Get(ctx, resp.State, &m)...); resp.Diagnostics.HasError() {
		return
	}
	opCtx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	list, err := r.list(opCtx, client, m.Name.ValueString())
	if found, ok := errors.AsType[*session.NoWorkerError](err); ok {
		err = found.Err
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose("import", m.Name, err))
		return
	}
	m.observe(list)
	resp.Diagnostics.Append(tfvalue.Set(ctx, resp.Identity, m.identity())...)
	resp.Diagnostics.Append(tfvalue.Set(ctx, &resp.State, m)...)
}
