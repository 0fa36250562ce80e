package connector_test

import (
	"archive/zip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func revision(n int64) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("config_wo_revision"), knownvalue.Int64Exact(n))
}

func TestConnector_writeOnly(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	config := map[string]string{"connector.class": connectfake.Vault, "vault.url": "https://vault", "tasks.max": "1"}
	wo := func(values ...string) string { // of config_wo
		text, _ := json.Marshal(acctest.With(map[string]string{}, values...))
		return "config_wo = " + strings.ReplaceAll(string(text), `":"`, `"="`)
	}
	first := declared(w.URL(), "orders", config, wo("vault.password", "one"))
	second := declared(w.URL(), "orders", config, wo("vault.password", "two", "more", "x"))
	holds := func(pairs ...string) resource.TestCheckFunc {
		return fakeHolds(w, acctest.With(config, pairs...), "RUNNING")
	}
	notStored := statecheck.ExpectKnownValue(address, tfjsonpath.New("config_wo"), knownvalue.Null())
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{Config: first, Check: holds("vault.password", "one"), ConfigStateChecks: []statecheck.StateCheck{revision(1), notStored}},
			{Config: first, ConfigPlanChecks: acctest.Settled},
			{ // changed in configuration
				Config: second, ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:             holds("vault.password", "two", "more", "x"),
				ConfigStateChecks: []statecheck.StateCheck{revision(2), notStored},
			},
			{Config: second, ConfigPlanChecks: acctest.Settled},
			{ // changed behind Terraform's back
				PreConfig:        func() { w.Edit("orders", map[string]*string{"vault.password": new("stolen")}) },
				Config:           second,
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            holds("vault.password", "two", "more", "x"),
			},
			{ // removed behind Terraform's back
				PreConfig:        func() { w.Unset("orders", "more") },
				Config:           second,
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check:            holds("vault.password", "two", "more", "x"),
			},
			{ // one removed from the configuration
				Config: declared(w.URL(), "orders", config, wo("vault.password", "two")), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: holds("vault.password", "two"),
			},
			{ // all removed
				Config: declared(w.URL(), "orders", config, "validate = false"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: holds(),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("config_wo_revision"), knownvalue.Null()),
				},
			},
			{Config: declared(w.URL(), "orders", config, "validate = false"), ConfigPlanChecks: acctest.Settled},
		},
	})
}

func TestConnector_writeOnlyVersion(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	config := map[string]string{"connector.class": connectfake.Vault, "vault.url": "https://vault", "tasks.max": "1"}
	rotated := func(password string, version int) string {
		return declared(w.URL(), "orders", config, fmt.Sprintf("config_wo = { \"vault.password\" = %q }\n  config_wo_version = %d", password, version))
	}
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{Config: rotated("one", 1), Check: fakeHolds(w, acctest.With(config, "vault.password", "one"), "RUNNING")},
			{Config: rotated("two", 1), ConfigPlanChecks: acctest.Settled},
			{
				Config: rotated("three", 2), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: fakeHolds(w, acctest.With(config, "vault.password", "three"), "RUNNING"),
			},
			{ // a rotation that failed is still to be made
				PreConfig: func() {
					w.Inject(http.MethodPut, "/connectors/*/config", 1, connectfake.Fails(http.StatusBadRequest, "no such vault"))
				},
				Config: rotated("four", 3), ExpectError: regexp.MustCompile("No such vault"),
			},
			{
				Config: rotated("four", 3), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: fakeHolds(w, acctest.With(config, "vault.password", "four"), "RUNNING"),
			},
		},
	})
}

