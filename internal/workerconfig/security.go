package workerconfig

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// ClientPrefix is the prefix of the keys for one kind of client that connectors use.
type ClientPrefix string

// The prefixes for the clients of connectors.
const (
	// PrefixProducer is for source connectors and the dead letter queues of sinks.
	PrefixProducer ClientPrefix = "producer"
	// PrefixConsumer is for sink connectors.
	PrefixConsumer ClientPrefix = "consumer"
	// PrefixAdmin is for creating topics of source connectors and dead letter queues. Admin
	// clients of connectors also get the worker's settings without a prefix.
	PrefixAdmin ClientPrefix = "admin"
)

// clientPrefixes lists the prefixes in the order of rendering, each with what fails
// without security settings. Nothing fails without the prefix admin.
var clientPrefixes = []struct {
	prefix ClientPrefix
	fails  string
}{
	{PrefixProducer, "source connectors cannot write to the cluster"},
	{PrefixConsumer, "sink connectors cannot read from the cluster"},
	{prefix: PrefixAdmin},
}

// HTTPSEndpointIdentification makes clients compare the host name in the broker's
// certificate with the host that they connect to.
const HTTPSEndpointIdentification = "HTTPS"

// Security has the settings with which a worker, and the clients of its connectors,
// connect to brokers. The worker also uses the TLS settings for the https listeners of
// its REST API, unless Config has a key that starts with listeners.https.
type Security struct {
	// Protocol is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL. Required.
	Protocol string
	// SASL is required for the protocols that start with SASL.
	SASL *SASL
	// SSLProtocol is the version of TLS, such as TLSv1.2.
	SSLProtocol string
	// SSLEnabledProtocols are the allowed versions: by default only SSLProtocol, if it
	// is set, else Kafka's default.
	SSLEnabledProtocols []string
	// EndpointIdentificationAlgorithm is HTTPSEndpointIdentification by default if the
	// protocol uses TLS; the empty text disables the check.
	EndpointIdentificationAlgorithm *string
	// TrustStore holds the trusted certificates; nil means those of the JVM.
	TrustStore *TrustStore
	// KeyStore holds the client's certificate; nil means none.
	KeyStore *KeyStore
}

// SASL has the credentials of a client: username and password, or a complete JAAS
// configuration.
type SASL struct {
	// Mechanism is one of javaformat.Mechanisms, or any other if JAASConfig is set.
	// Required.
	Mechanism string
	// Username and Password are for PLAIN and SCRAM. The worker resolves a placeholder
	// before it parses the JAAS configuration, so " and \ in the resolved value must
	// be escaped with a backslash.
	Username, Password string
	// JAASConfig is the value of sasl.jaas.config.
	JAASConfig string
}

// TrustStore is a file on the worker, or PEM certificates.
type TrustStore struct {
	// Type is JKS (Kafka's default), PKCS12 or PEM (default with Certificates).
	Type string
	// Location is a file on the worker.
	Location string
	// Password is the password of the file; PEM files have none.
	Password string
	// Certificates are PEM blocks instead of a file (KIP-651).
	Certificates string
}

// KeyStore is a file on the worker, or a PEM key with its certificates.
type KeyStore struct {
	// Type is JKS (Kafka's default), PKCS12 or PEM (default with Key).
	Type string
	// Location is a file on the worker.
	Location string
	// Password is the password of the file; PEM files have none.
	Password string
	// KeyPassword is the password of the key in the file, or of Key.
	KeyPassword string
	// CertificateChain and Key are PEM blocks instead of a file (KIP-651). Key must be
	// in PKCS #8 format.
	CertificateChain, Key string
}

// securityProperty is one security setting without a client prefix.
type securityProperty struct {
	key, value string
	path       []string
}

type securityLines []securityProperty

func (l *securityLines) add(key, value string, path ...string) {
	if value != "" {
		*l = append(*l, securityProperty{key, value, append([]string{"security"}, path...)})
	}
}

// renderSecurity renders the security settings without a prefix for the worker's own
// clients, and under the prefixes for the clients of connectors. The same holds for
// security settings in Config. It reports a problem of a setting once.
func (w Worker) renderSecurity(r *renderer) {
	w.checkClientPrefixes(r)
	var lines securityLines
	if w.Security != nil {
		w.Security.check(r)
		lines = w.Security.lines(r)
	}
	for _, line := range lines {
		r.set(line.key, line.value, line.path...)
	}
	for _, client := range clientPrefixes {
		if !w.hasPrefix(client.prefix) {
			w.checkNotRepeated(r, client.prefix)
			continue
		}
		bare := len(r.problems)
		for _, line := range append(slices.Clip(lines), w.bareSecurity(r, client.prefix)...) {
			r.set(string(client.prefix)+"."+line.key, line.value, line.path...)
		}
		r.problems = r.problems[:bare]
	}
}

