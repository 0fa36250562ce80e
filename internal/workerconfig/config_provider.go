package workerconfig

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// ConfigProvider resolves placeholders in the configurations of workers and
// connectors (KIP-297).
type ConfigProvider struct {
	// Class is the Java class. It may be empty for the names file, directory and env,
	// which stand for Kafka's own providers.
	Class string
	// Parameters configure the provider, such as allowed.paths.
	Parameters map[string]string
}

// knownProviders are Kafka's own providers by their usual names. Kafka 3.5 added the
// one for env (KIP-887).
var knownProviders = map[string]string{
	"file":      "org.apache.kafka.common.config.provider.FileConfigProvider",
	"directory": "org.apache.kafka.common.config.provider.DirectoryConfigProvider",
	"env":       "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
}

// renderConfigProviders renders the declared providers, and those known providers
// that placeholders in the other settings name.
func (w Worker) renderConfigProviders(r *renderer) {
	providers := maps.Clone(w.ConfigProviders)
	if providers == nil {
		providers = map[string]ConfigProvider{}
	}
	written, inConfig := r.properties.Value("config.providers")
	if inConfig && len(providers) == 0 {
		r.needProviders(splitList(written), func(string) bool { return false })
		return
	}
	r.needProviders(slices.Collect(maps.Keys(providers)), func(name string) bool {
		_, known := knownProviders[name]
		if known {
			providers[name] = ConfigProvider{}
		}
		return known
	})
	names := slices.Sorted(maps.Keys(providers))
	r.list("config.providers", names, "config_providers")
	for _, name := range names {
		r.provider(name, providers[name])
	}
}

// needProviders calls add for each provider that a placeholder names but declared does
// not contain. If add returns false, it reports the placeholder.
func (r *renderer) needProviders(declared []string, add func(name string) bool) {
	for _, property := range r.properties {
		for _, name := range providersIn(property.Value) {
			if slices.Contains(declared, name) {
				continue
			}
			declared = append(declared, name)
			if !add(name) {
				r.undeclared(name, property)
			}
		}
	}
}

// undeclared reports a placeholder of an undeclared provider, which the worker uses
// literally. Within a longer text, such as a password, that may be intended, and the
// placeholder may be part of the secret, so the message does not show it.
func (r *renderer) undeclared(name string, property Property) {
	path := r.paths[property.Key]
	if property.Secret {
		r.problem(SeverityWarning, property.Key, property.Key+" contains ${…}, but no config provider of that name is declared: "+
			"Kafka will use the text literally", path...)
		return
	}
	severity := SeverityWarning
	if isPlaceholder(property.Value) || isJAASKey(property.Key) {
		severity = SeverityError
	}
	r.problem(severity, property.Key,
		fmt.Sprintf("%s has a placeholder of the config provider %q, which is not declared: add %[2]s = { class = \"…\" } to config_providers",
			property.Key, name), path...)
}

func (r *renderer) provider(name string, provider ConfigProvider) {
	class := provider.Class
	if class == "" {
		class = knownProviders[name]
	}
	if class == "" {
		r.problem(SeverityError, "config.providers."+name+".class",
			fmt.Sprintf("the config provider %q needs a class: only file, directory and env have a default class", name), "config_providers", name)
		return
	}
	r.set("config.providers."+name+".class", class, "config_providers", name)
	for _, parameter := range slices.Sorted(maps.Keys(provider.Parameters)) {
		r.set("config.providers."+name+".param."+parameter, provider.Parameters[parameter], "config_providers", name)
	}
}

func splitList(value string) []string {
	var elements []string
	for element := range strings.SplitSeq(value, ",") {
		elements = append(elements, trimAsJava(element))
	}
	return elements
}

// placeholder matches ${provider:path:key} and ${provider:key}, which the worker
// replaces with a value of the config provider of that name (KIP-297).
var placeholder = regexp.MustCompile(`\$\{([A-Za-z][\w-]*):[^}]*\}`)

func hasPlaceholder(value string) bool { return placeholder.MatchString(value) }

// isPlaceholder reports whether value is exactly one placeholder.
func isPlaceholder(value string) bool {
	at := placeholder.FindStringIndex(value)
	return at != nil && at[0] == 0 && at[1] == len(value)
}

// providersIn returns the names of the providers in the placeholders of value.
func providersIn(value string) []string {
	var names []string
	for _, match := range placeholder.FindAllStringSubmatch(value, -1) {
		names = append(names, match[1])
	}
	return names
}
