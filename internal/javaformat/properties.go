package javaformat

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	errMalformedEscape = errors.New(`malformed \uxxxx escape`)
	errLoneSurrogate   = errors.New(`a \uxxxx escape is one half of a surrogate pair, and the other half is missing`)
)

// EncodeProperties returns values as the text of a properties file, one line per
// key, sorted by key. The text is ASCII only, and java.util.Properties reads it as
// exactly these keys and values. Bytes that are not UTF-8 become U+FFFD.
func EncodeProperties(values map[string]string) string {
	var out strings.Builder
	for _, key := range slices.Sorted(maps.Keys(values)) {
		out.WriteString(EncodeProperty(key, values[key]))
	}
	return out.String()
}

// EncodeProperty returns one line of a properties file, with its line end.
func EncodeProperty(key, value string) string {
	return EncodeKey(key) + "=" + EncodeValue(value) + "\n"
}

// EncodeKey escapes the characters that would end a key (blanks, "=" and ":"), and
// those that would make the line a comment at its start ("#" and "!").
func EncodeKey(key string) string {
	var out strings.Builder
	for i, r := range key {
		switch {
		case r == ' ' || r == '=' || r == ':', i == 0 && (r == '#' || r == '!'):
			out.WriteByte('\\')
			out.WriteRune(r)
		default:
			encodeRune(&out, r)
		}
	}
	return out.String()
}

// EncodeValue escapes a leading blank, which the reader would take for part of the
// separator. Other blanks, trailing ones included, need no escape.
func EncodeValue(value string) string {
	var out strings.Builder
	for i, r := range value {
		if i == 0 && r == ' ' {
			out.WriteByte('\\')
		}
		encodeRune(&out, r)
	}
	return out.String()
}

// encodeRune writes one character of a key or value. Workers read their file as
// ISO-8859-1, so everything outside ASCII is written as UTF-16 escapes.
func encodeRune(out *strings.Builder, r rune) {
	switch r {
	case '\\':
		out.WriteString(`\\`)
	case '\t':
		out.WriteString(`\t`)
	case '\n':
		out.WriteString(`\n`)
	case '\r':
		out.WriteString(`\r`)
	case '\f':
		out.WriteString(`\f`)
	default:
		if r >= ' ' && r <= '~' {
			out.WriteRune(r)
			return
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(out, `\u%04x`, unit)
		}
	}
}

// DecodeProperties returns the keys and values that java.util.Properties reads
// from a file with this text. If a key occurs more than once, the last value wins.
//
// Workers read their file as ISO-8859-1, and so does DecodeProperties: each byte
// is one character, so an "é" that was saved as UTF-8 is read as "Ã©".
// EncodeProperties writes escapes instead, which readers of any charset decode.
//
// An error names the line but never shows it, because the line may hold a secret.
// Half a surrogate pair is an error: Java strings can hold it, UTF-8 cannot.
//
// github.com/magiconair/properties is not used because it differs from Java: it
// breaks surrogate pairs, "\" continuations in keys and before CR LF, empty keys,
// and a backslash at the end of the file.
func DecodeProperties(text string) (map[string]string, error) {
	values := map[string]string{}
	lines := lineReader{text: text}
	for {
		line, number, ok := lines.next()
		if !ok {
			return values, nil
		}
		rawKey, rawValue := splitLine(line)
		key, err := unescape(rawKey)
		if err != nil {
			return nil, fmt.Errorf("line %d: in the key: %w", number, err)
		}
		value, err := unescape(rawValue)
		if err != nil {
			return nil, fmt.Errorf("line %d: in the value: %w", number, err)
		}
		values[key] = value
	}
}

// lineReader returns logical lines: it skips comments and blank lines, removes leading
// blanks, and joins continued lines.
type lineReader struct {
	text   string
	offset int
	number int // natural lines read so far
}

