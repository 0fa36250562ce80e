package connector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// quoted returns the connector as messages name it.
func quoted(name string) string { return "connector " + diagnostics.Quoted(name) }

// unableTo turns the error that ended an operation into diagnostics.
func (m model) unableTo(verb string, err error) diag.Diagnostics {
	return diagnose("Unable to "+verb+" "+quoted(m.Name.ValueString()), m.Name.ValueString(), err, m.keyPath)
}

// diagnose turns the error of an operation on a connector into diagnostics. An error about a configuration key goes to
// the path that keyPath returns, others to the attributes name and state. Without keyPath, the diagnostics have no path,
// for objects that do not have these attributes.
func diagnose(summary, name string, err error, keyPath func(key string) path.Path) (diags diag.Diagnostics) {
	root := path.Root
	if keyPath == nil {
		root = func(string) path.Path { return path.Empty() }
		keyPath = root
	}
	detail := diagnostics.Sentence(err.Error())
	answer, isAnswer := errors.AsType[*connectclient.Error](err)
	failed, isFailed := errors.AsType[*connectclient.FailedError](err)
	stale, isStale := errors.AsType[*staleTasksError](err)
	_, isWait := errors.AsType[*connectclient.WaitError](err)
	switch {
	case errors.Is(err, connectclient.ErrInvalid) && isAnswer && len(answer.Problems) > 0:
		for _, problem := range answer.Problems {
			diags.AddAttributeError(keyPath(problem.Key), summary, diagnostics.Sentence(problem.Message))
		}
	case isStale:
		diags.AddAttributeError(keyPath(stale.keys[0]), summary, stale.detail())
	case isFailed:
		diags.AddAttributeError(root("state"), summary, failureDetail(failed))
	case isWait && errors.Is(err, context.DeadlineExceeded):
		diags.AddAttributeError(root("state"), summary, detail+"\n\nIf the workers need longer, raise the value in timeouts.")
	case errors.Is(err, connectclient.ErrExists):
		diags.AddAttributeError(root("name"), summary, existsDetail(name, nil))
	default:
		diags.Append(diagnostics.FromConnect(summary, err))
	}
	return diags
}

// existsDetail tells how to manage a connector that exists. Differ are the keys that are known to differ, if any.
func existsDetail(name string, differ []string) string {
	which := ""
	if len(differ) > 0 {
		which = " These keys differ: " + diagnostics.Shortened(differ) + "."
	}
	return "A connector of this name exists already, with another configuration." + which + " Nothing was changed. To manage it with this resource, import it:\n\n" +
		"  terraform import 'ADDRESS OF THE RESOURCE' " + diagnostics.ShellQuoted(name) + "\n\n" +
		"or add this block to the configuration:\n\n" +
		"  import {\n    to = ADDRESS OF THE RESOURCE\n    id = " + diagnostics.Quoted(name) + "\n  }\n\n" +
		"If a failed apply of this resource created the connector, run terraform untaint for the resource instead, then apply again. " +
		"If another resource of the state has the connector, use a moved block."
}

// failureDetail lists what is FAILED, with the root causes.
func failureDetail(failed *connectclient.FailedError) string {
	return "The worker accepted the configuration, but these parts of the connector are FAILED:\n\n" + failureList(failed.Failures) +
		"\n\nThe connector was not deleted. Fix the cause and apply again: the apply restarts what is FAILED."
}

// failureList returns a line for each failure.
func failureList(failures []connectclient.Failure) string {
	lines := make([]string, 0, len(failures))
	for _, f := range failures {
		part := "connector"
		if f.Task != nil {
			part = fmt.Sprintf("task %d", *f.Task)
		}
		lines = append(lines, fmt.Sprintf("  - %s on worker %s: %s", part, f.WorkerID, cmp.Or(f.Cause, "the worker reports no cause; check its log")))
	}
	return strings.Join(lines, "\n")
}

// failureWarnings tells why a connector counts as failed, or that it may have failed without a visible sign. With
// on_failure = "ignore" there are none.
func (m model) failureWarnings(status connectclient.Status) (diags diag.Diagnostics) {
	if status.Failed() && m.OnFailure.ValueString() != onFailureIgnore {
		diags.AddAttributeWarning(path.Root("state"), diagnostics.Capitalized(quoted(m.Name.ValueString()))+" has failed",
			"These parts of the connector are FAILED:\n\n"+failureList(status.Failures())+"\n\n"+m.failureAdvice())
	}
	return append(diags, m.idleWarning(status)...)
}

// failureAdvice tells what the next apply does about a failure.
func (m model) failureAdvice() string {
	if m.restartsFailures() {
		return "Fix the cause and apply: the apply restarts what is FAILED."
	}
	return "Fix the cause, then restart what is FAILED: set on_failure = \"restart\" and apply, or use the REST API."
}

// idleWarning warns of a connector that is RUNNING and whose tasks have no status. With on_failure = "ignore" there is
// no warning.
func (m model) idleWarning(status connectclient.Status) (diags diag.Diagnostics) {
	at, title := path.Root("state"), diagnostics.Capitalized(quoted(m.Name.ValueString()))
	checkLog := "The REST API cannot tell which; check the log of worker " + status.Connector.WorkerID + "."
	switch {
	case status.Connector.State != connectclient.StateRunning || m.OnFailure.ValueString() == onFailureIgnore:
	case len(status.Unseen) > 0:
		diags.AddAttributeWarning(at, title+" shows no status of its tasks",
			fmt.Sprintf("The connector is RUNNING, but the worker has no status for %d of its tasks, so it is not known whether they run. ", len(status.Unseen))+
				"A task has no status while it starts. A worker that was restarted may also lose the status of a running task. "+checkLog)
	case status.Idle():
		diags.AddAttributeWarning(at, title+" has no tasks",
			"The connector is RUNNING, but it has no tasks. Either it has nothing to do yet, or it failed to compute the configurations of its tasks. "+checkLog)
	}
	return diags
}

// willBeAdoptedWarning tells in the plan that the apply adopts an existing connector.
func willBeAdoptedWarning(name string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("name"), diagnostics.Capitalized(quoted(name))+" exists already and will be adopted",
		"The worker has a connector of this name, with the declared configuration as far as it is known. The apply creates nothing: Terraform manages the connector from then on. "+
			"If something else manages the connector, choose another name.")
}

// adoptedWarning tells that an existing connector was adopted.
func adoptedWarning(name string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("name"), diagnostics.Capitalized(quoted(name))+" exists already and was adopted",
		"The existing connector has exactly the declared configuration, so Terraform manages the connector now. Nothing was created.")
}

// repairedInPlaceWarning tells what the apply does where Terraform shows a replacement of a tainted resource. It is
// conditional: a resource that takes over the name of a destroyed one can look the same in the plan.
func repairedInPlaceWarning(name string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("name"), diagnostics.Capitalized(quoted(name))+" will be repaired in place if it is tainted",
		"The state has this connector already. If Terraform shows the resource as tainted, the apply does not delete the connector: it sends the declared "+
			"configuration and restarts what is FAILED. Offsets stay. To delete and create the connector instead, run terraform untaint, then apply with -replace.")
}

// interruptedWarning tells that the wait for a new connector was interrupted.
func interruptedWarning(name string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("state"), "Interrupted while "+quoted(name)+" was starting",
		"The connector was created and saved to the state. The apply did not wait until the connector had its declared state. The next plan shows any difference.")
}
