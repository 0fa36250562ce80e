// Packagemap draws the packages of the provider and their imports into CONTRIBUTING.md, as a Mermaid graph.
//
//	go run -C tools ./packagemap            writes the graph
//	go run -C tools ./packagemap -check     fails if the graph is not up to date
//
// The graph leaves out an import that a chain of other imports implies, so that the layers show.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"slices"
	"strings"
)

const (
	file  = "CONTRIBUTING.md"
	begin = "<!-- packages: begin -->\n"
	end   = "<!-- packages: end -->\n"
)

func main() {
	log.SetFlags(0)
	check := flag.Bool("check", false, "fail if the graph in "+file+" is not up to date")
	flag.Parse()
	if err := os.Chdir(".."); err != nil { // from the module of the tools to that of the provider
		log.Fatal(err)
	}
	imports, err := load()
	if err != nil {
		log.Fatal(err)
	}
	old, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	before, rest, ok := bytes.Cut(old, []byte(begin))
	_, after, ok2 := bytes.Cut(rest, []byte(end))
	if !ok || !ok2 {
		log.Fatalf("%s has no lines %q and %q", file, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	fresh := slices.Concat(before, []byte(begin+draw(imports)+end), after)
	switch {
	case bytes.Equal(old, fresh):
	case *check:
		log.Fatalf("The graph of packages in %s is not up to date: run make generate.", file)
	default:
		if err := os.WriteFile(file, fresh, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// load returns the imports of each package that the provider is built from, by path below the module.
func load() (map[string][]string, error) {
	module, err := golist("-m")
	if err != nil {
		return nil, err
	}
	prefix := module[0]
	lines, err := golist("-deps", "-f", `{{.ImportPath}} {{join .Imports " "}}`, ".")
	if err != nil {
		return nil, err
	}
	imports := map[string][]string{}
	for _, line := range lines {
		fields := strings.Fields(line)
		if !strings.HasPrefix(fields[0], prefix) {
			continue
		}
		name := short(fields[0], prefix)
		imports[name] = []string{}
		for _, path := range fields[1:] {
			if strings.HasPrefix(path, prefix) {
				imports[name] = append(imports[name], short(path, prefix))
			}
		}
	}
	return imports, nil
}

func golist(args ...string) ([]string, error) {
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n"), nil
}

func short(path, prefix string) string {
	if path == prefix {
		return "main"
	}
	return strings.TrimPrefix(strings.TrimPrefix(path, prefix+"/"), "internal/")
}

// draw returns the graph, without imports that others imply.
func draw(imports map[string][]string) string {
	var b strings.Builder
	b.WriteString("```mermaid\ngraph LR\n")
	names := make([]string, 0, len(imports))
	for name := range imports {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		slices.Sort(imports[name])
		for _, imported := range imports[name] {
			if !implied(imports, name, imported) {
				fmt.Fprintf(&b, "  %s --> %s\n", name, imported)
			}
		}
	}
	b.WriteString("```\n")
	return b.String()
}

// implied reports whether another import of the package leads to the target.
func implied(imports map[string][]string, name, target string) bool {
	return slices.ContainsFunc(imports[name], func(other string) bool {
		return other != target && reaches(imports, other, target)
	})
}

func reaches(imports map[string][]string, from, target string) bool {
	return from == target || slices.ContainsFunc(imports[from], func(next string) bool { return reaches(imports, next, target) })
}
