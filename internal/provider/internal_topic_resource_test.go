package provider

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
)

func TestAccInternalTopic_defaultsOfEachRole(t *testing.T) {
	t.Parallel()
	for role, partitions := range map[string]int{"offset": 25, "config": 1, "status": 5} {
		t.Run(role, func(t *testing.T) {
			c, name := sharedCluster(t), uniqueName("life")
			first := c.topicConfig(role, name, unprotected)
			changed := c.topicConfig(role, name, unprotected, `config = { "segment.bytes" = "1048576" }`)
			segment := map[string]string{"segment.bytes": "1048576"}
			c.topicAcceptance([]string{name},
				resource.TestStep{
					Config: first,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(topicAddress, plancheck.ResourceActionCreate),
						plancheck.ExpectKnownValue(topicAddress, tfjsonpath.New("partitions"), knownvalue.Int64Exact(int64(partitions))),
						plancheck.ExpectKnownValue(topicAddress, tfjsonpath.New("id"), knownvalue.StringExact(role+"/"+name)),
					}},
					Check: c.has(name, partitions, 1, nil),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(topicAddress, tfjsonpath.New("replication_factor"), knownvalue.Int64Exact(1)),
						statecheck.ExpectKnownValue(topicAddress, tfjsonpath.New("cleanup_policy"), knownvalue.StringExact("compact")),
					},
				},
				resource.TestStep{Config: first, ConfigPlanChecks: settled},
				resource.TestStep{
					ResourceName: topicAddress, ImportState: true, ImportStateId: role + "/" + name, ImportStateVerify: true,
					ImportStateVerifyIgnore: []string{"group_id", "deletion_protection"},
				},
				resource.TestStep{
					Config:           changed,
					ConfigPlanChecks: topicPlanned(plancheck.ResourceActionUpdate),
					Check:            c.has(name, partitions, 1, segment),
				},
				resource.TestStep{
					PreConfig:        func() { c.delete(name) },
					Config:           changed,
					ConfigPlanChecks: topicPlanned(plancheck.ResourceActionCreate),
					Check:            c.has(name, partitions, 1, segment),
				},
			)
		})
	}
}

