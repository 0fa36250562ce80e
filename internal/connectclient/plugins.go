package connectclient

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Plugin is a plugin that is installed on the worker that answered.
type Plugin struct {
	Class   string `json:"class"`
	Type    string `json:"type"`    // "source", "sink", "converter", "header_converter", "transformation" or "predicate"
	Version string `json:"version"` // empty for some plugins on old workers
}

// ConfigKey is a key that a plugin defines.
type ConfigKey struct {
	Name          string `json:"name"`
	Type          string `json:"type"` // "STRING", "PASSWORD", "INT", "LIST", …
	Required      bool   `json:"required"`
	Documentation string `json:"documentation"`
	Importance    string `json:"importance"` // "HIGH", "MEDIUM" or "LOW"

	// Default is the value that applies if the key is not set, nil for none.
	Default *string `json:"default_value"`
}

// Secret reports whether the plugin defines the key as a secret.
func (k ConfigKey) Secret() bool { return k.Type == "PASSWORD" }

// Validation is a plugin's answer to a configuration. It does not have keys that the plugin does not define.
type Validation struct {
	Keys []ValidatedKey
}

// ValidatedKey is a plugin's answer to one key.
type ValidatedKey struct {
	Name       string
	Definition *ConfigKey // nil for keys that are passed through, such as client overrides
	Errors     []string
}

// CertainErrors returns the errors that no value of another key can cause: those of Kafka's own checks.
func (k ValidatedKey) CertainErrors() (certain []string) {
	for _, text := range k.Errors {
		if aboutOneValue(text) {
			certain = append(certain, text)
		}
	}
	return certain
}

// Plugins lists the installed plugins. Workers before 3.2 list only connectors (KIP-769).
func (c *Client) Plugins(ctx context.Context) ([]Plugin, error) {
	// GET /connector-plugins?connectorsOnly=false
	var plugins []Plugin
	_, err := c.do(ctx, call{method: http.MethodGet, path: "/connector-plugins", query: "connectorsOnly=false", out: &plugins})
	return plugins, err
}

// PluginConfig lists the keys that a plugin defines, or returns [ErrNotFound]. Since Kafka 3.2 (KIP-769); for older
// workers it returns [ErrUnsupported].
func (c *Client) PluginConfig(ctx context.Context, class string) ([]ConfigKey, error) {
	return c.PluginVersionConfig(ctx, class, "")
}

// PluginVersionConfig is [Client.PluginConfig] for one of several installed versions. Since Kafka 4.1 (KIP-891); older workers
// have one version and ignore the argument, as all workers do if it is empty.
func (c *Client) PluginVersionConfig(ctx context.Context, class, version string) ([]ConfigKey, error) {
	// GET /connector-plugins/{class}/config?version=…
	var keys []ConfigKey
	get := call{method: http.MethodGet, path: "/connector-plugins/" + segment(class) + "/config", out: &keys, runsPlugin: true}
	if version != "" {
		get.query = url.Values{"version": {version}}.Encode()
	}
	_, err := c.do(ctx, get)
	return keys, c.explain(ctx, err, featurePluginConfig)
}

// passwordsTimeout bounds the request of [Client.PasswordKeys].
const passwordsTimeout = 10 * time.Second

// PasswordKeys returns the keys that a plugin defines as PASSWORD. It asks the worker once for each class, and returns the
// same answer or error to all callers.
func (c *Client) PasswordKeys(ctx context.Context, class string) (map[string]bool, error) {
	c.passwords.mu.Lock()
	ask, ok := c.passwords.ask[class]
	if !ok {
		ask = sync.OnceValues(func() (map[string]bool, error) { return c.askPasswords(context.WithoutCancel(ctx), class) })
		c.passwords.ask[class] = ask
	}
	c.passwords.mu.Unlock()
	return ask()
}

// IsPassword returns a function that reports whether a plugin defines a key as PASSWORD. Its first call asks the worker,
// see [Client.PasswordKeys]. No key is known to be one if the worker is older than 3.2, does not allow the request, or does
// not answer soon.
func (c *Client) IsPassword(ctx context.Context, class string) func(key string) bool {
	return func(key string) bool {
		keys, _ := c.PasswordKeys(ctx, class) // after an error, there are none
		return keys[key]
	}
}

// passwords are the keys that plugins define as PASSWORD, by class. Each function asks the worker once.
type passwords struct {
	mu  sync.Mutex
	ask map[string]func() (map[string]bool, error)
}

func (c *Client) askPasswords(ctx context.Context, class string) (map[string]bool, error) {
	// An error of this request must not ask for the types of keys again.
	ctx, cancel := context.WithTimeout(withoutTypes(ctx), passwordsTimeout)
	defer cancel()
	definitions, err := c.PluginConfig(ctx, class)
	keys := map[string]bool{}
	for _, definition := range definitions {
		keys[definition.Name] = definition.Secret()
	}
	return keys, err
}

// Validate validates a configuration and changes nothing. The answer covers every key that the plugin, its converters,
// transforms and client overrides define. If config has no key "name", the answer reports it as missing.
// If the connector itself fails, the error is a [*PluginError].
func (c *Client) Validate(ctx context.Context, class string, config map[string]string) (Validation, error) {
	// PUT /connector-plugins/{class}/config/validate
	var answer struct {
		Configs []struct {
			Definition *ConfigKey `json:"definition"`
			Value      struct {
				Name   string   `json:"name"`
				Value  any      `json:"value"`
				Errors []string `json:"errors"`
			} `json:"value"`
		} `json:"configs"`
	}
	path := "/connector-plugins/" + segment(class) + "/config/validate"
	if _, err := c.do(ctx, call{method: http.MethodPut, path: path, body: config, out: &answer, reads: true, runsPlugin: true}); err != nil {
		if failed := pluginError(err); failed != nil {
			return Validation{}, failed
		}
		return Validation{}, err
	}
	passwords, resolved := map[string]bool{}, []string{}
	for i, key := range answer.Configs {
		if key.Value.Name == "" && key.Definition != nil { // some keys of Debezium are answered without a value
			key.Value.Name = key.Definition.Name
			answer.Configs[i] = key
		}
		passwords[key.Value.Name] = key.Definition != nil && key.Definition.Secret()
		if value, ok := key.Value.Value.(string); ok && hasPlaceholder(config[key.Value.Name]) {
			resolved = append(resolved, value) // of a config provider, which workers before 4.4 show
		}
		resolved = append(resolved, resolvedValues(strings.Join(key.Value.Errors, "\n"), config)...)
	}
	ctx = WithConfig(WithSecrets(ctx, resolved...), config, func(key string) bool { return passwords[key] })
	secrets := c.secrets.With(allSecretsOf(ctx)) // errors repeat values
	var v Validation
	for _, key := range answer.Configs {
		for i, text := range key.Value.Errors {
			key.Value.Errors[i] = problem(text, secrets)
		}
		v.Keys = append(v.Keys, ValidatedKey{Name: key.Value.Name, Definition: key.Definition, Errors: withoutNulls(key.Value.Errors)})
	}
	return v, nil
}
