package connector

import (
	"context"
	"errors"
	"fmt"
	"net/url"
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
	summary := "Unable to " + verb + " " + quoted(m.Name.ValueString())
	if masked, ok := errors.AsType[*maskedError](err); ok {
		return masked.diagnostics(summary, m.declaredPath)
	}
	return diagnose(summary, m.Name.ValueString(), err, m.keyPath)
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
	wait, isWait := errors.AsType[*connectclient.WaitError](err)
	rolledBack, isRolledBack := errors.AsType[*rollbackError](err)
	switch {
	case isRolledBack:
		diags.AddAttributeError(root("state"), summary, rolledBack.detail())
	case errors.Is(err, connectclient.ErrInvalid) && isAnswer && len(answer.Problems) > 0:
		for _, problem := range answer.Problems {
			diags.AddAttributeError(keyPath(problem.Key), summary, aboutKey(problem.Key, problem.Message))
		}
	case isStale:
		diags.AddAttributeError(keyPath(stale.keys[0]), summary, stale.detail())
	case isFailed:
		diags.AddAttributeError(root("state"), summary, failureDetail(failed))
	case isWait && errors.Is(err, context.DeadlineExceeded):
		if wait.Last == nil {
			detail += "\n\n" + noStatus
		}
		diags.AddAttributeError(root("state"), summary, detail+"\n\nIf the workers need longer, raise the value in timeouts.")
	case errors.Is(err, connectclient.ErrTimedOut) && isAnswer && answer.SendsConfig():
		diags.Append(diagnostics.FromConnect(summary, fmt.Errorf("%w. %s", err, slowCheck)))
	case errors.Is(err, connectclient.ErrExists):
		diags.AddAttributeError(root("name"), summary, existsDetail(name, nil))
	default:
		diags.Append(diagnostics.FromConnect(summary, err))
	}
	return diags
}

// slowCheck tells why a worker may not answer a creation, an update or a validation in time.
const slowCheck = "The worker waits up to 90 seconds for the connector's own check of its configuration. Many connectors connect to their systems in this check. " +
	"The log of the worker may name the system that does not answer: check that the workers can reach this system."

// noStatus tells why a connector may not have had a status.
const noStatus = "A connector gets its first status when its start has ended. Many connectors connect to their systems while they start. Check the addresses and credentials in the " +
	"configuration. The log of the workers may name the system that does not answer."

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
		"If another resource in the state manages the connector, use a moved block."
}

// failureDetail lists what is FAILED, with the causes.
func failureDetail(failed *connectclient.FailedError) string {
	return "The worker accepted the configuration, but these parts of the connector are FAILED:\n\n" + failureList(failed.Name, failed.Failures) +
		"\n\nThe connector was not deleted. Fix the cause and apply again: the apply restarts what is FAILED."
}

// maxGroups is how many reasons for a failure a diagnostic lists.
const maxGroups = 5

// failureList lists the reasons for failures, each with its chain of causes, and where the stack traces are.
func failureList(name string, failures []connectclient.Failure) string {
	return failureLines(failures) + "\n\nGET /connectors/" + url.PathEscape(name) + "/status and the logs of the workers contain the complete stack traces."
}

// failureLines lists the reasons for failures, each with its chain of causes.
func failureLines(failures []connectclient.Failure) string {
	var lines []string
	groups := connectclient.GroupFailures(failures)
	for _, group := range groups[:min(len(groups), maxGroups)] {
		switch causes := group.Causes; len(causes) {
		case 0:
			lines = append(lines, "  - "+group.Parts()+": the worker reports no cause; check its log")
		case 1:
			lines = append(lines, "  - "+group.Parts()+": "+causes[0])
		default:
			lines = append(lines, "  - "+group.Parts()+":", "      "+causes[0])
			for _, cause := range causes[1:] {
				lines = append(lines, "      Caused by: "+cause)
			}
		}
	}
	if more := len(groups) - maxGroups; more > 0 {
		lines = append(lines, fmt.Sprintf("  - and other parts, for %d other reasons", more))
	}
	return strings.Join(lines, "\n")
}

