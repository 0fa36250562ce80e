package javaformat_test

import (
	"os/exec"
	"strings"
	"testing"
)

// The package serves tools that know nothing of Terraform and open no connection.
func TestImportsStayPure(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		if strings.Contains(path, "hashicorp/") || path == "net" || path == "net/http" || path == "os/exec" {
			t.Errorf("the package must not import %s, directly or through others", path)
		}
	}
}
