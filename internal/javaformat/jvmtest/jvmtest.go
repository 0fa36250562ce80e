// Package jvmtest asks Java programs what Java and Kafka read, so that tests can compare our
// readers and writers with the originals.
package jvmtest

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Ask runs a Java program of the testdata folder, gives it all questions at once, one
// per line, and returns its answers.
func Ask(t *testing.T, program, classPath string, questions []string) []string {
	t.Helper()
	// Short runs gain nothing from the optimising compiler.
	args := []string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "testdata/" + program}
	if classPath != "" {
		args = slices.Insert(args, 0, "-cp", classPath)
	}
	java := exec.CommandContext(t.Context(), "java", args...)
	java.Stdin = strings.NewReader(strings.Join(questions, "\n"))
	var stderr bytes.Buffer
	java.Stderr = &stderr
	stdout, err := java.Output()
	if err != nil {
		t.Fatalf("%s needs a JDK of version 11 or later on the PATH: %v\n%s", program, err, stderr.Bytes())
	}
	answers := strings.Split(strings.TrimSuffix(string(stdout), "\n"), "\n")
	if len(answers) != len(questions) {
		t.Fatalf("%s gave %d answers to %d questions\n%s", program, len(answers), len(questions), stderr.Bytes())
	}
	return answers
}

// Question returns the line that asks a program about texts.
func Question(verb string, texts ...string) string {
	words := []string{verb}
	for _, text := range texts {
		words = append(words, base64.StdEncoding.EncodeToString([]byte(text)))
	}
	return strings.Join(words, " ")
}

// Answer returns the texts of a program's answer, or false if the answer is "error".
func Answer(t *testing.T, line string) ([]string, bool) {
	t.Helper()
	words := strings.Split(line, " ")
	if words[0] == "error" {
		return nil, false
	}
	texts := []string{}
	for _, word := range words[1:] {
		text, err := base64.StdEncoding.DecodeString(word)
		if err != nil {
			t.Fatalf("the Java program answered %q: %v", line, err)
		}
		texts = append(texts, string(text))
	}
	return texts, true
}

// KafkaClassPath returns the class path of Kafka Connect in Maven's local repository.
// The test must run in a package folder directly below internal.
func KafkaClassPath(t *testing.T) string {
	t.Helper()
	classPath, err := mavenClassPath()
	if err != nil {
		t.Fatalf("Maven must be on the PATH and find Kafka Connect: %v", err)
	}
	return classPath
}

var mavenClassPath = sync.OnceValues(func() (string, error) {
	file, err := os.CreateTemp("", "class-path")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	out, err := exec.CommandContext(context.Background(), "mvn", "--batch-mode", "--quiet", "--file", "../workerconfig/generate/pom.xml",
		"org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath", "-Dmdep.outputFile="+file.Name()).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("mvn: %w\n%s", err, out)
	}
	text, err := io.ReadAll(file)
	return strings.TrimSpace(string(text)), errors.Join(err, file.Close())
})
