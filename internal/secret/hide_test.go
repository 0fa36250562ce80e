package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// quoted returns the text as in a JSON string.
func quoted(t *testing.T, text string) string {
	t.Helper()
	out, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(string(out), `"`)
}

// codes writes each UTF-16 code unit with the format.
func codes(text, format string) string {
	var out strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&out, format, unit)
	}
	return out.String()
}

// decimal writes each character as &#n;.
func decimal(text string) string {
	var out strings.Builder
	for _, r := range text {
		fmt.Fprintf(&out, "&#%d;", r)
	}
	return out.String()
}

// percent writes each byte as %xx.
func percent(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		fmt.Fprintf(&out, "%%%02x", b)
	}
	return out.String()
}

// spellings are the ways in which a message may repeat a secret.
func spellings(t *testing.T, text string) map[string]string {
	t.Helper()
	var markup strings.Builder
	if err := xml.EscapeText(&markup, []byte(text)); err != nil {
		t.Fatal(err)
	}
	b64 := base64.StdEncoding.EncodeToString([]byte(text))
	return map[string]string{
		"plain":               text,
		"trimmed":             strings.TrimSpace(text),
		"JSON":                quoted(t, text),
		"JSON of Jackson":     strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(text),
		"JSON in JSON":        quoted(t, quoted(t, text)),
		"Go":                  strings.Trim(strconv.Quote(text), `"`),
		"query":               url.QueryEscape(text),
		"path":                url.PathEscape(text),
		"every byte":          percent(text),
		"every byte, upper":   strings.ToUpper(percent(text)),
		"query, lower":        lowerPercent(url.QueryEscape(text)),
		"query, twice":        url.QueryEscape(url.QueryEscape(text)),
		`\uXXXX`:              codes(text, `\u%04x`),
		`\uXXXX, upper`:       codes(text, `\u%04X`),
		"XML":                 markup.String(),
		"HTML":                html.EscapeString(text),
		"HTML, decimal":       decimal(text),
		"properties":          strings.TrimSuffix(strings.TrimPrefix(javaformat.EncodeProperty("k", text), "k="), "\n"),
		"base64":              b64,
		"base64, no padding":  strings.TrimRight(b64, "="),
		"base64, URL":         base64.URLEncoding.EncodeToString([]byte(text)),
		"base64 in a URL":     url.QueryEscape(b64),
		"Basic, unknown user": base64.StdEncoding.EncodeToString([]byte("some-user:" + text)),
		"Basic, other user":   base64.StdEncoding.EncodeToString([]byte("us:" + text)),
		"base64 in the middle": base64.RawStdEncoding.EncodeToString([]byte(
			`{"password":"` + text + `","user":"u"}`)),
		"hex":        hex.EncodeToString([]byte(text)),
		"hex, upper": strings.ToUpper(hex.EncodeToString([]byte(text))),
	}
}

// lowerPercent writes the digits after each percent sign in lower case.
func lowerPercent(text string) string {
	parts := strings.Split(text, "%")
	for i := 1; i < len(parts); i++ {
		parts[i] = strings.ToLower(parts[i][:2]) + parts[i][2:]
	}
	return strings.Join(parts, "%")
}

// A strong secret is hidden in every encoding, whatever is around it.
func TestHideEncodings(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"s3cr3t-AbCdEf0123", `quote"and\back7`, "<tag>&amp;'9X", "a B+c/d=e?f#g%h1", "line One\nline Two\nline 3", "größe\tÄ😀7xyZ", `Pa55:w=o#r!d`,
		"%41bcdefgH1", `\\double\\9A`, "K8s{$a}[b]|c", "tail-Back5lash\\",
	} {
		hider := secret.NewHider(text)
		for name, form := range spellings(t, text) {
			for _, around := range [][2]string{{"x ", " y"}, {`{"a":"`, `"}`}, {"postgres://u:", "@h/db"}, {"password=", "&x=y"}, {"(", ")."}, {"[a, ", ", b]"}} {
				if got, want := hider.Hide(around[0]+form+around[1]), around[0]+"(hidden)"+around[1]; got != want && !isBase64Neighbour(name, got) {
					t.Errorf("%q as %s: got %q, want %q", text, name, got, want)
				}
			}
		}
	}
}

