package topic

import (
	"context"
	"math"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
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

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// Schema returns the attributes, ordered as in the documentation: required, optional, computed.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "One of the three internal topics of a Connect cluster: offset, config or status storage. The resource creates the topic before a worker " +
			"creates it with other settings. Later it corrects the settings, the replication factor and the number of partitions, which can go up and down without losing a record. " +
			"A `moved` block accepts a `kafka_topic` of Mongey/kafka.\n\n" + permissions,
		Attributes: map[string]schema.Attribute{
			"role": schema.StringAttribute{
				MarkdownDescription: "Role of the topic: `offset` (`offset.storage.topic`), `config` (`config.storage.topic`) or `status` (`status.storage.topic`). " +
					"It cannot be changed.",
				Required:   true,
				Validators: []validator.String{stringvalidator.OneOf(roleNames()...)},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the topic. Changing it deletes the topic and creates an empty one with the new name. " +
					"To keep the records, add a second resource with `seed_from`.",
				Required:      true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"partitions": schema.Int64Attribute{
				MarkdownDescription: "Number of partitions. Default by role: 25 (`offset`), 1 (`config`) or 5 (`status`). The `config` topic must have 1. " +
					"Changing this on a topic with records rewrites every record to its new partition. The workers of the group must be stopped during the apply. " +
					"To reduce the partitions of a topic with records, set `deletion_protection = false`: the topic is deleted and created again, " +
					"and a copy with `" + internaltopic.RebuildSuffix + "` after its name holds the records meanwhile. " +
					"When you import a topic, declare its number of partitions; otherwise the plan changes it to the default.",
				Optional:   true,
				Computed:   true,
				Validators: []validator.Int64{int64validator.Between(1, math.MaxInt32)},
			},
			"replication_factor": schema.Int64Attribute{
				MarkdownDescription: "Number of replicas of each partition. By default the broker chooses it at creation, and it is not changed later. " +
					"Changing it moves replicas and waits until the brokers have copied them.",
				Optional:      true,
				Computed:      true,
				Validators:    []validator.Int64{int64validator.Between(1, math.MaxInt16)},
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"config": schema.MapAttribute{
				MarkdownDescription: "Settings of the topic, such as `min.insync.replicas`. Only the settings in this map are managed. Removing one resets it to the broker's default. " +
					"`cleanup.policy` is not allowed here: it is always `compact`.",
				Optional:    true,
				ElementType: types.StringType,
			},
			"group_id": schema.StringAttribute{
				MarkdownDescription: "`group.id` of the workers that use the topic. These workers must be stopped when the partitions of a topic with records change, when `seed_from` copies records, and when the topic is deleted. " +
					"Without `group_id`, all Connect workers that use the Kafka cluster must be stopped then.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"seed_from": schema.StringAttribute{
				MarkdownDescription: "Name of a topic whose records are copied into the new topic, each to its partition there. The source topic is not changed. " +
					"This changes the number of partitions without deleting a topic: create a second topic, then switch the workers to it. Only used when the topic is created.",
				Optional: true,
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Refuse to delete the topic: by a destroy, by a change of its name, or to reduce its partitions. Default `true`, because the group loses its offsets, connectors or states with the topic.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: tfvalue.TimeoutDescription("the topic to be created and its records to be copied", createTimeout),
				ReadDescription:   tfvalue.TimeoutDescription("answers of the brokers", readTimeout),
				UpdateDescription: tfvalue.TimeoutDescription("records to be rewritten and replicas to be moved", updateTimeout),
				DeleteDescription: tfvalue.TimeoutDescription("the topic to be deleted", deleteTimeout),
			}),
			"id": schema.StringAttribute{
				MarkdownDescription: "Role and name: `role/name`.",
				Computed:            true,
			},
			"cleanup_policy": schema.StringAttribute{
				MarkdownDescription: "`cleanup.policy` of the topic on the brokers. Workers only start with `compact`; the plan shows any other value as a change to `compact`. " +
					"It is not `compact` while a change of the partitions is unfinished.",
				Computed: true,
				Default:  stringdefault.StaticString(internaltopic.PolicyCompact),
			},
		},
	}
}

func roleNames() []string {
	var names []string
	for _, role := range internaltopic.Roles() {
		names = append(names, string(role))
	}
	return names
}
