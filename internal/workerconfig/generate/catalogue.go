package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// key is one line of the catalogue. The package workerconfig documents the
// fields.
type key struct {
	Name         string      `json:"name"`
	Type         string      `json:"type"`
	Mode         string      `json:"mode,omitempty"`
	Required     bool        `json:"required,omitempty"`
	Default      string      `json:"default,omitempty"`
	Values       []string    `json:"values,omitempty"`
	IgnoreCase   bool        `json:"ignore_case,omitempty"`
	Min          json.Number `json:"min,omitempty"`
	Max          json.Number `json:"max,omitempty"`
	Since        string      `json:"since,omitempty"`
	Until        string      `json:"until,omitempty"`
	firstVersion int
	lastVersion  int
}

// catalogue merges what several versions define, by scope: worker, producer,
// consumer, admin and topic.
type catalogue struct {
	versions []string
	scopes   map[string]map[string]key
}

func newCatalogue() *catalogue {
	return &catalogue{scopes: map[string]map[string]key{}}
}

var scopeNames = []string{"worker", "producer", "consumer", "admin", "topic"}

// add merges the lines of a version that is newer than all before.
func (c *catalogue) add(version string, lines []string) error {
	c.versions = append(c.versions, version)
	for _, line := range lines {
		fields := strings.Split(line, "\t")
		if len(fields) != 6 {
			return fmt.Errorf("want 6 fields: %q", line)
		}
		added := parseKey(fields)
		scope := fields[0]
		if scope == "distributed" || scope == "standalone" {
			scope, added.Mode = "worker", scope
		}
		c.merge(scope, added)
	}
	return nil
}

func parseKey(fields []string) key {
	text, hasDefault := strings.CutPrefix(fields[3], "=")
	parsed := key{Name: fields[1], Type: fields[2], Required: !hasDefault && fields[0] != "topic", Default: text}
	values := fields[4]
	values, parsed.IgnoreCase = strings.CutPrefix(values, "(case insensitive) ")
	if values = strings.Trim(values, "[]"); values != "" {
		for value := range strings.SplitSeq(values, ",") {
			parsed.Values = append(parsed.Values, strings.TrimSpace(value))
		}
	}
	low, high, _ := strings.Cut(fields[5], "..")
	parsed.Min, parsed.Max = json.Number(low), json.Number(high)
	return parsed
}

func (c *catalogue) merge(scope string, added key) {
	if c.scopes[scope] == nil {
		c.scopes[scope] = map[string]key{}
	}
	this := len(c.versions) - 1
	added.firstVersion, added.lastVersion = this, this
	if known, ok := c.scopes[scope][added.Name]; ok {
		added.firstVersion = known.firstVersion
		if known.Mode != added.Mode && known.lastVersion == this {
			added.Mode = "both"
		}
		if len(added.Values) > 0 {
			added.Values = append(added.Values, known.Values...)
		}
	}
	slices.Sort(added.Values)
	added.Values = slices.Compact(added.Values)
	c.scopes[scope][added.Name] = added
}

// encode returns the catalogue as JSON, one key a line so that changes show.
func (c *catalogue) encode() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\n\"versions\": %s", encodeJSON(c.versions))
	for _, scope := range scopeNames {
		fmt.Fprintf(&out, ",\n%q: [", scope)
		for i, name := range slices.Sorted(maps.Keys(c.scopes[scope])) {
			if i > 0 {
				out.WriteByte(',')
			}
			fmt.Fprintf(&out, "\n%s", encodeJSON(c.dated(c.scopes[scope][name])))
		}
		out.WriteString("\n]")
	}
	out.WriteString("\n}\n")
	return out.Bytes()
}

// dated adds the minor versions that have a key: the first one, unless the key is in the oldest version, and the last one,
// unless it is in the newest version.
func (c *catalogue) dated(k key) key {
	if k.firstVersion > 0 {
		k.Since = minor(c.versions[k.firstVersion])
	}
	if k.lastVersion < len(c.versions)-1 {
		k.Until = minor(c.versions[k.lastVersion])
	}
	return k
}

// minor returns the minor version of a version: 3.5 for 3.5.2. Patch versions add and remove no keys.
func minor(version string) string {
	return version[:max(strings.LastIndex(version, "."), 0)]
}

func encodeJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings, numbers and flags always have a JSON form
	}
	return text
}
