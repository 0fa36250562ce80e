package cluster

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

func dataSourceSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads the workers of a Connect cluster: their version and its features, which of them are ready, and which properties file each of them runs. " +
			"The provider asks all workers in `connect.urls` at the same time. A worker that does not answer is shown with its `error`. " +
			"The data source fails only if no worker answers.",
		Attributes: map[string]schema.Attribute{
			"cluster": schema.StringAttribute{Optional: true, MarkdownDescription: session.ClusterDescription},
			"group_id": schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: "`group.id` of the workers, to read the `members` of the group. Requires `kafka` of the provider. A group without members is an error. " +
				"Default: the Connect group with a member that advertises one of the `connect.urls`, or the only Connect group. Null if there is none."},
			"timeouts": timeouts.AttributesWithOpts(ctx, timeouts.Opts{
				ReadDescription: tfvalue.TimeoutDescription("a worker that is ready", defaultReadTimeout) +
					" A worker that is starting needs up to a minute.",
			}),
			"version": schema.StringAttribute{Computed: true, MarkdownDescription: "Version of Kafka Connect. If the workers run different versions, the oldest one."},
			"commit":  schema.StringAttribute{Computed: true, MarkdownDescription: "Git commit of this version."},
			"kafka_cluster_id": schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the Kafka cluster that the workers use. " +
				"Workers that use different Kafka clusters are an error."},
			"features": schema.MapAttribute{Computed: true, ElementType: types.BoolType, MarkdownDescription: featuresDescription()},
			"workers":  workersAttribute(),
			"members":  membersAttribute(),
		},
	}
}

func workersAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: "One element for each of the `connect.urls`, in the same order.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"url":     schema.StringAttribute{Computed: true, MarkdownDescription: "URL of the worker, as in `connect.urls`."},
			"version": schema.StringAttribute{Computed: true, MarkdownDescription: "Version of the worker. Null if the worker does not answer."},
			"ready": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the worker has joined its group and executes requests. " +
				"`false` while the worker is starting or its group rebalances."},
			"config_revision": schema.StringAttribute{Computed: true, MarkdownDescription: "`content_sha256` of the file that the worker runs, if `announce_revision` of `kafkaconnect_worker_config` is `true`. " +
				"Null if the worker announces no revision or does not answer."},
			"error": schema.StringAttribute{Computed: true, MarkdownDescription: "Why the worker is not ready. Null if the worker is ready."},
		}},
	}
}

func membersAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: "Members of the group, as the brokers report them, ordered by `url`. They include workers that `connect.urls` does not list. " +
			"Null without `kafka` of the provider, and, with a warning, if the group is not found.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"host": schema.StringAttribute{Computed: true, MarkdownDescription: "Address from which the worker connects to the brokers."},
			"url":  schema.StringAttribute{Computed: true, MarkdownDescription: "URL that the worker advertises to the other workers."},
			"connectors": schema.ListAttribute{Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Connectors that are assigned to the worker. Connectors that are `PAUSED` or `STOPPED` are assigned, too."},
			"tasks": schema.MapAttribute{Computed: true, ElementType: types.ListType{ElemType: types.Int64Type},
				MarkdownDescription: "Numbers of the tasks that are assigned to the worker, by connector."},
		}},
	}
}

// featuresDescription lists all features.
func featuresDescription() string {
	var list []string
	for _, f := range connectclient.AllFeatures() {
		list = append(list, fmt.Sprintf("`%s` (%s, %d.%d)", f.Name, f.Meaning, f.Since.Major, f.Since.Minor))
	}
	return "Whether `version` has a feature, by the name of the feature. " +
		"The names, with the first version of Kafka Connect that has the feature: " + strings.Join(list, ", ") + "."
}
