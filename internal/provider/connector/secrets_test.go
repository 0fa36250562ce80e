package connector_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// Each step makes the worker, the provider or Terraform print something about secret values: a configuration that is
// sent, a task whose stack trace has one, drift, a plan, an import, a destroy.
func TestAccConnector_secretsAreNotShown(t *testing.T) {
	t.Parallel()
	w, name := sharedWorker(t), acctest.UniqueName("secret")
	t.Cleanup(func() { w.Delete(name) })
	secrets := make([]string, 6)
	for i := range secrets {
		secrets[i] = "s3cr3t-" + rand.Text()
	}
	folder := filepath.Join(t.TempDir(), secrets[0])
	config := map[string]string{"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": acctest.UniqueName("topic")}
	sensitive := fmt.Sprintf(`config_sensitive = { "file" = %q, "some.password" = %q }`, filepath.Join(folder, "out.txt"), secrets[1])
	provider := func(text string) string {
		return strings.Replace(text, "connect = {", fmt.Sprintf("connect = {\n    username = %q\n    password = %q\n    headers = { \"X-Api-Key\" = %q }\n   ",
			secrets[2], secrets[3], secrets[4]), 1)
	}
	good := provider(declared(w.URL, name, config, sensitive))
	var sent http.Header
	w.Before(func(r *http.Request) { sent = r.Header })

	c := acctest.NewCLI(t, good)
	log := filepath.Join(t.TempDir(), "trace.log")
	c.Env = append(c.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	var printed strings.Builder
	say := func(out string, _ bool) { printed.WriteString(out) }

	c.Configure(provider(declared(w.URL, name, acctest.With(config, "tasks.max", "-1"), sensitive)))
	say(c.Run("apply", "-auto-approve", "-no-color"))
	c.Configure(provider(declared(w.URL, name, acctest.With(config, "connector.class", "com.example.Nope"), sensitive)))
	say(c.Run("apply", "-auto-approve", "-no-color"))
	c.Configure(good)
	say(c.Run("apply", "-auto-approve", "-no-color"))
	if !strings.Contains(acctest.Unwrap(printed.String()), "java.nio.file.NoSuchFileException") {
		t.Fatalf("no trace was shown: the test proves nothing:\n%s", printed.String())
	}
	say(c.Run("plan", "-no-color"))
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	say(c.Must("apply", "-auto-approve", "-no-color"), true)
	w.Do(http.MethodPut, acctest.ConnectorPath(name, "config"), acctest.With(config, "file", secrets[5]))
	say(c.Run("plan", "-no-color"))
	say(c.Must("apply", "-auto-approve", "-no-color"), true)
	if got := w.Config(name)["some.password"]; got != secrets[1] {
		t.Error("the secret did not arrive: the test proves nothing")
	}
	say(c.Run("show", "-no-color"))
	say(c.Must("destroy", "-auto-approve", "-no-color"), true)
	if sent.Get("X-Api-Key") != secrets[4] || sent.Get("Authorization") == "" {
		t.Error("the credentials did not arrive: the test proves nothing")
	}

	trace, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(trace), "Kafka Connect request") {
		t.Error("no request is in the log: the test proves nothing")
	}
	for i, secret := range secrets {
		if i == 2 { // the user name is not a secret
			continue
		}
		if strings.Contains(printed.String(), secret) {
			t.Errorf("secret %d was printed:\n%s", i, acctest.Surroundings(printed.String(), secret))
		}
		if strings.Contains(string(trace), secret) {
			t.Errorf("secret %d was logged:\n%s", i, acctest.Surroundings(string(trace), secret))
		}
	}
}

