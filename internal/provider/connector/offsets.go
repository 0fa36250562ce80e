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

// Descriptions of a partition and its offset.
const (
	partitionDescription = "Source partition or topic partition as a JSON object, in the format of the connector: " +
		"`jsonencode({ filename = \"/data/orders.txt\" })`, or for a sink `jsonencode({ kafka_topic = \"orders\", kafka_partition = 0 })`."
	offsetDescription = "Offset as a JSON object: `jsonencode({ position = 120 })`, or for a sink `jsonencode({ kafka_offset = 7 })`."
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

// jsonObject requires a non-empty JSON object. Workers take a null offset as a request to delete the offset.
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
			"Found "+diagnostics.Quoted(req.ConfigValue.ValueString())+". Use a JSON object with at least one key, such as jsonencode({ … }).")
	}
}

// setInitialOffsets sets the initial offsets of a connector that has none. A connector that has offsets was started
// before, or its initial offsets are set. It reports whether the connector has offsets.
func setInitialOffsets(ctx context.Context, client *connectclient.Client, name string, offsets []connectclient.Offset) (hasOffsets bool, err error) {
	if len(offsets) == 0 {
		return false, nil
	}
	have, err := client.Offsets(ctx, name)
	if err != nil || len(have) > 0 {
		return len(have) > 0, err
	}
	if err := client.StopConnector(ctx, name); err != nil {
		return false, err
	}
	if _, err := client.Await(ctx, name, connectclient.StateStopped); err != nil {
		return false, err
	}
	_, err = client.AlterOffsets(ctx, name, offsets)
	return false, err
}

// offsetsWarning tells that a new connector continues from existing offsets.
func offsetsWarning(name string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("initial_offsets"), "Initial offsets of "+quoted(name)+" were not set",
		"A deleted connector of this name left offsets, and the new connector continues from these offsets. To start at initial_offsets instead, "+
			"apply reset_offsets_on_destroy = true, then replace the connector with -replace.")
}

// resetOffsets stops a connector and deletes its offsets.
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
	_, err := client.ResetOffsets(ctx, name)
	return err
}
