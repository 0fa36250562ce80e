package connector

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// lateDiagnostics tells what waits found after their operations had ended, and which waits an interrupt ended: see
// [session.Operation.End]. Terraform shows these diagnostics with another connector, so they have no paths.
func lateDiagnostics(found []session.Late, unfinished []string) (diags diag.Diagnostics) {
	var failed []session.Late
	for _, late := range found {
		if late.Err != nil {
			failed = append(failed, late)
		}
		for _, d := range late.Warnings {
			diags.AddWarning(d.Summary(), d.Detail())
		}
	}
	if len(failed) > 0 {
		diags.AddError(lateSummary(failed), lateDetail(failed))
	}
	if len(unfinished) > 0 {
		slices.Sort(unfinished)
		diags.AddWarning("Interrupted before it was known that all connectors stay RUNNING",
			"These connectors were RUNNING, but not yet for the time in connect.stable_for: "+diagnostics.Shortened(unfinished)+
				". They are in the state. The next plan shows those that have failed since.")
	}
	return diags
}

func lateSummary(failed []session.Late) string {
	if len(failed) == 1 {
		return diagnostics.Capitalized(quoted(failed[0].Name)) + " failed after its operation was complete"
	}
	return fmt.Sprintf("%d connectors failed after their operations were complete", len(failed))
}

// maxLateReasons is how many reasons lateDetail shows, each with the connectors.
const maxLateReasons = 20

// lateDetail lists the connectors by reason.
func lateDetail(failed []session.Late) string {
	type reason struct {
		text  string
		names []string
	}
	var reasons []*reason
	index := map[string]*reason{}
	slices.SortFunc(failed, func(a, b session.Late) int { return strings.Compare(a.Name, b.Name) })
	for _, late := range failed {
		text := lateReason(late)
		r, ok := index[text]
		if !ok {
			r = &reason{text: text}
			index[text], reasons = r, append(reasons, r)
		}
		r.names = append(r.names, late.Name)
	}
	shown := min(len(reasons), maxLateReasons)
	lines := []string{"The worker accepted the configuration and reported RUNNING. This was found later, in the time of connect.stable_for:", ""}
	for _, r := range reasons[:shown] {
		lines = append(lines, connectors(r.names)+":", r.text, "")
	}
	var others []string
	for _, r := range reasons[shown:] {
		others = append(others, r.names...)
	}
	if len(others) > 0 {
		lines = append(lines, connectors(others)+": for other reasons, which terraform plan shows", "")
	}
	return strings.Join(lines, "\n") + "\nTerraform did not delete these connectors. Fix the cause and apply again: the apply restarts what is FAILED. " +
		"GET /connectors/{name}/status and the logs of the workers contain the complete stack traces.\n\n" +
		"Terraform may show this error with another connector: an operation is complete when its connector is RUNNING, if another operation is in progress. " +
		"A later operation reports the failure."
}

// connectors names connectors, of which at most ten are shown.
func connectors(names []string) string {
	if len(names) == 1 {
		return quoted(names[0])
	}
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = diagnostics.Quoted(name)
	}
	return "connectors " + diagnostics.Shortened(list)
}

// lateReason tells why a connector failed, without its name.
func lateReason(late session.Late) string {
	if rolledBack, ok := errors.AsType[*rollbackError](late.Err); ok {
		return rolledBack.lateReason()
	}
	if failed, ok := errors.AsType[*connectclient.FailedError](late.Err); ok {
		return failureLines(failed.Failures)
	}
	text := late.Err.Error()
	if wait, ok := errors.AsType[*connectclient.WaitError](late.Err); ok {
		text = wait.Reason()
	}
	return "  - " + strings.ReplaceAll(text, quoted(late.Name), "the connector")
}

// healthyTaintedWarning tells that Terraform taints a new connector for the failures of others.
func healthyTaintedWarning(name string) diag.Diagnostic {
	return diag.NewWarningDiagnostic(diagnostics.Capitalized(quoted(name))+" is tainted, although its own creation succeeded",
		"This operation was the last one of the apply, so Terraform taints its connector for the errors of other connectors. The next apply repairs the connector in place, which changes nothing. "+
			"To untaint the connector instead, run:\n\n  terraform untaint 'ADDRESS OF THE RESOURCE'")
}
