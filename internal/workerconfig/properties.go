package workerconfig

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
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

// Encode returns the text of a properties file, secrets included: one line a
// property, in order, ASCII only, read by java.util.Properties as exactly these
// keys and values. Bytes that are not UTF-8 become U+FFFD.
func (p Properties) Encode() string {
	var out strings.Builder
	for _, property := range p {
		property.encode(&out)
	}
	return out.String()
}

// Encode returns values as the text of a properties file, sorted by key. See
// [Properties.Encode].
func Encode(values map[string]string) string {
	return Sorted(values).Encode()
}

func (p Property) encode(out *strings.Builder) {
	encodeKey(out, p.Key)
	out.WriteByte('=')
	encodeValue(out, p.Value)
	out.WriteByte('\n')
}

// encodeKey escapes what would end a key (blanks, "=", ":") or, at its start,
// make the line a comment ("#", "!").
func encodeKey(out *strings.Builder, key string) {
	for i, r := range key {
		switch {
		case r == ' ' || r == '=' || r == ':', i == 0 && (r == '#' || r == '!'):
			out.WriteByte('\\')
			out.WriteRune(r)
		default:
			encodeRune(out, r)
		}
	}
}

// encodeValue escapes a leading blank, which the reader would take for part of
// the separator. Everything else, trailing blanks included, is kept as it is.
func encodeValue(out *strings.Builder, value string) {
	for i, r := range value {
		if i == 0 && r == ' ' {
			out.WriteByte('\\')
		}
		encodeRune(out, r)
	}
}

// encodeRune writes what a key and a value have in common. Workers read their
// file as ISO-8859-1, so all beyond ASCII is written in UTF-16 escapes.
func encodeRune(out *strings.Builder, r rune) {
	switch r {
	case '\\':
		out.WriteString(`\\`)
	case '\t':
		out.WriteString(`\t`)
	case '\n':
		out.WriteString(`\n`)
	case '\r':
		out.WriteString(`\r`)
	case '\f':
		out.WriteString(`\f`)
	default:
		if r >= ' ' && r <= '~' {
			out.WriteRune(r)
			return
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(out, `\u%04x`, unit)
		}
	}
}
