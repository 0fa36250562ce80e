package javaformat_test

import (
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

func TestEncode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, key, value, want string }{
		{"plain", "group.id", "orders", "group.id=orders\n"},
		{"empty", "", "", "=\n"},
		{"separators in a key", "a b=c:d", "v", `a\ b\=c\:d=v` + "\n"},
		{"separators in a value stay", "k", "a b=c:d", "k=a b=c:d\n"},
		{"comment signs at the start of a key", "#a#", "v", `\#a#=v` + "\n"},
		{"comment signs in a value stay", "k", "#!", "k=#!\n"},
		{"leading blank", "k", "  v", `k=\  v` + "\n"},
		{"trailing blank stays", "k", "v ", "k=v \n"},
		{"controls", "k", "\t\n\r\f\x00\x7f", `k=\t\n\r\f\u0000\u007f` + "\n"},
		{"backslash", "k", `\`, `k=\\` + "\n"},
		{"beyond ASCII", "ké", "漢😀", `k\u00e9=\u6f22\ud83d\ude00` + "\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := javaformat.EncodeProperties(map[string]string{test.key: test.value}); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEncodeSortsByKey(t *testing.T) {
	t.Parallel()
	if got, want := javaformat.EncodeProperties(map[string]string{"b": "1", "a": "2"}), "a=2\nb=1\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Errors name the line and nothing that may be secret.
func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a=b\n# c\npassword=hunter2\\u00zz\n": `line 3: in the value: malformed \uxxxx escape`,
		"\na=b\\\nc\nhunter2\\u12=x":          `line 4: in the key: malformed \uxxxx escape`,
		"a=\\ud83dhunter2":                    `line 1: in the value: a \uxxxx escape is one half of a surrogate pair, and the other half is missing`,
	} {
		values, err := javaformat.DecodeProperties(text)
		if err == nil || err.Error() != want {
			t.Errorf("DecodeProperties(%q) = %v, %v, want error %q", text, values, err, want)
		}
	}
}

// DecodeProperties reads back what EncodeProperties writes.
func FuzzEncodeProperties(f *testing.F) {
	f.Add("group.id", "orders")
	f.Add("#a b=c:d\\", " \t\\u0041\r\n ")
	f.Add("", "é漢😀\x00")
	f.Fuzz(func(t *testing.T, key, value string) {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			t.Skip("no text")
		}
		want := map[string]string{key: value}
		text := javaformat.EncodeProperties(want)
		if got, err := javaformat.DecodeProperties(text); err != nil || !maps.Equal(got, want) {
			t.Errorf("DecodeProperties(%q) = %q, %v, want %q", text, got, err, want)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r > '~' }) {
			t.Errorf("%q is not ASCII", text)
		}
	})
}

// DecodeProperties accepts or refuses any file, and what it accepted can be written again.
func FuzzDecodeProperties(f *testing.F) {
	for _, file := range handwrittenFiles() {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file string) {
		values, err := javaformat.DecodeProperties(file)
		if err != nil {
			return
		}
		if again, err := javaformat.DecodeProperties(javaformat.EncodeProperties(values)); err != nil || !maps.Equal(again, values) {
			t.Errorf("DecodeProperties(%q) = %q, which is read back as %q, %v", file, values, again, err)
		}
	})
}
