package workerconfig

import (
	"maps"
	"slices"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// secretEndings are the last parts of keys of plugins, such as config providers and
// schema registry clients, that commonly hold a secret.
var secretEndings = []string{
	".secret", ".token", ".credentials", ".user.info", ".api.key", ".secret.key", ".access.key", ".private.key",
}

// IsSecretKey tells whether the key holds a secret unless its value is a
// placeholder: keys of type PASSWORD, JAAS configurations, and what looks like it
// by name, whether Kafka knows the key or not.
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

// holdsSecret tells whether value, given for the key, shows a secret.
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

// openJAASOptions are known not to be secret. Everything else in a login module's
// options is taken for one.
var openJAASOptions = []string{
	"username", "usekeytab", "keytab", "useticketcache", "ticketcache", "storekey", "principal", "servicename", "donotprompt",
	"renewtgt", "refreshkrb5config", "isinitiator", "debug", "tokenauth", "clientid", "scope",
}

// HasSecret tells whether any property is secret.
func (p Properties) HasSecret() bool {
	return slices.ContainsFunc(p, func(property Property) bool { return property.Secret })
}

// Redacted returns the text of the properties file with a comment in the place of
// every secret: its key, and note, which tells where the secret is. It is the same
// for every secret, so a digest of it says nothing about them.
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
