package worker_test

import (
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// The examples of resources and functions are valid. TestAccWorkerConfig_workersStartFromExamples starts workers from those of
// the guide.
func TestWorkerConfig_examplesAreValid(t *testing.T) {
	t.Parallel()
	for _, example := range []string{
		"examples/resources/kafkaconnect_worker_config/resource.tf",
		"examples/resources/kafkaconnect_worker_config/resource_full.tf",
		"examples/resources/kafkaconnect_standalone_worker_config/resource.tf",
		"examples/resources/kafkaconnect_standalone_worker_config/resource_full.tf",
		"examples/functions/properties_encode/function.tf",
		"examples/functions/worker_environment/function.tf",
		"examples/functions/jaas_config/function.tf",
		"examples/ephemeral-resources/kafkaconnect_worker_config/ephemeral-resource.tf",
	} {
		text := acctest.Example(t, example)
		// The resource that uses the ephemeral values is of another provider.
		own, _, _ := strings.Cut(text, "# The whole file goes into a secret store")
		for _, d := range validate(acctest.NewCLI(t, own)).Diagnostics {
			if d.Address != "" || d.Severity == "error" {
				t.Errorf("%s: %s: %s: %s", example, d.Severity, d.Summary, d.Detail)
			}
		}
	}
}
