package topic

import (
	"context"
	"math"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
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

func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "One of the three topics in which a group of distributed workers keeps its memory. It is created in the right shape before a worker " +
			"can create it in another one, and converges afterwards: settings, replication factor and, in both directions and without losing a record, " +
			"the number of partitions. A `moved` block takes over a `kafka_topic` of Mongey/kafka.\n\n" + permissions,
		Attributes: map[string]schema.Attribute{
			"role": schema.StringAttribute{
				MarkdownDescription: "What the topic is for: `offset` (`offset.storage.topic`), `config` (`config.storage.topic`) or `status` (`status.storage.topic`). " +
					"It cannot be changed: another one is an error in the plan.",
				Required:   true,
				Validators: []validator.String{stringvalidator.OneOf(roleNames()...)},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the topic. Another name is another topic: a change deletes the topic and creates an empty one. " +
					"To move the content, add a second resource with `seed_from`.",
				Required:      true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"partitions": schema.Int64Attribute{
				MarkdownDescription: "Number of partitions. Default by role: 25, 1 and 5; the `config` topic cannot have more than one. " +
					"A change of a topic that holds records writes them anew to where the new number puts them, and needs the group's workers stopped while it is applied. " +
					"Fewer partitions also need `deletion_protection = false`, as the topic is deleted and created again, its content kept meanwhile in a second one, named with `" + internaltopic.RebuildSuffix + "` at its end. " +
					"Declare the number of a topic that is imported, too: without it the default is planned.",
				Optional:   true,
				Computed:   true,
				Validators: []validator.Int64{int64validator.Between(1, math.MaxInt32)},
			},
			"replication_factor": schema.Int64Attribute{
				MarkdownDescription: "Number of replicas of each partition. By default the broker decides when the topic is created, and nothing is changed later. " +
					"A change moves replicas and waits for that.",
				Optional:      true,
				Computed:      true,
				Validators:    []validator.Int64{int64validator.Between(1, math.MaxInt16)},
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"config": schema.MapAttribute{
				MarkdownDescription: "Settings of the topic, such as `min.insync.replicas`. Only these are managed; one that is removed here goes back to the broker's default. " +
					"Not `cleanup.policy`, which is always `compact`.",
				Optional:    true,
				ElementType: types.StringType,
			},
			"group_id": schema.StringAttribute{
				MarkdownDescription: "`group.id` of the workers that use the topic. It tells whose workers must be stopped before partitions change, the topic is filled by `seed_from`, or it is deleted. " +
					"Without it no group of Connect workers on the cluster may be running then.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"seed_from": schema.StringAttribute{
				MarkdownDescription: "Name of a topic whose content the new topic starts with, each record in the partition that the new number of partitions gives it. " +
					"It is left as it is. The way to another number of partitions that deletes nothing: create, then switch the workers over. Only read when the topic is created.",
				Optional: true,
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Refuse to delete the topic, by a destroy, by a change of its name or to take partitions away. Default `true`: it is the memory of its group.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: tfvalue.TimeoutDescription("the topic to be created, and its content copied", createTimeout),
				ReadDescription:   tfvalue.TimeoutDescription("answers of the brokers", readTimeout),
				UpdateDescription: tfvalue.TimeoutDescription("records to be written anew and replicas to be moved", updateTimeout),
				DeleteDescription: tfvalue.TimeoutDescription("the topic to be deleted", deleteTimeout),
			}),
			"id": schema.StringAttribute{
				MarkdownDescription: "Role and name: `role/name`.",
				Computed:            true,
			},
			"cleanup_policy": schema.StringAttribute{
				MarkdownDescription: "`cleanup.policy` as the broker holds it. Anything but `compact`, on which workers refuse to start, is shown as a change and put back. " +
					"While a change of partitions is unfinished it is another one.",
				Computed: true,
				Default:  stringdefault.StaticString(cleanupPolicyCompact),
			},
		},
	}
}

// IdentitySchema describes the identity by which Terraform 1.12 and later can import.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"role": identityschema.StringAttribute{Description: "What the topic is for: offset, config or status.", RequiredForImport: true},
			"name": identityschema.StringAttribute{Description: "Name of the topic.", RequiredForImport: true},
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
