package guides_test

import (
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// The connector of the example gets its previous configuration back if it fails after an update.
func TestGuide_rollback(t *testing.T) {
	t.Parallel()
	w, c := connectfake.New(t, connectfake.WithStatusLag(300*time.Millisecond)), acctest.NewCLI(t, "")
	use := func(file string) {
		t.Helper()
		c.UseExample("examples/guides/restart-policy/rollback", "http://localhost:8083", w.URL(), `"30s"`, `"2s"`, "/tmp/orders.txt", file)
	}
	use("/data/orders.txt")
	c.Apply()
	w.BreakWith("orders-sink", "file", "/missing/orders.txt", "X: no such folder")
	use("/missing/orders.txt")
	c.MustFail([]string{"X: no such folder", "the previous configuration is running again"}, "apply", "-auto-approve", "-no-color")
	acctest.SaidBy(t, c.Must("plan", "-no-color"), `"/data/orders.txt" -> "/missing/orders.txt"`)
}
