package topic_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

func TestAccInternalTopic_defaultsOfEachRole(t *testing.T) {
	t.Parallel()
	for role, partitions := range map[string]int{"offset": 25, "config": 1, "status": 5} {
		t.Run(role, func(t *testing.T) {
			c, name := sharedCluster(t), acctest.UniqueName("life")
			first := c.TopicConfig(role, name, acctest.Unprotected)
			changed := c.TopicConfig(role, name, acctest.Unprotected, `config = { "segment.bytes" = "1048576" }`)
			segment := map[string]string{"segment.bytes": "1048576"}
			c.TopicAcceptance([]string{name},
				resource.TestStep{
					Config: first,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(acctest.TopicAddress, plancheck.ResourceActionCreate),
						plancheck.ExpectKnownValue(acctest.TopicAddress, tfjsonpath.New("partitions"), knownvalue.Int64Exact(int64(partitions))),
						plancheck.ExpectKnownValue(acctest.TopicAddress, tfjsonpath.New("id"), knownvalue.StringExact(role+"/"+name)),
					}},
					Check: c.Has(name, partitions, 1, nil),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(acctest.TopicAddress, tfjsonpath.New("replication_factor"), knownvalue.Int64Exact(1)),
						statecheck.ExpectKnownValue(acctest.TopicAddress, tfjsonpath.New("cleanup_policy"), knownvalue.StringExact("compact")),
					},
				},
				resource.TestStep{Config: first, ConfigPlanChecks: acctest.Settled},
				resource.TestStep{
					ResourceName: acctest.TopicAddress, ImportState: true, ImportStateId: role + "/" + name, ImportStateVerify: true,
					ImportStateVerifyIgnore: []string{"group_id", "deletion_protection", "skip_checks"},
				},
				resource.TestStep{
					Config:           changed,
					ConfigPlanChecks: acctest.TopicPlanned(plancheck.ResourceActionUpdate),
					Check:            c.Has(name, partitions, 1, segment),
				},
				resource.TestStep{
					PreConfig:        func() { c.Delete(name) },
					Config:           changed,
					ConfigPlanChecks: acctest.TopicPlanned(plancheck.ResourceActionCreate),
					Check:            c.Has(name, partitions, 1, segment),
				},
			)
		})
	}
}

func TestAccInternalTopic_everyAttribute(t *testing.T) {
	t.Parallel()
	for role, partitions := range map[string]int{"offset": 50, "config": 1, "status": 3} {
		t.Run(role, func(t *testing.T) {
			c, name, source := sharedCluster(t), acctest.UniqueName("every"), acctest.UniqueName("source")
			c.Create(source, 1, nil)
			config := c.TopicConfig(role, name, acctest.Unprotected, fmt.Sprintf(`
  partitions         = %d
  replication_factor = 1
  seed_from          = %q
  config = {
    "min.insync.replicas" = "1"
    "retention.ms"        = "86400000"
  }
  timeouts = {
    create = "2m"
    read   = "1m"
    update = "2m"
    delete = "1m"
  }`, partitions, source))
			c.TopicAcceptance([]string{name},
				resource.TestStep{
					Config: config,
					Check:  c.Has(name, partitions, 1, map[string]string{"min.insync.replicas": "1", "retention.ms": "86400000"}),
				},
				resource.TestStep{Config: config, ConfigPlanChecks: acctest.Settled},
				resource.TestStep{
					ResourceName: acctest.TopicAddress, ImportState: true, ImportStateId: role + "/" + name, ImportStateVerify: true,
					ImportStateVerifyIgnore: []string{"group_id", "deletion_protection", "skip_checks", "seed_from", "timeouts"},
				},
			)
		})
	}
}

func TestAccInternalTopic_importByIdentity(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("identity")
	config := c.TopicConfig("status", name, acctest.Unprotected)
	c.T.Cleanup(func() { c.Delete(name) })
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{
			{
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentity(acctest.TopicAddress, map[string]knownvalue.Check{
						"role": knownvalue.StringExact("status"), "name": knownvalue.StringExact(name), "cluster": knownvalue.Null(),
					}),
				},
			},
			{ResourceName: acctest.TopicAddress, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity, ExpectNonEmptyPlan: true},
			{PreConfig: func() { c.Delete(name) }, Config: config, ConfigPlanChecks: acctest.TopicPlanned(plancheck.ResourceActionCreate)},
		},
	})
}

func TestAccInternalTopic_importErrors(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("nothing")
	for id, want := range map[string]string{
		"offset/" + name:         `(?s)Unable to import internal topic.*not\s+found`,
		name:                     "Invalid import id",
		"offsets/" + name:        "Invalid import id",
		"offset/":                "Invalid import id",
		"offset/" + name + ".no": `(?s)Unable to import internal topic.*not\s+found`,
	} {
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.ProviderFactories,
			Steps: []resource.TestStep{{
				Config: c.TopicConfig("offset", name), ResourceName: acctest.TopicAddress, ImportState: true, ImportStateId: id, ExpectError: regexp.MustCompile(want),
			}},
		})
	}
}

