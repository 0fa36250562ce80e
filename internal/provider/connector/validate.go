package connector

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// validateTimeout bounds one validation. Connectors may connect to their systems to validate. The worker gives up after 90 s,
// and its answer tells what it was waiting for.
const validateTimeout = 95 * time.Second

// hash identifies the name and the configuration. One run validates them once.
func (m model) hash() [sha256.Size]byte {
	text := strings.Join([]string{m.Name.String(), m.Config.String(), m.ConfigSensitive.String(), m.ConfigWO.String()}, "\n")
	return sha256.Sum256([]byte(text))
}

// validate lets the worker validate the known values of the configuration, and reports each error on its key. In an apply the
// worker validates when it receives the configuration, which may take the connector long: only keys that the worker is too old
// for, and would ignore, are a reason to do it before.
func (r *Resource) validate(ctx context.Context, at place, m model, applies bool) diag.Diagnostics {
	class, ok := m.Config.Elements()[classKey].(types.String)
	client := r.ConnectClient()
	if client == nil || !m.Validate.ValueBool() || !ok || class.IsUnknown() || m.Name.IsUnknown() {
		return nil
	}
	cluster, err := r.Probe(ctx, client)
	found, noWorker := errors.AsType[*session.NoWorkerError](err)
	switch {
	case noWorker && !applies:
		return r.Report(found)
	case err != nil:
		return nil // the apply validates
	case applies && len(m.keysTooNew(cluster)) == 0:
		return nil
	}
	return r.Validations.Do(m.hash(), func() diag.Diagnostics {
		want, ctx := m.desired(nil), m.hide(ctx, m.isPassword(ctx, client))
		config := want.config
		if len(want.ignored) > 0 {
			held, _ := at.config(ctx)
			have := connectclient.Connector{Config: held}
			config, ctx = want.configFor(have), connectclient.WithSecrets(ctx, want.secretsOf(have, writeOnlyKeys{})...)
		}
		config[nameKey] = want.name
		return r.validateConfig(ctx, client, m, cluster, config)
	})
}

// validateConfig sends the configuration to the worker for validation.
func (r *Resource) validateConfig(
	ctx context.Context, client *connectclient.Client, m model, cluster connectclient.Cluster, config map[string]string,
) diag.Diagnostics {
	ctx, cancel := context.WithTimeout(ctx, validateTimeout)
	defer cancel()
	answer, err := client.Validate(ctx, config[classKey], config)
	if err != nil {
		return r.validationFailed(ctx, client, m, config[classKey], err)
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
// apply validates again. While values are unknown, so is an error that they may cause.
func (r *Resource) validationFailed(ctx context.Context, client *connectclient.Client, m model, class string, err error) diag.Diagnostics {
	answer, isAnswer := errors.AsType[*connectclient.Error](err)
	failed, isPlugin := errors.AsType[*connectclient.PluginError](err)
	switch ended := ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded); {
	case isAnswer && len(answer.Problems) == 1 && answer.Problems[0].Key == classKey:
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(m.keyPath(classKey), m.invalid(), classNotInstalled(ctx, client, class))}
	case refused(err) && !ended:
		return r.validationRefused(err)
	case isPlugin && tfvalue.Has(m.Config.Elements(), versionKey):
		return m.versionFailed(ctx, client, class, failed)
	case isPlugin:
		return m.pluginFailed(failed)
	case isAnswer && m.hasUnknown() && len(answer.Problems) > 0 && !answer.Problems[0].Certain():
		return nil
	case isAnswer && answer.Status >= 400 && !ended && !errors.Is(err, connectclient.ErrUnavailable):
		return diagnose(m.invalid(), m.Name.ValueString(), err, m.keyPath)
	}
	return m.notValidated(err)
}

// pluginFailed reports that the plugin failed while it checked the configuration. An unknown value may be the reason.
func (m model) pluginFailed(failed *connectclient.PluginError) (diags diag.Diagnostics) {
	if m.hasUnknown() {
		return m.notValidated(failed)
	}
	diags.AddAttributeError(m.keyPath(classKey), m.invalid(), diagnostics.Sentence(failed.Error()))
	return diags
}

// notValidated is the warning about a validation that had no result.
func (m model) notValidated(err error) diag.Diagnostics {
	detail := diagnostics.Sentence(err.Error())
	if errors.Is(err, connectclient.ErrTimedOut) || errors.Is(err, context.DeadlineExceeded) {
		detail += " " + slowCheck
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("config"),
		"Configuration of "+quoted(m.Name.ValueString())+" was not validated", detail+" The worker validates the configuration during the apply.")}
}

