package connector

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

var updateTopology = flag.Bool("topology.update", false, "write testdata/topology, for `make check-diagrams`")

// oddNames are names of connectors with everything that has a meaning in Mermaid, Markdown, HTML, DOT or URLs. Slashes,
// backslashes and braces are here too: others may have created such connectors.
var oddNames = []string{
	"a \"quoted\" name", "a->b", "a --> b", "end", "1. list", "- list", "* star *", "_under_", "**bold**", "`code`", "# heading", "#quot;", "#35;", "&amp;", "&lt;b&gt;",
	"<b>bold</b>", "<script>alert(1)</script>", "semi;colon", "a|b", "a:::failed", "[x]", "(y)", "((z))", "{k}", "%% comment", "%{init}%", `back\slash`, `\N \G \n \l`, "$x^2$",
	"click x href", "subgraph", "style", "graph LR", "größe-日本語-😀", "a+b c", "x@y", "~t~", "a=b", "'single'", "https://example.com", "fa:fa-user", "trailing\\",
	"orders-source.v1_2", "a_b_c", "1.5", "1 2. 3", "www.example.com", "double  blank", "x end y", "graph-LR", "a-.-b", "o--o", "x--x",
}

// oddTopology has a source with each of the odd names, one connector in each state, and a dead letter queue.
func oddTopology() ([]connectclient.ConnectorWithStatus, map[string][]string) {
	active := map[string][]string{"sink by regex": {"orders", "orders.dlq"}}
	one := func(name, kind string, state connectclient.State, config map[string]string) connectclient.ConnectorWithStatus {
		return connectclient.ConnectorWithStatus{
			Connector: connectclient.Connector{Name: name, Type: kind, Config: config},
			Status:    connectclient.Status{Connector: connectclient.ConnectorStatus{State: state}},
		}
	}
	all := []connectclient.ConnectorWithStatus{
		one("paused", "source", connectclient.StatePaused, nil),
		one("failed connector", "source", connectclient.StateFailed, nil),
		one("sink", "sink", connectclient.StateRunning, map[string]string{"topics": "orders, payments ,orders"}),
		one("sink by regex", "sink", connectclient.StateRunning, map[string]string{"topics.regex": "ord.*", deadLetterKey: "orders.dlq"}),
	}
	task := one("failed task", "sink", connectclient.StateRunning, map[string]string{"topics": "orders"})
	task.Status.Tasks = []connectclient.TaskStatus{{State: connectclient.StateRunning}, {ID: 1, State: connectclient.StateFailed}}
	all = append(all, task)
	for _, name := range oddNames {
		all = append(all, one(name, "source", connectclient.StateRunning, nil))
		active[name] = []string{"orders"}
	}
	return all, active
}

func TestNewTopology(t *testing.T) {
	t.Parallel()
	got := newTopology(oddTopology())
	if want := []string{"orders", "orders.dlq", "payments"}; !slices.Equal(got.topics, want) {
		t.Errorf("topics %q, want %q", got.topics, want)
	}
	want := []node{{"paused", "PAUSED", false}, {"failed connector", "FAILED", true}, {"sink", "", false}, {"sink by regex", "", false}, {"failed task", "FAILED", true}}
	if nodes := got.connectors[:len(want)]; !slices.Equal(nodes, want) {
		t.Errorf("connectors %v, want %v", nodes, want)
	}
	edges := []edge{{2, 0, false}, {2, 2, false}, {3, 0, false}, {3, 1, true}, {4, 0, false}, {5, 0, true}}
	if found := got.edges[:len(edges)]; !slices.Equal(found, edges) {
		t.Errorf("edges %v, want %v", found, edges)
	}
}

func TestNewTopologyOfNothing(t *testing.T) {
	t.Parallel()
	graph := newTopology(nil, nil)
	if got, want := graph.mermaid(), "flowchart LR\n  classDef failed fill:#fdd,stroke:#c00,color:#600\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := graph.dot(), "digraph topology {\n  rankdir=LR;\n}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// rendered is what Mermaid and Graphviz have rendered, as tools/diagrams/render.mjs writes it.
type rendered struct {
	SHA256 string   // of the text that was rendered
	Labels []string // the texts of the nodes, with line breaks
	Failed []string // the texts of the nodes in red
	Arrows int
}

// Mermaid and Graphviz render the diagram with every name as it is. They need Node.js, so `make check-diagrams` renders the
// diagrams of this test and records the result, and this test checks that the record is about exactly these diagrams.
func TestTopologyIsRendered(t *testing.T) {
	t.Parallel()
	graph := newTopology(oddTopology())
	var labels, failed []string
	for _, n := range graph.connectors {
		label := strings.TrimSuffix(n.name+"\n"+n.state, "\n")
		if labels = append(labels, label); n.failed {
			failed = append(failed, label)
		}
	}
	labels = append(labels, graph.topics...)
	slices.Sort(labels)
	slices.Sort(failed)
	for file, text := range map[string]string{"topology.mmd": graph.mermaid(), "topology.dot": graph.dot()} {
		path := filepath.Join("testdata", "topology", file)
		if *updateTopology {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		record, err := os.ReadFile(path + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var got rendered
		if err := json.Unmarshal(record, &got); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(text))
		if got.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s was not rendered in this form: run make check-diagrams", file)
		}
		if want := (rendered{got.SHA256, labels, failed, len(graph.edges)}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s was rendered as\n%+v,\nwant\n%+v", file, got, want)
		}
	}
}
