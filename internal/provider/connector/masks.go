package connector

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// This file holds the rules for masks: what a worker, or a proxy in front of it, shows in place of a secret. A value counts
// as masked only if its key is secret. An update replaces the whole configuration, so a mask in it would replace the secret.

// isMask reports whether a value that the worker shows for the key is a mask. Keys that config does not declare count as
// secret: they are ignored or write-only.
func (d desired) isMask(key, shown string) bool {
	value, declared := d.config[key]
	return secret.IsMask(shown) && (!declared || d.hidden[key] || secret.MayBeMasked(key, value) || d.isPassword(key))
}

// masked returns the sorted declared keys whose values the worker masks.
func (d desired) masked(have connectclient.Connector) (keys []string) {
	for _, key := range slices.Sorted(maps.Keys(d.config)) {
		if have.Config[key] != d.config[key] && d.isMask(key, have.Config[key]) {
			keys = append(keys, key)
		}
	}
	return keys
}

// unmasked returns the connector with the declared value for every key that the worker masks, if the value was applied
// before. A masked value that is not known stays masked, so that the update sends the declared one.
func (d desired) unmasked(have connectclient.Connector, known memory) connectclient.Connector {
	config := maps.Clone(have.Config)
	for _, key := range d.masked(have) {
		applied, ok := known.applied[key]
		if ok && applied == d.config[key] || known.digests[key].Matches(d.config[key]) {
			config[key] = d.config[key]
		}
	}
	have.Config = config
	return have
}

// masksIn returns the sorted keys for which the configuration has a mask and the worker shows one.
func (d desired) masksIn(config map[string]string, have connectclient.Connector) (keys []string) {
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if secret.IsMask(config[key]) && d.isMask(key, have.Config[key]) {
			keys = append(keys, key)
		}
	}
	return keys
}

// applied returns the values of config and config_sensitive in a state.
func (m model) applied() map[string]string {
	values := tfvalue.StringMap(m.Config)
	maps.Copy(values, tfvalue.StringMap(m.ConfigSensitive))
	return values
}

// maskedError reports an update that was not sent because it would have replaced secrets by masks.
type maskedError struct {
	name string
	keys []string // sorted, at least one
}

// Error names the connector and the keys.
func (e *maskedError) Error() string {
	return fmt.Sprintf("the worker masks values of connector %q: %s", e.name, strings.Join(e.keys, ", "))
}

// diagnostics tells what to do. keyPath returns where the configuration declares a key.
func (e *maskedError) diagnostics(summary string, keyPath func(key string) (path.Path, bool)) (diags diag.Diagnostics) {
	for _, key := range e.keys {
		at, declared := keyPath(key)
		detail := "The worker shows a mask in place of the value of " + diagnostics.Quoted(key) + ", and an update sends the whole configuration. " +
			"The update would replace the secret on the worker by the mask. Nothing was sent. "
		if declared {
			diags.AddAttributeError(at, summary, detail+"The declared value is a mask. Declare the secret itself.")
			continue
		}
		diags.AddAttributeError(path.Root("ignored_config_keys"), summary,
			detail+"Declare the key with the secret in config_wo (never stored) or config_sensitive (stored, not shown). If the value is no secret, declare it in config.")
	}
	return diags
}

// declaredPath returns where the configuration declares a key.
func (m model) declaredPath(key string) (path.Path, bool) {
	attribute, ok := m.declares(key)
	return path.Root(attribute).AtMapKey(key), ok
}

// refuseMasks returns a maskedError if an update of the connector would have to send a mask.
func (d desired) refuseMasks(have connectclient.Connector, known memory) error {
	config := d.configFor(have)
	keys := d.masksIn(config, have)
	if len(keys) == 0 || d.unmasked(have, known).HasConfig(config) {
		return nil
	}
	return &maskedError{d.name, keys}
}

// refuseAllMasks returns a maskedError if the configuration, with the values that the connector has for ignored keys, has a mask.
func (d desired) refuseAllMasks(have connectclient.Connector) error {
	if keys := d.masksIn(d.configFor(have), have); len(keys) > 0 {
		return &maskedError{d.name, keys}
	}
	return nil
}

// hasUnknown reports whether a part of the configuration is unknown.
func (m model) hasUnknown() bool {
	return slices.ContainsFunc(m.configs(), func(part configPart) bool {
		unknown := part.values.IsUnknown()
		for _, value := range part.values.Elements() {
			unknown = unknown || value.IsUnknown()
		}
		return unknown
	})
}

// planMasks refuses to plan an update that would have to send a mask. A move always sends the configuration.
func (r *Resource) planMasks(ctx context.Context, held place, m model, known memory, moves bool) diag.Diagnostics {
	config, ok := held.config(ctx)
	if !ok || m.hasUnknown() || r.ConnectClient() == nil { // the apply decides
		return nil
	}
	have, want := connectclient.Connector{Name: held.name, Config: config}, m.desired(m.isPassword(ctx, r.ConnectClient()))
	err := want.refuseMasks(have, known)
	if moves {
		err = want.refuseAllMasks(have)
	}
	if err != nil {
		return m.unableTo("update", err)
	}
	return nil
}
