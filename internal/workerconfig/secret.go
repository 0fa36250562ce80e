package workerconfig

import (
	"maps"
	"slices"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

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
