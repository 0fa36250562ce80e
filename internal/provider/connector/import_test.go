package connector_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
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

func TestAccConnector_importByIdentity(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("identity"), source(t)
	t.Cleanup(func() { w.Delete(name) })
	text := declared(w.URL, name, config)
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{
				Config: text,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentityValue(address, tfjsonpath.New("name"), knownvalue.StringExact(name)),
				},
			},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

// Configuration that Terraform generates from an import applies without changes and without writes.
func TestAccConnector_generatedConfiguration(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("generated"), source(t)
	t.Cleanup(func() { w.Delete(name) })
	w.Do(http.MethodPost, "/connectors", map[string]any{"name": name, "config": config})
	w.isRunningEventually(name, config)
	c := acctest.NewCLI(t, fmt.Sprintf("provider \"kafkaconnect\" {\n  connect = { urls = [%q] }\n}\nimport {\n  to = %s\n  id = %q\n}\n", w.URL, address, name))
	if out := c.Must("plan", "-generate-config-out=generated.tf", "-no-color"); !strings.Contains(out, "1 to import, 0 to add, 0 to change, 0 to destroy") {
		generated, _ := os.ReadFile(filepath.Join(c.Dir, "generated.tf"))
		t.Errorf("the import is not without a change:\n%s\n%s", out, generated)
	}
	c.Apply()
	c.MustBeEmpty()
	if writes := w.Writes(); len(writes) > 0 {
		t.Errorf("the worker was sent %v", writes)
	}
}

// isRunningEventually waits for a connector that was created without the code under test.
func (w *worker) isRunningEventually(name string, config map[string]string) {
	w.T.Helper()
	acctest.Eventually(w.T, name+" runs", func() bool {
		status, _ := w.Ask(http.MethodGet, acctest.ConnectorPath(name, "status"), nil)
		return status == http.StatusOK && w.holds(name, config, "RUNNING")(nil) == nil
	})
}

// formerConnector is the provider Mongey/kafka-connect with a version of its schema.
func formerConnector(version int64) acctest.FormerProvider {
	return acctest.FormerProvider{Name: "kafka-connect", Resource: "kafka-connect_connector", ResourceSchema: schema.Schema{
		Version: version,
		Attributes: map[string]schema.Attribute{
			"name":             schema.StringAttribute{Required: true},
			"config":           schema.MapAttribute{Optional: true, ElementType: types.StringType},
			"config_sensitive": schema.MapAttribute{Optional: true, Sensitive: true, ElementType: types.StringType},
		},
	}}
}

// The state of Mongey/kafka-connect moves without writes, with and without the key name in config.
func TestAccConnector_movedFromKafkaConnect(t *testing.T) {
	t.Parallel()
	for version, extra := range [][]string{nil, {"name"}} {
		w, name, config := sharedWorker(t), acctest.UniqueName("moved"), source(t)
		t.Cleanup(func() { w.Delete(name) })
		held := acctest.With(config, "batch.size", "7")
		w.Do(http.MethodPost, "/connectors", map[string]any{"name": name, "config": held})
		w.isRunningEventually(name, held)
		for _, key := range extra {
			config = acctest.With(config, key, name)
		}
		secret := `config_sensitive = { "batch.size" = "7" }`
		now := declared(w.URL, name, config, secret)
		block := now[strings.Index(now, "resource"):]
		former := strings.Replace(block, `resource "kafkaconnect_connector" "test"`, `resource "kafka-connect_connector" "former"`, 1)
		moved := now + "moved {\n  from = kafka-connect_connector.former\n  to   = " + address + "\n}\n"
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
				"kafkaconnect":  acctest.ProviderFactories["kafkaconnect"],
				"kafka-connect": formerConnector(int64(version)).Factory(),
			},
			Steps: []resource.TestStep{
				{Config: former},
				{
					Config:           moved,
					ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
					Check: func(*terraform.State) error {
						if writes := w.Writes(); len(writes) > 0 {
							return fmt.Errorf("the worker was sent %v", writes)
						}
						return w.holds(name, held, "RUNNING")(nil)
					},
				},
			},
		})
	}
}

// opened is a plan check that opens a door between the plan and the apply.
type opened struct{ *door }

func (o opened) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	o.open()
}

// A connector is moved while no worker answers. Nothing has read it when the apply converges it.
func TestConnector_movedWhileUnreachable(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	d := newDoor(t, w)
	held := acctest.With(fakeConfig, "batch.size", "7")
	w.Seed("orders", "RUNNING", held)
	now := declared(d.url(), "orders", fakeConfig, `config_sensitive = { "batch.size" = "7" }`)
	former := strings.Replace(now[strings.Index(now, "resource"):], `resource "kafkaconnect_connector" "test"`, `resource "kafka-connect_connector" "former"`, 1)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"kafkaconnect":  acctest.ProviderFactories["kafkaconnect"],
			"kafka-connect": formerConnector(0).Factory(),
		},
		Steps: []resource.TestStep{
			{Config: former},
			{
				PreConfig: d.shut,
				Config:    now + "moved {\n  from = kafka-connect_connector.former\n  to   = " + address + "\n}\n",
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), opened{d},
				}},
				Check: fakeHolds(w, held, "RUNNING"),
			},
			{Config: now, ConfigPlanChecks: acctest.Settled},
		},
	})
}

func TestMoveState(t *testing.T) {
	t.Parallel()
	good := `{"id":"c","name":"c","config":{"a":"1"},"config_sensitive":null,"timeouts":null}`
	for name, from := range map[string]struct {
		address, sourceType, state string
		moved                      bool
	}{
		"Mongey's":           {"registry.terraform.io/mongey/kafka-connect", "kafka-connect_connector", good, true},
		"a mirror's":         {"terraform.example.com/mirror/kafka-connect", "kafka-connect_connector", good, true},
		"another provider":   {"registry.terraform.io/mongey/kafka", "kafka-connect_connector", good, false},
		"another type":       {"registry.terraform.io/mongey/kafka-connect", "kafka-connect_task", good, false},
		"a damaged state":    {"registry.terraform.io/mongey/kafka-connect", "kafka-connect_connector", `{"name":7}`, false},
		"a state of nothing": {"registry.terraform.io/mongey/kafka-connect", "kafka-connect_connector", `{}`, false},
	} {
		server, err := acctest.ProviderFactories["kafkaconnect"]()
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
			SourceProviderAddress: from.address, SourceTypeName: from.sourceType, SourceSchemaVersion: 1,
			SourceState: &tfprotov6.RawState{JSON: []byte(from.state)}, TargetTypeName: "kafkaconnect_connector",
		})
		if err != nil {
			t.Fatal(err)
		}
		if moved := len(resp.Diagnostics) == 0; moved != from.moved {
			t.Errorf("%s: got %v", name, resp.Diagnostics)
		}
	}
}
