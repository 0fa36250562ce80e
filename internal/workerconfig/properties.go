package workerconfig

import (
	"maps"
	"slices"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
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

// IsSecretKey reports whether the key holds a secret, unless its value is a
// placeholder. That is so for keys of type PASSWORD, and keys whose names say so, even
// if Kafka does not define them.
func IsSecretKey(name string) bool { return isPassword(name) || secret.Name(name) }

// isPassword reports whether Kafka defines the key as PASSWORD.
func isPassword(name string) bool {
	for _, mode := range []Mode{ModeDistributed, ModeStandalone} {
		if key, ok := Lookup(name, mode); ok && key.Type == TypePassword {
			return true
		}
	}
	return false
}

func isJAASKey(name string) bool { return strings.HasSuffix("."+name, ".sasl.jaas.config") }

// holdsSecret reports whether the value of the key contains a secret in clear text.
func holdsSecret(name, value string) bool {
	return secret.Why(name, value, isPassword(name)) != secret.NotSecret
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
