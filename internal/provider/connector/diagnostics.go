package connector

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// errors turns what ended an operation into diagnostics, each on the attribute at fault where there is one.
func (m model) errors(verb string, err error) diag.Diagnostics {
	return m.diagnose("Unable to "+verb+" connector "+diagnostics.Quoted(m.Name.ValueString()), err)
}

// diagnose puts an error under a summary.
func (m model) diagnose(summary string, err error) (diags diag.Diagnostics) {
	var answer *connectclient.Error
	if errors.Is(err, connectclient.ErrInvalid) && errors.As(err, &answer) && len(answer.Problems) > 0 {
		for _, problem := range answer.Problems {
			diags.AddAttributeError(m.keyPath(problem.Key), summary, diagnostics.Sentence(problem.Message))
		}
		return diags
	}
	if stale, ok := errors.AsType[*staleTasksError](err); ok {
		diags.AddAttributeError(m.keyPath(stale.keys[0]), summary, stale.detail())
		return diags
	}
	diags.Append(connectDiagnostic(summary, m.Name.ValueString(), err))
	return diags
}

// keyPath is where the configuration declares a key. Of an override, such as producer.override.linger.ms, workers may
// name only the end.
func (m model) keyPath(key string) path.Path {
	if attribute, ok := m.declares(key); ok {
		return path.Root(attribute).AtMapKey(key)
	}
	for _, part := range m.configs() {
		for declared := range part.values.Elements() {
			if strings.HasSuffix(declared, ".override."+key) {
				return path.Root(part.attribute).AtMapKey(declared)
			}
		}
	}
	return path.Root("config")
}

// connectDiagnostic says what ended an operation on a connector and what to do about it.
func connectDiagnostic(summary, name string, err error) diag.Diagnostic {
	var failed *connectclient.FailedError
	var waited *connectclient.WaitError
	detail, root := diagnostics.Sentence(err.Error()), path.Root("name")
	switch {
	case errors.As(err, &failed):
		return diag.NewAttributeErrorDiagnostic(path.Root("state"), summary, failureDetail(failed))
	case errors.As(err, &waited) && errors.Is(err, context.DeadlineExceeded):
		return diag.NewAttributeErrorDiagnostic(path.Root("state"), summary,
			detail+"\n\nRaise the time in timeouts if the workers need longer.")
	case errors.Is(err, connectclient.ErrExists):
		return diag.NewAttributeErrorDiagnostic(root, summary,
			"A connector of this name exists already, with another configuration. Nothing was changed. "+
				"To manage it with this resource, import it:\n\n"+
				"  terraform import 'ADDRESS OF THE RESOURCE' "+diagnostics.ShellQuoted(name)+"\n\n"+
				"If it comes from an apply of this resource that failed, terraform untaint the resource instead, then apply again.")
	case errors.Is(err, connectclient.ErrUnauthorized):
		return diag.NewErrorDiagnostic(summary, detail+"\n\nCheck username and password, bearer_token or headers in the provider's connect attribute.")
	case errors.Is(err, connectclient.ErrForbidden):
		return diag.NewErrorDiagnostic(summary, detail+"\n\nThe credentials in the provider's connect attribute do not allow this.")
	default:
		return diag.NewErrorDiagnostic(summary, detail)
	}
}

// failureDetail lists what failed, with the root causes.
func failureDetail(failed *connectclient.FailedError) string {
	return "It was configured, and this has failed:\n\n" + failureList(failed.Failures) +
		"\n\nThe connector stays as it is. Put the cause right and apply again: what has failed is then restarted."
}

// failureList is a line for each failure.
func failureList(failures []connectclient.Failure) string {
	lines := make([]string, 0, len(failures))
	for _, f := range failures {
		part := "connector"
		if f.Task != nil {
			part = fmt.Sprintf("task %d", *f.Task)
		}
		lines = append(lines, fmt.Sprintf("  - %s on worker %s: %s", part, f.WorkerID, f.Cause))
	}
	return strings.Join(lines, "\n")
}

// failureWarnings tells why a connector counts as failed, or may have without a sign of it, unless failures are to be
// ignored.
func (m model) failureWarnings(status connectclient.Status) (diags diag.Diagnostics) {
	if status.Failed() && m.OnFailure.ValueString() != onFailureIgnore {
		diags.AddAttributeWarning(path.Root("state"), "Connector "+diagnostics.Quoted(m.Name.ValueString())+" has failed",
			"These parts of it are FAILED:\n\n"+failureList(status.Failures()))
	}
	return append(diags, m.idleWarning(status)...)
}

// idleWarning tells of a connector that runs and of whose tasks nothing is to be seen, unless failures are to be ignored.
func (m model) idleWarning(status connectclient.Status) (diags diag.Diagnostics) {
	at, name, log := path.Root("state"), diagnostics.Quoted(m.Name.ValueString()), "the log of worker "+status.Connector.WorkerID+" does."
	switch {
	case status.Connector.State != connectclient.StateRunning || m.OnFailure.ValueString() == onFailureIgnore:
	case len(status.Unseen) > 0:
		diags.AddAttributeWarning(at, "Connector "+name+" shows no status of its tasks",
			fmt.Sprintf("It is RUNNING, but the worker that was asked has no status of %d of its tasks: whether they run is not known. ", len(status.Unseen))+
				"Tasks that take long to start have none yet. A worker that was started anew may have forgotten one until it changes. "+
				"No status tells which it is, "+log)
	case status.Idle():
		diags.AddAttributeWarning(at, "Connector "+name+" has no tasks",
			"It is RUNNING, but nothing is done for it. Either there is nothing to do so far, or it failed to compute the configurations "+
				"of its tasks: no status tells, "+log)
	}
	return diags
}

// adoptedWarning tells that nothing had to be created.
func adoptedWarning(name string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("name"), "Connector "+diagnostics.Quoted(name)+" existed already",
		"It has exactly the declared configuration, so it was adopted instead of created.")
}

// repairedInPlaceWarning tells what really happens where Terraform shows a replacement.
func repairedInPlaceWarning(name string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("name"), "Connector "+diagnostics.Quoted(name)+" will be repaired in place, not replaced",
		"It is tainted, so Terraform shows a replacement. The apply does not delete it: it sends the declared configuration and "+
			"restarts what has failed. Offsets stay. To delete and create it instead, run terraform untaint, then apply with -replace.")
}

// interruptedWarning tells that nobody waited for a connector to hold its state.
func interruptedWarning(name string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("state"), "Interrupted while connector "+diagnostics.Quoted(name)+" was being brought up",
		"The connector exists and was saved to the state. Whether it holds the declared state was not waited for: the next plan tells.")
}
