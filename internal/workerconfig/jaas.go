package workerconfig

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Control flags of a login module. Kafka runs one module only, so they make no
// difference to it; required is what everyone writes.
const (
	FlagRequired   = "required"
	FlagRequisite  = "requisite"
	FlagSufficient = "sufficient"
	FlagOptional   = "optional"
)

// loginModules are the modules that Kafka's clients use, by SASL mechanism.
var loginModules = map[string]string{
	"PLAIN":         "org.apache.kafka.common.security.plain.PlainLoginModule",
	"SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
	"SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
	"OAUTHBEARER":   "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule",
	"GSSAPI":        "com.sun.security.auth.module.Krb5LoginModule",
}

// Mechanisms are the SASL mechanisms whose login module is known, sorted.
func Mechanisms() []string {
	return slices.Sorted(maps.Keys(loginModules))
}

// JAAS is the value of sasl.jaas.config: one login module and its options.
type JAAS struct {
	// Module is the class name of the login module.
	Module string
	// Flag is the control flag; empty stands for FlagRequired.
	Flag string
	// Options are the settings of the module, secrets among them.
	Options map[string]string
}

// NewJAAS returns the configuration of the login module that belongs to a SASL
// mechanism, such as "SCRAM-SHA-512". Instead of a mechanism, the class name of
// a module may be given. Anything else is an error.
func NewJAAS(mechanism string, options map[string]string) (JAAS, error) {
	module, known := loginModules[mechanism]
	if !known {
		if !isClassName(mechanism) || !strings.Contains(mechanism, ".") {
			return JAAS{}, fmt.Errorf("no login module is known for SASL mechanism %q: want one of %s, or the class name of a login module",
				mechanism, strings.Join(Mechanisms(), ", "))
		}
		module = mechanism
	}
	return JAAS{Module: module, Flag: FlagRequired, Options: options}, nil
}

// Encode returns the text that Kafka's JAAS parser reads as j, secrets included:
// username and password first, then the other options by name, every value in
// double quotes. It is not yet escaped for a properties file.
func (j JAAS) Encode() string {
	var out strings.Builder
	writeJAASWord(&out, j.Module)
	out.WriteByte(' ')
	out.WriteString(cmp.Or(j.Flag, FlagRequired))
	for _, name := range j.optionNames() {
		out.WriteByte(' ')
		writeJAASWord(&out, name)
		out.WriteByte('=')
		writeJAASQuoted(&out, j.Options[name])
	}
	out.WriteByte(';')
	return out.String()
}

// String tells module and option names, and shows no value.
func (j JAAS) String() string {
	return fmt.Sprintf("%s %s (options: %s)", j.Module, j.Flag, strings.Join(j.optionNames(), ", "))
}

// GoString is String, so that %#v shows no value either.
func (j JAAS) GoString() string { return j.String() }

func (j JAAS) optionNames() []string {
	var names []string
	for _, first := range []string{"username", "password"} {
		if _, ok := j.Options[first]; ok {
			names = append(names, first)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(j.Options)) {
		if name != "username" && name != "password" {
			names = append(names, name)
		}
	}
	return names
}

// writeJAASWord quotes a word only where Kafka's tokenizer would not read it as
// one.
func writeJAASWord(out *strings.Builder, word string) {
	if isClassName(word) {
		out.WriteString(word)
		return
	}
	writeJAASQuoted(out, word)
}

// writeJAASQuoted escapes what would end the quotes. Line ends must be escaped,
// everything else but the backslash stands for itself.
func writeJAASQuoted(out *strings.Builder, text string) {
	out.WriteByte('"')
	for _, r := range text {
		switch r {
		case '"', '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case '\n':
			out.WriteString(`\n`)
		case '\r':
			out.WriteString(`\r`)
		case '\t':
			out.WriteString(`\t`)
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
}

// isClassName tells whether text has the form of a Java name with or without
// package, in ASCII, which is also what the JAAS tokenizer reads as one word.
func isClassName(text string) bool {
	if text == "" {
		return false
	}
	for part := range strings.SplitSeq(text, ".") {
		if part == "" || part[0] >= '0' && part[0] <= '9' {
			return false
		}
		for i := range len(part) {
			if c := part[i]; !isASCIILetter(c) && (c < '0' || c > '9') && c != '_' && c != '$' {
				return false
			}
		}
	}
	return true
}

func isASCIILetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
