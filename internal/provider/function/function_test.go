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

// functionTest evaluates the expression.
func functionTest(t *testing.T, expression string, want knownvalue.Check, wantError string) {
	t.Helper()
	step := resource.TestStep{Config: "output \"test\" {\n  value = provider::kafkaconnect::" + expression + "\n}\n"}
	if wantError != "" {
		step.ExpectError = regexp.MustCompile(wantError)
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
		{"encode nothing", `properties_encode({})`, knownvalue.StringExact(""), ""},
		{"encode null", `properties_encode({ "a" = null })`, nil, `(?s)value\s+of\s+"a"\s+is\s+null`},
		{"decode", `properties_decode("# no\na : b\\\n  c\nx=1\nx=2")`, knownvalue.MapExact(map[string]knownvalue.Check{
			"a": knownvalue.StringExact("bc"), "x": knownvalue.StringExact("2"),
		}), ""},
		{"decode what cannot be read", `properties_decode("a=1\nb=\\uZZ")`, nil, `(?i)line\s+2`},
		{"jaas", `jaas_config("PLAIN", { password = "a\"b\\c", username = "u" })`,
			knownvalue.StringExact(`org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="a\"b\\c";`), ""},
		{"jaas of an unknown mechanism", `jaas_config("MAGIC", {})`, nil, `MAGIC`},
		{"jaas null", `jaas_config("PLAIN", { password = null })`, nil, `(?s)value\s+of\s+"password"\s+is\s+null`},
		{"environment", `worker_environment({ "group.id" = "g\\", "a_b" = "1" })`, knownvalue.MapExact(map[string]knownvalue.Check{
			"CONNECT_GROUP_ID": knownvalue.StringExact(`g\\`), "CONNECT_A__B": knownvalue.StringExact("1"),
		}), ""},
		{"environment of an awkward key", `worker_environment({ "fileName" = "x" })`, nil, `(?s)"fileName"\s+cannot\s+be`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			functionTest(t, test.expression, test.want, test.wantError)
		})
	}
}
