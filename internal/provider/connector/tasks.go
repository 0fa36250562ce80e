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

// stateStale is the `state` of a connector that its worker shows as RUNNING although its tasks run a former
// configuration. No worker uses the word; it is there for the next plan to show that the apply is not yet done.
const stateStale = "STALE"

// doubtedKey is where private state keeps the keys of a staleTasksError, and never a value, until tasks are seen to
// run what was declared.
const doubtedKey = "stale_tasks"

// staleTasksError is a connector that is RUNNING with its declared configuration, while tasks run a former one. It
// names keys and never shows values, which may be secrets.
type staleTasksError struct {
	name  string
	keys  []string // in order, at least one
	tasks []int    // in order
}

// Error names the connector, the tasks and the keys.
func (e *staleTasksError) Error() string {
	return fmt.Sprintf("connector %q is RUNNING, but %s", e.name, e.what())
}

// what tells which tasks run former values of which keys.
func (e *staleTasksError) what() string {
	ids := make([]string, len(e.tasks))
	for i, id := range e.tasks {
		ids[i] = strconv.Itoa(id)
	}
	tasks, run := "tasks "+strings.Join(ids, ", "), "run"
	if len(ids) == 1 {
		tasks, run = "task "+ids[0], "runs"
	}
	return tasks + " still " + run + " with the former value of " + strings.Join(e.keys, ", ")
}

// detail is Error for people who have to do something about it.
func (e *staleTasksError) detail() string {
	return "The worker took the configuration and shows the connector as RUNNING, but " + e.what() + ".\n\n" +
		"Most likely the connector refused to compute the configurations of its tasks: no status tells why, the log of the worker " +
		"that runs it does. The state of Terraform shows the configuration that the worker holds. Put the cause right and apply again."
}

// checkTasks returns a staleTasksError if tasks still run a value that this update changed, or one that was in doubt
// before. They lag the connector, whose own computations may take longer than the settle window: what looks stale is
// looked at again after another one.
func checkTasks(ctx context.Context, client *connectclient.Client, got, before connectclient.Connector, doubted []string) error {
	stale, err := staleTasks(ctx, client, got, before.Config, doubted)
	if err != nil || stale == nil {
		return err
	}
	if _, err := client.Await(ctx, got.Name, connectclient.StateRunning); err != nil {
		return err
	}
	stale, err = staleTasks(ctx, client, got, before.Config, doubted)
	if err != nil || stale == nil {
		return err
	}
	return stale
}

// staleTasks asks for the configurations of the tasks and returns what is stale in them, nil for nothing. A worker, or
// a proxy before it, that does not show them proves nothing.
func staleTasks(
	ctx context.Context, client *connectclient.Client, got connectclient.Connector, before map[string]string, doubted []string,
) (*staleTasksError, error) {
	tasks, err := client.TaskConfigs(ctx, got.Name)
	if errors.Is(err, connectclient.ErrForbidden) || errors.Is(err, connectclient.ErrUnsupported) {
		return nil, nil //nolint:nilnil // nothing is stale, as far as one is allowed to see
	}
	if err != nil {
		return nil, err
	}
	return findStale(got, before, doubted, tasks), nil
}

// findStale compares the tasks with their connector, and returns nil if nothing proves that they are behind. A key
// does where its value is not the connector's, but either the one of before or, for a key that is in doubt, any other.
// Keys that were removed prove nothing: a connector may well give their default to its tasks.
func findStale(got connectclient.Connector, before map[string]string, doubted []string, tasks []connectclient.TaskConfig) *staleTasksError {
	found := &staleTasksError{name: got.Name}
	for _, key := range slices.Sorted(maps.Keys(got.Config)) {
		value, ids := echoed(tasks, key)
		if len(ids) == 0 || value == got.Config[key] || isMask(value) || isMask(got.Config[key]) {
			continue
		}
		if former, ok := before[key]; ok && former == value || slices.Contains(doubted, key) {
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

// echoed returns the value that tasks hold of a key, and which tasks do. There are none where values differ: the
// connector then shares its work out by this key, and one task may rightly have what was the whole before. Workers
// replace the configurations of all tasks at once, so those that are behind are alike.
func echoed(tasks []connectclient.TaskConfig, key string) (value string, ids []int) {
	for _, task := range tasks {
		held, ok := task.Config[key]
		switch {
		case !ok:
			continue
		case len(ids) > 0 && held != value:
			return "", nil
		}
		value, ids = held, append(ids, task.ID)
	}
	return value, ids
}

// observeTasks looks whether tasks that were in doubt run what the worker holds by now. It asks for nothing if none
// were, or if the connector does not run.
func (m *model) observeTasks(
	ctx context.Context, client *connectclient.Client, got connectclient.Connector, private tfvalue.PrivateReader, next tfvalue.PrivateWriter,
) diag.Diagnostics {
	doubted, diags := readDoubted(ctx, private)
	if len(doubted) == 0 || m.State.ValueString() != stateRunning {
		return diags
	}
	stale, err := staleTasks(ctx, client, got, nil, doubted)
	switch {
	case err != nil:
		diags.Append(m.errors("read", err)...)
	case stale == nil:
		diags.Append(next.SetKey(ctx, doubtedKey, nil)...)
	default:
		m.State = types.StringValue(stateStale)
		diags.AddAttributeWarning(path.Root("state"), "Connector "+diagnostics.Quoted(stale.name)+" runs a former configuration", stale.detail())
	}
	return diags
}

// staleAfter shows in `state` that an update ended with a staleTasksError.
func (m *model) staleAfter(err error) {
	var stale *staleTasksError
	if errors.As(err, &stale) && m.State.ValueString() == stateRunning {
		m.State = types.StringValue(stateStale)
	}
}

// readDoubted returns the keys of the last staleTasksError, none if the tasks were seen to be right since.
func readDoubted(ctx context.Context, private tfvalue.PrivateReader) ([]string, diag.Diagnostics) {
	return tfvalue.ReadPrivate[[]string](ctx, private, doubtedKey, "Its list of doubted configuration keys")
}

// doubtTasks keeps the keys of a staleTasksError, and forgets them when an update to RUNNING succeeded. Any other
// outcome leaves the doubt as it was.
func doubtTasks(ctx context.Context, private tfvalue.PrivateWriter, outcome error, target connectclient.State) diag.Diagnostics {
	var stale *staleTasksError
	switch {
	case errors.As(outcome, &stale):
		return tfvalue.SavePrivate(ctx, private, doubtedKey, stale.keys)
	case outcome == nil && target == connectclient.StateRunning:
		return private.SetKey(ctx, doubtedKey, nil)
	}
	return nil
}
