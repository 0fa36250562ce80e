package connector_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// planted are secrets that a test has put somewhere, by name. No output may show a core.
type planted struct {
	values map[string]string // complete values
	cores  map[string]string // the secret within the value
}

func (p planted) add(name, format string) {
	core := "Zq7" + rand.Text()
	p.values[name], p.cores[name] = strings.ReplaceAll(format, "%", core), core
}

// forms are values with a secret in place of the percent sign, by keys whose names do not tell.
var forms = map[string]string{
	"link.mongo":  "mongodb://reader:%@db1:27017,db2:27017/?replicaSet=r",
	"link.jdbc":   "jdbc:postgresql://db:5432/orders?user=reader&password=%&ssl=true",
	"link.ado":    "Server=db;User Id=sa;Password=%;Encrypt=true",
	"link.oracle": "jdbc:oracle:thin:scott/%@//db:1521/x",
	"link.azure":  "Endpoint=sb://db/;SharedAccessKeyName=n;SharedAccessKey=%",
	"login":       `org.example.LoginModule required username="reader" password="%";`,
	"pem":         "-----BEGIN PRIVATE KEY-----\n%\nMIIEvQIBADAN\n-----END PRIVATE KEY-----\n",
	"account":     `{"type":"service_account","private_key":"-----BEGIN PRIVATE KEY-----\n%\n-----END PRIVATE KEY-----\n"}`,
	"headers":     "Content-Type:application/json,Authorization: Bearer %",
	"more":        "X-Api-Key: %",
}

// named are keys whose names tell that the value is a secret.
var named = []string{
	"database.password", "snowflake.private.key.passphrase", "iceberg.catalog.s3.secret-access-key", "gcp.credentials.json",
	"schema.history.internal.producer.sasl.jaas.config", "value.converter.basic.auth.user.info", "client.secret", "auth.token",
}

// plant returns secrets of all forms, whose keys begin with the prefix.
func plant(prefix string) planted {
	p := planted{map[string]string{}, map[string]string{}}
	for key, format := range forms {
		p.add(prefix+key, format)
	}
	for _, key := range named {
		p.add(prefix+key, "%")
	}
	return p
}

// codeUnits writes the text as \uXXXX.
func codeUnits(text string) string {
	var out strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&out, `\u%04x`, unit)
	}
	return out.String()
}

// lowerEscapes writes the digits of %XX in lower case.
func lowerEscapes(text string) string {
	return regexp.MustCompile(`%..`).ReplaceAllStringFunc(text, strings.ToLower)
}

// repeated returns the ways in which a worker, a plugin or a proxy may repeat a secret.
func repeated(t *testing.T, value string) []string {
	t.Helper()
	once, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := json.Marshal(string(once))
	if err != nil {
		t.Fatal(err)
	}
	return []string{
		value, string(once), string(twice), url.QueryEscape(value), lowerEscapes(url.QueryEscape(value)), codeUnits(value), html.EscapeString(value),
		base64.StdEncoding.EncodeToString([]byte(value)), base64.RawURLEncoding.EncodeToString([]byte("reader:" + value)),
		hex.EncodeToString([]byte(value)), strings.ToUpper(hex.EncodeToString([]byte(value))), value + "...",
	}
}

// echoOf repeats the secrets in all ways, and ends with one that is cut short.
func echoOf(t *testing.T, all ...planted) string {
	t.Helper()
	var out strings.Builder
	out.WriteString("com.example.EchoException: echo")
	last := ""
	for _, p := range all {
		for name, core := range p.cores {
			for _, text := range append(repeated(t, core), repeated(t, p.values[name])...) {
				out.WriteString(" '" + text + "'")
			}
			last = core
		}
	}
	return out.String() + " " + last[:len(last)-5]
}

