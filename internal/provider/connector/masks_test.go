package connector_test

import (
	"fmt"
	"net/http"
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

// vaultConfig is a configuration with secret keys by name (vault.password) and by type only (vault.pin).
func vaultConfig(pairs ...string) map[string]string {
	return acctest.With(map[string]string{"connector.class": connectfake.Vault, "vault.url": "https://vault", "tasks.max": "1"}, pairs...)
}

// maskText are masks that workers and distributions show.
var maskText = []string{"********", "••••••••", "[hidden]", "<hidden>", "(Redacted)"}

// Masks are no drift, whichever map declares the secret. Each update sends the secrets.
func TestConnector_masksAreNotDrift(t *testing.T) {
	t.Parallel()
	for _, mask := range maskText {
		t.Run(mask, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t, connectfake.WithMaskText(mask, "vault.password", "vault.pin", "odd"))
			config := vaultConfig("vault.pin", "1234567")
			text := func(tasks string) string {
				return declared(w.URL(), "orders", acctest.With(config, "tasks.max", tasks), `config_sensitive = { "vault.password" = "hunter2", odd = "hunter3" }`)
			}
			holds := func(tasks string) resource.TestCheckFunc {
				return fakeHolds(w, acctest.With(config, "tasks.max", tasks, "vault.password", "hunter2", "odd", "hunter3"), "RUNNING")
			}
			fakeTest(t, w,
				resource.TestStep{Config: text("1"), Check: holds("1")},
				resource.TestStep{Config: text("1"), ConfigPlanChecks: acctest.Settled},
				resource.TestStep{Config: text("2"), Check: holds("2")},
				resource.TestStep{Config: text("2"), ConfigPlanChecks: acctest.Settled},
			)
		})
	}
}

// A secret that changes is sent, although the worker shows the same mask for the old and the new one.
func TestConnector_maskedSecretChanges(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t, connectfake.WithMask("vault.password"))
	text := func(password, state string) string {
		return declared(w.URL(), "orders", vaultConfig(), fmt.Sprintf("config_sensitive = { \"vault.password\" = %q }", password), inState(state))
	}
	holds := func(password, state string) resource.TestCheckFunc {
		return fakeHolds(w, vaultConfig("vault.password", password), state)
	}
	fakeTest(t, w,
		resource.TestStep{Config: text("one", "RUNNING"), Check: holds("one", "RUNNING")},
		resource.TestStep{Config: text("two", "RUNNING"), Check: holds("two", "RUNNING")},
		resource.TestStep{ // a change of the state alone sends no configuration, which would restart the tasks
			PreConfig: w.Forget,
			Config:    text("two", "PAUSED"),
			Check: resource.ComposeTestCheckFunc(holds("two", "PAUSED"), func(*terraform.State) error {
				if n := w.Count(http.MethodPut, "/connectors/*/config"); n > 0 {
					return fmt.Errorf("the configuration was sent %d times", n)
				}
				return nil
			}),
		},
	)
}

// Only a secret can be masked: asterisks in another key are its value.
func TestConnector_asterisksAreDrift(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	config := map[string]string{"connector.class": connectfake.FileSink, "topics": "lines", "file": "f", "transforms.mask.replacement": "xxx"}
	text := declared(w.URL(), "orders", config, "validate = false")
	change := func(key, value string) resource.TestStep {
		return resource.TestStep{
			PreConfig:        func() { w.Edit("orders", map[string]*string{key: &value}) },
			Config:           text,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            fakeHolds(w, config, "RUNNING"),
		}
	}
	starred := acctest.With(config, "topics", "***", "transforms.mask.replacement", "<redacted>", "transforms.add.static.value", "[hidden]")
	fakeTest(t, w,
		resource.TestStep{Config: text},
		change("topics", "*"), change("topics", "***"), change("transforms.mask.replacement", "***"), change("file", "[hidden]"),
		resource.TestStep{Config: declared(w.URL(), "orders", starred, "validate = false"), Check: fakeHolds(w, starred, "RUNNING")},
		resource.TestStep{Config: declared(w.URL(), "orders", acctest.With(starred, "file", "g"), "validate = false"), Check: fakeHolds(w, acctest.With(starred, "file", "g"), "RUNNING")},
	)
}

