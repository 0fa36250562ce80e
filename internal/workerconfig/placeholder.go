package workerconfig

import "regexp"

// placeholder is ${provider:path:key} or ${provider:key}, which the worker replaces
// by what the config provider of that name finds (KIP-297).
var placeholder = regexp.MustCompile(`\$\{([A-Za-z][\w-]*):[^}]*\}`)

func hasPlaceholder(value string) bool { return placeholder.MatchString(value) }

// isPlaceholder tells whether value is one placeholder and nothing else.
func isPlaceholder(value string) bool {
	at := placeholder.FindStringIndex(value)
	return at != nil && at[0] == 0 && at[1] == len(value)
}

// providersIn returns the providers that value needs.
func providersIn(value string) []string {
	var names []string
	for _, match := range placeholder.FindAllStringSubmatch(value, -1) {
		names = append(names, match[1])
	}
	return names
}
