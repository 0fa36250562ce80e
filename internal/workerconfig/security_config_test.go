package workerconfig_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// underPrefix returns the properties of the clients with the prefix, without it.
func underPrefix(t *testing.T, worker workerconfig.Worker, prefix string) map[string]string {
	t.Helper()
	properties, problems := distributedGroup(worker).Properties("")
	if len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
	values := map[string]string{}
	for _, property := range properties {
		if key, ok := strings.CutPrefix(property.Key, prefix); ok {
			values[key] = property.Value
		}
	}
	return values
}

// withConfig is a worker without the security attribute.
func withConfig(config map[string]string) workerconfig.Worker {
	worker := securedWorker()
	worker.Security, worker.Config = nil, config
	return worker
}

// Connectors reach a cluster with IAM authentication: its callback handler, for which
// there is no attribute, reaches all clients.
func TestBareKeysOfMSKReachAllClients(t *testing.T) {
	t.Parallel()
	const handler = "sasl.client.callback.handler.class"
	worker := securedWorker()
	worker.Security = &workerconfig.Security{
		Protocol: "SASL_SSL",
		SASL:     &workerconfig.SASL{Mechanism: "AWS_MSK_IAM", JAASConfig: "software.amazon.msk.auth.iam.IAMLoginModule required;"},
	}
	worker.Config = map[string]string{handler: "software.amazon.msk.auth.iam.IAMClientCallbackHandler"}
	want := map[string]string{
		"security.protocol":                     "SASL_SSL",
		"sasl.mechanism":                        "AWS_MSK_IAM",
		"sasl.jaas.config":                      "software.amazon.msk.auth.iam.IAMLoginModule required;",
		"ssl.endpoint.identification.algorithm": "HTTPS",
		handler:                                 "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
	}
	for _, prefix := range []string{"producer.", "consumer.", "admin."} {
		if got := underPrefix(t, worker, prefix); !maps.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", prefix, got, want)
		}
	}
}

// Every security setting of clients in the catalogue reaches the clients of connectors.
func TestEveryBareSecurityKeyReachesTheClients(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, key := range catalogueKeys(t)["admin"] {
		if !strings.HasPrefix(key.Name, "sasl.") && !strings.HasPrefix(key.Name, "ssl.") && !strings.HasPrefix(key.Name, "security.") {
			continue
		}
		tried++
		config := map[string]string{"security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI", key.Name: "${file:/run/x:value}"}
		properties, problems := distributedGroup(withConfig(config)).Properties("")
		if len(problems) > 0 && key.Until == "" {
			t.Errorf("%s: problems: %v", key.Name, problems)
		}
		for _, prefix := range []string{"", "producer.", "consumer.", "admin."} {
			if value, _ := properties.Value(prefix + key.Name); value != "${file:/run/x:value}" {
				t.Errorf("%s%s is %q", prefix, key.Name, value)
			}
		}
	}
	if tried < 50 {
		t.Errorf("only %d keys tried", tried)
	}
}

func TestBareSecurityKeysOfOneClient(t *testing.T) {
	t.Parallel()
	type values = map[string]string
	for name, test := range map[string]struct {
		config values
		want   values // of producers
	}{
		"no protocol":         {values{"ssl.keystore.location": "/k", "ssl.client.auth": "required"}, values{}},
		"plaintext":           {values{"security.protocol": "plaintext", "ssl.keystore.location": "/k"}, values{}},
		"only the REST API's": {values{"security.protocol": "SSL", "ssl.client.auth": "required"}, values{"security.protocol": "SSL"}},
		"of a plugin": {
			values{"security.protocol": "SSL", "ssl.engine.factory.class": "a.Factory", "ssl.engine.vault.path": "/v"},
			values{"security.protocol": "SSL", "ssl.engine.factory.class": "a.Factory", "ssl.engine.vault.path": "/v"},
		},
		"an own key wins": {
			values{"security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI", "sasl.kerberos.service.name": "kafka", "producer.sasl.kerberos.service.name": "other"},
			values{"security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI", "sasl.kerberos.service.name": "other"},
		},
		"forgotten beside own keys": {
			values{
				"security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER", "sasl.login.callback.handler.class": "a.Handler",
				"producer.security.protocol": "SASL_SSL", "producer.sasl.mechanism": "OAUTHBEARER",
			},
			values{"security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER", "sasl.login.callback.handler.class": "a.Handler"},
		},
		"another mechanism": {
			values{"security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER", "sasl.login.callback.handler.class": "a.Handler", "ssl.truststore.location": "/t", "producer.sasl.mechanism": "GSSAPI"},
			values{"security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI", "ssl.truststore.location": "/t"},
		},
		"another store": {
			values{"security.protocol": "SSL", "ssl.keystore.location": "/k", "ssl.keystore.type": "PKCS12", "ssl.key.password": "${env:P}", "ssl.truststore.location": "/t", "producer.ssl.keystore.location": "/own"},
			values{"security.protocol": "SSL", "ssl.keystore.location": "/own", "ssl.truststore.location": "/t"},
		},
		"own protocol": {
			values{"security.protocol": "SSL", "ssl.truststore.location": "/t", "producer.security.protocol": "PLAINTEXT"},
			values{"security.protocol": "PLAINTEXT"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := underPrefix(t, withConfig(test.config), "producer."); !maps.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// A security key of config that does not reach a client is named.
func TestBareSecurityKeysWithoutPrefix(t *testing.T) {
	t.Parallel()
	worker := withConfig(map[string]string{
		"security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI", "sasl.kerberos.service.name": "kafka",
		"producer.security.protocol": "SASL_SSL", "producer.sasl.mechanism": "GSSAPI",
	})
	worker.ClientPrefixes = []workerconfig.ClientPrefix{workerconfig.PrefixConsumer, workerconfig.PrefixAdmin}
	_, problems := distributedGroup(worker).Properties("")
	wantProblem(t, problems, `warning: config.sasl.kerberos.service.name: sasl.kerberos.service.name does not apply to the producer clients of connectors: `+
		`add "producer" to client_prefixes, or producer.sasl.kerberos.service.name to config`)
}
