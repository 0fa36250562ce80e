package connector

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// offsetModel is an element of `initial_offsets`.
type offsetModel struct {
	Partition jsontypes.Normalized `tfsdk:"partition"`
	Offset    jsontypes.Normalized `tfsdk:"offset"`
}

// initialOffsets converts `initial_offsets`.
func (m model) initialOffsets(ctx context.Context) ([]connectclient.Offset, diag.Diagnostics) {
	if m.InitialOffsets.IsNull() {
		return nil, nil
	}
	var models []offsetModel
	diags := m.InitialOffsets.ElementsAs(ctx, &models, false)
	offsets := make([]connectclient.Offset, len(models))
	for i, model := range models {
		offsets[i] = connectclient.Offset{
			Partition: json.RawMessage(model.Partition.ValueString()),
			Offset:    json.RawMessage(model.Offset.ValueString()),
		}
	}
	return offsets, diags
}

// jsonObject wants a JSON object: workers take a missing or null offset as a wish to forget it.
type jsonObject struct{}

func (jsonObject) Description(context.Context) string { return "must be a JSON object" }

func (v jsonObject) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (jsonObject) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(req.ConfigValue.ValueString()), &object); err != nil || len(object) == 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a JSON object",
			"Found "+diagnostics.Quoted(req.ConfigValue.ValueString())+". Give a JSON object with at least one key, best by jsonencode({ … }).")
	}
}

// setInitialOffsets sets the initial offsets of a connector that has none: whatever has offsets has started before, or
// had them set. It tells whether there were others.
func setInitialOffsets(ctx context.Context, client *connectclient.Client, spec spec) (others bool, err error) {
	if len(spec.offsets) == 0 {
		return false, nil
	}
	held, err := client.Offsets(ctx, spec.name)
	if err != nil || len(held) > 0 {
		return len(held) > 0, err
	}
	if err := client.StopConnector(ctx, spec.name); err != nil {
		return false, err
	}
	if _, err := client.Await(ctx, spec.name, connectclient.StateStopped); err != nil {
		return false, err
	}
	return false, client.AlterOffsets(ctx, spec.name, spec.offsets)
}

// offsetsWarning tells that a new connector goes on where one of its name has ended.
func (m model) offsetsWarning() diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("initial_offsets"), "Initial offsets of connector "+diagnostics.Quoted(m.Name.ValueString())+" were not set",
		"There are offsets of this name already, those of a connector that was deleted, and the new one goes on from there. To start at initial_offsets "+
			"instead, apply reset_offsets_on_destroy = true and replace the connector.")
}

// resetOffsets stops a connector and forgets its offsets.
func resetOffsets(ctx context.Context, client *connectclient.Client, name string) error {
	if err := client.RequireAlterOffsets(ctx); err != nil {
		return err
	}
	if err := client.StopConnector(ctx, name); err != nil {
		return err
	}
	if _, err := client.Await(ctx, name, connectclient.StateStopped); err != nil && !errors.As(err, new(*connectclient.FailedError)) {
		return err
	}
	return client.ResetOffsets(ctx, name)
}
