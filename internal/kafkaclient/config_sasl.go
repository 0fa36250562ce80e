package kafkaclient

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/aws"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// Mechanisms returns the values that SASL.Mechanism can have.
func Mechanisms() []string {
	return []string{javaformat.Plain, javaformat.ScramSHA256, javaformat.ScramSHA512, javaformat.OAuthBearer, javaformat.AWSMSKIAM}
}

func (s SASL) isZero() bool {
	return s.Mechanism == "" && s.Username == "" && s.Password == "" && s.OAuth.isZero() && s.AWS == AWS{}
}

// mechanism makes what kgo authenticates with.
func (s SASL) mechanism() (sasl.Mechanism, error) {
	if !slices.Contains(Mechanisms(), s.Mechanism) {
		return nil, &ConfigError{Field: "sasl.mechanism", Reason: "must be one of " + strings.Join(Mechanisms(), ", ")}
	}
	switch s.Mechanism {
	case javaformat.OAuthBearer:
		return s.OAuth.mechanism()
	case javaformat.AWSMSKIAM:
		if (s.AWS.AccessKeyID == "") != (s.AWS.SecretAccessKey == "") {
			return nil, &ConfigError{Field: "sasl.aws", Reason: "needs the access key's id and its secret, or neither to take both from the environment"}
		}
		return aws.ManagedStreamingIAM(s.AWS.auth), nil
	}
	if s.Username == "" {
		return nil, &ConfigError{Field: "sasl.username", Reason: "must be given for " + s.Mechanism}
	}
	if s.Password == "" {
		return nil, &ConfigError{Field: "sasl.password", Reason: "must be given for " + s.Mechanism}
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

func (a AWS) auth(context.Context) (aws.Auth, error) {
	if a.AccessKeyID == "" {
		a = AWS{os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")}
	}
	if cmp.Or(a.AccessKeyID, a.SecretAccessKey) == "" {
		return aws.Auth{}, errors.New("there are no AWS credentials, neither in the configuration nor in the environment")
	}
	return aws.Auth{AccessKey: a.AccessKeyID, SecretKey: a.SecretAccessKey, SessionToken: a.SessionToken, UserAgent: defaultClientID}, nil
}
