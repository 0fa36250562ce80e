package connector

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A connector, its configuration and its target state. An apply that changes it succeeds when the connector and its tasks hold " +
			"the declared state with the declared configuration, as far as workers tell; otherwise it fails with the root cause, and every later plan says so until it is true.\n\n" +
			"To create a connector that is there already with exactly the declared configuration is to adopt it; one with another configuration is left as it is and has to be imported. " +
			"When a creation fails after the connector exists, Terraform shows the connector as tainted, to be replaced: the next apply puts it right in place, and neither it nor its offsets are deleted.\n\n" +
			"A `moved` block takes over a `kafka-connect_connector` of Mongey/kafka-connect.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the connector. Another name is another connector: a change replaces it, and offsets belong to the name. " +
					"Names with `/`, `%`, control characters or surrounding blanks cannot be addressed through the REST API and are refused.",
				Required:      true,
				Validators:    []validator.String{connectorName{}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"config": schema.MapAttribute{
				MarkdownDescription: "Configuration of the connector, `connector.class` included. It is complete: a key that the worker holds and " +
					"that is not declared is shown as a change and removed, except those of `ignored_config_keys`.",
				Required:    true,
				ElementType: types.StringType,
			},
			"config_sensitive": schema.MapAttribute{
				MarkdownDescription: "More configuration, whose values Terraform keeps out of its output. They are stored in the state. " +
					"A key may be given in one of the three maps only.",
				Optional:    true,
				Sensitive:   true,
				ElementType: types.StringType,
			},
			"config_wo": schema.MapAttribute{
				MarkdownDescription: "More configuration, whose values Terraform never stores; where the worker shows a mask in place of a value, a salted hash of it is kept. " +
					"A change is found by comparing with what the worker holds, whether it was made here or there, and put right. Needs Terraform 1.11 or OpenTofu 1.11. A key may be given in one of the three maps only. Should the provider crash " +
					"in an update, Terraform forgets which keys these are: until the next update succeeds, what the worker has beyond `config` and " +
					"`config_sensitive` is then not shown as drift.",
				Optional:    true,
				Sensitive:   true,
				WriteOnly:   true,
				ElementType: types.StringType,
			},
			"config_wo_version": schema.Int64Attribute{
				MarkdownDescription: "For values in `config_wo` that differ at every run: when set, they are sent when this number changes, or another " +
					"change is applied, and are not compared with what the worker holds.",
				Optional: true,
			},
			"state": schema.StringAttribute{
				MarkdownDescription: "What the connector should be doing: `RUNNING` (default), `PAUSED` (tasks stay allocated and idle) or `STOPPED` " +
					"(no tasks; needs workers of 3.5 or later). A plan shows what is there instead, also `FAILED`; after an apply that failed " +
					"also `UNASSIGNED`, or `STALE` when tasks still run a former configuration.",
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(stateRunning),
				Validators: []validator.String{stringvalidator.OneOf(targetStates...)},
			},
			"on_failure": schema.StringAttribute{
				MarkdownDescription: "What a failed connector or task means at plan time. `restart` (default): `state` is shown as changing from `FAILED`, " +
					"and the apply restarts what failed. `warn`: a warning with the root cause. `ignore`: nothing.",
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(onFailureRestart),
				Validators: []validator.String{stringvalidator.OneOf(onFailureRestart, onFailureWarn, onFailureIgnore)},
			},
			"ignored_config_keys": schema.SetAttribute{
				MarkdownDescription: "Configuration keys that somebody else owns. When they are not declared here, their values on the worker are neither " +
					"shown nor changed, and every update carries them over. Import lists the keys of secrets here.",
				Optional:    true,
				ElementType: types.StringType,
			},
			"validate": schema.BoolAttribute{
				MarkdownDescription: "Have the worker validate the configuration at plan time when it is new or changes, and report each error on its key. " +
					"Without a worker that answers, that is left to the apply. Default `true`.",
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(true),
			},
			"initial_offsets": schema.ListNestedAttribute{
				MarkdownDescription: "Where the connector starts: offsets that are set once, when it is created, before it reads a record. " +
					"A later change of this list has no effect, and nor has the list where there are offsets of this name already, such as those of a connector that was deleted: " +
					"a warning says so, and `reset_offsets_on_destroy` leaves none. Needs workers of 3.7 or later.",
				Optional: true,
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"partition": schema.StringAttribute{
							MarkdownDescription: "The source or topic partition as a JSON object, as the connector itself writes it: " +
								"`jsonencode({ filename = \"/data/orders.txt\" })`, or for sinks `jsonencode({ kafka_topic = \"orders\", kafka_partition = 0 })`.",
							Required:   true,
							CustomType: jsontypes.NormalizedType{},
							Validators: []validator.String{jsonObject{}},
						},
						"offset": schema.StringAttribute{
							MarkdownDescription: "The offset as a JSON object: `jsonencode({ position = 120 })`, or for sinks `jsonencode({ kafka_offset = 7 })`.",
							Required:            true,
							CustomType:          jsontypes.NormalizedType{},
							Validators:          []validator.String{jsonObject{}},
						},
					},
				},
			},
			"reset_offsets_on_destroy": schema.BoolAttribute{
				MarkdownDescription: "Stop the connector and reset its offsets before it is deleted. Without it offsets outlive the connector, and one of " +
					"the same name carries on where it was. What was applied last counts: apply a change of this before the destroy. " +
					"Needs workers of 3.6 or later, without which the destroy fails. Default `false`.",
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Refuse to delete the connector, by a destroy as by a change of its name. What was applied last counts: apply `false` before the destroy. Default `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: tfvalue.TimeoutDescription("workers to come up and for the connector and its tasks to hold the declared state", createTimeout),
				ReadDescription:   tfvalue.TimeoutDescription("an answer, rebalances and restarts of workers included", readTimeout),
				UpdateDescription: tfvalue.TimeoutDescription("the connector and its tasks to hold the declared state", updateTimeout),
				DeleteDescription: tfvalue.TimeoutDescription("the connector to be deleted", deleteTimeout),
			}),
			"id": schema.StringAttribute{
				MarkdownDescription: "The name.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"type": schema.StringAttribute{
				MarkdownDescription: "`source` or `sink`, as the worker tells.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"config_wo_revision": schema.Int64Attribute{
				MarkdownDescription: "Counts how often the values of `config_wo` were sent. It is what a plan shows of a change of theirs.",
				Computed:            true,
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
		},
	}
}
