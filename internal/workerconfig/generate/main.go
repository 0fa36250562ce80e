// Command generate writes the catalogue of worker and client settings from the
// jars of one or more versions of Kafka Connect, which Maven fetches:
//
//	go run ./generate -out keys.json 2.8.2 4.4.0
//
// Versions are given oldest first. The newest version that has a key decides its
// type and default; its values are those of all versions together.
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

var (
	//go:embed Keys.java
	keysProgram []byte
	//go:embed pom.xml
	pom []byte
)

// mavenGoal writes a class path of jars in Maven's local repository to a file.
const mavenGoal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath"

func main() {
	log.SetFlags(0)
	out := flag.String("out", "keys.json", "file to write")
	flag.Parse()
	if flag.NArg() == 0 {
		log.Fatal("generate: give at least one version")
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
	for name, content := range map[string][]byte{"Keys.java": keysProgram, "pom.xml": pom} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			return err
		}
	}
	merged := newCatalogue()
	for _, version := range versions {
		lines, err := keysOf(ctx, folder, version)
		if err == nil {
			err = merged.add(version, lines)
		}
		if err != nil {
			return fmt.Errorf("version %s: %w", version, err)
		}
	}
	return os.WriteFile(out, merged.encode(), 0o644) //nolint:gosec // a source file, for everyone to read
}

// keysOf returns the lines that the Java program prints about a version.
func keysOf(ctx context.Context, folder, version string) ([]string, error) {
	if _, err := run(ctx, folder, "mvn", "--batch-mode", "--quiet", mavenGoal, "-Dkafka.version="+version, "-Dmdep.outputFile=class-path"); err != nil {
		return nil, err
	}
	classPath, err := os.ReadFile(filepath.Join(folder, "class-path"))
	if err != nil {
		return nil, err
	}
	stdout, err := run(ctx, folder, "java", "-cp", strings.TrimSpace(string(classPath)), "Keys.java")
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(stdout, "\n"), "\n"), nil
}

func run(ctx context.Context, folder, name string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = folder
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdout, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", name, err, stdout, stderr.Bytes())
	}
	return string(stdout), nil
}
