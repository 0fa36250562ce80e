package acctest

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// FormerProvider is a fake of another provider, the source of a `moved` block. It has one resource, which does nothing.
type FormerProvider struct {
	Name           string // prefix of its resource types
	Resource       string // type of the resource
	ResourceSchema schema.Schema
}

// Factory serves the provider inside the test process.
func (p FormerProvider) Factory() func() (tfprotov6.ProviderServer, error) {
	return providerserver.NewProtocol6WithError(p)
}

// Metadata implements [provider.Provider].
func (p FormerProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = p.Name
}

// Schema implements [provider.Provider]. The provider has no settings.
func (FormerProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

// Configure implements [provider.Provider].
func (FormerProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

// DataSources implements [provider.Provider].
func (FormerProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources implements [provider.Provider].
func (p FormerProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return formerResource{p} }}
}

type formerResource struct{ provider FormerProvider }

func (r formerResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.provider.Resource
}

func (r formerResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.provider.ResourceSchema
}

func (formerResource) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (formerResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (formerResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (formerResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
