package connector

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// Values of `on_update_failure`.
const (
	onUpdateFailureKeep     = "keep"
	onUpdateFailureRollback = "rollback"
)

// rollback is what an update of a connector does if the connector or one of its tasks is FAILED afterwards: another update, to
// what the worker held before. The wait of the update executes it, also if the operation has ended: see
// [session.Operation.Wait]. The state then has the configuration that failed, and the next Read stores the previous one.
// Secrets of the previous configuration are in memory only.
type rollback struct {
	before    desired       // what the state has
	writeOnly writeOnlyKeys // whose values no message may show

	// stays tells that the operation must not end before its wait. After a late rollback, a plan would miss the change, or would
	// show values that were secret before the update.
	stays bool

	// Set by prepare.
	previous     desired           // what the worker held before the update
	sent         map[string]string // the configuration that the update sends
	changesState bool
	refusal      string // why there is no rollback; empty if there is one
}

// rollback returns the rollback of an update, or nil if the connector keeps a configuration that fails.
func (m model) rollback(ctx context.Context, client *connectclient.Client, before model, known memory) *rollback {
	if m.OnUpdateFailure.ValueString() != onUpdateFailureRollback {
		return nil
	}
	formerSecrets := m.formerSecrets(before, known.writeOnly)
	return &rollback{
		before:    before.desired(before.isPassword(ctx, client)),
		writeOnly: known.writeOnly,
		stays:     !m.ConfigWOVersion.Equal(before.ConfigWOVersion) || known.writeOnly == nil || len(formerSecrets) > 0,
	}
}

// prepare returns the rollback of an update that is about to be sent, or nil if the update changes neither the configuration nor
// the target state: a restart of what is FAILED cannot be rolled back. It reads the status of the connector.
func (b *rollback) prepare(
	ctx context.Context, client *connectclient.Client, have connectclient.Connector, want desired, sent map[string]string, changed bool,
) (*rollback, error) {
	if b == nil {
		return nil, nil
	}
	status, err := client.Status(ctx, want.name)
	if err != nil && !errors.Is(err, connectclient.ErrNoStatus) {
		return nil, err
	}
	prepared, masked := *b, b.before.maskedIn(have.Config)
	prepared.previous = b.before.asHeld(have, status, want.state)
	prepared.changesState = prepared.previous.state != want.state
	prepared.sent = sent
	switch {
	case !changed && !prepared.changesState:
		return nil, nil
	case status.Failed():
		prepared.refusal = "the connector was FAILED before the update, too"
	case changed && len(masked) > 0:
		prepared.refusal = "the worker masks values of the previous configuration: " + strings.Join(masked, ", ")
	}
	return &prepared, nil
}

// maskedIn returns the sorted keys of a configuration whose values the worker masks.
func (d desired) maskedIn(config map[string]string) (keys []string) {
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if d.isMask(key, config[key]) || d.isHidden(key) && secret.IsMask(config[key]) {
			keys = append(keys, key)
		}
	}
	return keys
}

// asHeld returns what the worker holds instead of d, which is in the state. Keys whose values the state does not have are hidden. If the
// status does not show the target state, the one in the state counts, or else other.
func (d desired) asHeld(have connectclient.Connector, status connectclient.Status, other connectclient.State) desired {
	held := d
	held.config, held.ignored, held.hidden = maps.Clone(have.Config), nil, map[string]bool{}
	for key := range have.Config {
		_, declared := d.config[key]
		held.hidden[key] = !declared || d.isHidden(key)
	}
	if state := status.Connector.State; slices.Contains(targetStates, string(state)) {
		held.state = state
	} else if !held.hasTarget() {
		held.state = other
	}
	held.restart = true
	return held
}

// isHidden reports whether the state hides the value of a declared key.
func (d desired) isHidden(key string) bool {
	return d.hidden[key] || d.config[key] == notShown.ValueString()
}

