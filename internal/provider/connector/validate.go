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
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// validateTimeout bounds one validation: connectors may connect to their systems for it.
const validateTimeout = 90 * time.Second

// hash identifies the name and the configuration, so that one run validates them once.
func (m model) hash() [sha256.Size]byte {
	text := strings.Join([]string{m.Name.String(), m.Config.String(), m.ConfigSensitive.String(), m.ConfigWO.String()}, "\n")
	return sha256.Sum256([]byte(text))
}

// validate has the worker validate what is known of the configuration, and puts every error on its key.
func (r *Resource) validate(ctx context.Context, m model) diag.Diagnostics {
	class, ok := m.Config.Elements()[classKey].(types.String)
	client := r.ConnectClient()
	if client == nil || !m.Validate.ValueBool() || !ok || class.IsUnknown() || m.Name.IsUnknown() {
		return nil
	}
	cluster, err := r.Probe(ctx, client)
	switch {
	case errors.Is(err, connectclient.ErrUnauthorized):
		return m.errors("validate the configuration of", err)
	case err != nil:
		return nil
	case r.Applying.Load() && len(m.keysTooNew(cluster)) == 0:
		return nil
	}
	return r.Validations.Do(m.hash(), func() diag.Diagnostics {
		spec := m.spec() // of the known values
		if len(spec.ignored) > 0 {
			held, _ := r.heldConfig(ctx, spec.name)
			before := connectclient.Connector{Config: held}
			spec.config, spec.secrets = spec.carryOver(before), append(spec.secrets, spec.secretsOf(before)...)
		}
		return m.validatedBy(ctx, client, cluster, class.ValueString(), spec)
	})
}

// validatedBy asks the worker what it thinks of the configuration that the spec has.
func (m model) validatedBy(
	ctx context.Context, client *connectclient.Client, cluster connectclient.Cluster, class string, spec spec,
) diag.Diagnostics {
	spec.config[nameKey] = spec.name
	ctx, cancel := context.WithTimeout(connectclient.WithSecrets(ctx, spec.secrets...), validateTimeout)
	defer cancel()
	answer, err := client.Validate(ctx, class, spec.config)
	if err != nil {
		return m.validationFailed(ctx, client, class, err)
	}
	return slices.Concat(m.keyErrors(cluster, answer), m.validationErrors(answer), m.keyWarnings(answer))
}

// keysTooNew are the keys, in order, that the worker is too old for and would ignore.
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

// keyErrors refuse keys that the worker is too old for, unless the connector itself defines them.
func (m model) keyErrors(cluster connectclient.Cluster, answer connectclient.Validation) (diags diag.Diagnostics) {
	for _, key := range m.keysTooNew(cluster) {
		defined := slices.ContainsFunc(answer.Keys, func(k connectclient.ValidatedKey) bool { return k.Name == key && k.Definition != nil })
		if !defined {
			diags.AddAttributeError(m.keyPath(key), "Invalid configuration of connector "+diagnostics.Quoted(m.Name.ValueString()),
				diagnostics.Sentence(cluster.RequireKey(key).Error()))
		}
	}
	return diags
}

// validationFailed is for what a worker does not validate but refuse. What may pass is left to the apply.
func (m model) validationFailed(ctx context.Context, client *connectclient.Client, class string, err error) diag.Diagnostics {
	summary := "Invalid configuration of connector " + diagnostics.Quoted(m.Name.ValueString())
	var answer *connectclient.Error
	isAnswer := errors.As(err, &answer)
	switch {
	case isAnswer && len(answer.Problems) == 1 && answer.Problems[0].Key == classKey:
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(m.keyPath(classKey), summary, classNotInstalled(ctx, client, class))}
	case isAnswer && answer.Status == http.StatusInternalServerError && tfvalue.Has(m.Config.Elements(), versionKey):
		// Workers 4.1 can fail with a NullPointerException over a version that they do not have.
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(m.keyPath(versionKey), summary, versionNotInstalled(ctx, client, class))}
	case isAnswer && answer.Status >= 400 && !errors.Is(err, context.DeadlineExceeded):
		return m.diagnose(summary, err)
	default:
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("config"),
			"Configuration of connector "+diagnostics.Quoted(m.Name.ValueString())+" was not validated", diagnostics.Sentence(err.Error())+" The apply validates it.")}
	}
}

