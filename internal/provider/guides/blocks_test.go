package guides_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// block is a code block of a page, or a file that a template includes.
type block struct {
	page     string // path of the Markdown file below the root
	language string
	text     string
	file     string // path of the included file; empty for a block in the page itself
}

// id names a block in messages and in [fragments].
func (b block) id() string {
	first, _, _ := strings.Cut(strings.TrimSpace(b.text), "\n")
	return path.Base(b.page) + ": " + first
}

var (
	fence   = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	include = regexp.MustCompile(`{{ (?:tffile|codefile "\w*") "(examples/[^"]*)" }}`)
)

// pages returns the README and the guides.
func pages(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(acctest.Root(t), "templates", "guides", "*.md.tmpl"))
	if err != nil || len(list) < 8 {
		t.Fatal("guides:", list, err)
	}
	return append(list, filepath.Join(acctest.Root(t), "README.md"))
}

// blocks returns all code blocks of the README and the guides.
func blocks(t *testing.T) (all []block) {
	t.Helper()
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range fence.FindAllStringSubmatch(string(text), -1) {
			all = append(all, block{page: page, language: match[1], text: match[2]})
		}
		for _, match := range include.FindAllStringSubmatch(string(text), -1) {
			all = append(all, block{page: page, text: acctest.Example(t, match[1]), file: match[1]})
		}
	}
	return all
}

// literals returns the string literals of all tests: the examples that they use are among them.
func literals(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	each(t, "internal", "_test.go", func(file string) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				found[text] = true
			}
			return true
		})
	})
	return found
}

// each calls do with the path of each file with this suffix in a folder of the checkout.
func each(t *testing.T, folder, suffix string, do func(file string)) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(acctest.Root(t), folder), func(file string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && strings.HasSuffix(file, suffix) {
			do(file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// isUsed reports whether a test uses the file, or a folder that contains it.
func isUsed(literals map[string]bool, file string) bool {
	for ; file != "examples" && file != "."; file = path.Dir(file) {
		if literals[file] {
			return true
		}
	}
	return false
}

// examples returns the lines of each file below examples/ that a test uses, without indentation.
func examples(t *testing.T) map[string]string {
	t.Helper()
	root, used, all := acctest.Root(t), literals(t), map[string]string{}
	each(t, "examples", "", func(file string) {
		name, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		if isUsed(used, filepath.ToSlash(name)) {
			all[name] = "\n" + bare(acctest.Example(t, name)) + "\n"
		}
	})
	return all
}

// bare removes the indentation and blank lines at both ends. In a template, the escape of "$${" is the same as in Terraform.
func bare(text string) string {
	var lines []string
	for line := range strings.Lines(strings.TrimSpace(text)) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

// Every code block of the README and the guides is part of an example that a test uses, or is a fragment with a reason.
func TestGuides_codeBlocksAreTested(t *testing.T) {
	t.Parallel()
	all, used, seen := examples(t), literals(t), map[string]bool{}
	for _, b := range blocks(t) {
		if b.file != "" {
			if !isUsed(used, b.file) {
				t.Errorf("%s includes %s, which no test uses", path.Base(b.page), b.file)
			}
			continue
		}
		within := slices.ContainsFunc(slices.Collect(maps.Values(all)), func(text string) bool {
			return strings.Contains(text, "\n"+bare(b.text)+"\n")
		})
		_, listed := fragments[b.id()]
		switch {
		case within && listed:
			t.Errorf("%s: it is part of an example, so it is no fragment", b.id())
		case !within && !listed:
			t.Errorf("%s: it is not part of a file below examples/ that a test uses, and not one of the fragments", b.id())
		}
		seen[b.id()] = true
	}
	for id := range fragments {
		if !seen[id] {
			t.Errorf("%s: there is no such code block", id)
		}
	}
}

// tests returns the names of all tests.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	each(t, "internal", "_test.go", func(file string) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok && strings.HasPrefix(function.Name.Name, "Test") {
				found[function.Name.Name] = true
			}
		}
	})
	return found
}

var testName = regexp.MustCompile(`\bTest(?:Acc)?[A-Z]\w*\b`)

// Every test that the README, the guides, CONTRIBUTING and the reasons of fragments name exists.
func TestGuides_namedTestsExist(t *testing.T) {
	t.Parallel()
	exist, texts := tests(t), []string{fmt.Sprint(fragments)}
	for _, page := range append(pages(t), filepath.Join(acctest.Root(t), "CONTRIBUTING.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		for _, name := range testName.FindAllString(text, -1) {
			if !exist[name] && !slices.ContainsFunc(slices.Collect(maps.Keys(exist)), func(test string) bool {
				return strings.HasPrefix(test, name) // as in -run TestAccConnector
			}) {
				t.Errorf("there is no test %s", name)
			}
		}
	}
}
