// Package floor is the provider without its work: the real schemas on the same framework, and resources that only copy
// values. What Terraform costs with it is the least that Terraform costs with any provider of these schemas.
package floor

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	kafkaconnect "github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider"
)

// New returns a server of the provider.
func New() tfprotov6.ProviderServer {
	constructor := kafkaconnect.New("floor")
	return &server{
		ProviderServer: providerserver.NewProtocol6(constructor())(),
		idle:           providerserver.NewProtocol6(idleProvider{constructor()})(),
	}
}

// server is the real provider, never configured, except for what Terraform does with a resource. So it has every schema of
// the real provider, whatever kinds of object are added there. The benchmark's configuration has resources only.
//
// The calls for resources go to a second server instead of returning at once, because most of a plan's time is the
// framework's: it decodes, applies defaults and encodes. That time belongs to the floor.
type server struct {
	tfprotov6.ProviderServer

	idle tfprotov6.ProviderServer
}

// ConfigureProvider makes no clients.
func (*server) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

// ValidateResourceConfig checks what the schema declares.
func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return s.idle.ValidateResourceConfig(ctx, req)
}

// ReadResource returns the state that Terraform has.
func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return s.idle.ReadResource(ctx, req)
}

// PlanResourceChange plans what follows from the configuration, the defaults and the schema.
func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return s.idle.PlanResourceChange(ctx, req)
}

// ApplyResourceChange returns the plan as the new state.
func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return s.idle.ApplyResourceChange(ctx, req)
}

// idleProvider has the real provider's resources, without their work.
type idleProvider struct {
	provider.Provider
}

// Resources returns the idle form of every resource of the real provider.
func (p idleProvider) Resources(ctx context.Context) []func() resource.Resource {
	var list []func() resource.Resource
	for _, construct := range p.Provider.Resources(ctx) {
		list = append(list, func() resource.Resource { return idle(construct()) })
	}
	return list
}
