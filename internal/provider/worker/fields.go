package worker

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// fields are the attributes of a worker configuration, or of an object in it, by name. They are read by name, not into
// structs, because two resources and an ephemeral resource have most of them in common and differ in a few.
//
// What is null, unknown or not an attribute at all reads as empty.
type fields map[string]attr.Value

// configured reads what Get gets: a configuration, a plan or a state.
func configured(ctx context.Context, from interface {
	Get(ctx context.Context, target any) diag.Diagnostics
}) (fields, diag.Diagnostics) {
	var all types.Object
	diags := from.Get(ctx, &all)
	return all.Attributes(), diags
}

func (f fields) text(name string) string {
	s, _ := f[name].(types.String)
	return s.ValueString()
}

// given tells whether the attribute has a value, known or not.
func (f fields) given(name string) bool { return f[name] != nil && !f[name].IsNull() }

func (f fields) known(ctx context.Context, name string) bool {
	if f[name] == nil {
		return true
	}
	v, err := f[name].ToTerraformValue(ctx)
	return err == nil && v.IsFullyKnown()
}

// optional is nil where text is empty because there is no value.
func (f fields) optional(name string) *string {
	s, _ := f[name].(types.String)
	if s.IsUnknown() {
		return nil
	}
	return s.ValueStringPointer()
}

func (f fields) number(name string) *int64 {
	n, _ := f[name].(types.Int64)
	if n.IsUnknown() {
		return nil
	}
	return n.ValueInt64Pointer()
}

// list are the elements of a list, or those of a set in order; nil when there is none.
func (f fields) list(name string) []string {
	if set, ok := f[name].(types.Set); ok {
		return tfvalue.StringSet(set)
	}
	list, _ := f[name].(types.List)
	if list.IsNull() || list.IsUnknown() {
		return nil
	}
	out := make([]string, 0, len(list.Elements()))
	for _, element := range list.Elements() {
		if s, ok := element.(types.String); ok && !s.IsUnknown() {
			out = append(out, s.ValueString())
		}
	}
	return out
}

// strings are the elements of a map; those that are not known are empty.
func (f fields) strings(name string) map[string]string {
	out := map[string]string{}
	for key, element := range elements(f[name]) {
		s, _ := element.(types.String)
		out[key] = s.ValueString()
	}
	return out
}

// object is the nested object, nil when there is none.
func (f fields) object(name string) fields {
	object, _ := f[name].(types.Object)
	if object.IsNull() || object.IsUnknown() {
		return nil
	}
	return object.Attributes()
}

// objects are the elements of a map of nested objects.
func (f fields) objects(name string) map[string]fields {
	out := map[string]fields{}
	for key, element := range elements(f[name]) {
		object, _ := element.(types.Object)
		out[key] = object.Attributes()
	}
	return out
}

// elements are those of a map.
func elements(m attr.Value) map[string]attr.Value {
	values, _ := m.(types.Map)
	return values.Elements()
}

// names are the keys of a map in order.
func (f fields) names(name string) []string {
	return slices.Sorted(maps.Keys(elements(f[name])))
}
