package workerconfig

import (
	"errors"
	"fmt"
	"strings"
)

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
