package worker_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// A file that is missing, as on a CI runner that starts with an empty folder, or that was changed does not change revision: the
// plan writes the file, and what depends on revision, such as a restart of the workers, is not planned.
func TestWorkerConfig_fileAloneDoesNotChangeRevision(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name string) string { return filepath.Join(folder, name) }
	lines := workerLines(acctest.UniqueName("runner"))
	config := ephemeralVariable("secret") + block(distributedKind, "test", acctest.With(lines,
		"workers", fmt.Sprintf("{\n    a = { path = %q }\n    b = { path = %q }\n  }", file("a"), file("b")), "security", passwordWO("var.password"))) +
		"resource \"terraform_data\" \"restart\" {\n  triggers_replace = " + workerAddress + ".revision\n}\n"
	const restart = "terraform_data.restart"
	revision := statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("revision"), knownvalue.Int64Exact(1))
	steps := []resource.TestStep{{Config: config, ConfigStateChecks: []statecheck.StateCheck{revision}}}
	for _, change := range []func(){
		func() { must(t, os.Remove(file("a"))) },
		func() { must(t, os.Remove(file("a")), os.Remove(file("b"))) },
		func() { replaceInFile(t, file("b"), "secret", "other") },
		func() { must(t, os.Chmod(file("b"), 0o644)) },
	} {
		steps = append(steps, resource.TestStep{
			PreConfig: change,
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(workerAddress, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(workerAddress, tfjsonpath.New("revision"), knownvalue.Int64Exact(1)),
				plancheck.ExpectResourceAction(restart, plancheck.ResourceActionNoop),
			}, PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			Check:             fileHas(file("b"), 0o600, map[string]string{"sasl.jaas.config": jaasOf("secret")}),
			ConfigStateChecks: []statecheck.StateCheck{revision},
		})
	}
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps:                    steps,
	})
}

// A changed password increments revision also when the file is missing.
func TestWorkerConfig_passwordChangesWhileFileIsMissing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "worker.properties")
	c := acctest.NewCLI(t, "variable \"password\" {\n  type      = string\n  ephemeral = true\n}\n"+
		block(distributedKind, "test", workerLines("rotated"), "path", fmt.Sprintf("%q", file), "security", passwordWO("var.password"))+
		"output \"revision\" {\n  value = "+workerAddress+".revision\n}\n")
	for i, password := range []string{"first", "second"} {
		_ = os.Remove(file)
		c.Must("apply", "-auto-approve", "-no-color", "-var=password="+password)
		if got := c.Must("output", "-raw", "revision"); got != fmt.Sprint(i+1) {
			t.Errorf("revision is %s with the password %s", got, password)
		}
	}
	c.Must("plan", "-detailed-exitcode", "-no-color", "-var=password=second")
}
