package stack

import (
	"path/filepath"
	"testing"
)

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
