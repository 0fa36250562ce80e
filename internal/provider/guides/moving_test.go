package guides_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// A sink continues where one that was created by hand has stopped, and the source keeps its position under another name: each line
// arrives once.
func TestAccGuide_movingConnectors(t *testing.T) {
	t.Parallel()
	w, prefix, c := acctest.SharedWorker(t), acctest.UniqueName("moving"), acctest.NewCLI(t, "")
	in, out := lines(t), filepath.Join(t.TempDir(), "archive.txt")
	byHand := map[string]string{"connector.class": acctest.SinkClass, "file": out, "topics": prefix}
	for _, name := range []string{"-source", "-renamed", "-archive", "-archive-by-hand"} {
		t.Cleanup(func() { w.Delete(prefix + name) })
	}
	w.Do(http.MethodPost, "/connectors", map[string]any{"name": prefix + "-archive-by-hand", "config": byHand})
	c.UseExample("examples/guides/moving-connectors", `"orders-`, `"`+prefix+"-", `"orders"`, `"`+prefix+`"`, "/data/orders.txt", in, "/data/archive.txt", out)
	c.Env = append(c.Env, "TF_VAR_connect_url="+w.URL)
	arrived := func(want string) {
		t.Helper()
		var got string
		acctest.Eventually(t, "lines came out", func() bool {
			text, _ := os.ReadFile(out)
			got = string(text)
			return strings.HasSuffix(got, want)
		})
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	c.Apply()
	arrived("one\ntwo\n")
	if connector, _ := w.Status(prefix + "-archive-by-hand"); connector != "STOPPED" {
		t.Errorf("the other connector is %s", connector)
	}
	c.Env = append(c.Env, "TF_VAR_source_name="+prefix+"-renamed")
	acctest.SaidBy(t, c.Apply(), `Connector "`+prefix+`-source" will be renamed and keeps its position`, "0 added, 1 changed, 0 destroyed")
	if err := os.WriteFile(in, []byte("one\ntwo\nthree\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	arrived("one\ntwo\nthree\n")
	c.MustBeEmpty()
}
