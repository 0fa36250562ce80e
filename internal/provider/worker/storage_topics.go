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
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// storageReadTimeout bounds reading the storage topics, which only serves warnings.
const storageReadTimeout = 15 * time.Second

// storage is a storage topic with its role.
type storage struct {
	role internaltopic.Role
	workerconfig.StorageTopic
}

func storageTopics(d workerconfig.Distributed) []storage {
	return []storage{{internaltopic.RoleOffset, d.OffsetStorage}, {internaltopic.RoleConfig, d.ConfigStorage}, {internaltopic.RoleStatus, d.StatusStorage}}
}

// useStorageTopics tells the session which topics the workers use. It refuses topics whose kafkaconnect_internal_topic has
// another group_id: a change of such a topic would watch and lock the wrong group.
func useStorageTopics(s *session.Session, d workerconfig.Distributed) (diags diag.Diagnostics) {
	if !d.Group().MayShareCluster(workerconfig.Group{BootstrapServers: s.Kafka.Servers}) {
		return nil // topics of these names on another cluster
	}
	for _, topic := range storageTopics(d) {
		s.StorageTopics.Use(d.GroupID, true, topic.Name)
		if group, user := s.StorageTopics.Groups(topic.Name); group != "" && user != "" && group != user {
			diags.Append(session.WrongGroup(topic.Name, group, user))
		}
	}
	return diags
}

// storageTopicWarnings warns of existing storage topics that workers refuse, and of declared numbers of partitions that the
// topics do not have. Topics that a kafkaconnect_internal_topic of this configuration manages are not read.
func (r *Resource) storageTopicWarnings(ctx context.Context, d workerconfig.Distributed) (diags diag.Diagnostics) {
	client := r.Kafka.ClientOrNil()
	if client == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storageReadTimeout)
	defer cancel()
	for _, topic := range storageTopics(d) {
		if topic.Name == "" {
			continue
		}
		if planned, managed := r.StorageTopics.Declared(topic.Name); managed {
			if planned != 0 {
				diags.Append(topic.partitionsWarning(planned)...)
			}
			continue
		}
		have, err := client.Topic(ctx, topic.Name)
		if errors.Is(err, internaltopic.ErrNotFound) {
			continue
		}
		if err != nil {
			// Not a warning: this resource does not need the cluster, which the same apply may create.
			tflog.Debug(ctx, "Unable to read a storage topic", map[string]any{"topic": topic.Name, "error": err.Error()})
			return diags
		}
		diags.Append(topic.shapeWarnings(have)...)
	}
	return diags
}

// shapeWarnings warns of what workers refuse, and of another number of partitions than the declared one.
func (s storage) shapeWarnings(have *internaltopic.Topic) (diags diag.Diagnostics) {
	const correct = "\n\nTo correct the topic and keep its records, manage it with a kafkaconnect_internal_topic resource."
	if policy := have.Effective[internaltopic.KeyCleanupPolicy]; policy != internaltopic.PolicyCompact {
		diags.Append(s.warning("topic", "The %s storage topic %s has the wrong cleanup policy",
			"It has cleanup.policy="+policy+". Workers start only with cleanup.policy="+internaltopic.PolicyCompact+"."+correct))
	}
	if got := have.Partitions(); s.role == internaltopic.RoleConfig && got != workerconfig.ConfigPartitions {
		diags.Append(s.warning("topic", "The %s storage topic %s has more than one partition",
			fmt.Sprintf("It has %d partitions. Workers start only with 1 partition.", got)+correct))
	}
	diags.Append(s.partitionsWarning(int64(have.Partitions()))...)
	return diags
}

// partitionsWarning warns of a declared number of partitions that differs from that of the topic. A default is not compared:
// it applies only if a worker creates the topic.
func (s storage) partitionsWarning(got int64) (diags diag.Diagnostics) {
	if s.Partitions == nil || *s.Partitions < 1 || *s.Partitions == got {
		return nil
	}
	attribute := string(s.role) + "_storage_partitions"
	diags.Append(s.warning("partitions", "The %s storage topic %s has a different number of partitions",
		fmt.Sprintf("It has %d partitions, but %s is %d. Workers use the existing topic; the setting applies only if a worker creates the topic.\n\n"+
			"Remove %s, or set it to %d. To change the topic and keep its records, set partitions of a kafkaconnect_internal_topic resource.", got, attribute, *s.Partitions, attribute, got)))
	return diags
}

// warning returns a warning on an attribute of the topic. The summary names the role and the topic.
func (s storage) warning(attribute, summary, detail string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root(string(s.role)+"_storage_"+attribute), fmt.Sprintf(summary, string(s.role), diagnostics.Quoted(s.Name)), detail)
}
