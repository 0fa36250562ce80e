package connector

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

// OffsetsDataSource is the data source kafkaconnect_connector_offsets.
type OffsetsDataSource struct{ reader }

// NewOffsetsDataSource returns the data source kafkaconnect_connector_offsets.
func NewOffsetsDataSource() datasource.DataSource { return &OffsetsDataSource{} }

// Metadata implements [datasource.DataSource].
func (d *OffsetsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_connector_offsets"
}

// offsetsModel is the data source kafkaconnect_connector_offsets.
type offsetsModel struct {
	commonModel

	Name    types.String  `tfsdk:"name"`
	Offsets []offsetModel `tfsdk:"offsets"`
}

// Schema implements [datasource.DataSource].
func (d *OffsetsDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the committed offsets of a connector (`GET /connectors/{name}/offsets`, KIP-875), in the form that `initial_offsets` of `kafkaconnect_connector` takes. " +
			"A new connector of the same class can start at these offsets. Stop the old connector first: while it runs, it commits further offsets. Needs Kafka Connect 3.5.",
		Attributes: common(ctx, map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the connector. A connector that does not exist is an error.",
				Required:            true,
				Validators:          []validator.String{connectorName{}},
			},
			"offsets": schema.ListNestedAttribute{
				MarkdownDescription: "Offsets in the order of their partitions. Empty if the connector has committed none.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"partition": schema.StringAttribute{
						MarkdownDescription: "Source partition or topic partition as a JSON object, in the format of the connector.", Computed: true, CustomType: jsontypes.NormalizedType{},
					},
					"offset": schema.StringAttribute{
						MarkdownDescription: "Offset as a JSON object. Numbers keep all their digits.", Computed: true, CustomType: jsontypes.NormalizedType{},
					},
				}},
			},
		}),
	}
}

// Read implements [datasource.DataSource].
func (d *OffsetsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m offsetsModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	t, diags := d.target(ctx, m.commonModel)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	name := m.Name.ValueString()
	var offsets []connectclient.Offset
	err := t.ask(ctx, func(ctx context.Context) (err error) {
		offsets, err = t.client.Offsets(ctx, name)
		return err
	})
	if err != nil {
		resp.Diagnostics.Append(t.unableToReadOf(ctx, "the offsets of ", name, err)...)
		return
	}
	m.Offsets = offsetsFrom(offsets)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// offsetsFrom converts the answer of a worker, in the order of the partitions. The text of numbers stays as it is. An offset
// that is null does not exist, and initial_offsets does not take it.
func offsetsFrom(offsets []connectclient.Offset) []offsetModel {
	models := make([]offsetModel, 0, len(offsets))
	for _, one := range offsets {
		if offset := compacted(one.Offset); offset != "null" && offset != "" {
			models = append(models, offsetModel{jsontypes.NewNormalizedValue(compacted(one.Partition)), jsontypes.NewNormalizedValue(offset)})
		}
	}
	slices.SortFunc(models, func(a, b offsetModel) int { return cmp.Compare(a.Partition.ValueString(), b.Partition.ValueString()) })
	return models
}

// compacted returns a JSON text without white space.
func compacted(text json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil { // cannot happen: the text was decoded
		return string(text)
	}
	return b.String()
}
