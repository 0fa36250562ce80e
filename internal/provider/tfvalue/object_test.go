package tfvalue_test

import (
	"context"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// object is a model with each kind of field that models have.
type object struct {
	Name     types.String   `tfsdk:"name"`
	Config   types.Map      `tfsdk:"config"`
	Secret   types.String   `tfsdk:"secret"`
	Offsets  types.List     `tfsdk:"offsets"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func objectSchema(ctx context.Context) schema.Schema {
	return schema.Schema{Attributes: map[string]schema.Attribute{
		"name":   schema.StringAttribute{Required: true},
		"config": schema.MapAttribute{ElementType: types.StringType, Optional: true},
		"secret": schema.StringAttribute{Optional: true, WriteOnly: true},
		"offsets": schema.ListNestedAttribute{Optional: true, NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"offset": schema.StringAttribute{Optional: true},
		}}},
		"timeouts": timeouts.AttributesAll(ctx),
	}}
}

// Get and Set convert as the framework does: null, unknown and nested values, timeouts, and a write-only attribute.
func TestGetAndSet(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	kind := objectSchema(ctx)
	whole := kind.Type().TerraformType(ctx).(tftypes.Object)
	offsets := whole.AttributeTypes["offsets"].(tftypes.List)
	offset := offsets.ElementType.(tftypes.Object)
	waits := whole.AttributeTypes["timeouts"].(tftypes.Object)
	texts := tftypes.Map{ElementType: tftypes.String}
	text := func(value any) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }
	null := map[string]tftypes.Value{}
	for name, kind := range whole.AttributeTypes {
		null[name] = tftypes.NewValue(kind, nil)
	}
	full, unknown := maps.Clone(null), maps.Clone(null)
	full["name"], full["secret"] = text("a"), text("hidden")
	full["config"] = tftypes.NewValue(texts, map[string]tftypes.Value{"known": text("1"), "null": text(nil), "unknown": text(tftypes.UnknownValue)})
	full["offsets"] = tftypes.NewValue(offsets, []tftypes.Value{tftypes.NewValue(offset, map[string]tftypes.Value{"offset": text(tftypes.UnknownValue)})})
	full["timeouts"] = tftypes.NewValue(waits, map[string]tftypes.Value{"create": text("5m"), "read": text(nil), "update": text(tftypes.UnknownValue), "delete": text("1s")})
	for name, kind := range whole.AttributeTypes {
		unknown[name] = tftypes.NewValue(kind, tftypes.UnknownValue)
	}
	for name, values := range map[string]map[string]tftypes.Value{"null": null, "full": full, "unknown": unknown} {
		raw := tftypes.NewValue(whole, values)
		var want, got object
		if diags := (tfsdk.Plan{Raw: raw, Schema: kind}).Get(ctx, &want); diags.HasError() {
			t.Fatal(name, diags)
		}
		if diags := tfvalue.Get(ctx, tfsdk.Plan{Raw: raw, Schema: kind}, &got); diags.HasError() {
			t.Fatal(name, diags)
		}
		if !got.Name.Equal(want.Name) || !got.Config.Equal(want.Config) || !got.Secret.Equal(want.Secret) || !got.Offsets.Equal(want.Offsets) || !got.Timeouts.Equal(want.Timeouts) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
		state := tfsdk.State{Schema: kind, Raw: tftypes.NewValue(whole, nil)}
		if diags := tfvalue.Set(ctx, &state, got); diags.HasError() {
			t.Fatal(name, diags)
		}
		if !state.Raw.Equal(raw) {
			t.Errorf("%s: stored %v, want %v", name, state.Raw, raw)
		}
	}
}

// A model without all its values is an error, as it is for the framework.
func TestSet_incomplete(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	kind := objectSchema(ctx)
	state := tfsdk.State{Schema: kind, Raw: tftypes.NewValue(kind.Type().TerraformType(ctx), nil)}
	if diags := tfvalue.Set(ctx, &state, object{Name: types.StringValue("a")}); !diags.HasError() {
		t.Errorf("stored %v", state.Raw)
	}
}