// An import reads the settings of the topic. If the configuration declares the same settings, the plan is empty.
func TestAccInternalTopic_importThenEmptyPlan(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("import")
	c.Create(name, 7, map[string]string{"segment.bytes": "1048576"})
	cli := acctest.NewCLI(t, c.TopicConfig("offset", name, "partitions = 7", `config = { "segment.bytes" = "1048576" }`))
	cli.Must("import", "-no-color", acctest.TopicAddress, "offset/"+name)
	// group_id and deletion_protection exist only in Terraform. Their update sends nothing.
	cli.Configure(c.TopicConfig("offset", name, "partitions = 7", `config = { "segment.bytes" = "1048576" }`, "group_id = null"))
	cli.MustBeEmpty()
}

// A topic whose number of partitions is not declared keeps its number. The default of the role applies only to new topics.
func TestAccInternalTopic_undeclaredPartitions(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("undeclared")
	c.Create(name, 7, nil)
	cli := acctest.NewCLI(t, c.TopicConfig("offset", name, acctest.Unprotected))
	cli.Must("import", "-no-color", acctest.TopicAddress, "offset/"+name)
	if out := cli.Apply(); strings.Contains(out, "partitions") {
		t.Errorf("the apply changes the partitions:\n%s", out)
	}
	c.Grow(name, 9)
	cli.MustBeEmpty()
	cli.Configure(c.TopicConfig("offset", name, acctest.Unprotected, `config = { "segment.bytes" = "1048576" }`))
	cli.Apply()
	id := c.id(name)
	cli.Must("taint", "-no-color", acctest.TopicAddress)
	cli.Apply()
	c.Must(c.Has(name, 9, 1, map[string]string{"segment.bytes": "1048576"}))
	if c.id(name) != id {
		t.Error("the topic was deleted and created again")
	}
	cli.Must("apply", "-auto-approve", "-no-color", "-replace="+acctest.TopicAddress)
	c.Must(c.Has(name, 25, 1, map[string]string{"segment.bytes": "1048576"}))
	cli.Must("destroy", "-auto-approve", "-no-color")

	// The config topic must have one partition.
	c.Create(name, 3, nil)
	config := acctest.NewCLI(t, c.TopicConfig("config", name, acctest.Unprotected))
	config.Must("import", "-no-color", acctest.TopicAddress, "config/"+name)
	acctest.SaidBy(t, config.Must("plan", "-no-color"), "partitions = 3 -> 1")
}

