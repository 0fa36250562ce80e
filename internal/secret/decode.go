package secret

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
)

// match compares text[i:] with a secret whose characters may be escaped, each in its own way: for JSON (also several
// times), URLs (%xx), Java properties, XML and HTML. It returns the end of what is equal, and how many bytes of the secret
// that is.
func match(text string, i int, secret string) (end, matched int) {
	if strings.HasPrefix(text[i:], secret) && !strings.HasSuffix(secret, `\`) {
		return i + len(secret), len(secret)
	}
	for matched < len(secret) && i < len(text) {
		width, bytes := step(text, i, secret[matched:])
		if bytes == 0 {
			break
		}
		i, matched = i+width, matched+bytes
	}
	return i, matched
}

// step compares the next character. It returns how many bytes of text and of the secret are equal.
func step(text string, i int, secret string) (width, bytes int) {
	c := text[i]
	decoded := ""
	if c == '%' || c == '\\' || c == '&' {
		if decoded, width = decode(text, i); decoded != "" && strings.HasPrefix(secret, decoded) {
			return width, len(decoded)
		}
	}
	switch {
	case secret[0] == '\n':
		return lineBreak(text[i:])
	case secret[0] == ' ' && c == '+':
		return 1, 1
	case secret[0] == ' ' && decoded == "+": // a query in a query
		return width, 1
	case secret[0] == '\\' && c == '\\':
		// Escaping doubles backslashes, and a quote after them has one more.
		want, have := countBackslashes(secret), countBackslashes(text[i:])
		if have < want {
			return 0, 0
		}
		return have, want
	case secret[0] == '%' && c == '%': // that is escaped, before two more digits
		rest := text[i+1:]
		for strings.HasPrefix(rest, "25") {
			rest = rest[2:]
		}
		return len(text) - i - len(rest), 1
	case c == secret[0]:
		return 1, 1
	}
	return 0, 0
}

// lineBreak returns the width of a line break, plain, escaped, or replaced by a space.
func lineBreak(text string) (width, bytes int) {
	if text[0] == ' ' || text[0] == '\n' || text[0] == '+' {
		return 1, 1
	}
	if strings.HasPrefix(text, "\r\n") {
		return 2, 1
	}
	for range 2 { // \r\n
		decoded, n := decode(text, width)
		if width+n > len(text) || decoded != "\r" && decoded != "\n" {
			return 0, 0
		}
		width += n
		if decoded == "\n" {
			return width, 1
		}
	}
	return 0, 0
}

// decode returns the character that is escaped at text[i:], and the width of its escape, or "".
func decode(text string, i int) (decoded string, width int) {
	if i >= len(text) {
		return "", 0
	}
	rest := text[i:]
	switch rest[0] {
	case '%':
		return decodePercent(rest)
	case '\\':
		return decodeBackslash(rest)
	case '&':
		end := strings.IndexByte(rest[:min(len(rest), 12)], ';')
		if end < 0 {
			return "", 0
		}
		if text := html.UnescapeString(rest[:end+1]); text != rest[:end+1] {
			return text, end + 1
		}
	}
	return "", 0
}

// decodePercent decodes %xx, also if the percent sign is escaped itself: %25xx.
func decodePercent(text string) (string, int) {
	n := 1
	for strings.HasPrefix(text[n:], "25") && len(text) >= n+4 && isHex(text[n+2:n+4]) {
		n += 2
	}
	if len(text) < n+2 || !isHex(text[n:n+2]) {
		return "", 0
	}
	value, _ := strconv.ParseUint(text[n:n+2], 16, 8) // two hexadecimal digits always parse
	return string([]byte{byte(value)}), n + 2
}

// unescaped returns the text with every %xx decoded.
func unescaped(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+3 <= len(text) && isHex(text[i+1:i+3]) {
			value, _ := strconv.ParseUint(text[i+1:i+3], 16, 8) // two hexadecimal digits always parse
			out.WriteByte(byte(value))
			i += 2
			continue
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// control are the characters that a letter after a backslash stands for.
var control = map[byte]string{'n': "\n", 'r': "\r", 't': "\t", 'b': "\b", 'f': "\f"}

// decodeBackslash decodes a character after one or more backslashes.
func decodeBackslash(text string) (string, int) {
	n := countBackslashes(text)
	if n == len(text) {
		return "", 0
	}
	c := text[n]
	switch {
	case control[c] != "":
		return control[c], n + 1
	case c == 'u' && len(text) >= n+5 && isHex(text[n+1:n+5]):
		return decodeUnicode(text, n+1)
	case c == 'x' && len(text) >= n+3 && isHex(text[n+1:n+3]):
		value, _ := strconv.ParseUint(text[n+1:n+3], 16, 8)
		return string([]byte{byte(value)}), n + 3
	case c < '0' || c > '9' && c < 'A' || c > 'Z' && c < 'a' || c > 'z' && c < 0x80: // escaped punctuation
		return string(c), n + 1
	}
	return "", 0
}

// decodeUnicode decodes the digits of a \uXXXX, and the second half of a character that needs two.
func decodeUnicode(text string, n int) (string, int) {
	value, _ := strconv.ParseUint(text[n:n+4], 16, 16) // four hexadecimal digits always parse
	r := rune(value)
	n += 4
	if utf16.IsSurrogate(r) {
		slashes := countBackslashes(text[n:])
		low := n + slashes
		if slashes == 0 || len(text) < low+5 || text[low] != 'u' || !isHex(text[low+1:low+5]) {
			return "", 0
		}
		value, _ := strconv.ParseUint(text[low+1:low+5], 16, 16)
		r, n = utf16.DecodeRune(r, rune(value)), low+5
	}
	return string(r), n
}

func countBackslashes(text string) int { return len(text) - len(strings.TrimLeft(text, `\`)) }

func isHex(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'f') && (r < 'A' || r > 'F')
	}) < 0
}
