package workerconfig

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The partition counts with which a worker creates its storage topics by default.
// The count of the config topic cannot be changed.
const (
	DefaultOffsetPartitions = 25
	ConfigPartitions        = 1
	DefaultStatusPartitions = 5
)

// StorageTopic is an internal topic of a group.
type StorageTopic struct {
	// Name is the name of the topic. Required.
	Name string
	// Partitions is the partition count with which the worker creates a missing topic.
	// Nil means Kafka's default, DefaultOffsetPartitions or DefaultStatusPartitions. It
	// must be nil for the config topic.
	Partitions *int64
	// ReplicationFactor is the replication factor of a topic that the worker creates.
	// Nil means Kafka's default, 3; -1 means the broker's default.
	ReplicationFactor *int64
}

// Distributed is the configuration of all workers of one group.
type Distributed struct {
	// GroupID is the group.id. It must differ from the ids of all other groups of
	// workers and consumers on the cluster.
	GroupID string
	Worker
	// The storage topics, which all workers of the group share.
	OffsetStorage, ConfigStorage, StatusStorage StorageTopic
	// InternalTopicCreation is whether workers create missing storage topics. Nil means Kafka's default, true. Workers
	// before Kafka 4.4 always create them.
	InternalTopicCreation *bool
	// ExactlyOnceSourceSupport is disabled, preparing or enabled (KIP-618).
	ExactlyOnceSourceSupport string
	// Workers has the settings that differ from the shared ones, by worker.
	Workers map[string]Place
}

// Properties returns the configuration of the named worker, which must be one of
// Workers. The empty name returns the shared settings. If a problem is an error, the
// properties are as complete as possible but must not be used.
func (d Distributed) Properties(worker string) (Properties, Problems) {
	r := newRenderer(ModeDistributed)
	d.renderConnection(r)
	r.text("group.id", d.GroupID, "group_id")
	d.renderStorage(r)
	if d.InternalTopicCreation != nil {
		r.set(keyTopicCreation, strconv.FormatBool(*d.InternalTopicCreation), "internal_topic_creation")
	}
	d.renderConverters(r)
	d.renderPlace(r, worker)
	r.text("exactly.once.source.support", d.ExactlyOnceSourceSupport, "exactly_once_source_support")
	d.renderRest(r)
	return r.properties, r.problems
}

// keyTopicCreation is whether workers of Kafka 4.4 and later create missing storage topics.
const keyTopicCreation = "internal.topics.automatic.creation.enable"

// CreatesTopics reports whether workers of Kafka 4.4 and later create missing storage topics. Config may have the key, too.
func (d Distributed) CreatesTopics() bool {
	if d.InternalTopicCreation != nil {
		return *d.InternalTopicCreation
	}
	return !strings.EqualFold(trimAsJava(d.Config[keyTopicCreation]), "false")
}

func (d Distributed) renderPlace(r *renderer, worker string) {
	if worker == "" {
		d.Place.render(r)
		return
	}
	place, known := d.Workers[worker]
	if !known {
		r.problem(SeverityError, "", fmt.Sprintf("there is no worker %q, only %s", worker,
			strings.Join(slices.Sorted(maps.Keys(d.Workers)), ", ")), "workers")
	}
	place.withDefaults(d.Place).render(r, "workers", worker)
}

func (d Distributed) renderStorage(r *renderer) {
	d.OffsetStorage.render(r, "offset")
	d.ConfigStorage.render(r, "config")
	d.StatusStorage.render(r, "status")
	roles := map[string]string{}
	for _, topic := range []struct{ role, name string }{
		{"offset", d.OffsetStorage.Name}, {"config", d.ConfigStorage.Name}, {"status", d.StatusStorage.Name},
	} {
		if earlier, twice := roles[topic.name]; twice && topic.name != "" {
			r.problem(SeverityError, topic.role+".storage.topic",
				fmt.Sprintf("topic %q is already the %s storage topic: each role needs its own topic", topic.name, earlier), topic.role+"_storage_topic")
		}
		roles[topic.name] = topic.role
	}
}

// render renders a storage topic. It leaves out a partition count that is not declared:
// it would look like the count of the topic, which another tool may have created.
func (t StorageTopic) render(r *renderer, role string) {
	key, field := role+".storage.", role+"_storage_"
	r.text(key+"topic", t.Name, field+"topic")
	if t.Name != "" && !hasPlaceholder(t.Name) && !IsTopicName(t.Name) {
		r.problem(SeverityError, key+"topic",
			"a topic name has 1 to 249 letters, digits, dots, underscores and dashes, and must not be . or ..", field+"topic")
	}
	if role == "config" && t.Partitions != nil {
		r.problem(SeverityError, "", "the config topic has exactly one partition, which cannot be set", field+"partitions")
	} else {
		r.number(key+"partitions", t.Partitions, field+"partitions")
		r.atLeastOne(key+"partitions", t.Partitions, field+"partitions")
	}
	r.number(key+"replication.factor", t.ReplicationFactor, field+"replication_factor")
	r.atLeastOne(key+"replication.factor", t.ReplicationFactor, field+"replication_factor")
}

// atLeastOne also accepts -1, which stands for the broker's default (KIP-605).
func (r *renderer) atLeastOne(key string, value *int64, path ...string) {
	if value != nil && *value < 1 && *value != -1 {
		r.problem(SeverityError, key, key+" must be at least 1, or -1 for the broker's default", path...)
	}
}

var topicName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,249}$`)

// IsTopicName reports whether Kafka accepts name as the name of a topic.
func IsTopicName(name string) bool {
	return topicName.MatchString(name) && name != "." && name != ".."
}
