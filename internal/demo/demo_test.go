package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"regexp"
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
	d := &show{dir: t.TempDir(), out: t.Output()}
	done := make(chan error)
	go func() {
		done <- d.followLines(t.Context(), slices.Concat(firstLines, secondLines), len(firstLines))
	}()

	file, err := os.Create(d.sink())
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
	d := &show{dir: t.TempDir(), out: t.Output()}
	if err := errors.Join(appendLines(d.sink(), firstLines), appendLines(d.sink(), firstLines)); err != nil {
		t.Fatal(err)
	}
	err := d.followLines(t.Context(), slices.Concat(firstLines, secondLines), len(firstLines))
	if err == nil || !strings.Contains(err.Error(), "line 3 of the sink file") {
		t.Errorf("got %v, want an error about line 3", err)
	}
}

// screen is the number of lines that fit on one screen.
const screen = 50

// The story of the demo keeps its promises on a real cluster, fits on one screen, and leaves the output of Terraform in a file.
func TestDemo(t *testing.T) {
	if os.Getenv("TF_ACC") == "" {
		t.Skip("the demo starts a real cluster; it runs with TF_ACC=1")
	}
	t.Chdir("../..")
	var out strings.Builder
	if err := demo(t.Context(), false, io.MultiWriter(&out, t.Output())); err != nil {
		t.Fatal(err)
	}
	story := out.String()
	if n := strings.Count(story, "\n"); n > screen {
		t.Errorf("the story has %d lines", n)
	}
	for line := range strings.Lines(story) {
		if len(line) > 121 && !strings.Contains(line, "/") { // paths can be long
			t.Errorf("too long for a screen: %s", line)
		}
	}
	var wants []string
	for _, line := range slices.Concat(firstLines, []string{`Error: Unable to update connector "demo-sink"`, "- task 0 on worker", "NoSuchFileException", "missing/sink.txt"}, secondLines, []string{
		"before: partitions of demo-connect-offset: 1,", "after:  partitions of demo-connect-offset: 25,",
	}, thirdLines, []string{"The next plan is empty", "terraform destroy"}) {
		wants = append(wants, regexp.QuoteMeta(line))
	}
	if !regexp.MustCompile("(?s)" + strings.Join(wants, ".*")).MatchString(story) {
		t.Errorf("the story lacks one of these, in this order: %q", wants)
	}
	offsets := regexp.MustCompile(`offset of demo-source: byte \d+`).FindAllString(story, -1)
	if len(offsets) != 2 || offsets[0] != offsets[1] {
		t.Errorf("the offset changed with the partitions: %q", offsets)
	}
	for _, line := range slices.Concat(firstLines, secondLines, thirdLines) {
		if n := strings.Count(story, line); n != 1 {
			t.Errorf("%d times: %s", n, line)
		}
	}
	checkLog(t)
}

// checkLog checks the results of Terraform in the file that the story names.
func checkLog(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(logFile)
	if err != nil {
		t.Fatal(err)
	}
	results := regexp.MustCompile(`Apply complete! Resources: .*|Error: .*|No changes\.|Destroy complete!`).FindAllString(string(text), -1)
	want := []string{
		"Apply complete! Resources: 7 added, 0 changed, 0 destroyed.",
		`Error: Unable to update connector "demo-sink"`,
		"Apply complete! Resources: 0 added, 1 changed, 0 destroyed.",
		"Apply complete! Resources: 1 added, 1 changed, 1 destroyed.", // the worker is replaced
		"No changes.",
		"Destroy complete!",
	}
	if !slices.Equal(results, want) {
		t.Errorf("Terraform reports %q, want %q", results, want)
	}
	if strings.Contains(string(text), user.Password) {
		t.Error("the output of Terraform contains the password")
	}
}

func TestFollowLinesEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := &show{dir: t.TempDir(), out: t.Output()}
	err := d.followLines(ctx, firstLines, 0)
	if err == nil || !strings.Contains(err.Error(), "0 of 2 lines") {
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
