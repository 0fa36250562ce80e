package guides_test

import (
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// A connector moves from a provider block with an alias to an entry of clusters, without a write to the worker.
func TestGuide_fromAliasesToClusters(t *testing.T) {
	t.Parallel()
	w, c := connectfake.New(t), acctest.NewCLI(t, "")
	c.UseExample("examples/guides/provider-aliases/before", "http://worker-0.emea:8083", w.URL())
	c.Apply()
	c.UseExample("examples/guides/provider-aliases/after", "http://worker-0.emea:8083", w.URL())
	acctest.SaidBy(t, c.Must("plan", "-no-color"), "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.")
	acctest.SaidBy(t, c.Apply(), "[id=emea/orders-source]", "1 imported, 0 added, 0 changed, 0 destroyed")
	c.MustBeEmpty()
	if n := w.Count("DELETE", "") + w.Count("PUT", "/connectors/orders-source/config"); n > 0 || w.Count("POST", "/connectors") != 1 {
		t.Errorf("the worker received %v", w.Requests())
	}
}
