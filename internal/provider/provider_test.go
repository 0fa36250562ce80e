package provider

import (
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// providerFactories serve the provider from within the test process.
var providerFactories = map[string]func() (tfprotov6.ProviderServer, error){
	"kafkaconnect": providerserver.NewProtocol6WithError(New("test")()),
}

func TestMain(m *testing.M) {
	if serveProvider() {
		return
	}
	os.Exit(stack.Main(m))
}

// requireAcceptance leaves out tests that need real workers unless they were asked for.
func requireAcceptance(t *testing.T) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run with TF_ACC=1, as `make test` does")
	}
}

// sharedWorker is the worker that the tests of this run share, watched by the test.
func sharedWorker(t *testing.T) *worker {
	t.Helper()
	requireAcceptance(t)
	return watch(t, stack.Shared(t).URLs()[0])
}
