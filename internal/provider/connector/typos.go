package connector

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// This file finds keys that are probably misspelt. A worker accepts and ignores such keys. Libraries that a connector uses may
// have keys that the connector does not define, so only a similar key or prefix is a reason for a warning.

// overridePrefixes begin the settings of the connector's clients, which a validation does not define.
var overridePrefixes = []string{"producer.override.", "consumer.override.", "admin.override."}

// Settings for the topics that a source creates. A validation does not define those of a group, which may be any setting
// of a topic, too.
const topicPrefix = "topic.creation."

var topicSettings = []string{"exclude", "include", "partitions", "replication.factor"}

type listedPart struct {
	list, prefix string
	always       []string // names that need not be listed
	settings     []string // if set, only these keys of a name are compared
}

func (p listedPart) compares(setting string) bool {
	return p.settings == nil || slices.Contains(p.settings, setting)
}

// listedParts are the keys with lists of names, and the prefix of the keys that belong to a listed name. Workers ignore
// keys of names that are not listed.
var listedParts = []listedPart{
	{list: "transforms", prefix: "transforms."},
	{list: "predicates", prefix: "predicates."},
	{list: "topic.creation.groups", prefix: topicPrefix, always: []string{"default"}, settings: topicSettings},
}

// unknownKeyWarning warns of a key that is similar to a defined one.
func (m model) unknownKeyWarning(key string, known map[string]*connectclient.ConfigKey) (diags diag.Diagnostics) {
	summary, path := "Unknown configuration key "+diagnostics.Quoted(key), m.keyPath(key)
	if text := m.unlisted(key); text != "" {
		diags.AddAttributeWarning(path, summary, text)
		return diags
	}
	if near := m.nearest(key, known); near != "" {
		diags.AddAttributeWarning(path, summary,
			fmt.Sprintf("The connector does not define this key. Did you mean %q? Workers accept unknown keys and ignore them.", near))
	}
	return diags
}

// value returns the value of a declared key. It returns false if the value is unknown.
func (m model) value(key string) (value string, known bool) {
	if m.isUnknown(key) {
		return "", false
	}
	attribute, _ := m.declares(key)
	for _, part := range m.configs() {
		if part.attribute == attribute {
			text, _ := part.values.Elements()[key].(types.String)
			value = text.ValueString()
		}
	}
	return value, !strings.Contains(value, "${")
}

// names returns the names in the value of a list. It returns false if they are unknown.
func (m model) names(list string) (names []string, known bool) {
	value, known := m.value(list)
	for name := range strings.SplitSeq(value, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names, known
}

// part returns what a key belongs to: its entry in listedParts, the name there, and the rest of the key. It returns false
// for other keys.
func (m model) part(key string) (part listedPart, name, setting string, ok bool) {
	for _, part := range listedParts {
		rest, ok := strings.CutPrefix(key, part.prefix)
		if !ok || key == part.list {
			continue
		}
		names, _ := m.names(part.list)
		for _, name := range names {
			if setting, ok := strings.CutPrefix(rest, name+"."); ok { // a name may contain dots
				return part, name, setting, true
			}
		}
		name, setting, ok := strings.Cut(rest, ".")
		return part, name, setting, ok
	}
	return part, "", "", false
}

// unlisted returns the warning about a key whose transform, predicate or group of topics is not listed, or "". There is
// one warning for all keys of a name.
func (m model) unlisted(key string) string {
	part, name, setting, ok := m.part(key)
	names, known := m.names(part.list)
	names = slices.Concat(names, part.always)
	if !ok || !known || slices.Contains(names, name) || !part.compares(setting) {
		return ""
	}
	for _, other := range m.configs() {
		for declared := range other.values.Elements() {
			_, of, setting, _ := m.part(declared)
			if of == name && strings.HasPrefix(declared, part.prefix) && part.compares(setting) && declared < key {
				return ""
			}
		}
	}
	near := similar(name, names)
	if _, declared := m.declares(part.list); near == "" && !declared {
		return "" // nothing shows what these keys are for
	}
	text := fmt.Sprintf("The key belongs to %q, which is not in %s. Workers ignore the keys of names that are not listed.", name, part.list)
	if near != "" {
		text += fmt.Sprintf(" Did you mean %q?", part.prefix+near+"."+setting)
	}
	return text
}

// nearest returns the key that this one is probably meant to be, or "".
func (m model) nearest(key string, known map[string]*connectclient.ConfigKey) string {
	if anyPrefix(key, overridePrefixes) {
		return ""
	}
	candidates := slices.Sorted(maps.Keys(known))
	if part, name, setting, ok := m.part(key); ok {
		settings := part.settings
		for _, candidate := range candidates {
			if setting, ok := strings.CutPrefix(candidate, part.prefix+name+"."); ok {
				settings = append(slices.Clip(settings), setting)
			}
		}
		return prepend(part.prefix+name+".", similar(setting, settings))
	}
	if near := m.nearestPrefix(key); near != "" {
		return near
	}
	candidates = slices.DeleteFunc(candidates, func(candidate string) bool {
		// Two short keys that are both declared are both meant.
		_, declared := m.declares(candidate)
		return declared && len(key) < minLong
	})
	if near := similar(key, candidates); near != "" {
		return near
	}
	return reordered(key, candidates)
}

// nearestPrefix returns the key with a correct prefix, if its prefix is misspelt.
func (m model) nearestPrefix(key string) string {
	prefixes := slices.Concat(overridePrefixes, []string{topicPrefix})
	for _, part := range listedParts[:2] {
		names, _ := m.names(part.list)
		for _, name := range names {
			prefixes = append(prefixes, part.prefix+name+".")
		}
	}
	for _, prefix := range prefixes {
		segments := strings.Split(key, ".")
		n := strings.Count(prefix, ".")
		if len(segments) <= n || strings.HasPrefix(key, prefix) {
			continue
		}
		begin := strings.Join(segments[:n], ".") + "."
		if similar(begin, []string{prefix}) != "" && !anyPrefix(key, prefixes) {
			return prefix + strings.Join(segments[n:], ".")
		}
	}
	return ""
}

func anyPrefix(key string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

// prepend returns the prefix and the text, or "" without a text.
func prepend(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// minLong is the length from which a key may differ by two characters.
const minLong = 8

// similar returns the other candidate that differs from the text by one character, or by two if the text is long, or "".
func similar(text string, candidates []string) string {
	least := 1 + 1
	switch {
	case len(text) < 3:
		least = 1
	case len(text) >= minLong:
		least = 2 + 1
	}
	best := ""
	for _, candidate := range candidates {
		if d := distance(text, candidate); d < least && candidate != text {
			best, least = candidate, d
		}
	}
	return best
}

// reordered returns the candidate with the same words in another order, or "".
func reordered(key string, candidates []string) string {
	words := sortedWords(key)
	for _, candidate := range candidates {
		if len(words) > 1 && slices.Equal(words, sortedWords(candidate)) {
			return candidate
		}
	}
	return ""
}

// sortedWords returns the words of a key, sorted.
func sortedWords(key string) []string {
	words := strings.FieldsFunc(strings.ToLower(key), func(r rune) bool { return strings.ContainsRune("._-", r) })
	slices.Sort(words)
	return words
}

func distance(a, b string) int {
	return levenshtein.Distance(strings.ToLower(a), strings.ToLower(b), nil)
}