// An update that would replace secrets by their masks is refused at plan, and in an apply that did not know.
func TestConnector_maskIsNeverSent(t *testing.T) {
	t.Parallel()
	for _, mask := range append(maskText, "mongodb://u:****@h") {
		t.Run(mask, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t, connectfake.WithMaskText(mask, "vault.password", "vault.token"))
			held := vaultConfig("vault.password", "hunter2", "vault.token", "mongodb://u:hunter3@h")
			w.Seed("orders", "RUNNING", held)
			ignored := `ignored_config_keys = ["vault.password", "vault.token"]`
			c := acctest.NewCLI(t, declared(w.URL(), "orders", vaultConfig(), ignored))
			c.Must("import", "-no-color", address, "orders")
			c.MustBeEmpty()
			unchanged := func() {
				t.Helper()
				if err := fakeHolds(w, held, "RUNNING")(nil); err != nil {
					t.Error(err)
				}
			}
			c.Configure(declared(w.URL(), "orders", vaultConfig("tasks.max", "2"), ignored))
			c.MustFail([]string{
				`Unable to update connector "orders"`, `The worker shows a mask in place of the value of "vault.token"`,
				`mask in place of the value of "vault.password"`, "config_wo", "config_sensitive",
			}, "plan", "-no-color")
			unchanged()
			// A state of its own needs no configuration.
			c.Configure(declared(w.URL(), "orders", vaultConfig(), ignored, inState("PAUSED")))
			c.Apply()
			c.Configure(declared(w.URL(), "orders", vaultConfig(), ignored))
			c.Apply()
			unchanged()
			// The value is known only in the apply.
			unknown := strings.Replace(declared(w.URL(), "orders", vaultConfig("tasks.max", "UNKNOWN"), ignored), `"UNKNOWN"`, "terraform_data.n.output", 1)
			c.Configure(unknown + "resource \"terraform_data\" \"n\" {\n  input = \"2\"\n}\n")
			c.MustFail([]string{`mask in place of the value of "vault.password"`}, "apply", "-auto-approve", "-no-color")
			unchanged()
			// A configuration that was copied from the worker has the mask as the secret.
			c.Configure(declared(w.URL(), "orders", vaultConfig("vault.password", mask, "tasks.max", "2"), `ignored_config_keys = ["vault.token"]`, "validate = false"))
			c.MustFail([]string{"The declared value is a mask. Declare the secret itself."}, "apply", "-auto-approve", "-no-color")
			unchanged()
			c.Configure(declared(w.URL(), "orders", vaultConfig("tasks.max", "2"), `config_sensitive = { "vault.password" = "new", "vault.token" = "x" }`))
			c.Apply()
			if err := fakeHolds(w, vaultConfig("tasks.max", "2", "vault.password", "new", "vault.token", "x"), "RUNNING")(nil); err != nil {
				t.Error(err)
			}
			c.MustBeEmpty()
		})
	}
}

// A connector with masked secrets is adopted, with a warning that names them. So is one whose creation was answered too late.
func TestConnector_maskedIsAdopted(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t, connectfake.WithMaskText("[hidden]", "vault.password", "vault.pin", "vault.link"))
	config := vaultConfig("vault.pin", "1234567", "vault.link", "mongodb://u:hunter3@h")
	w.Seed("orders", "RUNNING", acctest.With(config, "vault.password", "hunter2"))
	text := declared(w.URL(), "orders", config, `config_sensitive = { "vault.password" = "hunter2" }`)
	c := acctest.NewCLI(t, text)
	acctest.SaidBy(t, c.Apply(), "exists already and was adopted", "they were not compared: vault.link, vault.password, vault.pin", "terraform taint")
	c.MustBeEmpty()
	c.Must("taint", "-no-color", address)
	w.Forget()
	c.Apply()
	if n := w.Count(http.MethodPut, "/connectors/*/config"); n != 1 {
		t.Errorf("the declared values were sent %d times", n)
	}
	c.Must("destroy", "-auto-approve", "-no-color")
	w.Inject(http.MethodPost, "/connectors", 1, connectfake.Lost(connectfake.Reset()))
	if out := c.Apply(); strings.Contains(out, "adopted") {
		t.Errorf("the connector of this run counts as another's:\n%s", out)
	}
	c.MustBeEmpty()
	c.Configure(declared(w.URL(), "orders", acctest.With(config, "vault.url", "https://other"), `config_sensitive = { "vault.password" = "hunter2" }`))
	c.Must("state", "rm", address)
	c.MustFail([]string{"exists already, with another configuration"}, "apply", "-auto-approve", "-no-color")
}

