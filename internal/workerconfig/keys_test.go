package workerconfig_test

import (
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

const (
	distributed = workerconfig.ModeDistributed
	standalone  = workerconfig.ModeStandalone
)

func TestLookup(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		mode     workerconfig.Mode
		wantType workerconfig.Type // empty: unknown
	}{
		{"group.id", distributed, workerconfig.TypeString},
		{"group.id", standalone, ""},
		{"offset.storage.partitions", distributed, workerconfig.TypeInt},
		{"offset.storage.partitions", standalone, ""},
		{"config.storage.partitions", distributed, ""},
		{"offset.storage.file.filename", standalone, workerconfig.TypeString},
		{"offset.storage.file.filename", distributed, ""},
		{"offset.storage.min.insync.replicas", distributed, workerconfig.TypeString},
		{"offset.storage.min.insync.replicas", standalone, ""},
		{"offset.storage.no.such.thing", distributed, ""},
		{"plugin.path", distributed, workerconfig.TypeList},
		{"plugin.path", standalone, workerconfig.TypeList},
		{"sasl.jaas.config", distributed, workerconfig.TypePassword},
		{"sasl.jaas.config", standalone, workerconfig.TypePassword},
		{"security.protocol", standalone, workerconfig.TypeString},
		{"fetch.min.bytes", distributed, workerconfig.TypeInt},
		{"fetch.min.bytes", standalone, ""},
		{"producer.acks", distributed, workerconfig.TypeString},
		{"producer.acks", standalone, workerconfig.TypeString},
		{"producer.fetch.min.bytes", distributed, ""},
		{"consumer.fetch.min.bytes", distributed, workerconfig.TypeInt},
		{"admin.retries", distributed, workerconfig.TypeInt},
		{"admin.listeners", distributed, workerconfig.TypeList},
		{"admin.listeners.https.ssl.keystore.location", distributed, workerconfig.TypeString},
		{"listeners.https.ssl.client.auth", distributed, workerconfig.TypeString},
		{"listeners.https.group.id", distributed, ""},
		{"key.converter.schemas.enable", distributed, workerconfig.TypeString},
		{"key.converter.", distributed, ""},
		{"metrics.context.x", distributed, workerconfig.TypeString},
		{"config.providers.vault.class", distributed, workerconfig.TypeClass},
		{"config.providers.vault.param.a.b", distributed, workerconfig.TypeString},
		{"config.providers.vault.params.a", distributed, ""},
		{"config.providers.vault.param.", distributed, ""},
		{"config.providers..class", distributed, ""},
		{"rest.port", distributed, workerconfig.TypeInt},
		{"no.such.key", distributed, ""},
		{"", distributed, ""},
	} {
		key, ok := workerconfig.Lookup(test.name, test.mode)
		if ok != (test.wantType != "") || key.Type != test.wantType || ok && key.Name != test.name {
			t.Errorf("Lookup(%q, %s) = %+v, %t, want type %q", test.name, test.mode, key, ok, test.wantType)
		}
	}
}

func TestCatalogueHoldsFactsOfAllVersions(t *testing.T) {
	t.Parallel()
	versions := workerconfig.CatalogueVersions()
	if len(versions) < 2 || versions[0] != "2.8.2" {
		t.Fatalf("versions: %v", versions)
	}
	for _, test := range []struct{ name, since, until string }{
		{"group.id", "", ""}, {"exactly.once.source.support", "3.3", ""}, {"rest.port", "", "2.8"},
		{"connector.client.config.override.allowlist", "4.2", ""}, {"internal.topics.automatic.creation.enable", "4.4", ""},
		{"producer.partitioner.rack.aware", "4.4", ""}, {"offset.storage.max.decompressed.message.bytes", "4.4", ""},
	} {
		if key, _ := workerconfig.Lookup(test.name, distributed); key.Since != test.since || key.Until != test.until {
			t.Errorf("%s: since %q until %q, want %q and %q", test.name, key.Since, key.Until, test.since, test.until)
		}
	}
	key, _ := workerconfig.Lookup("security.protocol", distributed)
	if got := strings.Join(key.Values, " "); got != "PLAINTEXT SASL_PLAINTEXT SASL_SSL SSL" || !key.IgnoreCase {
		t.Errorf("security.protocol: %s, ignore case: %t", got, key.IgnoreCase)
	}
	for name, want := range map[string]bool{"group.id": true, "key.converter": true, "bootstrap.servers": true, "producer.bootstrap.servers": false, "producer.key.serializer": false} {
		if key, _ := workerconfig.Lookup(name, distributed); key.Required != want {
			t.Errorf("%s: required %t, want %t", name, key.Required, want)
		}
	}
}

