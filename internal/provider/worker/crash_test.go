package worker_test

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	kafkaconnect "github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/worker"
)

// crashing returns a provider that panics when it updates a worker configuration.
func crashing(string) provider.Provider {
	return &crashingProvider{kafkaconnect.New("test")().(provider.ProviderWithValidateConfig)}
}

type crashingProvider struct {
	provider.ProviderWithValidateConfig
}

func (p *crashingProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &crashingResource{worker.NewResource().(*worker.Resource)} },
	}
}

// crashingResource panics before it writes anything.
type crashingResource struct{ *worker.Resource }

func (*crashingResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {
	_ = os.Args[len(os.Args)]
}
