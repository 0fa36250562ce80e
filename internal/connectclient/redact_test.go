package connectclient_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func TestWithSecretsAdds(t *testing.T) {
	worker, client := newFake(t)
	worker.Inject(http.MethodPost, "/connectors", 1, connectfake.Fails(400, "One and Two are wrong: a.One.Two"))
	ctx := connectclient.WithSecrets(connectclient.WithSecrets(t.Context(), "One"), "Two")
	_, _, err := client.CreateConnector(ctx, "a", fileSource(), connectclient.StateRunning)
	if err == nil || !strings.Contains(err.Error(), "(hidden) and (hidden) are wrong: a.One.Two") {
		t.Errorf("got %v", err)
	}
	if n := worker.Count("", ""); n != 1 {
		t.Errorf("sent %d requests", n)
	}
}

// Stack traces do not show the secrets in the configuration of their connector, which only the worker knows. What is not
// secret in it stays readable.
func TestTracesShowNoSecretsOfTheConfiguration(t *testing.T) {
	worker, client := newFake(t)
	config := fileSource()
	config["db.user"], config["db.password"], config["topic"] = "orders", "orders", "orders"
	config["url"] = "mongodb://u:s3cr3t-Ab1@h"
	worker.Break("a", "X: user=orders, topic orders-1, password=orders: s3cr3t-Ab1")
	worker.Seed("a", "RUNNING", config)
	const want = "X: user=orders, topic orders-1, password=(hidden): (hidden)"
	_, one, err := client.ConnectorWithStatus(t.Context(), "a")
	if err != nil || len(one.Tasks) == 0 || one.Tasks[0].Trace != want {
		t.Errorf("got %+v, %v", one, err)
	}
	all, err := client.Connectors(t.Context())
	if err != nil || len(all["a"].Status.Tasks) == 0 || all["a"].Status.Tasks[0].Trace != want {
		t.Errorf("got %+v, %v", all, err)
	}
}

// A connector whose secrets the worker masks is adopted, and found after a lost answer. Other values that look like masks
// are compared.
func TestMaskedValuesAreAdopted(t *testing.T) {
	for _, mask := range []string{"****", "••••••", "[hidden]", "<redacted>"} {
		worker := connectfake.New(t, connectfake.WithMaskText(mask, "db.password", "odd.key"))
		client := newClient(t, nil, worker.URL())
		config := fileSource()
		config["db.password"], config["odd.key"], config["replacement"] = "s3cr3t-1", "s3cr3t-2", "***"
		ctx := connectclient.WithSecrets(t.Context(), "s3cr3t-2")
		worker.Inject(http.MethodPost, "/connectors", 1, connectfake.Lost(connectfake.Reset()))
		if _, outcome, err := client.CreateConnector(ctx, "a", config, connectclient.StateRunning); err != nil || outcome != connectclient.Created {
			t.Errorf("%s: got %d, %v", mask, outcome, err)
		}
		if _, outcome, err := client.CreateConnector(ctx, "a", config, connectclient.StateRunning); err != nil || outcome != connectclient.Adopted {
			t.Errorf("%s: got %d, %v", mask, outcome, err)
		}
		config["replacement"] = "x"
		if _, _, err := client.CreateConnector(ctx, "a", config, connectclient.StateRunning); err == nil {
			t.Errorf("%s: a connector with another configuration was adopted", mask)
		}
	}
}

// Workers before 4.4 validate the values of config providers, and repeat them.
func TestValidationShowsNoResolvedValue(t *testing.T) {
	_, client := newFake(t)
	file := filepath.Join(t.TempDir(), "secrets.properties")
	if err := os.WriteFile(file, []byte("tasks=s3cr3t-tasks\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := fileSource()
	config["tasks.max"] = "${file:" + file + ":tasks}"
	got, err := client.Validate(t.Context(), connectfake.FileSource, config)
	if err != nil {
		t.Fatal(err)
	}
	const want = "Invalid value (hidden) for configuration tasks.max: Not a number of type INT"
	for _, key := range got.Keys {
		if key.Name == "tasks.max" && (len(key.Errors) != 1 || key.Errors[0] != want) {
			t.Errorf("got %q", key.Errors)
		}
	}
}

// What the plugin defines as PASSWORD is hidden, and the worker is asked for it only when there is something to hide.
func TestPasswordsOfThePluginAreHidden(t *testing.T) {
	worker, client := newFake(t)
	config := map[string]string{"connector.class": connectfake.Vault, "vault.url": "https://vault", "vault.pin": "four-one", "vault.user": "orders"}
	ctx := connectclient.WithConfig(t.Context(), config, client.IsPassword(t.Context(), connectfake.Vault))
	worker.Inject(http.MethodPost, "/connectors", 2, connectfake.Fails(400, "vault orders: four-one is wrong"))
	for range 2 {
		_, _, err := client.CreateConnector(ctx, "a", config, connectclient.StateRunning)
		if err == nil || !strings.Contains(err.Error(), "vault orders: (hidden) is wrong") {
			t.Errorf("got %v", err)
		}
	}
	if _, _, err := client.CreateConnector(ctx, "a", config, connectclient.StateRunning); err != nil {
		t.Error(err)
	}
	if n := worker.Count(http.MethodGet, "/connector-plugins/*/config"); n != 1 {
		t.Errorf("the worker was asked %d times", n)
	}
}
