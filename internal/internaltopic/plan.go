package internaltopic

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// PlanCreate returns the steps that create a topic, or [ErrExists] if the topic exists. The exception is a topic that
// an interrupted creation with SeedFrom left: PlanCreate first changes its settings to those of the spec, because they
// may be why the creation failed, and then finishes it.
func PlanCreate(have State, want Spec) ([]Step, error) {
	if err := want.Validate(); err != nil {
		return nil, err
	}
	seeding := want.SeedFrom != "" && have.Rebuild == nil && have.Topic != nil && have.Topic.Locked()
	if have.Exists() && !seeding {
		return nil, &kafkaclient.Error{Op: "create", Object: topicObject(want.Name), Err: ErrExists}
	}
	if err := checkReplicas(have, want); err != nil {
		return nil, err
	}
	step := Step{
		Action: ActionCreate, Topic: want.Name, Role: want.Role, To: want.partitions(), ReplicationFactor: want.ReplicationFactor,
		Set: maps.Clone(want.Config), Retention: want.retention(),
	}
	if want.SeedFrom != "" {
		step.Action, step.Source, step.Resume = ActionSeed, want.SeedFrom, seeding
	}
	if !seeding {
		return []Step{step}, nil
	}
	want.Unset = nil
	for k := range have.Topic.Config {
		if _, ok := want.Config[k]; !ok && k != KeyCleanupPolicy {
			want.Unset = append(want.Unset, k)
		}
	}
	return append(planConfig(have, want), step), nil
}

// Plan returns the steps that change an existing topic to the spec; none if nothing differs. It returns [ErrNotFound] if
// the topic does not exist, [ErrDeletionProtected] if a step would have to delete a topic that the spec protects, and
// *SpecError for what the cluster cannot do.
//
// Partitions come last, after settings and replicas: these protect the records, and a setting such as max.message.bytes may
// be what an unfinished rebuild lacks. Only a topic that a rebuild has deleted is created first.
func Plan(have State, want Spec) ([]Step, error) {
	if err := want.Validate(); err != nil {
		return nil, err
	}
	if have.Topic != nil && have.Topic.Internal {
		return nil, &SpecError{Field: "name", Reason: fmt.Sprintf("must not be %q, which is a topic of Kafka itself", want.Name)}
	}
	if !have.Exists() {
		return nil, &kafkaclient.Error{Op: "change", Object: topicObject(want.Name), Err: ErrNotFound}
	}
	if err := checkReplicas(have, want); err != nil {
		return nil, err
	}
	partitions, err := planPartitions(have, want)
	if err != nil {
		return nil, err
	}
	config, replicas := planConfig(have, want), planReplicas(have, want)
	switch {
	case have.Topic == nil:
		return slices.Concat(partitions, replicas, config), nil
	case len(replicas) > 0 && replicas[0].To < replicas[0].From:
		// Lower min.insync.replicas first. Otherwise nobody can write between the two steps.
		return slices.Concat(config, replicas, partitions), nil
	}
	return slices.Concat(replicas, config, partitions), nil
}

// checkReplicas rejects a declared replication factor that exceeds the number of live brokers, and one below
// min.insync.replicas, with which nobody could write. It ignores an existing factor that is not declared or does not
// change: a topic may have more replicas than there are live brokers at the moment.
func checkReplicas(have State, want Spec) error {
	factor, current := want.ReplicationFactor, have.DefaultReplicationFactor
	if have.Exists() {
		current = have.current().ReplicationFactor()
	}
	changes := factor > 0 && (!have.Exists() || factor != current)
	if changes && len(have.Brokers) > 0 && factor > len(have.Brokers) {
		return &SpecError{Field: "replication_factor", Reason: fmt.Sprintf("is %d, but the cluster has %s: lower the factor, or start more brokers", factor, count(len(have.Brokers), "live broker"))}
	}
	least, declared, err := inSyncReplicas(have, want)
	if err != nil || have.Exists() && !declared && factor == 0 {
		return err
	}
	field, key := "replication_factor", ""
	if factor == 0 {
		factor = current
		if declared {
			field, key = "config", keyMinInsync
		}
	}
	if factor > 0 && factor < least {
		return &SpecError{Field: field, Key: key, Reason: fmt.Sprintf("cannot be used: with replication factor %d and %s = %d, every write to the topic would fail; raise the factor or lower the setting", factor, keyMinInsync, least)}
	}
	return nil
}