// searchFor fails the test if the text has one of the secrets in one of its encodings.
func (p planted) searchFor(t *testing.T, where, text string) {
	t.Helper()
	for name, core := range p.cores {
		for i, form := range repeated(t, core) {
			if form = strings.Trim(form, `\".`); strings.Contains(text, form) {
				t.Errorf("secret %s in encoding %d is in %s: %s", name, i, where, acctest.Surroundings(text, form))
				break
			}
		}
		if strings.Contains(text, core[:10]) {
			t.Errorf("the beginning of secret %s is in %s: %s", name, where, acctest.Surroundings(text, core[:10]))
		}
	}
}

// seen collects what Terraform prints, logs and stores.
type seen struct {
	c             *acctest.CLI
	t             *testing.T
	shown, stored strings.Builder
}

func (s *seen) run(args ...string) string {
	s.t.Helper()
	out, _ := s.c.Run(append(args, "-no-color")...)
	s.shown.WriteString(out)
	for _, file := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		s.stored.WriteString(readState(s.t, filepath.Join(s.c.Dir, file)))
	}
	return out
}

func (s *seen) plan(args ...string) {
	s.t.Helper()
	s.run(append([]string{"plan", "-out=saved.tfplan"}, args...)...)
	s.stored.WriteString(readPlan(s.t, filepath.Join(s.c.Dir, "saved.tfplan")))
	out, _ := s.c.Run("show", "-json", "saved.tfplan")
	s.stored.WriteString(out)
}

