package kafkaclient

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/twmb/franz-go/pkg/sasl"
	mskiam "github.com/twmb/franz-go/pkg/sasl/aws"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/keyedmutex"
)

const (
	// awsTimeout limits the search for credentials of one connection. Outside AWS, the instance metadata service does not
	// answer.
	awsTimeout = 15 * time.Second
	// awsRenewal is how long before their end credentials are renewed, so that a new connection can use them for a while.
	awsRenewal = 5 * time.Minute
)

// mechanism returns the kgo mechanism.
func (a AWS) mechanism() (sasl.Mechanism, error) {
	switch {
	case (a.AccessKeyID == "") != (a.SecretAccessKey == ""):
		return nil, &ConfigError{Field: "sasl.aws", Reason: "needs both access_key_id and secret_access_key, or neither: then the AWS SDK finds credentials"}
	case a.AccessKeyID != "" && a.Profile != "":
		return nil, &ConfigError{Field: "sasl.aws.profile", Reason: "cannot be used together with access_key_id: remove one of them"}
	}
	return mskiam.ManagedStreamingIAM((&awsCredentials{settings: a}).auth), nil
}

// awsCredentials are the credentials of all connections of a client. The SDK caches them and renews them before they end.
type awsCredentials struct {
	settings AWS

	mutex    keyedmutex.Map // Has one key: "".
	provider aws.CredentialsProvider
}

// auth returns credentials for a connection.
func (c *awsCredentials) auth(ctx context.Context) (mskiam.Auth, error) {
	ctx, cancel := context.WithTimeout(ctx, awsTimeout)
	defer cancel()
	found, err := c.retrieve(ctx)
	if err != nil {
		return mskiam.Auth{}, fmt.Errorf("%w: no AWS credentials found: %w; set them in sasl.aws, or in a place that the AWS SDK reads, "+
			"such as AWS_ACCESS_KEY_ID, AWS_PROFILE or a role of the machine", ErrUnauthenticated, err)
	}
	return mskiam.Auth{AccessKey: found.AccessKeyID, SecretKey: found.SecretAccessKey, SessionToken: found.SessionToken, UserAgent: defaultClientID}, nil
}

func (c *awsCredentials) retrieve(ctx context.Context) (aws.Credentials, error) {
	unlock, err := c.mutex.Lock(ctx, "")
	if err != nil {
		return aws.Credentials{}, err
	}
	defer unlock()
	if c.provider == nil {
		if c.provider, err = c.settings.provider(ctx); err != nil {
			return aws.Credentials{}, err
		}
	}
	return c.provider.Retrieve(ctx)
}

// provider returns the credentials of the settings, or those that the SDK's default chain finds: in the environment, the
// shared files, a web identity token, a container or an instance.
func (a AWS) provider(ctx context.Context) (aws.CredentialsProvider, error) {
	renew := func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = awsRenewal }
	options := []func(*config.LoadOptions) error{config.WithCredentialsCacheOptions(renew)}
	if a.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(a.Profile))
	}
	if a.AccessKeyID != "" {
		options = append(options, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(a.AccessKeyID, a.SecretAccessKey, a.SessionToken)))
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil || a.RoleARN == "" {
		return loaded.Credentials, err
	}
	role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(loaded), a.RoleARN, func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = defaultClientID })
	return aws.NewCredentialsCache(role, renew), nil
}