// config_wo_revision changes when config_wo is sent, and stays as it is in other updates.
func TestConnector_writeOnlyRevisionIsKnown(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t, connectfake.WithMask("masked"))
	text := func(config map[string]string, lines ...string) string {
		return declared(w.URL(), "orders", config, append(lines, `config_wo = { "vault.password" = "one", masked = "two" }`)...)
	}
	at := tfjsonpath.New("config_wo_revision")
	keeps := func(config map[string]string, lines ...string) resource.TestStep {
		return resource.TestStep{
			Config: text(config, lines...),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(address, at, knownvalue.Int64Exact(1)),
			}},
			ConfigStateChecks: []statecheck.StateCheck{revision(1)},
		}
	}
	failed := keeps(vaultConfig(), inState("RUNNING"), "deletion_protection = false")
	failed.PreConfig = func() { w.FailTask("orders", 0, "X: gone") }
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{Config: text(vaultConfig()), ConfigStateChecks: []statecheck.StateCheck{revision(1)}},
			keeps(vaultConfig(), inState("PAUSED")),
			keeps(vaultConfig(), inState("RUNNING"), "deletion_protection = true"),
			failed,
			{ // the whole configuration is sent
				Config: text(vaultConfig("tasks.max", "2")),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectUnknownValue(address, at),
				}},
				ConfigStateChecks: []statecheck.StateCheck{revision(2)},
			},
			{ // a secret changes together with the state
				PreConfig: func() { w.Edit("orders", map[string]*string{"vault.password": new("stolen")}) },
				Config:    text(vaultConfig("tasks.max", "2"), inState("PAUSED")),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectUnknownValue(address, at),
				}},
				ConfigStateChecks: []statecheck.StateCheck{revision(3)},
			},
		},
	})
}

// An apply plans again. If no worker can be read then, the revision must stay known, or Terraform reports a bug.
func TestConnector_writeOnlyRevisionIsKnownInTheApply(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	text := func(state string) string {
		return declared(w.URL(), "orders", vaultConfig(), `config_wo = { "vault.password" = "one" }`, inState(state))
	}
	c := acctest.NewCLI(t, text("RUNNING"))
	c.Apply()
	c.Configure(text("PAUSED"))
	c.Must("plan", "-out=saved.tfplan", "-no-color")
	w.Inject(http.MethodGet, "/connectors/orders", 1, connectfake.Fails(http.StatusForbidden, "not now"))
	c.Must("apply", "-no-color", "saved.tfplan")
	if err := fakeHolds(w, vaultConfig("vault.password", "one"), "PAUSED")(nil); err != nil {
		t.Error(err)
	}
	c.MustBeEmpty()
}

// The plugin defines vault.pin as PASSWORD. A validation that fails hides its value, too.
func TestConnector_passwordInFailedValidation(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Inject(http.MethodPut, "/connector-plugins/*/config/validate", connectfake.Always, connectfake.Fails(500, "cannot log in with 1234567"))
	c := acctest.NewCLI(t, declared(w.URL(), "orders", vaultConfig("vault.pin", "1234567")))
	out := c.MustFail([]string{"cannot log in with (hidden)"}, "plan", "-no-color")
	if strings.Contains(out, "with 1234567") {
		t.Errorf("the value of a password is shown:\n%s", out)
	}
}
