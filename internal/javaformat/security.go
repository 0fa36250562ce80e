package javaformat

// The values of security.protocol.
const (
	Plaintext     = "PLAINTEXT"
	SSL           = "SSL"
	SASLPlaintext = "SASL_PLAINTEXT"
	SASLSSL       = "SASL_SSL"
)

// SecurityProtocols returns the values of security.protocol.
func SecurityProtocols() []string { return []string{Plaintext, SSL, SASLPlaintext, SASLSSL} }

// SASL mechanisms.
const (
	GSSAPI      = "GSSAPI"
	OAuthBearer = "OAUTHBEARER"
	Plain       = "PLAIN"
	ScramSHA256 = "SCRAM-SHA-256"
	ScramSHA512 = "SCRAM-SHA-512"
	AWSMSKIAM   = "AWS_MSK_IAM"
)

// Mechanisms returns the SASL mechanisms whose login module comes with Java or Kafka, sorted.
// AWS_MSK_IAM is not one of them: its login module is a plugin.
func Mechanisms() []string {
	return []string{GSSAPI, OAuthBearer, Plain, ScramSHA256, ScramSHA512}
}

// LoginModule returns the class of the login module for a SASL mechanism, or "" if the mechanism is
// not one of [Mechanisms] or AWS_MSK_IAM.
func LoginModule(mechanism string) string {
	switch mechanism {
	case GSSAPI:
		return "com.sun.security.auth.module.Krb5LoginModule"
	case OAuthBearer:
		return "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
	case Plain:
		return "org.apache.kafka.common.security.plain.PlainLoginModule"
	case ScramSHA256, ScramSHA512:
		return "org.apache.kafka.common.security.scram.ScramLoginModule"
	case AWSMSKIAM:
		return "software.amazon.msk.auth.iam.IAMLoginModule"
	}
	return ""
}
