package connector

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// stateStale is the `state` of a connector that is RUNNING while its tasks run a previous configuration. Workers do not
// report it. The state stores it so that the next plan shows a change.
const stateStale = "STALE"

// staleKeysKey is the key in private state of the keys of the last staleTasksError. They are removed when the tasks run
// the declared configuration.
const staleKeysKey = "stale_tasks"

// staleTasksError reports a connector that is RUNNING with its declared configuration while its tasks run a previous one.
// It contains keys and no values, which may be secrets.
type staleTasksError struct {
	name  string
	keys  []string // sorted, at least one
	tasks []int    // sorted
}

// Error names the connector, the tasks and the keys.
func (e *staleTasksError) Error() string {
	return fmt.Sprintf("connector %q is RUNNING, but %s", e.name, e.tasksAndKeys())
}

// tasksAndKeys tells which tasks run previous values of which keys.
func (e *staleTasksError) tasksAndKeys() string {
	ids := make([]string, len(e.tasks))
	for i, id := range e.tasks {
		ids[i] = strconv.Itoa(id)
	}
	tasks, run := "tasks "+strings.Join(ids, ", "), "run"
	if len(ids) == 1 {
		tasks, run = "task "+ids[0], "runs"
	}
	return tasks + " still " + run + " with the previous value of " + strings.Join(e.keys, ", ")
}

// detail tells what to do.
func (e *staleTasksError) detail() string {
	return "The worker accepted the configuration and reports the connector as RUNNING, but " + e.tasksAndKeys() + ".\n\n" +
		"The connector probably failed to compute the configurations of its tasks. The REST API does not tell why; check the log of the worker " +
		"that runs the connector. The state stores the configuration that the worker holds. Fix the cause and apply again."
}

// previousValues are the values that tasks may still run with. No value is known for a key that was stale already: the task
// then has any value but the connector's.
type previousValues struct {
	known map[string]string // configuration before an update
	saved savedValues       // of an earlier update
	keys  []string          // keys that were stale already
}

// has reports whether a task with the value for the key runs a previous configuration, if the connector has another one.
func (p previousValues) has(key, value string) bool {
	known, ok := p.known[key]
	return ok && known == value || p.saved.has(key, value) || slices.Contains(p.keys, key)
}

// taskCheck checks that tasks run the configuration of their connector after an update. A nil check always passes.
type taskCheck struct {
	client   *connectclient.Client
	turn     chan struct{} // see [session.Operation.Turn]
	want     desired
	got      connectclient.Connector
	previous previousValues

	began  time.Time // of the first try
	passed bool
}

// taskCheckTimeout is how long a connector may take to compute the configurations of its tasks after an update. Most take less
// than a second.
const taskCheckTimeout = 10 * time.Second

// turnTimeout is how long a check of tasks waits for those of other connectors, before the status is polled again.
const turnTimeout = 250 * time.Millisecond

// try reads the configurations of the tasks and reports whether they have passed. It also reports true after taskCheckTimeout.
func (c *taskCheck) try(ctx context.Context) bool {
	if c.began.IsZero() {
		c.began = time.Now()
	}
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
		stale, err := c.want.readStaleTasks(ctx, c.client, c.got, c.previous)
		c.passed = stale == nil && err == nil
	case <-time.After(turnTimeout):
	}
	return c.passed || time.Since(c.began) > taskCheckTimeout
}

// run returns a staleTasksError if tasks are stale. It sends no request if they have passed before.
func (c *taskCheck) run(ctx context.Context) error {
	if c == nil || c.passed {
		return nil
	}
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return fmt.Errorf("the configurations of the tasks were not read: %w", ctx.Err())
	}
	stale, err := c.want.readStaleTasks(ctx, c.client, c.got, c.previous)
	if err != nil || stale == nil {
		return err
	}
	return stale
}

// readStaleTasks reads the configurations of the tasks and returns which are stale, or nil. If the worker or a proxy does
// not allow this request, none is known to be stale.
func (d desired) readStaleTasks(
	ctx context.Context, client *connectclient.Client, got connectclient.Connector, previous previousValues,
) (*staleTasksError, error) {
	tasks, err := client.TaskConfigs(ctx, got.Name)
	if errors.Is(err, connectclient.ErrForbidden) || errors.Is(err, connectclient.ErrUnsupported) {
		return nil, nil //nolint:nilnil // nothing is known to be stale
	}
	if err != nil {
		return nil, err
	}
	return d.findStale(got, previous, tasks), nil
}

// findStale compares the tasks with their connector, and returns nil if they are not proven to be stale. A key is stale if
// the tasks have a previous value. A key that was removed is never stale: the connector may pass a default to its tasks.
// Masks prove nothing.
func (d desired) findStale(got connectclient.Connector, previous previousValues, tasks []connectclient.TaskConfig) *staleTasksError {
	found := &staleTasksError{name: got.Name}
	for _, key := range slices.Sorted(maps.Keys(got.Config)) {
		value, ids := commonValue(tasks, key)
		if len(ids) == 0 || value == got.Config[key] || d.isMask(key, value) || d.isMask(key, got.Config[key]) {
			continue
		}
		if previous.has(key, value) {
			found.keys, found.tasks = append(found.keys, key), append(found.tasks, ids...)
		}
	}
	if len(found.keys) == 0 {
		return nil
	}
	slices.Sort(found.tasks)
	found.tasks = slices.Compact(found.tasks)
	return found
}

// savedValuesKey is the key in private state of savedValues.
const savedValuesKey = "previous_values"