func (w Worker) hasPrefix(prefix ClientPrefix) bool {
	return w.ClientPrefixes == nil || slices.Contains(w.ClientPrefixes, prefix)
}

func (w Worker) checkClientPrefixes(r *renderer) {
	for _, prefix := range w.ClientPrefixes {
		if prefix != PrefixProducer && prefix != PrefixConsumer && prefix != PrefixAdmin {
			r.problem(SeverityError, "", fmt.Sprintf("%q is not a client prefix: use producer, consumer or admin", prefix), "client_prefixes")
		}
	}
	for _, client := range clientPrefixes {
		own := string(client.prefix) + "." + protocolKey
		if _, configured := w.Config[own]; configured || client.fails == "" || w.hasPrefix(client.prefix) {
			continue
		}
		switch {
		case w.Security == nil && isSecured(w.Config[protocolKey]):
			r.problem(SeverityWarning, protocolKey,
				fmt.Sprintf("%s does not apply to the %s clients of connectors: %s; add %[2]q to client_prefixes", protocolKey, client.prefix, client.fails),
				"config", protocolKey)
		case w.Security != nil && !w.Security.is(javaformat.Plaintext):
			r.problem(SeverityWarning, own,
				fmt.Sprintf("client_prefixes does not contain %q: %s, unless each connector has its own security settings", client.prefix, client.fails),
				"client_prefixes")
		}
	}
}

// is ignores case, as Kafka does.
func (s *Security) is(protocol string) bool { return strings.EqualFold(s.Protocol, protocol) }
func (s *Security) usesTLS() bool           { return s.is(javaformat.SSL) || s.is(javaformat.SASLSSL) }
func (s *Security) usesSASL() bool          { return s.is(javaformat.SASLPlaintext) || s.is(javaformat.SASLSSL) }

func (s *Security) lines(r *renderer) securityLines {
	var lines securityLines
	lines.add(protocolKey, s.Protocol, "protocol")
	if s.SASL != nil {
		s.SASL.lines(r, &lines)
	}
	lines.add("ssl.protocol", s.SSLProtocol, "ssl_protocol")
	enabled := s.SSLEnabledProtocols
	if len(enabled) == 0 && s.SSLProtocol != "" {
		enabled = []string{s.SSLProtocol}
	}
	lines.add("ssl.enabled.protocols", strings.Join(enabled, ","), "ssl_enabled_protocols")
	s.addEndpointIdentification(&lines)
	if s.TrustStore != nil {
		s.TrustStore.lines(&lines)
	}
	if s.KeyStore != nil {
		s.KeyStore.lines(&lines)
	}
	return lines
}

// addEndpointIdentification, unlike add, also renders an empty value, which disables
// the check.
func (s *Security) addEndpointIdentification(lines *securityLines) {
	algorithm := s.EndpointIdentificationAlgorithm
	if algorithm == nil {
		if !s.usesTLS() {
			return
		}
		standard := HTTPSEndpointIdentification
		algorithm = &standard
	}
	*lines = append(*lines, securityProperty{
		"ssl.endpoint.identification.algorithm", *algorithm, []string{"security", "ssl_endpoint_identification_algorithm"},
	})
}

func (s *SASL) lines(r *renderer, lines *securityLines) {
	lines.add("sasl.mechanism", s.Mechanism, "sasl", "mechanism")
	if s.JAASConfig != "" {
		lines.add("sasl.jaas.config", s.JAASConfig, "sasl", "jaas_config")
		return
	}
	if s.Username == "" && s.Password == "" {
		return
	}
	jaas, err := javaformat.NewJAAS(s.Mechanism, map[string]string{"username": s.Username, "password": s.Password})
	if err != nil {
		r.problem(SeverityError, "sasl.mechanism", err.Error(), "security", "sasl", "mechanism")
		return
	}
	lines.add("sasl.jaas.config", jaas.Encode(), "sasl", "password")
}

func (t *TrustStore) lines(lines *securityLines) {
	lines.add("ssl.truststore.type", storeType(t.Type, t.Certificates), "truststore", "type")
	lines.add("ssl.truststore.location", t.Location, "truststore", "location")
	lines.add("ssl.truststore.password", t.Password, "truststore", "password")
	lines.add("ssl.truststore.certificates", t.Certificates, "truststore", "certificates")
}

func (k *KeyStore) lines(lines *securityLines) {
	lines.add("ssl.keystore.type", storeType(k.Type, k.Key), "keystore", "type")
	lines.add("ssl.keystore.location", k.Location, "keystore", "location")
	lines.add("ssl.keystore.password", k.Password, "keystore", "password")
	lines.add("ssl.key.password", k.KeyPassword, "keystore", "key_password")
	lines.add("ssl.keystore.certificate.chain", k.CertificateChain, "keystore", "certificate_chain")
	lines.add("ssl.keystore.key", k.Key, "keystore", "key")
}

func storeType(declared, pem string) string {
	if declared == "" && pem != "" {
		return "PEM"
	}
	return declared
}
