// Package floor is a provider that does nothing: the schema of the real one, on the same framework, with operations that
// only copy. What Terraform needs with it is what no provider of that schema can go below.
package floor

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	kafkaconnect "github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider"
)

// New returns the constructor of the provider.
func New() provider.Provider { return &idleProvider{Provider: kafkaconnect.New("floor")()} }

// idleProvider has the real provider's schemas and idle resources. It passes on what the real one has beyond
// provider.Provider as far as that is part of the schema.
type idleProvider struct {
	provider.Provider
}

var (
	_ provider.ProviderWithEphemeralResources = (*idleProvider)(nil)
	_ provider.ProviderWithFunctions          = (*idleProvider)(nil)
)

// Configure makes no client.
func (p *idleProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

// Resources are the real provider's, idle.
func (p *idleProvider) Resources(ctx context.Context) []func() resource.Resource {
	var list []func() resource.Resource
	for _, construct := range p.Provider.Resources(ctx) {
		list = append(list, func() resource.Resource { return idle(construct()) })
	}
	return list
}

// EphemeralResources are the real provider's. No configuration here has one.
func (p *idleProvider) EphemeralResources(ctx context.Context) []func() ephemeral.EphemeralResource {
	if with, ok := p.Provider.(provider.ProviderWithEphemeralResources); ok {
		return with.EphemeralResources(ctx)
	}
	return nil
}

// Functions are the real provider's. No configuration here has one.
func (p *idleProvider) Functions(ctx context.Context) []func() function.Function {
	if with, ok := p.Provider.(provider.ProviderWithFunctions); ok {
		return with.Functions(ctx)
	}
	return nil
}
