package connector

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

var _ list.ListResourceWithConfigure = (*List)(nil)

// List is the list resource kafkaconnect_connector. Its name and its session are those of the resource.
type List struct{ Resource }

// NewList returns the list resource kafkaconnect_connector.
func NewList() list.ListResource { return &List{} }

// listModel is the configuration of the list resource.
type listModel struct {
	filters

	Cluster types.String `tfsdk:"cluster"`
}

// ListResourceConfigSchema implements [list.ListResource].
func (l *List) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the connectors of a cluster for `terraform query`, in the order of their names. Needs Terraform 1.14.\n\n" +
			"One request reads all connectors (`GET /connectors?expand=info&expand=status`), whatever the number of list blocks. " +
			"With `include_resource = true` or `-generate-config-out`, one more request for each connector class asks which keys are passwords.\n\n" +
			"The configuration that Terraform generates is what an import stores: it contains no secrets. Keys of secrets are listed in `ignored_config_keys`, " +
			"`state` is the target state, and a connector that has failed gets `on_failure = \"warn\"`. The apply of this configuration sends no change to the workers.\n\n" +
			"Terraform lists at most 100 objects unless `limit` is set.",
		Attributes: map[string]schema.Attribute{
			"cluster":    schema.StringAttribute{MarkdownDescription: session.ClusterDescription, Optional: true},
			"name_regex": schema.StringAttribute{MarkdownDescription: nameRegexDescription, Optional: true, Validators: tfvalue.IsRegexp},
			"class":      schema.StringAttribute{MarkdownDescription: classDescription, Optional: true},
			"type":       schema.StringAttribute{MarkdownDescription: typeDescription, Optional: true, Validators: []validator.String{stringvalidator.OneOf("source", "sink")}},
			"state":      schema.StringAttribute{MarkdownDescription: stateDescription, Optional: true, Validators: []validator.String{stringvalidator.OneOf(reportedStates...)}},
			"healthy":    schema.BoolAttribute{MarkdownDescription: healthyDescription, Optional: true},
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
	warned := map[string]bool{}
	names, warnings := manageable(found)
	if req.IncludeResource {
		warnings.Append(unknownStates(found, names)...)
	}
	stream.Results = tfvalue.ListResults(ctx, req, "connectors", names, warnings, func(name string, result *list.ListResult) {
		one := found[name]
		result.DisplayName = name
		result.Diagnostics.Append(tfvalue.Set(ctx, result.Identity, identityModel{Name: types.StringValue(name), Cluster: m.Cluster})...)
		if !req.IncludeResource {
			return
		}
		class := one.Connector.Config[classKey]
		passwords, err := passwordKeys(ctx, client, class)
		if !warned[class] {
			warned[class] = true
			result.Diagnostics.Append(passwordsWarning("connectors of class "+class, err)...)
		}
		result.Diagnostics.Append(tfvalue.Set(ctx, result.Resource, importedModel(m.Cluster, one.Connector, one.Status, passwords))...)
	})
}

// find returns the connectors that the filters select, by name.
func (l *List) find(ctx context.Context, m listModel) (map[string]connectclient.ConnectorWithStatus, *connectclient.Client, diag.Diagnostics) {
	selects, diags := m.selector()
	s, more := l.Session.In(m.Cluster)
	if diags.Append(more...); diags.HasError() {
		return nil, nil, diags
	}
	client, diags := s.Connect.Client()
	if diags.HasError() {
		return nil, nil, diags
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	var all map[string]connectclient.ConnectorWithStatus
	err := s.Ask(ctx, client, func(ctx context.Context) (err error) {
		all, err = client.CachedConnectors(ctx)
		return err
	})
	if err != nil {
		return nil, nil, diag.Diagnostics{diagnostics.FromConnect("Unable to list the connectors", err)}
	}
	maps.DeleteFunc(all, func(_ string, one connectclient.ConnectorWithStatus) bool { return !selects(one) })
	return all, client, nil
}

// manageable returns the sorted names of the connectors, and a warning that names those which the REST API cannot address.
func manageable(found map[string]connectclient.ConnectorWithStatus) (names []string, diags diag.Diagnostics) {
	var left []string
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if connectclient.ValidName(name) == nil {
			names = append(names, name)
		} else {
			left = append(left, diagnostics.Quoted(name))
		}
	}
	if len(left) > 0 {
		diags.AddWarning("Connectors whose names the REST API cannot address are not listed",
			"Not listed: "+strings.Join(left, ", ")+". Names with /, \\, %, {, } or control characters, and names with surrounding white space, cannot be used in requests. "+
				"To manage such a connector, create it again under another name.")
	}
	return names, diags
}

// unknownStates warns of the connectors whose target state is not known.
func unknownStates(found map[string]connectclient.ConnectorWithStatus, names []string) (diags diag.Diagnostics) {
	var unknown []string
	for _, name := range names {
		if !found[name].Status.Assigned() {
			unknown = append(unknown, diagnostics.Quoted(name))
		}
	}
	if len(unknown) > 0 {
		diags.Append(unknownStateWarning(diagnostics.Shortened(unknown)))
	}
	return diags
}