func TestAccInternalTopic_importGeneratesConfig(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("generated")
	c.Create(name, 7, map[string]string{"segment.bytes": "1048576"})
	cli := acctest.NewCLI(t, c.ProviderConfig()+fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", acctest.TopicAddress, "offset/"+name))
	acctest.SaidBy(t, cli.Must("plan", "-no-color", "-generate-config-out=generated.tf"), "1 to import, 0 to add, 0 to change, 0 to destroy")
	cli.Apply()
	cli.MustBeEmpty()
	c.Must(c.Has(name, 7, 1, map[string]string{"segment.bytes": "1048576"}))
}

func TestAccInternalTopic_drift(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("drift")
	config := c.TopicConfig("status", name, acctest.Unprotected, "partitions = 5", `config = { "segment.bytes" = "1048576" }`)
	corrected := c.Has(name, 5, 1, map[string]string{"segment.bytes": "1048576"})
	steps := []resource.TestStep{{Config: config, Check: corrected}}
	for _, change := range []func(){
		func() { c.Grow(name, 8) },
		func() { c.Set(name, "segment.bytes", "2097152") },
		func() { c.Set(name, "segment.bytes", "") },
		func() { c.Set(name, "cleanup.policy", "delete") },
		func() { c.Set(name, "cleanup.policy", "compact,delete") },
	} {
		steps = append(steps, resource.TestStep{
			PreConfig: change, Config: config, ConfigPlanChecks: acctest.TopicPlanned(plancheck.ResourceActionUpdate), Check: corrected,
		})
	}
	c.TopicAcceptance([]string{name}, steps...)
}

func TestAccInternalTopic_onlyNamedSettingsAreManaged(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("settings")
	two := c.TopicConfig("config", name, acctest.Unprotected, `config = { "segment.bytes" = "1048576", "min.insync.replicas" = "1" }`)
	one := c.TopicConfig("config", name, acctest.Unprotected, `config = { "min.insync.replicas" = "1" }`)
	none := c.TopicConfig("config", name, acctest.Unprotected)
	c.TopicAcceptance([]string{name},
		resource.TestStep{Config: two},
		resource.TestStep{
			PreConfig:        func() { c.Set(name, "segment.ms", "3600000") },
			Config:           two,
			ConfigPlanChecks: acctest.Settled,
		},
		resource.TestStep{
			Config: one,
			Check:  c.Has(name, 1, 1, map[string]string{"min.insync.replicas": "1", "segment.ms": "3600000"}),
		},
		resource.TestStep{Config: none, Check: c.Has(name, 1, 1, map[string]string{"segment.ms": "3600000"})},
		resource.TestStep{Config: none, ConfigPlanChecks: acctest.Settled},
	)
}

// A worker that starts before the apply creates the topics itself.
func TestAccInternalTopic_existsAlready(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("exists")
	c.Create(name, 25, nil)
	cli := acctest.NewCLI(t, c.TopicConfig("offset", name))
	wants := []string{"exists already", "terraform import 'ADDRESS OF THE RESOURCE' 'offset/" + name + "'"}
	acctest.SaidBy(t, cli.Must("plan", "-no-color"), append(wants, "The apply will fail to create the topic")...)
	cli.MustFail(append(wants, "Unable to create internal topic", "Nothing was changed"), "apply", "-auto-approve", "-no-color")
	c.Must(c.Has(name, 25, 1, nil))
	if out := cli.Must("show", "-no-color"); strings.Contains(out, name) {
		t.Errorf("the state has the topic:\n%s", out)
	}
}

func TestAccInternalTopic_invalidConfigurations(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("invalid")
	for _, test := range []struct{ role, name, line, want string }{
		{"config", name, "partitions = 3", `(?s)partitions = 3.*workers\s+require\s+exactly\s+1\s+partition`},
		{"offset", name, "partitions = 0", `(?s)partitions.*at least 1|between 1 and`},
		{"offset", name, "replication_factor = 7", `(?s)replication_factor = 7.*the\s+cluster\s+has\s+1\s+live\s+broker`},
		{"offset", name, `config = { "min.insync.replicas" = "2" }`, `(?s)min.insync.replicas.*every\s+write\s+to\s+the\s+topic\s+would\s+fail`},
		{"offset", name, `config = { "cleanup.policy" = "compact" }`, `(?s)cleanup.policy.*is\s+always\s+compact`},
		{"offset", name, `config = { "log.retention.ms" = "1" }`, `(?s)"log.retention.ms" = "1".*is a setting of\s+brokers,\s+not\s+of\s+topics:\s+did\s+you\s+mean\s+"retention.ms"\?`},
		{"offset", name, `config = { "retention.mss" = "1" }`, `(?s)"retention.mss" = "1".*did\s+you\s+mean\s+retention.ms\?`},
		{"offset", name, `config = { "segment.bytes" = null }`, "Null value in a topic's settings"},
		{"offset", "with a blank", "", "a topic name has 1 to 249"},
		{"offset", name, "seed_from = \"" + name + "\"", `seed_from\s+names\s+the\s+topic\s+itself`},
		{"offset", name + ".rebuild", "", `must\s+not\s+end\s+in\s+.rebuild`},
		{"sink", name, "", `(?s)role.*one of`},
	} {
		t.Run(test.role+" "+test.line, func(t *testing.T) {
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.ProviderFactories,
				Steps: []resource.TestStep{{
					Config: c.TopicConfig(test.role, test.name, test.line), PlanOnly: true, ExpectError: regexp.MustCompile(test.want),
				}},
			})
		})
	}
	if _, ok := c.Topic(name); ok {
		t.Error("the topic was created")
	}
}

// A value that only the broker refuses leaves no topic and no state.
func TestAccInternalTopic_refusedByTheBroker(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("refused")
	t.Cleanup(func() { c.Delete(name) })
	settings := func(segment, retention string) string {
		return c.TopicConfig("offset", name, acctest.Unprotected, fmt.Sprintf(`config = { "segment.bytes" = %q, "retention.ms" = %s }`, segment, retention))
	}
	cli := acctest.NewCLI(t, settings("many", `"7d"`))
	refused := []string{`"retention.ms" = "7d"`, "retention.ms is refused by the brokers", "Invalid value 7d", "segment.bytes is refused by the brokers", "Invalid value many"}
	cli.MustFail(append(refused, "Unable to create internal topic"), "plan", "-no-color")

	// A value that is known only in the apply.
	cli.Configure("resource \"terraform_data\" \"retention\" {\n  input = \"7d\"\n}\n" + settings("1048576", "terraform_data.retention.output"))
	cli.MustFail([]string{"Unable to create internal topic", "retention.ms"}, "apply", "-auto-approve", "-no-color")
	if out := cli.Must("show", "-no-color"); strings.Contains(out, name) {
		t.Errorf("the state has the topic:\n%s", out)
	}

	cli.Configure(settings("1048576", `"3600000"`))
	cli.Apply()
	cli.Configure(settings("many", `"7d"`))
	cli.MustFail(append(refused, "Unable to update internal topic"), "plan", "-no-color")
	cli.Configure(strings.Replace(settings("1048576", `"3600000"`), "retention.ms", "retention.mss", 1))
	cli.MustFail([]string{"retention.mss is refused by the brokers", "did you mean retention.ms?"}, "plan", "-no-color")
}

