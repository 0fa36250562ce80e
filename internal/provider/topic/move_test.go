package topic_test

import (
	"fmt"
	"testing"

	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	test "github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

func TestAccInternalTopic_movedFromKafkaTopic(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("moved")
	c.Create(name, 7, map[string]string{"segment.bytes": "1048576"})
	content := c.Fill(name, 30, 10)
	former := c.ProviderConfig() + fmt.Sprintf(`
provider "kafka" {}
resource "kafka_topic" "former" {
  name               = %q
  partitions         = 7
  replication_factor = 1
  config             = { "cleanup.policy" = "compact", "segment.bytes" = "1048576" }
}
`, name)
	moved := "provider \"kafka\" {}\nmoved {\n  from = kafka_topic.former\n  to   = " + acctest.TopicAddress + "\n}\n" +
		c.TopicConfig("offset", name, acctest.Unprotected, `config = { "segment.bytes" = "1048576" }`)
	factories := map[string]func() (tfprotov6.ProviderServer, error){
		"kafkaconnect": acctest.ProviderFactories["kafkaconnect"],
		"kafka":        formerTopic.Factory(),
	}
	id := c.id(name)
	test.Test(t, test.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []test.TestStep{
			{Config: former},
			{
				Config: moved,
				ConfigPlanChecks: test.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(acctest.TopicAddress, plancheck.ResourceActionUpdate),
				}},
				Check: test.ComposeTestCheckFunc(c.Has(name, 7, 1, map[string]string{"segment.bytes": "1048576"}), c.keeps(name, 7, content),
					func(*terraform.State) error {
						if c.id(name) != id {
							return fmt.Errorf("the topic was deleted and created again")
						}
						return nil
					}),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(acctest.TopicAddress, tfjsonpath.New("id"), knownvalue.StringExact("offset/"+name)),
				},
			},
			{Config: moved, ConfigPlanChecks: acctest.Settled},
		},
	})
}

func TestMoveKafkaTopic_sources(t *testing.T) {
	good := `{"name":"t","partitions":3,"replication_factor":1,"config":null,"id":"t"}`
	for name, from := range map[string]struct {
		address, sourceType, state string
		handled, fails             bool
	}{
		"Mongey's":         {"registry.terraform.io/mongey/kafka", "kafka_topic", good, true, false},
		"a mirror's":       {"terraform.example.com/mirror/kafka", "kafka_topic", good, true, false},
		"another provider": {"registry.terraform.io/confluentinc/confluent", "kafka_topic", good, false, false},
		"another type":     {"registry.terraform.io/mongey/kafka", "kafka_acl", good, false, false},
		"not a topic":      {"registry.terraform.io/mongey/kafka", "kafka_topic", `{"id":"t"}`, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := acctest.ProviderFactories["kafkaconnect"]
			p, err := server()
			if err != nil {
				t.Fatal(err)
			}
			resp, err := p.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
				SourceProviderAddress: from.address, SourceTypeName: from.sourceType, SourceSchemaVersion: 1,
				SourceState: &tfprotov6.RawState{JSON: []byte(from.state)}, TargetTypeName: "kafkaconnect_internal_topic",
			})
			if err != nil {
				t.Fatal(err)
			}
			failed := len(resp.Diagnostics) > 0
			if from.handled && failed != from.fails {
				t.Errorf("got %v", resp.Diagnostics)
			}
			if !from.handled && (!failed || resp.TargetState != nil && resp.TargetState.JSON != nil) {
				t.Errorf("it was moved, or there is no error")
			}
		})
	}
}

// formerTopic is a provider with the kafka_topic of Mongey/kafka.
var formerTopic = acctest.FormerProvider{Name: "kafka", Resource: "kafka_topic", ResourceSchema: resourceschema.Schema{
	Version: 1,
	Attributes: map[string]resourceschema.Attribute{
		"name":               resourceschema.StringAttribute{Required: true},
		"partitions":         resourceschema.Int64Attribute{Required: true},
		"replication_factor": resourceschema.Int64Attribute{Required: true},
		"config":             resourceschema.MapAttribute{Optional: true, ElementType: types.StringType},
	},
}}
