package connectclient_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// No method believes an answer about another connector, and none sends such a request again.
func TestAnswersAboutAnotherConnector(t *testing.T) {
	const asked, other = "orders", "Orders" // names are case-sensitive
	cached := `{"name": "Orders", "type": "source", "config": {"name": "Orders"}, "tasks": []}`
	changed := fileSource()
	changed["topic"] = "changed"
	for name, test := range map[string]struct {
		method, path string
		effect       connectfake.Effect
		do           func(context.Context, *connectclient.Client) (any, error)
	}{
		"connector": {"GET", "/connectors/orders", connectfake.Rewritten("/connectors/Orders"), func(ctx context.Context, c *connectclient.Client) (any, error) {
			got, err := c.Connector(ctx, asked)
			return got.Name, err
		}},
		"a task of the connector": {"GET", "/connectors/orders", connectfake.Answer(200, "application/json",
			`{"name": "orders", "config": {}, "tasks": [{"connector": "Orders", "task": 0}], "type": "source"}`),
			func(ctx context.Context, c *connectclient.Client) (any, error) {
				got, err := c.Connector(ctx, asked)
				return got.Name, err
			}},
		"status": {"GET", "/connectors/orders/status", connectfake.Rewritten("/connectors/Orders/status"), func(ctx context.Context, c *connectclient.Client) (any, error) {
			got, err := c.Status(ctx, asked)
			return string(got.Connector.State), err
		}},
		"status without a name": {"GET", "/connectors/orders/status", connectfake.Answer(200, "application/json", `{}`), func(ctx context.Context, c *connectclient.Client) (any, error) {
			got, err := c.Status(ctx, asked)
			return string(got.Connector.State), err
		}},
		"tasks": {"GET", "/connectors/orders/tasks", connectfake.Rewritten("/connectors/Orders/tasks"), func(ctx context.Context, c *connectclient.Client) (any, error) {
			got, err := c.TaskConfigs(ctx, asked)
			return strings.Repeat("task", len(got)), err
		}},
		"creation": {"POST", "/connectors", connectfake.Answer(201, "application/json", cached), func(ctx context.Context, c *connectclient.Client) (any, error) {
			got, _, err := c.CreateConnector(ctx, asked, fileSource(), connectclient.StateRunning)
			return got.Name, err
		}},
		"update": {"PUT", "/connectors/orders/config", connectfake.Answer(200, "application/json", cached), func(ctx context.Context, c *connectclient.Client) (any, error) {
			got, _, err := put(ctx, c, asked, changed)
			return got.Name, err
		}},
		"restart": {"POST", "/connectors/orders/restart", connectfake.Rewritten("/connectors/Orders/restart"), func(ctx context.Context, c *connectclient.Client) (any, error) {
			return "", c.RestartConnector(ctx, asked, connectclient.RestartOptions{IncludeTasks: true})
		}},
		"offsets": {"PATCH", "/connectors/orders/offsets", connectfake.Answer(200, "application/json", cached), func(ctx context.Context, c *connectclient.Client) (any, error) {
			_, err := c.AlterOffsets(ctx, asked, nil)
			return "", err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			worker, client := newFake(t)
			worker.Seed(asked, "RUNNING", fileSource())
			worker.Seed(other, "RUNNING", fileSource())
			worker.Inject(test.method, test.path, connectfake.Always, test.effect)
			got, err := test.do(t.Context(), client)
			if !errors.Is(err, connectclient.ErrOtherConnector) || got != "" {
				t.Fatalf("got %q, %v", got, err)
			}
			for _, want := range []string{worker.URL() + test.path, `"orders"`, "proxy"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not contain %q: %v", want, err)
				}
			}
			if write := test.method != http.MethodGet; errors.Is(err, connectclient.ErrIndeterminate) != write {
				t.Errorf("got %v, want an unknown outcome of writes only", err)
			}
			if n := worker.Count(test.method, test.path); n != 1 {
				t.Errorf("sent %d times", n)
			}
		})
	}
}

// A listing that mixes connectors up is not used: each connector is read with its own requests.
func TestListingMixesConnectorsUp(t *testing.T) {
	for name, listing := range map[string]string{
		"info":   `{"b": {"info": {"name": "c", "config": {"name": "c"}, "tasks": [], "type": "source"}}}`,
		"status": `{"b": {"info": null, "status": {"name": "c", "connector": {"state": "FAILED", "worker_id": "w"}, "tasks": [], "type": "source"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			worker, client := newFake(t)
			worker.Seed("a", "RUNNING", fileSource())
			worker.Seed("b", "RUNNING", fileSource())
			worker.Inject(http.MethodGet, "/connectors", connectfake.Always, connectfake.Answer(200, "application/json", listing))
			if _, err := client.Connectors(t.Context()); !errors.Is(err, connectclient.ErrOtherConnector) {
				t.Errorf("got %v", err)
			}
			for _, asked := range []string{"a", "b"} {
				got, status, err := client.ConnectorWithStatus(t.Context(), asked)
				if err != nil || got.Name != asked || status.Connector.State != connectclient.StateRunning {
					t.Errorf("got %+v, %+v, %v", got, status, err)
				}
			}
		})
	}
}

// A proxy that rewrites the path of an update cannot overwrite another connector: the configuration has the name.
func TestRewrittenUpdateIsRefused(t *testing.T) {
	worker, client := newFake(t)
	worker.Seed("a", "RUNNING", fileSource())
	worker.Seed("b", "RUNNING", fileSource())
	before, _, _ := worker.Connector("b")
	worker.Inject(http.MethodPut, "/connectors/a/config", connectfake.Always, connectfake.Rewritten("/connectors/b/config"))
	changed := fileSource()
	changed["topic"] = "changed"
	if _, _, err := put(t.Context(), client, "a", changed); !errors.Is(err, connectclient.ErrInvalid) {
		t.Errorf("got %v", err)
	}
	if after, _, _ := worker.Connector("b"); !maps.Equal(before, after) {
		t.Error("the other connector was changed")
	}
}

// Names with special characters come back as they were sent.
func TestAnswersNameTheConnector(t *testing.T) {
	worker, client := newFake(t)
	for _, name := range addressable {
		worker.Seed(name, "RUNNING", fileSource())
		got, status, err := client.ConnectorWithStatus(t.Context(), name)
		if err != nil || got.Name != name || status.Name != name {
			t.Errorf("%q: got %q, %q, %v", name, got.Name, status.Name, err)
		}
		if _, err := client.TaskConfigs(t.Context(), name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Debezium answers some keys that it defines with `"value": null`.
func TestValidationOfKeysWithoutValue(t *testing.T) {
	worker, client := newFake(t)
	worker.Inject(http.MethodPut, "", connectfake.Always, connectfake.Answer(http.StatusOK, "application/json",
		`{"name": "x", "error_count": 0, "groups": [], "configs": [{"definition": {"name": "log.mining.readonly.hostname", "type": "STRING"}, "value": null}]}`))
	got, err := client.Validate(t.Context(), connectfake.FileSource, fileSource())
	if err != nil || len(got.Keys) != 1 || got.Keys[0].Name != "log.mining.readonly.hostname" || got.Keys[0].Definition == nil {
		t.Errorf("got %+v, %v", got, err)
	}
}
