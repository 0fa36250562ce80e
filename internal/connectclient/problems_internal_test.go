package connectclient

import (
	"slices"
	"testing"
)

func TestWithoutNulls(t *testing.T) {
	t.Parallel()
	const wrong = "Invalid value zero for configuration k: Not a number of type INT"
	for name, test := range map[string]struct{ errors, want []string }{
		"none":                    {nil, nil},
		"not parsed and null":     {[]string{wrong, "Invalid value null for configuration k: Value must be non-null"}, []string{wrong}},
		"in the other order":      {[]string{"Invalid value null for configuration k: entry must be non null", wrong}, []string{wrong}},
		"not parsed and missing":  {[]string{wrong, `Missing required configuration "k" which has no default value.`}, []string{wrong}},
		"as Debezium says it":     {[]string{wrong, "The 'k' value is invalid: A value is required"}, []string{wrong}},
		"missing and null":        {[]string{`Missing required configuration "k" which has no default value.`, "Invalid value null for configuration k: Not a Transformation"}, []string{`Missing required configuration "k" which has no default value.`}},
		"only null":               {[]string{"Invalid value null for configuration k: Value must be non-null"}, []string{"Invalid value null for configuration k: Value must be non-null"}},
		"two errors of the value": {[]string{wrong, "k must be even"}, []string{wrong, "k must be even"}},
		"a value with two lines":  {[]string{"Invalid value a\nb for configuration k: Not a number of type INT", "Invalid value null for configuration k"}, []string{"Invalid value a\nb for configuration k: Not a number of type INT"}},
	} {
		if got := withoutNulls(slices.Clone(test.errors)); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestAboutOneValue(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]bool{
		"Invalid value zero for configuration tasks.max: Not a number of type INT":                                                     true,
		"Invalid value 0 for configuration tasks.max: Value must be at least 1":                                                        true,
		"Invalid value q for configuration errors.tolerance: String must be one of: none, all":                                         true,
		"Invalid value q for configuration exactly.once.support: String must be one of (case insensitive): REQUIRED, REQUESTED":        true,
		"Invalid value com.Nope for configuration key.converter: Class com.Nope could not be found.":                                   true,
		"Invalid value maybe for configuration errors.log.enable: Expected value to be either true or false":                           true,
		"Invalid value [a, a] for configuration transforms: Duplicate alias provided.":                                                 true,
		"Invalid value 1.5 for configuration k: Expected value to be a 32-bit integer, but it was a java.lang.Double":                  true,
		"Invalid value shop for configuration database.name: Database shop on host h could not be found.":                              false,
		"Invalid value u for configuration url: Expected value to be reachable":                                                        false,
		"Must configure one of topics or topics.regex":                                                                                 false,
		`Missing required configuration "topic" which has no default value.`:                                                           true,
		"Config 'transforms.a.negate' was provided but there is no config 'transforms.a.predicate' defining a predicate.":              false,
		"Invalid value 5 for configuration poll.interval: must be less than heartbeat.interval":                                        false,
		"The 'hostname' value is invalid: A value is required":                                                                         false,
		"Invalid value t for configuration errors.deadletterqueue.topic.name: DLQ topic 't' may not be included in the list of topics": false,
	} {
		if got := aboutOneValue(message); got != want {
			t.Errorf("%s: got %v", message, got)
		}
	}
}