// hide returns a context that hides the secrets of the previous configuration. isPassword may be nil, see [secret.Values].
func (b *rollback) hide(ctx context.Context, isPassword func(key string) bool) context.Context {
	if b == nil {
		return ctx
	}
	values := secret.Values(b.previous.config, isPassword)
	for key, value := range b.previous.config {
		if b.before.isHidden(key) {
			values = append(values, value)
		}
	}
	return connectclient.WithSecrets(ctx, values...)
}

// reached returns the function that lets the operation end while its wait goes on, unless the operation stays.
func (b *rollback) reached(running func()) func() {
	if b != nil && b.stays {
		return nil
	}
	return running
}

// after returns the error of an update whose wait has ended with err. If the connector or a task failed, it first executes the
// rollback.
func (b *rollback) after(ctx context.Context, client *connectclient.Client, op *session.Operation, err error) error {
	failed, ok := errors.AsType[*connectclient.FailedError](err)
	if b == nil || !ok {
		return err
	}
	result := &rollbackError{failed: failed, state: b.previous.state, refusal: b.refusal}
	if b.refusal == "" {
		result.err = op.Undo(ctx, func(ctx context.Context, op *session.Operation) (err error) {
			result.restored, err = b.execute(ctx, client, op)
			return err
		})
	}
	return result
}

// errChangedSince ends a rollback that would replace a configuration which is not that of the update.
var errChangedSince = errors.New("something else has changed the configuration since")

// execute updates the connector to its previous configuration and state, unless something else has changed it since. It reports
// whether the worker has accepted the previous configuration.
func (b *rollback) execute(ctx context.Context, client *connectclient.Client, op *session.Operation) (restored bool, err error) {
	ctx = b.hide(ctx, b.previous.isPassword)
	have, err := client.Connector(ctx, b.previous.name)
	if err != nil {
		return false, err
	}
	if !have.ShowsConfig(ctx, b.sent) {
		return false, errChangedSince
	}
	if b.changesState && b.previous.state != connectclient.StateRunning { // before its tasks start with the previous configuration
		if err := requestState(ctx, client, b.previous); err != nil {
			return false, err
		}
	}
	done, err := update(ctx, client, op, have, b.previous, startPosition{}, memory{writeOnly: b.writeOnly}, b.changesState)
	return done.Name != "", err
}

// rollbackError reports an update that failed, and what became of its rollback.
type rollbackError struct {
	failed   *connectclient.FailedError // why the update failed
	state    connectclient.State        // the previous target state
	refusal  string                     // why there was no rollback, if there was none
	restored bool                       // the worker has accepted the previous configuration
	err      error                      // why the rollback failed, or nil
}

// Error names the connector, the causes and what became of the rollback.
func (e *rollbackError) Error() string { return e.failed.Error() + ". " + e.outcome() }

// Unwrap returns the failure of the update, and that of the rollback if tasks do not run the previous configuration.
func (e *rollbackError) Unwrap() []error {
	if stale, ok := errors.AsType[*staleTasksError](e.err); ok {
		return []error{e.failed, stale}
	}
	return []error{e.failed}
}

// outcome tells what became of the rollback, and which configuration the connector has now.
func (e *rollbackError) outcome() string {
	const kept = "The connector still has the new configuration."
	failed, isFailed := errors.AsType[*connectclient.FailedError](e.err)
	stale, isStale := errors.AsType[*staleTasksError](e.err)
	switch {
	case e.refusal != "":
		return "The update was not rolled back, because " + e.refusal + ". " + kept
	case e.err == nil && e.state == connectclient.StateRunning:
		return "The update was rolled back: the previous configuration is running again."
	case e.err == nil:
		return fmt.Sprintf("The update was rolled back: the connector has its previous configuration and is %s again.", e.state)
	case errors.Is(e.err, errChangedSince):
		return "The update was not rolled back, because " + e.err.Error() + "."
	case errors.Is(e.err, connectclient.ErrNotFound):
		return "The update was not rolled back, because the connector does not exist any more."
	case isFailed:
		return "The update was rolled back, but these parts of the connector are FAILED with the previous configuration, too:\n\n" + failureLines(failed.Failures)
	case isStale:
		return "The update was rolled back, but tasks still run with the new values of these keys: " + strings.Join(stale.keys, ", ") + "."
	case e.restored:
		return "The connector has its previous configuration again, but it is not known whether this configuration runs: " + e.reason()
	case errors.Is(e.err, connectclient.ErrIndeterminate):
		return "The rollback failed: " + e.reason() + " The connector may have the new configuration or the previous one."
	}
	return "The rollback failed: " + e.reason() + " " + kept
}

