package plugin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// readTimeout bounds a read. The client retries until then.
const readTimeout = 2 * time.Minute

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// NewDataSource returns the data source kafkaconnect_plugin.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// DataSource is the data source kafkaconnect_plugin.
type DataSource struct {
	*session.Session // nil until the provider is configured
}

type pluginModel struct {
	Class    types.String `tfsdk:"class"`
	Cluster  types.String `tfsdk:"cluster"`
	Version  types.String `tfsdk:"version"`
	Types    []string     `tfsdk:"types"`
	Versions []string     `tfsdk:"versions"`
	Keys     []keyModel   `tfsdk:"keys"`
}

// Metadata implements [datasource.DataSource].
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_plugin"
}

// Configure implements [datasource.DataSourceWithConfigure].
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.Session = session.From(req.ProviderData)
}

// Schema implements [datasource.DataSource].
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an installed plugin and the configuration keys that it defines. A plugin is a connector, converter, transformation or predicate. Needs Kafka Connect 3.2.",
		Attributes: map[string]schema.Attribute{
			"class": schema.StringAttribute{
				MarkdownDescription: "Full name of the Java class, such as `org.apache.kafka.connect.file.FileStreamSourceConnector`. Short names are not accepted.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"cluster": schema.StringAttribute{MarkdownDescription: session.ClusterDescription, Optional: true},
			"version": schema.StringAttribute{
				MarkdownDescription: "Version of the plugin whose keys to read, one of `versions`. Default: the version that workers use if a connector names none. Several versions need Kafka Connect 4.1.",
				Optional:            true,
			},
			"types": schema.ListAttribute{
				MarkdownDescription: "Types of the class: `source`, `sink`, `converter`, `header_converter`, `transformation` or `predicate`. A class can be a converter and a header converter.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"versions": schema.ListAttribute{
				MarkdownDescription: "Installed versions of the plugin. Empty if the worker does not report them.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"keys": schema.ListNestedAttribute{
				MarkdownDescription: "Configuration keys, in the order of the plugin.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":          text("Name of the key."),
					"type":          text("Type: `STRING`, `INT`, `LONG`, `BOOLEAN`, `LIST`, `CLASS`, `PASSWORD` and others."),
					"default":       text("Default value. Null if there is none, and for keys of secrets."),
					"required":      schema.BoolAttribute{MarkdownDescription: "Whether a configuration must set the key.", Computed: true},
					"importance":    text("Importance: `HIGH`, `MEDIUM` or `LOW`."),
					"documentation": text("Documentation of the key."),
				}},
			},
		},
	}
}

// Read reads the list of plugins and the keys of one.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m pluginModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	s, client, diags := clientOf(d.Session, m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	summary := "Unable to read plugin " + diagnostics.Quoted(m.Class.ValueString())
	err := s.Ask(ctx, client, func(ctx context.Context) (err error) {
		installed, err := client.Plugins(ctx)
		if err != nil {
			return err
		}
		if resp.Diagnostics.Append(m.find(summary, installed)...); resp.Diagnostics.HasError() {
			return nil
		}
		keys, err := client.PluginVersionConfig(ctx, m.Class.ValueString(), m.Version.ValueString())
		m.Keys = fromKeys(keys)
		return err
	})
	if err != nil {
		resp.Diagnostics.Append(diagnostics.FromConnect(summary, withoutWait(err)))
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	}
}

// find sets the types and versions of the plugin, or says that it is not installed.
func (m *pluginModel) find(summary string, installed []connectclient.Plugin) (diags diag.Diagnostics) {
	class, version := m.Class.ValueString(), m.Version.ValueString()
	installed = sorted(installed)
	m.Types = of(installed, class, func(p connectclient.Plugin) string { return p.Type })
	m.Versions = of(installed, class, func(p connectclient.Plugin) string { return p.Version })
	switch {
	case len(m.Types) == 0 && slices.ContainsFunc(installed, func(p connectclient.Plugin) bool { return p.Type != "source" && p.Type != "sink" }):
		diags.AddAttributeError(path.Root("class"), summary, "The worker has no plugin of this class. "+suggestion(installed, class))
	case len(m.Types) == 0: // workers before 3.2 list connectors only, and give no keys
	case version != "" && !slices.Contains(m.Versions, version):
		found := strings.Join(m.Versions, ", ")
		if found == "" {
			found = "not reported by the worker"
		}
		diags.AddAttributeError(path.Root("version"), summary, "The worker does not have version "+diagnostics.Quoted(version)+" of the plugin. Installed versions: "+found+".")
	}
	return diags
}

// clientOf returns the session and the client of a cluster.
func clientOf(s *session.Session, cluster types.String) (*session.Session, *connectclient.Client, diag.Diagnostics) {
	s, diags := s.In(cluster)
	if diags.HasError() {
		return nil, nil, diags
	}
	client, diags := s.Connect.Client()
	return s, client, diags
}

// withoutWait returns the error of the last request if no worker answers.
func withoutWait(err error) error {
	if found, ok := errors.AsType[*session.NoWorkerError](err); ok {
		return found.Err
	}
	return err
}
