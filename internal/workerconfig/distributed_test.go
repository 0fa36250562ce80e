package workerconfig_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

const (
	jsonConverter = "org.apache.kafka.connect.json.JsonConverter"
	testPassword  = `pa"ss\wörd;`
)

// securedWorker reaches a cluster with SASL_SSL and PLAIN.
func securedWorker() workerconfig.Worker {
	return workerconfig.Worker{
		BootstrapServers: []string{"broker-0:9093", "broker-1:9093"},
		KeyConverter:     jsonConverter,
		ValueConverter:   jsonConverter,
		Security: &workerconfig.Security{
			Protocol:    "SASL_SSL",
			SASL:        &workerconfig.SASL{Mechanism: "PLAIN", Username: "USER", Password: testPassword},
			SSLProtocol: "TLSv1.2",
		},
	}
}

func distributedGroup(worker workerconfig.Worker) workerconfig.Distributed {
	return workerconfig.Distributed{
		GroupID:       "orders-connect",
		Worker:        worker,
		OffsetStorage: workerconfig.StorageTopic{Name: "connect-offset"},
		ConfigStorage: workerconfig.StorageTopic{Name: "connect-config"},
		StatusStorage: workerconfig.StorageTopic{Name: "connect-status"},
	}
}

func standaloneWorker(worker workerconfig.Worker) workerconfig.Standalone {
	return workerconfig.Standalone{Worker: worker, OffsetStorageFile: "/var/lib/connect/offsets"}
}

// What must come out for a secured cluster, in every mode.
func TestPropertiesOfASecuredCluster(t *testing.T) {
	t.Parallel()
	sources, sinks := securedWorker(), securedWorker()
	sources.ClientPrefixes = []workerconfig.ClientPrefix{workerconfig.PrefixProducer, workerconfig.PrefixAdmin}
	sinks.ClientPrefixes = []workerconfig.ClientPrefix{workerconfig.PrefixConsumer}
	for name, render := range map[string]func() (workerconfig.Properties, workerconfig.Problems){
		"distributed": func() (workerconfig.Properties, workerconfig.Problems) {
			return distributedGroup(securedWorker()).Properties("")
		},
		"standalone": standaloneWorker(securedWorker()).Properties,
		"sources-only": func() (workerconfig.Properties, workerconfig.Problems) {
			return distributedGroup(sources).Properties("")
		},
		"sinks-only": standaloneWorker(sinks).Properties,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			properties, problems := render()
			if problems.HasError() {
				t.Errorf("problems: %v", problems)
			}
			golden(t, name+".properties", properties.Encode())
			if redacted := properties.Redacted("in the file"); strings.Contains(redacted, "rd;") {
				t.Errorf("the redacted text shows the password:\n%s", redacted)
			}
		})
	}
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	want, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("testdata/%s differs:\n%s", name, got)
	}
}

// All settings at once: every one comes out under its key.
func TestPropertiesOfEverySetting(t *testing.T) {
	t.Parallel()
	number := func(n int64) *int64 { return &n }
	off := ""
	d := workerconfig.Distributed{
		GroupID: "g",
		Worker: workerconfig.Worker{
			BootstrapServers: []string{"b:1"},
			KeyConverter:     "a.K",
			ValueConverter:   "a.V",
			HeaderConverter:  "a.H",
			Place: workerconfig.Place{
				PluginPath: []string{"/p", "/q"}, Listeners: []string{"http://:8083", "https://h:8443"},
				AdvertisedHostName: "h", AdvertisedPort: number(8443), AdvertisedListener: "https", ClientRack: "r1",
			},
			Security: &workerconfig.Security{
				Protocol:                        "SSL",
				SSLProtocol:                     "TLSv1.3",
				SSLEnabledProtocols:             []string{"TLSv1.2", "TLSv1.3"},
				EndpointIdentificationAlgorithm: &off,
				TrustStore:                      &workerconfig.TrustStore{Type: "PKCS12", Location: "/t.p12", Password: "tp"},
				KeyStore:                        &workerconfig.KeyStore{CertificateChain: "-----BEGIN C\n", Key: "-----BEGIN K\n", KeyPassword: "kp"},
			},
			ClientPrefixes:  []workerconfig.ClientPrefix{},
			ConfigProviders: map[string]workerconfig.ConfigProvider{"vault": {Class: "a.Vault", Parameters: map[string]string{"token": "tk"}}},
			Config:          map[string]string{"offset.flush.interval.ms": "1000", "key.converter.schemas.enable": "${env:SCHEMAS}"},
		},
		OffsetStorage:            workerconfig.StorageTopic{Name: "o", Partitions: number(1), ReplicationFactor: number(2)},
		ConfigStorage:            workerconfig.StorageTopic{Name: "c", ReplicationFactor: number(3)},
		StatusStorage:            workerconfig.StorageTopic{Name: "s", Partitions: number(4), ReplicationFactor: number(-1)},
		InternalTopicCreation:    new(false),
		ExactlyOnceSourceSupport: "enabled",
	}
	properties, problems := d.Properties("")
	if problems.HasError() {
		t.Errorf("problems: %v", problems)
	}
	golden(t, "every-setting.properties", properties.Encode())
	var secrets []string
	for _, property := range properties {
		if property.Secret {
			secrets = append(secrets, property.Key)
		}
	}
	want := []string{"ssl.truststore.password", "ssl.key.password", "ssl.keystore.certificate.chain", "ssl.keystore.key", "config.providers.vault.param.token"}
	if !slices.Equal(secrets, want) {
		t.Errorf("secrets: %v, want %v", secrets, want)
	}
}

