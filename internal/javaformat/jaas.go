package javaformat

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Control flags of a login module. Kafka runs only one module, so they have no effect;
// required is the usual one.
const (
	FlagRequired   = "required"
	FlagRequisite  = "requisite"
	FlagSufficient = "sufficient"
	FlagOptional   = "optional"
)

// JAAS is the value of sasl.jaas.config: one login module and its options.
type JAAS struct {
	// Module is the class of the login module.
	Module string
	// Flag is the control flag; FlagRequired by default.
	Flag string
	// Options are the options of the module. Some are secrets.
	Options map[string]string
}

// NewJAAS returns a configuration with the login module of a SASL mechanism, such as
// "SCRAM-SHA-512". The argument can also be the class of a login module.
func NewJAAS(mechanism string, options map[string]string) (JAAS, error) {
	module := LoginModule(mechanism)
	if !slices.Contains(Mechanisms(), mechanism) {
		if !isClassName(mechanism) || !strings.Contains(mechanism, ".") {
			return JAAS{}, fmt.Errorf("no login module is known for SASL mechanism %q: use one of %s, or the class name of a login module",
				mechanism, strings.Join(Mechanisms(), ", "))
		}
		module = mechanism
	}
	return JAAS{Module: module, Flag: FlagRequired, Options: options}, nil
}

// CheckOptions returns an error if an option is missing that clients need for the SASL
// mechanism. Login modules of brokers need other options.
func CheckOptions(mechanism string, options map[string]string) error {
	var required []string
	switch mechanism {
	case Plain, ScramSHA256, ScramSHA512:
		required = []string{"username", "password"}
	case OAuthBearer: // the credentials can also be in other settings
		if options["clientId"] != "" || options["clientSecret"] != "" {
			required = []string{"clientId", "clientSecret"}
		}
	}
	var missing []string
	for _, name := range required {
		if options[name] == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	verb := map[bool]string{true: "is", false: "are"}[len(missing) == 1]
	return fmt.Errorf("%s needs the options %s, but %s %s not set", mechanism, strings.Join(required, " and "), strings.Join(missing, " and "), verb)
}

// Encode returns the text that Kafka's JAAS parser reads as j, including secrets:
// username and password first, then the other options by name, each value in double
// quotes. The text is not escaped for a properties file.
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

// String returns the module and the names of the options, without values.
func (j JAAS) String() string {
	return fmt.Sprintf("%s %s (options: %s)", j.Module, j.Flag, strings.Join(j.optionNames(), ", "))
}

// GoString returns String, so that %#v shows no value.
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

// writeJAASWord quotes the text unless Kafka's tokenizer reads it as one word.
func writeJAASWord(out *strings.Builder, word string) {
	if isClassName(word) {
		out.WriteString(word)
		return
	}
	writeJAASQuoted(out, word)
}

// writeJAASQuoted writes text in double quotes. It escapes quotes, backslashes, tabs
// and line ends.
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

// isClassName reports whether text has the form of an ASCII Java name, with or without
// package. The JAAS tokenizer reads such a name as one word.
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
	errJAASContinued  = errors.New(`a "\" at the end of a line continues the line in properties files only: remove it`)
	errJAASUnfinished = errors.New(`no semicolon at the end: the last character must be ";"`)
)

// lineContinuation matches a backslash with which a text was continued in a properties
// file or in a shell.
var lineContinuation = regexp.MustCompile(`\\[ \t]*(\r|\n|$)`)

// ParseJAAS reads the value of sasl.jaas.config as Kafka does: one login module, a
// control flag, options of the form name=value, and a semicolon. An error gives the
// position of the invalid option and shows neither names nor values: if quotes are
// missing, a part of a secret can be taken for a name.
func ParseJAAS(text string) (JAAS, error) {
	tokens := newJAASTokenizer(text)
	first := tokens.next()
	if first.kind == tokenEnd {
		return JAAS{}, errJAASNoModule
	}
	parsed, err := parseJAASEntry(first, tokens)
	if err != nil && lineContinuation.MatchString(text) {
		err = errJAASContinued
	}
	if err != nil {
		return JAAS{}, fmt.Errorf("not a valid JAAS configuration: %w", err)
	}
	if tokens.next().kind != tokenEnd {
		return JAAS{}, errors.New("not a valid JAAS configuration: there is text after the semicolon, but Kafka accepts exactly one login module")
	}
	return parsed, nil
}

func parseJAASEntry(module token, tokens *jaasTokenizer) (JAAS, error) {
	if module.kind != tokenText || module.text == "" {
		return JAAS{}, errJAASNoModule
	}
	// Kafka compares in upper case, which differs from lower case for some characters.
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
			return JAAS{}, fmt.Errorf(`option %d: its name is not followed by "=": put a value with other characters than letters and digits in double quotes`, position)
		}
		value := tokens.next()
		if value.kind != tokenText {
			return JAAS{}, fmt.Errorf("option %d: Kafka cannot read its value: put the value in double quotes", position)
		}
		parsed.Options[name.text] = value.text
	}
}
