package javaformat

// token is a token of a JAAS configuration. Its kind is tokenEnd, tokenText (a word, or
// a string in single or double quotes), tokenNumber, or the character of a token that
// consists of one.
type token struct {
	kind rune
	text string
}

const (
	tokenEnd    = -1
	tokenText   = -2
	tokenNumber = -3
)

// endOfText is what peek returns after the last character.
const endOfText rune = -1

// jaasTokenizer splits text like the java.io.StreamTokenizer of Kafka's JaasConfig,
// including its peculiarities: a number is never a value, a single slash starts a
// comment, and a line end ends a quoted string.
type jaasTokenizer struct {
	text   []rune
	offset int
}

func newJAASTokenizer(text string) *jaasTokenizer {
	return &jaasTokenizer{text: []rune(text)}
}

func (t *jaasTokenizer) next() token {
	for {
		for t.peek() >= 0 && t.peek() <= ' ' {
			t.offset++
		}
		switch r := t.peek(); {
		case r == endOfText:
			return token{kind: tokenEnd}
		case r == '/':
			t.skipComment()
		case isJAASDigit(r):
			return t.number()
		case isJAASLetter(r):
			return t.word()
		case r == '"' || r == '\'':
			return t.quoted()
		default:
			t.offset++
			return token{kind: r}
		}
	}
}

func (t *jaasTokenizer) peek() rune {
	if t.offset >= len(t.text) {
		return endOfText
	}
	return t.text[t.offset]
}

func (t *jaasTokenizer) read() rune {
	r := t.peek()
	t.offset++
	return r
}

// isJAASDigit reports whether r starts a number. Within a word it belongs to the word.
func isJAASDigit(r rune) bool {
	return r >= '0' && r <= '9' || r == '.' || r == '-'
}

// isJAASLetter reports whether r starts a word. The C1 controls, U+0080 to U+009F, do
// not; all characters from U+00A0 on do.
func isJAASLetter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == '$' || r == '-' || r >= 0xA0
}

// number reads a number, or a single minus.
func (t *jaasTokenizer) number() token {
	if t.peek() == '-' {
		t.offset++
		if r := t.peek(); r != '.' && (r < '0' || r > '9') {
			return token{kind: '-'}
		}
	}
	for dots := 0; ; t.offset++ {
		r := t.peek()
		if r == '.' {
			dots++
		}
		if (r < '0' || r > '9') && (r != '.' || dots > 1) {
			return token{kind: tokenNumber}
		}
	}
}

func (t *jaasTokenizer) word() token {
	start := t.offset
	for isJAASLetter(t.peek()) || isJAASDigit(t.peek()) {
		t.offset++
	}
	return token{kind: tokenText, text: string(t.text[start:t.offset])}
}

// quoted reads to the closing quote or to the end of the line. A missing quote is not
// an error in Java.
func (t *jaasTokenizer) quoted() token {
	quote := t.read()
	var text []rune
	for {
		switch r := t.peek(); r {
		case endOfText, '\n', '\r':
			return token{kind: tokenText, text: string(text)}
		case quote:
			t.offset++
			return token{kind: tokenText, text: string(text)}
		case '\\':
			t.offset++
			text = append(text, t.escaped())
		default:
			t.offset++
			text = append(text, r)
		}
	}
}

// escaped reads the character after a backslash: up to three octal digits (at most
// \377), a C escape, or any other character, which stands for itself.
func (t *jaasTokenizer) escaped() rune {
	first := t.read()
	if isOctal(first) {
		value := first - '0'
		for digits := 1; digits < 3 && isOctal(t.peek()) && (digits < 2 || first <= '3'); digits++ {
			value = value<<3 + t.read() - '0'
		}
		return value
	}
	switch first {
	case 'a':
		return '\a'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'v':
		return '\v'
	}
	return first
}

func isOctal(r rune) bool { return r >= '0' && r <= '7' }

// skipComment skips to the end of the line, or to the end of a comment of the form
// /* */.
func (t *jaasTokenizer) skipComment() {
	t.offset++
	if t.peek() != '*' {
		t.skipLine()
		return
	}
	t.offset++
	for previous := rune(0); ; {
		r := t.read()
		if r == endOfText || r == '/' && previous == '*' {
			return
		}
		previous = r
	}
}

// skipLine skips the character after the slash and then to the end of the line.
// StreamTokenizer reads that character to distinguish the kinds of comments, before it
// searches the line end. So a "/" directly before a line end also hides the next line.
func (t *jaasTokenizer) skipLine() {
	t.offset++
	for r := t.peek(); r != '\n' && r != '\r' && r != endOfText; r = t.peek() {
		t.offset++
	}
}
