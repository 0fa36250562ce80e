package connector

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// movesFrom reports whether the name or the cluster changes, or may change.
func (m model) movesFrom(before model) bool {
	return !m.Name.Equal(before.Name) || !m.Cluster.Equal(before.Cluster)
}

// changed returns the attribute that a move is about.
func (m model) changed(before model) path.Path {
	if m.Cluster.Equal(before.Cluster) {
		return path.Root("name")
	}
	return path.Root("cluster")
}

// planMove decides whether a changed name or cluster is a [move], or a replacement without the position of the connector. From is the
// cluster in which the connector is. In an apply, Terraform plans only what is no replacement again. With -refresh=false, which looks like
// an apply, only a changed class is found here; the apply finds the rest.
func (r *Resource) planMove(ctx context.Context, from *Resource, before, after model) (replaces bool, diags diag.Diagnostics) {
	if r.appliesAlready(false) && !after.typeMayChange(before) {
		return false, nil
	}
	reason, diags := r.whyReplaced(ctx, from, before, after)
	switch known := !after.id().IsUnknown(); {
	case diags.HasError():
	case reason != "" && known && len(after.InitialOffsets.Elements()) == 0:
		diags.Append(replacedWarning(before, after, reason))
	case reason == "" && known:
		diags.Append(movedWarning(before, after))
		diags.Append(r.checkName(ctx, after, true)...)
	}
	return reason != "", diags
}

// whyReplaced returns the reason why a connector cannot take its position along, or "". A sink that cannot is an error, unless
// initial_offsets says where it starts.
func (r *Resource) whyReplaced(ctx context.Context, from *Resource, before, after model) (reason string, diags diag.Diagnostics) {
	if after.typeMayChange(before) {
		return "The class changes, and another class does not understand the offsets.", nil
	}
	for _, needs := range []struct {
		in   *Resource
		need func(*connectclient.Client, context.Context) error
	}{{from, (*connectclient.Client).RequireReadOffsets}, {r, (*connectclient.Client).RequireInitialOffsets}} {
		client := needs.in.ConnectClient()
		if client == nil {
			continue
		}
		err := needs.in.Ask(ctx, client, func(ctx context.Context) error { return needs.need(client, ctx) })
		if unsupported, ok := errors.AsType[*connectclient.UnsupportedError](err); ok {
			return diagnostics.Sentence(unsupported.Error()), nil
		}
	}
	if before.Type.ValueString() != typeSink || from.ConnectClient() == nil || r.ConnectClient() == nil {
		return "", nil
	}
	if !from.OtherKafka(ctx, r.Session) {
		return "", nil
	}
	if len(after.InitialOffsets.Elements()) > 0 {
		return "The clusters use different Kafka clusters.", nil
	}
	diags.AddAttributeError(path.Root("cluster"), "A sink cannot keep its position in another Kafka cluster",
		quoted(before.id().ValueString())+" is a sink: its offsets are positions in topics of its Kafka cluster, and the workers of the new cluster use another one. "+
			"To start the sink at given offsets, set initial_offsets: the plan then replaces the connector. "+
			"To start the sink as a new one, give the new connector a resource of its own, and remove this one.")
	return "", diags
}

// movedWarning tells what the apply does.
func movedWarning(before, after model) diag.Diagnostic {
	old, moved := before.id().ValueString(), after.id().ValueString()
	summary := diagnostics.Capitalized(quoted(old)) + " will be renamed and keeps its position"
	if !after.Cluster.Equal(before.Cluster) {
		summary = diagnostics.Capitalized(quoted(old)) + " will be moved and keeps its position"
	}
	return diag.NewAttributeWarningDiagnostic(after.changed(before), summary,
		"The apply stops "+quoted(old)+", copies its offsets to "+quoted(moved)+", starts the new connector and deletes the old one. Neither runs in between. "+
			"If offsets exist under the new name already, they are replaced. If the new connector does not reach its declared state, the old one runs again. "+
			"If the plan shows a replacement, as with -replace, the offsets stay with the old name.")
}

// replacedWarning tells that the connector does not keep its position.
func replacedWarning(before, after model, reason string) diag.Diagnostic {
	old, created := before.id().ValueString(), after.id().ValueString()
	what := "name"
	if !after.Cluster.Equal(before.Cluster) {
		what = "cluster"
	}
	return diag.NewAttributeWarningDiagnostic(after.changed(before), "A changed "+what+" does not keep the offsets of "+quoted(old),
		reason+" The apply deletes "+quoted(old)+" and creates "+quoted(created)+". The offsets stay with the old name. A source connector starts again from the beginning of its data. "+
			"A sink connector reads as the new consumer group, unless its configuration names a group. "+
			"To continue where the old connector stopped, set initial_offsets.")
}

// takenDetail tells that the new name is taken. Differ are the keys whose values differ, if they are known.
func takenDetail(differ []string) string {
	return "A connector of the new name exists already, with another configuration." + keysDiffer(differ) + " Nothing was changed. " +
		"Choose another name, or delete the connector of this name if nothing needs it. " +
		"If an interrupted apply has created it before the configuration changed, it is STOPPED and can be deleted, too."
}

// willBeCompletedWarning tells in the plan that the apply completes a move.
func willBeCompletedWarning(name string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("name"), diagnostics.Capitalized(quoted(name))+" exists already",
		"The worker has a connector of the new name with the declared configuration, as far as it is known. If an interrupted apply has created the connector, the apply completes the move. "+
			"If another connector of this name runs, the apply changes nothing and fails.")
}

// unableToMove turns the error of a move into diagnostics.
func (m model) unableToMove(before model, err error) (diags diag.Diagnostics) {
	summary := "Unable to move " + quoted(before.id().ValueString()) + " to " + quoted(m.id().ValueString())
	masked, isMasked := errors.AsType[*maskedError](err)
	failed, isFailed := errors.AsType[*connectclient.FailedError](err)
	switch {
	case isMasked:
		return masked.diagnostics(summary, m.declaredPath)
	case errors.Is(err, connectclient.ErrExists):
		diags.AddAttributeError(m.changed(before), summary, takenDetail(nil))
		return diags
	case isFailed:
		diags.AddAttributeError(m.changed(before), summary, diagnostics.Sentence(err.Error())+"\n\n"+failureLines(failed.Failures))
		return diags
	}
	return diagnose(summary, m.Name.ValueString(), err, m.keyPath)
}
