package topic_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// source returns a configuration of the provider and of data.kafkaconnect_internal_topic.test.
func source(c *acctest.Kafka, role, name string, lines ...string) string {
	return c.ProviderConfig() + fmt.Sprintf("data \"kafkaconnect_internal_topic\" \"test\" {\n  role = %q\n  name = %q\n  %s\n}\n", role, name, strings.Join(lines, "\n  "))
}

func sourceShows(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.kafkaconnect_internal_topic.test", tfjsonpath.New(attribute), value)
}

func TestAccInternalTopicData(t *testing.T) {
	t.Parallel()
	c, name, poor := acctest.SharedKafka(t), acctest.UniqueName("data"), acctest.UniqueName("poor")
	compact := map[string]string{"cleanup.policy": "compact", "segment.bytes": "1048576"}
	c.Create(name, 3, compact)
	c.Create(poor, 3, map[string]string{"cleanup.policy": "delete"})
	t.Cleanup(func() { c.Delete(name); c.Delete(poor) })
	c.Fill(name, 20, 10)
	text := func(values ...string) knownvalue.Check {
		var checks []knownvalue.Check
		for _, value := range values {
			checks = append(checks, knownvalue.StringRegexp(regexp.MustCompile(regexp.QuoteMeta(value))))
		}
		return knownvalue.ListExact(checks)
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.ProviderFactories, Steps: []resource.TestStep{
		{
			Config: source(c, "offset", name),
			ConfigStateChecks: []statecheck.StateCheck{
				sourceShows("id", knownvalue.StringExact("offset/"+name)),
				sourceShows("partitions", knownvalue.Int64Exact(3)),
				sourceShows("replication_factor", knownvalue.Int64Exact(1)),
				sourceShows("replicas", knownvalue.ListSizeExact(3)),
				sourceShows("cleanup_policy", knownvalue.StringExact("compact")),
				sourceShows("settings", knownvalue.MapExact(map[string]knownvalue.Check{
					"cleanup.policy": knownvalue.StringExact("compact"), "segment.bytes": knownvalue.StringExact("1048576"),
				})),
				sourceShows("records", knownvalue.Int64Exact(20)),
				sourceShows("problems", knownvalue.ListSizeExact(0)),
			},
		},
		{Config: source(c, "offset", name), ConfigPlanChecks: acctest.Settled},
		{
			Config:            source(c, "config", poor),
			ConfigStateChecks: []statecheck.StateCheck{sourceShows("problems", text(`cleanup.policy is "delete"`, "The topic has 3 partitions"))},
		},
		{Config: source(c, "offset", "absent-"+name), ExpectError: acctest.Flat("The Kafka cluster has no topic of this name")},
		{Config: source(c, "offsets", name), ExpectError: regexp.MustCompile("Invalid Attribute Value Match")},
		{Config: source(c, "offset", name, `cluster = "emea"`), ExpectError: regexp.MustCompile(`Unknown cluster "emea"`)},
	}})
}

// What the brokers report about replicas after one of three brokers has stopped.
func TestAccInternalTopicData_brokerDown(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	s := stack.Start(t, stack.Options{Brokers: 3, Workers: stack.NoWorkers})
	c := acctest.NewKafka(t, s)
	text := c.ProviderConfig()
	for _, one := range []struct {
		name   string
		factor int
		least  string
	}{{"behind", 3, "1"}, {"strict", 3, "3"}, {"single", 1, "1"}} {
		text += fmt.Sprintf("resource \"kafkaconnect_internal_topic\" %[1]q {\n  role = \"status\"\n  name = %[1]q\n  replication_factor = %d\n  config = { \"min.insync.replicas\" = %q }\n}\n", one.name, one.factor, one.least)
	}
	acctest.NewCLI(t, text).Apply()
	cli := acctest.NewCLI(t, "")
	problems := func(name, want string) func() bool {
		cli.Configure(strings.Replace(source(c, "status", name), `"test"`, fmt.Sprintf("%q", name), 1) +
			fmt.Sprintf("output \"problems\" {\n  value = jsonencode(data.kafkaconnect_internal_topic.%s.problems)\n}\n", name))
		return func() bool {
			cli.Apply()
			out := cli.Must("output", "-raw", "problems")
			return want == "" && out == "[]" || want != "" && strings.Contains(out, want)
		}
	}
	for _, name := range []string{"behind", "strict", "single"} {
		acctest.Eventually(t, name+" has no problems", problems(name, ""))
	}
	if err := s.Brokers[2].Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	acctest.Eventually(t, "replicas are behind", problems("behind", "have fewer replicas in sync than replicas"))
	acctest.Eventually(t, "writes fail", problems("strict", "have fewer replicas in sync than min.insync.replicas asks for"))
	acctest.Eventually(t, "a partition has no leader", problems("single", "no leader: nobody can read or write"))
}

func TestAccInternalTopicData_example(t *testing.T) {
	t.Parallel()
	c, prefix := acctest.SharedKafka(t), acctest.UniqueName("example")
	text := acctest.Example(t, "examples/data-sources/kafkaconnect_internal_topic/data-source.tf")
	for suffix, policy := range map[string]string{"offsets": "compact", "configs": "delete", "status": "compact"} {
		c.Create(prefix+"-"+suffix, 1, map[string]string{"cleanup.policy": policy})
		t.Cleanup(func() { c.Delete(prefix + "-" + suffix) })
	}
	cli := acctest.NewCLI(t, c.ProviderConfig()+strings.ReplaceAll(text, `"connect-`, `"`+prefix+"-"))
	acctest.SaidBy(t, cli.Must("plan", "-no-color"), "Check block assertion failed", prefix+`-configs: cleanup.policy is "delete"`)
}
