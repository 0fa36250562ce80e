package connector

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

// topology is a graph of connectors and the topics between them.
type topology struct {
	connectors []node
	topics     []string // sorted
	edges      []edge
}

// node is a connector in a topology.
type node struct {
	name   string
	state  string // what the diagram shows below the name; empty for a connector that is RUNNING
	failed bool
}

// edge leads from a connector to a topic, or from a topic to a connector. Both are indexes.
type edge struct {
	connector, topic int
	writes           bool // the connector writes to the topic
}

// deadLetterKey is the key of the topic that a sink writes records to which it cannot process (KIP-298).
const deadLetterKey = "errors.deadletterqueue.topic.name"

// newTopology returns the graph of connectors in the order that is given. active are the active topics of those connectors
// whose configuration does not list them.
func newTopology(connectors []connectclient.ConnectorWithStatus, active map[string][]string) topology {
	index := map[string]int{}
	var graph topology
	for _, one := range connectors {
		for _, topic := range append(topicsOf(one.Connector, active), deadLetters(one.Connector)...) {
			index[topic] = 0
		}
	}
	graph.topics = slices.Sorted(maps.Keys(index))
	for i, topic := range graph.topics {
		index[topic] = i
	}
	for i, one := range connectors {
		state := string(one.Status.Connector.State)
		switch {
		case one.Status.Failed():
			state = stateFailed
		case state == stateRunning:
			state = ""
		}
		graph.connectors = append(graph.connectors, node{one.Connector.Name, state, one.Status.Failed()})
		isSink := one.Connector.Type == "sink"
		for _, topic := range topicsOf(one.Connector, active) {
			graph.edges = append(graph.edges, edge{i, index[topic], !isSink})
		}
		for _, topic := range deadLetters(one.Connector) {
			graph.edges = append(graph.edges, edge{i, index[topic], true})
		}
	}
	return graph
}

// topicsOf returns the topics that a sink reads or a source writes, sorted.
func topicsOf(one connectclient.Connector, active map[string][]string) []string {
	if listed := listedTopics(one); len(listed) > 0 {
		return listed
	}
	return slices.DeleteFunc(slices.Clone(active[one.Name]), func(topic string) bool { return slices.Contains(deadLetters(one), topic) })
}

// listedTopics returns the topics that the configuration of a sink lists.
func listedTopics(one connectclient.Connector) []string {
	if one.Type != "sink" {
		return nil
	}
	return sinkTopics(one)
}

func deadLetters(one connectclient.Connector) []string {
	if topic := one.Config[deadLetterKey]; one.Type == "sink" && topic != "" {
		return []string{topic}
	}
	return nil
}

// lines returns the nodes and edges as a format writes them. Ids are c0, c1, … for connectors and t0, t1, … for topics: a name
// is only ever a label.
func (g topology) lines(connector func(id string, n node) string, topic func(id, name string) string, arrow func(from, to string) string) []string {
	var lines []string
	for i, n := range g.connectors {
		lines = append(lines, connector(fmt.Sprintf("c%d", i), n))
	}
	for i, name := range g.topics {
		lines = append(lines, topic(fmt.Sprintf("t%d", i), name))
	}
	for _, e := range g.edges {
		from, to := fmt.Sprintf("c%d", e.connector), fmt.Sprintf("t%d", e.topic)
		if !e.writes {
			from, to = to, from
		}
		lines = append(lines, arrow(from, to))
	}
	return lines
}

// mermaid returns the graph as a Mermaid flowchart.
func (g topology) mermaid() string {
	lines := g.lines(func(id string, n node) string {
		label, class := mermaidText(n.name), ""
		if n.state != "" {
			label += "<br>" + n.state
		}
		if n.failed {
			class = ":::failed"
		}
		return fmt.Sprintf("%s[\"%s\"]%s", id, label, class)
	}, func(id, name string) string {
		return fmt.Sprintf("%s([\"%s\"])", id, mermaidText(name))
	}, func(from, to string) string {
		return from + " --> " + to
	})
	lines = append(lines, "classDef failed fill:#fdd,stroke:#c00,color:#600")
	return "flowchart LR\n  " + strings.Join(lines, "\n  ") + "\n"
}

// mermaidText writes characters as entity codes, so that none has a meaning in Mermaid, Markdown or HTML. Letters and digits stay
// readable, and so do blanks, hyphens, underscores and dots between two of them.
func mermaidText(text string) string {
	isWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	runes := []rune(text)
	var b strings.Builder
	for i, r := range runes {
		within := i > 0 && i < len(runes)-1 && isWord(runes[i-1]) && isWord(runes[i+1])
		if isWord(r) || within && strings.ContainsRune(" -_.", r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}

// dot returns the graph in the DOT language of Graphviz.
func (g topology) dot() string {
	lines := g.lines(func(id string, n node) string {
		label, style := dotText(n.name), ""
		if n.state != "" {
			label += `\n` + n.state
		}
		if n.failed {
			style = `, style=filled, fillcolor="#ffdddd", color="#cc0000"`
		}
		return fmt.Sprintf(`%s [label="%s", shape=box%s];`, id, label, style)
	}, func(id, name string) string {
		return fmt.Sprintf(`%s [label="%s", shape=ellipse];`, id, dotText(name))
	}, func(from, to string) string {
		return from + " -> " + to + ";"
	})
	return "digraph topology {\n  " + strings.Join(append([]string{"rankdir=LR;"}, lines...), "\n  ") + "\n}\n"
}

// dotText escapes a text for a label in quotation marks. Graphviz resolves HTML entities in labels, and escape sequences such as
// \n and \N.
func dotText(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;", "\n", " ", "\r", " ").Replace(text)
}
