package connector

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// invokeTimeout is the default of `timeouts` of actions.
const invokeTimeout = 10 * time.Minute

// connectorAction is the part that the actions on one connector share.
type connectorAction struct {
	*session.Session // nil until the provider is configured, as under `terraform validate`
}

// Configure implements [action.ActionWithConfigure].
func (a *connectorAction) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.Session = session.From(req.ProviderData)
}

// ModifyPlan reports an unknown cluster in the plan. The connector may not exist yet, so that no worker is asked.
func (a *connectorAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var cluster types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("cluster"), &cluster)...)
	_, diags := a.In(cluster)
	resp.Diagnostics.Append(diags...)
}

// actionAttributes returns the attributes that every action on a connector has, together with its own.
func actionAttributes(ctx context.Context, own map[string]schema.Attribute, timeout string) map[string]schema.Attribute {
	all := map[string]schema.Attribute{
		"name": schema.StringAttribute{
			MarkdownDescription: "Name of the connector. A connector that does not exist is an error.",
			Required:            true,
			Validators:          []validator.String{connectorName{}},
		},
		"cluster": schema.StringAttribute{
			MarkdownDescription: session.ClusterDescription,
			Optional:            true,
		},
		"timeouts": timeouts.AttributesWithOpts(ctx, timeouts.Opts{InvokeDescription: timeout}),
	}
	maps.Copy(all, own)
	return all
}

// actionTarget is the connector that an action is about.
type actionTarget struct {
	name, cluster types.String
	timeouts      timeouts.Value
}

// actionRun is one invocation of an action.
type actionRun struct {
	client *connectclient.Client
	name   string
	have   connectclient.Connector
	status connectclient.Status // when the action began; empty if the connector has none
	report func(action.InvokeProgressEvent)
}

// begin locks the connector and reads it. No other action or update of this run changes the connector until end is called. The
// context ends after the time-out, and hides the secrets of the connector in the worker's messages.
func (a *connectorAction) begin(
	ctx context.Context, target actionTarget, report func(action.InvokeProgressEvent),
) (_ context.Context, run *actionRun, end func(), diags diag.Diagnostics) {
	s, diags := a.In(target.cluster)
	if diags.HasError() {
		return ctx, nil, nil, diags
	}
	s.Applying.Store(true)
	client, diags := s.Connect.Client()
	timeout, more := target.timeouts.Invoke(ctx, invokeTimeout)
	if diags.Append(more...); diags.HasError() {
		return ctx, nil, nil, diags
	}
	run = &actionRun{client: client, name: target.name.ValueString(), report: report}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	unlock, err := s.Connectors.Lock(ctx, run.name)
	if err != nil {
		cancel()
		return ctx, nil, nil, run.failed("Unable to begin an action on "+quoted(run.name), err)
	}
	end = func() { unlock(); cancel() }
	run.have, err = client.Connector(ctx, run.name)
	if err == nil {
		ctx = connectclient.WithConfig(ctx, run.have.Config, client.IsPassword(ctx, run.have.Config[classKey]))
		run.status, err = client.Status(ctx, run.name)
	}
	if err != nil && !errors.Is(err, connectclient.ErrNoStatus) {
		end()
		return ctx, nil, nil, run.failed("Unable to read "+quoted(run.name), err)
	}
	return ctx, run, end, diags
}

// tell reports progress.
func (r *actionRun) tell(format string, args ...any) {
	r.report(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
}

// failed turns the error of a request or of a wait into diagnostics on the attributes of an action.
func (r *actionRun) failed(summary string, err error) (diags diag.Diagnostics) {
	failed, isFailed := errors.AsType[*connectclient.FailedError](err)
	detail := diagnostics.Sentence(err.Error())
	switch {
	case errors.Is(err, connectclient.ErrNotFound):
		diags.AddAttributeError(path.Root("name"), diagnostics.Capitalized(quoted(r.name))+" does not exist",
			detail+" Correct name or cluster. If this configuration creates the connector, run the action after its creation, for example with action_trigger and after_create.")
	case isFailed:
		diags.AddError(summary, "These parts of the connector are FAILED:\n\n"+failureList(r.name, failed.Failures)+"\n\nFix the cause, then run the action again.")
	case errors.Is(err, context.DeadlineExceeded):
		diags.AddAttributeError(path.Root("timeouts"), summary, detail+"\n\nIf the workers need longer, raise timeouts.invoke.")
	default:
		diags.Append(diagnostics.FromConnect(summary, err))
	}
	return diags
}
