package connector

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
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

// checkTasks returns a staleTasksError if tasks still run a value that this update changed, or a key that was stale before
// it. A connector computes the configurations of its tasks after the update, which may take longer than one settle time.
// So stale tasks are read again after another one.
func checkTasks(ctx context.Context, client *connectclient.Client, want desired, got, before connectclient.Connector, staleKeys []string) error {
	stale, err := want.readStaleTasks(ctx, client, got, before.Config, staleKeys)
	if err != nil || stale == nil {
		return err
	}
	if _, err := client.Await(ctx, got.Name, connectclient.StateRunning); err != nil {
		return err
	}
	stale, err = want.readStaleTasks(ctx, client, got, before.Config, staleKeys)
	if err != nil || stale == nil {
		return err
	}
	return stale
}

// readStaleTasks reads the configurations of the tasks and returns which are stale, or nil. If the worker or a proxy does
// not allow this request, none is known to be stale.
func (d desired) readStaleTasks(
	ctx context.Context, client *connectclient.Client, got connectclient.Connector, before map[string]string, staleKeys []string,
) (*staleTasksError, error) {
	tasks, err := client.TaskConfigs(ctx, got.Name)
	if errors.Is(err, connectclient.ErrForbidden) || errors.Is(err, connectclient.ErrUnsupported) {
		return nil, nil //nolint:nilnil // nothing is known to be stale
	}
	if err != nil {
		return nil, err
	}
	return d.findStale(got, before, staleKeys, tasks), nil
}

// findStale compares the tasks with their connector, and returns nil if they are not proven to be stale. A key is stale if
// the tasks have the value before the update or, if it was stale already, any value but the connector's. A key that was
// removed is never stale: the connector may pass a default to its tasks. Masks prove nothing.
func (d desired) findStale(got connectclient.Connector, before map[string]string, staleKeys []string, tasks []connectclient.TaskConfig) *staleTasksError {
	found := &staleTasksError{name: got.Name}
	for _, key := range slices.Sorted(maps.Keys(got.Config)) {
		value, ids := commonValue(tasks, key)
		if len(ids) == 0 || value == got.Config[key] || d.isMask(key, value) || d.isMask(key, got.Config[key]) {
			continue
		}
		if previous, ok := before[key]; ok && previous == value || slices.Contains(staleKeys, key) {
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

// readTasks checks whether tasks that were stale run the current configuration. It sends no request if there were none
// or if the connector is not RUNNING.
func (m *model) readTasks(
	ctx context.Context, client *connectclient.Client, got connectclient.Connector, staleKeys []string, private tfvalue.PrivateWriter,
) (diags diag.Diagnostics) {
	if len(staleKeys) == 0 || m.State.ValueString() != stateRunning {
		return nil
	}
	stale, err := m.desired(m.isPassword(ctx, client)).readStaleTasks(ctx, client, got, nil, staleKeys)
	switch {
	case err != nil:
		return m.unableTo("read", err)
	case stale == nil:
		return private.SetKey(ctx, staleKeysKey, nil)
	}
	m.State = types.StringValue(stateStale)
	diags.AddAttributeWarning(path.Root("state"), diagnostics.Capitalized(quoted(stale.name))+" runs a previous configuration", stale.detail())
	return diags
}

// withStaleState returns the model with state STALE if the update ended with a staleTasksError.
func (m model) withStaleState(err error) model {
	if _, stale := errors.AsType[*staleTasksError](err); stale && m.State.ValueString() == stateRunning {
		m.State = types.StringValue(stateStale)
	}
	return m
}

// saveStaleKeys saves the keys of a staleTasksError. An update to RUNNING that succeeded removes them; another result
// does not change them.
func saveStaleKeys(ctx context.Context, private tfvalue.PrivateWriter, err error, target connectclient.State) diag.Diagnostics {
	stale, ok := errors.AsType[*staleTasksError](err)
	switch {
	case ok:
		return tfvalue.SavePrivate(ctx, private, staleKeysKey, stale.keys)
	case err == nil && target == connectclient.StateRunning:
		return private.SetKey(ctx, staleKeysKey, nil)
	}
	return nil
}
