package workerconfig

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// check reports problems of combinations, which the checks of single keys miss.
func (s *Security) check(r *renderer) {
	report := func(severity Severity, message string, path ...string) {
		r.problem(severity, "", message, append([]string{"security"}, path...)...)
	}
	if s.Protocol == "" {
		report(SeverityError, "protocol is required: set one of "+strings.Join(javaformat.SecurityProtocols(), ", "), "protocol")
	}
	switch {
	case s.SASL == nil && s.usesSASL():
		report(SeverityError, fmt.Sprintf("protocol %s needs sasl: a mechanism, and a username and password or a jaas_config", s.Protocol), "sasl")
	case s.SASL != nil && (s.is(javaformat.Plaintext) || s.is(javaformat.SSL)):
		report(SeverityError, fmt.Sprintf("sasl has no effect with protocol %s: use SASL_SSL or SASL_PLAINTEXT, or remove sasl", s.Protocol), "protocol")
	}
	if s.SASL != nil {
		s.SASL.check(report)
	}
	if s.TrustStore != nil {
		s.TrustStore.check(report)
	}
	if s.KeyStore != nil {
		s.KeyStore.check(report)
	}
}

// reporter reports a problem at a path below security.
type reporter func(severity Severity, message string, path ...string)

func (s *SASL) check(report reporter) {
	if s.Mechanism == "" {
		report(SeverityError, "mechanism is required: set one of "+strings.Join(javaformat.Mechanisms(), ", ")+", or the mechanism of a plugin", "sasl", "mechanism")
	} else if upper := strings.ToUpper(s.Mechanism); upper != s.Mechanism && slices.Contains(javaformat.Mechanisms(), upper) {
		report(SeverityError, fmt.Sprintf("the mechanism must be in upper case: %s", upper), "sasl", "mechanism")
	}
	hasLogin := s.Username != "" || s.Password != ""
	switch {
	case s.JAASConfig != "" && hasLogin:
		report(SeverityError, "jaas_config cannot be set together with username and password: remove one of them", "sasl", "jaas_config")
	case s.JAASConfig != "":
		s.checkJAAS(report)
	case s.Mechanism == javaformat.GSSAPI || s.Mechanism == javaformat.OAuthBearer:
		report(SeverityError, fmt.Sprintf("mechanism %s needs jaas_config instead of username and password", s.Mechanism), "sasl", "mechanism")
	case s.Username == "":
		report(SeverityError, "username is required, unless jaas_config is set", "sasl", "username")
	case s.Password == "":
		report(SeverityError, "password is required, unless jaas_config is set", "sasl", "password")
	}
	checkPlaceholders(report, s.Username, "username")
	checkPlaceholders(report, s.Password, "password")
}

// checkPlaceholders reports placeholders that the escaping for JAAS changes. The worker
// resolves placeholders before it parses JAAS, so it would not recognize them.
func checkPlaceholders(report reporter, value, field string) {
	if slices.ContainsFunc(placeholder.FindAllString(value, -1), func(found string) bool { return strings.ContainsAny(found, `"\`) }) {
		report(SeverityError, `a placeholder that contains " or \ cannot be part of a JAAS configuration: use / in paths`, "sasl", field)
	}
}

func (s *SASL) checkJAAS(report reporter) {
	if isPlaceholder(s.JAASConfig) {
		return
	}
	jaas, err := javaformat.ParseJAAS(s.JAASConfig)
	if err != nil {
		report(SeverityError, err.Error(), "sasl", "jaas_config")
		return
	}
	if err := javaformat.CheckOptions(s.Mechanism, jaas.Options); err != nil && jaas.Module == javaformat.LoginModule(s.Mechanism) {
		report(SeverityWarning, err.Error()+": the worker cannot log in, unless a callback handler supplies what is missing", "sasl", "jaas_config")
	}
	mechanisms := mechanismsOf(jaas.Module)
	if len(mechanisms) > 0 && s.Mechanism != "" && !slices.Contains(mechanisms, s.Mechanism) {
		report(SeverityError, fmt.Sprintf("the login module of jaas_config is for %s, not for mechanism %s: correct one of them",
			strings.Join(mechanisms, " and "), s.Mechanism), "sasl", "mechanism")
	}
}

// mechanismsOf returns the mechanisms of a login module that comes with Kafka or Java.
func mechanismsOf(module string) []string {
	var served []string
	for _, mechanism := range javaformat.Mechanisms() {
		if javaformat.LoginModule(mechanism) == module {
			served = append(served, mechanism)
		}
	}
	return served
}

func (t *TrustStore) check(report reporter) {
	inline := t.Certificates != ""
	switch {
	case inline && t.Location != "":
		report(SeverityError, "certificates and location cannot both be set: remove one of them", "truststore", "certificates")
	case inline && storeType(t.Type, t.Certificates) != "PEM":
		report(SeverityError, "certificates are in PEM format: remove type, or set it to PEM", "truststore", "type")
	}
	if t.Password != "" && storeType(t.Type, t.Certificates) == "PEM" {
		report(SeverityError, "Kafka refuses a password for PEM certificates: remove the password", "truststore", "password")
	}
}

func (k *KeyStore) check(report reporter) {
	inline := k.Key != "" || k.CertificateChain != ""
	switch {
	case inline && k.Location != "":
		report(SeverityError, "location cannot be set together with key and certificate_chain: remove one of them", "keystore", "location")
	case k.Key == "" && inline:
		report(SeverityError, "key is required with certificate_chain", "keystore", "key")
	case k.CertificateChain == "" && inline:
		report(SeverityError, "certificate_chain is required with key", "keystore", "certificate_chain")
	case inline && storeType(k.Type, k.Key) != "PEM":
		report(SeverityError, "key and certificate_chain are in PEM format: remove type, or set it to PEM", "keystore", "type")
	}
	if k.Password != "" && storeType(k.Type, k.Key) == "PEM" {
		report(SeverityError, "Kafka refuses a store password for PEM: set the password of an encrypted key in key_password", "keystore", "password")
	}
}
