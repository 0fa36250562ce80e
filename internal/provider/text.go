package provider

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// quoted is text in double quotes.
func quoted(text string) string { return strconv.Quote(text) }

// shellQuoted is text as one word of a POSIX shell.
func shellQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// sentence makes a sentence of an error's text, which by custom is lower case without a full stop.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
