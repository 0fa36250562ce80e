package connector

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// validateTimeout bounds one validation. Connectors may connect to their systems to validate.
const validateTimeout = 90 * time.Second

// hash identifies the name and the configuration. One run validates them once.
func (m model) hash() [sha256.Size]byte {
	text := strings.Join([]string{m.Name.String(), m.Config.String(), m.ConfigSensitive.String(), m.ConfigWO.String()}, "\n")
	return sha256.Sum256([]byte(text))
}

// validate lets the worker validate the known values of the configuration, and reports each error on its key.
func (r *Resource) validate(ctx context.Context, m model) diag.Diagnostics {
	class, ok := m.Config.Elements()[classKey].(types.String)
	client := r.ConnectClient()
	if client == nil || !m.Validate.ValueBool() || !ok || class.IsUnknown() || m.Name.IsUnknown() {
		return nil
	}
	cluster, err := r.Probe(ctx, client)
	found, noWorker := errors.AsType[*session.NoWorkerError](err)
	switch {
	case noWorker && !r.Applying.Load():
		return r.Report(found)
	case err != nil:
		return nil // the apply validates
	case r.Applying.Load() && len(m.keysTooNew(cluster)) == 0:
		return nil // the worker validates when it receives the configuration
	}
	return r.Validations.Do(m.hash(), func() diag.Diagnostics {
		want, ctx := m.desired(nil), m.hide(ctx, nil)
		config := want.config
		if len(want.ignored) > 0 {
			held, _ := r.heldConfig(ctx, want.name)
			have := connectclient.Connector{Config: held}
			config, ctx = want.configFor(have), connectclient.WithSecrets(ctx, want.secretsOf(have, writeOnlyKeys{})...)
		}
		config[nameKey] = want.name
		return m.validateConfig(ctx, client, cluster, class.ValueString(), config)
	})
}

// validateConfig sends the configuration to the worker for validation.
func (m model) validateConfig(
	ctx context.Context, client *connectclient.Client, cluster connectclient.Cluster, class string, config map[string]string,
) diag.Diagnostics {
	ctx, cancel := context.WithTimeout(ctx, validateTimeout)
	defer cancel()
	answer, err := client.Validate(ctx, class, config)
	if err != nil {
		return m.validationFailed(ctx, client, class, err)
	}
	return slices.Concat(m.keyErrors(cluster, answer), m.validationErrors(answer), m.keyWarnings(answer))
}

// keysTooNew returns the sorted keys that need a newer worker. This worker would ignore them.
func (m model) keysTooNew(cluster connectclient.Cluster) (keys []string) {
	for _, part := range m.configs() {
		for _, key := range slices.Sorted(maps.Keys(part.values.Elements())) {
			if cluster.RequireKey(key) != nil {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// keyErrors rejects keys that need a newer worker, unless the connector itself defines them.
func (m model) keyErrors(cluster connectclient.Cluster, answer connectclient.Validation) (diags diag.Diagnostics) {
	for _, key := range m.keysTooNew(cluster) {
		defined := slices.ContainsFunc(answer.Keys, func(k connectclient.ValidatedKey) bool { return k.Name == key && k.Definition != nil })
		if !defined {
			diags.AddAttributeError(m.keyPath(key), m.invalid(),
				diagnostics.Sentence(cluster.RequireKey(key).Error()))
		}
	}
	return diags
}

// invalid is the summary of errors about the configuration.
func (m model) invalid() string { return "Invalid configuration of " + quoted(m.Name.ValueString()) }

// validationFailed reports a validation that the worker did not execute. An error that may be temporary is a warning: the
// apply validates again.
func (m model) validationFailed(ctx context.Context, client *connectclient.Client, class string, err error) diag.Diagnostics {
	summary := m.invalid()
	answer, isAnswer := errors.AsType[*connectclient.Error](err)
	switch {
	case isAnswer && len(answer.Problems) == 1 && answer.Problems[0].Key == classKey:
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(m.keyPath(classKey), summary, classNotInstalled(ctx, client, class))}
	case isAnswer && answer.Status == http.StatusInternalServerError && tfvalue.Has(m.Config.Elements(), versionKey):
		// Workers 4.1 may fail with a NullPointerException if they do not have this version.
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(m.keyPath(versionKey), summary, versionNotInstalled(ctx, client, class))}
	case isAnswer && answer.Status >= 400 && !errors.Is(err, context.DeadlineExceeded):
		return diagnose(summary, m.Name.ValueString(), err, m.keyPath)
	default:
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("config"),
			"Configuration of "+quoted(m.Name.ValueString())+" was not validated", diagnostics.Sentence(err.Error())+" The worker validates the configuration during the apply.")}
	}
}

