package connector_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// lineMover is a source that reads the lines of a file, and a sink that writes them to another file.
type lineMover struct {
	t            *testing.T
	w            *worker
	source, sink map[string]string
	lines        []string
}

func newLineMover(t *testing.T) *lineMover {
	t.Helper()
	p := &lineMover{t: t, w: sharedWorker(t), source: source(t)}
	p.sink = map[string]string{"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": p.source["topic"], "file": filepath.Join(t.TempDir(), "out.txt")}
	return p
}

// declared declares both connectors under these names, with the same further lines but for the name of the other connector.
func (p *lineMover) declared(source, sink, lines string) string {
	more := func(label string) string { return strings.ReplaceAll(lines, "LABEL", label) }
	provider := fmt.Sprintf("provider \"kafkaconnect\" {\n  connect = { urls = [%q] }\n}\n", p.w.URL)
	return provider + in("", "source", source, p.source, more("source")) + in("", "sink", sink, p.sink, more("sink"))
}

// deletes removes the connectors after the test.
func (p *lineMover) deletes(names ...string) {
	p.t.Cleanup(func() {
		for _, name := range names {
			p.w.Delete(name)
		}
	})
}

// moves appends a line to the file of the source, and checks that all lines so far have arrived once.
func (p *lineMover) moves() {
	p.t.Helper()
	p.lines = append(p.lines, fmt.Sprintf("line %d", len(p.lines)))
	file, err := os.OpenFile(p.source["file"], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	_, err = file.WriteString(p.lines[len(p.lines)-1] + "\n")
	if err := file.Close(); err != nil {
		p.t.Fatal(err)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	var got string
	acctest.Eventually(p.t, "lines came out", func() bool {
		text, _ := os.ReadFile(p.sink["file"])
		got = string(text)
		return strings.Contains(got, p.lines[len(p.lines)-1])
	})
	if want := strings.Join(p.lines, "\n") + "\n"; got != want {
		p.t.Errorf("got %q, want %q", got, want)
	}
}

// Renamed connectors continue where they have stopped. On older workers they are replaced, as the plan says.
func TestAccConnector_rename(t *testing.T) {
	t.Parallel()
	p := newLineMover(t)
	p.deletes("move-source", "move-source-2", "move-sink", "move-sink-2")
	c := acctest.NewCLI(t, p.declared("move-source", "move-sink", "deletion_protection = false"))
	c.Apply()
	p.moves()
	c.Configure(p.declared("move-source-2", "move-sink-2", "deletion_protection = false"))
	if p.w.Older("3.7") {
		acctest.SaidBy(t, c.Apply(), `A changed name does not keep the offsets of connector "move-source"`, "2 added, 0 changed, 2 destroyed")
		return
	}
	acctest.SaidBy(t, c.Apply(), `Connector "move-source" will be renamed and keeps its position`, "0 added, 2 changed, 0 destroyed")
	p.moves()
	if p.w.Exists("move-source") || p.w.Exists("move-sink") {
		t.Error("a connector still has its old name")
	}
	c.MustBeEmpty()
	c.Configure(p.declared("move-source", "move-sink", "deletion_protection = false")) // the offsets under these names were deleted
	c.Apply()
	p.moves()
	c.MustBeEmpty()
}

// New connectors continue where others have stopped.
func TestAccConnector_offsetsFrom(t *testing.T) {
	t.Parallel()
	p := newLineMover(t)
	if tooOldForOffsets(t, p.w, "taker", p.source) {
		return
	}
	p.deletes("giver-source", "giver-sink", "taker-source", "taker-sink")
	p.w.post("giver-source", p.source)
	p.w.post("giver-sink", p.sink)
	p.moves()
	c := acctest.NewCLI(t, p.declared("taker-source", "taker-sink", `offsets_from = { name = "giver-LABEL" }`))
	acctest.SaidBy(t, c.Apply(), `Connector "giver-source" will be stopped`, "2 added")
	p.moves()
	for _, name := range []string{"giver-source", "giver-sink"} {
		p.w.isIn(name, "STOPPED")
	}
	c.MustBeEmpty()
}
