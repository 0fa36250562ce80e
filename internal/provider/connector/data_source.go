package connector

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

var (
	_ datasource.DataSourceWithConfigure = (*DataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*ConnectorsDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*OffsetsDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*TopologyDataSource)(nil)
)

// reader is what the data sources of this package share.
type reader struct {
	*session.Session // nil until the provider is configured
}

// Configure implements [datasource.DataSourceWithConfigure].
func (r *reader) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	r.Session = session.From(req.ProviderData)
}

// commonModel holds the attributes that all data sources of this package have.
type commonModel struct {
	Cluster  types.String   `tfsdk:"cluster"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// common returns the attributes of commonModel, and adds the others.
func common(ctx context.Context, others map[string]schema.Attribute) map[string]schema.Attribute {
	others["cluster"] = schema.StringAttribute{MarkdownDescription: session.ClusterDescription, Optional: true}
	others["timeouts"] = timeouts.AttributesWithOpts(ctx, timeouts.Opts{ReadDescription: tfvalue.TimeoutDescription("the answers of the workers", readTimeout) +
		" Without `timeouts`, the data source waits at most 12 seconds for a worker that answers at all."})
	return others
}

// target is the cluster that a data source reads from.
type target struct {
	*session.Session

	client  *connectclient.Client
	timeout time.Duration
	waits   bool // for a worker that starts, within the timeout
}

// target returns the cluster that a data source selects.
func (r *reader) target(ctx context.Context, m commonModel) (target, diag.Diagnostics) {
	s, diags := r.In(m.Cluster)
	if diags.HasError() {
		return target{}, diags
	}
	client, diags := s.Connect.Client()
	timeout, more := m.Timeouts.Read(ctx, readTimeout)
	return target{s, client, timeout, !m.Timeouts.IsNull()}, append(diags, more...)
}

// ask calls read with the timeout. If no worker answers, it waits at most 12 seconds, once for the run, unless timeouts.read
// is set.
func (t target) ask(ctx context.Context, read func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	if t.waits {
		return read(ctx)
	}
	return t.Ask(ctx, t.client, read)
}

// unableToRead is the error of a request for what the text names, except if a connector does not exist.
func unableToRead(what string, err error) diag.Diagnostics {
	summary := "Unable to read " + what
	if found, ok := errors.AsType[*session.NoWorkerError](err); ok && found.Wait {
		return diag.Diagnostics{diag.NewErrorDiagnostic(summary, "No worker answers. "+diagnostics.Sentence(err.Error())+
			"\n\nStart the workers, or correct connect.urls of the provider. If the workers start in the same apply, set timeouts.read of the data source, and let it "+
			"depend on what starts them. A data source within a check block causes a warning in place of this error.")}
	}
	return diag.Diagnostics{diagnostics.FromConnect(summary, err)}
}

// unableToReadOf is the error of a data source about one connector; what names the part of it that was read.
func (t target) unableToReadOf(ctx context.Context, what, name string, err error) diag.Diagnostics {
	if !errors.Is(err, connectclient.ErrNotFound) {
		return unableToRead(what+quoted(name), err)
	}
	detail := "The workers have no connector of this name. "
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	all, _ := t.client.CachedConnectors(ctx) // after an error, there is no advice
	names := make([]string, 0, len(all))
	for other := range all {
		names = append(names, other)
	}
	if meant := similar(name, names); meant != "" {
		detail += "Did you mean " + diagnostics.Quoted(meant) + "? "
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("name"), diagnostics.Capitalized(quoted(name))+" does not exist",
		detail+"Correct the name. If this configuration creates the connector, refer to its resource: name = kafkaconnect_connector.NAME.name.")}
}

// DataSource is the data source kafkaconnect_connector.
type DataSource struct{ reader }

// NewDataSource returns the data source kafkaconnect_connector.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// Metadata implements [datasource.DataSource].
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_connector"
}

// Schema implements [datasource.DataSource].
func (d *DataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads a connector: its configuration without secrets, its state, its tasks, the root causes of failures, and the lag and the dead letters of a sink. " +
			"Resources and data sources of one plan share a listing of all connectors. In addition, one request for each connector class asks which keys are passwords.",
		Attributes: common(ctx, map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the connector. A connector that does not exist is an error.",
				Required:            true,
				Validators:          []validator.String{connectorName{}},
			},
			"include_lag": schema.BoolAttribute{MarkdownDescription: includeLagDescription + " This includes `dead_letter_records`.", Optional: true},
			"include_topics": schema.BoolAttribute{
				MarkdownDescription: "Whether to read `topics`, with one more request. Default `false`.",
				Optional:            true,
			},
			"type": schema.StringAttribute{MarkdownDescription: "`source` or `sink`, as the worker reports it.", Computed: true},
			"config": schema.MapAttribute{
				MarkdownDescription: "Configuration on the worker, without the key `name` and without the keys in `ignored_config_keys`. It can be used as `config` of the resource.",
				Computed:            true,
				ElementType:         types.StringType,
			},
			"ignored_config_keys": schema.SetAttribute{
				MarkdownDescription: "Keys whose values are not shown: secrets, blank keys and keys with a null value. Null if there are none. " +
					"A value is a secret if the plugin defines its key as a password, or by the name of its key or by its form. An import of the connector ignores the same keys.",
				Computed:    true,
				ElementType: types.StringType,
			},
			"state": schema.StringAttribute{
				MarkdownDescription: "State of the connector itself, without its tasks, as the worker reports it: `RUNNING`, `PAUSED`, `STOPPED`, `FAILED`, `UNASSIGNED` or `RESTARTING`. " +
					"A new connector is `UNASSIGNED` until it has a state.",
				Computed: true,
			},
			"healthy": schema.BoolAttribute{
				MarkdownDescription: isHealthyDescription + " A connector that is `RUNNING` without tasks is healthy, too: see `tasks`.",
				Computed:            true,
			},
			"error": schema.StringAttribute{
				MarkdownDescription: failureDescription,
				Computed:            true,
			},
			"worker_id": schema.StringAttribute{MarkdownDescription: "Address of the worker that runs the connector itself.", Computed: true},
			"version": schema.StringAttribute{
				MarkdownDescription: "Version of the plugin that the connector runs. Null if the worker does not report it, for example before Kafka 4.1.",
				Computed:            true,
			},
			"tasks": schema.ListNestedAttribute{
				MarkdownDescription: "Tasks, in the order of their ids.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":        schema.Int64Attribute{MarkdownDescription: "Number of the task.", Computed: true},
					"state":     schema.StringAttribute{MarkdownDescription: "State that the worker reports. Null if it reports none.", Computed: true},
					"worker_id": schema.StringAttribute{MarkdownDescription: "Address of the worker that runs the task.", Computed: true},
					"version":   schema.StringAttribute{MarkdownDescription: "Version of the plugin that the task runs, or null.", Computed: true},
					"error":     schema.StringAttribute{MarkdownDescription: "Root cause of the failure of the task, or null.", Computed: true},
				}},
			},
			"topics": schema.ListAttribute{
				MarkdownDescription: "Topics that the connector has written to or read from, sorted (`GET /connectors/{name}/topics`). Null without `include_topics`, and if the workers run with `topic.tracking.enable=false`.",
				Computed:            true,
				ElementType:         types.StringType,
			},
			"consumer_group": schema.StringAttribute{
				MarkdownDescription: "Consumer group of a sink: `connect-` and its name, or `consumer.override.group.id` of its configuration. Null for a source.",
				Computed:            true,
			},
			"lag":                 schema.Int64Attribute{MarkdownDescription: lagDescription, Computed: true},
			"dead_letter_records": schema.Int64Attribute{MarkdownDescription: deadLetterRecordsDescription, Computed: true},
			"lag_by_partition": schema.ListNestedAttribute{
				MarkdownDescription: "`lag` of each partition. Null if `lag` is null.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"topic":     schema.StringAttribute{MarkdownDescription: "Name of the topic.", Computed: true},
					"partition": schema.Int64Attribute{MarkdownDescription: "Number of the partition.", Computed: true},
					"lag":       schema.Int64Attribute{MarkdownDescription: "Records of the partition that the sink has not committed.", Computed: true},
				}},
			},
		}),
	}
}

// Read implements [datasource.DataSource].
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m connectorModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	t, diags := d.target(ctx, m.commonModel)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	name := m.Name.ValueString()
	var got connectclient.Connector
	err := t.ask(ctx, func(ctx context.Context) (err error) {
		var status connectclient.Status
		if got, status, err = t.client.ConnectorWithStatus(ctx, name); err != nil {
			return err
		}
		passwords, err := passwordKeys(ctx, t.client, got.Config[classKey])
		diags = passwordsWarning(quoted(name), err)
		m.setConnector(got, status, passwords)
		if m.IncludeTopics.ValueBool() {
			m.Topics, err = activeTopics(ctx, t.client, name)
			return err
		}
		return nil
	})
	if err != nil {
		resp.Diagnostics.Append(t.unableToReadOf(ctx, "", name, err)...)
		return
	}
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(m.readLag(ctx, t.Session, got)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// activeTopics returns the active topics of a connector as a list, which is null if the workers do not record them.
func activeTopics(ctx context.Context, client *connectclient.Client, name string) (types.List, error) {
	topics, err := client.ActiveTopics(ctx, name)
	if err != nil {
		if errors.Is(err, connectclient.ErrNoTopicTracking) {
			err = nil
		}
		return types.ListNull(types.StringType), err
	}
	list, _ := types.ListValueFrom(ctx, types.StringType, topics) // strings always convert
	return list, nil
}
