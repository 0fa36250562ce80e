package kafkaclient

import (
	"cmp"
	"context"
	"net"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

const (
	defaultClientID       = "terraform-provider-kafkaconnect"
	defaultDialTimeout    = 10 * time.Second
	defaultRequestTimeout = 30 * time.Second
)

// Config describes a Kafka cluster and how to authenticate to it. The zero value of a field means its default.
type Config struct {
	// BootstrapServers are host:port addresses, at least one.
	BootstrapServers []string
	// SecurityProtocol is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL. The default is SASL_SSL if SASL is set, SSL if
	// only TLS is set, else PLAINTEXT.
	SecurityProtocol string
	SASL             SASL
	TLS              TLS
	// ClientID appears in the brokers' logs; "terraform-provider-kafkaconnect" by default.
	ClientID string
	// DialTimeout limits one connection attempt, including TLS and SASL; 10 s by default.
	DialTimeout time.Duration
	// RequestTimeout limits one request, including its retries; 30 s by default.
	RequestTimeout time.Duration
	// Dial opens the connections if it is set, without TLS. Tests use it to disturb them.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// SASL holds credentials. Mechanism decides which fields are used.
type SASL struct {
	// Mechanism is PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or AWS_MSK_IAM.
	Mechanism string
	// Username and Password are for PLAIN and SCRAM.
	Username, Password string
	// TokenAuth means that Username and Password are a delegation token's id and HMAC (SCRAM, KIP-48).
	TokenAuth bool
	OAuth     OAuth
	AWS       AWS
}

// OAuth holds the source of tokens for OAUTHBEARER, one of three: a fixed Token, a TokenFile that another program
// updates, or a TokenEndpoint that issues tokens for ClientID and ClientSecret (KIP-768).
type OAuth struct {
	Token         string
	TokenFile     string
	TokenEndpoint string // An https or http URL.
	ClientID      string
	ClientSecret  string
	Scope         string
	// EndpointParams are further parameters of the request for a token, such as audience.
	EndpointParams map[string]string
	// HeaderURLEncode percent-encodes id and secret in the request, as sasl.oauthbearer.header.urlencode does.
	HeaderURLEncode bool
	// CAPEM holds the trusted authorities of the token endpoint. The default are those of the operating system and of
	// the brokers.
	CAPEM string
	// Extensions are sent with the token (KIP-342), such as logicalCluster.
	Extensions map[string]string
}

// AWS holds the credentials of AWS_MSK_IAM. Without an access key, the default chain of the AWS SDK finds credentials. The
// region of the cluster comes from the broker's host name, else from AWS_REGION.
type AWS struct {
	AccessKeyID, SecretAccessKey, SessionToken string
	// Profile is a profile of the shared AWS files.
	Profile string
	// RoleARN is a role to assume with the credentials.
	RoleARN string
}

// TLS holds the trusted certificates and the client's own.
type TLS struct {
	// CAPEM holds the trusted certificates, which replace those of the operating system.
	CAPEM string
	// CertificatePEM and PrivateKeyPEM identify the client; both or neither. The key must not be encrypted.
	CertificatePEM, PrivateKeyPEM string
	// ServerName is expected in the broker's certificate instead of its host name.
	ServerName string
	// SkipHostnameVerify accepts a trusted certificate for any host, as ssl.endpoint.identification.algorithm="" does.
	SkipHostnameVerify bool
	// InsecureSkipVerify accepts every certificate.
	InsecureSkipVerify bool
	// MinVersion and MaxVersion are TLSv1.2 or TLSv1.3; by default TLSv1.2 and the newest.
	MinVersion, MaxVersion string
}

// ConfigError names the invalid field of a [Config], or the invalid key of a properties file. It holds no secret.
type ConfigError struct {
	// Field is the path in snake case, such as "sasl.mechanism"; for a properties file it is "properties".
	Field string
	// Key is the key of the properties file.
	Key    string
	Reason string // Continues a sentence that starts with the field or key: "must be …".
}

func (e *ConfigError) Error() string {
	if e.Key != "" {
		return e.Key + " " + e.Reason
	}
	return e.Field + " " + e.Reason
}

// Overlay returns c with every field that is set in over replaced. It descends into SASL and TLS: an over that has
// only a password keeps the user name of c. It drops the fields of c that contradict over, such as a token if over has a
// token endpoint.
func (c Config) Overlay(over Config) Config {
	if protocol := over.SecurityProtocol; protocol != "" {
		if !strings.HasPrefix(protocol, "SASL_") {
			c.SASL = SASL{}
		}
		if !strings.HasSuffix(protocol, javaformat.SSL) {
			c.TLS = TLS{}
		}
	}
	if over.SASL.Mechanism != "" && c.SASL.Mechanism != "" && over.SASL.Mechanism != c.SASL.Mechanism {
		c.SASL = SASL{}
	}
	if over.SASL.OAuth.sources() > 0 {
		c.SASL.OAuth.Token, c.SASL.OAuth.TokenFile, c.SASL.OAuth.TokenEndpoint = "", "", ""
	}
	if over.SASL.AWS.AccessKeyID != "" || over.SASL.AWS.Profile != "" {
		c.SASL.AWS = AWS{}
	}
	overlay(reflect.ValueOf(&c).Elem(), reflect.ValueOf(over))
	return c
}

func overlay(base, over reflect.Value) {
	if base.Kind() == reflect.Struct {
		for i := range base.NumField() {
			overlay(base.Field(i), over.Field(i))
		}
		return
	}
	if !over.IsZero() {
		base.Set(over)
	}
}

func (c Config) dialTimeout() time.Duration { return cmp.Or(c.DialTimeout, defaultDialTimeout) }

func (c Config) securityProtocol() string {
	switch {
	case c.SecurityProtocol != "":
		return c.SecurityProtocol
	case !c.SASL.isZero():
		return javaformat.SASLSSL
	case c.TLS != TLS{}:
		return javaformat.SSL
	}
	return javaformat.Plaintext
}

// options validates the configuration and converts it to options of kgo.
func (c Config) options() ([]kgo.Opt, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	options := []kgo.Opt{
		kgo.SeedBrokers(c.BootstrapServers...),
		kgo.ClientID(cmp.Or(c.ClientID, defaultClientID)),
		kgo.DialTimeout(c.dialTimeout()),
		kgo.RetryTimeout(cmp.Or(c.RequestTimeout, defaultRequestTimeout)),
		// With the default of 5 s, a request after a change of partitions could use the previous count.
		kgo.MetadataMinAge(100 * time.Millisecond),
	}
	if c.Dial != nil {
		options = append(options, kgo.Dialer(c.Dial))
	}
	protocol := c.securityProtocol()
	if protocol == javaformat.SSL || protocol == javaformat.SASLSSL {
		tlsConfig, err := c.TLS.config()
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.DialTLSConfig(tlsConfig))
	}
	if protocol == javaformat.SASLPlaintext || protocol == javaformat.SASLSSL {
		mechanism, err := c.SASL.mechanism(c.TLS)
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.SASL(mechanism))
	}
	return options, nil
}

