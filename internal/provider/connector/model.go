package connector

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// Values of `state`. A declared one is among the first three; Read and failed applies put others there, as the worker
// tells them, so that the next plan shows what is not yet true.
const (
	stateRunning = string(connectclient.StateRunning)
	statePaused  = string(connectclient.StatePaused)
	stateStopped = string(connectclient.StateStopped)
	stateFailed  = string(connectclient.StateFailed)
)

// targetStates are the values of `state` that can be declared.
var targetStates = []string{stateRunning, statePaused, stateStopped}

// Values of `on_failure`.
const (
	onFailureRestart = "restart"
	onFailureWarn    = "warn"
	onFailureIgnore  = "ignore"
)

// nameKey is the configuration key that Connect itself adds to every configuration.
const nameKey = "name"

// connectorModel is the resource in configuration, plan and state.
type model struct {
	Name                  types.String   `tfsdk:"name"`
	Config                types.Map      `tfsdk:"config"`
	ConfigSensitive       types.Map      `tfsdk:"config_sensitive"`
	ConfigWO              types.Map      `tfsdk:"config_wo"` // null but in configuration
	ConfigWOVersion       types.Int64    `tfsdk:"config_wo_version"`
	State                 types.String   `tfsdk:"state"`
	OnFailure             types.String   `tfsdk:"on_failure"`
	IgnoredConfigKeys     types.Set      `tfsdk:"ignored_config_keys"`
	Validate              types.Bool     `tfsdk:"validate"`
	InitialOffsets        types.List     `tfsdk:"initial_offsets"`
	ResetOffsetsOnDestroy types.Bool     `tfsdk:"reset_offsets_on_destroy"`
	DeletionProtection    types.Bool     `tfsdk:"deletion_protection"`
	Timeouts              timeouts.Value `tfsdk:"timeouts"`
	ID                    types.String   `tfsdk:"id"`
	Type                  types.String   `tfsdk:"type"`
	ConfigWORevision      types.Int64    `tfsdk:"config_wo_revision"`
}

// declares tells which of the three maps, if any, declares a configuration key.
func (m model) declares(key string) (attribute string, ok bool) {
	for _, part := range m.configs() {
		if tfvalue.Has(part.values.Elements(), key) {
			return part.attribute, true
		}
	}
	return "", false
}

// configPart is one of the maps that make up a configuration.
type configPart struct {
	attribute string
	values    types.Map
	secret    bool
}

// configs are the maps that make up the configuration.
func (m model) configs() []configPart {
	return []configPart{
		{"config", m.Config, false},
		{"config_sensitive", m.ConfigSensitive, true},
		{"config_wo", m.ConfigWO, true},
	}
}

// connectorSpec is what a user declares, free of Terraform's types.
type spec struct {
	name    string
	config  map[string]string // from all three maps
	secrets []string          // values of config_sensitive and config_wo
	ignored []string          // keys whose values on the worker are carried over
	state   connectclient.State
	restart bool // restart what has failed

	newState  bool          // the state is to be another one than before
	writeOnly writeOnlyKeys // that the worker may hold values of, nil if they were forgotten

	// doubted are keys of which tasks were last seen to run former values. They are of use to an update only.
	doubted []string

	// offsets are set if the connector has none. They are of use to a creation only.
	offsets []connectclient.Offset
}

// spec converts what is declared. All values must be known.
func (m model) spec() spec {
	config, secrets := map[string]string{}, []string{}
	for _, part := range m.configs() {
		for key, value := range tfvalue.StringMap(part.values) {
			config[key] = value
			if part.secret {
				secrets = append(secrets, value)
			}
		}
	}
	return spec{
		name:    m.Name.ValueString(),
		config:  config,
		secrets: secrets,
		ignored: tfvalue.StringSet(m.IgnoredConfigKeys),
		state:   connectclient.State(m.State.ValueString()),
		restart: m.restarts(),

		writeOnly: writeOnlyKeys{},
	}
}

// created fills what only the worker knows of a connector that is as planned.
func (m *model) created(got connectclient.Connector) {
	m.ID = m.Name
	m.Type = types.StringValue(got.Type)
}

// former is what a plan without the connector's state needs to know of it.
func (m model) former() session.Former {
	return session.Former{Name: m.Name.ValueString(), Protected: m.DeletionProtection.ValueBool()}
}

// stored is the model as state has it: without what is write-only.
func (m model) stored() model {
	m.ConfigWO = types.MapNull(types.StringType)
	return m
}

// ignore adds keys to ignored_config_keys.
func (m *model) ignore(keys []string) {
	if len(keys) == 0 {
		return
	}
	elements := m.IgnoredConfigKeys.Elements()
	for _, key := range keys {
		elements = append(elements, types.StringValue(key))
	}
	m.IgnoredConfigKeys = types.SetValueMust(types.StringType, elements)
}

