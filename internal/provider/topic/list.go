package topic

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

var _ list.ListResourceWithConfigure = (*List)(nil)

// List is the list resource kafkaconnect_internal_topic. Its name and its session are those of the resource.
type List struct{ Resource }

// NewList returns the list resource kafkaconnect_internal_topic.
func NewList() list.ListResource { return &List{} }

// listModel is the configuration of the list resource.
type listModel struct {
	GroupID   types.String `tfsdk:"group_id"`
	NameRegex types.String `tfsdk:"name_regex"`
	Role      types.String `tfsdk:"role"`
	Cluster   types.String `tfsdk:"cluster"`
}

// ListResourceConfigSchema implements [list.ListResource].
func (l *List) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the internal topics of Connect groups for `terraform query`, in the order of their names. Needs Terraform 1.14.\n\n" +
			"Neither brokers nor workers report which topics a group uses. The provider finds them by their records:\n\n" +
			"- A compacted topic is listed if its last records have the keys that workers write to topics of one role. It is listed with this role.\n" +
			"- A compacted topic may have no records, such as the offset topic of a group without source connectors. It is listed if its name contains `offset`, `config` or `status`, " +
			"and another topic that is listed has the same name except for this word: `connect-offsets` and `connect-configs`.\n" +
			"- With `group_id`, a topic is listed if its records name the connectors that the workers of the group run: all of them in a `config` or `status` topic, at least one in an `offset` topic. " +
			"A topic is also listed if its name differs from that of such a topic only in the word for the role. " +
			"An `offset` topic is not listed if it belongs by its name to the `config` or `status` topic of another group. " +
			"If two groups run connectors of the same names, topics of both may be listed: compare their names.\n\n" +
			"The principal of the provider needs Describe, DescribeConfigs and Read on the topics. Topics that it may not describe are not listed; a warning names those that it may not read. " +
			"With `group_id`, it also needs Describe on the group.\n\n" +
			"The configuration that Terraform generates is what an import stores. It does not contain `group_id`, and `connectors` of own offsets topics: add these attributes afterwards. " +
			"Terraform lists at most 100 objects unless `limit` is set.",
		Attributes: map[string]schema.Attribute{
			"cluster": schema.StringAttribute{MarkdownDescription: session.ClusterDescription, Optional: true},
			"group_id": schema.StringAttribute{
				MarkdownDescription: "`group.id` of the workers that use the topics. The group must have workers and run at least one connector. Default: the topics of every group.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"name_regex": schema.StringAttribute{
				MarkdownDescription: "Regular expression (RE2) that matches a part of the name of the topic. Use `^` and `$` to match the whole name. Default: every name.",
				Optional:            true,
				Validators:          tfvalue.IsRegexp,
			},
			"role": schema.StringAttribute{
				MarkdownDescription: "Role of the topics: `offset`, `config` or `status`. Default: every role.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(roleNames()...)},
			},
		},
	}
}

// List implements [list.ListResource].
func (l *List) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var m listModel
	diags := req.Config.Get(ctx, &m)
	found, client, more := l.find(ctx, m)
	if diags.Append(more...); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	var warnings diag.Diagnostics
	if len(found.Unread) > 0 {
		warnings.AddWarning("Some topics could not be read",
			"The principal of the provider has no permission to read these compacted topics, so they are not listed if they are internal topics: "+
				diagnostics.Shortened(found.Unread)+". Grant Read on the internal topics.")
	}
	stream.Results = tfvalue.ListResults(ctx, req, "internal topics", found.Topics, warnings, func(t internaltopic.DiscoveredTopic, result *list.ListResult) {
		id := identityModel{Role: types.StringValue(string(t.Role)), Name: types.StringValue(t.Name), Cluster: m.Cluster}
		result.DisplayName = t.Name
		result.Diagnostics.Append(result.Identity.Set(ctx, id)...)
		if req.IncludeResource {
			result.Diagnostics.Append(setResource(ctx, client, id, result)...)
		}
	})
}

// find returns the topics that the filters select.
func (l *List) find(ctx context.Context, m listModel) (found internaltopic.Discovered, client *internaltopic.Client, diags diag.Diagnostics) {
	pattern, diags := tfvalue.Regexp(path.Root("name_regex"), m.NameRegex)
	s, more := l.Session.In(m.Cluster)
	if diags.Append(more...); diags.HasError() {
		return found, nil, diags
	}
	client, diags = s.Kafka.Client()
	if diags.HasError() {
		return found, nil, diags
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	found, err := client.Discover(ctx, m.GroupID.ValueString())
	if err != nil {
		return found, nil, diagnoseWith("Unable to list internal topics", identityModel{}, err)
	}
	found.Topics = slices.DeleteFunc(found.Topics, func(t internaltopic.DiscoveredTopic) bool {
		return !pattern.MatchString(t.Name) || !m.Role.IsNull() && m.Role.ValueString() != string(t.Role)
	})
	return found, client, nil
}

// setResource reads the topic and sets it as an import stores it.
func setResource(ctx context.Context, client *internaltopic.Client, id identityModel, result *list.ListResult) diag.Diagnostics {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	state, err := client.Inspect(ctx, id.Name.ValueString())
	if err == nil && !state.Exists() {
		err = internaltopic.ErrNotFound
	}
	if err != nil {
		return diagnose("read", id, err)
	}
	return result.Resource.Set(ctx, importedModel(id, state))
}