// versionNotInstalled lists the installed versions of a class.
func versionNotInstalled(ctx context.Context, client *connectclient.Client, class string) string {
	plugins, err := client.Plugins(ctx)
	if err != nil {
		return "The worker cannot validate the configuration with this version of the plugin. Correct the version, or remove the key."
	}
	var versions []string
	for _, plugin := range plugins {
		if plugin.Class == class || strings.HasSuffix(plugin.Class, "."+class) || strings.HasSuffix(plugin.Class, "."+class+"Connector") {
			versions = append(versions, plugin.Version)
		}
	}
	return "The worker does not have this version of " + class + "; available versions: [" + strings.Join(versions, ", ") + "]. Correct the version, or remove the key."
}

// classNotInstalled lists the installed classes, the most similar first.
func classNotInstalled(ctx context.Context, client *connectclient.Client, class string) string {
	text := "The worker has no connector of class " + diagnostics.Quoted(class) + "."
	plugins, err := client.Plugins(ctx)
	if err != nil {
		return text + " Install the class on the workers, or correct its name."
	}
	var classes []string
	for _, plugin := range plugins {
		if plugin.Type == "source" || plugin.Type == "sink" {
			classes = append(classes, plugin.Class)
		}
	}
	slices.SortStableFunc(classes, func(a, b string) int { return distance(class, a) - distance(class, b) })
	return text + " Installed classes:\n\n  - " + strings.Join(slices.Compact(classes), "\n  - ") + "\n\nInstall the class on the workers, or correct its name."
}

// validationErrors returns the errors of the answer, without those of values that are not known yet.
func (m model) validationErrors(answer connectclient.Validation) (diags diag.Diagnostics) {
	summary := m.invalid()
	for _, key := range answer.Keys {
		if m.isUnknown(key.Name) {
			continue
		}
		for _, message := range key.Errors {
			diags.AddAttributeError(m.keyPath(key.Name), summary, diagnostics.Sentence(message))
		}
	}
	return diags
}

// isUnknown reports whether the value of a key is unknown, or whether an unknown map may declare it.
func (m model) isUnknown(key string) bool {
	attribute, declared := m.declares(key)
	for _, part := range m.configs() {
		if part.values.IsUnknown() && !declared {
			return true
		}
		if part.attribute == attribute && part.values.Elements()[key].IsUnknown() {
			return true
		}
	}
	return false
}

// passedThrough are the prefixes of keys that the connector passes to something else. A validation may not know them.
var passedThrough = []string{"producer.override.", "consumer.override.", "admin.override.", "transforms.", "predicates.", "topic.creation."}

// keyWarnings warns of keys that look misspelt, and of secrets in config.
func (m model) keyWarnings(answer connectclient.Validation) (diags diag.Diagnostics) {
	known := map[string]*connectclient.ConfigKey{}
	for _, key := range answer.Keys {
		known[key.Name] = key.Definition
	}
	for _, part := range m.configs() {
		for _, key := range slices.Sorted(maps.Keys(part.values.Elements())) {
			definition, ok := known[key]
			if !ok {
				diags.Append(m.unknownKeyWarning(key, known)...)
			}
			if value, ok := part.values.Elements()[key].(types.String); ok && part.attribute == "config" {
				diags.Append(secretWarning(m.keyPath(key), key, value.ValueString(), definition != nil && definition.Secret())...)
			}
		}
	}
	return diags
}

// secretWarning warns of a secret in config.
func secretWarning(at path.Path, key, value string, password bool) (diags diag.Diagnostics) {
	why := map[secret.Reason]string{
		secret.ByType: "The connector defines " + diagnostics.Quoted(key) + " as a password.",
		secret.ByName: "The name of " + diagnostics.Quoted(key) + " says that its value is a secret.",
		secret.ByForm: "The value of " + diagnostics.Quoted(key) + " contains a secret, such as a password in a URL.",
	}[secret.Why(key, value, password)]
	if why != "" {
		diags.AddAttributeWarning(at, "Secret in config", why+" Terraform shows the values of config in plans and stores them in the state. "+
			"Move the key to config_wo (never stored) or config_sensitive (stored, not shown), or use a placeholder of a config provider.")
	}
	return diags
}

// unknownKeyWarning warns of a key that is similar to a defined one. Other keys that the connector does not define may be
// for a library that it uses.
func (m model) unknownKeyWarning(key string, known map[string]*connectclient.ConfigKey) (diags diag.Diagnostics) {
	if slices.ContainsFunc(passedThrough, func(prefix string) bool { return strings.HasPrefix(key, prefix) }) {
		return nil
	}
	if near := nearest(key, known); near != "" {
		diags.AddAttributeWarning(m.keyPath(key), "Unknown configuration key "+diagnostics.Quoted(key),
			fmt.Sprintf("The connector does not define this key. Did you mean %q? Workers accept unknown keys and ignore them.", near))
	}
	return diags
}

// nearest returns the defined key that differs from this one by at most two characters, or "".
func nearest(key string, known map[string]*connectclient.ConfigKey) string {
	best, least := "", 1+min(2, len(key)/4)
	for _, candidate := range slices.Sorted(maps.Keys(known)) {
		if d := distance(key, candidate); d < least {
			best, least = candidate, d
		}
	}
	return best
}

func distance(a, b string) int {
	return levenshtein.Distance(strings.ToLower(a), strings.ToLower(b), nil)
}