// Write-only values are neither printed nor logged, and are not in state, private state or plans.
func TestAccConnector_writeOnlySecretsAreNotShown(t *testing.T) {
	t.Parallel()
	w, name := sharedWorker(t), acctest.UniqueName("secret")
	t.Cleanup(func() { w.Delete(name) })
	folder := filepath.Join(t.TempDir(), "s3cr3t-"+rand.Text())
	secrets := map[string]string{"file": filepath.Join(folder, "out.txt")}
	for i := range 49 {
		secrets[fmt.Sprintf("password.%d", i)] = "s3cr3t-" + rand.Text()
	}
	inValues := plant("in.") // by keys whose names do not tell, so that only their form does
	for key := range forms {
		secrets["in."+key] = inValues.values["in."+key]
	}
	config := map[string]string{"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": acctest.UniqueName("topic")}
	declare := func(config map[string]string, lines ...string) string {
		return declared(w.URL, name, config, append(lines, "config_wo = var.secrets")...) +
			"variable \"secrets\" {\n  type = map(string)\n  sensitive = true\n  ephemeral = true\n}\n"
	}
	c := acctest.NewCLI(t, declare(config))
	give := func(secrets map[string]string) {
		text, err := json.Marshal(secrets)
		if err != nil {
			t.Fatal(err)
		}
		c.Env = append(c.Env, "TF_VAR_secrets="+string(text))
	}
	log := filepath.Join(t.TempDir(), "trace.log")
	c.Env = append(c.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	give(secrets)
	var seen strings.Builder
	look := func(out string) {
		seen.WriteString(out)
		for _, file := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
			seen.WriteString(readState(t, filepath.Join(c.Dir, file)))
		}
	}
	plan := func() {
		look(c.Must("plan", "-out=saved.tfplan", "-no-color"))
		look(c.Must("show", "-json", "saved.tfplan"))
		seen.WriteString(readPlan(t, filepath.Join(c.Dir, "saved.tfplan")))
	}
	apply := []string{"apply", "-auto-approve", "-no-color"}

	plan()
	look(c.MustFail([]string{"task 0 on worker", "java.nio.file.NoSuchFileException"}, apply...)) // the message contains the path, a secret
	plan()
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	look(c.Apply())
	w.isRunning(name, acctest.With(config, flatten(secrets)...))
	for _, validate := range []string{"validate = true", "validate = false"} {
		c.Configure(declare(acctest.With(config, "tasks.max", "0"), validate))
		look(c.MustFail([]string{"Value must be at least 1"}, apply...))
	}
	c.Configure(declare(config))
	w.Do(http.MethodPut, acctest.ConnectorPath(name, "config"), acctest.With(config, "file", secrets["file"], "password.1", secrets["password.2"]))
	plan()
	look(c.Apply())
	secrets["password.3"] = "s3cr3t-" + rand.Text()
	give(secrets)
	look(c.Apply())
	w.isRunning(name, acctest.With(config, flatten(secrets)...))

	// An import leaves out keys whose names suggest a secret. The key file does not, so it is not secret here.
	config["file"] = filepath.Join(t.TempDir(), "out.txt")
	delete(secrets, "file")
	give(secrets)
	c.Configure(declare(config))
	look(c.Apply())
	look(c.Must("state", "rm", address))
	look(c.Must("import", "-no-color", address, name))
	plan()
	look(c.Apply())
	w.isRunning(name, acctest.With(config, flatten(secrets)...))
	look(c.Must("destroy", "-auto-approve", "-no-color"))

	trace, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	seen.Write(trace)
	secrets["file"] = folder
	for key := range forms {
		secrets["in."+key] = inValues.cores["in."+key]
	}
	for key, secret := range secrets {
		if strings.Contains(seen.String(), secret) {
			t.Errorf("the secret %s is in %s", key, acctest.Surroundings(seen.String(), secret))
		}
	}
}

// flatten lists keys and values in turn.
func flatten(m map[string]string) []string {
	var pairs []string
	for key, value := range m {
		pairs = append(pairs, key, value)
	}
	return pairs
}

// A password that is an ordinary word tears no other word of a message. One in config that only the plugin knows as a
// password is hidden, too.
func TestConnector_messagesStayReadable(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	text := declared(w.URL(), "orders", vaultConfig("vault.pin", "blue sky"), `config_sensitive = { "vault.password" = "connect", "more.password" = "o" }`)
	c := acctest.NewCLI(t, text)
	const echo = "Echo of org.apache.kafka.connect.errors.ConnectException: cannot connect to https://vault as o with password connect and blue sky"
	const want = "Echo of org.apache.kafka.connect.errors.ConnectException: cannot connect to https://vault as o with password (hidden) and (hidden)"
	refuse := connectfake.Fails(http.StatusBadRequest, echo)
	w.Inject(http.MethodPost, "/connectors", 1, refuse)
	c.MustFail([]string{"Unable to create connector", want}, "apply", "-auto-approve", "-no-color")
	c.Apply()
	w.Break("orders", echo)
	acctest.SaidBy(t, c.Must("plan", "-no-color"), want)
	c.MustFail([]string{want}, "apply", "-auto-approve", "-no-color")
	w.Repair("orders")
	c.Apply()
	c.Configure(strings.Replace(text, "https://vault", "https://other", 1))
	w.Inject(http.MethodPut, "/connectors/*/config", 1, refuse)
	c.MustFail([]string{"Unable to update connector", want}, "apply", "-auto-approve", "-no-color")
}
