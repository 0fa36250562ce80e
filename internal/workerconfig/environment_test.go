package workerconfig_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

func TestEnvironment(t *testing.T) {
	t.Parallel()
	got, err := workerconfig.Environment(workerconfig.Sorted(map[string]string{
		"group.id":                     "orders",
		"key.converter.schemas_enable": "false",
		"config.providers.a-b.class":   "a.B",
		"sasl.jaas.config":             `a.B required password="a\"b é";`,
		"empty":                        "",
	}))
	want := map[string]string{
		"CONNECT_GROUP_ID":                      "orders",
		"CONNECT_KEY_CONVERTER_SCHEMAS__ENABLE": "false",
		"CONNECT_CONFIG_PROVIDERS_A___B_CLASS":  "a.B",
		"CONNECT_SASL_JAAS_CONFIG":              `a.B required password="a\\"b \u00e9";`,
		"CONNECT_EMPTY":                         "",
	}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestEnvironmentRefusesKeysThatImagesWouldMisread(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "A", "config.providers.aB.class", "a..b", "a._b", "a__b", ".a", "a-", "a b", "a=b", "é"} {
		got, err := workerconfig.Environment(workerconfig.Properties{{Key: key, Value: "hunter2"}})
		if err == nil || !strings.Contains(err.Error(), `"`+key+`"`) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Environment(%q) = %v, %v, want an error that names the key", key, got, err)
		}
	}
}
