package topic_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// threeTopics declares the topics of a group. The offset topic has the number of partitions.
func (c *cluster) threeTopics(group string, partitions int) string {
	return c.ProviderConfig() + fmt.Sprintf(`
locals {
  partitions = { offset = %d, config = 1, status = 5 }
}
resource "kafkaconnect_internal_topic" "test" {
  for_each = local.partitions

  role                = each.key
  name                = "%[2]s-${each.key}"
  group_id            = %[2]q
  partitions          = each.value
  deletion_protection = false
  skip_checks         = ["group"] # the group has never had a worker, while the groups of other tests have
}
`, partitions, group)
}

// An apply plans only the topics that change. A shrink nevertheless knows the unchanged topics of the group, to lock one of
// them.
func TestAccInternalTopic_shrinkKnowsUnchangedTopics(t *testing.T) {
	t.Parallel()
	c, group := sharedCluster(t), acctest.UniqueName("siblings")
	for _, role := range []string{"offset", "config", "status"} {
		t.Cleanup(func() { c.Delete(group + "-" + role) })
	}
	log := filepath.Join(t.TempDir(), "log")
	cli := acctest.NewCLI(t, c.threeTopics(group, 3))
	cli.Apply()
	content := c.Fill(group+"-offset", 20, 10)
	cli.Configure(c.threeTopics(group, 2))
	cli.Env = append(cli.Env, "TF_LOG_PROVIDER=DEBUG", "TF_LOG_PATH="+log)
	cli.Must("plan", "-out=saved.tfplan", "-no-color")
	if err := os.Remove(log); err != nil {
		t.Fatal(err)
	}
	cli.Must("apply", "-no-color", "saved.tfplan")
	c.Must(c.keeps(group+"-offset", 2, content))
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	var operation string
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "Internal topic: operation") {
			operation = line
		}
	}
	for _, other := range []string{group + "-config", group + "-status"} {
		if !strings.Contains(operation, other) {
			t.Errorf("the operation does not know %s: %s", other, operation)
		}
	}
	if out := cli.Must("destroy", "-auto-approve", "-no-color"); strings.Contains(out, "run during the plan") {
		t.Errorf("without workers, the destroy warns:\n%s", out)
	}
}

// The plan of a destroy warns once for a group of running workers.
func TestAccInternalTopic_destroyWarnsOnce(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	s := stack.Shared(t)
	c, name := newCluster(t, s), acctest.UniqueName("once")
	for _, role := range []string{"offset", "config", "status"} {
		t.Cleanup(func() { c.Delete(name + "-" + role) })
	}
	declared := strings.Replace(c.threeTopics(name, 3), fmt.Sprintf("group_id            = %q", name), fmt.Sprintf("group_id = %q", s.Options.GroupID), 1)
	cli := acctest.NewCLI(t, declared)
	cli.Apply()
	out := cli.Must("plan", "-destroy", "-no-color")
	acctest.SaidBy(t, out, fmt.Sprintf("Workers of group %q run during the plan", s.Options.GroupID),
		"The internal topics of the group will be deleted after these workers are stopped: ", "If the same apply does not stop the workers, stop them first")
	if n := strings.Count(out, "run during the plan"); n != 1 {
		t.Errorf("there are %d warnings:\n%s", n, out)
	}
}

// The guide lets one apply stop the workers, change a topic and start the workers. Terraform destroys what runs the workers
// before it changes the topic. TestDemo does the same with a real worker.
func TestAccInternalTopic_workersAreReplacedAroundTheChange(t *testing.T) {
	t.Parallel()
	c, group := sharedCluster(t), acctest.UniqueName("around")
	for _, role := range []string{"offset", "config", "status"} {
		t.Cleanup(func() { c.Delete(group + "-" + role) })
	}
	declared := func(partitions int) string {
		return c.threeTopics(group, partitions) + `
resource "terraform_data" "workers" {
  triggers_replace = { for role, topic in kafkaconnect_internal_topic.test : role => topic.partitions }
}
`
	}
	cli := acctest.NewCLI(t, declared(3))
	cli.Apply()
	content := c.Fill(group+"-offset", 20, 10)
	for _, partitions := range []int{5, 2} {
		cli.Configure(declared(partitions))
		out, last := cli.Apply(), 0
		for _, event := range []string{
			"terraform_data.workers: Destruction complete", `kafkaconnect_internal_topic.test["offset"]: Modifying`,
			`kafkaconnect_internal_topic.test["offset"]: Modifications complete`, "terraform_data.workers: Creating",
		} {
			at := strings.Index(out, event)
			if at < last {
				t.Fatalf("%q is not in its place:\n%s", event, out)
			}
			last = at
		}
		c.Must(c.keeps(group+"-offset", partitions, content))
	}
	cli.MustBeEmpty()
	cli.Must("destroy", "-auto-approve", "-no-color")
}
