package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/report"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/traffic"
)

func run() result.Run {
	r := result.Run{
		Began: time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC), Seconds: 600, Command: "make bench SIZES=10,1000",
		Machine: result.Machine{Cores: 2, System: "linux/amd64", Terraform: "1.11.4", Kafka: "4.1.0", Go: "1.26.8"},
	}
	for _, subject := range []result.Subject{result.Provider, result.Floor, result.Worker} {
		for i, n := range []int{10, 1000} {
			for j, op := range []result.Operation{result.Create, result.Plan, result.Destroy} {
				r.Samples = append(r.Samples, result.Sample{
					Subject: subject, Operation: op, N: n, Setting: result.Setting{LatencyMS: 50 * i}, Seconds: float64(n + j), PeakMiB: 123.4,
					Traffic: traffic.Traffic{Requests: map[string]int{traffic.Listing: 7}, Refused: map[string]int{"500": 3}},
				})
			}
		}
	}
	return r
}

func TestWriteAndLoad(t *testing.T) {
	folder := t.TempDir()
	if err := report.Write(folder, run()); err != nil {
		t.Fatal(err)
	}
	loaded, err := report.Load(filepath.Join(folder, "results.json"))
	if err != nil || !reflect.DeepEqual(loaded, run()) {
		t.Errorf("loaded %+v, %v", loaded, err)
	}
	for file, wants := range map[string][]string{
		"README.md": {
			"`make bench SIZES=10,1000` on 2026-11-22 in 10 minutes: 2 cores (linux/amd64), Terraform 1.11.4", "**Partial**",
			"| plan without changes | 1000 | 1001 |", "| create | 10 | provider | 7 | GET listing 7, *answered 500: 3* |", "](plan.svg)",
		},
		"plan.svg":   {"Plan without changes", "connectors (N)", "wall time (s)", "this provider, 50 ms", "do-nothing provider"},
		"writes.svg": {"Create", "Destroy", "plain HTTP requests, 0 ms"},
	} {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s lacks %q", file, want)
			}
		}
		if filepath.Ext(file) == ".svg" {
			wellFormed(t, file, string(text))
		}
	}
}

func wellFormed(t *testing.T, file, text string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
}

func TestUpdateReadme(t *testing.T) {
	const top, bottom = "# Title\n\n<!-- Begin: written by `make bench`. -->\n", "<!-- End: written by `make bench`. -->\n\nThe rest.\n"
	file := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(file, []byte(top+"old\n"+bottom), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time replaces the first
		if err := report.UpdateReadme(file, "bench/results", run()); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	section, _ := strings.CutPrefix(strings.TrimSuffix(string(text), bottom), top)
	if len(section) != len(text)-len(top)-len(bottom) || strings.Contains(section, "old") ||
		strings.Count(section, "](bench/results/plan.svg)") != 1 || strings.Count(section, "| work | bound |") != 1 {
		t.Errorf("README:\n%s", text)
	}
	if err := os.WriteFile(file, []byte("# Title\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := report.UpdateReadme(file, "bench/results", run()); err == nil {
		t.Error("no error for a README without the two lines")
	}
}
