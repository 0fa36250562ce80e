package secret

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// hidden replaces a secret.
const hidden = "(hidden)"

// Hider removes secrets from text, in plain and in the usual encodings. It is not changed after it is made, so it is safe
// for concurrent use. The encodings of a secret are computed once, by [NewHider].
//
// A strong secret, such as a random token, is hidden wherever it occurs. A secret that could be an ordinary word or number
// is hidden where it stands alone, so that it tears no other word, key or class name.
type Hider struct {
	values   []string // as they were given
	patterns []*pattern
	public   []string

	indexing sync.Once
	first    *[256][]*pattern // by their first byte; see index
}

// NewHider returns a Hider for the values and for the secrets that are part of them, such as the password in a URL.
// Masks and short values without letters and digits are ignored, as are null, booleans and class names.
func NewHider(values ...string) *Hider {
	h := &Hider{values: values}
	for _, value := range values {
		for _, text := range expand(value) {
			h.patterns = append(h.patterns, patternsOf(text)...)
		}
	}
	return h
}

// Keep returns a Hider that does not hide a part of these words, which are known to everyone: keys, and values that are
// not secret. A strong secret is still hidden.
func (h *Hider) Keep(words ...string) *Hider {
	if h == nil || len(h.values) == 0 {
		return h
	}
	return &Hider{values: h.values, patterns: h.patterns, public: slices.Concat(h.public, words)}
}

// Unkeep returns a Hider that hides these words again, after [Hider.Keep].
func (h *Hider) Unkeep(words ...string) *Hider {
	if h == nil {
		return h
	}
	public := slices.DeleteFunc(slices.Clone(h.public), func(word string) bool { return slices.Contains(words, word) })
	return &Hider{values: h.values, patterns: h.patterns, public: public}
}

// With returns a Hider that hides what one of both hides. Either may be nil.
func (h *Hider) With(other *Hider) *Hider {
	switch {
	case h == nil || len(h.values) == 0:
		return other
	case other == nil || len(other.values) == 0:
		return h
	}
	return &Hider{
		values:   slices.Concat(h.values, other.values),
		patterns: slices.Concat(h.patterns, other.patterns),
		public:   slices.Concat(h.public, other.public),
	}
}

// index orders the patterns by their first byte. Most requests succeed and need no index.
func (h *Hider) index() {
	h.first = new([256][]*pattern)
	seen := map[string]bool{}
	for _, p := range h.patterns {
		if seen[p.text] {
			continue
		}
		seen[p.text] = true
		h.first[p.text[0]] = append(h.first[p.text[0]], p)
	}
}

// Has reports whether the value is one of the secrets.
func (h *Hider) Has(value string) bool {
	return h != nil && slices.Contains(h.values, value)
}

// Hide returns text with every secret in it replaced. A nil Hider hides nothing.
func (h *Hider) Hide(text string) string {
	if h == nil || len(h.patterns) == 0 {
		return text
	}
	h.indexing.Do(h.index)
	var out strings.Builder
	done, from, to := 0, 0, 0 // text[from:to] is the secret that was found last
	flush := func() {
		if to > from {
			out.WriteString(text[done:from])
			out.WriteString(hidden)
			done = to
		}
	}
	for i := range len(text) {
		start, end := h.at(text, i)
		if end == 0 {
			continue
		}
		if start >= to {
			flush()
			from = start
		}
		from, to = max(done, min(from, start)), max(to, end)
	}
	flush()
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// at returns the longest secret that begins at text[i], or zeros. The encoding of a longer text, such as a user name with a
// password, may begin earlier.
func (h *Hider) at(text string, i int) (start, end int) {
	c, next := text[i], byte('%')
	if i+1 < len(text) {
		next = text[i+1]
	}
	escapes := strings.IndexByte("%\\&+ \r\n", next) >= 0
	try := func(candidates []*pattern, escaped bool) {
		for _, p := range candidates {
			if !escaped && !escapes && len(p.text) > 1 && p.text[1] != next { // most candidates end here
				continue
			}
			from, to := h.find(p, text, i)
			if to > end || to == end && from < start {
				start, end = from, to
			}
		}
	}
	try(h.first[c], c == '%' || c == '\\' || c == '&')
	if c == '%' || c == '\\' || c == '&' {
		decoded, _ := decode(text, i)
		if decoded != "" && decoded[0] != c {
			try(h.first[decoded[0]], true)
		}
	}
	return start, end
}

// find returns where text[i:] begins with the pattern, whole or cut short, or zeros.
func (h *Hider) find(p *pattern, text string, i int) (start, end int) {
	end, matched := match(text, i, p.text)
	switch whole := matched == len(p.text); {
	case !whole && (p.cut == 0 || matched < p.cut || !cutAt(text, end)):
		return 0, 0
	case !whole && messageWords[strings.ToLower(text[i:end])]: // the end of a sentence
		return 0, 0
	case p.run:
		return extend(text, i, end)
	case p.level == anywhere:
		return i, end
	case !startsWord(text, i) || whole && !endsWord(text, end):
		return 0, 0
	case p.level == asValue && !inValuePlace(text, i, end), p.level == asNamed && !isNamed(text, i):
		return 0, 0
	case h.isPublic(p, text, i, end) && !isNamed(text, i):
		return 0, 0
	}
	return i, end
}

// isPublic reports whether text[i:end] is within a word that everyone knows.
func (h *Hider) isPublic(p *pattern, text string, i, end int) bool {
	return slices.ContainsFunc(h.public, func(word string) bool {
		for from := 0; from+len(p.text) <= len(word); from++ {
			at := strings.Index(word[from:], p.text)
			if at < 0 {
				return false
			}
			from += at
			begin, stop := i-from, i-from+len(word)
			if begin >= 0 && stop >= end && stop <= len(text) && text[begin:stop] == word && startsWord(text, begin) && endsWord(text, stop) {
				return true
			}
		}
		return false
	})
}

// isWord reports whether a rune is part of a word.
func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '$' }

