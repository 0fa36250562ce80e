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

// storageLookTimeout bounds the look at the storage topics, which is for warnings only.
const storageLookTimeout = 15 * time.Second

// storageTopicWarnings tells which storage topics exist in a shape that workers refuse, or another one than is declared.
// A topic that is a resource itself has its shape from there.
func (r *Resource) storageTopicWarnings(ctx context.Context, d workerconfig.Distributed) (diags diag.Diagnostics) {
	client := r.Kafka.ClientOrNil()
	if client == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storageLookTimeout)
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
			// No warning: the same apply may bring the cluster about, and nothing of this resource needs it.
			tflog.Debug(ctx, "Unable to look at a storage topic", map[string]any{"topic": name, "error": err.Error()})
			return diags
		}
		diags.Append(shapeWarnings(storage.role, storage.topic, have)...)
	}
	return diags
}

// shapeWarnings compares a storage topic with what it has to be.
func shapeWarnings(role internaltopic.Role, declared workerconfig.StorageTopic, have *internaltopic.Topic) (diags diag.Diagnostics) {
	attribute := string(role) + "_storage_"
	warn := func(at, summary, detail string) {
		diags.AddAttributeWarning(path.Root(attribute+at), fmt.Sprintf(summary, string(role), diagnostics.Quoted(declared.Name)),
			detail+"\n\nA kafkaconnect_internal_topic puts that right without losing what is in it.")
	}
	if policy := have.Effective[internaltopic.KeyCleanupPolicy]; policy != internaltopic.PolicyCompact {
		warn("topic", "The %s storage topic %s has the wrong cleanup policy",
			"It has cleanup.policy="+policy+", and workers refuse to start on any other than "+internaltopic.PolicyCompact+".")
	}
	want := int64(role.DefaultPartitions())
	if declared.Partitions != nil && *declared.Partitions > 0 {
		want = *declared.Partitions
	}
	switch got := int64(have.Partitions()); {
	case got == want:
	case role == internaltopic.RoleConfig:
		warn("topic", "The %s storage topic %s has more than one partition",
			fmt.Sprintf("It has %d partitions, and workers refuse to start on any other number than 1.", got))
	default:
		warn("partitions", "The %s storage topic %s has another number of partitions",
			fmt.Sprintf("It has %d partitions and %spartitions is %d. Workers use the topic as it is; the number counts only when they create it.", got, attribute, want))
	}
	return diags
}
