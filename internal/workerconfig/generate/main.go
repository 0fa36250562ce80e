// Command generate writes the catalogue of worker and client settings from the
// jars of one or more versions of Kafka Connect:
//
//	go run ./generate -out keys.json 2.8.2=/jars/2.8.2/* 4.1.0=/jars/4.1.0/*
//
// Versions are given oldest first, each with the class path of its
// connect-runtime. The newest version that has a key decides its type and
// default; its values are those of all versions together.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed Keys.java
var keysProgram []byte

func main() {
	log.SetFlags(0)
	out := flag.String("out", "keys.json", "file to write")
	flag.Parse()
	if flag.NArg() == 0 {
		log.Fatal("generate: give at least one VERSION=CLASSPATH")
	}
	if err := generate(context.Background(), *out, flag.Args()); err != nil {
		log.Fatalf("generate: %v", err)
	}
}

func generate(ctx context.Context, out string, versions []string) error {
	folder, err := os.MkdirTemp("", "keys")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	program := filepath.Join(folder, "Keys.java")
	if err := os.WriteFile(program, keysProgram, 0o600); err != nil {
		return err
	}
	merged := newCatalogue()
	for _, version := range versions {
		name, classPath, found := strings.Cut(version, "=")
		if !found {
			return fmt.Errorf("%q is not VERSION=CLASSPATH", version)
		}
		lines, err := runKeys(ctx, program, classPath)
		if err != nil {
			return fmt.Errorf("version %s: %w", name, err)
		}
		if err := merged.add(name, lines); err != nil {
			return fmt.Errorf("version %s: %w", name, err)
		}
	}
	return os.WriteFile(out, merged.encode(), 0o644) //nolint:gosec // a source file, for everyone to read
}

// runKeys returns the lines that the Java program prints.
func runKeys(ctx context.Context, program, classPath string) ([]string, error) {
	java := exec.CommandContext(ctx, "java", "-cp", classPath, program)
	var stderr bytes.Buffer
	java.Stderr = &stderr
	stdout, err := java.Output()
	if err != nil {
		return nil, fmt.Errorf("java: %w\n%s", err, stderr.Bytes())
	}
	return strings.Split(strings.TrimSuffix(string(stdout), "\n"), "\n"), nil
}