func TestConnector_writeOnlyMasked(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t, connectfake.WithMask("vault.password"))
	config := map[string]string{"connector.class": connectfake.Vault, "vault.url": "https://vault", "tasks.max": "1"}
	text := func(password string) string {
		return declared(w.URL(), "orders", config, fmt.Sprintf("config_wo = { \"vault.password\" = %q }", password))
	}
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{Config: text("one")},
			{Config: text("one"), ConfigPlanChecks: acctest.Settled},
			{
				Config: text("two"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: func(*terraform.State) error {
					if got, _, _ := w.Connector("orders"); got["vault.password"] != "two" {
						return fmt.Errorf("the new secret did not arrive")
					}
					return nil
				},
			},
			{Config: text("two"), ConfigPlanChecks: acctest.Settled},
		},
	})
}

// Neither the state file, private state included, nor a plan file nor what is printed has a write-only value.
func TestConnector_writeOnlyIsStoredNowhere(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t, connectfake.WithMask("masked"))
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	secrets := map[string]string{"masked": acctest.UniqueName("s3cr3t")}
	for i := range 49 {
		secrets[fmt.Sprintf("key.%d", i)] = acctest.UniqueName("s3cr3t")
	}
	variable, err := json.Marshal(secrets)
	if err != nil {
		t.Fatal(err)
	}
	all := "config_wo = var.secrets\n}\nvariable \"secrets\" {\n  type = map(string)\n  sensitive = true\n  ephemeral = true"
	c := acctest.NewCLI(t, declared(w.URL(), "orders", config, all))
	c.Env = append(c.Env, "TF_VAR_secrets="+string(variable))
	var seen strings.Builder
	look := func(out string) {
		seen.WriteString(out)
		for _, file := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
			seen.WriteString(readState(t, filepath.Join(c.Dir, file)))
		}
		seen.WriteString(readPlan(t, filepath.Join(c.Dir, "saved.tfplan")))
	}
	log := filepath.Join(t.TempDir(), "trace.log")
	c.Env = append(c.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	plan := func() {
		look(c.Must("plan", "-out=saved.tfplan", "-no-color"))
		look(c.Must("show", "-json", "saved.tfplan"))
	}
	plan()
	look(c.Apply())
	for _, validate := range []string{"true", "false"} { // refused at plan, and by the worker itself
		c.Configure(declared(w.URL(), "orders", acctest.With(config, "tasks.max", "0"), "validate = "+validate, all))
		look(c.MustFail([]string{"Value must be at least 1"}, "apply", "-auto-approve", "-no-color"))
	}
	c.Configure(declared(w.URL(), "orders", config, all))
	w.Edit("orders", map[string]*string{"key.1": new(secrets["key.2"])})
	plan()
	look(c.Apply())
	w.Break("orders", "java.lang.IllegalStateException: "+secrets["key.3"])
	c.Configure(declared(w.URL(), "orders", acctest.With(config, "topic", "u"), all))
	out, ok := c.Run("apply", "-auto-approve", "-no-color")
	if ok || !strings.Contains(out, "IllegalStateException") {
		t.Fatalf("the apply did not fail with the trace: the test shows nothing:\n%s", out)
	}
	look(out)
	plan()
	w.Repair("orders")
	look(c.Apply())
	look(c.Must("destroy", "-auto-approve", "-no-color"))
	trace, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	seen.Write(trace)
	for _, shown := range []string{"config_wo_revision", `"masked":{"salt"`} {
		if !strings.Contains(seen.String(), shown) {
			t.Errorf("%s is nowhere: the test shows nothing", shown)
		}
	}
	for key, secret := range secrets {
		if strings.Contains(seen.String(), secret) {
			t.Errorf("the secret %s is in %s", key, acctest.Surroundings(seen.String(), secret))
		}
	}
}

