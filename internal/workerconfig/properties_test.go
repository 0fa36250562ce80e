package workerconfig_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

func TestEncodeKeepsTheOrder(t *testing.T) {
	t.Parallel()
	ordered := workerconfig.Properties{{Key: "b", Value: "1"}, {Key: "a", Value: "2"}}
	if got, want := ordered.Encode(), "b=1\na=2\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	properties := workerconfig.Properties{
		{Key: "group.id", Value: "orders"},
		{Key: "ssl.key.password", Value: "hunter2", Secret: true},
	}
	want := "group.id=orders\n# ssl.key.password: in worker.properties\\nonly\n"
	if got := properties.Redacted("in worker.properties\nonly"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{properties, properties[1], &properties[1]} {
			if text := fmt.Sprintf(format, value); strings.Contains(text, "hunter2") {
				t.Errorf("%s of a %T shows the secret: %s", format, value, text)
			}
		}
	}
	if !properties.HasSecret() || properties[:1].HasSecret() {
		t.Error("HasSecret must tell whether a property is secret")
	}
}

func TestPropertiesByKey(t *testing.T) {
	t.Parallel()
	properties := workerconfig.Properties{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}}
	if got := properties.Map(); !maps.Equal(got, map[string]string{"a": "1", "b": "2"}) {
		t.Errorf("Map() = %v", got)
	}
	if value, ok := properties.Value("b"); value != "2" || !ok {
		t.Errorf("Value(b) = %q, %t", value, ok)
	}
	if value, ok := properties.Value("c"); value != "" || ok {
		t.Errorf("Value(c) = %q, %t", value, ok)
	}
}
