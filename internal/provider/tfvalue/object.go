package tfvalue

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Getter is a configuration, a plan or a state.
type Getter interface {
	Get(ctx context.Context, target any) diag.Diagnostics
}

// Setter is a state.
type Setter interface {
	Set(ctx context.Context, value any) diag.Diagnostics
}

// Get reads an object, which must not be null, into the fields of a model. The framework's own conversion of structs compiles
// a regular expression for each field of each object: a fifth of what a plan allocates.
func Get(ctx context.Context, from Getter, model any) diag.Diagnostics {
	var object types.Object
	diags := from.Get(ctx, &object)
	if diags.HasError() {
		return diags
	}
	fields, values := reflect.ValueOf(model).Elem(), object.Attributes()
	for i := range fields.NumField() {
		fields.Field(i).Set(reflect.ValueOf(values[attribute(fields, i)]))
	}
	return diags
}

// Set stores a model. It is the counterpart of [Get].
func Set(ctx context.Context, to Setter, model any) diag.Diagnostics {
	fields := reflect.ValueOf(model)
	values, kinds := map[string]attr.Value{}, map[string]attr.Type{}
	for i := range fields.NumField() {
		value := fields.Field(i).Interface().(attr.Value) //nolint:forcetypeassert // models have values only
		values[attribute(fields, i)], kinds[attribute(fields, i)] = value, value.Type(ctx)
	}
	object, diags := types.ObjectValue(kinds, values)
	if diags.HasError() {
		return diags
	}
	return append(diags, to.Set(ctx, object)...)
}

// attribute returns the name of the attribute that a field stands for.
func attribute(fields reflect.Value, i int) string { return fields.Type().Field(i).Tag.Get("tfsdk") }
