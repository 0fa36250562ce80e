package workerconfig_test

import (
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

func TestIsSecretKey(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"ssl.key.password":                                        true,
		"producer.ssl.keystore.key":                               true,
		"listeners.https.ssl.keystore.password":                   true,
		"sasl.jaas.config":                                        true,
		"admin.sasl.jaas.config":                                  true,
		"sasl.oauthbearer.client.credentials.client.secret":       true,
		"value.converter.basic.auth.user.info":                    true,
		"value.converter.basic.auth.credentials.source":           false,
		"value.converter.schema.registry.ssl.truststore.password": true,
		"config.providers.vault.param.token":                      true,
		"config.providers.secretManager.param.aws.region":         false,
		"sasl.oauthbearer.token.endpoint.url":                     false,
		"group.id":                                                false,
		"key.converter":                                           false,
		"my.plugin.PASSWORD":                                      true,
	} {
		if got := workerconfig.IsSecretKey(name); got != want {
			t.Errorf("IsSecretKey(%q) = %t, want %t", name, got, want)
		}
	}
}

// Whether a value is a secret depends on what is in it.
func TestSecretValues(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key, value string
		want       bool
	}{
		{"ssl.key.password", "p", true},
		{"ssl.key.password", "${env:P}", false},
		{"ssl.key.password", "${env:P}x", true},
		{"ssl.key.password", "${env:P}${env:Q}", false},
		{"my.plugin.url", "https://u:p@h", true},
		{"my.plugin.url", "https://u:${env:P}@h", false},
		{"my.token.refresh.ms", "7", false},
		{"ssl.key.password", "", false},
		{"client.id", "p", false},
		{"sasl.jaas.config", `a.B required username="u" password="p";`, true},
		{"sasl.jaas.config", `a.B required username="u" password="${env:P}";`, false},
		{"sasl.jaas.config", `a.B required username="u" password="x${env:P}";`, true},
		{"sasl.jaas.config", `a.B required useKeyTab=true keyTab="/k" principal="p@R";`, false},
		{"sasl.jaas.config", `a.B required clientSecret="p";`, true},
		{"sasl.jaas.config", `not JAAS`, true},
	} {
		s := standaloneWorker(workerconfig.Worker{Config: map[string]string{test.key: test.value}})
		properties, _ := s.Properties()
		if got := properties.HasSecret(); got != test.want {
			t.Errorf("%s=%s: secret %t, want %t", test.key, test.value, got, test.want)
		}
	}
}
