package topic

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// NewDataSource returns the data source kafkaconnect_internal_topic.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// DataSource is the data source kafkaconnect_internal_topic.
type DataSource struct {
	*session.Session // nil until the provider is configured
}

// sourceModel is the data source.
type sourceModel struct {
	Role              types.String `tfsdk:"role"`
	Name              types.String `tfsdk:"name"`
	Cluster           types.String `tfsdk:"cluster"`
	ID                types.String `tfsdk:"id"`
	Partitions        types.Int64  `tfsdk:"partitions"`
	ReplicationFactor types.Int64  `tfsdk:"replication_factor"`
	Replicas          [][]int64    `tfsdk:"replicas"`
	CleanupPolicy     types.String `tfsdk:"cleanup_policy"`
	Settings          types.Map    `tfsdk:"settings"`
	Records           types.Int64  `tfsdk:"records"`
	Problems          []string     `tfsdk:"problems"`
}

// Metadata implements [datasource.DataSource].
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_internal_topic"
}

// Configure implements [datasource.DataSourceWithConfigure].
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.Session = session.From(req.ProviderData)
}

// Schema implements [datasource.DataSource].
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an internal topic of a Connect cluster from the brokers, and checks whether it is fit for its role. Requires `kafka` of the provider. A topic that does not exist is an error. " +
			"The principal of the provider needs Describe and DescribeConfigs on the topic.",
		Attributes: map[string]schema.Attribute{
			"role": schema.StringAttribute{
				MarkdownDescription: "Role of the topic: `offset`, `config` or `status`. `problems` are those of a topic with this role.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.OneOf(roleNames()...)},
			},
			"name":    schema.StringAttribute{MarkdownDescription: "Name of the topic.", Required: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)}},
			"cluster": schema.StringAttribute{MarkdownDescription: session.ClusterDescription, Optional: true},
			"id":      schema.StringAttribute{MarkdownDescription: "Role and name: `role/name`, after the name of the cluster and a slash if `cluster` is set.", Computed: true},
			"partitions": schema.Int64Attribute{
				MarkdownDescription: "Number of partitions.",
				Computed:            true,
			},
			"replication_factor": schema.Int64Attribute{
				MarkdownDescription: "Number of replicas of the partition that has the fewest.",
				Computed:            true,
			},
			"replicas": schema.ListAttribute{
				MarkdownDescription: "Ids of the brokers that have replicas, one list for each partition. The preferred leader is first.",
				ElementType:         types.ListType{ElemType: types.Int64Type},
				Computed:            true,
			},
			"cleanup_policy": schema.StringAttribute{
				MarkdownDescription: "`cleanup.policy` in effect.",
				Computed:            true,
			},
			"settings": schema.MapAttribute{
				MarkdownDescription: "Settings that are set on the topic itself, without defaults of the brokers.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"records": schema.Int64Attribute{
				MarkdownDescription: "Number of offsets in all partitions. The number of records is at most this number, because compaction removes records and keeps their offsets. Null if a partition has no leader, and while a change of the partitions has deleted the topic.",
				Computed:            true,
			},
			"problems": schema.ListAttribute{
				MarkdownDescription: "Reasons why the topic is not fit for its role, one sentence each. Empty if there are none. They are: an unfinished change of the partitions, a `cleanup_policy` other than `compact`, a `config` topic with more than one partition, " +
					"fewer replicas than `min.insync.replicas`, partitions without a leader, and replicas that are not in sync.",
				ElementType: types.StringType,
				Computed:    true,
			},
		},
	}
}

// Read reads the topic from the brokers. A topic that does not exist is an error.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m sourceModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	s, diags := d.In(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, diags := s.Kafka.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	state, err := client.Inspect(ctx, m.Name.ValueString())
	switch {
	case err != nil:
		resp.Diagnostics.Append(diagnose("read", identityModel{Role: m.Role, Name: m.Name}, err)...)
		return
	case !state.Exists():
		resp.Diagnostics.AddAttributeError(path.Root("name"), "Unable to read internal topic "+diagnostics.Quoted(m.Name.ValueString()),
			"The Kafka cluster has no topic of this name, or the principal of the provider has no permission to describe it. Correct the name, or create the topic with the resource kafkaconnect_internal_topic.")
		return
	}
	m.fill(state)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// fill sets the computed attributes.
func (m *sourceModel) fill(state internaltopic.State) {
	topic, actual := topicOrCopy(state), fromBrokers(state)
	m.ID = session.ObjectID(m.Cluster, types.StringValue(m.Role.ValueString()+"/"+m.Name.ValueString()))
	m.Partitions, m.ReplicationFactor, m.CleanupPolicy = actual.Partitions, actual.ReplicationFactor, actual.CleanupPolicy
	m.Replicas = [][]int64{}
	for _, replicas := range topic.Replicas {
		ids := []int64{}
		for _, id := range replicas {
			ids = append(ids, int64(id))
		}
		m.Replicas = append(m.Replicas, ids)
	}
	settings := map[string]attr.Value{}
	for key, value := range topic.Config {
		settings[key] = types.StringValue(value)
	}
	m.Settings = types.MapValueMust(types.StringType, settings)
	m.Records = types.Int64Null()
	if state.Topic != nil && state.Offsets >= 0 {
		m.Records = types.Int64Value(state.Offsets)
	}
	m.Problems = append([]string{}, state.Problems(internaltopic.Role(m.Role.ValueString()))...)
}