// joins reports whether a byte joins two words: kafka.connect, connect-status.
func joins(c byte) bool { return c == '.' || c == '-' }

// startsWord reports whether no word continues at text[i].
func startsWord(text string, i int) bool {
	if first, _ := utf8.DecodeRuneInString(text[i:]); i == 0 || !isWord(first) || endsEscape(text, i) {
		return true
	}
	before, size := utf8.DecodeLastRuneInString(text[:i])
	if size == 1 && joins(text[i-1]) && i > 1 {
		before, _ = utf8.DecodeLastRuneInString(text[:i-1])
	}
	return !isWord(before)
}

// endsWord reports whether no word continues after text[:end].
func endsWord(text string, end int) bool {
	if last, _ := utf8.DecodeLastRuneInString(text[:end]); end == len(text) || !isWord(last) {
		return true
	}
	after, size := utf8.DecodeRuneInString(text[end:])
	if size == 1 && joins(text[end]) && end+1 < len(text) {
		after, _ = utf8.DecodeRuneInString(text[end+1:])
	}
	return !isWord(after)
}

// endsEscape reports whether an escaped character, such as \n, %3A or \u003d, ends at text[i].
func endsEscape(text string, i int) bool {
	switch {
	case i >= 2 && text[i-2] == '\\' && strings.IndexByte("nrtbf", text[i-1]) >= 0,
		i >= 3 && text[i-3] == '%' && isHex(text[i-2:i]),
		i >= 6 && text[i-6] == '\\' && text[i-5] == 'u' && isHex(text[i-4:i]):
		return true
	}
	return false
}

// inValuePlace reports whether text[i:end] stands where messages show a value: 'value', [value], key=value, u:value@host.
func inValuePlace(text string, i, end int) bool {
	return i > 0 && strings.IndexByte("=\"'`[({<", text[i-1]) >= 0 || end < len(text) && text[end] == '@' ||
		strings.HasSuffix(strings.ToLower(text[max(0, i-6):i]), "value ") || isNamed(text, i)
}

// isNamed reports whether text[i:] follows the name of a secret: password=value, "password": "value", password value.
func isNamed(text string, i int) bool {
	before := strings.TrimRight(text[max(0, i-60):i], " =:\"'\\")
	if len(before) == i {
		return false
	}
	at := strings.LastIndexFunc(before, func(r rune) bool { return !isWord(r) && r != '.' && r != '-' })
	return Name(before[at+1:])
}

// cutEnd is where a message was cut: the end of a text or of a line, or dots. The escape of the next character may be cut.
var cutEnd = regexp.MustCompile(`^(?:%\w?|\\+(?:u\w{0,3})?|&#?\w{0,8})?(?:$|\.\.\.|…|\[\.\.\.\]|\r?\n)`)

// cutAt reports whether a message was cut at text[i], or ends there.
func cutAt(text string, i int) bool { return cutEnd.MatchString(text[i:min(len(text), i+20)]) }

// extend returns the whole run of base64 around text[i:end].
func extend(text string, i, end int) (int, int) {
	isBase64 := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("+/_-=", c) >= 0
	}
	for i > 0 && isBase64(text[i-1]) && text[i-1] != '=' {
		i--
	}
	for end < len(text) {
		padding, width := decode(text, end)
		switch {
		case isBase64(text[end]):
			end++
		case padding == "=" || padding == "+" || padding == "/":
			end += width
		default:
			return i, end
		}
	}
	return i, end
}
