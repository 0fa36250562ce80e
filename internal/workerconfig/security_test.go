package workerconfig_test

import (
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

func TestProblemsOfSecurity(t *testing.T) {
	t.Parallel()
	const plainJAAS = `org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";`
	for _, test := range []struct {
		name   string
		change func(*workerconfig.Security)
		want   string
	}{
		{"sound", func(*workerconfig.Security) {}, ""},
		{"no protocol", func(s *workerconfig.Security) { s.Protocol = "" }, "error: security.protocol: protocol is required"},
		{"unknown protocol", func(s *workerconfig.Security) { s.Protocol = "SASL_TLS" }, "error: security.protocol: security.protocol must be one of"},
		{"lower case protocol", func(s *workerconfig.Security) { s.Protocol = "sasl_ssl" }, ""},
		{"SASL without sasl", func(s *workerconfig.Security) { s.SASL = nil }, "error: security.sasl: protocol SASL_SSL needs sasl"},
		{"sasl without SASL", func(s *workerconfig.Security) { s.Protocol = "SSL" }, "error: security.protocol: sasl has no effect with protocol SSL"},
		{"no mechanism", func(s *workerconfig.Security) { s.SASL = &workerconfig.SASL{JAASConfig: plainJAAS} }, "error: security.sasl.mechanism: mechanism is required"},
		{"lower case mechanism", func(s *workerconfig.Security) {
			s.SASL = &workerconfig.SASL{Mechanism: "scram-sha-512", JAASConfig: "a.B required;"}
		},
			"error: security.sasl.mechanism: the mechanism must be in upper case: SCRAM-SHA-512"},
		{"unknown mechanism", func(s *workerconfig.Security) { s.SASL.Mechanism = "AWS_MSK_IAM" }, "error: security.sasl.mechanism: no login module is known"},
		{"unknown mechanism with jaas_config", func(s *workerconfig.Security) {
			s.SASL = &workerconfig.SASL{Mechanism: "AWS_MSK_IAM", JAASConfig: "software.amazon.msk.auth.iam.IAMLoginModule required;"}
		}, ""},
		{"no username", func(s *workerconfig.Security) { s.SASL.Username = "" }, "error: security.sasl.username: username is required"},
		{"no password", func(s *workerconfig.Security) { s.SASL.Password = "" }, "error: security.sasl.password: password is required"},
		{"Kerberos without jaas_config", func(s *workerconfig.Security) { s.SASL = &workerconfig.SASL{Mechanism: "GSSAPI"} }, "error: security.sasl.mechanism: mechanism GSSAPI needs jaas_config"},
		{"both", func(s *workerconfig.Security) { s.SASL.JAASConfig = plainJAAS }, "error: security.sasl.jaas_config: jaas_config cannot be set together with username and password"},
		{"broken jaas_config", func(s *workerconfig.Security) {
			s.SASL = &workerconfig.SASL{Mechanism: "PLAIN", JAASConfig: "a.B required b=" + testPassword}
		},
			"error: security.sasl.jaas_config: not a valid JAAS configuration"},
		{"jaas_config without a password", func(s *workerconfig.Security) {
			s.SASL = &workerconfig.SASL{Mechanism: "PLAIN", JAASConfig: `org.apache.kafka.common.security.plain.PlainLoginModule required username="u";`}
		}, "warning: security.sasl.jaas_config: PLAIN needs the options username and password, but password is not set"},
		{"jaas_config with continued lines", func(s *workerconfig.Security) {
			s.SASL = &workerconfig.SASL{Mechanism: "PLAIN", JAASConfig: "org.apache.kafka.common.security.plain.PlainLoginModule required \\\n username=\"u\" password=\"p\";"}
		}, `error: security.sasl.jaas_config: not a valid JAAS configuration: a "\" at the end of a line continues the line in properties files only`},
		{"jaas_config with a line end", func(s *workerconfig.Security) {
			s.SASL = &workerconfig.SASL{Mechanism: "PLAIN", JAASConfig: plainJAAS + "\n"}
		}, ""},
		{"jaas_config of another mechanism", func(s *workerconfig.Security) {
			s.SASL = &workerconfig.SASL{Mechanism: "SCRAM-SHA-512", JAASConfig: plainJAAS}
		},
			"error: security.sasl.mechanism: the login module of jaas_config is for PLAIN, not for mechanism SCRAM-SHA-512"},
		{"jaas_config elsewhere", func(s *workerconfig.Security) {
			s.SASL = &workerconfig.SASL{Mechanism: "PLAIN", JAASConfig: "${file:/run/x:jaas}"}
		}, ""},
		{"placeholder that JAAS would change", func(s *workerconfig.Security) { s.SASL.Password = `${file:C:\x:p}` }, `error: security.sasl.password: a placeholder that contains " or \`},
		{"password of an undeclared provider", func(s *workerconfig.Security) { s.SASL.Password = "${vault:a:b}" },
			`error: security.sasl.password: sasl.jaas.config has a placeholder of the config provider "vault"`},
		{"password that looks like a placeholder", func(s *workerconfig.Security) { s.SASL.Password = "x${vault:a}" },
			"warning: security.sasl.password: sasl.jaas.config contains ${…}, but no config provider of that name is declared"},
		{"PEM of another type", func(s *workerconfig.Security) {
			s.TrustStore = &workerconfig.TrustStore{Type: "JKS", Certificates: "c"}
		}, "error: security.truststore.type: certificates are in PEM format"},
		{"PEM and file", func(s *workerconfig.Security) {
			s.TrustStore = &workerconfig.TrustStore{Location: "/t", Certificates: "c"}
		}, "error: security.truststore.certificates: certificates and location cannot both be set"},
		{"PEM with a password", func(s *workerconfig.Security) {
			s.TrustStore = &workerconfig.TrustStore{Password: "p", Certificates: "c"}
		}, "error: security.truststore.password: Kafka refuses a password"},
		{"key without certificates", func(s *workerconfig.Security) { s.KeyStore = &workerconfig.KeyStore{Key: "k"} }, "error: security.keystore.certificate_chain: certificate_chain is required with key"},
		{"certificates without key", func(s *workerconfig.Security) { s.KeyStore = &workerconfig.KeyStore{CertificateChain: "c"} }, "error: security.keystore.key: key is required with certificate_chain"},
		{"key and file", func(s *workerconfig.Security) {
			s.KeyStore = &workerconfig.KeyStore{Key: "k", CertificateChain: "c", Location: "/k"}
		}, "error: security.keystore.location: location cannot be set together with key and certificate_chain"},
		{"key of another type", func(s *workerconfig.Security) {
			s.KeyStore = &workerconfig.KeyStore{Type: "PKCS12", Key: "k", CertificateChain: "c"}
		}, "error: security.keystore.type: key and certificate_chain are in PEM format"},
		{"key with a store password", func(s *workerconfig.Security) {
			s.KeyStore = &workerconfig.KeyStore{Key: "k", CertificateChain: "c", Password: "p"}
		}, "error: security.keystore.password: Kafka refuses a store password"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			worker := securedWorker()
			test.change(worker.Security)
			_, problems := distributedGroup(worker).Properties("")
			wantProblem(t, problems, test.want)
		})
	}
}

func TestProblemsOfClientPrefixes(t *testing.T) {
	t.Parallel()
	type prefixes = []workerconfig.ClientPrefix
	for _, test := range []struct {
		name     string
		prefixes prefixes
		config   map[string]string
		want     []string
	}{
		{"all by default", nil, nil, nil},
		{"no producer", prefixes{"consumer", "admin"}, nil, []string{`warning: client_prefixes: client_prefixes does not contain "producer": source connectors cannot write`}},
		{"no consumer", prefixes{"producer", "admin"}, nil, []string{`warning: client_prefixes: client_prefixes does not contain "consumer": sink connectors cannot read`}},
		{"no admin", prefixes{"producer", "consumer"}, nil, nil},
		{"none", prefixes{}, nil, []string{"warning: client_prefixes", "warning: client_prefixes"}},
		{"its own", prefixes{"consumer", "admin"}, map[string]string{"producer.security.protocol": "PLAINTEXT"}, nil},
		{"unknown", prefixes{"producer", "consumer", "admin", "sink"}, nil, []string{`error: client_prefixes: "sink" is not a client prefix`}},
	} {
		worker := securedWorker()
		worker.ClientPrefixes, worker.Config = test.prefixes, test.config
		_, problems := distributedGroup(worker).Properties("")
		if len(problems) != len(test.want) {
			t.Errorf("%s: problems: %v, want %v", test.name, problems, test.want)
			continue
		}
		for i, problem := range problems {
			wantProblem(t, workerconfig.Problems{problem}, test.want[i])
		}
	}
	worker := securedWorker()
	worker.Security, worker.ClientPrefixes = nil, prefixes{}
	_, problems := distributedGroup(worker).Properties("")
	wantProblem(t, problems, "")

	worker.Config = map[string]string{"security.protocol": "SSL", "producer.security.protocol": "SSL", "admin.security.protocol": "SSL"}
	_, problems = distributedGroup(worker).Properties("")
	wantProblem(t, problems, "warning: config.security.protocol: security.protocol does not apply to the consumer clients of connectors: sink connectors cannot read")
}
