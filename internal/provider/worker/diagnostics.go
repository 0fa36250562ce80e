package worker

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// keyedAttributes are maps: what follows them in a path is a key.
var keyedAttributes = []string{attrConfig, attrConfigSensitive, attrConfigProviders, attrWorkers}

// validate reports what is wrong with a configuration as far as it is known.
func (d declaration) validate(ctx context.Context, f fields) (diags diag.Diagnostics) {
	diags.Append(f.keysGivenTwice()...)
	diags.Append(f.checkWriteOnly()...)
	if !f.known(ctx, attrConfigProviders) {
		return diags // a placeholder may be of a provider that is still to come
	}
	for _, worker := range d.workers {
		properties, problems := d.render(worker)
		for _, problem := range problems {
			if f.decided(ctx, problem.Path) {
				diags.Append(f.diagnostic(problem)) // one of the same path and text is added once
			}
		}
		if _, ok := properties.Value("bootstrap.servers"); !ok && f.known(ctx, attrBootstrapServers) && f.known(ctx, attrConfig) {
			diags.Append(invalidWorker(path.Root(attrBootstrapServers), "bootstrap_servers is required where the provider's kafka attribute names no servers either"))
		}
		diags.Append(f.plainSecrets(properties)...)
		diags.Append(f.checkWriteOnlySecret(properties)...)
	}
	return diags
}

// diagnostic puts a problem on the attribute at fault. A warning's summary is unlike that of any other one, because
// Terraform shows only the first of several with the same summary.
func (f fields) diagnostic(problem workerconfig.Problem) diag.Diagnostic {
	at := f.declaredAt(problem.Path)
	if problem.Severity == workerconfig.SeverityError {
		return invalidWorker(at, problem.Message)
	}
	about := cmp.Or(problem.Key, at.String())
	return diag.NewAttributeWarningDiagnostic(at, "Worker setting "+diagnostics.Quoted(about)+" is probably not meant so", problemDetail(at, problem.Message))
}

// invalidWorker is the error that something is wrong with a configuration.
func invalidWorker(at path.Path, message string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Invalid worker configuration", problemDetail(at, message))
}

// problemDetail makes a sentence of a problem's message. It tells the attribute where that is deep in another one:
// Terraform shows only the line on which the resource begins then.
func problemDetail(at path.Path, message string) string {
	if first, _, _ := strings.Cut(message, " "); !strings.ContainsAny(first, "._") { // a key stays as it is
		message = diagnostics.Sentence(message)
	}
	if !strings.HasSuffix(message, ".") {
		message += "."
	}
	message = strings.Replace(message, "?.", "?", 1)
	root := at.Steps()[0].String()
	if len(at.Steps()) > 1 && root != attrConfig && root != attrConfigSensitive {
		message = at.String() + ": " + message
	}
	return message
}

// declaredAt is the path of what the user wrote, where that is another attribute than the problem's.
func (f fields) declaredAt(names []string) path.Path {
	switch {
	case len(names) == 2 && names[0] == attrConfig && tfvalue.Has(elements(f[attrConfigSensitive]), names[1]):
		names = []string{attrConfigSensitive, names[1]}
	case len(names) == 3 && names[0] == attrWorkers && !f.objects(attrWorkers)[names[1]].given(names[2]):
		names = names[2:] // what the worker has in common with the others
	case slices.Equal(names, []string{attrSecurity, attrSASL, attrPassword}) && f.writeOnly():
		names = []string{attrSecurity, attrSASL, attrPasswordWO}
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

// decided tells whether all is known that a problem at the path may come from.
func (f fields) decided(ctx context.Context, names []string) bool {
	if names[0] == attrConfig && len(names) > 1 {
		for _, attribute := range []string{attrConfig, attrConfigSensitive} {
			if f[attribute].IsUnknown() || !fields(elements(f[attribute])).known(ctx, names[1]) {
				return false
			}
		}
		return true
	}
	if names[0] == attrWorkers && len(names) == 3 {
		return f.known(ctx, attrWorkers) && f.known(ctx, names[2])
	}
	return f.known(ctx, names[0])
}

// keysGivenTwice refuses keys in both maps of settings.
func (f fields) keysGivenTwice() (diags diag.Diagnostics) {
	config := elements(f[attrConfig])
	for _, key := range f.names(attrConfigSensitive) {
		if tfvalue.Has(config, key) {
			diags.Append(invalidWorker(path.Root(attrConfigSensitive).AtMapKey(key), diagnostics.Quoted(key)+" is in config and in config_sensitive: remove it from one of them"))
		}
	}
	return diags
}

// plainSecrets warns of secrets in config, which Terraform shows.
func (f fields) plainSecrets(properties workerconfig.Properties) (diags diag.Diagnostics) {
	config := elements(f[attrConfig])
	for _, property := range properties {
		if property.Secret && tfvalue.Has(config, property.Key) {
			diags.AddAttributeWarning(path.Root(attrConfig).AtMapKey(property.Key), "Worker setting "+diagnostics.Quoted(property.Key)+" shows a secret",
				"Terraform shows config in its output and stores it. Give a placeholder of a config provider instead, which keeps the secret out of both, "+
					"or move the key to config_sensitive, which keeps it out of the output.")
		}
	}
	return diags
}

var passwordWOPath = path.Root(attrSecurity).AtName(attrSASL).AtName(attrPasswordWO)

// checkWriteOnly checks what comes with password_wo.
func (f fields) checkWriteOnly() (diags diag.Diagnostics) {
	if !f.writeOnly() {
		return nil
	}
	refuse := func(message string) { diags.Append(invalidWorker(passwordWOPath, message)) }
	if f.object(attrSecurity).object(attrSASL).given(attrPassword) {
		refuse("password and password_wo exclude each other: remove one of them")
	}
	paths := []fields{f}
	if workers := f.objects(attrWorkers); len(workers) > 0 {
		paths = nil
		for _, worker := range workers {
			paths = append(paths, worker)
		}
	}
	if !slices.ContainsFunc(paths, func(f fields) bool { return f.given(attrPath) }) {
		refuse("it goes only into a file, and none is written: set path, or use the ephemeral resource kafkaconnect_worker_config")
	}
	return diags
}

// checkWriteOnlySecret refuses a password_wo that is no secret: what is rendered of it could be stored.
func (f fields) checkWriteOnlySecret(properties workerconfig.Properties) (diags diag.Diagnostics) {
	if !f.writeOnly() {
		return nil
	}
	for _, property := range properties {
		if property.Key == "sasl.jaas.config" && !property.Secret {
			diags.Append(invalidWorker(passwordWOPath, "a placeholder of a config provider is no secret: give it as password, so that content shows it"))
		}
	}
	return diags
}

// nullElements refuses null in collections: whatever it was meant to say, a worker would read something else.
func nullElements(config tfsdk.Config) (diags diag.Diagnostics) {
	_ = tftypes.Walk(config.Raw, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) { // no step fails
		steps := at.Steps()
		if len(steps) == 0 || !value.IsNull() {
			return true, nil
		}
		if _, attribute := steps[len(steps)-1].(tftypes.AttributeName); !attribute {
			diags.Append(invalidWorker(frameworkPath(steps), "an element is null: leave it out, or give it a value"))
		}
		return false, nil
	})
	return diags
}

// frameworkPath is the path as diagnostics have it. Elements of sets have none: theirs is that of the set.
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
