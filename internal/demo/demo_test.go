package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

func TestFollowLinesWaitsForThemAll(t *testing.T) {
	sink := filepath.Join(t.TempDir(), "sink.txt")
	done := make(chan error)
	go func() { done <- followLines(t.Context(), sink) }()

	file, err := os.Create(sink)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for i, line := range lines {
		select {
		case err := <-done:
			t.Fatalf("ended after %d of %d lines, error %v", i, len(lines), err)
		default:
		}
		if _, err := file.WriteString(line + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestFollowLinesEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := followLines(ctx, filepath.Join(t.TempDir(), "never"))
	if err == nil || !strings.Contains(err.Error(), "0 of 4 lines") {
		t.Errorf("got %v, want an error that counts the lines", err)
	}
}

// Every variable of the example without a default gets a value, and every value has a variable.
func TestPrepareTerraformFillsTheVariables(t *testing.T) {
	d := &show{dir: t.TempDir(), cluster: &stack.Stack{}, supervisor: &supervisor{}}
	if err := d.prepareTerraform("../../examples/demo", d.variables()); err != nil {
		t.Fatal(err)
	}
	declared, err := os.ReadFile(d.path(workspace) + "/variables.tf")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(d.path(workspace) + "/demo.auto.tfvars.json")
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := json.Unmarshal(content, &values); err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split("\n"+string(declared), "\nvariable \"")[1:] {
		name, body, _ := strings.Cut(block, `"`)
		if _, given := values[name]; !given && !strings.Contains(body, "default") {
			t.Errorf("variable %s has no value", name)
		}
		delete(values, name)
	}
	for name := range values {
		t.Errorf("there is no variable %s", name)
	}
}
