package javaformat_test

import (
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat/jvmtest"
)

// Java reads back every key and value that EncodeProperties writes.
func TestEncodeIsReadByJava(t *testing.T) {
	t.Parallel()
	random := newRandom()
	var want []map[string]string
	var questions []string
	for total := 0; total < 100_000; {
		values := randomValues(random, 20)
		total += len(values)
		want = append(want, values)
		questions = append(questions, jvmtest.Question("load", javaformat.EncodeProperties(values)))
	}
	for i, line := range jvmtest.Ask(t, "PropertiesOracle.java", "", questions) {
		texts, ok := jvmtest.Answer(t, line)
		if got := pairs(texts); !ok || !maps.Equal(got, want[i]) {
			t.Fatalf("Java read %q\nfrom   %q\nbut want %q", got, javaformat.EncodeProperties(want[i]), want[i])
		}
	}
}

// DecodeProperties reads what Properties.store writes.
func TestDecodeReadsWhatJavaStores(t *testing.T) {
	t.Parallel()
	random := newRandom()
	var want []map[string]string
	var questions []string
	for total := 0; total < 100_000; {
		values := randomValues(random, 20)
		total += len(values)
		want = append(want, values)
		var texts []string
		for key, value := range values {
			texts = append(texts, key, value)
		}
		questions = append(questions, jvmtest.Question("store", texts...))
	}
	for i, line := range jvmtest.Ask(t, "PropertiesOracle.java", "", questions) {
		file, ok := jvmtest.Answer(t, line)
		if !ok {
			t.Fatalf("Java could not store %q", want[i])
		}
		got, err := javaformat.DecodeProperties(file[0])
		if err != nil || !maps.Equal(got, want[i]) {
			t.Fatalf("DecodeProperties(%q)\n = %q, %v\nbut want %q", file[0], got, err, want[i])
		}
	}
}

// DecodeProperties reads files written by hand, sound and broken, as Java does, and refuses
// what Java refuses.
func TestDecodeReadsAsJavaDoes(t *testing.T) {
	t.Parallel()
	random := newRandom()
	files := handwrittenFiles()
	for len(files) < 100_000 {
		files = append(files, randomFile(random))
	}
	questions := make([]string, len(files))
	for i, file := range files {
		questions[i] = jvmtest.Question("load", file)
	}
	refused := 0
	for i, line := range jvmtest.Ask(t, "PropertiesOracle.java", "", questions) {
		texts, ok := jvmtest.Answer(t, line)
		got, err := javaformat.DecodeProperties(files[i])
		if want := pairs(texts); ok != (err == nil) || !maps.Equal(got, want) {
			t.Fatalf("DecodeProperties(%q)\n = %q, %v\nbut Java reads %q (accepts it: %t)", files[i], got, err, want, ok)
		}
		if !ok {
			refused++
		}
	}
	if refused == 0 || refused > len(files)/2 {
		t.Errorf("%d of %d files are refused, which proves too little", refused, len(files))
	}
}

func randomValues(random *rand.Rand, count int) map[string]string {
	values := make(map[string]string, count)
	for range count {
		values[randomText(random, 12)] = randomText(random, 24)
	}
	return values
}

// randomFile joins fragments that matter to the reader.
func randomFile(random *rand.Rand) string {
	fragments := []string{
		"\\", "\\", "\\", "\n", "\n", "\r", "\r\n", " ", "\t", "\f", "=", ":", "#", "!",
		"\\\n", "\\\r\n", "\\\r", "\n#", "\n !", "\\u00e9", "\\uD83D\\uDE00", "\\u20AC", "\\u", "u", "0041",
		"a", "b", "n", "t", "x", "é", "\xe9", "\x00", "\x0b", "\xa0",
	}
	var file strings.Builder
	for range random.IntN(24) {
		file.WriteString(fragments[random.IntN(len(fragments))])
	}
	return file.String()
}

func handwrittenFiles() []string {
	return []string{
		"", "\n", "a", "a\n", "a=", "=b", ":", " = ", "a=b", "a:b", "a b", "a\tb", "a\fb", "a = b", "a : b ", "a == b",
		"a=:b", "a =: b", "a : = b", "  a=b", "\f\ta=b", "a=b\r\nc=d\re=f\n", "a=1\na=2\n",
		"# comment\na=b", "! comment\na=b", "  # comment \\\na=b", "#\r\na=b", "a=b # not a comment", "a#b!c=d",
		"a=b\\\n  c", "a=b\\\r\n  c", "a=b\\\r  c", "a=b\\\n\nc=d", "a=b\\\n# part of the value\nc=d", "a\\\nb=c", "a\\\n=b",
		"a=b\\\\\nc=d", "a=b\\\\\\\nc=d", "a=b\\", "a=b\\\n", "a=b\\\r\n", "\\", "\\\n", "\\\r\n", "\\\r", "\\\n\n", "\\\n  ", "\\\n#a=b",
		"a=b\n\\", "a=b\n\\\r\n", "a\\ b=c", "a\\=b=c", "a\\:b=c", "\\#a=b", "\\!a=b", "\\\\=b", "\\\\\\=b=c", "a\\\tb=c",
		"a=\\ b", "a= b ", "a=\\t\\n\\r\\f", "a=\\q\\\"\\'\\:", "a=\\u0041", "a=\\uABCD", "a=\\uabcd", "a=\\u 041", "a=\\u004", "a=\\uZZZZ", "a=\\U0041",
		"a=\\u004\\u0041", "a=\\u+041", "a\\u003db=c", "a=\\ud83d\\ude00", "a=\\ud83d", "a=\\ude00\\ud83d", "a=\\ud83dx\\ude00", "a=\\\n\\u0041",
		"a=\\u00\\\n41", "a=é", "é=漢", "a=\x80\xff", "\ufeffa=b",
		"key.converter=org.apache.kafka.connect.json.JsonConverter\nsasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\\n    username=\"a\" \\\n    password=\"b\\\"c\\\\\\\\d\";\n",
	}
}
