package guides_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// After make install, terraform init finds the provider without any settings, and again after another build.
func TestGuide_makeInstall(t *testing.T) {
	if os.Getenv("TF_ACC") == "" {
		t.Skip("it builds the provider; it runs with TF_ACC=1")
	}
	t.Parallel()
	home, c := t.TempDir(), acctest.NewCLI(t, `provider "kafkaconnect" {}`)
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	caches := strings.Fields(string(out))
	install := exec.CommandContext(t.Context(), "make", "install")
	install.Dir, install.Env = acctest.Root(t), append(os.Environ(), "HOME="+home, "GOCACHE="+caches[0], "GOMODCACHE="+caches[1])
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c.Env = append(os.Environ(), "HOME="+home, "TF_CLI_CONFIG_FILE="+filepath.Join(home, "none"), "CHECKPOINT_DISABLE=1")
	acctest.SaidBy(t, c.Must("init", "-no-color"), "Installed kafkaconnect/kafkaconnect v0.0.1")
	c.Must("validate")
}
