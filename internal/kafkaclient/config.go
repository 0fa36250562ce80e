package kafkaclient

import "time"

// Config says how to reach a Kafka cluster. The zero value of a field means its default.
type Config struct {
	// BootstrapServers are host:port addresses, at least one.
	BootstrapServers []string
	// SecurityProtocol is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL. When empty it follows from what is given:
	// SASL_SSL with SASL, SSL with TLS alone, else PLAINTEXT.
	SecurityProtocol string
	SASL             SASL
	TLS              TLS
	// ClientID is what brokers log; "terraform-provider-kafkaconnect" by default.
	ClientID string
	// DialTimeout bounds one connection attempt, TLS and SASL included; 10 s by default.
	DialTimeout time.Duration
	// RequestTimeout bounds one request with its retries; 30 s by default.
	RequestTimeout time.Duration
}

// SASL says how to authenticate. Which fields count depends on Mechanism.
type SASL struct {
	// Mechanism is PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or AWS_MSK_IAM.
	Mechanism string
	// Username and Password are for PLAIN and SCRAM.
	Username, Password string
	// TokenAuth says that Username and Password are a delegation token's id and HMAC (SCRAM, KIP-48).
	TokenAuth bool
	OAuth     OAuth
	AWS       AWS
}

// OAuth holds what OAUTHBEARER needs: a Token, or a TokenEndpoint that gives one for the client's credentials
// (KIP-768), or a TokenFile that something else keeps fresh.
type OAuth struct {
	Token         string
	TokenFile     string
	TokenEndpoint string // An https or http URL.
	ClientID      string
	ClientSecret  string
	Scope         string
	// Extensions are sent with the token (KIP-342), such as logicalCluster.
	Extensions map[string]string
}

// AWS holds the credentials of AWS_MSK_IAM. Empty ones are taken from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY
// and AWS_SESSION_TOKEN at each connection. The region is read off the broker's name, else from AWS_REGION.
type AWS struct {
	AccessKeyID, SecretAccessKey, SessionToken string
}

// TLS says whom to trust and how to identify oneself.
type TLS struct {
	// CAPEM holds the certificates to trust instead of the system's.
	CAPEM string
	// CertificatePEM and PrivateKeyPEM identify the client; both or neither. The key cannot be an encrypted one.
	CertificatePEM, PrivateKeyPEM string
	// ServerName is expected in the broker's certificate instead of its host name.
	ServerName string
	// SkipHostnameVerify trusts a certificate of any name, as ssl.endpoint.identification.algorithm="" does.
	SkipHostnameVerify bool
	// InsecureSkipVerify trusts any certificate at all.
	InsecureSkipVerify bool
	// MinVersion and MaxVersion are TLSv1.2 or TLSv1.3; by default TLSv1.2 and the newest.
	MinVersion, MaxVersion string
}

// ConfigError says which part of a [Config], or which key of a properties file, is wrong. It holds no secret.
type ConfigError struct {
	// Field is the path in snake case, such as "sasl.mechanism"; for a properties file it is "properties".
	Field string
	// Key is the key of the properties file.
	Key    string
	Reason string // Reads on from the field's or key's name.
}

func (e *ConfigError) Error() string {
	if e.Key != "" {
		return e.Key + " " + e.Reason
	}
	return e.Field + " " + e.Reason
}
