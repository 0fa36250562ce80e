// Command licences checks that the licence of each module that the provider is built from, or tested with, permits a release
// under MPL-2.0. It reads the licence files in the module cache, and fails for a text that it does not recognize.
package main

import (
	"bytes"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// permitted are the licences by a sentence that only their text contains. All of them permit a work under MPL-2.0.
var permitted = map[string]string{
	"Apache-2.0": "Apache License Version 2.0, January 2004",
	"BSD":        "Redistribution and use in source and binary forms, with or without modification, are permitted provided that",
	"ISC":        "Permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted",
	"MIT":        "Permission is hereby granted, free of charge, to any person obtaining a copy of this software",
	"MPL-2.0":    "Mozilla Public License",
}

// refused begins the text of a licence that does not permit it, or only under conditions. The text of MPL-2.0 mentions the GNU
// licences in lower case.
var refused = regexp.MustCompile(`GNU (AFFERO |LESSER |LIBRARY )?GENERAL PUBLIC LICENSE|Business Source License|Server Side Public License|Commons Clause|All advertising materials`)

// systems are the operating systems of a release.
var systems = []string{"darwin", "freebsd", "linux", "windows"}

func main() {
	log.SetFlags(0)
	modules := map[string]string{} // folders by name and version
	for _, system := range systems {
		if err := list(modules, system); err != nil {
			log.Fatal(err)
		}
	}
	counts, failed := map[string]int{}, false
	for _, module := range slices.Sorted(maps.Keys(modules)) {
		licences, err := of(modules[module])
		if err != nil {
			log.Printf("%s: %v", module, err)
			failed = true
		}
		counts[strings.Join(licences, " and ")]++
	}
	if failed {
		log.Fatal("read these licences. Add a licence that permits a release under MPL-2.0 to tools/licences; otherwise remove the module.")
	}
	fmt.Println(len(modules), "modules:", counts)
}

// list adds the modules of the packages that the project needs on an operating system.
func list(modules map[string]string, system string) error {
	cmd := exec.Command("go", "list", "-C", "..", "-deps", "-test", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}", "./...")
	cmd.Env, cmd.Stderr = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list for %s: %w", system, err)
	}
	for line := range strings.Lines(string(out)) {
		if name, folder, found := strings.Cut(strings.TrimSpace(line), "\t"); found {
			modules[name] = folder
		}
	}
	return nil
}

// of returns the licences in the files of a module's folder.
func of(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	licences := map[string]bool{}
	for _, entry := range entries {
		name := strings.ToUpper(entry.Name())
		if entry.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		if err := read(text, licences); err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
	}
	if len(licences) == 0 {
		return nil, fmt.Errorf("no licence file in %s", folder)
	}
	return slices.Sorted(maps.Keys(licences)), nil
}

// read adds the licences in a text.
func read(text []byte, licences map[string]bool) error {
	flat := string(bytes.Join(bytes.Fields(text), []byte(" ")))
	if found := refused.FindString(flat); found != "" {
		return fmt.Errorf("contains %q", found)
	}
	recognized := false
	for licence, sentence := range permitted {
		if strings.Contains(flat, sentence) {
			licences[licence], recognized = true, true
		}
	}
	if !recognized {
		return fmt.Errorf("contains no licence of %v", slices.Sorted(maps.Keys(permitted)))
	}
	return nil
}