// failureWarnings tells why a connector counts as failed, or that it may have failed without a visible sign. With
// on_failure = "ignore" there are none.
func (m model) failureWarnings(status connectclient.Status) (diags diag.Diagnostics) {
	if status.Failed() && m.OnFailure.ValueString() != onFailureIgnore {
		diags.AddAttributeWarning(path.Root("state"), diagnostics.Capitalized(quoted(m.Name.ValueString()))+" has failed",
			"These parts of the connector are FAILED:\n\n"+failureList(m.Name.ValueString(), status.Failures())+"\n\n"+m.failureAdvice())
	}
	return append(diags, idleWarning(m.Name.ValueString(), status, m.OnFailure.ValueString())...)
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
func idleWarning(name string, status connectclient.Status, onFailure string) (diags diag.Diagnostics) {
	at, title := path.Root("state"), diagnostics.Capitalized(quoted(name))
	checkLog := "The REST API cannot tell which; check the log of worker " + status.Connector.WorkerID + "."
	switch {
	case status.Connector.State != connectclient.StateRunning || onFailure == onFailureIgnore:
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
		"The worker has a connector of this name. Its configuration is the declared one, as far as it is known. The apply adopts the connector and does not create one. "+
			"If something else manages the connector, choose another name.")
}

// adoptedWarning tells that an existing connector was adopted. The worker masks the values of some keys.
func adoptedWarning(name string, masked []string) diag.Diagnostic {
	detail := "The existing connector has exactly the declared configuration. Terraform manages the connector now. Nothing was created."
	if len(masked) > 0 {
		detail = "As far as the worker shows the configuration, it is the declared one. Terraform manages the connector now. Nothing was created. " +
			"The worker masks the values of these keys, so they were not compared: " + strings.Join(masked, ", ") + ". " +
			"To send the declared values, run terraform taint for the resource, then apply: the connector is repaired in place."
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("name"), diagnostics.Capitalized(quoted(name))+" exists already and was adopted", detail)
}

// notDeletedWarning tells that a deletion was left out, because this run created or adopted the connector of this name. The
// diagnostics of a deletion have no path: Terraform has no configuration for it.
func notDeletedWarning(name string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(diagnostics.Capitalized(quoted(name))+" was kept and not deleted",
		"Terraform created the new resource before it destroyed the old one, and both have the same name. Both are the same connector, which was kept with its offsets. "+
			"To delete and create the connector, remove create_before_destroy and apply with -replace.")
}

// withTaintAdvice adds to the first error of a create that failed after the worker had created the connector what the next
// plan shows.
func withTaintAdvice(diags diag.Diagnostics) diag.Diagnostics {
	for i, d := range diags {
		if d.Severity() != diag.SeverityError {
			continue
		}
		advised := diag.Diagnostic(diag.NewErrorDiagnostic(d.Summary(), d.Detail()+"\n\n"+
			"Terraform marks the resource as tainted, so the next plan shows a replacement. The apply repairs the connector in place and does not delete it. "+
			"To plan an update instead, as prevent_destroy and policies require, run:\n\n  terraform untaint 'ADDRESS OF THE RESOURCE'"))
		if at, ok := d.(diag.DiagnosticWithPath); ok {
			advised = diag.WithPath(at.Path(), advised)
		}
		diags[i] = advised
		break
	}
	return diags
}

// repairedInPlaceWarning tells what the apply does where Terraform shows a replacement of a tainted resource. It is
// conditional: a resource that takes over the name of a destroyed one can look the same in the plan.
func repairedInPlaceWarning(name string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("name"), diagnostics.Capitalized(quoted(name))+" will be repaired in place if it is tainted",
		"The state has this connector already. If Terraform shows the resource as tainted, the apply does not delete the connector: it sends the declared "+
			"configuration and restarts what is FAILED. Offsets stay. To plan an update instead, as prevent_destroy and policies require, run terraform untaint. "+
			"To delete and create the connector, run terraform untaint, then apply with -replace.")
}

// interruptedWarning tells that the wait for a new connector was interrupted.
func interruptedWarning(name string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("state"), "Interrupted while "+quoted(name)+" was starting",
		"The connector was created and saved to the state. The apply did not wait until the connector had its declared state. The next plan shows any difference.")
}
