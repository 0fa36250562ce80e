package connectclient

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// Secrets removes values from text.
type Secrets = secret.Hider

// NewSecrets returns a Secrets that hides the values. See [secret.NewHider].
func NewSecrets(values ...string) *Secrets { return secret.NewHider(values...) }

// hiding is what a context hides.
type hiding struct {
	// secrets computes the encodings when they are needed, once. A plan reads many connectors from the cache and needs none.
	secrets func() *Secrets

	// What the plugin defines as PASSWORD in this configuration is hidden, too. To know it may take a request, so it is asked
	// for only when there is a text to hide something in. isPassword is nil if there is nothing to ask.
	config     map[string]string
	isPassword func(key string) bool
}

type hidingKey struct{}

func hidingOf(ctx context.Context) hiding {
	h, ok := ctx.Value(hidingKey{}).(hiding)
	if !ok {
		h.secrets = func() *Secrets { return nil }
	}
	return h
}

// WithSecrets returns a context that hides the values in errors and stack traces which [Client] returns, in addition to
// the values that ctx hides already. Workers repeat configuration values in their answers, and mask these values.
func WithSecrets(ctx context.Context, values ...string) context.Context {
	h := hidingOf(ctx)
	before := h.secrets
	h.secrets = sync.OnceValue(func() *Secrets { return before().With(NewSecrets(values...)).Unkeep(values...) })
	return context.WithValue(ctx, hidingKey{}, h)
}

// WithConfig is [WithSecrets] for the secrets in the configuration of a connector, see [secret.Values]. Its keys and its
// other values stay readable. isPassword tells which keys the plugin defines as PASSWORD, see [Client.IsPassword]; it may
// be nil. A later call replaces it.
func WithConfig(ctx context.Context, config map[string]string, isPassword func(key string) bool) context.Context {
	h := hidingOf(ctx)
	before := h.secrets
	h.secrets = sync.OnceValue(func() *Secrets {
		public := slices.DeleteFunc(secret.Public(config, nil), before().Has) // ctx knows better
		return before().With(NewSecrets(secret.Values(config, nil)...)).Keep(public...)
	})
	if isPassword != nil {
		h.config, h.isPassword = config, isPassword
	}
	return context.WithValue(ctx, hidingKey{}, h)
}

// withoutTypes returns a context that hides what ctx hides without a request.
func withoutTypes(ctx context.Context) context.Context {
	return context.WithValue(ctx, hidingKey{}, hiding{secrets: hidingOf(ctx).secrets})
}

// config returns the configuration that the call sends, or nil.
func (c call) config() map[string]string {
	switch body := c.body.(type) {
	case map[string]string:
		return body
	case newConnector:
		return body.Config
	}
	return nil
}

var invalidValue = regexp.MustCompile(`(?s)Invalid value (.*?) for configuration ([^\s:]+)`)

// resolvedValues returns the values of config providers that a rejection of the configuration repeats. Workers since 4.4 do
// not repeat them.
func resolvedValues(message string, config map[string]string) (values []string) {
	for _, m := range invalidValue.FindAllStringSubmatch(message, -1) {
		if hasPlaceholder(config[m[2]]) {
			values = append(values, m[1])
		}
	}
	return values
}

// hasPlaceholder reports whether a worker may replace a part of the value by a value of a config provider.
func hasPlaceholder(value string) bool { return strings.Contains(value, "${") }

// secretsOf returns what ctx hides, without a request.
func secretsOf(ctx context.Context) *Secrets { return hidingOf(ctx).secrets() }

// allSecretsOf returns what ctx hides, including what the plugin defines as PASSWORD.
func allSecretsOf(ctx context.Context) *Secrets {
	h := hidingOf(ctx)
	if h.isPassword == nil {
		return h.secrets()
	}
	named := secret.Values(h.config, nil)
	typed := slices.DeleteFunc(secret.Values(h.config, h.isPassword), func(value string) bool { return slices.Contains(named, value) })
	return h.secrets().With(NewSecrets(typed...)).Unkeep(typed...)
}
