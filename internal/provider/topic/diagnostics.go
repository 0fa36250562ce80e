package topic

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// errors turns what ended an operation into diagnostics, on the attribute at fault where there is one.
func (m model) errors(verb string, err error) diag.Diagnostics {
	summary := "Unable to " + verb + " internal topic " + diagnostics.Quoted(m.Name.ValueString())
	if wrong, ok := errors.AsType[*internaltopic.SpecError](err); ok {
		return diag.Diagnostics{specDiagnostic(summary, wrong)}
	}
	switch {
	case errors.Is(err, internaltopic.ErrExists):
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("name"), summary, m.existsDetail()+" Nothing was changed.")}
	case errors.Is(err, internaltopic.ErrGroupLive):
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("group_id"), summary, diagnostics.Sentence(err.Error())+
			"\n\nStop these workers, wait until they have left the group, and apply again. No record was touched."+m.groupHint())}
	default:
		return diag.Diagnostics{diag.NewErrorDiagnostic(summary, diagnostics.Sentence(err.Error())+advice(err))}
	}
}

// specDiagnostic is about what cannot be had.
func specDiagnostic(summary string, wrong *internaltopic.SpecError) diag.Diagnostic {
	at, detail := path.Root(wrong.Field), wrong.Field+" "+wrong.Reason
	if wrong.Key != "" {
		at, detail = at.AtMapKey(wrong.Key), wrong.Key+" "+wrong.Reason
	}
	detail += "."
	if errors.Is(wrong, internaltopic.ErrDeletionProtected) {
		detail += "\n\nTo allow it, set deletion_protection = false. The way without any deletion is a second kafkaconnect_internal_topic of " +
			"another name with seed_from, to which the workers are switched over."
	}
	return diag.NewAttributeErrorDiagnostic(at, summary, detail)
}

// existsDetail says how to manage a topic that is there already.
func (m model) existsDetail() string {
	return "A topic of this name exists already, perhaps because a worker created it at its start. " +
		"To manage it with this resource, import it:\n\n" +
		"  terraform import 'ADDRESS OF THE RESOURCE' " + diagnostics.ShellQuoted(m.id().ValueString()) + "\n\n" +
		"If the resource is in the state already and tainted, terraform untaint it instead, then apply again."
}

// existsWarning tells at plan time that the creation is going to fail.
func (m model) existsWarning() diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("name"), "Internal topic "+diagnostics.Quoted(m.Name.ValueString())+" exists already",
		"Creating it will fail. "+m.existsDetail())
}

// groupHint tells of group_id where it would have narrowed down whose workers count.
func (m model) groupHint() string {
	if m.GroupID.IsNull() {
		return " If they do not use this topic, set group_id to the group of those that do."
	}
	return ""
}

// topicPermissions says what the principal has to be allowed.
const permissions = "Managing a topic takes Create, Describe, DescribeConfigs, Alter, AlterConfigs and Delete; " +
	"changing its partitions also Read and Write, the same on the topic named with \"" + internaltopic.RebuildSuffix + "\" for fewer of them, and Read and Describe on the group."

// advice says what to do about an error, or is empty.
func advice(err error) string {
	for _, known := range []struct {
		kind error
		does string
	}{
		{kafkaclient.ErrUnauthenticated, "Check sasl in the provider's kafka attribute."},
		{kafkaclient.ErrUnreachable, "Check bootstrap_servers, security_protocol and tls in the provider's kafka attribute."},
		{kafkaclient.ErrUnauthorized, "Allow the principal this operation. " + permissions},
		{internaltopic.ErrGroupLocked, "Apply again when that is done."},
		{internaltopic.ErrOpenTransaction, "The topic is as it was. Wait until the transaction has ended, or abort it with kafka-transactions.sh, and apply again."},
		{internaltopic.ErrForeignWrite, "Nothing is lost. Find out who writes to the topic, keep it from doing so, and apply again: what was begun is then finished."},
		{context.DeadlineExceeded, "What was begun is finished by the next apply. Raise the time in timeouts if the brokers need longer."},
		{context.Canceled, "What was begun is finished by the next apply."},
	} {
		if errors.Is(err, known.kind) {
			return "\n\n" + known.does
		}
	}
	return ""
}

// blindWarning tells that the plan was made without the cluster.
func (m model) blindWarning(err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Internal topic "+diagnostics.Quoted(m.Name.ValueString())+" was planned without a look at the cluster",
		"What the brokers would refuse shows only when it is applied. "+diagnostics.Sentence(err.Error())+advice(err))
}

// stepWarnings tell what those who approve the steps should know.
func (m model) stepWarnings(steps []internaltopic.Step, live []internaltopic.Member) (diags diag.Diagnostics) {
	for _, step := range steps {
		if text := step.Warning(live); text != "" {
			diags.AddAttributeWarning(path.Root("partitions"), "Internal topic "+diagnostics.Quoted(m.Name.ValueString())+" will be rebuilt", text)
		}
	}
	return diags
}

// deletionWarning tells whose workers keep the topic from being deleted.
func (m model) deletionWarning(live []internaltopic.Member) (diags diag.Diagnostics) {
	if len(live) > 0 {
		diags.AddAttributeWarning(path.Root("group_id"), "Workers that may use internal topic "+diagnostics.Quoted(m.Name.ValueString())+" are running",
			"It can only be deleted once they are stopped: "+memberList(live)+"."+m.groupHint())
	}
	return diags
}

func memberList(members []internaltopic.Member) string {
	var names []string
	for _, member := range members {
		names = append(names, member.String())
	}
	return strings.Join(names, ", ")
}

// doneWarnings are what a change that succeeded has to say.
func (m model) doneWarnings(result internaltopic.Result) (diags diag.Diagnostics) {
	for _, text := range result.Warnings {
		diags.AddWarning("Internal topic "+diagnostics.Quoted(m.Name.ValueString()), text)
	}
	return diags
}
