package connectclient_test

import (
	"net/http"
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
