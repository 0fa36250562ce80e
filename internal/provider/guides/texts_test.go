package guides_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// Every error text of the guide on failures is in the code or in a test. An ellipsis stands for what is inserted.
func TestGuide_errorTextsExist(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join(acctest.Root(t), "templates", "guides", "troubleshooting.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	source, texts := sourceTexts(t), 0
	code := regexp.MustCompile("`([^`]+)`")
	inTable := false
	for line := range strings.Lines(string(guide)) {
		switch {
		case strings.HasPrefix(line, "| Error text |"):
			inTable = true
			continue
		case !strings.HasPrefix(line, "|"):
			inTable = false
		}
		if !inTable || strings.HasPrefix(line, "|---") {
			continue
		}
		cell, _, _ := strings.Cut(line, " | ")
		for _, match := range code.FindAllStringSubmatch(cell, -1) {
			texts++
			for _, part := range regexp.MustCompile(` ?… ?`).Split(strings.ReplaceAll(match[1], "${…}", "\x00"), -1) {
				if part = strings.ReplaceAll(part, "\x00", "${…}"); !strings.Contains(source, part) {
					t.Errorf("no text of the provider or of a test contains %q", part)
				}
			}
		}
	}
	if texts < 30 {
		t.Errorf("the guide has %d error texts", texts)
	}
}

// sourceTexts returns the string literals of the code and the tests, those that are added to one another as one text.
func sourceTexts(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	each(t, "internal", ".go", func(file string) {
		if strings.Contains(file, filepath.Join("provider", "guides")) {
			return
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			text, isText := folded(node)
			if isText {
				all.WriteString(text + "\n")
			}
			return !isText
		})
	})
	return all.String()
}

// folded returns the text of a literal or of a sum. Other operands of the sum are empty.
func folded(node ast.Node) (text string, ok bool) {
	switch n := node.(type) {
	case *ast.BasicLit:
		if n.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(n.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		left, isLeft := folded(n.X)
		right, isRight := folded(n.Y)
		return left + right, n.Op == token.ADD && (isLeft || isRight)
	}
	return "", false
}
