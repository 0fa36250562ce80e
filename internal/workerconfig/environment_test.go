package workerconfig_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
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

// Debezium's image overwrites some keys with variables of its own, and reads every "_" as ".".
func TestEnvironmentOfDebezium(t *testing.T) {
	t.Parallel()
	got, err := workerconfig.ImageDebezium.Environment(workerconfig.Sorted(map[string]string{
		"bootstrap.servers":                 "b:9092",
		"group.id":                          "orders",
		"offset.storage.topic":              "o",
		"config.storage.topic":              "c",
		"status.storage.topic":              "s",
		"key.converter":                     "a.Key",
		"value.converter":                   "a.Value",
		"value.converter.schemas.enable":    "false",
		"offset.flush.interval.ms":          "1",
		"offset.flush.timeout.ms":           "2",
		"task.shutdown.graceful.timeout.ms": "3",
		"rest.advertised.host.name":         "h",
		"listeners":                         "http://0.0.0.0:8084,https://:8443",
		"sasl.jaas.config":                  `a.B required password="a\"b@&é";`,
		"producer.security.protocol":        "SSL",
	}))
	want := map[string]string{
		"BOOTSTRAP_SERVERS":                      "b:9092",
		"GROUP_ID":                               "orders",
		"OFFSET_STORAGE_TOPIC":                   "o",
		"CONFIG_STORAGE_TOPIC":                   "c",
		"STATUS_STORAGE_TOPIC":                   "s",
		"KEY_CONVERTER":                          "a.Key",
		"VALUE_CONVERTER":                        "a.Value",
		"CONNECT_VALUE_CONVERTER_SCHEMAS_ENABLE": "false",
		"OFFSET_FLUSH_INTERVAL_MS":               "1",
		"OFFSET_FLUSH_TIMEOUT_MS":                "2",
		"SHUTDOWN_TIMEOUT":                       "3",
		"ADVERTISED_HOST_NAME":                   "h",
		"ADVERTISED_PORT":                        "8084", // as the worker takes it from the listener; the image would set 8083
		"CONNECT_LISTENERS":                      "http://0.0.0.0:8084,https://:8443",
		"CONNECT_SASL_JAAS_CONFIG":               `a.B required password="a\\"b@&\u00e9";`,
		"CONNECT_PRODUCER_SECURITY_PROTOCOL":     "SSL",
	}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	got, _ = workerconfig.ImageDebezium.Environment(workerconfig.Sorted(map[string]string{"listeners": "http://:8084", "rest.advertised.port": "80"}))
	if got["ADVERTISED_PORT"] != "80" {
		t.Errorf("the declared port is replaced: %v", got)
	}
}

// A key that no variable can express is named, and the other keys are still there.
func TestEnvironmentLeavesOutOnlyWhatCannotBeExpressed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		image      workerconfig.Image
		key, value string
		ok         bool
	}{
		{workerconfig.ImageConfluent, "aB", "x", false},
		{workerconfig.ImageConfluent, "a_b", "x", true},
		{workerconfig.ImageDebezium, "a_b", "x", false},
		{workerconfig.ImageDebezium, "a-b", "x", false},
		{workerconfig.ImageDebezium, "aB", "x", false},
		{workerconfig.ImageDebezium, "plugin.path", "/a&b", false},
		{workerconfig.ImageDebezium, "group.id", `a\b`, false},
		{workerconfig.ImageDebezium, "key.converter", "é", false},
		{workerconfig.ImageDebezium, "client.id", `a\b@é&`, true},
		{workerconfig.ImageConfluent, "client.id", strings.Repeat("x", 128<<10-len("CONNECT_CLIENT_ID=")), false},
		{workerconfig.ImageConfluent, "client.id", strings.Repeat("x", 128<<10-len("CONNECT_CLIENT_ID=")-1), true},
	} {
		got, err := test.image.Environment(workerconfig.Properties{{Key: test.key, Value: test.value}, {Key: "request.timeout.ms", Value: "1"}})
		if got["CONNECT_REQUEST_TIMEOUT_MS"] != "1" || (len(got) == 2) != test.ok {
			t.Errorf("%s, %s: got the variables %q", test.image, test.key, slices.Sorted(maps.Keys(got)))
		}
		if missing, found := errors.AsType[*workerconfig.EnvironmentError](err); found == test.ok || found && (missing.Key != test.key || strings.Contains(err.Error(), test.value+test.value)) {
			t.Errorf("%s, %s: got %v", test.image, test.key, err)
		}
	}
}

// No process can be started with variables of more than 2 MiB, and a state should not hold them.
func TestLargeEnvironmentIsLeftOut(t *testing.T) {
	t.Parallel()
	for keys, want := range map[int]bool{15: true, 17: false} {
		var properties workerconfig.Properties
		for i := range keys {
			properties = append(properties, workerconfig.Property{Key: fmt.Sprintf("key.%d", i), Value: strings.Repeat("x", 127<<10)})
		}
		got, err := workerconfig.Environment(properties)
		if (err == nil) != want || (len(got) == keys) != want || err != nil && !strings.Contains(err.Error(), "2 MiB") {
			t.Errorf("%d keys: %d variables, %v", keys, len(got), err)
		}
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
