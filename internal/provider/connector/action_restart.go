package connector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

var (
	_ action.ActionWithConfigure  = (*RestartAction)(nil)
	_ action.ActionWithModifyPlan = (*RestartAction)(nil)
)

// NewRestartAction returns the action kafkaconnect_restart_connector.
func NewRestartAction() action.Action { return &RestartAction{} }

// RestartAction is the action kafkaconnect_restart_connector.
type RestartAction struct{ connectorAction }

// restartModel is the configuration of the action.
type restartModel struct {
	Name       types.String   `tfsdk:"name"`
	OnlyFailed types.Bool     `tfsdk:"only_failed"`
	Task       types.Int64    `tfsdk:"task"`
	Cluster    types.String   `tfsdk:"cluster"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
}

// Metadata implements [action.Action].
func (a *RestartAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_restart_connector"
}

// Schema implements [action.Action].
func (a *RestartAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Restarts a connector and its tasks, only what is `FAILED` of them, or one task. The action succeeds when what was restarted has been `RUNNING` for the time in `connect.stable_for` of the provider. " +
			"Otherwise it fails with the root cause. Configuration and offsets do not change. Needs Terraform 1.14.\n\n" +
			"**Other states.** A restart keeps the state that was set: a connector that is `PAUSED` is `PAUSED` after the restart. A connector that is `STOPPED` runs nothing, " +
			"so the action sends no restart and shows a warning.\n\n" +
			"**Drift.** `kafkaconnect_connector` with `on_failure = \"restart\"` restarts what is `FAILED` in every apply. This action is for restarts between applies. " +
			"It is also for changes that Terraform does not see, such as a changed secret of a config provider.\n\n" +
			"**Secrets.** Messages show `(hidden)` in place of secrets. A value is a secret by the name of its key, by its form, or if the connector defines its key as a password. " +
			"The action does not know which values `config_sensitive` and `config_wo` of a resource hold.",
		Attributes: actionAttributes(ctx, map[string]schema.Attribute{
			"only_failed": schema.BoolAttribute{
				MarkdownDescription: "Whether to restart only what is `FAILED`: the connector itself, some of its tasks, or both. If nothing is `FAILED`, the action succeeds, reports that, and sends no restart. " +
					"Workers before 3.0 restart the connector itself as well, which does not restart running tasks. Default `false`: the connector and all its tasks are restarted.",
				Optional: true,
			},
			"task": schema.Int64Attribute{
				MarkdownDescription: "Number of the task to restart, from 0. Nothing else is restarted, and the states of the other tasks do not matter. " +
					"With `only_failed`, the task is restarted only if it is `FAILED`. Default: the connector and its tasks.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(0, 1<<31-1)},
			},
		}, tfvalue.TimeoutDescription("a worker that answers, and until what was restarted is `RUNNING`", invokeTimeout)),
	}
}

// Invoke implements [action.Action].
func (a *RestartAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m restartModel
	if resp.Diagnostics.Append(tfvalue.Get(ctx, req.Config, &m)...); resp.Diagnostics.HasError() {
		return
	}
	ctx, run, end, diags := a.begin(ctx, actionTarget{m.Name, m.Cluster, m.Timeouts}, resp.SendProgress)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	defer end()
	var task *int
	if !m.Task.IsNull() {
		task = new(int(m.Task.ValueInt64()))
	}
	resp.Diagnostics.Append(run.restart(ctx, m.OnlyFailed.ValueBool(), task)...)
}

// restart restarts the connector and its tasks, or the task, and waits. With onlyFailed, it restarts what is FAILED of these.
func (r *actionRun) restart(ctx context.Context, onlyFailed bool, task *int) (diags diag.Diagnostics) {
	failures := r.status.Failures()
	if task != nil {
		if !slices.ContainsFunc(r.have.Tasks, func(id connectclient.TaskID) bool { return id.Task == *task }) {
			return r.noTask(*task)
		}
		failures = slices.DeleteFunc(failures, func(f connectclient.Failure) bool { return f.Task == nil || *f.Task != *task })
	}
	what := r.parts(task)
	switch {
	case r.status.Connector.State == connectclient.StateStopped:
		diags.AddWarning(diagnostics.Capitalized(quoted(r.name))+" is STOPPED and was not restarted",
			"A connector that is STOPPED has no tasks, and it starts with its current configuration when it is resumed.")
		return diags
	case onlyFailed && len(failures) == 0:
		r.tell("No restart is needed: nothing of %s is FAILED.", what)
		return nil
	case onlyFailed:
		r.tell("Restarting what is FAILED of %s:\n%s", quoted(r.name), failureLines(failures))
	default:
		r.tell("Restarting %s.", what)
	}
	var err error
	if task != nil {
		err = r.client.RestartTask(ctx, r.name, *task)
	} else {
		err = r.client.RestartConnector(ctx, r.name, connectclient.RestartOptions{IncludeTasks: true, OnlyFailed: onlyFailed})
	}
	if task != nil && errors.Is(err, connectclient.ErrNotFound) {
		return r.noTask(*task)
	}
	if err != nil {
		return r.failed("Unable to restart "+what, err)
	}
	r.tell("The worker has accepted the restart. Waiting until %s has started.", what)
	status, err := r.client.AwaitChange(ctx, r.name, connectclient.Wait{Task: task, Restarted: true})
	if err != nil {
		return r.failed(diagnostics.Capitalized(what)+" did not start after the restart", err)
	}
	r.tell("After the restart: %v.", status)
	for _, warning := range idleWarning(r.name, status, "") {
		diags.AddWarning(warning.Summary(), warning.Detail())
	}
	return diags
}

// parts names what a restart covers.
func (r *actionRun) parts(task *int) string {
	if task != nil {
		return fmt.Sprintf("task %d of %s", *task, quoted(r.name))
	}
	return quoted(r.name)
}

// noTask is the error for a task that does not exist.
func (r *actionRun) noTask(task int) (diags diag.Diagnostics) {
	ids := make([]string, len(r.have.Tasks))
	for i, id := range r.have.Tasks {
		ids[i] = fmt.Sprint(id.Task)
	}
	has := "The connector has no tasks."
	if len(ids) > 0 {
		has = "The connector has these tasks: " + strings.Join(ids, ", ") + "."
	}
	if r.status.Connector.State == connectclient.StateStopped {
		has = "The connector is STOPPED, so it has no tasks."
	}
	diags.AddAttributeError(path.Root("task"), fmt.Sprintf("%s has no task %d", diagnostics.Capitalized(quoted(r.name)), task), has+" Nothing was restarted.")
	return diags
}