func (c Config) validate() error {
	if len(c.BootstrapServers) == 0 {
		return &ConfigError{Field: "bootstrap_servers", Reason: "must name at least one broker"}
	}
	for _, s := range c.BootstrapServers {
		host, port, err := net.SplitHostPort(s)
		if n, portErr := strconv.Atoi(port); err != nil || host == "" || portErr != nil || n < 1 || n > 65535 {
			return &ConfigError{Field: "bootstrap_servers", Reason: "must contain only addresses of the form host:port, not " + strconv.Quote(s)}
		}
	}
	if c.DialTimeout < 0 || c.RequestTimeout < 0 {
		return &ConfigError{Field: "request_timeout", Reason: "cannot be negative"}
	}
	return c.validateProtocol()
}

func (c Config) validateProtocol() error {
	protocol := c.securityProtocol()
	switch {
	case !slices.Contains(javaformat.SecurityProtocols(), protocol):
		return &ConfigError{Field: "security_protocol", Reason: "must be one of " + strings.Join(javaformat.SecurityProtocols(), ", ")}
	case !c.SASL.isZero() && !strings.HasPrefix(protocol, "SASL_"):
		return &ConfigError{Field: "sasl", Reason: "has no effect with security protocol " + protocol + ": use SASL_SSL or SASL_PLAINTEXT, or remove sasl"}
	case c.TLS != (TLS{}) && !strings.HasSuffix(protocol, javaformat.SSL):
		return &ConfigError{Field: "tls", Reason: "has no effect with security protocol " + protocol + ": use SSL or SASL_SSL, or remove tls"}
	}
	return nil
}

// principal returns the principal that the broker sees, as far as the configuration determines it.
func (c Config) principal() string {
	protocol := c.securityProtocol()
	switch {
	case strings.HasPrefix(protocol, "SASL_"):
		switch mechanism := c.SASL.Mechanism; {
		case c.SASL.Username != "" && mechanism != javaformat.OAuthBearer && mechanism != javaformat.AWSMSKIAM:
			return "User:" + c.SASL.Username
		case c.SASL.OAuth.ClientID != "" && mechanism == javaformat.OAuthBearer:
			return "OAuth client " + c.SASL.OAuth.ClientID
		}
		return "the principal of its " + c.SASL.Mechanism + " credentials"
	case protocol == javaformat.SSL && c.TLS.CertificatePEM != "":
		return c.TLS.subject()
	}
	return "User:ANONYMOUS"
}
