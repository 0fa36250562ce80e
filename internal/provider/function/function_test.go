package function_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// functionTest evaluates the expression. An error must end with one full stop: Terraform adds it.
func functionTest(t *testing.T, expression string, want knownvalue.Check, wantError string) {
	t.Helper()
	step := resource.TestStep{Config: "output \"test\" {\n  value = provider::kafkaconnect::" + expression + "\n}\n"}
	if wantError != "" {
		step.ExpectError = regexp.MustCompile("(?s)" + wantError + `.*[^.\s]\.\s*$`)
	} else {
		step.ConfigStateChecks = []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("test", want)}
	}
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps:                    []resource.TestStep{step},
	})
}

func TestFunctions(t *testing.T) {
	for _, test := range []struct {
		name, expression string
		want             knownvalue.Check
		wantError        string
	}{
		{"encode", `properties_encode({ "b" = " é\\", "a b" = "1" })`, knownvalue.StringExact("a\\ b=1\nb=\\ \\u00e9\\\\\n"), ""},
		{"encode an empty map", `properties_encode({})`, knownvalue.StringExact(""), ""},
		{"encode null", `properties_encode({ "a" = null })`, nil, `the\s+value\s+of\s+"a"\s+is\s+null:\s+omit`},
		{"decode", `properties_decode("# no\na : b\\\n  c\nx=1\nx=2")`, knownvalue.MapExact(map[string]knownvalue.Check{
			"a": knownvalue.StringExact("bc"), "x": knownvalue.StringExact("2"),
		}), ""},
		{"decode a malformed escape", `properties_decode("a=1\nb=\\uZZ")`, nil, `line\s+2`},
		{"jaas", `jaas_config("PLAIN", { password = "a\"b\\c", username = "u" })`,
			knownvalue.StringExact(`org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="a\"b\\c";`), ""},
		{"jaas with an unknown mechanism", `jaas_config("MAGIC", {})`, nil, `MAGIC`},
		{"jaas without a password", `jaas_config("PLAIN", { username = "u" })`, nil, `needs\s+the\s+options\s+username\s+and\s+password,\s+but\s+password`},
		{"jaas of a broker", `jaas_config("org.apache.kafka.common.security.scram.ScramLoginModule", {})`,
			knownvalue.StringExact(`org.apache.kafka.common.security.scram.ScramLoginModule required;`), ""},
		{"jaas with a null option", `jaas_config("PLAIN", { password = null })`, nil, `the\s+value\s+of\s+"password"\s+is\s+null:\s+omit`},
		{"environment", `worker_environment({ "group.id" = "g\\", "a_b" = "1" })`, knownvalue.MapExact(map[string]knownvalue.Check{
			"CONNECT_GROUP_ID": knownvalue.StringExact(`g\\`), "CONNECT_A__B": knownvalue.StringExact("1"),
		}), ""},
		{"environment of Debezium", `worker_environment({ "group.id" = "g", "a.b" = "1" }, "debezium")`, knownvalue.MapExact(map[string]knownvalue.Check{
			"GROUP_ID": knownvalue.StringExact("g"), "CONNECT_A_B": knownvalue.StringExact("1"),
		}), ""},
		{"environment of Debezium with an underscore", `worker_environment({ "a_b" = "x" }, "debezium")`, nil, `"a_b"\s+cannot\s+be`},
		{"environment of another image", `worker_environment({}, "other")`, nil, `must\s+be\s+confluent`},
		{"environment of two images", `worker_environment({}, "confluent", "debezium")`, nil, `at\s+most\s+one`},
		{"environment with two wrong keys", `worker_environment({ "A" = "x", "B" = "x" })`, nil, `"A"\s+cannot\s+be.*"B"\s+cannot\s+be`},
		{"environment with an upper case key", `worker_environment({ "fileName" = "x" })`, nil, `"fileName"\s+cannot\s+be`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			functionTest(t, test.expression, test.want, test.wantError)
		})
	}
}