// versionNotInstalled says which versions of a class are installed.
func versionNotInstalled(ctx context.Context, client *connectclient.Client, class string) string {
	plugins, err := client.Plugins(ctx)
	if err != nil {
		return "The worker cannot validate the configuration with this version of the plugin. Correct it, or leave the key out."
	}
	var versions []string
	for _, plugin := range plugins {
		if plugin.Class == class || strings.HasSuffix(plugin.Class, "."+class) || strings.HasSuffix(plugin.Class, "."+class+"Connector") {
			versions = append(versions, plugin.Version)
		}
	}
	return "The worker does not have this version of " + class + ", available versions: [" + strings.Join(versions, ", ") + "]."
}

// classNotInstalled says what is installed instead, the nearest first.
func classNotInstalled(ctx context.Context, client *connectclient.Client, class string) string {
	text := "The worker has no connector of class " + diagnostics.Quoted(class) + "."
	plugins, err := client.Plugins(ctx)
	if err != nil {
		return text + " Install it on the workers, or correct the class."
	}
	var classes []string
	for _, plugin := range plugins {
		if plugin.Type == "source" || plugin.Type == "sink" {
			classes = append(classes, plugin.Class)
		}
	}
	slices.SortStableFunc(classes, func(a, b string) int { return distance(class, a) - distance(class, b) })
	return text + " Installed are:\n\n  - " + strings.Join(slices.Compact(classes), "\n  - ") + "\n\nInstall it on the workers, or correct the class."
}

// validationErrors are the errors of the answer, but for those that come of values that are not known yet.
func (m model) validationErrors(answer connectclient.Validation) (diags diag.Diagnostics) {
	summary := "Invalid configuration of connector " + diagnostics.Quoted(m.Name.ValueString())
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

// isUnknown tells whether the value of a key, or whether it is declared, is known only after apply.
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

// passedThrough begins keys that are not the connector's own, and that a validation need not know.
var passedThrough = []string{"producer.override.", "consumer.override.", "admin.override.", "transforms.", "predicates.", "topic.creation."}

// keyWarnings warn of keys that look misspelt and of secrets that Terraform would show.
func (m model) keyWarnings(answer connectclient.Validation) (diags diag.Diagnostics) {
	known, plain := map[string]*connectclient.ConfigKey{}, m.Config.Elements()
	for _, key := range answer.Keys {
		known[key.Name] = key.Definition
	}
	for _, part := range m.configs() {
		for _, key := range slices.Sorted(maps.Keys(part.values.Elements())) {
			definition, ok := known[key]
			value, _ := plain[key].(types.String)
			switch {
			case !ok:
				diags.Append(m.unknownKeyWarning(key, known)...)
			case part.attribute == "config" && definition != nil && definition.Secret() && !strings.Contains(value.ValueString(), "${"):
				diags.AddAttributeWarning(m.keyPath(key), "Secret in config",
					diagnostics.Quoted(key)+" is a password to the connector. In config its value is shown in plans and stored in the state: "+
						"move it to config_wo (never stored) or config_sensitive (stored, not shown).")
			}
		}
	}
	return diags
}

// unknownKeyWarning warns of a key that looks like a misspelt one. Others that the connector does not define may well be
// meant for something that it uses.
func (m model) unknownKeyWarning(key string, known map[string]*connectclient.ConfigKey) (diags diag.Diagnostics) {
	if m.isOverlaid(key) {
		return nil
	}
	if near := nearest(key, known); near != "" {
		diags.AddAttributeWarning(m.keyPath(key), "Unknown configuration key "+diagnostics.Quoted(key),
			fmt.Sprintf("The connector does not define it. Did you mean %q? Workers accept unknown keys and ignore them.", near))
	}
	return diags
}

// isOverlaid tells whether the key belongs to something that the connector only passes on.
func (m model) isOverlaid(key string) bool {
	return slices.ContainsFunc(passedThrough, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

// nearest is the known and undeclared key that differs from this one by a slip or two, or empty.
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
