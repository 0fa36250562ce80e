package workerconfig_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// oracle asks a Java program of testdata all questions at once, one line each,
// and returns its answers.
func oracle(t *testing.T, program, classPath string, questions []string) []string {
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

// question is a line for an oracle.
func question(verb string, texts ...string) string {
	words := []string{verb}
	for _, text := range texts {
		words = append(words, base64.StdEncoding.EncodeToString([]byte(text)))
	}
	return strings.Join(words, " ")
}

// answer returns the texts of an oracle's line, and false where it says "error".
func answer(t *testing.T, line string) ([]string, bool) {
	t.Helper()
	words := strings.Split(line, " ")
	if words[0] == "error" {
		return nil, false
	}
	texts := []string{}
	for _, word := range words[1:] {
		text, err := base64.StdEncoding.DecodeString(word)
		if err != nil {
			t.Fatalf("the oracle answered %q: %v", line, err)
		}
		texts = append(texts, string(text))
	}
	return texts, true
}

// pairs returns keys and values that alternate as a map.
func pairs(texts []string) map[string]string {
	values := make(map[string]string, len(texts)/2)
	for i := 0; i+1 < len(texts); i += 2 {
		values[texts[i]] = texts[i+1]
	}
	return values
}

// newRandom returns the same sequence in every run, so that a difference found
// once is found again.
func newRandom() *rand.Rand {
	return rand.New(rand.NewPCG(4, 1))
}

// awkward are the characters at which writers and readers of properties and JAAS
// err.
var awkward = []rune("\"\\'`;=#!:$,{}[]() \t\n\r\f\v\b\x00\x7f/*-+._~^%&|<>?@unrtfx0479aZéß\u0080\u009f\u00a0\u00ffıſ漢字\u2028\ufeff\ufffd\uffff😀𝒳")

// randomText returns up to maxRunes characters, half of them awkward, the rest
// from all of Unicode outside surrogates.
func randomText(random *rand.Rand, maxRunes int) string {
	var text strings.Builder
	for range random.IntN(maxRunes + 1) {
		switch random.IntN(8) {
		case 0:
			text.WriteRune(randomRune(random))
		case 1, 2, 3:
			text.WriteByte(byte(' ' + random.IntN('~'-' '+1)))
		default:
			text.WriteRune(awkward[random.IntN(len(awkward))])
		}
	}
	return text.String()
}

func randomRune(random *rand.Rand) rune {
	const surrogates = 0xE000 - 0xD800
	r := rune(random.IntN(0x110000 - surrogates))
	if r >= 0xD800 {
		r += surrogates
	}
	return r
}

// kafkaClassPath is where Kafka Connect's classes are found, in Maven's local
// repository.
func kafkaClassPath(t *testing.T) string {
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
	out, err := exec.Command("mvn", "--batch-mode", "--quiet", "--file", "generate/pom.xml",
		"org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath", "-Dmdep.outputFile="+file.Name()).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("mvn: %w\n%s", err, out)
	}
	text, err := io.ReadAll(file)
	return strings.TrimSpace(string(text)), errors.Join(err, file.Close())
})
