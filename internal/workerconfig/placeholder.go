package workerconfig

import "regexp"

// placeholder matches ${provider:path:key} and ${provider:key}, which the worker
// replaces with a value of the config provider of that name (KIP-297).
var placeholder = regexp.MustCompile(`\$\{([A-Za-z][\w-]*):[^}]*\}`)

func hasPlaceholder(value string) bool { return placeholder.MatchString(value) }

// isPlaceholder reports whether value is exactly one placeholder.
func isPlaceholder(value string) bool {
	at := placeholder.FindStringIndex(value)
	return at != nil && at[0] == 0 && at[1] == len(value)
}

// providersIn returns the names of the providers in the placeholders of value.
func providersIn(value string) []string {
	var names []string
	for _, match := range placeholder.FindAllStringSubmatch(value, -1) {
		names = append(names, match[1])
	}
	return names
}
