package guides_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

var update = flag.Bool("guides.update", false, "write the generated tables into the templates of the guides")

const tableBegin, tableEnd = "<!-- Begin: written by a test from the features of workers. -->\n", "<!-- End -->\n"

// The table of the features of workers is that of the code. -guides.update writes it.
func TestGuide_versionsOfWorkers(t *testing.T) {
	t.Parallel()
	file := filepath.Join(acctest.Root(t), "templates", "guides", "versions.md.tmpl")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("\n| Feature | Kafka Connect | Name in `features` |\n|---|---|---|\n")
	for _, f := range connectclient.AllFeatures() {
		fmt.Fprintf(&table, "| %s | %d.%d | `%s` |\n", f.Meaning, f.Since.Major, f.Since.Minor, f.Name)
	}
	before, rest, begins := strings.Cut(string(text), tableBegin)
	have, after, ends := strings.Cut(rest, tableEnd)
	if !begins || !ends {
		t.Fatal("the guide lacks the lines between which the table is written")
	}
	want := table.String() + "\n"
	switch {
	case have == want:
	case *update:
		if err := os.WriteFile(file, []byte(before+tableBegin+want+tableEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the table is out of date; run go test ./internal/provider/guides -run TestGuide_versionsOfWorkers -guides.update\n%s", want)
	}
}

// The versions that the guide calls tested are those of the targets that test them.
func TestGuide_testedVersions(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile(filepath.Join(acctest.Root(t), "GNUmakefile"))
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile(filepath.Join(acctest.Root(t), "templates", "guides", "versions.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	for what, row := range map[string]string{"workers": "workers", "brokers": "brokers, for changes of internal topics"} {
		versions := regexp.MustCompile(`(?m)^` + what + ` = (.*)$`).FindStringSubmatch(string(makefile))
		if versions == nil {
			t.Fatalf("the GNUmakefile has no %s", what)
		}
		if want := "| " + row + " | " + strings.ReplaceAll(versions[1], " ", ", ") + " |"; !strings.Contains(string(guide), want) {
			t.Errorf("the guide lacks the row %s", want)
		}
	}
}
