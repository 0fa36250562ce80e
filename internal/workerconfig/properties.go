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
	// Value is what the worker reads.
	Value string
	// Secret says that Value holds a secret in clear. A placeholder such as
	// ${file:/run/secrets/kafka:password} is not one.
	Secret bool
}

// String names the property, and shows no secret.
func (p Property) String() string {
	if p.Secret {
		return p.Key + "=(secret)"
	}
	return p.Key + "=" + p.Value
}

// GoString is String, so that %#v shows no secret either.
func (p Property) GoString() string { return p.String() }

// Properties are the lines of a properties file, in their order. A key occurs
// once.
type Properties []Property

// Sorted returns values as properties sorted by key, none of them secret.
func Sorted(values map[string]string) Properties {
	properties := make(Properties, 0, len(values))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		properties = append(properties, Property{Key: key, Value: values[key]})
	}
	return properties
}

// Map returns the values by key, secrets included.
func (p Properties) Map() map[string]string {
	values := make(map[string]string, len(p))
	for _, property := range p {
		values[property.Key] = property.Value
	}
	return values
}

// Value returns the value of key, and whether there is one.
func (p Properties) Value(key string) (string, bool) {
	for _, property := range p {
		if property.Key == key {
			return property.Value, true
		}
	}
	return "", false
}

// Encode returns the text of a properties file in the order of p, secrets
// included. See [javaformat.EncodeProperties].
func (p Properties) Encode() string {
	var out strings.Builder
	for _, property := range p {
		out.WriteString(javaformat.EncodeProperty(property.Key, property.Value))
	}
	return out.String()
}
