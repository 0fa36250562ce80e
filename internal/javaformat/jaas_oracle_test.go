package javaformat_test

import (
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat/jvmtest"
)

const plainModule = "org.apache.kafka.common.security.plain.PlainLoginModule"

// A Kafka client that reads the rendered file logs in with exactly the declared
// username and password.
func TestJAASIsReadByKafka(t *testing.T) {
	t.Parallel()
	random := newRandom()
	var want []map[string]string
	var questions []string
	for range 100_000 {
		options := map[string]string{"username": randomText(random, 8), "password": randomText(random, 24)}
		if random.IntN(4) == 0 {
			options[randomText(random, 6)] = randomText(random, 6)
		}
		jaas, err := javaformat.NewJAAS("PLAIN", options)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, options)
		file := javaformat.EncodeProperties(map[string]string{"sasl.jaas.config": jaas.Encode()})
		questions = append(questions, jvmtest.Question("file", file))
	}
	for i, line := range jvmtest.Ask(t, "JAASOracle.java", jvmtest.KafkaClassPath(t), questions) {
		texts, ok := jvmtest.Answer(t, line)
		if !ok || texts[0] != plainModule || texts[1] != javaformat.FlagRequired || !maps.Equal(pairs(texts[2:]), want[i]) {
			t.Fatalf("Kafka read %q, but want %q", texts, want[i])
		}
	}
}

// ParseJAAS reads what Kafka reads, and refuses what Kafka refuses.
func TestParseJAASReadsAsKafkaDoes(t *testing.T) {
	t.Parallel()
	random := newRandom()
	configs := handwrittenJAAS()
	for len(configs) < 100_000 {
		configs = append(configs, randomJAAS(random))
	}
	questions := make([]string, len(configs))
	for i, config := range configs {
		questions[i] = jvmtest.Question("parse", config)
	}
	refused := 0
	for i, line := range jvmtest.Ask(t, "JAASOracle.java", jvmtest.KafkaClassPath(t), questions) {
		texts, ok := jvmtest.Answer(t, line)
		got, err := javaformat.ParseJAAS(configs[i])
		if ok != (err == nil) {
			t.Fatalf("ParseJAAS(%q)\n = %v, %v\nbut Kafka reads %q (accepts it: %t)", configs[i], got, err, texts, ok)
		}
		if !ok {
			refused++
			continue
		}
		if got.Module != texts[0] || got.Flag != texts[1] || !maps.Equal(got.Options, pairs(texts[2:])) {
			t.Fatalf("ParseJAAS(%q)\n = %q %q %q\nbut Kafka reads %q", configs[i], got.Module, got.Flag, got.Options, texts)
		}
	}
	if refused > len(configs)*9/10 {
		t.Errorf("%d of %d configurations are refused, which proves too little", refused, len(configs))
	}
}

// randomJAAS puts a little disorder into a sound configuration.
func randomJAAS(random *rand.Rand) string {
	fragments := []string{
		" ", " ", "\t", "\n", "\r", "\r\n", "\"", "'", "\\", "\\n", "\\101", "\\7", "\\477", "\\u0041", "\\q", "=", ";", "/", "//", "/*", "*/", "*", "\n/",
		"a", "b=c", "d=\"e f\"", "g='h'", "-", "-1", ".5", "1.2.3", "7up", "x-y", "x.y", "_", "$", "@", "#", "{}", "é", "漢", "😀", "\u0085", "\u00a0", "\x7f", "\x00", ",",
	}
	parts := []string{"com.example.Module", " required", " username=", "\"alice\"", " password=", "\"secret\"", ";"}
	for range random.IntN(4) {
		at := random.IntN(len(parts) + 1)
		part := fragments[random.IntN(len(fragments))]
		switch {
		case random.IntN(12) == 0 && at < len(parts):
			parts[at] = part
		default:
			parts = append(parts[:at], append([]string{part}, parts[at:]...)...)
		}
	}
	return strings.Join(parts, "")
}

func handwrittenJAAS() []string {
	return []string{
		"", " ", "# nothing", "// nothing", "/* nothing */", "a", "a required", "a required;", "a REQUIRED;", "a Requisite ;", "a sufficient;", "a optional;",
		"a requıred;", "a bogus;", "a \"required\";", "\"a\" required;", "'a b' required;", "\"\" required;", "1 required;", "a 1;", "a ;", ";",
		"a required b=c;", "a required b = c ;", "a required b=c", "a required b=c;;", "a required b=c; d required;", "a required b=c; // d", "a required b=c; /* d */",
		"a required b;", "a required b=;", "a required b=1;", "a required b=-;", "a required b=-x;", "a required b=x-1;", "a required b=1x;", "a required b=.x;",
		"a required b=true c=false;", "a required b=c, d=e;", "a required b=c b=d;", "a required b=\"\";", "a required =c;", "a required 1=c;", "a required \"b c\"=d;",
		"a required b=\"c;d\";", "a required b='c\"d';", "a required b=\"c'd\";", "a required b=\"c\\\"d\";", "a required b=\"c\nd\";", "a required b=\"c\\nd\";", "a required b=\"c\\\nd\";",
		"a required b=\"c", "a required b=\"c\\", "a required b=\"\\0\\12\\123\\1234\\400\\8\";", "a required b=\"\\a\\b\\f\\n\\r\\t\\v\\q\\\\\";",
		"a required b=c/d;", "a required b=c/\nd=e;", "a required b=c /* \n * / */ d=e;", "a required b=c /**/;", "a required b=c /*/;", "a required b=c /***/;", "a required b=c /*\n/*\n*/;",
		"a required b=c//\n;", "a required b=c/\n\n;", "a required b=c //\r;", "a required\n  b=\"c\"\n  d=\"e\";\n", "a required b=\u0085;", "a required b=\u00a0;", "a required b=漢;", "a required b=😀;",
		"com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true keyTab=\"/etc/kafka.keytab\" principal=\"connect@EXAMPLE.COM\";",
	}
}
