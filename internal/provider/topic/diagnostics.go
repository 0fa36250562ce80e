package topic

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// permissions is part of the documentation and of errors.
const permissions = "The principal of the provider needs these permissions:\n\n" +
	"- Describe on the topic, to read its partitions\n" +
	"- DescribeConfigs on the topic, to read its settings\n" +
	"- Create on the topic, to create it\n" +
	"- AlterConfigs on the topic, to change its settings\n" +
	"- Alter on the topic, to add partitions\n" +
	"- Read and Write on the topic, to change the partitions of a topic with records, and for seed_from\n" +
	"- Delete on the topic, to delete it, to change the partitions of a topic with records, and for seed_from\n" +
	"- All of the above on the topic with the suffix " + internaltopic.RebuildSuffix + ", to reduce the partitions\n" +
	"- Describe, DescribeConfigs and Read on the topic that seed_from names\n" +
	"- Describe on the group, to find live workers, and on other Connect groups, to find out whether one of them uses the topic\n" +
	"- Read on the group, to keep workers from joining it while records are rewritten or copied\n" +
	"- Alter and Describe on the cluster, to change replication_factor\n" +
	"- DescribeConfigs on the cluster, to find in the plan what the brokers would refuse in the apply"

// diagnose converts an error of an operation on a topic. The diagnostic is on the attribute at fault, if there is one.
func diagnose(verb string, topic identityModel, err error) diag.Diagnostics {
	return diagnoseWith("Unable to "+verb+" internal topic "+diagnostics.Quoted(topic.Name.ValueString()), topic, err)
}

// diagnoseWith is diagnose with another summary.
func diagnoseWith(summary string, topic identityModel, err error) diag.Diagnostics {
	detail := diagnostics.Sentence(err.Error())
	if wrong, ok := errors.AsType[*internaltopic.SpecError](err); ok {
		return diag.Diagnostics{specDiagnostic(summary, wrong, err)}
	}
	switch {
	case errors.Is(err, internaltopic.ErrExists):
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("name"), summary, existsDetail(topic)+" Nothing was changed.")}
	case errors.Is(err, internaltopic.ErrGroupLive):
		if live, ok := errors.AsType[*internaltopic.GroupLiveError](err); ok && len(live.Connectors) > 0 {
			return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("connectors"), summary, detail+
				"\n\nDelete these connectors, or stop these workers, and apply again. The worker of a connector that is only stopped still reads the topic. No record was changed. "+connectorsHint)}
		}
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("group_id"), summary, detail+
			"\n\nStop these workers and apply again. The apply waits while they leave the group, and fails when none has left for a minute. No record was changed. "+groupHint)}
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic(summary, detail+advice(err))}
}

// specDiagnostic reports a declared value that is invalid or that the cluster cannot provide.
// The error may also say in which state a failed rebuild has left the topic.
func specDiagnostic(summary string, wrong *internaltopic.SpecError, err error) diag.Diagnostic {
	at, detail := path.Root(wrong.Field), wrong.Field+" "+wrong.Reason
	if wrong.Key != "" {
		at, detail = at.AtMapKey(wrong.Key), wrong.Key+" "+wrong.Reason
	}
	if !strings.HasSuffix(detail, "?") {
		detail += "."
	}
	if failed, ok := errors.AsType[*internaltopic.RebuildError](err); ok {
		detail += "\n\n" + diagnostics.Sentence(failed.State())
	}
	if errors.Is(wrong, internaltopic.ErrDeletionProtected) {
		detail += "\n\nTo allow the deletion, set deletion_protection = false. To avoid the deletion, add a second kafkaconnect_internal_topic " +
			"with another name and seed_from, and switch the workers to that topic."
	}
	return diag.NewAttributeErrorDiagnostic(at, summary, detail)
}

// existsDetail explains how to manage an existing topic.
func existsDetail(topic identityModel) string {
	return "A topic of this name exists already. A worker may have created it when it started. To manage it with this resource, import it:\n\n" +
		"  terraform import 'ADDRESS OF THE RESOURCE' " + diagnostics.ShellQuoted(topic.Role.ValueString()+"/"+topic.Name.ValueString()) + "\n\n" +
		"If the resource is tainted, run terraform untaint instead, and apply again."
}

// existsWarning warns in the plan that the creation will fail.
func existsWarning(topic identityModel) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("name"), title(topic.Name)+" exists already", "The apply will fail to create the topic. "+existsDetail(topic))
}

// groupHint follows a list of live workers.
const groupHint = "If these workers do not use this topic, set group_id to the group of the workers that use it."

// connectorsHint follows a list of workers that run connectors.
const connectorsHint = "If connectors of the same names run in another group, set group_id to the group of the workers that use this topic."