// More than 60 secrets of all forms are in config_wo, in config_sensitive, on the worker only, and in the settings of the
// provider and of workers. A worker repeats all of them in its messages, in all encodings. None is printed, logged, or in
// generated configuration, and only those of config_sensitive are stored.
func TestConnector_secretsOfAllForms(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	writeOnly, sensitive, ignored, drift, settings := plant("wo."), plant("sensitive."), plant("ignored."), plant("drift."), planted{map[string]string{}, map[string]string{}}
	credentials := planted{map[string]string{}, map[string]string{}} // of which workers know
	for _, name := range []string{"connect", "header", "kafka", "worker", "bearer"} {
		settings.add(name, "%")
	}
	for _, name := range []string{"connect", "header"} {
		credentials.values[name], credentials.cores[name] = settings.values[name], settings.cores[name]
	}
	total := len(settings.cores)
	for _, p := range []planted{writeOnly, sensitive, ignored, drift} {
		total += len(p.cores)
	}
	if total < 60 {
		t.Fatalf("only %d secrets", total)
	}
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	w.Seed("imported", "RUNNING", acctest.With(config, flatten(ignored.values)...))
	c := acctest.NewCLI(t, "")
	s := &seen{c: c, t: t}
	log := filepath.Join(t.TempDir(), "trace.log")
	c.Env = append(c.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	for name, values := range map[string]map[string]string{"wo": writeOnly.values, "sensitive": sensitive.values, "settings": settings.values} {
		text, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		c.Env = append(c.Env, "TF_VAR_"+name+"="+string(text))
	}
	configure := func(config map[string]string, lines ...string) {
		text := declared(w.URL(), "orders", config, append(lines, "config_wo = var.wo", "config_sensitive = var.sensitive")...)
		c.Configure(strings.Replace(text, "connect = {", connectSettings, 1) + strings.ReplaceAll(secretSettings, "FILE", filepath.Join(c.Dir, "worker.properties")))
	}

	configure(config)
	s.plan()
	w.Inject(http.MethodPost, "/connectors", 1, connectfake.Fails(http.StatusBadRequest, echoOf(t, writeOnly, sensitive)))
	s.run("apply", "-auto-approve")
	s.run("apply", "-auto-approve")
	if got, _, _ := w.Connector("orders"); got["wo.link.mongo"] != writeOnly.values["wo.link.mongo"] || got["sensitive.pem"] != sensitive.values["sensitive.pem"] {
		t.Fatalf("the secrets did not arrive, so the test proves nothing:\n%s", s.shown.String())
	}
	w.Break("orders", echoOf(t, writeOnly, sensitive, credentials)+"\n\tat a.B.c(B.java:1)\nCaused by: "+echoOf(t, writeOnly))
	configure(acctest.With(config, "topic", "u"))
	s.run("apply", "-auto-approve")
	s.plan()
	w.Repair("orders")
	for _, status := range []int{400, 500} {
		w.Inject(http.MethodPut, "/connector-plugins/*/config/validate", 1, connectfake.Fails(status, echoOf(t, writeOnly, sensitive, credentials)))
		configure(acctest.With(config, "topic", "v"))
		s.plan()
		configure(acctest.With(config, "topic", "w"), "validate = false")
		w.Inject(http.MethodPut, "/connectors/*/config", 1, connectfake.Fails(status, echoOf(t, writeOnly, sensitive, credentials)))
		s.run("apply", "-auto-approve")
	}
	edits := map[string]*string{}
	for key, value := range drift.values {
		edits[key] = &value
	}
	w.Edit("orders", edits)
	s.plan()
	s.run("apply", "-auto-approve")

	if err := os.WriteFile(filepath.Join(c.Dir, "import.tf"), []byte("import {\n  to = kafkaconnect_connector.imported\n  id = \"imported\"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.plan("-generate-config-out=generated.tf")
	generated, err := os.ReadFile(filepath.Join(c.Dir, "generated.tf"))
	if err != nil || !strings.Contains(string(generated), "ignored.link.mongo") {
		t.Errorf("nothing was generated, so the test proves nothing: %v\n%s", err, generated)
	}
	s.shown.Write(generated)
	s.run("apply", "-auto-approve")
	w.Break("imported", echoOf(t, ignored))
	s.plan()
	w.Repair("imported")
	s.run("apply", "-auto-approve")
	s.run("destroy", "-auto-approve")

	trace, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	s.shown.Write(trace)
	for _, want := range []string{"EchoException: echo '(hidden)'", "(not shown)", "Kafka Connect request", "sensitive.link.jdbc"} {
		if !strings.Contains(acctest.Unwrap(s.shown.String()), want) {
			t.Errorf("%q was not shown, so the test proves nothing", want)
		}
	}
	for name, p := range map[string]planted{"config_wo": writeOnly, "ignored keys": ignored, "drift": drift, "settings": settings} {
		p.searchFor(t, "the state or a plan, from "+name, s.stored.String())
	}
	for name, p := range map[string]planted{"config_wo": writeOnly, "config_sensitive": sensitive, "ignored keys": ignored, "drift": drift, "settings": settings} {
		p.searchFor(t, "the output or the log, from "+name, s.shown.String())
	}
}

// connectSettings are credentials in the provider's settings.
const connectSettings = `kafka = {
    bootstrap_servers = ["127.0.0.1:1"]
    sasl              = { mechanism = "PLAIN", username = "reader", password = var.settings.kafka }
  }
  connect = {
    username = "reader"
    password = var.settings.connect
    headers  = { "X-Api-Key" = var.settings.header }
   `

// secretSettings declares the variables, and a worker with a write-only password. Another provider has a bearer token.
const secretSettings = `
variable "wo" {
  type      = map(string)
  ephemeral = true
  sensitive = true
}
variable "sensitive" {
  type      = map(string)
  sensitive = true
}
variable "settings" {
  type      = map(string)
  ephemeral = true
  sensitive = true
}
provider "kafkaconnect" {
  alias   = "token"
  connect = { urls = ["http://127.0.0.1:1"], bearer_token = var.settings.bearer }
}
resource "kafkaconnect_worker_config" "test" {
  group_id             = "g"
  bootstrap_servers    = ["b:9092"]
  key_converter        = "org.apache.kafka.connect.storage.StringConverter"
  value_converter      = "org.apache.kafka.connect.storage.StringConverter"
  offset_storage_topic = "o"
  config_storage_topic = "c"
  status_storage_topic = "s"
  path                 = "FILE"
  security = {
    protocol = "SASL_SSL"
    sasl     = { mechanism = "PLAIN", username = "u", password_wo = var.settings.worker }
  }
}
`
