package connectfake

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Classes of the connectors that are installed.
const (
	FileSource = "org.apache.kafka.connect.file.FileStreamSourceConnector"
	FileSink   = "org.apache.kafka.connect.file.FileStreamSinkConnector"
	// Vault is a source with a required key "vault.url" and the PASSWORD keys "vault.password" and "vault.pin".
	Vault = "com.example.vault.VaultSourceConnector"
)

// plugin is an installed connector.
type plugin struct {
	class, kind string
	keys        []key
	version     string                                            // default that of the workers
	complete    bool                                              // keys has the keys of every connector, too
	check       func(config map[string]*string) map[string]string // errors by key that need more than one key
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
		{name: "vault.url", kind: "STRING", required: true, doc: "Address of the vault."},
		{name: "vault.password", kind: "PASSWORD", doc: "Password of the vault."},
		{name: "vault.pin", kind: "PASSWORD", doc: "A second factor."},
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
func (c *cluster) find(class string) (plugin, bool) {
	for _, p := range c.available {
		simple := p.class[strings.LastIndex(p.class, ".")+1:]
		if class == p.class || class == simple || class == strings.TrimSuffix(simple, "Connector") {
			return p, true
		}
	}
	return plugin{}, false
}

// findVersion returns one version of a plugin, or false.
func (c *cluster) findVersion(class, version string) (plugin, bool) {
	for _, p := range c.available {
		if p.class == class && cmp.Or(p.version, c.version) == version {
			return p, true
		}
	}
	return plugin{}, false
}

// unknownClass returns the message for a class that is not installed.
func (c *cluster) unknownClass(class string) string {
	var available []string
	for _, p := range c.available {
		available = append(available, fmt.Sprintf("PluginDesc{klass=class %s, type=%s}", p.class, p.kind))
	}
	return fmt.Sprintf("Failed to find any class that implements Connector and which name matches %s, available connectors are: %s",
		class, strings.Join(available, ", "))
}

func (p plugin) all() []key {
	if p.complete {
		return p.keys
	}
	return slices.Concat(common, p.keys)
}

func (p plugin) knows(name string) bool {
	return slices.ContainsFunc(p.all(), func(k key) bool { return k.name == name })
}

// validate returns the errors by key.
func (p plugin) validate(config map[string]*string) map[string][]string {
	errs := map[string][]string{}
	for _, k := range p.all() {
		if messages := k.validate(config); len(messages) > 0 {
			errs[k.name] = messages
		}
	}
	if p.check != nil {
		for name, message := range p.check(config) {
			errs[name] = append(errs[name], message)
		}
	}
	return errs
}

// validate returns the errors of one key. Like a real worker, it checks the range of a value that it could not parse as if
// the value were null.
func (k key) validate(config map[string]*string) []string {
	given, ok := config[k.name]
	switch {
	case !ok && k.required:
		return []string{fmt.Sprintf("Missing required configuration %q which has no default value.", k.name)}
	case !ok || k.kind != "INT":
		return nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(text(given)))
	switch {
	case err != nil && k.least > 0:
		return []string{
			fmt.Sprintf("Invalid value %s for configuration %s: Not a number of type INT", text(given), k.name),
			fmt.Sprintf("Invalid value null for configuration %s: Value must be non-null", k.name),
		}
	case err != nil:
		return []string{fmt.Sprintf("Invalid value %s for configuration %s: Not a number of type INT", text(given), k.name)}
	case n < k.least:
		return []string{fmt.Sprintf("Invalid value %d for configuration %s: Value must be at least %d", n, k.name, k.least)}
	}
	return nil
}

// plugins handles /connector-plugins.
func (c *cluster) plugins(r *http.Request, path []string, body []byte) (answer, error) {
	switch {
	case r.Method == http.MethodGet && len(path) == 0:
		return answer{http.StatusOK, c.installed(r.URL.Query().Get("connectorsOnly") == "false")}, nil
	case r.Method == http.MethodGet && len(path) == 2 && path[1] == "config" && c.since(3, 2):
		p, ok := c.find(path[0])
		if !ok {
			return answer{}, failure{http.StatusNotFound, "Unknown plugin " + path[0] + "."}
		}
		if version := r.URL.Query().Get("version"); version != "" && c.since(4, 1) {
			if p, ok = c.findVersion(p.class, version); !ok {
				return answer{}, failure{http.StatusBadRequest, fmt.Sprintf("Plugin %s not found that matches the version range [%s,%[2]s], available versions: [%s]", path[0], version, c.version)}
			}
		}
		keys := []any{}
		for i, k := range p.all() {
			keys = append(keys, k.definition(i))
		}
		return answer{http.StatusOK, keys}, nil
	case r.Method == http.MethodPut && len(path) == 3 && path[1] == "config" && path[2] == "validate":
		return c.validation(path[0], body)
	}
	return answer{}, errNoEndpoint
}

// installed lists the plugins.
func (c *cluster) installed(all bool) []map[string]string {
	list := []map[string]string{}
	for _, p := range c.available {
		list = append(list, map[string]string{"class": p.class, "type": p.kind, "version": cmp.Or(p.version, c.version)})
	}
	if all && c.since(3, 2) {
		converter := map[string]string{"class": "org.apache.kafka.connect.json.JsonConverter", "type": "converter"}
		if c.since(3, 6) { // 3.5.2 answers null
			converter["version"] = c.version
		}
		list = append(list, converter)
	}
	return list
}

// validate returns the errors of a configuration, by key. Since 3.0, null is rejected for keys that the plugin does not
// define.
//
// Since 4.4, the reason is hidden for values that come from a config provider.
func (c *cluster) validate(p plugin, config map[string]*string) map[string][]string {
	errs := p.validate(resolved(config))
	if c.since(4, 4) {
		for name := range errs {
			if text(resolve(config[name])) != text(config[name]) {
				errs[name] = []string{fmt.Sprintf("Invalid value for configuration '%s': the value resolved from the config provider reference failed validation", name)}
			}
		}
	}
	for name, given := range config {
		if given == nil && c.since(3, 0) && !p.knows(name) {
			errs[name] = []string{"Null value can not be supplied as the configuration value."}
		}
	}
	return errs
}

// echoed returns the values that the answer to a validation shows. Before 4.4, these are the values of config providers.
func (c *cluster) echoed(config map[string]*string) map[string]*string {
	if c.since(4, 4) {
		return config
	}
	return resolved(config)
}

// resolved returns the configuration with the values of the config provider "file".
func resolved(config map[string]*string) map[string]*string {
	values := map[string]*string{}
	for name, value := range config {
		values[name] = resolve(value)
	}
	return values
}

var fileReference = regexp.MustCompile(`\$\{file:([^:}]+):([^}]+)\}`)

// resolve replaces references to properties files. Like workers, it keeps a reference to a key that the file does not have.
func resolve(value *string) *string {
	if value == nil {
		return nil
	}
	return new(fileReference.ReplaceAllStringFunc(*value, func(reference string) string {
		m := fileReference.FindStringSubmatch(reference)
		file, _ := os.ReadFile(m[1])
		for line := range strings.Lines(string(file)) {
			if key, found, _ := strings.Cut(strings.TrimSpace(line), "="); key == m[2] {
				return found
			}
		}
		return reference
	}))
}

// validation handles PUT /connector-plugins/{class}/config/validate.
func (c *cluster) validation(class string, body []byte) (answer, error) {
	document := map[string]any{}
	if err := decode(body, &document); err != nil {
		return answer{}, err
	}
	config := stringsOf(document)
	given := text(config["connector.class"])
	if given == "" {
		return answer{}, failure{http.StatusInternalServerError,
			"org.apache.kafka.connect.runtime.rest.errors.BadRequestException: " +
				"Connector config " + printed(config) + " contains no connector type"}
	}
	if !strings.HasSuffix(given, class) {
		return answer{}, failure{http.StatusBadRequest, fmt.Sprintf(
			"Included connector type %s does not match request type %s", given, class)}
	}
	p, ok := c.find(given)
	if !ok {
		return answer{}, failure{http.StatusBadRequest, c.unknownClass(given)}
	}
	return answer{http.StatusOK, p.describe(given, c.echoed(config), c.validate(p, config))}, nil
}

// describe returns the result of a validation with these errors.
func (p plugin) describe(class string, config map[string]*string, errs map[string][]string) map[string]any {
	configs := []any{}
	for i, k := range p.all() {
		shown := config[k.name]
		if shown == nil {
			shown = k.fallback
		}
		if k.kind == "PASSWORD" && shown != nil {
			shown = new("[hidden]")
		}
		var definition any // of keys that are passed through, null
		if k.kind != "" {
			definition = k.definition(i)
		}
		configs = append(configs, map[string]any{"definition": definition, "value": map[string]any{
			"name": k.name, "value": shown, "recommended_values": []string{},
			"errors": slices.Concat([]string{}, errs[k.name]), "visible": true,
		}})
	}
	return map[string]any{"name": class, "error_count": len(errs), "groups": []string{"Common"}, "configs": configs}
}

// refusal returns the message for a configuration with these errors.
func refusal(p plugin, errs map[string][]string) string {
	var messages []string
	for _, k := range p.all() {
		messages = append(messages, errs[k.name]...)
	}
	for _, name := range slices.Sorted(maps.Keys(errs)) {
		if !p.knows(name) {
			messages = append(messages, errs[name]...)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Connector configuration is invalid and contains the following %d error(s):", len(messages))
	for _, message := range messages {
		b.WriteString("\n" + message)
	}
	b.WriteString("\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`")
	return b.String()
}

// printed returns a configuration as Java prints a map, including secrets.
func printed(config map[string]*string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(config)) {
		parts = append(parts, name+"="+text(config[name]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// definition returns a key in the form of the REST API.
func (k key) definition(order int) map[string]any {
	return map[string]any{
		"name": k.name, "type": k.kind, "required": k.required, "default_value": k.fallback,
		"importance": "HIGH", "documentation": k.doc, "group": "Common", "order": order,
		"width": "MEDIUM", "display_name": k.name, "dependents": []string{},
	}
}