// Without an answer of the brokers, a setting that is probably misspelled is a warning. Other unknown settings may be those
// of another vendor.
func TestInternalTopic_unknownSettingsWithoutBrokers(t *testing.T) {
	t.Parallel()
	cli := acctest.NewCLI(t, `
provider "kafkaconnect" {
  kafka = { bootstrap_servers = ["127.0.0.1:1"] }
}
resource "kafkaconnect_internal_topic" "test" {
  role   = "offset"
  name   = "t"
  config = { "retention.mss" = "1", "confluent.tier.enable" = "true" }
}
`)
	out := cli.Must("plan", "-no-color")
	acctest.SaidBy(t, out, `Unknown topic setting "retention.mss"`, `Did you mean "retention.ms"?`)
	if strings.Contains(out, `Unknown topic setting "confluent`) {
		t.Errorf("warned of a setting that is similar to none:\n%s", out)
	}
}

func TestAccInternalTopic_protection(t *testing.T) {
	t.Parallel()
	c, name, other := sharedCluster(t), acctest.UniqueName("protected"), acctest.UniqueName("other")
	t.Cleanup(func() { c.Delete(name); c.Delete(other) })
	cli := acctest.NewCLI(t, c.TopicConfig("offset", name))
	cli.Apply()
	protected := []string{"is protected from deletion", "set deletion_protection = false and apply this change first"}
	cli.MustFail(protected, "plan", "-destroy", "-no-color")
	cli.MustFail(protected, "plan", "-no-color", "-replace="+acctest.TopicAddress)
	cli.Configure(c.TopicConfig("offset", other))
	cli.MustFail(protected, "plan", "-no-color")
	cli.Configure(c.TopicConfig("offset", other, acctest.Unprotected))
	cli.MustFail(protected, "plan", "-no-color")
	c.Must(c.Has(name, 25, 1, nil))

	cli.Configure(c.TopicConfig("offset", name, acctest.Unprotected))
	cli.Apply()
	cli.Configure(c.TopicConfig("offset", other, acctest.Unprotected))
	cli.Apply()
	c.Must(c.Has(other, 25, 1, nil))
	if _, ok := c.Topic(name); ok {
		t.Error("the topic with the previous name still exists")
	}
	c.Fill(other, 3, 10)
	cli.Apply()
	cli.Must("apply", "-auto-approve", "-no-color", "-replace="+acctest.TopicAddress)
	if left := c.Content(other); len(left) > 0 {
		t.Error("-replace did not delete the records")
	}
	cli.Must("destroy", "-auto-approve", "-no-color")
	if _, ok := c.Topic(other); ok {
		t.Error("the topic still exists")
	}
}

func TestAccInternalTopic_roleCannotChange(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("role")
	c.TopicAcceptance([]string{name},
		resource.TestStep{Config: c.TopicConfig("offset", name, acctest.Unprotected, "partitions = 1")},
		resource.TestStep{
			Config:      c.TopicConfig("config", name, acctest.Unprotected, "partitions = 1"),
			ExpectError: regexp.MustCompile(`The role of an internal topic cannot be changed`),
		},
		resource.TestStep{
			Config:           c.TopicConfig("offset", name, acctest.Unprotected, "partitions = 1", `group_id = "another"`),
			ConfigPlanChecks: acctest.TopicPlanned(plancheck.ResourceActionUpdate),
		},
	)
}

// Bootstrap servers that are known only after apply do not block a plan.
func TestAccInternalTopic_unknownProviderSettings(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), acctest.UniqueName("unknown")
	t.Cleanup(func() { c.Delete(name) })
	later := func(server string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"server\" {\n  input = %q\n}\n", server) +
			strings.Replace(c.TopicConfig("offset", name, acctest.Unprotected), fmt.Sprintf("%q", c.Bootstrap), "terraform_data.server.output", 1)
	}
	cli := acctest.NewCLI(t, later(c.Bootstrap))
	cli.Apply()
	c.Must(c.Has(name, 25, 1, nil))
	cli.MustBeEmpty()
	cli.Configure(strings.Replace(later(c.Bootstrap+" "), "terraform_data.server.output", "trimspace(terraform_data.server.output)", 1))
	cli.Apply()
	cli.MustBeEmpty()
	cli.Must("destroy", "-auto-approve", "-no-color")
}