// observe puts what the worker holds into the model. Each key goes where the model declares it, else, unless it is
// ignored or write-only, into config, where it shows as drift. Where the worker masks a value, the one that prior has
// is kept.
func (m *model) observe(got connectclient.Connector, status connectclient.Status, prior model, writeOnly writeOnlyKeys) {
	declared, sensitive := m.Config.Elements(), m.ConfigSensitive.Elements()
	known, knownSecrets := prior.Config.Elements(), prior.ConfigSensitive.Elements()
	ignored := tfvalue.StringSet(m.IgnoredConfigKeys)
	config, secrets := map[string]attr.Value{}, map[string]attr.Value{}
	for key, value := range heldConfig(got) {
		switch {
		case tfvalue.Has(sensitive, key):
			secrets[key] = observedValue(value, knownSecrets[key])
		case tfvalue.Has(declared, key) && !declared[key].Equal(notShown):
			config[key] = observedValue(value, known[key])
		case key == nameKey || slices.Contains(ignored, key) || writeOnly.hides(key):
		default:
			config[key] = undeclaredValue(key, value)
		}
	}
	m.Config = types.MapValueMust(types.StringType, config)
	if !m.ConfigSensitive.IsNull() {
		m.ConfigSensitive = types.MapValueMust(types.StringType, secrets)
	}
	m.Name = types.StringValue(got.Name)
	m.ID = m.Name
	m.Type = types.StringValue(got.Type)
	m.State = types.StringValue(m.observedState(status))
	if m.OnFailure.IsNull() {
		m.OnFailure = types.StringValue(onFailureRestart)
	}
	if m.Validate.IsNull() {
		m.Validate = types.BoolValue(true)
	}
	if m.ResetOffsetsOnDestroy.IsNull() {
		m.ResetOffsetsOnDestroy = types.BoolValue(false)
	}
	if m.DeletionProtection.IsNull() {
		m.DeletionProtection = types.BoolValue(false)
	}
}

// secretName matches the names of keys whose values are better not shown when nobody here declares them.
var secretName = regexp.MustCompile(`(?i)password|passphrase|secret|token|credential|jaas|private.?key|api.?key`)

// notShown stands for a value that is better not shown. Once it is in state, it stands there for a key that is still
// declared nowhere.
var notShown = types.StringValue("(not shown)")

// undeclaredValue is what is shown of a key that only the worker has.
func undeclaredValue(key string, value types.String) types.String {
	if secretName.MatchString(key) && !value.IsNull() {
		return notShown
	}
	return value
}

// heldConfig is the configuration that the worker holds, with null where it holds null.
func heldConfig(got connectclient.Connector) map[string]types.String {
	config := make(map[string]types.String, len(got.Config)+len(got.NullKeys))
	for key, value := range got.Config {
		config[key] = types.StringValue(value)
	}
	for _, key := range got.NullKeys {
		config[key] = types.StringNull()
	}
	return config
}

// observedValue is the worker's value of a key, or the known one, if any, where the worker answers with a mask.
func observedValue(value types.String, known attr.Value) attr.Value {
	if known != nil && isMask(value.ValueString()) {
		return known
	}
	return value
}

// isMask tells whether the value is one that a worker shows in place of a secret: asterisks only.
func isMask(value string) bool { return value != "" && strings.Trim(value, "*") == "" }

// restarts tells whether failures are to be restarted.
func (m model) restarts() bool {
	return m.OnFailure.IsNull() || m.OnFailure.ValueString() == onFailureRestart
}

// observedState is the value of `state` that tells what the connector does. The REST API does not tell the target
// state of a connector that failed or is being moved between workers: then it is taken to be the one before, except
// that failure counts as drift where failures are to be restarted.
func (m model) observedState(status connectclient.Status) string {
	state, before := string(status.Connector.State), m.State.ValueString()
	switch {
	case m.restarts() && status.Failed():
		return stateFailed
	case before != "" && (unsettledState(status) != "" || state == stateFailed):
		return before
	case slices.Contains(targetStates, state):
		return state
	default:
		return stateRunning
	}
}

// unsettledState is the state of the first part of a connector that is on its way from one state to another, or empty.
func unsettledState(status connectclient.Status) string {
	states := []connectclient.State{cmp.Or(status.Connector.State, connectclient.StateUnassigned)}
	for _, task := range status.Tasks {
		states = append(states, task.State)
	}
	for _, state := range states {
		if state != connectclient.StateFailed && !slices.Contains(targetStates, string(state)) {
			return string(state)
		}
	}
	return ""
}
