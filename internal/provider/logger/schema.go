package logger

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// knownLevels are the levels that workers accept, from the fewest to the most messages.
var knownLevels = []string{"OFF", "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "ALL"}

// Schema implements [resource.Resource].
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The level of a logger on the workers of a Connect cluster. Since Kafka Connect 3.7, one worker sets the level for the whole cluster. " +
			"On older workers, the provider sets it on the worker at each address in `connect.urls`.\n\n" +
			"Workers do not store levels. If a worker restarts, its level is lost, and the next plan shows that as a change of `level`. " +
			"The provider reads the level at each address. Give the addresses of all workers: at the address of a load balancer, it reads one worker at a time. " +
			"If the workers are older than 3.7, it also sets the level of one worker only. Workers that do not answer cause no change.\n\n" +
			"A level applies to the loggers below as well: `org.apache.kafka` applies to `org.apache.kafka.connect`. " +
			"Loggers below that another resource declares, or that have another level, keep their levels. " +
			"Since 4.0, workers do not list loggers with the level `OFF`. Such a logger keeps its level only if a resource declares it. When a resource for a logger above is created, it may lose the level; the next plan then shows that.\n\n" +
			"A destroy restores the level that the logger had when the resource was created. " +
			"If the workers have a separate admin listener (`admin.listeners`), set `connect.admin_urls` of the provider.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the logger: `root`, a Java package or a class, such as `org.apache.kafka.connect.runtime.WorkerSinkTask`. " +
					"If the workers do not have this logger, they create it. A change restores the level of the previous logger.",
				Required:      true,
				Validators:    []validator.String{loggerName{}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"level": schema.StringAttribute{
				MarkdownDescription: "Level: `OFF`, `FATAL`, `ERROR`, `WARN`, `INFO`, `DEBUG`, `TRACE` or `ALL`, in upper or lower case. " +
					"If the workers have different levels, the state has all of them, such as `DEBUG, INFO`, and the plan shows a change.",
				Required:   true,
				Validators: []validator.String{stringvalidator.OneOfCaseInsensitive(knownLevels...)},
			},
			"cluster": schema.StringAttribute{
				MarkdownDescription: session.ClusterDescription + " A change restores the level in the previous cluster.",
				Optional:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: tfvalue.TimeoutDescription("a worker that answers, and for the new level on all workers that answer", createTimeout),
				ReadDescription:   tfvalue.TimeoutDescription("the answers of the workers", readTimeout),
				UpdateDescription: tfvalue.TimeoutDescription("a worker that answers, and for the new level on all workers that answer", updateTimeout),
				DeleteDescription: tfvalue.TimeoutDescription("a worker that answers, and for the restored level", deleteTimeout),
			}),
			"id": schema.StringAttribute{
				MarkdownDescription: "The name of the logger, after the name of the cluster and a slash if `cluster` is set.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"levels": schema.MapAttribute{
				MarkdownDescription: "Levels of the logger, by address of the worker. Workers that do not answer are not in the map.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"original_level": schema.StringAttribute{
				MarkdownDescription: "Level that the logger had when the resource was created, on the first worker that answered. A destroy restores it. " +
					"Null if the logger inherited its level, and after an import. A destroy then sets the level of the logger above.",
				Computed:      true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		},
	}
}
