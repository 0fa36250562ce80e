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

// storageReadTimeout bounds reading the storage topics. Without an answer, the plan does not check them.
const storageReadTimeout = 15 * time.Second

// planWait is how long to wait until Terraform plans the resource of a missing topic. If the worker configuration does not
// refer to it, Terraform plans both in any order.
const planWait = time.Second

// storage is a storage topic with its role.
type storage struct {
	role internaltopic.Role
	workerconfig.StorageTopic
}

func storageTopics(d workerconfig.Distributed) []storage {
	return []storage{{internaltopic.RoleOffset, d.OffsetStorage}, {internaltopic.RoleConfig, d.ConfigStorage}, {internaltopic.RoleStatus, d.StatusStorage}}
}

// useStorageTopics tells the session which topics the workers use. It refuses topics whose kafkaconnect_internal_topic has
// another group_id, or which is for connectors: a change of such a topic would watch and lock the wrong workers.
func useStorageTopics(s *session.Session, d workerconfig.Distributed) (diags diag.Diagnostics) {
	if !d.Group().MayShareCluster(workerconfig.Group{BootstrapServers: s.Kafka.Servers}) {
		return nil // topics of these names on another cluster
	}
	for _, topic := range storageTopics(d) {
		s.StorageTopics.Use(d.GroupID, true, topic.Name)
		diags.Append(s.StorageTopics.Conflicts(topic.Name, topic.path("topic"))...)
	}
	return diags
}

// checkStorageTopics warns of existing storage topics that workers refuse, and of declared numbers of partitions that the
// topics do not have. It refuses missing topics that the workers do not create. Topics that a kafkaconnect_internal_topic of
// this configuration manages are not read.
func checkStorageTopics(ctx context.Context, s *session.Session, d workerconfig.Distributed) (diags diag.Diagnostics) {
	client := s.Kafka.ClientOrNil()
	if client == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storageReadTimeout)
	defer cancel()
	planned, stop := context.WithTimeout(ctx, planWait)
	defer stop()
	for _, topic := range storageTopics(d) {
		if topic.Name == "" {
			continue
		}
		if planned, managed := s.StorageTopics.Declared(topic.Name); managed {
			if planned != 0 {
				diags.Append(topic.partitionsWarning(planned)...)
			}
			continue
		}
		have, err := client.Topic(ctx, topic.Name)
		if errors.Is(err, internaltopic.ErrNotFound) {
			if mustExist(s, d) && !s.AwaitManaged(planned, topic.Name) {
				diags.Append(topic.missing())
			}
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

// mustExist reports whether the workers use the brokers of the provider and do not create missing topics there.
func mustExist(s *session.Session, d workerconfig.Distributed) bool {
	return !d.CreatesTopics() && len(d.BootstrapServers) > 0 && d.Group().MayShareCluster(workerconfig.Group{BootstrapServers: s.Kafka.Servers})
}

// missing is the error for a topic that neither exists nor will be created.
func (s storage) missing() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(s.path("topic"), "The "+string(s.role)+" storage topic "+diagnostics.Quoted(s.Name)+" does not exist",
		"internal_topic_creation is false: workers of Kafka 4.4 and later do not create the topic and do not start without it.\n\n"+
			"Declare a kafkaconnect_internal_topic resource with role = "+diagnostics.Quoted(string(s.role))+", and set "+s.path("topic").String()+" to its attribute name, so that Terraform creates the topic first. "+
			"If something else creates the topic, create it before this plan. To let the workers create it, remove internal_topic_creation.")
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
	return diag.NewAttributeWarningDiagnostic(s.path(attribute), fmt.Sprintf(summary, string(s.role), diagnostics.Quoted(s.Name)), detail)
}

// path returns the path of an attribute of the topic.
func (s storage) path(attribute string) path.Path {
	return path.Root(string(s.role) + "_storage_" + attribute)
}
