package connectclient_test

import (
	"os/exec"
	"strings"
	"testing"
)

// The package must not depend on Terraform.
func TestDoesNotImportTerraform(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range strings.Lines(string(out)) {
		if strings.HasPrefix(pkg, "github.com/hashicorp/terraform-plugin") {
			t.Errorf("imports %s", strings.TrimSpace(pkg))
		}
	}
}