// reason tells why the rollback failed, without the connector's name.
func (e *rollbackError) reason() string {
	return diagnostics.Sentence(strings.ReplaceAll(e.err.Error(), quoted(e.failed.Name), "the connector"))
}

// detail tells why the update failed, what became of the rollback and what to do.
func (e *rollbackError) detail() string {
	advice := "Fix the cause and apply again. The logs of the workers contain the complete stack traces."
	if e.err != nil || e.refusal != "" {
		advice = "Fix the cause and apply again: the apply restarts what is FAILED. The logs of the workers contain the complete stack traces."
	}
	return "The worker accepted the new configuration, but these parts of the connector failed:\n\n" + failureLines(e.failed.Failures) + "\n\n" + e.outcome() + "\n\n" + advice
}

// lateReason tells the same without the connector's name, as a part of lateDetail.
func (e *rollbackError) lateReason() string {
	return failureLines(e.failed.Failures) + "\n  " + strings.ReplaceAll(e.outcome(), "\n\n", "\n")
}

// planRollback warns that an update of the configuration cannot be rolled back, because the worker masks values. A move that fails is
// always undone.
func (r *Resource) planRollback(ctx context.Context, at place, before, after model) (diags diag.Diagnostics) {
	if after.OnUpdateFailure.ValueString() != onUpdateFailureRollback || after.movesFrom(before) {
		return nil
	}
	held, ok := at.config(ctx)
	if !ok {
		return nil
	}
	keys := before.desired(before.isPassword(ctx, r.ConnectClient())).maskedIn(held)
	if len(keys) == 0 {
		return nil
	}
	diags.AddAttributeWarning(path.Root("on_update_failure"), "An update of "+quoted(before.Name.ValueString())+" cannot be rolled back",
		"The worker masks values of the current configuration, so the provider cannot send this configuration again: "+strings.Join(keys, ", ")+". "+
			"If the connector fails with the new configuration, it keeps the new configuration. "+
			"To allow a rollback, give Terraform access to a worker that does not mask values, or refer to the secrets with a config provider.")
	return diags
}

// formerSecrets returns the keys whose values may have been secret before an update that does not treat them as secret: it
// declares them in config, or not at all. If the update fails, the worker may still have, or have again, the previous values.
// They count as write-only until an update succeeds, so that Read does not store them.
func (m model) formerSecrets(before model, writeOnly writeOnlyKeys) writeOnlyKeys {
	former := writeOnlyKeys{}
	add := func(key string) {
		declaredIn, declared := m.declares(key)
		isSecret := declared && declaredIn != "config" || slices.Contains(tfvalue.StringSet(m.IgnoredConfigKeys), key)
		if !isSecret {
			former[key] = nil
		}
	}
	for key := range before.ConfigSensitive.Elements() {
		add(key)
	}
	for key := range writeOnly {
		add(key)
	}
	for _, key := range tfvalue.StringSet(before.IgnoredConfigKeys) {
		add(key)
	}
	for key, value := range before.Config.Elements() {
		if value.Equal(notShown) {
			add(key)
		}
	}
	return former
}

// without returns the model as read after a failed update, without the values of former secrets that the update has not replaced
// by the planned ones.
func (m model) without(former writeOnlyKeys, planned model) model {
	config := maps.Clone(m.Config.Elements())
	for key := range former {
		if value, ok := config[key]; ok && !value.Equal(planned.Config.Elements()[key]) {
			delete(config, key)
		}
	}
	m.Config = types.MapValueMust(types.StringType, config)
	return m
}
