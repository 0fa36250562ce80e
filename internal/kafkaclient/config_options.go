package kafkaclient

import (
	"cmp"
	"net"
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

// options translates the configuration for kgo, or says what is wrong with it.
func (c Config) options() ([]kgo.Opt, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	options := []kgo.Opt{
		kgo.SeedBrokers(c.BootstrapServers...),
		kgo.ClientID(cmp.Or(c.ClientID, defaultClientID)),
		kgo.DialTimeout(c.dialTimeout()),
		kgo.RetryTimeout(cmp.Or(c.RequestTimeout, defaultRequestTimeout)),
		// The default of 5 s would let a request go by a partition count from before a change.
		kgo.MetadataMinAge(100 * time.Millisecond),
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
		mechanism, err := c.SASL.mechanism()
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
			return &ConfigError{Field: "bootstrap_servers", Reason: "must be host:port addresses, and " + strconv.Quote(s) + " is none"}
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
		return &ConfigError{Field: "sasl", Reason: "has no effect with security protocol " + protocol}
	case c.TLS != (TLS{}) && !strings.HasSuffix(protocol, javaformat.SSL):
		return &ConfigError{Field: "tls", Reason: "has no effect with security protocol " + protocol}
	}
	return nil
}

// principal is whom the broker will take us for, as far as the configuration tells.
func (c Config) principal() string {
	protocol := c.securityProtocol()
	switch {
	case strings.HasPrefix(protocol, "SASL_"):
		switch {
		case c.SASL.Username != "":
			return "User:" + c.SASL.Username
		case c.SASL.OAuth.ClientID != "":
			return "OAuth client " + c.SASL.OAuth.ClientID
		}
		return "the principal of its " + c.SASL.Mechanism + " credentials"
	case protocol == javaformat.SSL && c.TLS.CertificatePEM != "":
		return c.TLS.subject()
	}
	return "User:ANONYMOUS"
}
