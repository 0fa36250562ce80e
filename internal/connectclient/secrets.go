package connectclient

import (
	"context"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// Secrets removes values from text.
type Secrets = secret.Hider

// NewSecrets returns a Secrets that hides the values. See [secret.NewHider].
func NewSecrets(values ...string) *Secrets { return secret.NewHider(values...) }

type secretsKey struct{}

// WithSecrets returns a context that hides the values in errors and stack traces which [Client] returns, in addition to
// the values that ctx hides already. Workers repeat configuration values in their answers, and mask these values.
func WithSecrets(ctx context.Context, values ...string) context.Context {
	return context.WithValue(ctx, secretsKey{}, secretsOf(ctx).With(NewSecrets(values...)))
}

// WithConfig is [WithSecrets] for the secrets in the configuration of a connector, see [secret.Values]. Its keys and its
// other values stay readable. isPassword tells which keys the plugin defines as PASSWORD; it may be nil.
func WithConfig(ctx context.Context, config map[string]string, isPassword func(key string) bool) context.Context {
	secrets := NewSecrets(secret.Values(config, isPassword)...)
	return context.WithValue(ctx, secretsKey{}, secretsOf(ctx).With(secrets).Keep(secret.Public(config, isPassword)...))
}

func secretsOf(ctx context.Context) *Secrets {
	secrets, _ := ctx.Value(secretsKey{}).(*Secrets)
	return secrets
}
