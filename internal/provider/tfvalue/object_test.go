package tfvalue

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Get and Set convert as the framework's own methods do.
func TestModelsConvertAsInTheFramework(t *testing.T) {
	type model struct {
		Name   types.String `tfsdk:"name"`
		Config types.Map    `tfsdk:"config"`
	}
	kind := schema.Schema{Attributes: map[string]schema.Attribute{
		"name":   schema.StringAttribute{Required: true},
		"config": schema.MapAttribute{Optional: true, ElementType: types.StringType},
	}}
	null := tftypes.NewValue(kind.Type().TerraformType(t.Context()), nil)
	for name, want := range map[string]model{
		"known":   {types.StringValue("a"), types.MapValueMust(types.StringType, map[string]attr.Value{"k": types.StringValue("v")})},
		"null":    {types.StringValue("a"), types.MapNull(types.StringType)},
		"unknown": {types.StringUnknown(), types.MapUnknown(types.StringType)},
	} {
		ours, theirs := tfsdk.State{Schema: kind, Raw: null}, tfsdk.State{Schema: kind, Raw: null}
		diags := append(Set(t.Context(), &ours, want), theirs.Set(t.Context(), want)...)
		var got model
		diags = append(diags, Get(t.Context(), ours, &got)...)
		if diags.HasError() {
			t.Fatal(name, diags)
		}
		if !ours.Raw.Equal(theirs.Raw) || !got.Name.Equal(want.Name) || !got.Config.Equal(want.Config) {
			t.Errorf("%s: stored %v, want %v; read %v", name, ours.Raw, theirs.Raw, got)
		}
	}
	var got model
	if diags := Get(t.Context(), tfsdk.State{Schema: kind, Raw: null}, &got); !diags.HasError() {
		t.Error("a null object was read without an error")
	}
}