// isBase64Neighbour accepts that more than the base64 of a secret is hidden: a neighbour can be a character of base64.
func isBase64Neighbour(name, got string) bool {
	return strings.HasPrefix(strings.ToLower(name), "bas") && strings.Contains(got, "(hidden)") && !strings.ContainsAny(got, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

// A secret that could be an ordinary word is hidden where it stands alone. It tears no word, key or class name.
func TestHideWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ secret, text, want string }{
		{"plain", "x plain y", "x (hidden) y"},
		{"plain", "explain plainly plain-text a.plain.b", "explain plainly plain-text a.plain.b"},
		{"hunter2", "hunter22 xhunter2 hunter2, hunter2. 'hunter2'", "hunter22 xhunter2 (hidden), (hidden). '(hidden)'"},
		{"hunter2", `{"p":"hunter2"} jdbc:x://u:hunter2@h?p=hunter2&x \nhunter2\n %3Ahunter2%40`, `{"p":"(hidden)"} jdbc:x://u:(hidden)@h?p=(hidden)&x \n(hidden)\n %3A(hidden)%40`},
		{"o", "configuration of connector o: password=o", "configuration of connector o: password=(hidden)"},
		{"connect", "org.apache.kafka.connect.errors.ConnectException: cannot connect", "org.apache.kafka.connect.errors.ConnectException: cannot connect"},
		{"connect", "Invalid value connect for configuration a: 'connect' u:connect@h password: connect", "Invalid value (hidden) for configuration a: '(hidden)' u:(hidden)@h password: (hidden)"},
		{"8083", "http://localhost:8083/ refused the password 8083", "http://localhost:8083/ refused the password (hidden)"},
		{"One", "com.example.One.Two", "com.example.One.Two"},
		{"org.example.SinkConnector", "class org.example.SinkConnector", "class org.example.SinkConnector"},
		{"pass.Word5", "pass.Word5 is wrong", "(hidden) is wrong"},
		{"true", "x=true", "x=true"},
		{"!$%&/()=?", "x !$%&/()=? y", "x (hidden) y"},
		{"********", "a ******** b", "a ******** b"},
		{"null", "Invalid value null", "Invalid value null"},
		{"", "a text", "a text"},
		{" ", "a text", "a text"},
		{"${env:X}", "${env:X}", "${env:X}"},
		{"abc abcdef", "abc abcdef", "(hidden)"},
		{"first line\nsecond line", "Caused by: second line", "Caused by: (hidden)"},
		{"x1,y1", "[x1, y1]", "[(hidden)]"},
	} {
		if got := secret.NewHider(test.secret).Hide(test.text); got != test.want {
			t.Errorf("%q: got %q, want %q", test.secret, got, test.want)
		}
	}
}

// Of overlapping secrets, nothing remains.
func TestHideOverlaps(t *testing.T) {
	t.Parallel()
	if got := secret.NewHider("abc", "abcdef").Hide("abcdef abc"); got != "(hidden) (hidden)" {
		t.Errorf("got %q", got)
	}
	if got := secret.NewHider("aB3-cD4-e", "cD4-eF5-gH").Hide("x aB3-cD4-eF5-gH y"); got != "x (hidden) y" {
		t.Errorf("got %q", got)
	}
	encoded := base64.StdEncoding.EncodeToString([]byte("user:s3cr3t-Zz9yXwVu"))
	if got := secret.NewHider(encoded[4:14], "s3cr3t-Zz9yXwVu").Hide("x " + encoded + " y"); got != "x (hidden) y" {
		t.Errorf("got %q", got)
	}
	one, two := secret.NewHider("s3cr3t-One"), secret.NewHider("s3cr3t-Two")
	if got := one.With(two).With(nil).Hide("s3cr3t-One s3cr3t-Two"); got != "(hidden) (hidden)" {
		t.Errorf("got %q", got)
	}
	var none *secret.Hider
	if got := none.With(nil).Keep("x").Hide("text"); got != "text" {
		t.Errorf("got %q", got)
	}
}

