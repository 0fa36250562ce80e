package connector

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
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

// startPosition is where a new connector starts: at initial_offsets, or where another connector has stopped. Its zero value lets the
// connector choose.
type startPosition struct {
	in      *session.Session // the cluster of the new connector
	offsets []connectclient.Offset
	from    *place // the connector of offsets_from
}

// startPosition converts `initial_offsets` and `offsets_from`.
func (r *Resource) startPosition(ctx context.Context, m model) (startPosition, diag.Diagnostics) {
	offsets, diags := m.initialOffsets(ctx)
	from, more := r.offsetsFrom(ctx, m)
	if diags.Append(more...); from != nil {
		diags.Append(from.reachable()...)
	}
	return startPosition{r.Session, offsets, from}, diags
}

// given reports whether the configuration declares a position.
func (s startPosition) given() bool { return len(s.offsets) > 0 || s.from != nil }

// set sets the position of a connector that has never run. A connector that has offsets was started before, or its initial offsets are
// set. It reports whether the connector was started before, so that nothing was set.
func (s startPosition) set(ctx context.Context, client *connectclient.Client, name string) (startedBefore bool, err error) {
	to := place{s.in, client, name}
	switch {
	case s.from != nil:
		return s.from.giveOffsets(ctx, to)
	case len(s.offsets) == 0:
		return false, nil
	}
	have, err := to.client.Offsets(ctx, to.name)
	if err != nil || len(have) > 0 {
		return len(have) > 0, err
	}
	if _, err := to.stop(ctx); err != nil {
		return false, err
	}
	_, err = to.client.AlterOffsets(ctx, to.name, s.offsets)
	return false, err
}

// notSetWarning tells that a new connector continues from existing offsets.
func (s startPosition) notSetWarning(name string) diag.Diagnostic {
	if s.from != nil {
		return diag.NewAttributeWarningDiagnostic(path.Root("offsets_from"), diagnostics.Capitalized(quoted(name))+" keeps its own offsets",
			"The connector exists already and was started before, so it did not take the offsets of "+s.from.String()+", which was not stopped.")
	}
	return offsetsWarning(name)
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
	if err := awaitStopped(ctx, client, name); err != nil {
		return err
	}
	_, err := client.ResetOffsets(ctx, name)
	return err
}
