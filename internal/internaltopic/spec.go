package internaltopic

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// Role says which of a Connect group's three storage topics a topic is.
type Role string

// The three storage topics of a distributed Connect group.
const (
	RoleOffset Role = "offset" // offset.storage.topic: what source connectors have read.
	RoleConfig Role = "config" // config.storage.topic: the connectors; exactly one partition.
	RoleStatus Role = "status" // status.storage.topic: states of connectors and tasks.
)

// Roles returns every role, in the order in which workers list their topics.
func Roles() []Role { return []Role{RoleOffset, RoleConfig, RoleStatus} }

// DefaultPartitions is the partition count that a worker would give a topic of this role: 25, 1 or 5, and 0
// for a role that is not known.
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

// RebuildSuffix ends the name of the topic that holds the content of another one while that one is deleted
// and created again with fewer partitions.
const RebuildSuffix = ".rebuild"

// Topic settings that this package writes itself: the policy is always PolicyCompact, and the lock of an unfinished
// rebuild overwrites all three.
const (
	KeyCleanupPolicy  = "cleanup.policy"
	KeyRetentionMs    = "retention.ms"
	KeyRetentionBytes = "retention.bytes"

	PolicyCompact = "compact"
)

const keyMinInsync = "min.insync.replicas"

// Spec is what is wanted of one internal topic.
type Spec struct {
	// Role may be empty when it is not known; Partitions must be given then.
	Role Role
	Name string
	// Partitions is the wanted count; zero means the role's default.
	Partitions int
	// ReplicationFactor is the wanted number of replicas. Zero leaves it to the broker at creation and alone
	// afterwards.
	ReplicationFactor int
	// Config holds the settings to manage, and only these are. Not cleanup.policy, which is always compact.
	Config map[string]string
	// Unset names settings that were managed before and go back to the broker's default.
	Unset []string
	// SeedFrom names a topic whose content a topic that is being created starts with. It is left as it is.
	SeedFrom string
	// AllowDeletion permits what deletes the topic or its former self: fewer partitions while it holds records.
	AllowDeletion bool
}

// Validate reports as *SpecError what is wrong with the spec whatever the cluster holds.
func (s Spec) Validate() error {
	if s.Role != "" && !slices.Contains(Roles(), s.Role) {
		return &SpecError{Field: "role", Reason: fmt.Sprintf("%q is none of offset, config and status", s.Role)}
	}
	if err := validateName("name", s.Name); err != nil {
		return err
	}
	if s.SeedFrom != "" {
		if err := validateName("seed_from", s.SeedFrom); err != nil {
			return err
		}
		if s.SeedFrom == s.Name {
			return &SpecError{Field: "seed_from", Reason: "is the topic itself"}
		}
	}
	return s.validateShape()
}

func validateName(field, name string) error {
	switch {
	case !workerconfig.IsTopicName(name):
		return &SpecError{Field: field, Reason: fmt.Sprintf("%q is not a topic name: 1 to 249 letters, digits, dots, dashes and underscores", name)}
	case strings.HasSuffix(name, RebuildSuffix):
		return &SpecError{Field: field, Reason: fmt.Sprintf("names that end in %s are kept for the copy that is made when partitions are taken away", RebuildSuffix)}
	case len(name)+len(RebuildSuffix) > 249:
		return &SpecError{Field: field, Reason: fmt.Sprintf("%d characters leave no room for %s", len(name), RebuildSuffix)}
	}
	return nil
}

func (s Spec) validateShape() error {
	switch n := s.partitions(); {
	case n < 0 || s.Partitions < 0:
		return &SpecError{Field: "partitions", Reason: "is less than one"}
	case n == 0:
		return &SpecError{Field: "partitions", Reason: "has no default without a role"}
	case s.Role == RoleConfig && n != 1:
		return &SpecError{Field: "partitions", Reason: fmt.Sprintf("is %d, but workers need exactly 1 partition for the config topic, whose records have one order", n)}
	}
	if s.ReplicationFactor < 0 {
		return &SpecError{Field: "replication_factor", Reason: "is less than one"}
	}
	if _, ok := s.Config[KeyCleanupPolicy]; ok {
		return &SpecError{Field: "config", Key: KeyCleanupPolicy, Reason: "is always compact: workers refuse to start on anything else"}
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

// retention returns the declared ones of the settings that a lock overwrites.
func (s Spec) retention() map[string]string {
	out := maps.Clone(s.Config)
	maps.DeleteFunc(out, func(k, _ string) bool { return k != KeyRetentionMs && k != KeyRetentionBytes })
	return out
}

// SpecError says which part of a [Spec] cannot be had, and why.
type SpecError struct {
	Field  string // The field in snake case: partitions, replication_factor, config, seed_from, …
	Key    string // The key of a config entry, when it is about one.
	Reason string // Reads on from the field's name.
	Err    error  // ErrDeletionProtected or nil.
}

func (e *SpecError) Unwrap() error { return e.Err }

func (e *SpecError) Error() string {
	if e.Key != "" {
		return fmt.Sprintf("%s[%q] %s", e.Field, e.Key, e.Reason)
	}
	return e.Field + " " + e.Reason
}
