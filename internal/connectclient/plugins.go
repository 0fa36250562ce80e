package connectclient

import (
	"context"
	"errors"
	"net/http"
)

// Plugin is a plugin that is installed on the worker that answered.
type Plugin struct {
	Class   string `json:"class"`
	Type    string `json:"type"`    // "source", "sink", "converter", "header_converter", "transformation" or "predicate"
	Version string `json:"version"` // empty for some plugins on old workers
}

// ConfigKey is a key that a plugin defines.
type ConfigKey struct {
	Name          string   `json:"name"`
	Type          string   `json:"type"` // "STRING", "PASSWORD", "INT", "LIST", …
	Required      bool     `json:"required"`
	Default       *string  `json:"default_value"` // nil for none
	Importance    string   `json:"importance"`    // "HIGH", "MEDIUM" or "LOW"
	Documentation string   `json:"documentation"`
	Group         string   `json:"group"`
	DisplayName   string   `json:"display_name"`
	Dependents    []string `json:"dependents"`
	Order         int      `json:"order"`
}

// Secret reports whether the plugin calls values of this key a secret.
func (k ConfigKey) Secret() bool { return k.Type == "PASSWORD" }

// Validation is what a plugin says of a configuration. Keys that the plugin does not know are not in it.
type Validation struct {
	Name       string // the class
	ErrorCount int    // the number of keys with errors
	Keys       []ValidatedKey
}

// ValidatedKey is what a plugin says of one key.
type ValidatedKey struct {
	Name              string
	Definition        *ConfigKey // nil for keys that are passed through, such as client overrides
	Value             *string    // "[hidden]" for secrets
	RecommendedValues []string
	Errors            []string
	Visible           bool
}

// Plugins lists what is installed. Workers before 3.2 list connectors only (KIP-769).
func (c *Client) Plugins(ctx context.Context) ([]Plugin, error) {
	// GET /connector-plugins?connectorsOnly=false
	var plugins []Plugin
	_, err := c.do(ctx, call{
		method: http.MethodGet, path: "/connector-plugins", query: "connectorsOnly=false", out: &plugins,
	})
	return plugins, err
}

// PluginConfig lists the keys that a plugin defines, or answers [ErrNotFound]. Since Kafka 3.2
// (KIP-769); older workers answer [ErrUnsupported].
func (c *Client) PluginConfig(ctx context.Context, class string) ([]ConfigKey, error) {
	// GET /connector-plugins/{class}/config
	var keys []ConfigKey
	_, err := c.do(ctx, call{
		method: http.MethodGet, path: "/connector-plugins/" + segment(class) + "/config", out: &keys,
	})
	if errors.Is(err, ErrUnsupported) {
		return nil, c.explain(ctx, err, featurePluginConfig)
	}
	return keys, err
}

// Validate asks the plugin what it thinks of a configuration. Nothing is changed. The answer covers
// every key that the plugin, its converters, transforms and client overrides know; "name" is missed if
// config does not have it.
func (c *Client) Validate(ctx context.Context, class string, config map[string]string) (Validation, error) {
	// PUT /connector-plugins/{class}/config/validate
	var wire wireValidation
	_, err := c.do(ctx, call{
		method: http.MethodPut, path: "/connector-plugins/" + segment(class) + "/config/validate",
		body: config, out: &wire, reads: true,
	})
	if err != nil {
		return Validation{}, err
	}
	return wire.validation(c.secrets.with(secretsOf(ctx))), nil
}

// wireValidation is a validation as workers write it.
type wireValidation struct {
	Name       string `json:"name"`
	ErrorCount int    `json:"error_count"`
	Configs    []struct {
		Definition *ConfigKey `json:"definition"`
		Value      struct {
			Name        string   `json:"name"`
			Value       *string  `json:"value"`
			Recommended []string `json:"recommended_values"`
			Errors      []string `json:"errors"`
			Visible     bool     `json:"visible"`
		} `json:"value"`
	} `json:"configs"`
}

// validation returns the validation without what is secret in its errors: they repeat values.
func (w wireValidation) validation(secrets *Secrets) Validation {
	v := Validation{Name: w.Name, ErrorCount: w.ErrorCount}
	for _, key := range w.Configs {
		for i, text := range key.Value.Errors {
			key.Value.Errors[i] = sayable(text, secrets)
		}
		v.Keys = append(v.Keys, ValidatedKey{
			Name:              key.Value.Name,
			Definition:        key.Definition,
			Value:             key.Value.Value,
			RecommendedValues: key.Value.Recommended,
			Errors:            key.Value.Errors,
			Visible:           key.Value.Visible,
		})
	}
	return v
}
