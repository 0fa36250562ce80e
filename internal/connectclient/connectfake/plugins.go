package connectfake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Classes of the connectors that are installed.
const (
	FileSource = "org.apache.kafka.connect.file.FileStreamSourceConnector"
	FileSink   = "org.apache.kafka.connect.file.FileStreamSinkConnector"
	// Vault is a source with a required "vault.url" and a PASSWORD key "vault.password".
	Vault = "com.example.vault.VaultSourceConnector"
)

// plugin is an installed connector.
type plugin struct {
	class, kind string
	keys        []key
	check       func(config map[string]*string) map[string]string // errors by key that no key finds by itself
}

// key is a key that a plugin defines.
type key struct {
	name, kind string
	required   bool
	fallback   *string
	doc        string
	least      int // for INT: the least value
}

// common are the keys of every connector.
var common = []key{
	{name: "name", kind: "STRING", required: true, doc: "Globally unique name to use for this connector."},
	{name: "connector.class", kind: "STRING", required: true, doc: "Name or alias of the class for this connector."},
	{name: "tasks.max", kind: "INT", fallback: new("1"), least: 1, doc: "Maximum number of tasks to use for this connector."},
	{name: "key.converter", kind: "CLASS", doc: "Converter class used to convert keys."},
	{name: "value.converter", kind: "CLASS", doc: "Converter class used to convert values."},
	{name: "transforms", kind: "LIST", fallback: new(""), doc: "Aliases for the transformations to be applied to records."},
	{name: "errors.tolerance", kind: "STRING", fallback: new("none"), doc: "Behavior for tolerating errors."},
}

var plugins = []plugin{
	{class: FileSink, kind: "sink", keys: []key{
		{name: "topics", kind: "LIST", fallback: new(""), doc: "List of topics to consume, separated by commas."},
		{name: "topics.regex", kind: "STRING", fallback: new(""), doc: "Regular expression giving topics to consume."},
		{name: "file", kind: "STRING", doc: "Destination filename."},
	}, check: checkTopics},
	{class: FileSource, kind: "source", keys: []key{
		{name: "file", kind: "STRING", doc: "Source filename."},
		{name: "topic", kind: "STRING", required: true, doc: "The topic to publish data to."},
		{name: "batch.size", kind: "INT", fallback: new("2000"), doc: "The maximum number of records the source task can read from the file each time it is polled."},
	}},
	{class: Vault, kind: "source", keys: []key{
		{name: "vault.url", kind: "STRING", required: true, doc: "Where the vault is."},
		{name: "vault.password", kind: "PASSWORD", doc: "What opens it."},
	}},
}

func checkTopics(config map[string]*string) map[string]string {
	if text(config["topics"]) == "" && text(config["topics.regex"]) == "" {
		return map[string]string{
			"topics":       "Must configure one of topics or topics.regex",
			"topics.regex": "Must configure one of topics or topics.regex",
		}
	}
	return nil
}

// find returns the plugin of a class or an alias of it, or false.
func find(class string) (plugin, bool) {
	for _, p := range plugins {
		simple := p.class[strings.LastIndex(p.class, ".")+1:]
		if class == p.class || class == simple || class == strings.TrimSuffix(simple, "Connector") {
			return p, true
		}
	}
	return plugin{}, false
}

// unknownClass is what workers say of a class that is not installed.
func unknownClass(class string) string {
	var available []string
	for _, p := range plugins {
		available = append(available, fmt.Sprintf("PluginDesc{klass=class %s, type=%s}", p.class, p.kind))
	}
	return fmt.Sprintf("Failed to find any class that implements Connector and which name matches %s, available connectors are: %s",
		class, strings.Join(available, ", "))
}

func (p plugin) all() []key { return slices.Concat(common, p.keys) }

func (p plugin) knows(name string) bool {
	return slices.ContainsFunc(p.all(), func(k key) bool { return k.name == name })
}

// validate returns the errors by key.
func (p plugin) validate(config map[string]*string) map[string][]string {
	errs := map[string][]string{}
	for _, k := range p.all() {
		if message := k.validate(config); message != "" {
			errs[k.name] = append(errs[k.name], message)
		}
	}
	if p.check != nil {
		for name, message := range p.check(config) {
			errs[name] = append(errs[name], message)
		}
	}
	return errs
}

func (k key) validate(config map[string]*string) string {
	given, ok := config[k.name]
	switch {
	case !ok && k.required:
		return fmt.Sprintf("Missing required configuration %q which has no default value.", k.name)
	case !ok || k.kind != "INT":
		return ""
	}
	n, err := strconv.Atoi(strings.TrimSpace(text(given)))
	switch {
	case err != nil:
		return fmt.Sprintf("Invalid value %s for configuration %s: Not a number of type INT", text(given), k.name)
	case n < k.least:
		return fmt.Sprintf("Invalid value %d for configuration %s: Value must be at least %d", n, k.name, k.least)
	}
	return ""
}
