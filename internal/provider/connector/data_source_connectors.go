package connector

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// ConnectorsDataSource is the data source kafkaconnect_connectors.
type ConnectorsDataSource struct{ reader }

// NewConnectorsDataSource returns the data source kafkaconnect_connectors.
func NewConnectorsDataSource() datasource.DataSource { return &ConnectorsDataSource{} }

// Metadata implements [datasource.DataSource].
func (d *ConnectorsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_connectors"
}

// connectorsModel is the data source kafkaconnect_connectors.
type connectorsModel struct {
	commonModel
	filters

	IncludeLag types.Bool              `tfsdk:"include_lag"`
	Connectors map[string]summaryModel `tfsdk:"connectors"`
}

// summaryModel is an element of `connectors`.
type summaryModel struct {
	Type          types.String `tfsdk:"type"`
	Class         types.String `tfsdk:"class"`
	State         types.String `tfsdk:"state"`
	Healthy       bool         `tfsdk:"healthy"`
	Error         types.String `tfsdk:"error"`
	WorkerID      types.String `tfsdk:"worker_id"`
	TasksTotal    int64        `tfsdk:"tasks_total"`
	TasksRunning  int64        `tfsdk:"tasks_running"`
	TasksFailed   int64        `tfsdk:"tasks_failed"`
	ConsumerGroup types.String `tfsdk:"consumer_group"`
	Lag           types.Int64  `tfsdk:"lag"`
}

// Schema implements [datasource.DataSource].
func (d *ConnectorsDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the connectors of a cluster that the filters select, each with its state, its failures and its lag. Resources and data sources of one plan share one listing of all connectors " +
			"(`GET /connectors?expand=info&expand=status`). A connector without a status is not in the listing. It has none for a moment after its creation.",
		Attributes: common(ctx, map[string]schema.Attribute{
			"name_regex":  schema.StringAttribute{MarkdownDescription: nameRegexDescription, Optional: true, Validators: tfvalue.IsRegexp},
			"class":       schema.StringAttribute{MarkdownDescription: classDescription, Optional: true},
			"type":        schema.StringAttribute{MarkdownDescription: typeDescription, Optional: true, Validators: []validator.String{stringvalidator.OneOf("source", "sink")}},
			"state":       schema.StringAttribute{MarkdownDescription: stateDescription, Optional: true, Validators: []validator.String{stringvalidator.OneOf(reportedStates...)}},
			"healthy":     schema.BoolAttribute{MarkdownDescription: healthyDescription, Optional: true},
			"include_lag": schema.BoolAttribute{MarkdownDescription: includeLagDescription, Optional: true},
			"connectors": schema.MapNestedAttribute{
				MarkdownDescription: "The connectors, by name. Empty if the filters select none.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"type":           schema.StringAttribute{MarkdownDescription: "`source` or `sink`, as the worker reports it.", Computed: true},
					"class":          schema.StringAttribute{MarkdownDescription: "Value of `connector.class`.", Computed: true},
					"state":          schema.StringAttribute{MarkdownDescription: "State of the connector itself, without its tasks, as the worker reports it.", Computed: true},
					"healthy":        schema.BoolAttribute{MarkdownDescription: isHealthyDescription, Computed: true},
					"error":          schema.StringAttribute{MarkdownDescription: failureDescription, Computed: true},
					"worker_id":      schema.StringAttribute{MarkdownDescription: "Address of the worker that runs the connector itself.", Computed: true},
					"tasks_total":    schema.Int64Attribute{MarkdownDescription: "Number of tasks.", Computed: true},
					"tasks_running":  schema.Int64Attribute{MarkdownDescription: "Number of tasks that are `RUNNING`.", Computed: true},
					"tasks_failed":   schema.Int64Attribute{MarkdownDescription: "Number of tasks that are `FAILED`.", Computed: true},
					"consumer_group": schema.StringAttribute{MarkdownDescription: "Consumer group of a sink. Null for a source.", Computed: true},
					"lag":            schema.Int64Attribute{MarkdownDescription: lagDescription, Computed: true},
				}},
			},
		}),
	}
}

// Read implements [datasource.DataSource].
func (d *ConnectorsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m connectorsModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	t, diags := d.target(ctx, m.commonModel)
	selects, more := m.selector()
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	found, diags := t.connectors(ctx, selects)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	connectors := make([]connectclient.Connector, len(found))
	for i, one := range found {
		connectors[i] = one.Connector
	}
	lags, diags := readLags(ctx, t.Session, m.IncludeLag, path.Root("connectors"), connectors...)
	resp.Diagnostics.Append(diags...)
	m.Connectors = make(map[string]summaryModel, len(found))
	for _, one := range found {
		summary := summarized(one)
		if lag, ok := lags[one.Connector.Name]; ok {
			summary.Lag = types.Int64Value(lag.Total())
		}
		m.Connectors[one.Connector.Name] = summary
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// connectors returns the connectors of the cluster that the function selects, in the order of their names.
func (t target) connectors(ctx context.Context, selects func(connectclient.ConnectorWithStatus) bool) ([]connectclient.ConnectorWithStatus, diag.Diagnostics) {
	var all map[string]connectclient.ConnectorWithStatus
	err := t.ask(ctx, func(ctx context.Context) (err error) {
		all, err = t.client.CachedConnectors(ctx)
		return err
	})
	if err != nil {
		return nil, unableToRead("the connectors", err)
	}
	var found []connectclient.ConnectorWithStatus
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if selects(all[name]) {
			found = append(found, all[name])
		}
	}
	return found, nil
}

// summarized converts the answer of a worker. The lag is null until it is read.
func summarized(one connectclient.ConnectorWithStatus) summaryModel {
	summary := summaryModel{
		Type:          types.StringValue(one.Connector.Type),
		Class:         orNull(one.Connector.Config[classKey]),
		State:         types.StringValue(string(one.Status.Connector.State)),
		Healthy:       healthy(one.Status),
		Error:         failureText(one.Status),
		WorkerID:      orNull(one.Status.Connector.WorkerID),
		TasksTotal:    int64(len(one.Status.Tasks) + len(one.Status.Unseen)),
		ConsumerGroup: orNull(consumerGroup(one.Connector)),
		Lag:           types.Int64Null(),
	}
	for _, task := range one.Status.Tasks {
		switch task.State {
		case connectclient.StateRunning:
			summary.TasksRunning++
		case connectclient.StateFailed:
			summary.TasksFailed++
		}
	}
	return summary
}
