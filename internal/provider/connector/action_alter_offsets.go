package connector

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

var (
	_ action.ActionWithConfigure      = (*AlterOffsetsAction)(nil)
	_ action.ActionWithModifyPlan     = (*AlterOffsetsAction)(nil)
	_ action.ActionWithValidateConfig = (*AlterOffsetsAction)(nil)
)

// NewAlterOffsetsAction returns the action kafkaconnect_alter_offsets.
func NewAlterOffsetsAction() action.Action { return &AlterOffsetsAction{} }

// AlterOffsetsAction is the action kafkaconnect_alter_offsets.
type AlterOffsetsAction struct{ connectorAction }

// alterOffsetsModel is the configuration of the action.
type alterOffsetsModel struct {
	Name     types.String   `tfsdk:"name"`
	Offsets  types.List     `tfsdk:"offsets"`
	Cluster  types.String   `tfsdk:"cluster"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// alteredOffsetModel is an element of `offsets`.
type alteredOffsetModel struct {
	Partition jsontypes.Normalized `tfsdk:"partition"`
	Offset    jsontypes.Normalized `tfsdk:"offset"`
	Reset     types.Bool           `tfsdk:"reset"`
}

// Metadata implements [action.Action].
func (a *AlterOffsetsAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_alter_offsets"
}

// offsetActionDescription describes what both actions on offsets do.
const offsetActionDescription = "The action stops the connector, waits until its tasks have ended, changes the offsets and reads them back. Then it restores the previous state: `RUNNING`, `PAUSED` or `STOPPED`. " +
	"It also restores the state if the worker or the connector rejects the change, if the action times out, and if the run is interrupted. " +
	"The action succeeds when the offsets are in effect and the connector has its previous state. `RUNNING` must last for the time in `connect.stable_for` of the provider. " +
	"Needs Kafka Connect 3.6 and Terraform 1.14. On an older worker, the action fails before it stops the connector.\n\n" +
	"**Sinks.** The tasks of a sink leave the consumer group some time after they have ended. The action repeats the change until the group is empty.\n\n" +
	"**Partitions.** If the connector has no offset of a partition, a warning names the partitions that it has offsets of. A misspelled partition is the usual cause.\n\n" +
	"**A connector that no worker runs.** While a connector is `UNASSIGNED`, for example because its worker has left, its state is not known. The action waits until a worker runs the connector. After the timeout it fails, and nothing was changed.\n\n" +
	"**A connector that is FAILED.** The REST API does not show the state that was set. If one of its tasks is `PAUSED`, the action sets `PAUSED`, otherwise `RUNNING`. The tasks start again.\n\n" +
	"**Secrets.** Messages show `(hidden)` in place of secrets, as with `kafkaconnect_restart_connector`."

// Schema implements [action.Action].
func (a *AlterOffsetsAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Changes offsets of a source or sink connector, so that it continues at another position. Offsets of partitions that are not listed do not change.\n\n" + offsetActionDescription,
		Attributes: actionAttributes(ctx, map[string]schema.Attribute{
			"offsets": schema.ListNestedAttribute{
				MarkdownDescription: "The new offsets, in the form of `initial_offsets` of `kafkaconnect_connector`, at least one.",
				Required:            true,
				Validators:          []validator.List{listvalidator.SizeAtLeast(1)},
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"partition": schema.StringAttribute{
							MarkdownDescription: partitionDescription,
							Required:            true,
							CustomType:          jsontypes.NormalizedType{},
							Validators:          []validator.String{jsonObject{}},
						},
						"offset": schema.StringAttribute{
							MarkdownDescription: offsetDescription + " Each entry needs either `offset` or `reset = true`. A JSON `null` is an error, because a worker would delete the offset.",
							Optional:            true,
							CustomType:          jsontypes.NormalizedType{},
							Validators:          []validator.String{jsonObject{}},
						},
						"reset": schema.BoolAttribute{
							MarkdownDescription: "Whether to delete the offset of this partition. The connector then starts this partition as if it were new. Default `false`.",
							Optional:            true,
						},
					},
				},
			},
		}, offsetsTimeoutDescription()),
	}
}

// offsetsTimeoutDescription describes the timeout of the actions on offsets.
func offsetsTimeoutDescription() string {
	return tfvalue.TimeoutDescription("a worker that answers, for the end of the tasks, and for the previous state", invokeTimeout) +
		" After this time, the action tries for 10 more seconds to restore the state."
}

// ValidateConfig reports entries that are wrong whatever the unknown values are.
func (a *AlterOffsetsAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	var m alterOffsetsModel
	if resp.Diagnostics.Append(tfvalue.Get(ctx, req.Config, &m)...); resp.Diagnostics.HasError() || m.Offsets.IsUnknown() {
		return
	}
	_, diags := m.offsets(ctx)
	resp.Diagnostics.Append(diags...)
}

// Invoke implements [action.Action].
func (a *AlterOffsetsAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m alterOffsetsModel
	if resp.Diagnostics.Append(tfvalue.Get(ctx, req.Config, &m)...); resp.Diagnostics.HasError() {
		return
	}
	offsets, diags := m.offsets(ctx)
	diags.Append(m.objects(ctx)...)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, run, end, diags := a.begin(ctx, actionTarget{m.Name, m.Cluster, m.Timeouts}, resp.SendProgress)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	defer end()
	if resp.Diagnostics.Append(run.sinkKeys(offsets)...); resp.Diagnostics.HasError() {
		return
	}
	if resp.Diagnostics.Append(run.newPartitions(ctx, offsets)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(run.changeOffsets(ctx, offsetChange{
		what: fmt.Sprintf("Changing %d offsets", len(offsets)),
		send: func(ctx context.Context) (connectclient.Altered, error) {
			return run.client.AlterOffsets(ctx, run.name, offsets)
		},
		check: func(have []connectclient.Offset) error { return inEffect(run.have.Type, offsets, have) },
	})...)
}

// offsets converts `offsets`. An entry whose Offset is nil deletes the offset. Unknown values are not checked.
func (m alterOffsetsModel) offsets(ctx context.Context) (offsets []connectclient.Offset, diags diag.Diagnostics) {
	var models []alteredOffsetModel
	diags = m.Offsets.ElementsAs(ctx, &models, false)
	seen := map[string]bool{}
	for i, entry := range models {
		at := path.Root("offsets").AtListIndex(i)
		switch given := !entry.Offset.IsNull(); {
		case entry.Reset.IsUnknown() || entry.Offset.IsUnknown():
		case !given && !entry.Reset.ValueBool():
			diags.AddAttributeError(at, "Missing offset",
				"This entry has neither offset nor reset = true. A worker would delete the offset of the partition. Set offset, or set reset = true to delete the offset.")
		case given && entry.Reset.ValueBool():
			diags.AddAttributeError(at.AtName("reset"), "Offset given twice", "This entry has offset and reset = true. Remove one of them.")
		}
		if partition := canonical(json.RawMessage(entry.Partition.ValueString())); !entry.Partition.IsUnknown() {
			if seen[partition] {
				diags.AddAttributeError(at.AtName("partition"), "Partition given twice", "Two entries have the partition "+partition+". Remove one of them.")
			}
			seen[partition] = true
		}
		offset := connectclient.Offset{Partition: json.RawMessage(entry.Partition.ValueString())}
		if !entry.Reset.ValueBool() {
			offset.Offset = json.RawMessage(entry.Offset.ValueString())
		}
		offsets = append(offsets, offset)
	}
	return offsets, diags
}

// objects checks that values which were unknown when the configuration was validated are JSON objects.
func (m alterOffsetsModel) objects(ctx context.Context) diag.Diagnostics {
	var models []alteredOffsetModel
	diags := m.Offsets.ElementsAs(ctx, &models, false)
	for i, entry := range models {
		at := path.Root("offsets").AtListIndex(i)
		for name, value := range map[string]jsontypes.Normalized{"partition": entry.Partition, "offset": entry.Offset} {
			var resp validator.StringResponse
			jsonObject{}.ValidateString(ctx, validator.StringRequest{Path: at.AtName(name), ConfigValue: value.StringValue}, &resp)
			diags.Append(resp.Diagnostics...)
		}
	}
	return diags
}
