package connector_test

import (
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// The example of the guide for tests of modules passes with a mock of this provider.
func TestConnector_exampleOfMocks(t *testing.T) {
	t.Parallel()
	c := acctest.NewCLI(t, "")
	c.UseExample("examples/testing")
	acctest.SaidBy(t, c.Must("test", "-no-color"), "1 passed, 0 failed")
}