func TestAccInternalTopic_everyAttribute(t *testing.T) {
	t.Parallel()
	for role, partitions := range map[string]int{"offset": 50, "config": 1, "status": 3} {
		t.Run(role, func(t *testing.T) {
			c, name, source := sharedCluster(t), uniqueName("every"), uniqueName("source")
			c.create(source, 1, nil)
			config := c.topicConfig(role, name, unprotected, fmt.Sprintf(`
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
			c.topicAcceptance([]string{name},
				resource.TestStep{
					Config: config,
					Check:  c.has(name, partitions, 1, map[string]string{"min.insync.replicas": "1", "retention.ms": "86400000"}),
				},
				resource.TestStep{Config: config, ConfigPlanChecks: settled},
				resource.TestStep{
					ResourceName: topicAddress, ImportState: true, ImportStateId: role + "/" + name, ImportStateVerify: true,
					ImportStateVerifyIgnore: []string{"group_id", "deletion_protection", "seed_from", "timeouts"},
				},
			)
		})
	}
}

func TestAccInternalTopic_importByIdentity(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("identity")
	config := c.topicConfig("status", name, unprotected)
	c.t.Cleanup(func() { c.delete(name) })
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		ProtoV6ProviderFactories: providerFactories,
		Steps: []resource.TestStep{
			{
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentity(topicAddress, map[string]knownvalue.Check{
						"role": knownvalue.StringExact("status"), "name": knownvalue.StringExact(name),
					}),
				},
			},
			{ResourceName: topicAddress, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity, ExpectNonEmptyPlan: true},
			{PreConfig: func() { c.delete(name) }, Config: config, ConfigPlanChecks: topicPlanned(plancheck.ResourceActionCreate)},
		},
	})
}

func TestAccInternalTopic_importErrors(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("nothing")
	for id, want := range map[string]string{
		"offset/" + name:         `(?s)Unable to import internal topic.*not\s+found`,
		name:                     "Invalid import id",
		"offsets/" + name:        "Invalid import id",
		"offset/":                "Invalid import id",
		"offset/" + name + ".no": `(?s)Unable to import internal topic.*not\s+found`,
	} {
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: providerFactories,
			Steps: []resource.TestStep{{
				Config: c.topicConfig("offset", name), ResourceName: topicAddress, ImportState: true, ImportStateId: id, ExpectError: regexp.MustCompile(want),
			}},
		})
	}
}

// An import takes over the settings that are set on the topic, so that a configuration which declares them plans nothing.
func TestAccInternalTopic_importThenEmptyPlan(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("import")
	c.create(name, 7, map[string]string{"segment.bytes": "1048576"})
	cli := newCLI(t, c.topicConfig("offset", name, "partitions = 7", `config = { "segment.bytes" = "1048576" }`))
	cli.must("import", "-no-color", topicAddress, "offset/"+name)
	// group_id and deletion_protection are the provider's own: their update sends nothing.
	cli.configure(strings.ReplaceAll(c.topicConfig("offset", name, "partitions = 7", `config = { "segment.bytes" = "1048576" }`),
		fmt.Sprintf("group_id = %q", "group-of-"+name), ""))
	cli.mustBeEmpty()
}

func TestAccInternalTopic_drift(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("drift")
	config := c.topicConfig("status", name, unprotected, `config = { "segment.bytes" = "1048576" }`)
	healed := c.has(name, 5, 1, map[string]string{"segment.bytes": "1048576"})
	steps := []resource.TestStep{{Config: config, Check: healed}}
	for _, change := range []func(){
		func() { c.grow(name, 8) },
		func() { c.set(name, "segment.bytes", "2097152") },
		func() { c.set(name, "segment.bytes", "") },
		func() { c.set(name, "cleanup.policy", "delete") },
		func() { c.set(name, "cleanup.policy", "compact,delete") },
	} {
		steps = append(steps, resource.TestStep{
			PreConfig: change, Config: config, ConfigPlanChecks: topicPlanned(plancheck.ResourceActionUpdate), Check: healed,
		})
	}
	c.topicAcceptance([]string{name}, steps...)
}

func TestAccInternalTopic_onlyNamedSettingsAreManaged(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("settings")
	two := c.topicConfig("config", name, unprotected, `config = { "segment.bytes" = "1048576", "min.insync.replicas" = "1" }`)
	one := c.topicConfig("config", name, unprotected, `config = { "min.insync.replicas" = "1" }`)
	none := c.topicConfig("config", name, unprotected)
	c.topicAcceptance([]string{name},
		resource.TestStep{Config: two},
		resource.TestStep{
			PreConfig:        func() { c.set(name, "segment.ms", "3600000") },
			Config:           two,
			ConfigPlanChecks: settled,
		},
		resource.TestStep{
			Config: one,
			Check:  c.has(name, 1, 1, map[string]string{"min.insync.replicas": "1", "segment.ms": "3600000"}),
		},
		resource.TestStep{Config: none, Check: c.has(name, 1, 1, map[string]string{"segment.ms": "3600000"})},
		resource.TestStep{Config: none, ConfigPlanChecks: settled},
	)
}

// A worker that starts first creates the topics itself.
func TestAccInternalTopic_alreadyThere(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("there")
	c.create(name, 25, nil)
	cli := newCLI(t, c.topicConfig("offset", name))
	wants := []string{"exists already", "terraform import 'ADDRESS OF THE RESOURCE' 'offset/" + name + "'"}
	saidBy(t, cli.must("plan", "-no-color"), append(wants, "Creating it will fail")...)
	cli.mustFail(append(wants, "Unable to create internal topic", "Nothing was changed"), "apply", "-auto-approve", "-no-color")
	c.must(c.has(name, 25, 1, nil))
	if out := cli.must("show", "-no-color"); strings.Contains(out, name) {
		t.Errorf("something is in the state:\n%s", out)
	}
}

func TestAccInternalTopic_whatCannotBe(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("cannot")
	for _, test := range []struct{ role, name, line, want string }{
		{"config", name, "partitions = 3", `(?s)partitions = 3.*workers need\s+exactly\s+1\s+partition`},
		{"offset", name, "partitions = 0", `(?s)partitions.*at least 1|between 1 and`},
		{"offset", name, "replication_factor = 7", `(?s)replication_factor = 7.*the\s+cluster\s+has\s+1\s+live\s+broker`},
		{"offset", name, `config = { "min.insync.replicas" = "2" }`, `(?s)min.insync.replicas.*nobody\s+could\s+write`},
		{"offset", name, `config = { "cleanup.policy" = "compact" }`, `(?s)cleanup.policy.*is\s+always\s+compact`},
		{"offset", name, `config = { "segment.bytes" = null }`, "Null value in a topic's settings"},
		{"offset", "with a blank", "", "is not a topic name"},
		{"offset", name, "seed_from = \"" + name + "\"", `(?s)seed_from.*is\s+the\s+topic\s+itself`},
		{"offset", name + ".rebuild", "", `names\s+that\s+end\s+in`},
		{"sink", name, "", `(?s)role.*one of`},
	} {
		t.Run(test.role+" "+test.line, func(t *testing.T) {
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: providerFactories,
				Steps: []resource.TestStep{{
					Config: c.topicConfig(test.role, test.name, test.line), PlanOnly: true, ExpectError: regexp.MustCompile(test.want),
				}},
			})
		})
	}
	if _, ok := c.topic(name); ok {
		t.Error("the topic was created")
	}
}

// What the broker alone knows to be wrong leaves nothing behind.
func TestAccInternalTopic_refusedByTheBroker(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("refused")
	cli := newCLI(t, c.topicConfig("offset", name, `config = { "segment.bytes" = "many" }`))
	cli.mustFail([]string{"Unable to create internal topic", "segment.bytes"}, "apply", "-auto-approve", "-no-color")
	if out := cli.must("show", "-no-color"); strings.Contains(out, name) {
		t.Errorf("something is in the state:\n%s", out)
	}
}

func TestAccInternalTopic_protection(t *testing.T) {
	t.Parallel()
	c, name, other := sharedCluster(t), uniqueName("protected"), uniqueName("other")
	t.Cleanup(func() { c.delete(name); c.delete(other) })
	cli := newCLI(t, c.topicConfig("offset", name))
	cli.apply()
	protected := []string{"Internal topic is protected from deletion", "set deletion_protection = false and apply that first"}
	cli.mustFail(protected, "plan", "-destroy", "-no-color")
	cli.mustFail(protected, "plan", "-no-color", "-replace="+topicAddress)
	cli.configure(c.topicConfig("offset", other))
	cli.mustFail(protected, "plan", "-no-color")
	cli.configure(c.topicConfig("offset", other, unprotected))
	cli.mustFail(protected, "plan", "-no-color")
	c.must(c.has(name, 25, 1, nil))

	cli.configure(c.topicConfig("offset", name, unprotected))
	cli.apply()
	cli.configure(c.topicConfig("offset", other, unprotected))
	cli.apply()
	c.must(c.has(other, 25, 1, nil))
	if _, ok := c.topic(name); ok {
		t.Error("the topic of the former name is still there")
	}
	c.fill(other, 3, 10)
	cli.apply()
	cli.must("apply", "-auto-approve", "-no-color", "-replace="+topicAddress)
	if left := c.content(other); len(left) > 0 {
		t.Error("-replace did not create it anew")
	}
	cli.must("destroy", "-auto-approve", "-no-color")
	if _, ok := c.topic(other); ok {
		t.Error("the topic is still there")
	}
}

func TestAccInternalTopic_roleCannotChange(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("role")
	c.topicAcceptance([]string{name},
		resource.TestStep{Config: c.topicConfig("offset", name, unprotected, "partitions = 1")},
		resource.TestStep{
			Config:      c.topicConfig("config", name, unprotected, "partitions = 1"),
			ExpectError: regexp.MustCompile(`The role of an internal topic cannot be changed`),
		},
		resource.TestStep{
			Config:           c.topicConfig("offset", name, unprotected, "partitions = 1", `group_id = "another"`),
			ConfigPlanChecks: topicPlanned(plancheck.ResourceActionUpdate),
		},
	)
}

// Addresses that are known only after apply do not keep a plan from being made.
func TestAccInternalTopic_settingsKnownAfterApply(t *testing.T) {
	t.Parallel()
	c, name := sharedCluster(t), uniqueName("unknown")
	t.Cleanup(func() { c.delete(name) })
	later := func(server string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"server\" {\n  input = %q\n}\n", server) +
			strings.Replace(c.topicConfig("offset", name, unprotected), fmt.Sprintf("%q", c.bootstrap), "terraform_data.server.output", 1)
	}
	cli := newCLI(t, later(c.bootstrap))
	cli.apply()
	c.must(c.has(name, 25, 1, nil))
	cli.mustBeEmpty()
	cli.configure(strings.Replace(later(c.bootstrap+" "), "terraform_data.server.output", "trimspace(terraform_data.server.output)", 1))
	cli.apply()
	cli.mustBeEmpty()
	cli.must("destroy", "-auto-approve", "-no-color")
}
