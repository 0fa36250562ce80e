package internaltopic

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// Check is a check before a change of a topic that a user can skip, because only the user can know better.
type Check string

const (
	// CheckGroup is the check that the declared group is the group of the workers that use the topic.
	CheckGroup Check = "group"
	// CheckRecords is the check that workers wrote the records of the topic.
	CheckRecords Check = "records"
	// CheckPartitions is the check that the number of partitions is not far above what workers need.
	CheckPartitions Check = "partitions"
)

// Checks returns every check that can be skipped.
func Checks() []Check { return []Check{CheckGroup, CheckPartitions, CheckRecords} }

// Check finds what would make Apply fail, without changing anything: records that the topic would reject or that no worker
// wrote, permissions that are missing, requests that the brokers refuse. It reads the records of a topic that a step
// rebuilds. Apply repeats these checks under the lock of the group. The warnings are whole sentences.
func (c *Client) Check(ctx context.Context, steps []Step, o Options) (warnings []string, err error) {
	if err := c.Connect(ctx); err != nil {
		return nil, err
	}
	a := &applier{client: c, options: o}
	settings := map[string]string{}
	for _, s := range steps {
		if s.Action == ActionConfig {
			maps.Copy(settings, s.Set)
		}
		if s.NeedsWorkersStopped() {
			if err := c.CheckGroup(ctx, cmp.Or(s.Source, s.Topic), o); err != nil {
				return nil, err
			}
		}
		if err := a.check(ctx, s, settings); err != nil {
			return nil, err
		}
	}
	return a.result.Warnings, nil
}

// Refused reports whether the brokers have answered that they will not make a change, for another reason than a missing
// permission, which can be granted until the change is made.
func Refused(err error) bool { return refused(err) && !errors.Is(err, kafkaclient.ErrUnauthorized) }

// check checks one step, with the settings that earlier steps have set by then.
func (a *applier) check(ctx context.Context, s Step, settings map[string]string) error {
	name := s.Topic
	switch {
	case s.Action == ActionSeed:
		name = s.Source
	case s.Action == ActionConfig && s.Set[KeyCleanupPolicy] == "", s.Action == ActionCreate, s.Action == ActionReassign:
		return nil
	}
	t, _, err := a.client.describe(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return nil // a copy that a rebuild left, or a source that the step reports as missing
	}
	if err != nil {
		return err
	}
	maps.Copy(t.Effective, settings)
	b := &rebuild{applier: a, step: s}
	if s.Action == ActionGrow || s.Action == ActionShrink {
		if err := b.checkPermissions(t); err != nil {
			return err
		}
	}
	ranges, err := a.client.committedRanges(ctx, t)
	if err != nil {
		return err
	}
	// A topic of another kind may be huge. Its last records show it.
	sample, err := a.client.readContent(ctx, name, ranges.last(1000))
	if err == nil {
		err = b.checkRecords(sample)
	}
	if err != nil || s.Action == ActionConfig {
		return err
	}
	read, err := a.client.readContent(ctx, name, ranges)
	if err != nil {
		return err
	}
	return b.check(ctx, t, read)
}

// check fails if the rebuild of the topic could not succeed.
func (b *rebuild) check(ctx context.Context, t *Topic, read content) error {
	if err := b.checkRecords(read); err != nil {
		return err
	}
	if b.step.Action == ActionSeed {
		return nil
	}
	if err := checkSizes(t, read.live); err != nil {
		return err
	}
	b.checkTimestamps(t, read.live)
	b.checkQuotas(ctx, read.live)
	return b.checkRequests(ctx, t)
}

