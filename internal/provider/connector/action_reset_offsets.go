package connector

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

var (
	_ action.ActionWithConfigure  = (*ResetOffsetsAction)(nil)
	_ action.ActionWithModifyPlan = (*ResetOffsetsAction)(nil)
)

// NewResetOffsetsAction returns the action kafkaconnect_reset_offsets.
func NewResetOffsetsAction() action.Action { return &ResetOffsetsAction{} }

// ResetOffsetsAction is the action kafkaconnect_reset_offsets.
type ResetOffsetsAction struct{ connectorAction }

// resetOffsetsModel is the configuration of the action.
type resetOffsetsModel struct {
	Name     types.String   `tfsdk:"name"`
	Cluster  types.String   `tfsdk:"cluster"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// Metadata implements [action.Action].
func (a *ResetOffsetsAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_reset_offsets"
}

// Schema implements [action.Action].
func (a *ResetOffsetsAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Deletes all offsets of a source or sink connector. A source connector then starts again from the beginning of its data. " +
			"A sink connector starts at the earliest record, unless `consumer.override.auto.offset.reset` or the worker's `consumer.auto.offset.reset` has another value. " +
			"To delete the offsets of some partitions only, use `kafkaconnect_alter_offsets` with `reset = true`.\n\n" + offsetActionDescription,
		Attributes: actionAttributes(ctx, nil, offsetsTimeoutDescription()),
	}
}

// Invoke implements [action.Action].
func (a *ResetOffsetsAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m resetOffsetsModel
	if resp.Diagnostics.Append(tfvalue.Get(ctx, req.Config, &m)...); resp.Diagnostics.HasError() {
		return
	}
	ctx, run, end, diags := a.begin(ctx, actionTarget{m.Name, m.Cluster, m.Timeouts}, resp.SendProgress)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	defer end()
	resp.Diagnostics.Append(run.changeOffsets(ctx, offsetChange{
		what: "Deleting all offsets",
		send: func(ctx context.Context) (connectclient.Altered, error) {
			return run.client.ResetOffsets(ctx, run.name)
		},
		check: func(have []connectclient.Offset) error {
			if len(have) > 0 {
				return fmt.Errorf("the worker still reports %d offsets, such as that of %s", len(have), have[0].Partition)
			}
			return nil
		},
	})...)
}
