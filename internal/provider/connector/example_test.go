package connector_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// The example of the guide for tests of modules passes with a mock of this provider.
func TestConnector_exampleOfMocks(t *testing.T) {
	t.Parallel()
	c := acctest.NewCLI(t, "")
	if err := os.Remove(filepath.Join(c.Dir, "main.tf")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(c.Dir, os.DirFS(filepath.Join("..", "..", "..", "examples", "testing"))); err != nil {
		t.Fatal(err)
	}
	acctest.SaidBy(t, c.Must("test", "-no-color"), "1 passed, 0 failed")
}
