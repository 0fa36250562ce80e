package connectclient

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// notParsed matches the error of a value that does not have the type of its key, or that its key does not allow.
	notParsed = regexp.MustCompile(`^Invalid value (?s:.*) for configuration `)

	// missingKey matches the error of a required key that is missing.
	missingKey = regexp.MustCompile(`^Missing required configuration "[^"]+" which has no default value\.$`)

	// noSuchClass matches the error of a class that the worker does not have. A connector may not find other things, such as a
	// table on a host that another key names.
	noSuchClass = regexp.MustCompile(`: Class \S+ could not be found\.$`)

	// aboutNull matches the errors of a key that has no value. Workers check a value that they could not parse as null.
	aboutNull = regexp.MustCompile(`^Invalid value null for configuration |^Missing required configuration "|: A value is required\b`)
)

// withoutNulls removes the errors about a null value from those of one key, if another error tells what is wrong: the key
// has a value that could not be parsed, or it is missing. Nobody has written that null.
func withoutNulls(errors []string) []string {
	switch {
	case slices.ContainsFunc(errors, func(text string) bool { return notParsed.MatchString(text) && !aboutNull.MatchString(text) }):
		return slices.DeleteFunc(errors, aboutNull.MatchString)
	case slices.ContainsFunc(errors, missingKey.MatchString):
		return slices.DeleteFunc(errors, func(text string) bool { return strings.HasPrefix(text, "Invalid value null for configuration ") })
	}
	return errors
}

// withoutNullProblems is withoutNulls for the problems of a whole configuration.
func withoutNullProblems(list []Problem) []Problem {
	byKey := map[string][]string{}
	for _, problem := range list {
		byKey[problem.Key] = append(byKey[problem.Key], problem.Message)
	}
	for key, messages := range byKey {
		byKey[key] = withoutNulls(messages)
	}
	return slices.DeleteFunc(list, func(p Problem) bool {
		return p.Key != "" && !slices.Contains(byKey[p.Key], p.Message)
	})
}

// ownChecks are the endings of errors of Kafka's own checks of a single value: of its type, range, enumeration or class.
var ownChecks = []string{
	"Not a number of type ", "Expected value to be either true or false", "Expected value to be a ", "Expected a comma separated list", "Expected a Class instance",
	"Value must be at least ", "Value must be no more than ", "Value must be non-null",
	"String must be one of", "String must be non-empty", "String may not contain control sequences",
	"Duplicate alias provided",
}

// aboutOneValue reports whether an error of a validation is about the value of its key alone: Kafka has found it with the
// definition of the key. Any other error may come from a check of several values.
func aboutOneValue(message string) bool {
	switch {
	case missingKey.MatchString(message):
		return true
	case !notParsed.MatchString(message):
		return false
	}
	return slices.ContainsFunc(ownChecks, func(text string) bool { return strings.Contains(message, ": "+text) }) ||
		noSuchClass.MatchString(message)
}

// Certain reports whether no value of another key can cause the problem: see [ValidatedKey.CertainErrors].
func (p Problem) Certain() bool { return aboutOneValue(p.Message) }
