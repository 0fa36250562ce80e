package stack

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode/utf16"
)

// writeProperties writes a file that java.util.Properties reads back as these properties.
func writeProperties(file string, properties map[string]string) error {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		fmt.Fprintf(&b, "%s=%s\n", escapeProperty(key), escapeProperty(properties[key]))
	}
	return os.WriteFile(file, []byte(b.String()), 0o600)
}

// escapeProperty escapes more than it must, so that one function serves keys and values alike.
func escapeProperty(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		switch {
		case strings.ContainsRune(`\ =:#!`, rune(unit)):
			b.WriteByte('\\')
			b.WriteByte(byte(unit))
		case unit < ' ' || unit > '~':
			fmt.Fprintf(&b, `\u%04x`, unit)
		default:
			b.WriteByte(byte(unit))
		}
	}
	return b.String()
}

// jaasQuote quotes the value of a login module's option.
func jaasQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
