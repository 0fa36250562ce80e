package workerconfig

import (
	"maps"
	"slices"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// Property is one line of a properties file.
type Property struct {
	// Key is the name of the setting, such as "group.id".
	Key string
	// Value is the value as the worker reads it.
	Value string
	// Secret means that Value holds a secret in clear text. A placeholder such as
	// ${file:/run/secrets/kafka:password} is not a secret.
	Secret bool
}

// String returns the line without escapes, and without a secret.
func (p Property) String() string {
	if p.Secret {
		return p.Key + "=(secret)"
	}
	return p.Key + "=" + p.Value
}

// GoString returns String, so that %#v shows no secret.
func (p Property) GoString() string { return p.String() }

// Properties are the lines of a properties file in order. Each key occurs once.
type Properties []Property

// Sorted returns values as properties sorted by key. None is marked as secret.
func Sorted(values map[string]string) Properties {
	properties := make(Properties, 0, len(values))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		properties = append(properties, Property{Key: key, Value: values[key]})
	}
	return properties
}

// Map returns the values by key, including secrets.
func (p Properties) Map() map[string]string {
	values := make(map[string]string, len(p))
	for _, property := range p {
		values[property.Key] = property.Value
	}
	return values
}

// Value returns the value of key, and whether the key exists.
func (p Properties) Value(key string) (string, bool) {
	for _, property := range p {
		if property.Key == key {
			return property.Value, true
		}
	}
	return "", false
}

// Encode returns the text of a properties file in the order of p, including secrets.
// See [javaformat.EncodeProperties].
func (p Properties) Encode() string {
	var out strings.Builder
	for _, property := range p {
		out.WriteString(javaformat.EncodeProperty(property.Key, property.Value))
	}
	return out.String()
}

// secretEndings are endings of keys that usually hold a secret in plugins, such as
// config providers and clients of a schema registry.
var secretEndings = []string{
	".secret", ".token", ".credentials", ".user.info", ".api.key", ".secret.key", ".access.key", ".private.key",
}

// IsSecretKey reports whether the key holds a secret, unless its value is a
// placeholder. That is so for keys of type PASSWORD, JAAS configurations, and keys
// with a typical name, even if Kafka does not define them.
func IsSecretKey(name string) bool {
	for _, mode := range []Mode{ModeDistributed, ModeStandalone} {
		if key, ok := Lookup(name, mode); ok && key.Type == TypePassword {
			return true
		}
	}
	lower := strings.ToLower(name)
	return isJAASKey(name) || strings.Contains(lower, "password") || strings.Contains(lower, "passphrase") ||
		slices.ContainsFunc(secretEndings, func(ending string) bool { return strings.HasSuffix("."+lower, ending) })
}

func isJAASKey(name string) bool { return strings.HasSuffix("."+name, ".sasl.jaas.config") }

// holdsSecret reports whether the value of the key contains a secret in clear text.
func holdsSecret(name, value string) bool {
	if value == "" || !IsSecretKey(name) || isPlaceholder(value) {
		return false
	}
	if !isJAASKey(name) {
		return true
	}
	jaas, err := javaformat.ParseJAAS(value)
	return err != nil || slices.ContainsFunc(slices.Collect(maps.Keys(jaas.Options)), func(name string) bool {
		option := jaas.Options[name]
		return option != "" && !isPlaceholder(option) && !slices.Contains(openJAASOptions, strings.ToLower(name))
	})
}

// openJAASOptions are the options of login modules that are not secret. Every other
// option is treated as a secret.
var openJAASOptions = []string{
	"username", "usekeytab", "keytab", "useticketcache", "ticketcache", "storekey", "principal", "servicename", "donotprompt",
	"renewtgt", "refreshkrb5config", "isinitiator", "debug", "tokenauth", "clientid", "scope",
}

// HasSecret reports whether a property is secret.
func (p Properties) HasSecret() bool {
	return slices.ContainsFunc(p, func(property Property) bool { return property.Secret })
}

// Redacted returns the text of the properties file with a comment in place of each
// secret: its key and the note. The text does not depend on the secrets, so a digest
// of it reveals nothing about them.
func (p Properties) Redacted(note string) string {
	var out strings.Builder
	for _, property := range p {
		if property.Secret {
			out.WriteString("# " + javaformat.EncodeKey(property.Key) + ": " + javaformat.EncodeValue(note) + "\n")
		} else {
			out.WriteString(javaformat.EncodeProperty(property.Key, property.Value))
		}
	}
	return out.String()
}