// advice returns a paragraph that says how to correct the error, or an empty text.
func advice(err error) string {
	for _, known := range []struct {
		kind error
		text string
	}{
		{kafkaclient.ErrUnauthenticated, "Check sasl in the provider's kafka attribute."},
		{kafkaclient.ErrUnreachable, "Check bootstrap_servers, security_protocol and tls in the provider's kafka attribute."},
		{kafkaclient.ErrUnauthorized, "Grant the principal the missing permission. " + permissions},
		{internaltopic.ErrGroupLocked, "Wait until the other apply has ended, and apply again. If it was interrupted, the brokers end its hold of the group after at most 10 seconds."},
		{internaltopic.ErrOpenTransaction, "Wait until the transaction has ended, or abort it with kafka-transactions.sh, and apply again."},
		{internaltopic.ErrForeignWrite, "Find the client that writes to the topic, stop it, and apply again."},
		{context.DeadlineExceeded, "If a change is unfinished, the next apply completes it. If the brokers need more time, increase the value in timeouts."},
		{context.Canceled, "If a change is unfinished, the next apply completes it."},
	} {
		if errors.Is(err, known.kind) {
			return "\n\n" + known.text
		}
	}
	return ""
}

// uncheckedWarning warns that the plan was made without the topic's state on the brokers.
func uncheckedWarning(name types.String, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Unable to read internal topic "+diagnostics.Quoted(name.ValueString())+" during the plan",
		"The change was not checked against the cluster and may fail during the apply. "+diagnostics.Sentence(err.Error())+advice(err))
}

// unknownSettings warns of settings that are probably misspelled, for a plan that cannot ask the brokers.
func unknownSettings(m model) (diags diag.Diagnostics) {
	for _, key := range slices.Sorted(maps.Keys(m.Config.Elements())) {
		if meant := workerconfig.SuggestTopicSetting(key); meant != "" {
			diags.AddAttributeWarning(path.Root("config").AtMapKey(key), "Unknown topic setting "+diagnostics.Quoted(key),
				"Kafka has no topic setting of this name, and the plan cannot ask the brokers. Did you mean "+diagnostics.Quoted(meant)+"?")
		}
	}
	return diags
}

// stepWarnings describes the steps that need the workers stopped.
func stepWarnings(name types.String, steps []internaltopic.Step, live []internaltopic.Member) (diags diag.Diagnostics) {
	for _, step := range steps {
		if text := step.Warning(live); text != "" {
			diags.AddAttributeWarning(path.Root("partitions"), title(name)+" can be changed only while its workers are stopped", text)
		}
	}
	return diags
}

// sameTopicError refuses to replace a topic by itself.
func sameTopicError(before, after identityModel) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("cluster"), title(before.Name)+" has the same brokers in both clusters",
		"The plan would delete the topic with all its records and create it again: "+before.id().ValueString()+" and "+after.id().ValueString()+" are one topic. "+
			"To keep it, remove the resource from the state with a removed block, and import the topic as "+diagnostics.Quoted(after.id().ValueString())+".")
}

// deletionWarning lists the live workers, which make a deletion fail. It warns once for each group. Terraform prints the
// warnings of a plan after an apply with -auto-approve, so the text has to fit both before and after the deletion. There is no
// warning for the own topic of connectors: the same apply usually deletes the connectors first.
func (r *Resource) deletionWarning(ctx context.Context, m model) (diags diag.Diagnostics) {
	group := m.GroupID.ValueString()
	if !m.Connectors.IsNull() || r.Applying.Load() || !r.StorageTopics.FirstDeletion(group) {
		return nil
	}
	var workers []string
	for _, member := range r.liveMembers(ctx, m) {
		workers = append(workers, member.String())
	}
	if len(workers) == 0 {
		return nil
	}
	summary, topics, hint := "Workers of group "+diagnostics.Quoted(group)+" run during the plan", "The internal topics of the group", ""
	if group == "" {
		summary, topics, hint = "Connect workers run during the plan", "Internal topics without group_id", " "+groupHint
	}
	diags.AddAttributeWarning(path.Root("group_id"), summary, topics+" will be deleted after these workers are stopped: "+
		strings.Join(workers, ", ")+". If the same apply does not stop the workers, stop them first; otherwise, the apply cannot delete the topics."+hint)
	return diags
}

// resultWarnings returns the warnings of an operation that succeeded.
func resultWarnings(name types.String, result internaltopic.Result) (diags diag.Diagnostics) {
	for _, text := range result.Warnings {
		diags.AddWarning(title(name)+" was applied with a warning", text)
	}
	return diags
}

func title(name types.String) string {
	return "Internal topic " + diagnostics.Quoted(name.ValueString())
}