// Terraform drops private state when the provider crashes in an update. What the worker holds beyond the state is then
// not shown, but compared with the configuration, until an update has succeeded.
func TestConnector_writeOnlyKeysForgotten(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	secret := acctest.UniqueName("s3cr3t")
	variable := "variable \"secret\" {\n  type = string\n  sensitive = true\n}\n"
	both := declared(w.URL(), "orders", config, `config_wo = { plain = var.secret, other = "2-${var.secret}" }`) + variable
	one := declared(w.URL(), "orders", config, `config_wo = { plain = var.secret }`) + variable
	none := declared(w.URL(), "orders", config)
	c := acctest.NewCLI(t, both)
	c.Env = append(c.Env, "TF_VAR_secret="+secret)
	forget := func() {
		file := filepath.Join(c.Dir, "terraform.tfstate")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		forgotten := regexp.MustCompile(`"private": "[^"]*"`).ReplaceAllString(string(text), `"private": null`)
		if forgotten == string(text) {
			t.Fatal("there is no private state: the test shows nothing")
		}
		if err := os.WriteFile(file, []byte(forgotten), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	hides := func(out string) {
		t.Helper()
		if all := out + readState(t, filepath.Join(c.Dir, "terraform.tfstate")); strings.Contains(all, secret) {
			t.Errorf("a secret is in %s", acctest.Surroundings(all, secret))
		}
	}
	becomes := func(pairs ...string) {
		t.Helper()
		hides(c.Apply())
		if err := fakeHolds(w, acctest.With(config, pairs...), "RUNNING")(nil); err != nil {
			t.Error(err)
		}
		c.MustBeEmpty()
	}
	becomes("plain", secret, "other", "2-"+secret)
	forget()
	c.MustBeEmpty()
	hides(c.Must("apply", "-refresh-only", "-auto-approve", "-no-color"))
	c.Configure(one)
	becomes("plain", secret)
	w.Edit("orders", map[string]*string{"drift": new("shown")})
	if out := c.Must("plan", "-no-color"); !strings.Contains(out, `"drift"`) {
		t.Errorf("what is not write-only is no drift after an update:\n%s", out)
	}
	forget()
	becomes("plain", secret)
	forget()
	c.Configure(none)
	becomes()
	forget()
	w.Edit("orders", map[string]*string{"drift": new(secret)})
	becomes()
}

// A value that is not shown for the name of its key is not shown later either, when the state has that key.
func TestConnector_undeclaredSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	c := acctest.NewCLI(t, declared(w.URL(), "orders", config))
	c.Apply()
	secret := acctest.UniqueName("s3cr3t")
	w.Edit("orders", map[string]*string{"api.token": new(secret)})
	for range 2 {
		out := c.Must("apply", "-refresh-only", "-auto-approve", "-no-color") + c.Must("plan", "-no-color")
		if all := out + readState(t, filepath.Join(c.Dir, "terraform.tfstate")); strings.Contains(all, secret) {
			t.Errorf("the secret is in %s", acctest.Surroundings(all, secret))
		}
		if !strings.Contains(out, `"api.token"`) {
			t.Errorf("the key is not drift:\n%s", out)
		}
	}
	c.Apply()
	c.MustBeEmpty()
}

// readState is the text of a state file, if there is one, with the private state of each instance decoded.
func readState(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	all := string(text)
	for _, m := range regexp.MustCompile(`"private": "([^"]*)"`).FindAllStringSubmatch(all, -1) {
		private, err := base64.StdEncoding.DecodeString(m[1])
		if err != nil {
			t.Fatal(err)
		}
		all += string(private)
		// The framework keeps each value of a provider in base64 once more.
		for _, value := range regexp.MustCompile(`"([A-Za-z0-9+/=]{4,})"`).FindAllStringSubmatch(string(private), -1) {
			if decoded, err := base64.StdEncoding.DecodeString(value[1]); err == nil {
				all += string(decoded)
			}
		}
	}
	return all
}

// readPlan is all that a plan file, which is a zip archive, has in it.
func readPlan(t *testing.T, file string) string {
	t.Helper()
	archive, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var all strings.Builder
	for _, entry := range archive.File {
		content, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, content); err != nil {
			t.Fatal(err)
		}
		content.Close()
	}
	return all.String()
}
