package workerconfig_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
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
			if got := workerconfig.Encode(map[string]string{test.key: test.value}); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEncodeSortsMapsAndKeepsTheOrderOfProperties(t *testing.T) {
	t.Parallel()
	if got, want := workerconfig.Encode(map[string]string{"b": "1", "a": "2"}), "a=2\nb=1\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	ordered := workerconfig.Properties{{Key: "b", Value: "1"}, {Key: "a", Value: "2"}}
	if got, want := ordered.Encode(), "b=1\na=2\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Errors name the line and nothing that may be secret.
func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a=b\n# c\npassword=hunter2\\u00zz\n": `line 3: in the value: malformed \uxxxx escape`,
		"\na=b\\\nc\nhunter2\\u12=x":          `line 4: in the key: malformed \uxxxx escape`,
		"a=\\ud83dhunter2":                    `line 1: in the value: a \uxxxx escape is half of a surrogate pair without its other half`,
	} {
		values, err := workerconfig.Decode(text)
		if err == nil || err.Error() != want {
			t.Errorf("Decode(%q) = %v, %v, want error %q", text, values, err, want)
		}
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	properties := workerconfig.Properties{
		{Key: "group.id", Value: "orders"},
		{Key: "ssl.key.password", Value: "hunter2", Secret: true},
	}
	want := "group.id=orders\n# ssl.key.password: in worker.properties\\nonly\n"
	if got := properties.Redacted("in worker.properties\nonly"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	jaas := workerconfig.JAAS{Module: "a.B", Options: map[string]string{"password": "hunter2"}}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{properties, properties[1], &properties[1], jaas, &jaas, []any{jaas}} {
			if text := fmt.Sprintf(format, value); strings.Contains(text, "hunter2") {
				t.Errorf("%s of a %T shows the secret: %s", format, value, text)
			}
		}
	}
	if !properties.HasSecret() || properties[:1].HasSecret() {
		t.Error("HasSecret must tell whether a property is secret")
	}
}

func TestPropertiesByKey(t *testing.T) {
	t.Parallel()
	properties := workerconfig.Properties{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}}
	if got := properties.Map(); !maps.Equal(got, map[string]string{"a": "1", "b": "2"}) {
		t.Errorf("Map() = %v", got)
	}
	if value, ok := properties.Value("b"); value != "2" || !ok {
		t.Errorf("Value(b) = %q, %t", value, ok)
	}
	if value, ok := properties.Value("c"); value != "" || ok {
		t.Errorf("Value(c) = %q, %t", value, ok)
	}
}

// Decode reads back what Encode writes.
func FuzzEncode(f *testing.F) {
	f.Add("group.id", "orders")
	f.Add("#a b=c:d\\", " \t\\u0041\r\n ")
	f.Add("", "é漢😀\x00")
	f.Fuzz(func(t *testing.T, key, value string) {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			t.Skip("no text")
		}
		want := map[string]string{key: value}
		text := workerconfig.Encode(want)
		if got, err := workerconfig.Decode(text); err != nil || !maps.Equal(got, want) {
			t.Errorf("Decode(%q) = %q, %v, want %q", text, got, err, want)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r > '~' }) {
			t.Errorf("%q is not ASCII", text)
		}
	})
}

// Decode accepts or refuses any file, and what it accepted can be written again.
func FuzzDecode(f *testing.F) {
	for _, file := range handwrittenFiles() {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file string) {
		values, err := workerconfig.Decode(file)
		if err != nil {
			return
		}
		if again, err := workerconfig.Decode(workerconfig.Encode(values)); err != nil || !maps.Equal(again, values) {
			t.Errorf("Decode(%q) = %q, which is read back as %q, %v", file, values, again, err)
		}
	})
}
