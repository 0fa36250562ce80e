package connector

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// This file holds the rules for drift: which differences between the worker's answer and the last known values the state
// stores, so that the next plan shows them.

// readConnector reads a connector and its status, which is empty right after creation. Stack traces in the status do not
// show the values of ignored and write-only keys, which may be secrets that Terraform does not know.
func readConnector(ctx context.Context, client *connectclient.Client, m model, writeOnly writeOnlyKeys) (connectclient.Connector, connectclient.Status, error) {
	name, secretKeys := m.Name.ValueString(), slices.AppendSeq(tfvalue.StringSet(m.IgnoredConfigKeys), maps.Keys(writeOnly))
	got, status, err := client.ConnectorWithStatus(ctx, name, secretKeys...)
	if err != nil || !status.Failed() || writeOnly != nil {
		return got, status, err
	}
	for key := range got.Config {
		if _, declared := m.declares(key); !declared && key != nameKey { // it may be write-only
			secretKeys = append(secretKeys, key)
		}
	}
	return client.ConnectorWithStatus(ctx, name, secretKeys...)
}

// readAfterFailure returns the model with what the worker holds after a failed or interrupted operation. It returns false
// if the connector could not be read.
func (m model) readAfterFailure(ctx context.Context, client *connectclient.Client, prior model, writeOnly writeOnlyKeys) (model, bool) {
	ctx, cancel := session.AfterDeadline(ctx)
	defer cancel()
	got, status, err := readConnector(ctx, client, m, writeOnly)
	if err != nil {
		return m, false
	}
	m = m.observed(got, status, prior, writeOnly, m.isPassword(ctx, client))
	if state := unsettledState(status); state != "" {
		m.State = types.StringValue(state)
	}
	return m, true
}

// observed returns the model with what the worker holds. A declared key stays in its map. Any other key is drift and
// goes into config, unless it is ignored or write-only. The value of a secret key that the worker masks is taken from prior.
func (m model) observed(
	got connectclient.Connector, status connectclient.Status, prior model, writeOnly writeOnlyKeys, isPassword func(key string) bool,
) model {
	found := fromConnect(got, status)
	declared, sensitive := m.Config.Elements(), m.ConfigSensitive.Elements()
	known, knownSecrets := prior.Config.Elements(), prior.ConfigSensitive.Elements()
	ignored := tfvalue.StringSet(m.IgnoredConfigKeys)
	config, secrets := map[string]attr.Value{}, map[string]attr.Value{}
	for key, value := range found.Config.Elements() {
		switch {
		case tfvalue.Has(sensitive, key):
			secrets[key] = unmasked(value, knownSecrets[key])
		case tfvalue.Has(declared, key) && !declared[key].Equal(notShown):
			config[key] = value
			if text, ok := value.(types.String); ok && secret.IsMask(text.ValueString()) && isSecret(key, known[key], isPassword) {
				config[key] = unmasked(value, known[key])
			}
		case key == nameKey || slices.Contains(ignored, key) || writeOnly.hides(key):
		case isSecret(key, value, isPassword):
			config[key] = notShown
		default:
			config[key] = value
		}
	}
	m.Config = types.MapValueMust(types.StringType, config)
	if !m.ConfigSensitive.IsNull() {
		m.ConfigSensitive = types.MapValueMust(types.StringType, secrets)
	}
	m.Name, m.Type = found.Name, found.Type
	m.ID = m.id()
	m.State = types.StringValue(m.observedState(status))
	// A resource that was just moved here does not have these yet.
	m.OnFailure, m.Validate = orDefault(m.OnFailure, found.OnFailure), orDefault(m.Validate, found.Validate)
	m.OnUpdateFailure = orDefault(m.OnUpdateFailure, found.OnUpdateFailure)
	m.ResetOffsetsOnDestroy = orDefault(m.ResetOffsetsOnDestroy, found.ResetOffsetsOnDestroy)
	m.DeletionProtection = orDefault(m.DeletionProtection, found.DeletionProtection)
	return m
}

// orDefault returns the value, or the default if the value is null.
func orDefault[T attr.Value](value, byDefault T) T {
	if value.IsNull() {
		return byDefault
	}
	return value
}

// isSecret reports whether the value of a key is a secret.
func isSecret(key string, value attr.Value, isPassword func(key string) bool) bool {
	text, _ := value.(types.String)
	return secret.Why(key, text.ValueString(), false).IsSecret() ||
		text.ValueString() != "" && isPassword(key) && secret.Why(key, text.ValueString(), true).IsSecret()
}

// notShown replaces the value of an undeclared key that may be a secret. A key that has it in the state is still
// undeclared.
var notShown = types.StringValue("(not shown)")

// unmasked returns the value that the worker holds, or the known value if the worker masks it.
func unmasked(value, known attr.Value) attr.Value {
	if text, ok := value.(types.String); ok && known != nil && secret.IsMask(text.ValueString()) {
		return known
	}
	return value
}

// unreachable returns the model as it is while no worker answers: unchanged, and with a state that the next apply changes.
func (m model) unreachable() model {
	if m.restartsFailures() {
		m.State = types.StringValue(stateUnreachable)
	}
	return m
}

// observedState returns the value of `state` for a status. The REST API does not tell the target state of a connector
// that failed or that moves between workers, so the previous one is kept. With on_failure = "restart", FAILED is drift.
func (m model) observedState(status connectclient.Status) string {
	state, before := string(status.Connector.State), m.State.ValueString()
	if before == stateUnreachable { // the previous target state is not known either
		before = unsettledState(status)
	}
	switch {
	case m.restartsFailures() && status.Failed():
		return stateFailed
	case before != "" && (unsettledState(status) != "" || state == stateFailed):
		return before
	case slices.Contains(targetStates, state):
		return state
	default:
		return stateRunning
	}
}

// unsettledState returns the state of the first part of a connector that is between two states, or "".
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
