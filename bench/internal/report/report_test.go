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
)

func run() result.Run {
	r := result.Run{
		Began: time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC), Seconds: 600, Command: "make bench SIZES=10,100", Peer: "other", OwnBuild: true,
		Machine: result.Machine{Cores: 2, System: "linux/amd64", Terraform: "1.11.4", Kafka: "4.3.1", Go: "1.26.8"},
	}
	for i, subject := range result.Subjects {
		for j, op := range result.Operations {
			for _, n := range []int{10, 100} {
				r.Samples = append(r.Samples, result.Sample{
					Subject: subject, Operation: op, N: n, LatencyMS: 50 * (j / 4), Seconds: float64(n + j), LateSeconds: float64(i) / 4, PeakMB: 123.4, Requests: 7,
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
			"`make bench SIZES=10,100` on 2026-11-22 in 10 minutes: 2 cores (linux/amd64), Terraform 1.11.4", "The older build is `other`.", "**Partial**",
			"| change 100 running connectors | 102 s | 102 s | 103 s | 134 s (1.25 × plain HTTP + `stable_for` + 1 s) | yes |",
			"| change of all | 10 | 0 ms | older build | 1 | 12 | 0.75 |  | 123 | 7 |",
			"| plan without changes, stopped | 100 | 50 ms | Terraform alone |", "](times.svg)",
		},
		"times.svg": {"running connectors (N)", "time until all are as declared (s)", "change of all", "plain HTTP", "older build"},
	} {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s lacks %q:\n%s", file, want, text)
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
	if len(section) != len(text)-len(top)-len(bottom) || strings.Contains(section, "old\n") ||
		strings.Count(section, "](bench/results/README.md)") != 1 || strings.Count(section, "| change 100 running connectors | 102 s | 102 s |") != 1 {
		t.Errorf("README:\n%s", text)
	}
	if err := os.WriteFile(file, []byte("# Title\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := report.UpdateReadme(file, "bench/results", run()); err == nil {
		t.Error("no error for a README without the two lines")
	}
}