// next returns the next logical line, with its escapes, and the number of the natural
// line on which it starts. The line never ends in half an escape.
func (r *lineReader) next() (line []byte, number int, ok bool) {
	for {
		natural, found := r.natural()
		if !found {
			return line, number, len(line) > 0
		}
		if len(line) == 0 {
			if natural == "" || natural[0] == '#' || natural[0] == '!' {
				continue
			}
			number = r.number
		}
		line = append(line, natural...)
		if !endsInBackslash(natural) {
			return line, number, true
		}
		line = line[:len(line)-1]
		if r.atEnd() {
			return line, number, true
		}
	}
}

// atEnd reports whether Java finds nothing more to append to a continued line. Java
// checks before it skips the LF of a CR LF. That decides whether a last line that
// consists of a backslash is an empty key or nothing.
func (r *lineReader) atEnd() bool {
	return r.offset >= len(r.text) && !strings.HasSuffix(r.text, "\r\n")
}

// natural returns the next natural line without its leading blanks and its line end,
// which is LF, CR or CR LF. Empty text after the last line end is not a line.
func (r *lineReader) natural() (string, bool) {
	start := r.offset
	if start >= len(r.text) {
		return "", false
	}
	r.number++
	end := start
	for end < len(r.text) && r.text[end] != '\n' && r.text[end] != '\r' {
		end++
	}
	r.offset = end + 1
	if end+1 < len(r.text) && r.text[end] == '\r' && r.text[end+1] == '\n' {
		r.offset++
	}
	for start < end && isBlank(r.text[start]) {
		start++
	}
	return r.text[start:end], true
}

func endsInBackslash(line string) bool {
	count := 0
	for count < len(line) && line[len(line)-1-count] == '\\' {
		count++
	}
	return count%2 == 1
}

// splitLine splits a logical line at the first "=", ":" or blank that is not escaped.
// One "=" or ":" may follow the blanks after a key.
func splitLine(line []byte) (key, value []byte) {
	end := 0
	for end < len(line) && !isSeparator(line[end]) && !isBlank(line[end]) {
		if line[end] == '\\' {
			end++
		}
		end++
	}
	start := skipBlanks(line, end)
	if start < len(line) && isSeparator(line[start]) {
		start = skipBlanks(line, start+1)
	}
	return line[:end], line[start:]
}

func skipBlanks(line []byte, from int) int {
	for from < len(line) && isBlank(line[from]) {
		from++
	}
	return from
}

func isBlank(c byte) bool     { return c == ' ' || c == '\t' || c == '\f' }
func isSeparator(c byte) bool { return c == '=' || c == ':' }

// unescape decodes the escapes of a key or value. An unknown escape stands for its
// character.
func unescape(raw []byte) (string, error) {
	units := make([]uint16, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			units = append(units, uint16(raw[i]))
			continue
		}
		i++
		if raw[i] != 'u' {
			units = append(units, uint16(unescapeByte(raw[i])))
			continue
		}
		unit, err := hexUnit(raw[i+1:])
		if err != nil {
			return "", err
		}
		units = append(units, unit)
		i += 4
	}
	return decodeUnits(units)
}

func unescapeByte(c byte) byte {
	switch c {
	case 't':
		return '\t'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 'f':
		return '\f'
	}
	return c
}

func hexUnit(raw []byte) (uint16, error) {
	if len(raw) < 4 {
		return 0, errMalformedEscape
	}
	unit, err := strconv.ParseUint(string(raw[:4]), 16, 16)
	if err != nil {
		// The error of ParseUint quotes the digits, which may be part of a secret.
		return 0, errMalformedEscape
	}
	return uint16(unit), nil
}

func decodeUnits(units []uint16) (string, error) {
	text := make([]byte, 0, len(units))
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) {
			if i++; i == len(units) {
				return "", errLoneSurrogate
			}
			if r = utf16.DecodeRune(r, rune(units[i])); r == utf8.RuneError {
				return "", errLoneSurrogate
			}
		}
		text = utf8.AppendRune(text, r)
	}
	return string(text), nil
}
