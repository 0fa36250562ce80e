package connectclient

import "context"

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
	Name       string
	ErrorCount int // the number of keys with errors
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
	return nil, nil
}

// PluginConfig lists the keys that a plugin defines, or answers [ErrNotFound]. Since Kafka 3.2
// (KIP-769); older workers answer [ErrUnsupported].
func (c *Client) PluginConfig(ctx context.Context, class string) ([]ConfigKey, error) {
	// GET /connector-plugins/{class}/config
	return nil, nil
}

// Validate asks the plugin what it thinks of a configuration. Nothing is changed.
func (c *Client) Validate(ctx context.Context, class string, config map[string]string) (Validation, error) {
	// PUT /connector-plugins/{class}/config/validate
	return Validation{}, nil
}
