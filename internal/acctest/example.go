package acctest

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Root returns the root folder of the checkout: the tests of a package run in its folder.
func Root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(folder, "go.mod")); missing == nil {
			return folder
		}
		if folder == filepath.Dir(folder) {
			break
		}
		folder = filepath.Dir(folder)
	}
	t.Fatal("no folder above has a go.mod ", err)
	return ""
}

// Example returns the text of a file such as "examples/demo/main.tf". A test has to write this path as one literal, because the
// test of the guides searches for it.
func Example(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Root(t), file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// UseExample replaces the configuration by the files of a folder such as "examples/demo", which has to be a literal as that of
// [Example]. The pairs are alternating texts and what replaces them, such as addresses. Each text must occur.
func (c *CLI) UseExample(folder string, pairs ...string) {
	c.T.Helper()
	if err := os.RemoveAll(filepath.Join(c.Dir, "main.tf")); err != nil {
		c.T.Fatal(err)
	}
	source := os.DirFS(filepath.Join(Root(c.T), folder))
	var all strings.Builder
	err := fs.WalkDir(source, ".", func(path string, entry fs.DirEntry, err error) error {
		target := filepath.Join(c.Dir, path)
		if err != nil || entry.IsDir() {
			return cmp.Or(err, os.MkdirAll(target, 0o700))
		}
		text, err := fs.ReadFile(source, path)
		all.Write(text)
		return cmp.Or(err, os.WriteFile(target, []byte(strings.NewReplacer(pairs...).Replace(string(text))), 0o600))
	})
	if err != nil {
		c.T.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(all.String(), pairs[i]) {
			c.T.Fatalf("%s does not contain %q", folder, pairs[i])
		}
	}
}
