package worker_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// sha256Of returns the digest that content_sha256 is expected to be.
func sha256Of(text string) string {
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:])
}

// announces checks that the file announces the digest of its other lines, together with the actions that the user has set, and
// that content_sha256 is this digest.
func announces(file, userActions string) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var rest strings.Builder
		for line := range strings.Lines(string(text)) {
			switch {
			case !strings.HasPrefix(line, "response.http.headers.config="):
				rest.WriteString(line)
			case userActions != "":
				rest.WriteString("response.http.headers.config=" + userActions + "\n")
			}
		}
		want := sha256Of(rest.String())
		if got := state.RootModule().Resources[workerAddress].Primary.Attributes["content_sha256"]; got != want {
			return fmt.Errorf("content_sha256 is %s, the digest of the other lines is %s:\n%s", got, want, text)
		}
		action := "set X-Kafka-Connect-Config: " + want
		if userActions != "" {
			action += "," + userActions
		}
		got, err := readProperties(file)
		if err == nil && got["response.http.headers.config"] != action {
			err = fmt.Errorf("the file has %q, want %q", got["response.http.headers.config"], action)
		}
		return errors.Join(err, resource.TestCheckResourceAttr(workerAddress, "properties.response.http.headers.config", action)(state),
			resource.TestCheckResourceAttr(workerAddress, "content", string(text))(state))
	}
}

// The file announces the digest of its own content. The digest is the same with and without the announcement.
func TestWorkerConfig_announceRevision(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "worker.properties")
	lines := acctest.With(workerLines(acctest.UniqueName("announce")), "path", fmt.Sprintf("%q", file))
	config := func(more ...string) string { return block(distributedKind, "test", lines, more...) }
	revision := func(n int64) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue(workerAddress, tfjsonpath.New("revision"), knownvalue.Int64Exact(n))}
	}
	digests := statecheck.CompareValue(compare.ValuesSame())
	sameDigest := func(n int64) []statecheck.StateCheck {
		return append(revision(n), digests.AddStateValue(workerAddress, tfjsonpath.New("content_sha256")))
	}
	const userActions = `"set Cache-Control: no-cache, no-store",add X-Zone: a`
	withActions := []string{"announce_revision", "true", "config", fmt.Sprintf(`{ "response.http.headers.config" = %q }`, userActions)}
	fileTest(t, []string{file},
		resource.TestStep{Config: config(), ConfigStateChecks: sameDigest(1)},
		resource.TestStep{
			Config:            config("announce_revision", "true"),
			Check:             announces(file, ""),
			ConfigStateChecks: sameDigest(2),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(workerAddress, tfjsonpath.New("content_sha256"), knownvalue.NotNull()),
			}},
		},
		resource.TestStep{Config: config("announce_revision", "true"), ConfigPlanChecks: acctest.Settled},
		// A changed announcement in the file is drift.
		resource.TestStep{
			PreConfig:         func() { replaceInFile(t, file, "X-Kafka-Connect-Config: ", "X-Kafka-Connect-Config: 0") },
			Config:            config("announce_revision", "true"),
			Check:             announces(file, ""),
			ConfigStateChecks: sameDigest(2),
		},
		resource.TestStep{Config: config(withActions...), Check: announces(file, userActions), ConfigStateChecks: revision(3)},
		resource.TestStep{Config: config(withActions...), ConfigPlanChecks: acctest.Settled},
		resource.TestStep{
			Config: config("announce_revision", "false"), ConfigStateChecks: sameDigest(4),
			Check: resource.TestCheckNoResourceAttr(workerAddress, "properties.response.http.headers.config"),
		},
	)
}

// Each worker announces its own file. So do its environment variables, and the ephemeral resource.
func TestWorkerConfig_announceRevisionEverywhere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	lines := acctest.With(workerLines(acctest.UniqueName("announce")), "announce_revision", "true",
		"workers", "{ a = { client_rack = \"a\" }, b = { client_rack = \"b\" } }")
	workers := workerAddress + ".workers"
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{{
			Config: block(distributedKind, "test", lines) + block(`ephemeral "kafkaconnect_worker_config"`, "test", lines) +
				fmt.Sprintf(`resource "terraform_data" "file" {
  provisioner "local-exec" {
    command     = "printf '%%s %%s' \"$SHA\" \"$ACTIONS\" >%s/ephemeral"
    environment = {
      SHA     = ephemeral.kafkaconnect_worker_config.test.workers["a"].content_sha256
      ACTIONS = ephemeral.kafkaconnect_worker_config.test.workers["a"].properties["response.http.headers.config"]
    }
  }
}
output "announced" {
  value = { for name, worker in %[2]s : name => [nonsensitive(worker.environment["CONNECT_RESPONSE_HTTP_HEADERS_CONFIG"]), "set X-Kafka-Connect-Config: ${worker.content_sha256}"] }
}
output "differ" {
  value = %[2]s["a"].content_sha256 != %[2]s["b"].content_sha256
}
output "ephemeral" {
  value = "${%[2]s["a"].content_sha256} set X-Kafka-Connect-Config: ${%[2]s["a"].content_sha256}"
}
`, folder, workers),
			Check: func(state *terraform.State) error {
				outputs := state.RootModule().Outputs
				var errs []error
				for name, pair := range outputs["announced"].Value.(map[string]any) {
					if texts := pair.([]any); texts[0] != texts[1] {
						errs = append(errs, fmt.Errorf("worker %s has %q in environment, want %q", name, texts[0], texts[1]))
					}
				}
				if outputs["differ"].Value != "true" {
					errs = append(errs, errors.New("two files have one digest"))
				}
				got, err := os.ReadFile(filepath.Join(folder, "ephemeral"))
				if string(got) != outputs["ephemeral"].Value {
					errs = append(errs, fmt.Errorf("the ephemeral resource has %q, want %q", got, outputs["ephemeral"].Value))
				}
				return errors.Join(append(errs, err)...)
			},
		}},
	})
}

// The digest that is announced does not depend on a secret, and content shows none.
func TestWorkerConfig_announceRevisionWithSecret(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "worker.properties")
	lines := acctest.With(workerLines(acctest.UniqueName("announce")), "path", fmt.Sprintf("%q", file), "announce_revision", "true",
		"security", passwordWO("var.password"))
	digests := statecheck.CompareValue(compare.ValuesSame())
	step := func(password string) resource.TestStep {
		return resource.TestStep{
			Config: ephemeralVariable(password) + block(distributedKind, "test", lines),
			ConfigStateChecks: []statecheck.StateCheck{
				digests.AddStateValue(workerAddress, tfjsonpath.New("properties").AtMapKey("response.http.headers.config")),
			},
			Check: fileHas(file, 0o600, map[string]string{"sasl.jaas.config": jaasOf(password)}),
		}
	}
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps:                    []resource.TestStep{step("one"), step("two")},
	})
}