// checkRecords fails if the topic holds records that no worker has written.
func (b *rebuild) checkRecords(read content) error {
	if read.keyless > 0 {
		return &SpecError{Field: "name", Reason: fmt.Sprintf("names a topic that is not an internal topic of Connect: it holds %s without a key, which a compacted topic cannot keep. Correct the name", count(read.keyless, "record"))}
	}
	if b.step.Role == "" || slices.Contains(b.options.SkipChecks, CheckRecords) {
		return nil
	}
	foreign, example := 0, ""
	for k := range read.live {
		if _, ok := connectorOf(b.step.Role, []byte(k)); !ok {
			foreign++
			example = max(example, k)
		}
	}
	if foreign == 0 {
		return nil
	}
	if len(example) > 60 {
		example = example[:60] + "…"
	}
	return &SpecError{Field: "name", Reason: fmt.Sprintf("names a topic that is not the %s topic of a Connect group: %s of %d have keys that no worker writes to such a topic, for example %q. Correct the name or the role. If the records do not matter, add %q to skip_checks",
		b.step.Role, count(foreign, "record"), len(read.live), example, CheckRecords)}
}

// checkSizes fails if a record is too large for the topic when it is written again. Workers may have written such a record
// before max.message.bytes was reduced, or with another compression.
func checkSizes(t *Topic, live liveMap) error {
	limit, codec := t.maxMessage(), t.singleCodec()
	tooLarge, largest := 0, 0
	for k := range live {
		r := live.record(t, k, false)
		if batchHeader+maxRecordSize(r) <= limit {
			continue
		}
		size, err := singleBatchSize(r, codec)
		if err != nil {
			return err
		}
		if size > limit {
			tooLarge++
			largest = max(largest, size)
		}
	}
	if tooLarge == 0 {
		return nil
	}
	return &SpecError{Field: "config", Key: keyMaxMessage, Reason: fmt.Sprintf("is %d, but %s of the topic would exceed it when written again: set it to at least %d", limit, count(tooLarge, "record"), largest)}
}

// checkTimestamps warns of records that the topic accepts only with the present time.
func (b *rebuild) checkTimestamps(t *Topic, live liveMap) {
	limit := func(keys ...string) time.Duration {
		least := time.Duration(1<<63 - 1)
		for _, k := range keys {
			if ms, err := strconv.ParseInt(t.Effective[k], 10, 64); err == nil && ms < int64(least/time.Millisecond) {
				least = time.Duration(ms) * time.Millisecond
			}
		}
		return least
	}
	if t.Effective["message.timestamp.type"] == "LogAppendTime" {
		return
	}
	before := limit("message.timestamp.before.max.ms", "message.timestamp.difference.max.ms")
	after := limit("message.timestamp.after.max.ms", "message.timestamp.difference.max.ms")
	rejected, now := 0, time.Now()
	for _, r := range live {
		if age := now.Sub(r.timestamp); age > before || -age > after {
			rejected++
		}
	}
	if rejected > 0 {
		b.presentTime = true
		b.warn("Topic %q no longer accepts the timestamps of %s (message.timestamp.before.max.ms, message.timestamp.after.max.ms). All records are written with the present time.", t.Name, count(rejected, "record"))
	}
}

// slowWrite is how long a quota may delay the writes of a rebuild without a warning.
const slowWrite = 10 * time.Second

// checkQuotas warns if a quota makes the rebuild slow. Brokers do not tell a client its quota, so it finds those that are
// set for all clients, and those that are set for its own user. A principal may not be allowed to read quotas.
func (b *rebuild) checkQuotas(ctx context.Context, live liveMap) {
	size := 0
	for k, r := range live {
		size += len(k) + len(r.value)
	}
	quotas, err := b.client.Kadm.DescribeClientQuotas(ctx, false, nil)
	if err != nil {
		return
	}
	for _, quota := range quotas {
		if !b.client.quotaApplies(quota.Entity) {
			continue
		}
		for _, v := range quota.Values {
			if v.Key == "producer_byte_rate" && v.Value > 0 && float64(size)/v.Value > slowWrite.Seconds() {
				b.warn("A quota of %.0f bytes per second (producer_byte_rate) limits the writes to topic %q. Writing its %d bytes takes at least %s.",
					v.Value, b.step.Topic, size, (time.Duration(float64(size)/v.Value) * time.Second).Round(time.Second))
			}
		}
	}
}

