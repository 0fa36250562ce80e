package internaltopic

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// Role is the use of a topic by a Connect group.
type Role string

// The three storage topics of a distributed Connect group.
const (
	RoleOffset Role = "offset" // offset.storage.topic: positions of source connectors.
	RoleConfig Role = "config" // config.storage.topic: connector and task configurations; exactly one partition.
	RoleStatus Role = "status" // status.storage.topic: states of connectors and tasks.
)

// Roles returns every role in the order of the worker's settings.
func Roles() []Role { return []Role{RoleOffset, RoleConfig, RoleStatus} }

// DefaultPartitions returns the partition count with which a worker creates a topic of this role, or 0 for an unknown
// role.
func (r Role) DefaultPartitions() int {
	switch r {
	case RoleOffset:
		return workerconfig.DefaultOffsetPartitions
	case RoleConfig:
		return workerconfig.ConfigPartitions
	case RoleStatus:
		return workerconfig.DefaultStatusPartitions
	}
	return 0
}

// RebuildSuffix ends the name of the topic that holds a copy of another topic's records while that topic is deleted
// and created with fewer partitions.
const RebuildSuffix = ".rebuild"

// Topic settings that this package writes itself: the policy is always PolicyCompact, and the lock of an unfinished
// rebuild overwrites all three.
const (
	KeyCleanupPolicy  = "cleanup.policy"
	KeyRetentionMs    = "retention.ms"
	KeyRetentionBytes = "retention.bytes"

	PolicyCompact = "compact"
)

const (
	keyMinInsync  = "min.insync.replicas"
	keyMaxMessage = "max.message.bytes"
)

// MaxPartitions is the largest number of partitions that is accepted without CheckPartitions being skipped. Connect's
// defaults are 25 and less, and every partition costs the brokers memory and open files.
const MaxPartitions = 1000

// Spec is the desired state of one internal topic.
type Spec struct {
	// Role may be empty. Then Partitions is required.
	Role Role
	Name string
	// Partitions is the number of partitions; zero means the role's default.
	Partitions int
	// ReplicationFactor is the number of replicas. Zero means the broker's default at creation and no change later.
	ReplicationFactor int
	// Config holds the managed settings; others are not changed. cleanup.policy is not allowed: it is always compact.
	Config map[string]string
	// Unset names settings to reset to the broker's default.
	Unset []string
	// SeedFrom names a topic whose live records are copied into the new topic. The source topic is only read.
	SeedFrom string
	// AllowDeletion permits deleting a topic that holds records, in order to create it with fewer partitions.
	AllowDeletion bool
	// SkipChecks names the checks to skip.
	SkipChecks []Check
}

// Validate returns a *SpecError for what is invalid regardless of the cluster.
func (s Spec) Validate() error {
	if s.Role != "" && !slices.Contains(Roles(), s.Role) {
		return &SpecError{Field: "role", Reason: fmt.Sprintf("must be offset, config or status, not %q", s.Role)}
	}
	if err := validateName("name", s.Name); err != nil {
		return err
	}
	if s.SeedFrom != "" {
		if err := validateName("seed_from", s.SeedFrom); err != nil {
			return err
		}
		if s.SeedFrom == s.Name {
			return &SpecError{Field: "seed_from", Reason: "names the topic itself: name another topic"}
		}
	}
	return s.validateShape()
}

// kafkaTopics are the topics that brokers keep for themselves. Brokers report some of them as internal, but refuse a change
// of them only when it is half done.
var kafkaTopics = []string{"__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata", "__remote_log_metadata"}

func validateName(field, name string) error {
	switch {
	case !workerconfig.IsTopicName(name):
		return &SpecError{Field: field, Reason: fmt.Sprintf("must not be %q: a topic name has 1 to 249 letters, digits, dots, dashes and underscores", name)}
	case slices.Contains(kafkaTopics, name):
		return &SpecError{Field: field, Reason: fmt.Sprintf("must not be %q, which is a topic of Kafka itself", name)}
	case strings.HasSuffix(name, RebuildSuffix):
		return &SpecError{Field: field, Reason: fmt.Sprintf("must not end in %s, which is reserved for the copy of a topic whose partition count is reduced", RebuildSuffix)}
	case len(name)+len(RebuildSuffix) > 249:
		return &SpecError{Field: field, Reason: fmt.Sprintf("has %d characters and is too long for the suffix %s of its copy: choose a shorter name", len(name), RebuildSuffix)}
	}
	return nil
}

func (s Spec) validateShape() error {
	switch n := s.partitions(); {
	case n < 0 || s.Partitions < 0:
		return &SpecError{Field: "partitions", Reason: "must be at least 1"}
	case n == 0:
		return &SpecError{Field: "partitions", Reason: "is required, because it has no default without a role"}
	case s.Role == RoleConfig && n != 1:
		return &SpecError{Field: "partitions", Reason: fmt.Sprintf("is %d, but workers require exactly 1 partition for the config topic, because its records must stay in order", n)}
	}
	if n := s.partitions(); n > MaxPartitions && !slices.Contains(s.SkipChecks, CheckPartitions) {
		return &SpecError{Field: "partitions", Reason: fmt.Sprintf("is %d, which is more than %d: workers gain nothing from so many partitions, and brokers may run out of memory. Lower the number, or add %q to skip_checks", n, MaxPartitions, CheckPartitions)}
	}
	if s.ReplicationFactor < 0 {
		return &SpecError{Field: "replication_factor", Reason: "must be at least 1"}
	}
	if _, ok := s.Config[KeyCleanupPolicy]; ok {
		return &SpecError{Field: "config", Key: KeyCleanupPolicy, Reason: "is always compact: workers refuse to start with any other policy"}
	}
	for _, k := range s.Unset {
		if _, ok := s.Config[k]; ok || k == KeyCleanupPolicy {
			return &SpecError{Field: "config", Key: k, Reason: "cannot be both set and unset"}
		}
	}
	return nil
}

func (s Spec) partitions() int {
	if s.Partitions != 0 {
		return s.Partitions
	}
	return s.Role.DefaultPartitions()
}

// retention returns those declared settings that the lock overwrites.
func (s Spec) retention() map[string]string {
	out := maps.Clone(s.Config)
	maps.DeleteFunc(out, func(k, _ string) bool { return k != KeyRetentionMs && k != KeyRetentionBytes })
	return out
}

// SpecError names the field of a [Spec] that is invalid or impossible on this cluster, and the reason.
type SpecError struct {
	Field  string // The field in snake case: partitions, replication_factor, config, seed_from, …
	Key    string // The key of the entry in Config, or "".
	Reason string // Continues a sentence that starts with the field: "must be at least 1".
	Err    error  // ErrDeletionProtected or nil.
}

func (e *SpecError) Unwrap() error { return e.Err }

func (e *SpecError) Error() string {
	if e.Key != "" {
		return fmt.Sprintf("%s[%q] %s", e.Field, e.Key, e.Reason)
	}
	return e.Field + " " + e.Reason
}