// savedValues are the values that updates have changed, if they ended before it was known whether the tasks run the new ones:
// see [session.Operation.Wait]. The next Read that finds the connector RUNNING checks its tasks. So the next plan shows tasks
// that are stale, also after the provider was killed. A key has several values after several such updates.
type savedValues struct {
	Plain   map[string][]string                `json:"plain,omitempty"`
	Secrets map[string][]*tfvalue.SecretDigest `json:"secrets,omitempty"`
}

// empty reports whether there are none.
func (v savedValues) empty() bool { return len(v.Plain)+len(v.Secrets) == 0 }

// has reports whether the value is a saved one.
func (v savedValues) has(key, value string) bool {
	return slices.Contains(v.Plain[key], value) ||
		slices.ContainsFunc(v.Secrets[key], func(digest *tfvalue.SecretDigest) bool { return digest.Matches(value) })
}

// changedValues returns the saved values, and those of the connector that the update replaces. A value is saved as a digest
// unless the state shows it in config and it is not known to be a secret.
func (d desired) changedValues(known memory, have connectclient.Connector) savedValues {
	changed := savedValues{Plain: map[string][]string{}, Secrets: map[string][]*tfvalue.SecretDigest{}}
	maps.Copy(changed.Plain, known.saved.Plain)
	maps.Copy(changed.Secrets, known.saved.Secrets)
	for key, now := range d.config {
		value, exists := have.Config[key]
		shown, isShown := known.shown[key]
		switch {
		case !exists || now == value || d.isMask(key, value) || known.saved.has(key, value):
		case !isShown || shown != value || d.hidden[key] || d.isPassword(key) || secret.MayBeMasked(key, value):
			changed.Secrets[key] = append(slices.Clip(changed.Secrets[key]), tfvalue.NewSecretDigest(value))
		default:
			changed.Plain[key] = append(slices.Clip(changed.Plain[key]), value)
		}
	}
	return changed
}

// commonValue returns the value that the tasks have for a key, and the tasks that have the key. It returns no tasks if
// their values differ. The connector then divides the key among its tasks, and one task may correctly have the previous
// value of the whole. Workers replace the configurations of all tasks at once, so stale tasks have the same value.
func commonValue(tasks []connectclient.TaskConfig, key string) (value string, ids []int) {
	for _, task := range tasks {
		taskValue, ok := task.Config[key]
		switch {
		case !ok:
			continue
		case len(ids) > 0 && taskValue != value:
			return "", nil
		}
		value, ids = taskValue, append(ids, task.ID)
	}
	return value, ids
}

// readTasks checks whether tasks that were or may be stale run the current configuration. Tasks may also be stale if a value
// differs from the one before this Read: the provider may have been killed in an update. It sends no request if there are
// none or if the connector is not RUNNING.
func (m *model) readTasks(
	ctx context.Context, client *connectclient.Client, got connectclient.Connector, before model, known memory, private tfvalue.PrivateWriter,
) (diags diag.Diagnostics) {
	suspected := len(known.staleKeys) > 0 || !known.saved.empty() || m.hasOtherValues(before)
	if !suspected || m.State.ValueString() != stateRunning {
		return nil
	}
	previous := previousValues{known: before.applied(), saved: known.saved, keys: known.staleKeys}
	stale, err := m.desired(m.isPassword(ctx, client)).readStaleTasks(ctx, client, got, previous)
	if err != nil {
		return m.unableTo("read", err)
	}
	diags.Append(private.SetKey(ctx, savedValuesKey, nil)...)
	if stale == nil {
		return append(diags, private.SetKey(ctx, staleKeysKey, nil)...)
	}
	diags.Append(tfvalue.SavePrivate(ctx, private, staleKeysKey, stale.keys)...)
	m.State = types.StringValue(stateStale)
	diags.AddAttributeWarning(path.Root("state"), diagnostics.Capitalized(quoted(stale.name))+" runs a previous configuration", stale.detail())
	return diags
}

// hasOtherValues reports whether a key of config or config_sensitive has another value than before.
func (m model) hasOtherValues(before model) bool {
	if m.Config.Equal(before.Config) && m.ConfigSensitive.Equal(before.ConfigSensitive) {
		return false
	}
	previous := before.applied()
	for key, value := range m.applied() {
		if earlier, ok := previous[key]; ok && earlier != value {
			return true
		}
	}
	return false
}

// withStaleState returns the model with state STALE if the update ended with a staleTasksError.
func (m model) withStaleState(err error) model {
	if _, stale := errors.AsType[*staleTasksError](err); stale && m.State.ValueString() == stateRunning {
		m.State = types.StringValue(stateStale)
	}
	return m
}

// saveTaskCheck saves what a later Read needs to check the tasks. An update to RUNNING that succeeded removes the keys of an
// earlier staleTasksError, and a new error replaces them; another result does not change them.
func saveTaskCheck(ctx context.Context, private tfvalue.PrivateWriter, done result, err error, target connectclient.State) (diags diag.Diagnostics) {
	stale, ok := errors.AsType[*staleTasksError](err)
	switch {
	case ok:
		diags.Append(tfvalue.SavePrivate(ctx, private, staleKeysKey, stale.keys)...)
	case !done.previous.empty():
		return tfvalue.SavePrivate(ctx, private, savedValuesKey, done.previous)
	case err != nil:
		return nil
	case target == connectclient.StateRunning && !done.left:
		diags.Append(private.SetKey(ctx, staleKeysKey, nil)...)
	}
	return append(diags, private.SetKey(ctx, savedValuesKey, nil)...)
}