// Automatic creation of topics can be turned off by the setting or by its key, not by both.
func TestInternalTopicCreation(t *testing.T) {
	t.Parallel()
	const key = "internal.topics.automatic.creation.enable"
	for name, c := range map[string]struct {
		setting  *bool
		config   string // of the key; empty for none
		rendered string
		creates  bool
		problem  string
	}{
		"by default":      {creates: true},
		"setting on":      {setting: new(true), rendered: "true", creates: true},
		"setting off":     {setting: new(false), rendered: "false"},
		"key on":          {config: "true", rendered: "true", creates: true},
		"key off":         {config: " False", rendered: " False", problem: "begins or ends with white space"},
		"both":            {setting: new(false), config: "false", rendered: "false", problem: "is set twice: internal_topic_creation sets it already"},
		"not a boolean":   {config: "no", rendered: "no", creates: true, problem: `must be "true" or "false"`},
		"from a variable": {config: "${env:CREATE}", rendered: "${env:CREATE}", creates: true},
	} {
		d := distributedGroup(securedWorker())
		d.InternalTopicCreation = c.setting
		if c.config != "" {
			d.Config = map[string]string{key: c.config}
		}
		properties, problems := d.Properties("")
		rendered, _ := properties.Value(key)
		if rendered != c.rendered || d.CreatesTopics() != c.creates {
			t.Errorf("%s: rendered %q, creates %t, want %q, %t", name, rendered, d.CreatesTopics(), c.rendered, c.creates)
		}
		if c.problem == "" && len(problems) > 0 || c.problem != "" && (len(problems) != 1 || !strings.Contains(problems[0].Message, c.problem)) {
			t.Errorf("%s: problems %v, want %q", name, problems, c.problem)
		}
	}
}

func TestTrustStoreInPEM(t *testing.T) {
	t.Parallel()
	worker := securedWorker()
	worker.Security.TrustStore = &workerconfig.TrustStore{Certificates: "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"}
	properties, problems := standaloneWorker(worker).Properties()
	if len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
	values := properties.Map()
	for _, prefix := range []string{"", "producer.", "consumer.", "admin."} {
		if values[prefix+"ssl.truststore.type"] != "PEM" || values[prefix+"ssl.truststore.certificates"] != worker.Security.TrustStore.Certificates {
			t.Errorf("%sssl.truststore: type %q, certificates %q", prefix, values[prefix+"ssl.truststore.type"], values[prefix+"ssl.truststore.certificates"])
		}
	}
}

// Workers of a group differ in their place and in nothing else.
func TestPropertiesOfWorkersOfAGroup(t *testing.T) {
	t.Parallel()
	port := int64(9000)
	d := distributedGroup(securedWorker())
	d.Place = workerconfig.Place{PluginPath: []string{"/plugins"}, Listeners: []string{"http://:8083"}, AdvertisedPort: &port, AdvertisedListener: "http", ClientRack: "a"}
	d.Workers = map[string]workerconfig.Place{
		"worker-0": {AdvertisedHostName: "worker-0"},
		"worker-1": {AdvertisedHostName: "worker-1", Listeners: []string{"http://:8084"}, ClientRack: "b"},
	}
	shared, _ := d.Properties("")
	for name, want := range map[string]map[string]string{
		"worker-0": {"rest.advertised.host.name": "worker-0"},
		"worker-1": {"rest.advertised.host.name": "worker-1", "listeners": "http://:8084", "client.rack": "b", "consumer.client.rack": "b"},
	} {
		properties, problems := d.Properties(name)
		if len(problems) > 0 {
			t.Errorf("%s: problems: %v", name, problems)
		}
		expected := shared.Map()
		maps.Copy(expected, want)
		if got := properties.Map(); !maps.Equal(got, expected) {
			t.Errorf("%s: %v\nwant %v", name, got, expected)
		}
	}
	if _, problems := d.Properties("worker-2"); !problems.HasError() || !strings.Contains(problems[0].Message, `"worker-2", only worker-0, worker-1`) {
		t.Errorf("unknown worker: %v", problems)
	}
}

func TestConfigProvidersAreRenderedWherePlaceholdersNeedThem(t *testing.T) {
	t.Parallel()
	worker := securedWorker()
	worker.Security.SASL.Password = "${file:/run/secrets/kafka:password}"
	worker.Config = map[string]string{"value.converter.schema.registry.url": "https://${env:REGISTRY}/${env:PATH}"}
	properties, problems := standaloneWorker(worker).Properties()
	if len(problems) > 0 || properties.HasSecret() {
		t.Errorf("problems: %v, secret: %t", problems, properties.HasSecret())
	}
	values := properties.Map()
	for key, want := range map[string]string{
		"config.providers":            "env,file",
		"config.providers.env.class":  "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
		"config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
	} {
		if values[key] != want {
			t.Errorf("%s=%s, want %s", key, values[key], want)
		}
	}
	if jaas := values["producer.sasl.jaas.config"]; !strings.HasSuffix(jaas, `username="USER" password="${file:/run/secrets/kafka:password}";`) {
		t.Errorf("producer.sasl.jaas.config=%s", jaas)
	}
}