// quotaApplies reports whether a quota is one for all clients or for the user of this client.
func (c *Client) quotaApplies(entity kadm.ClientQuotaEntity) bool {
	return !slices.ContainsFunc(entity, func(e kadm.ClientQuotaEntityComponent) bool {
		return e.Name != nil && (e.Type != "user" || "User:"+*e.Name != c.Principal())
	})
}

// checkPermissions fails if the principal lacks a permission that the rebuild needs later, as far as the broker tells.
func (b *rebuild) checkPermissions(t *Topic) error {
	if t.allowed == nil {
		return nil
	}
	var missing []string
	for _, needed := range []kadm.ACLOperation{
		kmsg.ACLOperationAlter, kmsg.ACLOperationAlterConfigs, kmsg.ACLOperationDescribeConfigs,
		kmsg.ACLOperationDescribe, kmsg.ACLOperationRead, kmsg.ACLOperationWrite, kmsg.ACLOperationDelete,
	} {
		if !slices.Contains(t.allowed, needed) {
			missing = append(missing, needed.String())
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return b.client.fail("rebuild", topicObject(t.Name), fmt.Errorf("%w: the principal lacks %s", kafkaclient.ErrUnauthorized, strings.Join(missing, ", ")))
}

// checkRequests asks the brokers to validate the later requests of the rebuild. It finds missing permissions, policies of
// the cluster, and brokers that are too few for the replication factor.
func (b *rebuild) checkRequests(ctx context.Context, t *Topic) error {
	if err := b.client.validateAlter(ctx, t.Name, withLock(nil)); err != nil {
		return b.client.fail("alter settings of", topicObject(t.Name), err)
	}
	if b.step.To > t.Partitions() {
		return b.client.validatePartitions(ctx, t.Name, b.step.To)
	}
	if b.step.To == t.Partitions() {
		return nil
	}
	for _, name := range []string{t.Name + RebuildSuffix, t.Name} {
		err := b.client.validateCreate(ctx, name, b.step.To, t.ReplicationFactor(), b.settings(t))
		if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			return b.client.fail("create", topicObject(name), err)
		}
	}
	return b.client.checkDeletion(ctx, t.Name)
}

// checkDeletion fails if the brokers could not finish the deletion of the topic now. A controller with ZooKeeper waits until
// every broker with a replica runs. Until then nobody can create a topic of that name. Controllers with KRaft do not wait.
func (c *Client) checkDeletion(ctx context.Context, name string) error {
	t, brokers, err := c.fetchMetadata(ctx, name)
	if err != nil {
		return c.fail("describe", topicObject(name), err)
	}
	dead := slices.Compact(slices.Sorted(slices.Values(slices.Concat(t.Replicas...))))
	dead = slices.DeleteFunc(dead, func(id int32) bool {
		return slices.ContainsFunc(brokers, func(b Broker) bool { return b.ID == id })
	})
	if len(dead) == 0 {
		return nil
	}
	versions, err := c.Kadm.ApiVersions(ctx)
	if err != nil {
		return c.fail("list the API versions of", "the brokers", err)
	}
	for _, v := range versions {
		if _, kraft := v.KeyMaxVersion(kmsg.DescribeQuorum.Int16()); kraft {
			return nil
		}
	}
	return c.fail("delete", topicObject(name), fmt.Errorf("a cluster with ZooKeeper deletes a topic only while every broker with a replica runs, but broker %d does not run: start it, and apply again", dead[0]))
}

// committedRanges returns the ranges of the topic without records of open transactions.
func (c *Client) committedRanges(ctx context.Context, t *Topic) (offsetRanges, error) {
	out, err := c.listRanges(ctx, t.Name, t.Partitions())
	if err == nil {
		var stable []int64
		stable, err = listOffsets(ctx, t.Name, t.Partitions(), c.Kadm.ListCommittedOffsets)
		for p := range stable {
			out[p].to = max(out[p].from, stable[p])
		}
	}
	return out, c.fail("list the offsets of", topicObject(t.Name), err)
}

// last returns the ranges of the last n offsets of each partition.
func (r offsetRanges) last(n int64) offsetRanges {
	out := slices.Clone(r)
	for p := range out {
		out[p].from = max(out[p].from, out[p].to-n)
	}
	return out
}
