package stack

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/magiconair/properties"
)

func TestWritePropertiesReadsBack(t *testing.T) {
	want := map[string]string{
		"plain":          "value",
		"key with blank": " leading and trailing ",
		"a=b:c#d!e":      `back\slash = : # !`,
		"lines":          "one\ntwo\r\n\tthree",
		"unicode":        "é漢😀",
		"placeholder":    "${file:/a:b}",
		"empty":          "",
	}
	file := filepath.Join(t.TempDir(), "some.properties")
	if err := writeProperties(file, want); err != nil {
		t.Fatal(err)
	}
	loader := properties.Loader{Encoding: properties.ISO_8859_1, DisableExpansion: true}
	got, err := loader.LoadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.Len() != len(want) {
		t.Errorf("%d keys, want %d", got.Len(), len(want))
	}
	for key, value := range want {
		// The library reads a surrogate pair as two characters, where java.util.Properties makes one of them.
		if key != "unicode" && got.GetString(key, "missing") != value {
			t.Errorf("%s is %q, want %q", key, got.GetString(key, "missing"), value)
		}
	}
	if text, _ := os.ReadFile(file); !bytes.Contains(text, []byte(`unicode=\u00e9\u6f22\ud83d\ude00`)) {
		t.Errorf("unicode is not escaped in\n%s", text)
	}
}

func TestJAASQuote(t *testing.T) {
	if got, want := jaasQuote("a\"b\\c\n;"), `"a\"b\\c\n;"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestListenerURL(t *testing.T) {
	for listeners, want := range map[string]string{
		"":                                   "http://127.0.0.1:8083",
		"HTTP://:18083":                      "http://127.0.0.1:18083",
		"https://0.0.0.0:1,http://0.0.0.0:2": "https://127.0.0.1:1",
		"http://localhost:3":                 "http://localhost:3",
	} {
		file := filepath.Join(t.TempDir(), "worker.properties")
		p := map[string]string{"a": "b"}
		if listeners != "" {
			p["listeners"] = listeners
		}
		if err := writeProperties(file, p); err != nil {
			t.Fatal(err)
		}
		if got, err := listenerURL(file); err != nil || got != want {
			t.Errorf("listeners %q: %s, error %v, want %s", listeners, got, err, want)
		}
	}
}
