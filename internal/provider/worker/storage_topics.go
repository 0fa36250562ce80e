package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// storageReadTimeout bounds reading the storage topics, which only serves warnings.
const storageReadTimeout = 15 * time.Second

// storageTopicWarnings warns of existing storage topics that workers refuse, or whose number of partitions is not the declared
// one. It skips topics that a kafkaconnect_internal_topic of this configuration manages.
func (r *Resource) storageTopicWarnings(ctx context.Context, d workerconfig.Distributed) (diags diag.Diagnostics) {
	client := r.Kafka.ClientOrNil()
	if client == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storageReadTimeout)
	defer cancel()
	for _, storage := range []struct {
		role  internaltopic.Role
		topic workerconfig.StorageTopic
	}{
		{internaltopic.RoleOffset, d.OffsetStorage}, {internaltopic.RoleConfig, d.ConfigStorage}, {internaltopic.RoleStatus, d.StatusStorage},
	} {
		name := storage.topic.Name
		if name == "" || r.StorageTopics.Declared(name) {
			continue
		}
		have, err := client.Topic(ctx, name)
		if errors.Is(err, internaltopic.ErrNotFound) {
			continue
		}
		if err != nil {
			// Not a warning: this resource does not need the cluster, which the same apply may create.
			tflog.Debug(ctx, "Unable to read a storage topic", map[string]any{"topic": name, "error": err.Error()})
			return diags
		}
		diags.Append(shapeWarnings(storage.role, storage.topic, have)...)
	}
	return diags
}

// shapeWarnings warns of the wrong cleanup policy and of another number of partitions.
func shapeWarnings(role internaltopic.Role, declared workerconfig.StorageTopic, have *internaltopic.Topic) (diags diag.Diagnostics) {
	attribute := string(role) + "_storage_"
	warn := func(at, summary, detail string) {
		diags.AddAttributeWarning(path.Root(attribute+at), fmt.Sprintf(summary, string(role), diagnostics.Quoted(declared.Name)),
			detail+"\n\nTo correct the topic and keep its records, manage it with a kafkaconnect_internal_topic resource.")
	}
	if policy := have.Effective[internaltopic.KeyCleanupPolicy]; policy != internaltopic.PolicyCompact {
		warn("topic", "The %s storage topic %s has the wrong cleanup policy",
			"It has cleanup.policy="+policy+". Workers start only with cleanup.policy="+internaltopic.PolicyCompact+".")
	}
	want := int64(role.DefaultPartitions())
	if declared.Partitions != nil && *declared.Partitions > 0 {
		want = *declared.Partitions
	}
	switch got := int64(have.Partitions()); {
	case got == want:
	case role == internaltopic.RoleConfig:
		warn("topic", "The %s storage topic %s has more than one partition",
			fmt.Sprintf("It has %d partitions. Workers start only with 1 partition.", got))
	default:
		warn("partitions", "The %s storage topic %s has a different number of partitions",
			fmt.Sprintf("It has %d partitions, but %spartitions is %d. Workers use the existing topic; the setting applies only if a worker creates the topic.", got, attribute, want))
	}
	return diags
}
