package javaformat_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

func TestNewJAAS(t *testing.T) {
	t.Parallel()
	login := map[string]string{"zone": "z", "password": `a"b\c`, "username": "u"}
	const options = ` required username="u" password="a\"b\\c" zone="z";`
	for mechanism, module := range map[string]string{
		"PLAIN":              "org.apache.kafka.common.security.plain.PlainLoginModule",
		"SCRAM-SHA-256":      "org.apache.kafka.common.security.scram.ScramLoginModule",
		"SCRAM-SHA-512":      "org.apache.kafka.common.security.scram.ScramLoginModule",
		"OAUTHBEARER":        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule",
		"GSSAPI":             "com.sun.security.auth.module.Krb5LoginModule",
		"com.example.Module": "com.example.Module",
	} {
		jaas, err := javaformat.NewJAAS(mechanism, login)
		if err != nil || jaas.Encode() != module+options {
			t.Errorf("NewJAAS(%q) = %s, %v", mechanism, jaas.Encode(), err)
		}
	}
	for _, mechanism := range []string{"", "plain", "SCRAM", "a b.c", "com..Module", "com.1Module"} {
		if jaas, err := javaformat.NewJAAS(mechanism, nil); err == nil || !strings.Contains(err.Error(), "SCRAM-SHA-512") {
			t.Errorf("NewJAAS(%q) = %v, %v, want an error that lists the mechanisms", mechanism, jaas, err)
		}
	}
}

func TestJAASQuotesWhatIsNoWord(t *testing.T) {
	t.Parallel()
	jaas := javaformat.JAAS{Module: "a-b", Options: map[string]string{"1st": "\r\n\t", "": "x"}}
	if got, want := jaas.Encode(), `"a-b" required ""="x" "1st"="\r\n\t";`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestJAASShowsNoSecret(t *testing.T) {
	t.Parallel()
	jaas := javaformat.JAAS{Module: "a.B", Options: map[string]string{"password": "hunter2"}}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{jaas, &jaas, []any{jaas}} {
			if text := fmt.Sprintf(format, value); strings.Contains(text, "hunter2") {
				t.Errorf("%s of a %T shows the secret: %s", format, value, text)
			}
		}
	}
}

func TestParseJAASErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"", "no login module"},
		{"hunter2", "control flag"},
		{"a hunter2;", "control flag"},
		{"a required username=b password=hunter2", "no semicolon"},
		{"a required username=b password=1hunter2;", "option 2: Kafka cannot read its value"},
		{"a required password=@hunter2;", "option 1: Kafka cannot read its value"},
		{"a required password=hunt/er2;", "no semicolon"},
		{`a required password="x" hunter2;`, `option 2: its name is not followed by "="`},
		{`a required =hunter2;`, "option 1: an option has no name"},
		{"a required \\\n  password=\"hunter2\";", `a "\" at the end of a line continues the line in properties files only`},
		{"a \\\n  required password=\"hunter2\";", `a "\" at the end of a line`},
		{"a required password=\"hunter2\" \\\r\n;", `a "\" at the end of a line`},
		{"a required password=\"hunter2\" \\ \n;", `a "\" at the end of a line`},
		{"a required password=\"hunter2\"\\", `a "\" at the end of a line`},
		{`a required password="hunter2";;`, "there is text after the semicolon"},
		{`a required password="hunter2"; b required;`, "exactly one login module"},
	} {
		jaas, err := javaformat.ParseJAAS(test.text)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("ParseJAAS(%q) = %v, %v, want error %q without the value", test.text, jaas, err, test.want)
		}
	}
}

func TestCheckOptions(t *testing.T) {
	t.Parallel()
	type options = map[string]string
	for _, test := range []struct {
		mechanism string
		options   options
		want      string
	}{
		{"PLAIN", options{"username": "u", "password": "hunter2"}, ""},
		{"PLAIN", options{"username": "u"}, "PLAIN needs the options username and password, but password is not set"},
		{"PLAIN", options{"user": "u", "password": ""}, "but username and password are not set"},
		{"SCRAM-SHA-256", options{"password": "hunter2"}, "but username is not set"},
		{"SCRAM-SHA-512", nil, "SCRAM-SHA-512 needs the options username and password"},
		{"OAUTHBEARER", nil, ""},
		{"OAUTHBEARER", options{"oauth.client.id": "x"}, ""},
		{"OAUTHBEARER", options{"clientId": "x"}, "but clientSecret is not set"},
		{"OAUTHBEARER", options{"clientId": "x", "clientSecret": "hunter2"}, ""},
		{"GSSAPI", options{"useTicketCache": "true"}, ""},
		{"com.example.Module", nil, ""},
	} {
		err := javaformat.CheckOptions(test.mechanism, test.options)
		if (err == nil) != (test.want == "") || err != nil && (!strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s with %d options: got %v, want %q", test.mechanism, len(test.options), err, test.want)
		}
	}
}

// ParseJAAS reads back what EncodeProperties writes.
func FuzzJAAS(f *testing.F) {
	f.Add("username", "alice")
	f.Add("password", "\"\\';=#!:${}\t\r\n é漢😀")
	f.Add("1 x", "\\101\x00//\u0085")
	f.Fuzz(func(t *testing.T, name, value string) {
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			t.Skip("no text")
		}
		options := map[string]string{name: value, "other": name}
		text := javaformat.JAAS{Module: "a.B", Options: options}.Encode()
		got, err := javaformat.ParseJAAS(text)
		if err != nil || got.Module != "a.B" || got.Flag != javaformat.FlagRequired || !maps.Equal(got.Options, options) {
			t.Errorf("ParseJAAS(%q) = %q, %v, want %q", text, got.Options, err, options)
		}
	})
}

// ParseJAAS accepts or refuses any text, and what it accepted can be written again.
func FuzzParseJAAS(f *testing.F) {
	for _, config := range handwrittenJAAS() {
		f.Add(config)
	}
	f.Fuzz(func(t *testing.T, config string) {
		jaas, err := javaformat.ParseJAAS(config)
		if err != nil {
			return
		}
		again, err := javaformat.ParseJAAS(jaas.Encode())
		if err != nil || again.Module != jaas.Module || again.Flag != jaas.Flag || !maps.Equal(again.Options, jaas.Options) {
			t.Errorf("ParseJAAS(%q) = %q, which is read back as %q, %v", config, jaas.Options, again.Options, err)
		}
	})
}
