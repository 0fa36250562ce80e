package connector_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

var updatePolicies = flag.Bool("policies.update", false, "record the plan that `make check-samples` tests the policies with")

// The plan that the policies are tested with is what this provider plans, in the parts that the policies read.
func TestPolicies_plan(t *testing.T) {
	t.Parallel()
	folder := filepath.Join("..", "..", "..", "examples", "policies", "testdata")
	config, err := os.ReadFile(filepath.Join(folder, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	c := acctest.NewCLI(t, string(config))
	c.RequireTerraform("1.11")
	c.Env = append(c.Env, "KAFKA_CONNECT_URL="+connectfake.New(t).URL())
	c.Must("plan", "-out=plan")
	text := []byte(c.Must("show", "-json", "plan"))
	recorded := filepath.Join(folder, "plan.json")
	if *updatePolicies {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, text, "", "  "); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(recorded, pretty.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := changes(t, text), changes(t, want); !reflect.DeepEqual(got, want) {
		t.Errorf("The plan differs from %s: run this test with -policies.update, then `make check-samples`.\nplanned  %v\nrecorded %v", recorded, got, want)
	}
}

// changes returns what the policies read of a plan, by address.
func changes(t *testing.T, plan []byte) map[string]any {
	t.Helper()
	var content struct {
		Changes []struct {
			Address, Type string
			Change        struct {
				Actions []string
				After   struct {
					Name   string
					Config map[string]string
				}
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal(plan, &content); err != nil {
		t.Fatal(err)
	}
	changes := map[string]any{}
	for _, c := range content.Changes {
		changes[c.Address] = c
	}
	return changes
}
