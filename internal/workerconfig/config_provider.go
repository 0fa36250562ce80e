package workerconfig

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ConfigProvider resolves placeholders in the configurations of workers and
// connectors (KIP-297).
type ConfigProvider struct {
	// Class is the Java class. It may be empty for the providers that come with Kafka
	// when they have their usual names: file, directory and env.
	Class string
	// Parameters configure the provider, such as allowed.paths.
	Parameters map[string]string
}

// knownProviders are the classes that come with Kafka, by the names that everyone
// gives them. The one for env came with 3.5 (KIP-887).
var knownProviders = map[string]string{
	"file":      "org.apache.kafka.common.config.provider.FileConfigProvider",
	"directory": "org.apache.kafka.common.config.provider.DirectoryConfigProvider",
	"env":       "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
}

// renderConfigProviders renders the declared providers, and those that are needed
// by what was rendered so far.
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

// needProviders calls add for each provider that a placeholder names and is not in
// declared, and reports those that add cannot supply.
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

// undeclared reports a placeholder that the worker would pass on as it stands. In
// the midst of a text, such as a password, that may be what is meant, and its name
// may be part of the secret.
func (r *renderer) undeclared(name string, property Property) {
	path := r.paths[property.Key]
	if property.Secret {
		r.problem(SeverityWarning, property.Key, property.Key+" has what looks like a placeholder, but of no declared config provider: "+
			"Kafka passes it on as it is", path...)
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
			fmt.Sprintf("the config provider %q needs a class: only file, directory and env are known by name", name), "config_providers", name)
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