// inSyncReplicas returns how many in-sync replicas a write will need, and whether the spec declares that number.
func inSyncReplicas(have State, want Spec) (least int, declared bool, err error) {
	text, declared := want.Config[keyMinInsync]
	switch {
	case declared:
		if least, err = strconv.Atoi(text); err != nil || least < 1 {
			return 0, true, &SpecError{Field: "config", Key: keyMinInsync, Reason: "must be a whole number of at least 1"}
		}
	case have.Exists() && !slices.Contains(want.Unset, keyMinInsync):
		least, _ = strconv.Atoi(have.current().Effective[keyMinInsync]) // zero if the broker has no such setting
	default:
		least = have.MinInsyncReplicas
	}
	return least, declared, nil
}

func planPartitions(have State, want Spec) ([]Step, error) {
	step := Step{
		Topic: want.Name, Role: want.Role, To: want.partitions(), Empty: have.Empty, Resume: have.Unfinished(),
		Retention: want.retention(), AllowDeletion: want.AllowDeletion, Set: want.Config,
	}
	if have.Topic != nil {
		step.From = have.Topic.Partitions()
	}
	switch {
	case have.Rebuild != nil:
		step.Action = ActionShrink
	case step.From > step.To:
		step.Action = ActionShrink
	case step.From < step.To, step.Resume:
		step.Action = ActionGrow
	default:
		return nil, nil
	}
	if step.Action == ActionShrink {
		if err := checkShrink(have, want); err != nil {
			return nil, err
		}
	}
	if step.From > step.To && !have.Empty && !want.AllowDeletion {
		return nil, &SpecError{Field: "partitions", Err: ErrDeletionProtected, Reason: fmt.Sprintf(
			"would be reduced from %d to %d: Kafka cannot remove partitions, so the topic must be deleted and created again (its records are kept)", step.From, step.To)}
	}
	return []Step{step}, nil
}

// checkShrink rejects a decrease that the brokers will refuse after it has begun.
func checkShrink(have State, want Spec) error {
	const advice = "To have fewer partitions without a deletion, create a second topic with seed_from, and switch the workers to it"
	switch {
	case have.DeletionDisabled:
		return &SpecError{Field: "partitions", Reason: "cannot be reduced: the topic must be deleted and created again (its records are kept), but the brokers have delete.topic.enable=false. " + advice}
	case have.ForeignCopy:
		return &SpecError{Field: "partitions", Reason: fmt.Sprintf("cannot be reduced: the records are copied to topic %[1]q for that time, but a topic of this name exists that this provider did not create. "+
			"If %[1]q is not needed, delete it. %[2]s", want.Name+RebuildSuffix, advice)}
	}
	return nil
}

// planConfig compares only the settings that the spec names, and the cleanup policy. It ignores settings that the lock
// has overwritten: the step that removes the lock restores them.
func planConfig(have State, want Spec) []Step {
	current, locked := have.current(), func(k string) bool {
		return have.Unfinished() && (k == KeyRetentionMs || k == KeyRetentionBytes)
	}
	step := Step{Action: ActionConfig, Topic: want.Name, Role: want.Role, Set: map[string]string{}}
	for k, v := range want.Config {
		if is, ok := current.Config[k]; !locked(k) && (!ok || !sameValue(is, v)) {
			step.Set[k] = v
		}
	}
	for _, k := range want.Unset {
		if _, ok := current.Config[k]; ok && !locked(k) {
			step.Unset = append(step.Unset, k)
		}
	}
	if !have.Unfinished() && current.Effective[KeyCleanupPolicy] != PolicyCompact {
		step.Set[KeyCleanupPolicy] = PolicyCompact
	}
	if len(step.Set)+len(step.Unset) == 0 {
		return nil
	}
	slices.Sort(step.Unset)
	return []Step{step}
}

func planReplicas(have State, want Spec) []Step {
	same := func(replicas []int32) bool { return len(replicas) == want.ReplicationFactor }
	current := have.current()
	differs := slices.IndexFunc(current.Replicas, func(r []int32) bool { return !same(r) })
	if want.ReplicationFactor == 0 || differs < 0 {
		return nil
	}
	return []Step{{Action: ActionReassign, Topic: want.Name, From: len(current.Replicas[differs]), To: want.ReplicationFactor}}
}

// sameValue compares a setting as the broker returns it with the text that was written. The broker parses values: it
// returns " 5" as 5, TRUE as true, and lists without blanks.
func sameValue(a, b string) bool {
	plain := strings.NewReplacer(" ", "", "\t", "").Replace
	return strings.EqualFold(plain(a), plain(b))
}
