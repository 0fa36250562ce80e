package connector_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// fakeHolds checks that the fake worker has the connector orders with exactly this configuration and target state.
func fakeHolds(w *connectfake.Worker, config map[string]string, state string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		got, target, ok := w.Connector("orders")
		delete(got, "name")
		if !ok || target != state || !reflect.DeepEqual(got, config) {
			return fmt.Errorf("the worker has %v, asked to be %s, want %v, %s", got, target, config, state)
		}
		return nil
	}
}

// fakeTest runs the steps; at the end the fake worker must have no connector orders.
func fakeTest(t *testing.T, w *connectfake.Worker, steps ...resource.TestStep) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps:                    steps,
		CheckDestroy: func(*terraform.State) error {
			if _, _, ok := w.Connector("orders"); ok {
				return errors.New("the connector is still there")
			}
			return nil
		},
	})
}

// Create, update and delete succeed although the first request with each method fails.
func TestConnector_faultsAreRetried(t *testing.T) {
	for name, fault := range map[string]connectfake.Effect{
		"rebalancing":         connectfake.Rebalancing(),
		"starting":            connectfake.Starting(),
		"503":                 connectfake.Fails(http.StatusServiceUnavailable, "down"),
		"reset before":        connectfake.Reset(),
		"reset after":         connectfake.Lost(connectfake.Reset()),
		"cut short":           connectfake.Truncated(),
		"timed out and done":  connectfake.Lost(connectfake.Fails(http.StatusInternalServerError, "Request timed out")),
		"timed out, not done": connectfake.Fails(http.StatusInternalServerError, "Request timed out"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
			changed := acctest.With(config, "topic", "u")
			meet := func() {
				for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
					w.Inject(method, "", 1, fault)
				}
			}
			fakeTest(t, w,
				resource.TestStep{
					PreConfig: meet,
					Config:    declared(w.URL(), "orders", config),
					Check:     fakeHolds(w, config, "RUNNING"),
				},
				resource.TestStep{
					PreConfig:        meet,
					Config:           declared(w.URL(), "orders", changed, inState("PAUSED")),
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check: resource.ComposeTestCheckFunc(fakeHolds(w, changed, "PAUSED"), func(*terraform.State) error {
						meet() // for the destroy that follows
						return nil
					}),
				},
			)
		})
	}
}

func TestConnector_credentialErrorsAreFinal(t *testing.T) {
	t.Parallel()
	for status, test := range map[int]struct {
		advice   string
		requests int // to the worker as a whole
	}{
		http.StatusUnauthorized: {`(?s)401.*Check username and\s+password`, 1}, // at plan
		http.StatusForbidden:    {`(?s)403.*permission for this request`, 2},   // at plan; a proxy may permit /connectors only
	} {
		w := connectfake.New(t)
		w.Inject("", "", connectfake.Always, connectfake.Fails(status, "no"))
		config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t"}
		resource.UnitTest(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.ProviderFactories,
			Steps: []resource.TestStep{{
				Config:      declared(w.URL(), "orders", config),
				ExpectError: regexp.MustCompile(test.advice),
			}},
		})
		if n := w.Count("", ""); n != test.requests {
			t.Errorf("%d: the worker was sent %d requests, want %d", status, n, test.requests)
		}
	}
}

