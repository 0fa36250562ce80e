package javaformat

import (
	"cmp"
	"errors"
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
	module := LoginModule(mechanism)
	if !slices.Contains(Mechanisms(), mechanism) {
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

var (
	errJAASNoModule   = errors.New("no login module")
	errJAASNoFlag     = errors.New("the login module is not followed by a control flag: required, requisite, sufficient or optional")
	errJAASNoName     = errors.New("an option has no name: a name is a word that does not start with a digit, or is in quotes")
	errJAASUnfinished = errors.New(`no semicolon at the end: the last character must be ";"`)
)

// ParseJAAS reads the value of sasl.jaas.config as Kafka does: one login module,
// a control flag, options of the form name=value, and a semicolon. An error says
// which option it concerns, by position, and shows neither names nor values:
// where quotes are missing, what looks like a name may be part of a secret.
func ParseJAAS(text string) (JAAS, error) {
	tokens := newJAASTokenizer(text)
	first := tokens.next()
	if first.kind == tokenEnd {
		return JAAS{}, errJAASNoModule
	}
	parsed, err := parseJAASEntry(first, tokens)
	if err != nil {
		return JAAS{}, fmt.Errorf("not a valid JAAS configuration: %w", err)
	}
	if tokens.next().kind != tokenEnd {
		return JAAS{}, errors.New("not a valid JAAS configuration: something follows the semicolon, and Kafka wants exactly one login module")
	}
	return parsed, nil
}

func parseJAASEntry(module token, tokens *jaasTokenizer) (JAAS, error) {
	if module.kind != tokenText || module.text == "" {
		return JAAS{}, errJAASNoModule
	}
	// Kafka compares in upper case, which is not the same as in lower case for all
	// of Unicode.
	flag := strings.ToLower(strings.ToUpper(tokens.next().text))
	parsed := JAAS{Module: module.text, Flag: flag, Options: map[string]string{}}
	switch parsed.Flag {
	case FlagRequired, FlagRequisite, FlagSufficient, FlagOptional:
	default:
		return JAAS{}, errJAASNoFlag
	}
	for position := 1; ; position++ {
		name := tokens.next()
		switch {
		case name.kind == tokenEnd:
			return JAAS{}, errJAASUnfinished
		case name.kind == ';':
			return parsed, nil
		case name.kind != tokenText:
			return JAAS{}, fmt.Errorf("option %d: %w", position, errJAASNoName)
		}
		if tokens.next().kind != '=' {
			return JAAS{}, fmt.Errorf(`option %d: its name is not followed by "=": a value with anything but letters and digits must be in double quotes`, position)
		}
		value := tokens.next()
		if value.kind != tokenText {
			return JAAS{}, fmt.Errorf("option %d: it has no value that Kafka can read: put the value in double quotes", position)
		}
		parsed.Options[name.text] = value.text
	}
}