func TestCheckValue(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, value, want string }{
		{"topic.creation.enable", "yes", `topic.creation.enable must be "true" or "false"`},
		{"offset.storage.replication.factor", "40000", "offset.storage.replication.factor must be a whole number of 16 bits"},
		{"producer.batch.size", "-1", "producer.batch.size must be at least 0"},
		{"sasl.login.refresh.window.factor", "0.4", "sasl.login.refresh.window.factor must be between 0.5 and 1.0"},
		{"sasl.login.refresh.window.factor", "half", "sasl.login.refresh.window.factor must be a number"},
		{"key.converter", "json converter", "key.converter must be the name of a Java class"},
		{"security.protocol", "TLS", "security.protocol must be one of PLAINTEXT, SASL_PLAINTEXT, SASL_SSL, SSL"},
		{"producer.batch.size", "${env:BATCH}", ""},
		{"security.protocol", "sasl_ssl", ""},
		{"ssl.key.password", "hunter2", ""},
	} {
		key, ok := workerconfig.Lookup(test.name, distributed)
		if !ok {
			t.Fatalf("%s is not known", test.name)
		}
		err := key.CheckValue(test.value)
		if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
			t.Errorf("%s = %q: got %v, want %q", test.name, test.value, err, test.want)
		}
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		mode workerconfig.Mode
		want string
	}{
		{"ofset.storage.topic", distributed, "offset.storage.topic"},
		{"ofset.storage.topic", standalone, ""},
		{"offset.storage.topics", distributed, "offset.storage.topic"},
		{"offset.storage.partition", distributed, "offset.storage.partitions"},
		{"config.storage.replicaton.factor", distributed, "config.storage.replication.factor"},
		{"group_id", distributed, "group.id"},
		{"GROUP.ID", distributed, "group.id"},
		{"gruop.id", distributed, "group.id"},
		{"bootstrap.server", distributed, "bootstrap.servers"},
		{"key.convertor", distributed, "key.converter"},
		{"plugin.paths", standalone, "plugin.path"},
		{"prodcer.acks", distributed, "producer.acks"},
		{"producer.asks", distributed, "producer.acks"},
		{"producer.sasl.mechanisms", distributed, "producer.sasl.mechanism"},
		{"offset.storage.file.file.name", standalone, "offset.storage.file.filename"},
		{"listeners.https.ssl.keystore.loction", distributed, "listeners.https.ssl.keystore.location"},
		{"config.provider", distributed, "config.providers"},
		{"confluent.license", distributed, ""},
		{"my.plugin.setting", distributed, ""},
		{"errors.tolerance", distributed, ""},
		{"foo", distributed, ""},
		{"", distributed, ""},
	} {
		if got := workerconfig.Suggest(test.name, test.mode); got != test.want {
			t.Errorf("Suggest(%q, %s) = %q, want %q", test.name, test.mode, got, test.want)
		}
	}
}

// Any one slip in any key of the worker leads back to that key, or to another one
// that is as near.
func TestSuggestFindsEverySlip(t *testing.T) {
	t.Parallel()
	for _, keys := range catalogueKeys(t)["distributed"] {
		name := keys.Name
		if len(name) < 8 {
			continue
		}
		at := len(name) / 2
		for _, slip := range []string{
			name[:at] + name[at+1:],
			name[:at] + "x" + name[at:],
			name[:at] + "x" + name[at+1:],
			name[:at] + name[at+1:at+2] + name[at:at+1] + name[at+2:],
		} {
			if _, known := workerconfig.Lookup(slip, distributed); !known && workerconfig.Suggest(slip, distributed) == "" {
				t.Errorf("Suggest(%q) does not find %q", slip, name)
			}
		}
	}
}
