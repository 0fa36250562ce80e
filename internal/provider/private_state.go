package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privateReader and privateWriter are the two sides of private state.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}
type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// readPrivate returns what private state has under the key, the zero value for nothing. The errors call it what.
func readPrivate[T any](ctx context.Context, private privateReader, key, what string) (value T, diags diag.Diagnostics) {
	text, diags := private.GetKey(ctx, key)
	if text == nil {
		return value, diags
	}
	if err := json.Unmarshal(text, &value); err != nil {
		diags.AddError("Unable to read the private state", what+" is damaged: "+err.Error()+".")
	}
	return value, diags
}

// savePrivate puts a value into private state, under the key.
func savePrivate(ctx context.Context, private privateWriter, key string, value any) diag.Diagnostics {
	text, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to write the private state", err.Error())}
	}
	return private.SetKey(ctx, key, text)
}
