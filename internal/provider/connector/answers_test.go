package connector_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// later returns the configuration with a resource whose output has the value. Terraform knows it only in the apply.
func later(text, value string) string {
	return text + "resource \"terraform_data\" \"later\" {\n  input = " + value + "\n}\n"
}

// fakeSink returns the configuration of a sink on a fake worker.
func fakeSink() map[string]string {
	return map[string]string{"connector.class": connectfake.FileSink, "topics": "t", "file": "f", "tasks.max": "1"}
}

// While a value is unknown, an error that it may cause waits for the apply. Others do not.
func TestConnector_unknownValues(t *testing.T) {
	t.Parallel()
	const output = "terraform_data.later.output"
	for name, test := range map[string]struct {
		change func(text string) string
		refuse string // at plan; empty if the plan succeeds
		value  string
		apply  string // the error of the apply; empty if it succeeds
	}{
		"another key": {func(text string) string { return strings.Replace(text, `"topics" = "t"`, `"topics" = `+output, 1) }, "", `"t"`, ""},
		"another key, wrong": {
			func(text string) string { return strings.Replace(text, `"topics" = "t"`, `"topics" = `+output, 1) }, "", `""`, "Must configure one of topics or topics.regex",
		},
		"a whole map": {func(text string) string {
			return strings.Replace(text, `"topics" = "t"`, "", 1) + "\n"
		}, "Must configure one of topics or topics.regex", `"t"`, ""},
		"a map of secrets": {func(text string) string {
			return strings.Replace(strings.Replace(text, `"topics" = "t"`, "", 1), "config = {", "config_sensitive = terraform_data.later.output\n  config = {", 1)
		}, "", `{ "topics" = "t" }`, ""},
		"the value itself": {func(text string) string {
			return strings.Replace(strings.Replace(text, `"topics" = "t"`, `"topics" = `+output, 1), `"tasks.max" = "1"`, `"tasks.max" = "zero"`, 1)
		}, "Not a number of type INT", `"t"`, ""},
		"the class": {func(text string) string {
			return strings.Replace(strings.Replace(text, `"topics" = "t"`, `"topics" = `+output, 1), connectfake.FileSink, "com.example.Nope", 1)
		}, "The worker has no connector of class", `"t"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			c := acctest.NewCLI(t, later(test.change(declared(w.URL(), "orders", fakeSink())), test.value))
			switch {
			case test.refuse != "":
				c.MustFail([]string{"Invalid configuration of connector", test.refuse}, "plan", "-no-color")
				return
			case test.apply != "":
				c.Must("plan", "-no-color")
				c.MustFail([]string{test.apply}, "apply", "-auto-approve", "-no-color")
				return
			}
			c.Apply()
			if err := fakeHolds(w, fakeSink(), "RUNNING")(nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// What the plan refuses is refused before anything is sent, if its value is known only in the apply.
func TestConnector_refusedInTheApply(t *testing.T) {
	t.Parallel()
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	const output = "terraform_data.later.output"
	for name, test := range map[string]struct {
		old, now, value, says, line string
	}{
		"null":                 {`"file" = "f"`, `"file" = ` + output + `.value`, `{ value = null }`, "Null value in a connector's configuration", `"file" = `},
		"null of a secret":     {"config = {", "config_sensitive = { \"secret\" = " + output + ".value }\n  config = {", `{ value = null }`, "Null value in a connector's configuration", "config_sensitive = "},
		"null of a write-only": {"config = {", "config_wo = { \"secret\" = " + output + ".value }\n  config = {", `{ value = null }`, "Null value in a connector's configuration", "config_wo = "},
		"another name":         {`"file" = "f"`, `"name" = ` + output, `"other"`, "Connector name given twice", `"name" = `},
		"a name with a slash":  {`name = "orders"`, `name = ` + output, `"a/b"`, "Invalid connector name", "name = "},
		"a key given twice":    {"config = {", "config_sensitive = " + output + "\n  config = {", `{ "file" = "g" }`, "Configuration key given twice", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			text := declared(w.URL(), "orders", config)
			changed := strings.Replace(text, test.old, test.now, 1)
			if changed == text {
				t.Fatal("the configuration is unchanged: the test proves nothing")
			}
			c := acctest.NewCLI(t, later(changed, test.value))
			c.Must("plan", "-no-color")
			out := c.MustFail([]string{test.says}, "apply", "-auto-approve", "-no-color")
			if !strings.Contains(acctest.Unwrap(out), test.line) {
				t.Errorf("the line %s is not shown:\n%s", test.line, out)
			}
			if n := w.Count(http.MethodPost, "") + w.Count(http.MethodPut, "/connectors/*/config"); n > 0 {
				t.Errorf("the worker was sent %d writes", n)
			}
		})
	}
}

// A worker that does not allow validations is one warning, however many connectors there are.
func TestConnector_validationNotAllowed(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]connectfake.Effect{
		"403":            connectfake.Fails(http.StatusForbidden, "no"),
		"403 of a proxy": connectfake.Answer(http.StatusForbidden, "text/html", "<html></html>"),
		"405":            connectfake.Answer(http.StatusMethodNotAllowed, "text/html", "<html></html>"),
		"404":            connectfake.Fails(http.StatusNotFound, "HTTP 404 Not Found"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			w.Inject("", "/connector-plugins/*/config/validate", connectfake.Always, effect)
			w.Inject("", "/connector-plugins", connectfake.Always, effect)
			config := fakeSink()
			text := declared(w.URL(), "orders", config) + fmt.Sprintf(`
resource "kafkaconnect_connector" "more" {
  count  = 3
  name   = "more-${count.index}"
  config = { "connector.class" = %q, "topics" = "t", "file" = "f", "tasks.max" = "1" }
}
`, connectfake.FileSink)
			c := acctest.NewCLI(t, text)
			out := c.Must("plan", "-no-color")
			if n := strings.Count(out, "Configurations are not validated in the plan"); n != 1 || !strings.Contains(acctest.Unwrap(out), "set validate = false") {
				t.Errorf("there are %d warnings:\n%s", n, out)
			}
			c.Apply()
			if err := fakeHolds(w, config, "RUNNING")(nil); err != nil {
				t.Error(err)
			}
			c.Configure(declared(w.URL(), "orders", acctest.With(config, "file", "g"), "validate = false"))
			if out := c.Must("plan", "-no-color"); strings.Contains(out, "not validated") {
				t.Errorf("validate = false does not end the warning:\n%s", out)
			}
		})
	}
}

// An import needs read access to /connectors only.
func TestConnector_importWithoutPlugins(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]connectfake.Effect{
		"403": connectfake.Fails(http.StatusForbidden, "no"),
		"500": connectfake.Fails(http.StatusInternalServerError, "java.lang.NoClassDefFoundError: x"),
		"404": connectfake.Answer(http.StatusNotFound, "text/html", "<html></html>"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			for _, path := range []string{"/connector-plugins", "/connector-plugins/*/config"} {
				w.Inject("", path, connectfake.Always, effect)
			}
			if name == "403" {
				w.Inject("", "/", connectfake.Always, effect)
			}
			w.Seed("orders", "RUNNING", map[string]string{"connector.class": connectfake.Vault, "vault.url": "https://vault", "vault.password": "hunter2", "tasks.max": "1"})
			c := acctest.NewCLI(t, importing(w.URL()))
			out := c.Must("plan", "-generate-config-out=generated.tf", "-no-color")
			acctest.SaidBy(t, out, "1 to import, 0 to add, 0 to change, 0 to destroy", "found by names and values only")
			generated, err := os.ReadFile(filepath.Join(c.Dir, "generated.tf"))
			if err != nil || strings.Contains(string(generated), "hunter2") || strings.Contains(out, "hunter2") {
				t.Errorf("the secret is shown, or nothing was generated (%v)", err)
			}
			c.Apply()
			c.MustBeEmpty()
		})
	}
}

// importing returns a configuration that imports the connector orders.
func importing(url string) string {
	return fmt.Sprintf("provider \"kafkaconnect\" {\n  connect = { urls = [%q] }\n}\nimport {\n  to = %s\n  id = \"orders\"\n}\n", url, address)
}

// A connector that is FAILED, or not RUNNING, is imported with its target state. The import changes nothing.
func TestConnector_importOfFailed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		target string
		fail   func(w *connectfake.Worker)
		want   string // state in the generated configuration
		failed bool
	}{
		"the connector": {"RUNNING", func(w *connectfake.Worker) { w.BreakConnector("orders", "X: cannot start") }, "RUNNING", true},
		"a task":        {"RUNNING", func(w *connectfake.Worker) { w.FailTask("orders", 0, "X: cannot read") }, "RUNNING", true},
		"a paused task": {"PAUSED", func(w *connectfake.Worker) { w.FailTask("orders", 0, "X: cannot read") }, "PAUSED", true},
		"paused":        {"PAUSED", func(*connectfake.Worker) {}, "PAUSED", false},
		"stopped":       {"STOPPED", func(*connectfake.Worker) {}, "STOPPED", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			w.Seed("orders", test.target, acctest.With(fakeSink(), "tasks.max", "2"))
			test.fail(w)
			c := acctest.NewCLI(t, importing(w.URL()))
			out := c.Must("plan", "-generate-config-out=generated.tf", "-no-color")
			acctest.SaidBy(t, out, "1 to import, 0 to add, 0 to change, 0 to destroy")
			file := filepath.Join(c.Dir, "generated.tf")
			generated, err := os.ReadFile(file)
			onFailure := map[bool]string{true: "warn", false: "restart"}[test.failed]
			for _, want := range []string{fmt.Sprintf("state = %q", test.want), fmt.Sprintf("on_failure = %q", onFailure)} {
				if flat := strings.Join(strings.Fields(string(generated)), " "); err != nil || !strings.Contains(flat, want) {
					t.Errorf("want %s, got %v:\n%s", want, err, generated)
				}
			}
			out = c.Apply()
			c.MustBeEmpty()
			if n := w.Count(http.MethodPost, "") + w.Count(http.MethodPut, ""); n > 0 {
				t.Errorf("the worker was sent %d writes", n)
			}
			if !test.failed {
				return
			}
			acctest.SaidBy(t, out, "has failed", `set on_failure = "restart" and apply`)
			acctest.SaidBy(t, c.Must("plan", "-no-color"), "has failed")
			if err := os.WriteFile(file, bytes.ReplaceAll(generated, []byte(`"warn"`), []byte(`"restart"`)), 0o600); err != nil {
				t.Fatal(err)
			}
			acctest.SaidBy(t, c.Must("plan", "-no-color"), `on_failure = "warn" -> "restart"`)
		})
	}
}

// A configuration that does not declare on_failure changes a failed connector in the apply that imports it: the plan shows
// that, and the apply restarts what failed.
func TestConnector_importAndUpdateOfFailed(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Seed("orders", "RUNNING", fakeSink())
	w.FailTask("orders", 0, "X: cannot read")
	text := declared(w.URL(), "orders", fakeSink())
	c := acctest.NewCLI(t, text+fmt.Sprintf("import {\n  to = %s\n  id = \"orders\"\n}\n", address))
	acctest.SaidBy(t, c.Must("plan", "-no-color"), `on_failure = "warn" -> "restart"`)
	acctest.SaidBy(t, c.Apply(), "1 imported, 0 added, 1 changed")
	if n := w.Count(http.MethodPost, "/connectors/*/restart"); n != 1 {
		t.Errorf("the worker was sent %d restarts", n)
	}
	c.MustBeEmpty()
}

// The tasks of a connector mostly fail for one reason. It is shown once, with all its causes and no content of a record.
func TestConnector_failuresOfManyTasks(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	config := acctest.With(fakeSink(), "tasks.max", "300")
	c := acctest.NewCLI(t, declared(w.URL(), "orders", config))
	c.Apply()
	w.Break("orders", "org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler\n\tat a.B.c(B.java:1)\n"+
		"Caused by: org.apache.kafka.common.errors.SerializationException: com.fasterxml.jackson.core.JsonParseException: Unrecognized token 'hunter2': was expecting null\n"+
		" at [Source: (byte[])\"hunter2\"; line: 1]\n\tat a.B.c(B.java:1)\n"+
		"Caused by: com.fasterxml.jackson.core.JsonParseException: Unrecognized token 'hunter2': was expecting null\n at [Source: (byte[])\"hunter2\"; line: 1]\n\tat a.B.c(B.java:1)\n")
	out := c.Must("plan", "-no-color")
	acctest.SaidBy(t, out, "300 tasks (0, 1, 2, 3, 4, …) on worker 127.0.0.1:", "ConnectException: Tolerance exceeded in error handler",
		"Caused by: com.fasterxml.jackson.core.JsonParseException: Unrecognized token", "GET /connectors/orders/status")
	if n := strings.Count(out, "Tolerance exceeded"); n != 1 || strings.Contains(out, "hunter2") || strings.Contains(out, "B.java") {
		t.Errorf("%d times, with content or stack frames:\n%s", n, out)
	}
}

// A key at the beginning of a message keeps its case.
func TestConnector_messagesKeepKeys(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	for _, message := range []string{"topic must be lower case", "snowflake.url.name is empty", "java.lang.IllegalStateException: no"} {
		body := fmt.Sprintf(`{"name": "x", "error_count": 1, "configs": [{"definition": {"name": "topic", "type": "STRING"}, "value": {"name": "topic", "errors": [%q]}}]}`, message)
		w.Calm()
		w.Inject("", "/connector-plugins/*/config/validate", connectfake.Always, connectfake.Answer(http.StatusOK, "application/json", body))
		config := map[string]string{"connector.class": connectfake.FileSource, "topic": "T"}
		acctest.NewCLI(t, declared(w.URL(), "orders", config)).MustFail([]string{message + "."}, "plan", "-no-color")
	}
}

// A version of the plugin is at fault only if the worker does not have it.
func TestConnector_pluginFailsWithVersion(t *testing.T) {
	t.Parallel()
	for declaredVersion, test := range map[string]struct{ message, line, says string }{
		"4.3.1":   {"java.lang.NullPointerException: nothing", `"connector.class" = `, "java.lang.NullPointerException: nothing"},
		"9.9":     {"java.lang.NullPointerException: nothing", `"connector.plugin.version" = `, "available versions: [4.3.1]"},
		"[4.0,5)": {"java.lang.NoClassDefFoundError: x/Y", `"connector.class" = `, "lacks a jar"},
		"[9,10)":  {"Plugin not found that matches the version range [9,10)", `"connector.plugin.version" = `, "matches the version range [9,10)"},
	} {
		w := connectfake.New(t, connectfake.WithVersion("4.3.1"))
		w.Inject("", "/connector-plugins/*/config/validate", connectfake.Always, connectfake.Fails(http.StatusInternalServerError, test.message))
		config := acctest.With(fakeSink(), "connector.plugin.version", declaredVersion)
		out := acctest.NewCLI(t, declared(w.URL(), "orders", config)).MustFail([]string{test.says, test.message}, "plan", "-no-color")
		if !strings.Contains(acctest.Unwrap(out), test.line) {
			t.Errorf("%s: the line %s is not shown:\n%s", declaredVersion, test.line, out)
		}
	}
}

// A plugin may fail because a value is unknown.
func TestConnector_pluginFailsWithUnknown(t *testing.T) {
	t.Parallel()
	for _, lines := range []string{"", `"connector.plugin.version" = "4.3.1"`} {
		w := connectfake.New(t, connectfake.WithVersion("4.3.1"))
		w.Inject("", "/connector-plugins/*/config/validate", connectfake.Always, connectfake.Fails(http.StatusInternalServerError, "java.lang.NullPointerException: nothing"))
		text := strings.Replace(declared(w.URL(), "orders", fakeSink()), `"topics" = "t"`, `"topics" = terraform_data.later.output`+"\n"+lines, 1)
		acctest.SaidBy(t, acctest.NewCLI(t, later(text, `"t"`)).Must("plan", "-no-color"), "was not validated", "java.lang.NullPointerException: nothing")
	}
}

// A creation that times out in the worker tells what the worker was probably waiting for.
func TestConnector_slowCheck(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Inject(http.MethodPost, "/connectors", connectfake.Always, connectfake.Fails(http.StatusInternalServerError, "Request timed out"))
	w.Inject("", "/connector-plugins/*/config/validate", connectfake.Always, connectfake.Fails(http.StatusInternalServerError, "Request timed out"))
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeSink(), `timeouts = { create = "1s" }`))
	acctest.SaidBy(t, c.Must("plan", "-no-color"), "was not validated", "connector's own check of its configuration")
	if n := w.Count("", "/connector-plugins/*/config/validate"); n != 1 {
		t.Errorf("the worker was sent %d validations", n)
	}
	c.MustFail([]string{"Unable to create connector", "connector's own check of its configuration"}, "apply", "-auto-approve", "-no-color")

	// Other requests run no code of the connector.
	w.Calm()
	c.Configure(declared(w.URL(), "orders", fakeSink(), `timeouts = { delete = "1s" }`))
	c.Apply()
	w.Inject(http.MethodDelete, "", connectfake.Always, connectfake.Fails(http.StatusInternalServerError, "Request timed out"))
	out := c.MustFail([]string{"Unable to delete connector", "Request timed out"}, "destroy", "-auto-approve", "-no-color")
	if strings.Contains(acctest.Unwrap(out), "own check") {
		t.Errorf("a deletion blames the connector's check:\n%s", out)
	}
}

// An update is validated once in the plan, and by the worker when it receives the configuration.
func TestConnector_updateIsValidatedOnce(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeSink()))
	c.Apply()
	c.Configure(declared(w.URL(), "orders", acctest.With(fakeSink(), "file", "g")))
	w.Forget()
	c.Must("plan", "-out=saved.tfplan", "-no-color")
	if n := w.Count("", "/connector-plugins/*/config/validate"); n != 1 {
		t.Errorf("the plan sent %d validations", n)
	}
	w.Forget()
	c.Must("apply", "-no-color", "saved.tfplan")
	if n := w.Count("", "/connector-plugins/*/config/validate"); n != 0 {
		t.Errorf("the apply sent %d validations", n)
	}
}

// A connector without a status has probably not ended its start.
func TestConnector_noStatus(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Inject("", "/connectors/*/status", connectfake.Always, connectfake.Fails(http.StatusNotFound, "No status found for connector orders"))
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeSink(), `timeouts = { create = "1s" }`))
	c.MustFail([]string{"did not become RUNNING", "gets its first status when its start has ended", "log of the workers"}, "apply", "-auto-approve", "-no-color")
}
