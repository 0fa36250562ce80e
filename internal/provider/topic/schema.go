package topic

import (
	"context"
	"math"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
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
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// Schema returns the attributes, ordered as in the documentation: required, optional, computed.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "One of the three internal topics of a Connect cluster: offset, config or status storage. It can also be the own offsets topic of source connectors. Create the topic before the first worker starts, " +
			"because a worker creates missing topics with its own settings. Later applies correct the declared settings, replication factor and number of partitions. " +
			"The number of partitions can be increased and reduced without losing a record. " +
			"A `moved` block accepts a `kafka_topic` of the provider Mongey/kafka.\n\n" + permissions,
		Attributes: map[string]schema.Attribute{
			"role": schema.StringAttribute{
				MarkdownDescription: "Role of the topic: `offset` (`offset.storage.topic` of workers, or `offsets.storage.topic` of `connectors`), `config` (`config.storage.topic`) or `status` (`status.storage.topic`). " +
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
			"cluster": schema.StringAttribute{
				MarkdownDescription: session.ClusterDescription + " A change deletes the topic and creates an empty one in the other cluster.",
				Optional:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"partitions": schema.Int64Attribute{
				MarkdownDescription: "Number of partitions. Default of a new topic by role: 25 (`offset`), 1 (`config`) or 5 (`status`). The `config` topic must have 1. " +
					"If the number is not declared, an existing topic keeps its number, also after an import. " +
					"Changing this on a topic with records rewrites every record to its new partition; the workers of the group must be stopped during the apply. " +
					"To reduce the partitions of a topic with records, set `deletion_protection = false`. The topic is then deleted and created again; " +
					"meanwhile a second topic, with the suffix `" + internaltopic.RebuildSuffix + "`, holds a verified copy of the records.",
				Optional:   true,
				Computed:   true,
				Validators: []validator.Int64{int64validator.Between(1, math.MaxInt32)},
			},
			"replication_factor": schema.Int64Attribute{
				MarkdownDescription: "Number of replicas of each partition. By default the broker chooses the number when the topic is created, and later applies keep the present number. " +
					"A change reassigns replicas, and the apply waits until the brokers have copied the records.",
				Optional:      true,
				Computed:      true,
				Validators:    []validator.Int64{int64validator.Between(1, math.MaxInt16)},
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"config": schema.MapAttribute{
				MarkdownDescription: "Settings of the topic, such as `min.insync.replicas`. Only the settings in this map are managed. If a setting is removed from the map, the apply resets it to the broker's default. " +
					"`cleanup.policy` is not allowed in the map: the resource always sets `compact`. The plan asks the brokers whether they accept the settings.",
				Optional:    true,
				ElementType: types.StringType,
				Validators:  tfvalue.NoBlankKeys,
			},
			"group_id": schema.StringAttribute{
				MarkdownDescription: "`group.id` of the workers that use the topic, the same as in their `kafkaconnect_worker_config`. Stop these workers before an apply that changes the partitions of a topic with records, copies records for `seed_from`, or deletes the topic. " +
					"The apply waits while workers leave the group, and fails when none has left for a minute. Until it has changed the topic, it keeps workers out of the group, " +
					"at least 5 seconds and longer if the internal topics are large. A worker that starts meanwhile exits, and its supervisor has to start it again. " +
					"An apply fails if the workers of another group use the topic, or if the brokers do not know the group while other Connect groups have workers. " +
					"Without `group_id`, it fails while any Connect worker of the Kafka cluster runs.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"connectors": schema.SetAttribute{
				MarkdownDescription: "Names of the source connectors that have this topic as their own `offsets.storage.topic`. Only with role `offset`. " +
					"`group_id` is then the group of the workers that run these connectors. The topic can be deleted while workers of the group run, " +
					"but not while one of these connectors exists on a running worker, even if the connector is stopped. " +
					"The apply waits until the connectors are deleted, and fails when their workers still have them after a minute. " +
					"A change of the partitions still needs the workers of the group stopped, because a stopped connector can be resumed at any time. " +
					"Default: the topic is a storage topic of workers.",
				Optional:    true,
				ElementType: types.StringType,
				Validators:  []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"seed_from": schema.StringAttribute{
				MarkdownDescription: "Name of a topic whose records are copied into the new topic. The source topic is not changed. " +
					"Use it to change the number of partitions without deleting a topic: create a second topic, then switch the workers to it. Used only when the topic is created; later changes have no effect.",
				Optional: true,
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Whether to refuse to delete the topic. Apply `false` before a destroy or a change of `name`. To reduce the partitions of a topic with records, set `false` in the same apply or before. " +
					"Default `true`, because without the topic the group loses its offsets, its connectors or their states.",
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(true),
			},
			"skip_checks": schema.SetAttribute{
				MarkdownDescription: "Checks to skip before the topic is changed. Default: none. `records`: workers wrote the records of the topic. " +
					"`group`: `group_id` is the group of the workers that use the topic. `partitions`: the topic gets at most " + strconv.Itoa(internaltopic.MaxPartitions) + " partitions. " +
					"Skip a check only if it is wrong about your cluster: a topic of another application can lose records, and workers that keep running go back to older offsets.",
				Optional:    true,
				ElementType: types.StringType,
				Validators:  []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(checkNames()...))},
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: tfvalue.TimeoutDescription("the topic to be created and its records to be copied", createTimeout),
				ReadDescription:   tfvalue.TimeoutDescription("the answers of the brokers", readTimeout),
				UpdateDescription: tfvalue.TimeoutDescription("records to be rewritten and replicas to be moved", updateTimeout),
				DeleteDescription: tfvalue.TimeoutDescription("the topic to be deleted", deleteTimeout),
			}),
			"id": schema.StringAttribute{
				MarkdownDescription: "Role and name: `role/name`.",
				Computed:            true,
			},
			"cleanup_policy": schema.StringAttribute{
				MarkdownDescription: "`cleanup.policy` of the topic on the brokers. Workers start only with `compact`; the plan shows any other value as a change to `compact`. " +
					"While a change of the partitions is unfinished, the policy is `compact,delete`, which keeps workers from starting.",
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

func checkNames() []string {
	var names []string
	for _, check := range internaltopic.Checks() {
		names = append(names, string(check))
	}
	return names
}
