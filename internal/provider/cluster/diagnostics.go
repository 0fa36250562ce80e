package cluster

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// noWorker is the error if none of the workers answers.
func noWorker(workers []connectclient.Worker) diag.Diagnostic {
	const summary = "No worker answers"
	if len(workers) == 1 {
		return diagnostics.FromConnect(summary, workers[0].Err)
	}
	lines := make([]string, len(workers))
	for i, w := range workers {
		lines[i] = w.Err.Error()
	}
	return diag.NewErrorDiagnostic(summary, strings.Join(lines, "\n")+"\n\nStart the workers, or correct connect.urls of the provider. "+
		"If the workers need longer to start, raise timeouts.read.")
}

// differentClusters is the error if the workers use different Kafka clusters.
func differentClusters(err error) diag.Diagnostic {
	return diagnostics.FromConnect("connect.urls lead to different clusters", err)
}

// rolloutFailed is the error of a wait that ended before all workers run the revisions.
func rolloutFailed(err error) diag.Diagnostic {
	failed, ok := errors.AsType[*connectclient.RolloutError](err)
	switch {
	case !ok:
		return diagnostics.FromConnect("Unable to wait for the workers", err)
	case errors.Is(err, connectclient.ErrDifferentClusters):
		return differentClusters(err)
	case errors.Is(failed.Err, context.Canceled):
		return diag.NewErrorDiagnostic("Waiting for the workers was interrupted", state(failed.State))
	case !errors.Is(failed.Err, context.DeadlineExceeded):
		return diagnostics.FromConnect("Unable to read the state of the workers", failed.Err)
	}
	mute := func(w connectclient.Worker) bool { return w.Answers() && w.Revision == "" }
	summary := "The workers do not run the revision"
	advice := "Restart each of these workers with its current file, and check that the worker starts. The log of a worker says why it does not start."
	switch {
	case len(failed.State.Pending) > 0:
		summary = "The workers run the revision, but their group has not assigned all connectors and tasks"
		advice = "The group assigns the connectors and tasks of a worker that has left after scheduled.rebalance.max.delay.ms, five minutes by default."
	case slices.ContainsFunc(failed.State.Workers, mute):
		advice += " A worker announces a revision if announce_revision of kafkaconnect_worker_config was true when its file was written."
	}
	return diag.NewErrorDiagnostic(summary, state(failed.State)+"\n\n"+advice+" If they need longer, raise timeouts.invoke.")
}

// state says what was missing last.
func state(s connectclient.RolloutState) string {
	return "Wanted: " + wanted(s.Revisions) + ".\n" + s.String()
}

func wanted(revisions []string) string {
	if len(revisions) == 1 {
		return "revision " + revisions[0]
	}
	return "one of the revisions " + strings.Join(revisions, ", ")
}
