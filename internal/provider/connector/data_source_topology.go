package connector

import (
	"context"
	"errors"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// TopologyDataSource is the data source kafkaconnect_topology.
type TopologyDataSource struct{ reader }

// NewTopologyDataSource returns the data source kafkaconnect_topology.
func NewTopologyDataSource() datasource.DataSource { return &TopologyDataSource{} }

// Metadata implements [datasource.DataSource].
func (d *TopologyDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_topology"
}

// topologyModel is the data source kafkaconnect_topology.
type topologyModel struct {
	commonModel

	NameRegex types.String `tfsdk:"name_regex"`
	Mermaid   types.String `tfsdk:"mermaid"`
	DOT       types.String `tfsdk:"dot"`
}

// Schema implements [datasource.DataSource].
func (d *TopologyDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Draws a diagram of sources, topics and sinks. A connector that has failed, or has a task that has failed, is red and marked `FAILED`. " +
			"A connector that is not `RUNNING` shows its state.\n\n" +
			"The topics of a sink are those of `topics` in its configuration, and its dead letter queue. The topics of a source, and of a sink with `topics.regex`, are those that it has used. " +
			"This takes one request for each such connector (`GET /connectors/{name}/topics`), ten at a time. If the workers run with `topic.tracking.enable=false`, such connectors have no topics, and a warning is shown.",
		Attributes: common(ctx, map[string]schema.Attribute{
			"name_regex": schema.StringAttribute{MarkdownDescription: nameRegexDescription, Optional: true, Validators: tfvalue.IsRegexp},
			"mermaid":    schema.StringAttribute{MarkdownDescription: "Flowchart in the language of [Mermaid](https://mermaid.js.org). GitHub and GitLab draw it if it is in a code block of the language `mermaid`.", Computed: true},
			"dot":        schema.StringAttribute{MarkdownDescription: "Directed graph in the DOT language of [Graphviz](https://graphviz.org).", Computed: true},
		}),
	}
}

// Read implements [datasource.DataSource].
func (d *TopologyDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m topologyModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	t, diags := d.target(ctx, m.commonModel)
	selects, more := filters{NameRegex: m.NameRegex}.selector()
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	found, diags := t.connectors(ctx, selects)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	active, err := t.activeTopics(ctx, found)
	switch {
	case errors.Is(err, connectclient.ErrForbidden):
		resp.Diagnostics.Append(noTopicsWarning(err))
	case err != nil:
		resp.Diagnostics.Append(unableToRead("the topics of the connectors", err)...)
		return
	}
	graph := newTopology(found, active)
	m.Mermaid, m.DOT = types.StringValue(graph.mermaid()), types.StringValue(graph.dot())
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// parallelTopics is how many requests for topics are sent at the same time.
const parallelTopics = 10

// activeTopics returns the active topics of the connectors whose configuration does not list their topics, by name. The first
// error ends it.
func (t target) activeTopics(ctx context.Context, connectors []connectclient.ConnectorWithStatus) (map[string][]string, error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	var (
		group  sync.WaitGroup
		mu     sync.Mutex
		active = map[string][]string{}
		failed error
		names  = make(chan string)
	)
	for range parallelTopics {
		group.Go(func() {
			for name := range names {
				topics, err := t.client.ActiveTopics(ctx, name)
				mu.Lock()
				active[name] = topics
				if err != nil && failed == nil {
					failed = err
					cancel()
				}
				mu.Unlock()
			}
		})
	}
	for _, one := range connectors {
		if len(listedTopics(one.Connector)) == 0 && connectclient.ValidName(one.Connector.Name) == nil && ctx.Err() == nil {
			names <- one.Connector.Name
		}
	}
	close(names)
	group.Wait()
	return active, failed
}

// noTopicsWarning says why topics are missing.
func noTopicsWarning(err error) diag.Diagnostic {
	advice := "Give the user of the provider access to GET /connectors/{name}/topics."
	if errors.Is(err, connectclient.ErrNoTopicTracking) {
		advice = "The workers run with topic.tracking.enable=false. Set it to true and restart them."
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("mermaid"), "The topology has no topics of sources, and of sinks with topics.regex",
		diagnostics.Sentence(err.Error())+"\n\n"+advice)
}
