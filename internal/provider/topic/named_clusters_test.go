package topic_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// Two Connect clusters may use one Kafka cluster. A topic that changes its Connect cluster then is one and the same topic: the
// plan refuses to delete it, whatever the order of a replacement is.
func TestAccInternalTopic_otherNameOfTheSameBrokers(t *testing.T) {
	t.Parallel()
	c := sharedCluster(t)
	provider := fmt.Sprintf("provider \"kafkaconnect\" {\n  clusters = {\n    a = { kafka = { bootstrap_servers = [%[1]q] } }\n    b = { kafka = { bootstrap_servers = [%[1]q] } }\n  }\n}\n", c.Bootstrap)
	for order, lifecycle := range map[string]string{"delete first": "", "create first": "lifecycle { create_before_destroy = true }"} {
		t.Run(order, func(t *testing.T) {
			t.Parallel()
			name := acctest.UniqueName("same")
			topic := func(cluster string) string {
				return provider + fmt.Sprintf("resource \"kafkaconnect_internal_topic\" \"test\" {\n  cluster = %[1]q\n  role = \"status\"\n  name = %[2]q\n  group_id = %[2]q\n  deletion_protection = false\n  %[3]s\n}\n", cluster, name, lifecycle)
			}
			exists := func(*terraform.State) error { return c.Has(name, 5, 1, nil)(nil) }
			resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.ProviderFactories, Steps: []resource.TestStep{
				{Config: topic("a")},
				{Config: topic("b"), ExpectError: acctest.Flat("has the same brokers")},
				{Config: topic("a"), Check: exists},
			}})
		})
	}
}
