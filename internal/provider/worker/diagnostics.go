package worker

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// keyedAttributes are maps: the next step of a path is a key.
var keyedAttributes = []string{attrConfig, attrConfigSensitive, attrConfigProviders, attrWorkers}

// validate reports the problems of a configuration that its known values cause.
func (m model) validate(d declaration) (diags diag.Diagnostics) {
	diags.Append(m.checkDuplicateKeys()...)
	diags.Append(m.checkPasswordWO()...)
	if !m.isKnown(attrConfigProviders) {
		return diags // a placeholder may name a provider that is still unknown
	}
	for _, worker := range m.workerNames() {
		properties, problems := d.render(worker)
		_, hasServers := properties.Value("bootstrap.servers")
		for _, problem := range problems {
			missing := problem.Key == "bootstrap.servers" && !hasServers // see below
			if m.causeKnown(problem.Path) && !missing {
				diags.Append(m.diagnostic(problem)) // Append drops duplicates, such as a problem that all workers share
			}
		}
		if !hasServers && m.isKnown(attrBootstrapServers) && m.isKnown(attrConfig) {
			diags.Append(invalidWorker(path.Root(attrBootstrapServers), "bootstrap_servers is required, because the provider's kafka attribute has no bootstrap_servers"))
		}
		diags.Append(m.checkSecrets(properties)...)
		diags.Append(m.checkAnnouncement(properties)...)
		diags.Append(m.checkEnvironment(worker, m.announced(properties))...)
	}
	return diags
}

// diagnostic converts a problem. The summary of a warning names its key, because Terraform shows only the first of several
// warnings with the same summary.
func (m model) diagnostic(problem workerconfig.Problem) diag.Diagnostic {
	at := m.attributePath(problem.Path)
	if problem.Severity == workerconfig.SeverityError {
		return invalidWorker(at, problem.Message)
	}
	key := cmp.Or(problem.Key, at.String())
	return diag.NewAttributeWarningDiagnostic(at, "Suspicious worker setting "+diagnostics.Quoted(key), problemDetail(at, problem.Message))
}

// invalidWorker returns an error about the attribute.
func invalidWorker(at path.Path, message string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Invalid worker configuration", problemDetail(at, message))
}

// problemDetail turns a message into a sentence. The detail begins with the path of a nested attribute, because Terraform
// then shows only the first line of the resource.
func problemDetail(at path.Path, message string) string {
	message = diagnostics.Sentence(message)
	root := at.Steps()[0].String()
	if len(at.Steps()) > 1 && root != attrConfig && root != attrConfigSensitive {
		message = at.String() + ": " + message
	}
	return message
}

// attributePath returns the path of the attribute that the user wrote. It can differ from the path of the problem.
func (m model) attributePath(names []string) path.Path {
	switch {
	case len(names) == 2 && names[0] == attrConfig && hasKey(m.ConfigSensitive, names[1]):
		names = []string{attrConfigSensitive, names[1]}
	case len(names) == 3 && names[0] == attrWorkers && !m.isSet(names...):
		names = names[2:] // the worker does not override the shared attribute
	case slices.Equal(names, []string{attrSecurity, attrSASL, attrPassword}) && m.hasWriteOnly():
		return passwordWOPath
	}
	at := path.Root(names[0])
	for i, name := range names[1:] {
		if i == 0 && slices.Contains(keyedAttributes, names[0]) {
			at = at.AtMapKey(name)
		} else {
			at = at.AtName(name)
		}
	}
	return at
}

// causeKnown reports whether all values are known that can cause a problem at the path.
func (m model) causeKnown(names []string) bool {
	switch {
	case names[0] == attrConfig && len(names) > 1:
		return m.isKnown(attrConfig, names[1]) && m.isKnown(attrConfigSensitive, names[1])
	case names[0] == attrWorkers && len(names) == 3:
		return m.isKnown(attrWorkers) && m.isKnown(names[2])
	default:
		return m.isKnown(names[0])
	}
}

func hasKey(values map[string]string, key string) bool {
	_, ok := values[key]
	return ok
}

// checkDuplicateKeys refuses keys that are in config and in config_sensitive.
func (m model) checkDuplicateKeys() (diags diag.Diagnostics) {
	for _, key := range slices.Sorted(maps.Keys(m.ConfigSensitive)) {
		if hasKey(m.Config, key) {
			diags.Append(invalidWorker(path.Root(attrConfigSensitive).AtMapKey(key), diagnostics.Quoted(key)+" is in both config and config_sensitive: remove it from one of them"))
		}
	}
	return diags
}

var passwordWOPath = path.Root(attrSecurity).AtName(attrSASL).AtName(attrPasswordWO)

