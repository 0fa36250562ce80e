package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// TestMain runs the command tell if the configuration of the demo has started the test binary for it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "tell" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestFollowLinesWaitsForThemAll(t *testing.T) {
	sink := filepath.Join(t.TempDir(), "sink.txt")
	done := make(chan error)
	go func() {
		done <- followLines(t.Context(), sink, slices.Concat(firstLines, secondLines), len(firstLines))
	}()

	file, err := os.Create(sink)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for i, line := range slices.Concat(firstLines, secondLines) {
		select {
		case err := <-done:
			t.Fatalf("ended after %d lines, error %v", i, err)
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

// A source that lost its offset writes the lines again.
func TestFollowLinesRefusesRepeatedLines(t *testing.T) {
	sink := filepath.Join(t.TempDir(), "sink.txt")
	if err := errors.Join(appendLines(sink, firstLines), appendLines(sink, firstLines)); err != nil {
		t.Fatal(err)
	}
	err := followLines(t.Context(), sink, slices.Concat(firstLines, secondLines), len(firstLines))
	if err == nil || !strings.Contains(err.Error(), "line 5 of the sink file") {
		t.Errorf("got %v, want an error about line 5", err)
	}
}

// The demo runs the example on a real cluster, with a change of the partitions in one apply.
func TestDemo(t *testing.T) {
	if os.Getenv("TF_ACC") == "" {
		t.Skip("the demo starts a real cluster; it runs with TF_ACC=1")
	}
	t.Chdir("../..")
	if err := demo(t.Context(), false); err != nil {
		t.Error(err)
	}
}

func TestFollowLinesEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := followLines(ctx, filepath.Join(t.TempDir(), "never"), firstLines, 0)
	if err == nil || !strings.Contains(err.Error(), "0 of 4 lines") {
		t.Errorf("got %v, want an error that counts the lines", err)
	}
}

// Every variable of the example without a default gets a value, and every value has a variable.
func TestPrepareTerraformFillsTheVariables(t *testing.T) {
	d := &show{dir: t.TempDir(), cluster: &stack.Stack{}, supervisor: &supervisor{}}
	if err := errors.Join(copyExample("../../examples/demo", d.path(workspace)), d.setVariables(d.variables())); err != nil {
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