func TestConnector_importIgnoresSecretKeys(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	config := vaultConfig("gcp.credentials.file.path", "/etc/key.json", "db.password", "${file:/run/db:password}", "empty.password", "",
		"db.url", "jdbc:x://h?user=u&password=${file:/run/db:password}", "transforms.mask.replacement", "***", "token.refresh.ms", "7")
	secrets := map[string]string{
		"vault.password": "hunter2", "vault.pin": "1234567", "producer.override.sasl.jaas.config": "Module required password=\"hunter3\";",
		"mongodb.connection.string": "mongodb://u:hunter4@h", "connection.url": "jdbc:x://h?user=u&password=hunter5", "masked.url": "mongodb://u:****@h",
	}
	held := acctest.With(config, flatten(secrets)...)
	w.Seed("orders", "RUNNING", held)
	ignored := fmt.Sprintf(`ignored_config_keys = ["%s"]`, strings.Join(slices.Sorted(maps.Keys(secrets)), `", "`))
	fakeTest(t, w,
		resource.TestStep{
			Config:             declared(w.URL(), "orders", config, ignored),
			ResourceName:       address,
			ImportState:        true,
			ImportStateId:      "orders",
			ImportStatePersist: true,
		},
		resource.TestStep{
			Config:           declared(w.URL(), "orders", config, ignored),
			ConfigPlanChecks: acctest.Settled,
			Check:            fakeHolds(w, held, "RUNNING"),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, tfjsonpath.New("config"), knownvalue.MapExact(knownStrings(config))),
			},
		},
		resource.TestStep{ // a key that is declared is not ignored
			Config: declared(w.URL(), "orders", config, ignored, `config_sensitive = { "vault.password" = "new", "masked.url" = "y" }`),
			Check:  fakeHolds(w, acctest.With(held, "vault.password", "new", "masked.url", "y"), "RUNNING"),
		},
	)
}

func TestConnector_maskedValuesAreNotDrift(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t, connectfake.WithMask("vault.password"))
	config := map[string]string{"connector.class": connectfake.Vault, "vault.url": "https://vault", "tasks.max": "1"}
	text := declared(w.URL(), "orders", config, `config_sensitive = { "vault.password" = "hunter2" }`)
	fakeTest(t, w,
		resource.TestStep{Config: text},
		resource.TestStep{Config: text, ConfigPlanChecks: acctest.Settled},
	)
}

func TestConnector_urlUnknownInThePlan(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	text := fmt.Sprintf(`
resource "terraform_data" "worker" {
  input = %q
}
provider "kafkaconnect" {
  connect = { urls = [terraform_data.worker.output] }
}
resource "kafkaconnect_connector" "test" {
  name   = "orders"
  config = { "connector.class" = %q, "topic" = "t", "tasks.max" = "1" }
}
`, w.URL(), connectfake.FileSource)
	fakeTest(t, w,
		resource.TestStep{
			Config: text,
			Check: fakeHolds(w,
				map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "tasks.max": "1"}, "RUNNING"),
		},
		resource.TestStep{Config: text, ConfigPlanChecks: acctest.Settled},
	)
}

func TestConnector_stoppedOnOldWorker(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t, connectfake.WithVersion("2.8.2"))
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	fakeTest(t, w,
		resource.TestStep{
			Config:      declared(w.URL(), "orders", config, inState("STOPPED")),
			ExpectError: regexp.MustCompile(`(?s)3\.5.*2\.8\.2|2\.8\.2.*3\.5`),
		},
		resource.TestStep{
			Config: declared(w.URL(), "orders", config, inState("PAUSED")),
			Check:  fakeHolds(w, config, "PAUSED"),
		},
	)
}

func TestConnector_configErrorsWithoutRequests(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	ok := map[string]string{"connector.class": connectfake.FileSource, "topic": "t"}
	for text, want := range map[string]string{
		declared(w.URL(), "orders", map[string]string{"topic": "t"}):                `Missing connector class`,
		declared(w.URL(), "orders", acctest.With(ok, "name", "other")):              `Connector name given twice`,
		declared(w.URL(), "orders", ok, `config_sensitive = { "topic" = "t" }`):     `Configuration key given twice`,
		declared(w.URL(), "orders", ok, `config_sensitive = { "name" = "orders" }`): `Connector name given twice`,
		declared(w.URL(), "orders", ok, `config_sensitive = { "p" = null }`):        `Null value in a connector's configuration`,
		declared(w.URL(), "orders", ok, `state = "FAILED"`):                         `(?s)state.*RUNNING.*PAUSED.*STOPPED`,
		declared(w.URL(), "orders", ok, `on_failure = "panic"`):                     `on_failure`,
		declared(w.URL(), "orders", ok, `timeouts = { create = "soon" }`):           `soon`,
		declared("gopher://"+w.URL(), "orders", ok):                                 `connect.urls`,
	} {
		resource.UnitTest(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.ProviderFactories,
			Steps:                    []resource.TestStep{{Config: text, PlanOnly: true, ExpectError: regexp.MustCompile(want)}},
		})
	}
	if n := w.Count("", ""); n > 0 {
		t.Errorf("the worker was sent %d requests, want none", n)
	}
}

