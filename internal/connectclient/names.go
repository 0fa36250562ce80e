package connectclient

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ValidName tells why a worker could not be asked for a connector of this name, or nil. Workers
// accept names that they cannot address afterwards, which nobody could delete.
func ValidName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("a connector name must not be empty")
	case name == "." || name == "..":
		return fmt.Errorf("connector name %q means a folder in a URL", name)
	case strings.TrimSpace(name) != name:
		return fmt.Errorf("connector name %q begins or ends with a blank, which workers cut off", name)
	case !utf8.ValidString(name):
		return fmt.Errorf("connector name %q is not valid UTF-8", name)
	case strings.ContainsAny(name, `/\%`):
		return fmt.Errorf("connector name %q has a slash, a backslash or a percent sign: a worker would create it and never find it again", name)
	case strings.ContainsAny(name, "{}"):
		return fmt.Errorf("connector name %q has a brace: a worker would create it and then fail to build its URL", name)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("connector name %q has a control character, which workers refuse", name)
	}
	return nil
}

// segment escapes one segment of a path. A plus is escaped too: some servers read it as a blank.
func segment(text string) string {
	return strings.ReplaceAll(url.PathEscape(text), "+", "%2B")
}