// checkPasswordWO checks the attributes that password_wo requires or excludes.
func (m model) checkPasswordWO() (diags diag.Diagnostics) {
	if !m.hasWriteOnly() {
		return nil
	}
	known := func(value types.String) bool { return !value.IsNull() && !value.IsUnknown() }
	if known(m.Security.SASL.Password) && known(m.passwordWO()) {
		diags.Append(invalidWorker(passwordWOPath, "password and password_wo cannot both be set: remove one of them"))
	}
	hasPath := func(worker string) bool {
		if worker == "" {
			return m.isSet(attrPath)
		}
		return m.isSet(attrWorkers, worker, attrPath)
	}
	if m.valueAt(attrWorkers).IsKnown() && !slices.ContainsFunc(m.workerNames(), hasPath) {
		diags.Append(invalidWorker(passwordWOPath, "password_wo is written only to the file at path, and path is not set: set path, or use the ephemeral resource kafkaconnect_worker_config"))
	}
	return diags
}

// checkSecrets warns of secrets in config, which Terraform shows. It refuses a password_wo that is not secret, because
// attributes that Terraform stores would contain it.
func (m model) checkSecrets(properties workerconfig.Properties) (diags diag.Diagnostics) {
	for _, property := range properties {
		if property.Secret && hasKey(m.Config, property.Key) {
			diags.AddAttributeWarning(path.Root(attrConfig).AtMapKey(property.Key), "Worker setting "+diagnostics.Quoted(property.Key)+" is a secret in plain text",
				"Terraform shows config in its output and stores it in the state. To keep the secret out of both, use a placeholder of a config provider. "+
					"To hide it in the output only, move the key to config_sensitive.")
		}
		if property.Key == "sasl.jaas.config" && !property.Secret && m.hasWriteOnly() {
			diags.Append(invalidWorker(passwordWOPath, "a placeholder of a config provider is not a secret: use password instead, so that content contains the placeholder"))
		}
	}
	return diags
}

// checkAnnouncement refuses a response header that announce_revision sets.
func (m model) checkAnnouncement(properties workerconfig.Properties) (diags diag.Diagnostics) {
	if m.AnnounceRevision && properties.SetsResponseHeader(connectclient.RevisionHeader) {
		at := m.attributePath([]string{attrConfig, workerconfig.ResponseHeadersKey})
		diags.Append(invalidWorker(at, "the header "+connectclient.RevisionHeader+" is set twice: announce_revision sets it already; remove the header from this value"))
	}
	return diags
}

// checkEnvironment warns of settings that environment does not have. A worker with a file does not need environment, unless
// environment_image is set.
func (m model) checkEnvironment(worker string, properties workerconfig.Properties) (diags diag.Diagnostics) {
	if !m.filePath(worker).IsNull() && m.EnvironmentImage == "" {
		return nil
	}
	_, err := workerconfig.Image(m.EnvironmentImage).Environment(m.stored(properties))
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	for _, err := range joined.Unwrap() {
		missing, ok := errors.AsType[*workerconfig.EnvironmentError](err)
		if !ok {
			continue
		}
		at, summary := path.Root(attrEnvironment), "Worker setting "+diagnostics.Quoted(missing.Key)+" is not in environment"
		switch {
		case missing.All:
			summary = "environment is null, because it would be too large"
		case hasKey(m.Config, missing.Key) || hasKey(m.ConfigSensitive, missing.Key):
			at = m.attributePath([]string{attrConfig, missing.Key})
		case strings.HasPrefix(missing.Key, "config.providers."):
			at = path.Root(attrConfigProviders)
		}
		diags.AddAttributeWarning(at, summary, diagnostics.Sentence(missing.Error())+" To use all settings, start the worker from content or from a file at path.")
	}
	return diags
}

// nullElements refuses null elements of collections, which a worker would read as empty values.
func nullElements(config tftypes.Value) (diags diag.Diagnostics) {
	_ = tftypes.Walk(config, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) { // the function returns no error
		if at.LastStep() == nil || !value.IsNull() {
			return true, nil
		}
		if _, attribute := at.LastStep().(tftypes.AttributeName); !attribute {
			diags.Append(invalidWorker(frameworkPath(at.Steps()), "an element is null: remove it or give it a value"))
		}
		return false, nil
	})
	return diags
}

// frameworkPath converts the path of a value. An element of a set gets the path of the set.
func frameworkPath(steps []tftypes.AttributePathStep) path.Path {
	at := path.Empty()
	for _, step := range steps {
		switch step := step.(type) {
		case tftypes.AttributeName:
			at = at.AtName(string(step))
		case tftypes.ElementKeyString:
			at = at.AtMapKey(string(step))
		case tftypes.ElementKeyInt:
			at = at.AtListIndex(int(step))
		}
	}
	return at
}
