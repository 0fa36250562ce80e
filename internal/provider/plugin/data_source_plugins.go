package plugin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// workerTimeout bounds the requests to each worker when all are asked, so that one that is down does not hold up the others.
const workerTimeout = 5 * time.Second

var _ datasource.DataSourceWithConfigure = (*ListDataSource)(nil)

// NewListDataSource returns the data source kafkaconnect_plugins.
func NewListDataSource() datasource.DataSource { return &ListDataSource{} }

// ListDataSource is the data source kafkaconnect_plugins.
type ListDataSource struct {
	*session.Session // nil until the provider is configured
}

type pluginsModel struct {
	Cluster  types.String     `tfsdk:"cluster"`
	Required types.Set        `tfsdk:"required"`
	Plugins  []installedModel `tfsdk:"plugins"`
}

// Metadata implements [datasource.DataSource].
func (d *ListDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_plugins"
}

// Configure implements [datasource.DataSourceWithConfigure].
func (d *ListDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.Session = session.From(req.ProviderData)
}

// Schema implements [datasource.DataSource].
func (d *ListDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the plugins that are installed on the workers. Workers before 3.2 list connectors only.",
		Attributes: map[string]schema.Attribute{
			"cluster": schema.StringAttribute{MarkdownDescription: session.ClusterDescription, Optional: true},
			"required": schema.SetAttribute{
				MarkdownDescription: "Full names of Java classes that every worker in `connect.urls` must have. They are compared with `class` in `plugins`, so short names do not match. " +
					"If a worker lacks one, the read fails and names the worker. A worker that does not answer causes a warning. Default: nothing is required, and one worker is asked.",
				ElementType: types.StringType,
				Optional:    true,
			},
			"plugins": schema.ListNestedAttribute{
				MarkdownDescription: "Plugins of the first worker that answered, sorted by class, type and version.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"class":   text("Full name of the Java class."),
					"type":    text("`source`, `sink`, `converter`, `header_converter`, `transformation` or `predicate`."),
					"version": text("Version. Null if the worker does not report it."),
				}},
			},
		},
	}
}

// Read asks one worker for its plugins, or all if classes are required.
func (d *ListDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m pluginsModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	s, client, diags := clientOf(d.Session, m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	required := tfvalue.StringSet(m.Required)
	var workers []workerPlugins
	err := s.Ask(ctx, client, func(ctx context.Context) (err error) {
		if len(required) == 0 {
			installed, err := client.Plugins(ctx)
			workers = []workerPlugins{{installed: installed}}
			return err
		}
		workers, err = askAll(ctx, client)
		return err
	})
	if err != nil {
		resp.Diagnostics.Append(diagnostics.FromConnect("Unable to read the installed plugins", withoutWait(err)))
		return
	}
	if resp.Diagnostics.Append(check(workers, required)...); resp.Diagnostics.HasError() {
		return
	}
	answered := slices.IndexFunc(workers, func(w workerPlugins) bool { return w.err == nil })
	m.Plugins = fromInstalled(workers[answered].installed)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// workerPlugins are the plugins of one worker.
type workerPlugins struct {
	url       string
	installed []connectclient.Plugin
	err       error
}

// askAll asks all workers at the same time. The error is that of a worker that will never answer, or that of the first one if
// none answers.
func askAll(ctx context.Context, client *connectclient.Client) ([]workerPlugins, error) {
	clients := client.Workers()
	workers := make([]workerPlugins, len(clients))
	var group sync.WaitGroup
	for i, one := range clients {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, workerTimeout)
			defer cancel()
			installed, err := one.Plugins(ctx)
			workers[i] = workerPlugins{one.URLs()[0], installed, err}
		})
	}
	group.Wait()
	answered := false
	for _, w := range workers {
		if w.err != nil && !connectclient.MayRecover(w.err) {
			return nil, w.err
		}
		answered = answered || w.err == nil
	}
	if !answered {
		return nil, workers[0].err
	}
	return workers, nil
}

// check reports the required classes that workers lack, and the workers that did not answer.
func check(workers []workerPlugins, required []string) (diags diag.Diagnostics) {
	for _, class := range required {
		var lack []string
		var others []connectclient.Plugin
		for _, w := range workers {
			if w.err == nil && !slices.ContainsFunc(w.installed, func(p connectclient.Plugin) bool { return p.Class == class }) {
				lack, others = append(lack, w.url), append(others, w.installed...)
			}
		}
		if len(lack) > 0 {
			diags.AddAttributeError(path.Root("required"), "Missing plugin "+diagnostics.Quoted(class),
				fmt.Sprintf("These workers do not have the plugin: %s. Install it in a folder of plugin.path on each of them, and restart them. %s", strings.Join(lack, ", "), suggestion(others, class)))
		}
	}
	for _, w := range workers {
		if w.err != nil {
			diags.AddAttributeWarning(path.Root("required"), "The plugins of a worker were not checked", diagnostics.Sentence(w.err.Error()))
		}
	}
	return diags
}
