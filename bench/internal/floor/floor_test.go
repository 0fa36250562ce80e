package floor_test

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/floor"
	kafkaconnect "github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider"
)

// What Terraform pays for a schema, it pays for both: a comparison is only about what they do.
func TestSchemaIsTheRealOne(t *testing.T) {
	ctx := t.Context()
	idle, actual := serve(t, floor.New()), serve(t, kafkaconnect.New("floor")())
	same(t, "schema", idle, actual, func(s tfprotov6.ProviderServer) (any, error) {
		return s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	})
	same(t, "identities", idle, actual, func(s tfprotov6.ProviderServer) (any, error) {
		return s.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	})
}

func serve(t *testing.T, p provider.Provider) tfprotov6.ProviderServer {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(p)()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func same(t *testing.T, what string, idle, actual tfprotov6.ProviderServer, ask func(tfprotov6.ProviderServer) (any, error)) {
	t.Helper()
	got, err := ask(idle)
	if err != nil {
		t.Fatal(err)
	}
	want, err := ask(actual)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: not that of the real provider", what)
	}
}