// What everyone knows stays readable, unless a strong secret is in it.
func TestHideKeeps(t *testing.T) {
	t.Parallel()
	hider := secret.NewHider("orders", "s3cr3t-Xy9").Keep("orders-db", "orders", "file=s3cr3t-Xy9", "topic.orders")
	for text, want := range map[string]string{
		"cannot reach orders-db: topic.orders": "cannot reach orders-db: topic.orders",
		`user "orders"`:                        `user "orders"`,
		"file=s3cr3t-Xy9":                      "file=(hidden)",
	} {
		if got := hider.Hide(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The secrets within a value are hidden where they stand without the rest of it.
func TestHideParts(t *testing.T) {
	t.Parallel()
	const key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nEFAASCBKcwggSjAgEAAoIBAQDX\nAb7=\n-----END PRIVATE KEY-----"
	document, err := json.Marshal(map[string]string{"type": "service_account", "private_key": key})
	if err != nil {
		t.Fatal(err)
	}
	for value, text := range map[string]string{
		"jdbc:postgresql://h/db?user=u&password=hunter2": `authentication of "hunter2" failed`,
		"mongodb://u:p%40ss7@h":                          "auth failed: p@ss7",
		`a.B required username="u" password="hunter2";`:  "wrong password hunter2.",
		`a.B required clientSecret="hunter2";`:           "wrong hunter2.",
		"client:hunter2":                                 "client: wrong hunter2",
		key:                                              "bad line EFAASCBKcwggSjAgEAAoIBAQDX",
		key + "\n":                                       "bad " + strings.ReplaceAll(key, "\n", " "),
		string(document):                                 "bad MIIEvQIBADANBgkqhkiG9w0BAQ",
		string(document) + " ":                           "bad " + strings.ReplaceAll(key, "\n", ""),
	} {
		if got := secret.NewHider(value).Hide(text); !strings.Contains(got, "(hidden)") || strings.Contains(got, "hunter2") ||
			strings.Contains(got, "ss7") || strings.Contains(got, "MIIE") || strings.Contains(got, "EFAA") {
			t.Errorf("%q: got %q", value, got)
		}
	}
}

// Where somebody else cut a message, the beginning of a secret is hidden, too.
func TestHideCut(t *testing.T) {
	t.Parallel()
	text := "s3cr3t-Qw3rty-Zx9&cV"
	hider := secret.NewHider(text)
	for name, form := range spellings(t, text) {
		for _, end := range []string{"", "...", "…", "\n\tat a.B"} {
			cut := form[:len(form)*3/4]
			if got := hider.Hide("Invalid value " + cut + end); !strings.HasPrefix(got, "Invalid value (hidden)") || strings.Contains(got, "r3t") {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
	if got := hider.Hide("the s3 bucket"); got != "the s3 bucket" {
		t.Errorf("got %q", got)
	}
	if got := hider.Hide("s3cr3t-Q is another"); got != "s3cr3t-Q is another" {
		t.Errorf("got %q", got)
	}
}

// BenchmarkHide hides 60 secrets in the traces of 300 connectors.
func BenchmarkHide(b *testing.B) {
	secrets := make([]string, 60)
	for i := range secrets {
		secrets[i] = fmt.Sprintf("s3cr3t-%d-%s", i, hex.EncodeToString([]byte{byte(i), byte(7 * i), byte(i * i)}))
	}
	trace := strings.Repeat("\tat org.apache.kafka.connect.runtime.WorkerSinkTask.deliverMessages(WorkerSinkTask.java:601)\n", 80) + secrets[30]
	own := secret.NewHider("another-Secret-1")
	hider := secret.NewHider(secrets...)
	for b.Loop() {
		for range 300 {
			hider.With(own).Hide(trace)
		}
	}
}

// The word at the end of a message is not the beginning of a secret, and must not tell how the secret begins.
func TestHide_cutWords(t *testing.T) {
	t.Parallel()
	for secretText, text := range map[string]string{"record-secret-1": "Failed to write record", "Connection-pass": "Failed to open Connection\n\tat x"} {
		if got := secret.NewHider(secretText).Hide(text); got != text {
			t.Errorf("%s: got %q", secretText, got)
		}
	}
	if got := secret.NewHider("record-secret-1").Hide("Invalid value record-sec..."); got != "Invalid value (hidden)..." {
		t.Errorf("got %q", got)
	}
}