func knownStrings(values map[string]string) map[string]knownvalue.Check {
	checks := map[string]knownvalue.Check{}
	for key, value := range values {
		checks[key] = knownvalue.StringExact(value)
	}
	return checks
}

// A failure that is not restarted does not prevent a change of the state.
func TestConnector_stateOfFailedConnector(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	fakeTest(t, w,
		resource.TestStep{Config: declared(w.URL(), "orders", config, `on_failure = "warn"`)},
		resource.TestStep{
			PreConfig: func() { w.FailTask("orders", 0, "X: no such file") },
			Config:    declared(w.URL(), "orders", config, `on_failure = "warn"`, inState("STOPPED")),
			Check:     fakeHolds(w, config, "STOPPED"),
		},
		resource.TestStep{Config: declared(w.URL(), "orders", config, `on_failure = "warn"`, inState("STOPPED")), ConfigPlanChecks: acctest.Settled},
	)
}

// A connector whose resource gets another address without a moved block is deleted by one resource and created by another
// concurrently. It exists in the end, in any order.
func TestConnector_deletedAndCreatedConcurrently(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	text := declared(w.URL(), "orders", config)
	fakeTest(t, w,
		resource.TestStep{Config: text},
		resource.TestStep{
			PreConfig: func() { w.Inject(http.MethodDelete, "", 2, connectfake.Rebalancing()) },
			Config:    strings.Replace(text, `"test"`, `"renamed"`, 1),
			Check:     fakeHolds(w, config, "RUNNING"),
		},
	)
}

// The values of ignored keys are kept: the validation of a change includes them, and no error shows them.
func TestConnector_ignoredKeysInUpdate(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	secret := acctest.UniqueName("s3cr3t")
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": secret, "file": "f", "tasks.max": "1"}
	c := acctest.NewCLI(t, declared(w.URL(), "orders", config))
	c.Apply()
	declaredOf := func(file string) string {
		return declared(w.URL(), "orders", map[string]string{"connector.class": connectfake.FileSource, "file": file, "tasks.max": "1"},
			`ignored_config_keys = ["topic"]`)
	}
	c.Configure(declaredOf("g")) // without the topic the configuration is invalid
	c.Apply()
	if err := fakeHolds(w, acctest.With(config, "file", "g"), "RUNNING")(nil); err != nil {
		t.Error(err)
	}
	w.Break("orders", "X: cannot write to "+secret+"\n")
	c.Configure(declaredOf("h"))
	out := c.MustFail([]string{"X: cannot write to"}, "apply", "-auto-approve", "-no-color")
	if strings.Contains(out, secret) {
		t.Errorf("the value of an ignored key was shown:\n%s", out)
	}
}

// An update that changes nothing on the worker reads the connector and its status once.
func TestConnector_updateWithoutWrites(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	config := map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "file": "f", "tasks.max": "1"}
	c := acctest.NewCLI(t, declared(w.URL(), "orders", config))
	c.Apply()
	c.Configure(declared(w.URL(), "orders", config, `timeouts = { update = "5m" }`))
	c.Must("plan", "-out=saved.tfplan", "-no-color")
	w.Forget()
	c.Must("apply", "-no-color", "saved.tfplan")
	want := []connectfake.Request{{Method: http.MethodGet, Path: "/connectors/orders"}, {Method: http.MethodGet, Path: "/connectors/orders/status"}}
	if got := w.Requests(); !reflect.DeepEqual(got, want) {
		t.Errorf("the worker received %v, want %v", got, want)
	}
}
