package kafkaclient

import (
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// Mechanisms returns the valid values of SASL.Mechanism.
func Mechanisms() []string {
	return []string{javaformat.Plain, javaformat.ScramSHA256, javaformat.ScramSHA512, javaformat.OAuthBearer, javaformat.AWSMSKIAM}
}

func (s SASL) isZero() bool {
	return s.Mechanism == "" && s.Username == "" && s.Password == "" && s.OAuth.isZero() && s.AWS == AWS{}
}

// mechanism returns the kgo mechanism, or a *ConfigError. A token endpoint trusts the authorities of the brokers, too.
func (s SASL) mechanism(brokers TLS) (sasl.Mechanism, error) {
	if !slices.Contains(Mechanisms(), s.Mechanism) {
		return nil, &ConfigError{Field: "sasl.mechanism", Reason: "must be one of " + strings.Join(Mechanisms(), ", ")}
	}
	switch s.Mechanism {
	case javaformat.OAuthBearer:
		return s.OAuth.mechanism(brokers)
	case javaformat.AWSMSKIAM:
		return s.AWS.mechanism()
	}
	if s.Username == "" {
		return nil, &ConfigError{Field: "sasl.username", Reason: "is required for " + s.Mechanism}
	}
	if s.Password == "" {
		return nil, &ConfigError{Field: "sasl.password", Reason: "is required for " + s.Mechanism}
	}
	if s.Mechanism == javaformat.Plain {
		return plain.Auth{User: s.Username, Pass: s.Password}.AsMechanism(), nil
	}
	auth := scram.Auth{User: s.Username, Pass: s.Password, IsToken: s.TokenAuth}
	if s.Mechanism == javaformat.ScramSHA256 {
		return auth.AsSha256Mechanism(), nil
	}
	return auth.AsSha512Mechanism(), nil
}
