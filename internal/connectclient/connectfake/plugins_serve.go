package connectfake

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// plugins answers for /connector-plugins.
func (c *cluster) plugins(r *http.Request, path []string, body []byte) (answer, error) {
	switch {
	case r.Method == http.MethodGet && len(path) == 0:
		return answer{http.StatusOK, c.installed(r.URL.Query().Get("connectorsOnly") == "false")}, nil
	case r.Method == http.MethodGet && len(path) == 2 && path[1] == "config" && c.since(3, 2):
		p, ok := find(path[0])
		if !ok {
			return answer{}, failure{http.StatusNotFound, "Unknown plugin " + path[0] + "."}
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
	for _, p := range plugins {
		list = append(list, map[string]string{"class": p.class, "type": p.kind, "version": c.version})
	}
	if all && c.since(3, 2) {
		list = append(list, map[string]string{
			"class": "org.apache.kafka.connect.json.JsonConverter", "type": "converter", "version": c.version,
		})
	}
	return list
}

// validate returns what is wrong with a configuration, by key. Null is refused for keys that the plugin
// does not know; before 3.0 it was not.
func (c *cluster) validate(p plugin, config map[string]*string) map[string][]string {
	errs := p.validate(config)
	for name, given := range config {
		if given == nil && c.since(3, 0) && !p.knows(name) {
			errs[name] = []string{"Null value can not be supplied as the configuration value."}
		}
	}
	return errs
}

// validation answers to PUT /connector-plugins/{class}/config/validate.
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
	p, ok := find(given)
	if !ok {
		return answer{}, failure{http.StatusBadRequest, unknownClass(given)}
	}
	return answer{http.StatusOK, p.describe(given, config, c.validate(p, config))}, nil
}

// describe is what a plugin says of a configuration with these errors.
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
		configs = append(configs, map[string]any{"definition": k.definition(i), "value": map[string]any{
			"name": k.name, "value": shown, "recommended_values": []string{},
			"errors": slices.Concat([]string{}, errs[k.name]), "visible": true,
		}})
	}
	return map[string]any{"name": class, "error_count": len(errs), "groups": []string{"Common"}, "configs": configs}
}

// refusal is what workers answer to a configuration with these errors.
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

// printed is a configuration as Java prints a map, secrets and all.
func printed(config map[string]*string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(config)) {
		parts = append(parts, name+"="+text(config[name]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// definition is a key as workers describe it.
func (k key) definition(order int) map[string]any {
	return map[string]any{
		"name": k.name, "type": k.kind, "required": k.required, "default_value": k.fallback,
		"importance": "HIGH", "documentation": k.doc, "group": "Common", "order": order,
		"width": "MEDIUM", "display_name": k.name, "dependents": []string{},
	}
}
