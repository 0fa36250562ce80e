package guides_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// The README fits two screens. Its comparison has at most eight rows, a test for each of them, and no row that only says no.
func TestGuide_readme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(acctest.Root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	comments := regexp.MustCompile(`(?s)<!--.*?-->\n`)
	shown := comments.ReplaceAllString(string(text), "")
	if n := strings.Count(shown, "\n"); n > 120 {
		t.Errorf("the README has %d lines", n)
	}
	_, table, _ := strings.Cut(string(text), "| What happens |")
	table, rest, _ := strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")[2:]
	if len(rows) == 0 || len(rows) > 8 {
		t.Errorf("the comparison has %d rows", len(rows))
	}
	for _, row := range rows {
		for cell := range strings.SplitSeq(row, "|") {
			if cell = strings.ToLower(strings.TrimSpace(cell)); cell == "no" || cell == "none" || cell == "not possible" {
				t.Errorf("a cell says no: %s", row)
			}
		}
	}
	if named := testName.FindAllString(comments.FindString(rest), -1); len(named) != len(rows) {
		t.Errorf("the comparison has %d rows and names %d tests", len(rows), len(named))
	}
}