// refused reports whether the worker, or a proxy in front of it, does not allow or does not have the validation.
func refused(err error) bool {
	return errors.Is(err, connectclient.ErrForbidden) || errors.Is(err, connectclient.ErrUnsupported) || errors.Is(err, connectclient.ErrStarting)
}

// validationRefused warns once in a run that configurations are not validated.
func (r *Resource) validationRefused(err error) (diags diag.Diagnostics) {
	if !r.ValidationRefused.CompareAndSwap(false, true) {
		return nil
	}
	diags.AddAttributeWarning(path.Root("validate"), "Configurations are not validated in the plan",
		diagnostics.Sentence(err.Error())+"\n\nThe worker validates each configuration during the apply. Allow PUT /connector-plugins/*/config/validate for the provider, "+
			"or set validate = false to skip this request. This warning is shown for one connector.")
	return diags
}

// versionFailed reports a validation that failed with a declared version of the plugin. A worker fails in the same way if it
// does not have this version and if the plugin itself fails: workers 4.1 may answer with a NullPointerException.
func (m model) versionFailed(ctx context.Context, client *connectclient.Client, class string, failed *connectclient.PluginError) (diags diag.Diagnostics) {
	plugins, err := client.Plugins(ctx)
	var installed []string
	for _, plugin := range plugins {
		if plugin.Class == class || strings.HasSuffix(plugin.Class, "."+class) || strings.HasSuffix(plugin.Class, "."+class+"Connector") {
			installed = append(installed, plugin.Version)
		}
	}
	version, _ := m.Config.Elements()[versionKey].(types.String)
	isRange := strings.ContainsAny(version.ValueString(), "[](),")
	if err != nil || version.IsUnknown() || slices.Contains(installed, version.ValueString()) || isRange && !strings.Contains(failed.Message, "version range") {
		return m.pluginFailed(failed)
	}
	diags.AddAttributeError(m.keyPath(versionKey), m.invalid(), fmt.Sprintf("The worker does not have this version of %s; available versions: [%s]. "+
		"Correct the version, or remove the key. The worker answered: %s", class, strings.Join(installed, ", "), diagnostics.Sentence(failed.Message)))
	return diags
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

// validationErrors returns the errors of the answer, without those that an unknown value may cause.
func (m model) validationErrors(answer connectclient.Validation) (diags diag.Diagnostics) {
	partial := m.hasUnknown()
	for _, key := range answer.Keys {
		messages := key.Errors
		if partial {
			messages = key.CertainErrors()
		}
		if m.isUnknown(key.Name) {
			continue
		}
		for _, message := range messages {
			if repeated(answer, key.Name, message) {
				continue
			}
			diags.AddAttributeError(m.keyPath(key.Name), m.invalid(), aboutKey(key.Name, message))
		}
	}
	return diags
}

// versionKeyOf returns the key of the version of the plugin whose class is the value of a key (KIP-891).
func versionKeyOf(key string) string {
	if key == classKey {
		return versionKey
	}
	return strings.TrimSuffix(key, ".type") + ".plugin.version"
}

// repeated reports whether the message of a key is shown for another key: workers report a wrong version for the class, too, and
// keys that exclude each other with one message for both.
func repeated(answer connectclient.Validation, key, message string) bool {
	before := true
	for _, other := range answer.Keys {
		switch {
		case other.Name == key:
			before = false
		case !slices.Contains(other.Errors, message):
		case other.Name == versionKeyOf(key), before && strings.Contains(message, key) && strings.Contains(message, other.Name):
			return true
		}
	}
	return false
}

// aboutKey turns the message about a key into a sentence. A key at its beginning keeps its case.
func aboutKey(key, message string) string {
	if key != "" && strings.HasPrefix(message, key) {
		return strings.TrimSuffix(message, ".") + "."
	}
	return diagnostics.Sentence(message)
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

// keyWarnings warns of keys that look misspelled, and of secrets in config.
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
		secret.ByName: "The name of " + diagnostics.Quoted(key) + " shows that its value is a secret.",
		secret.ByForm: "The value of " + diagnostics.Quoted(key) + " contains a secret, such as a password in a URL.",
	}[secret.Why(key, value, password)]
	if why != "" {
		diags.AddAttributeWarning(at, "Secret in config", why+" Terraform shows the values of config in plans and stores them in the state. "+
			"Move the key to config_wo (never stored) or config_sensitive (stored, not shown), or use a placeholder of a config provider.")
	}
	return diags
}
