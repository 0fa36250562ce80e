package secret

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// level is where an occurrence of a secret is hidden.
type level int

const (
	anywhere level = iota // also within a longer word
	asWord                // as a whole word
	asValue               // as a whole word where messages show values
	asNamed               // as a whole word after the name of a secret
)

// pattern is one form of a secret.
type pattern struct {
	text  string
	level level
	cut   int  // how many bytes count as the secret where a message was cut; 0 if a part never does
	run   bool // base64 of a longer text: hide the whole run
}

// className is the name of a Java class.
var className = regexp.MustCompile(`^(?:org|com|io|net|dev)\.(?:[a-z_][\w$]*\.)+[A-Z][\w$]*$`)

// expand returns the secret value and the secrets within it.
func expand(value string) []string {
	value = strings.TrimSpace(value)
	isSigns := strings.IndexFunc(value, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0
	if value == "" || value == "null" || isBool(value) || className.MatchString(value) || literals(value) == "" ||
		isSigns && (len(value) < 8 || IsMask(value)) {
		return nil
	}
	texts := append([]string{value}, parts(value)...)
	if jaas, err := javaformat.ParseJAAS(value); err == nil {
		texts = append(texts, jaasSecrets(jaas)...)
	}
	var document any
	if value[0] == '{' && json.Unmarshal([]byte(value), &document) == nil {
		texts = append(texts, jsonSecrets("", document)...)
	}
	for _, text := range texts[1:] {
		texts = append(texts, lines(text)...)
	}
	if document == nil {
		texts = append(texts, lines(value)...)
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// jsonSecrets returns the texts in a JSON document whose names are secret.
func jsonSecrets(name string, document any) (secrets []string) {
	switch document := document.(type) {
	case string:
		if Name(name) && strings.TrimSpace(document) != "" {
			return []string{document}
		}
	case []any:
		for _, element := range document {
			secrets = append(secrets, jsonSecrets(name, element)...)
		}
	case map[string]any:
		for key, value := range document {
			secrets = append(secrets, jsonSecrets(key, value)...)
		}
	}
	return secrets
}

// lines returns the lines of a text, such as a private key, which a message may repeat one by one or as one line.
func lines(text string) (lines []string) {
	if !strings.ContainsAny(text, "\n") {
		return nil
	}
	var joined strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		joined.WriteString(line)
		if len(line) > 3 && !strings.HasPrefix(line, "-----") {
			lines = append(lines, line)
		}
	}
	return append(lines, joined.String())
}

// patternsOf returns the forms of one secret.
func patternsOf(text string) (list []*pattern) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	level := levelOf(text)
	list = append(list, &pattern{text: text, level: level, cut: cutOf(text, level)})
	if items := strings.Split(text, ","); len(items) > 1 { // Connect prints a LIST as [a, b]
		for i, item := range items {
			items[i] = strings.TrimSpace(item)
		}
		if joined := strings.Join(items, ", "); joined != text {
			list = append(list, &pattern{text: joined, level: level})
		}
	}
	if len(text) >= 4 {
		list = append(list, encodings(text)...)
	}
	return list
}

// encodings returns the secret in base64 and in hexadecimal digits. A text that contains the secret, such as a user name
// with the password, has one of three forms of it in its own base64.
func encodings(text string) (list []*pattern) {
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		whole := encoding.EncodeToString([]byte(text))
		if len(whole) < 12 {
			list = append(list, &pattern{text: whole, level: asWord})
		}
		for before, drop := range []int{0, 2, 3} { // bytes before the secret, and the characters that they change
			core := encoding.EncodeToString(append(make([]byte, before), text...))
			core = core[drop : (before+len(text))*8/6]
			if len(core) >= 8 {
				list = append(list, &pattern{text: core, level: anywhere, run: true, cut: max(8, len(core)/2)})
			}
		}
	}
	digits := hex.EncodeToString([]byte(text))
	level := anywhere
	if len(digits) < 16 {
		level = asWord
	}
	return append(list,
		&pattern{text: digits, level: level, cut: cutOf(digits, level)},
		&pattern{text: strings.ToUpper(digits), level: level, cut: cutOf(digits, level)})
}

// messageWords are words of Connect's messages and of ours. A secret like that is hidden only where values stand.
var messageWords = wordSet(`
	admin apache class client cluster config configuration configurations connect connection connector connectors consumer
	database error exception failed file host invalid java kafka key message name null offset org partition plugin producer
	record request running sink source state status stopped string table task tasks terraform test topic topics true type user
	validate value version worker workers
`)

// levelOf tells where a secret is hidden, by how likely the same text occurs by chance.
func levelOf(text string) level {
	n, lower, upper, digit, other := utf8.RuneCountInString(text), 0, 0, 0, 0
	for _, r := range text {
		switch {
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsDigit(r):
			digit = 1
		case !strings.ContainsRune("-_. ", r):
			other = 1
		}
	}
	switch classes := lower + upper + digit + other; {
	case n < 3:
		return asNamed
	case messageWords[strings.ToLower(text)], classes == digit && n < 6:
		return asValue
	case classes > 2 && n >= 7, classes > 1 && n >= 16, n >= 32:
		return anywhere
	}
	return asWord
}

// cutOf returns how many bytes of a secret are hidden where a message was cut. A text that begins like many others, such
// as a URL, never counts by its beginning; the secrets in it do.
func cutOf(text string, level level) int {
	if level > asWord || len(text) < 6 || strings.ContainsAny(text, " \n") || strings.Contains(text, "://") {
		return 0
	}
	if strings.Contains(text, "/") { // a path
		return max(6, len(text)/2)
	}
	return min(6, max(4, len(text)/2))
}
