// Package provider is the Terraform provider: its schema, its configuration, and the list of its objects. Each noun has
// a package of its own below this one. They hold no knowledge of the wire, which is for the core packages.
package provider

import (
	"context"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/cluster"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/connector"
	fn "github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/function"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/logger"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/plugin"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/settings"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/topic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/worker"
)

// New returns the constructor of the provider of that version, as the plugin server wants it.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &kafkaConnectProvider{version: version} }
}

var (
	_ provider.ProviderWithValidateConfig     = (*kafkaConnectProvider)(nil)
	_ provider.ProviderWithActions            = (*kafkaConnectProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*kafkaConnectProvider)(nil)
	_ provider.ProviderWithFunctions          = (*kafkaConnectProvider)(nil)
	_ provider.ProviderWithListResources      = (*kafkaConnectProvider)(nil)
)

type kafkaConnectProvider struct {
	version string
	session atomic.Pointer[session.Session] // of the last Configure, for the server
}

// providerModel is the provider block.
type providerModel struct {
	Connect  types.Object `tfsdk:"connect"`
	Kafka    types.Object `tfsdk:"kafka"`
	Clusters types.Map    `tfsdk:"clusters"`
}

func (p *kafkaConnectProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "kafkaconnect"
	resp.Version = p.version
}

func (p *kafkaConnectProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages self-hosted Apache Kafka Connect 2.8 to 4.4: internal topics, worker configurations and connectors.",
		Attributes: map[string]schema.Attribute{
			"connect":  settings.ConnectAttribute(),
			"kafka":    settings.KafkaAttribute(),
			"clusters": settings.ClustersAttribute(),
		},
	}
}

// ValidateConfig reports what is wrong with the settings that are known, already under `terraform validate`.
func (p *kafkaConnectProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var m providerModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	clusters, diags := settings.NewClusters(ctx, m.Connect, m.Kafka, m.Clusters, p.version)
	resp.Diagnostics.Append(diags...)
	clusters.Close()
}

// Configure builds the clients. It sends nothing: the first use of a client is the first request.
func (p *kafkaConnectProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	clusters, diags := settings.NewClusters(ctx, m.Connect, m.Kafka, m.Clusters, p.version)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	s := session.New(clusters)
	p.session.Store(s)
	resp.ResourceData = s
	resp.DataSourceData = s
	resp.EphemeralResourceData = s
	resp.ActionData = s
	resp.ListResourceData = s
}

func (p *kafkaConnectProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{connector.NewResource, topic.NewResource, worker.NewResource, worker.NewStandaloneResource, logger.NewResource}
}

func (p *kafkaConnectProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		cluster.NewDataSource,
		connector.NewDataSource,
		connector.NewConnectorsDataSource,
		connector.NewOffsetsDataSource,
		connector.NewTopologyDataSource,
		plugin.NewDataSource,
		plugin.NewListDataSource,
		topic.NewDataSource,
	}
}

func (p *kafkaConnectProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		cluster.NewAwaitWorkers,
		connector.NewAlterOffsetsAction,
		connector.NewResetOffsetsAction,
		connector.NewRestartAction,
	}
}

func (p *kafkaConnectProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{connector.NewList, topic.NewList}
}

func (p *kafkaConnectProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{worker.NewEphemeral}
}

func (p *kafkaConnectProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{fn.NewPropertiesEncode, fn.NewPropertiesDecode, fn.NewJAASConfig, fn.NewWorkerEnvironment}
}
