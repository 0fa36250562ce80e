package internaltopic

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// The numbered steps of a rebuild, as beforeStep is told them. A process may die before any of them.
const (
	stepLock           = "lock"            // grow 1, shrink 1
	stepEnds           = "ends"            // grow 2
	stepRead           = "read"            // grow 3
	stepPartitions     = "partitions"      // grow 4
	stepWrite          = "write"           // grow 5, for each chunk; also shrink 2 and 3
	stepVerify         = "verify"          // grow 5; also shrink 2 and 3
	stepDeleteRecords  = "delete records"  // grow 6
	stepCheckStarts    = "check starts"    // grow 6
	stepUnlock         = "unlock"          // grow 7, shrink 4
	stepReadCopy       = "read copy"       // shrink, on each look at a copy
	stepDropCopy       = "drop copy"       // shrink, when the copy is not of the present content
	stepCreateCopy     = "create copy"     // shrink 2
	stepMark           = "mark"            // shrink 2
	stepLockSibling    = "lock sibling"    // shrink 1, when the rest of it is known to be needed
	stepDeleteOriginal = "delete original" // shrink 3
	stepCreate         = "create"          // shrink 3
	stepFill           = "fill"            // shrink 3
	stepDeleteCopy     = "delete copy"     // shrink 4
	stepDone           = "done"
)

const (
	tries              = 6
	tryPause           = time.Second
	defaultTransaction = 2 * time.Minute
)

// rebuild is one grow, shrink or seed step being carried out.
type rebuild struct {
	*run
	step Step
	// former holds the topic's own retention settings when they were seen before the lock overwrote them.
	former map[string]string
	// locked is set when this rebuild locked the topic, and touched when it then changed more than that.
	locked, touched bool
	// now makes copies carry the present time, for a topic that refuses old timestamps.
	now bool
	// sibling is another topic of the group that this rebuild has locked.
	sibling *Topic
}

// hold runs once while it holds the group, and again from the top after what another look gets over: requests
// of a process that died may arrive late, metadata may be old, a leader may move.
func (b *rebuild) hold(ctx context.Context, once func(context.Context) error) (err error) {
	var h *hold
	defer func() {
		err = b.settle(ctx, err)
		if h != nil {
			h.release()
		}
	}()
	for try := 1; ; try++ {
		if h == nil || h.ctx.Err() != nil {
			if h != nil {
				h.release()
				h = nil
			}
			b.report(b.step.Topic, "hold the Connect group", 0)
			if h, err = b.client.holdGroups(ctx, b.options.GroupID); err != nil {
				return err
			}
		}
		err = once(h.ctx)
		if cause := context.Cause(h.ctx); err != nil && cause != nil {
			err = errors.Join(cause, err)
		}
		b.now = b.now || errors.Is(err, kerr.InvalidTimestamp)
		if err == nil || try == tries || ctx.Err() != nil || !transient(err) {
			return err
		}
		b.report(b.step.Topic, "start again from the top", 0)
		if pauseErr := pause(ctx, tryPause); pauseErr != nil {
			return errors.Join(err, pauseErr)
		}
	}
}

// settle leaves the topic usable when the rebuild failed before it changed anything but the lock, and says what
// to do when it failed later. It runs while the group is still held.
func (b *rebuild) settle(ctx context.Context, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	if b.sibling != nil && err == nil { // else it has to keep workers away until this is finished
		if unlockErr := b.client.unlock(ctx, b.sibling.Name, retentionOf(b.sibling.Config)); unlockErr != nil {
			b.warn("Topic %q is still locked: %s. Set its cleanup.policy to compact.", b.sibling.Name, unlockErr)
		}
	}
	switch {
	case err == nil || !b.locked:
		return err
	case b.touched:
		return fmt.Errorf("%w; topic %q stays locked (%s=%s), nothing of it is lost, and applying again finishes it", err, b.step.Topic, KeyCleanupPolicy, lockedPolicy)
	}
	return errors.Join(err, b.client.unlock(ctx, b.step.Topic, b.retention()))
}

// transient errors are those that another look from the top may get over.
func transient(err error) bool {
	for _, known := range []error{
		ErrForeignWrite, errHoldLost, errStalled, errVerify, errCount, errNotYet,
		kerr.UnknownTopicOrPartition, kerr.UnknownTopicID, kerr.TopicAlreadyExists, kerr.InconsistentTopicID, kerr.InvalidTimestamp, kerr.InvalidPartitions, kerr.OffsetOutOfRange,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return kerr.IsRetriable(err)
}

// do guards a change: it is not begun without the hold, and a test may end the process before it.
func (b *rebuild) do(ctx context.Context, step string, change func() error) error {
	b.client.beforeStep(step)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return change()
}

// lock sets the policy that keeps workers away while this process may be dead.
func (b *rebuild) lock(ctx context.Context, t *Topic) error {
	if !t.Locked() {
		b.former, b.locked = retentionOf(t.Config), true
	}
	b.report(t.Name, "lock the cleanup policy", 0)
	return b.do(ctx, stepLock, func() error { return b.client.alterConfig(ctx, t.Name, locked(nil), nil) })
}

func (b *rebuild) unlock(ctx context.Context) error {
	b.report(b.step.Topic, "unlock the cleanup policy", 0)
	err := b.do(ctx, stepUnlock, func() error { return b.client.unlock(ctx, b.step.Topic, b.retention()) })
	if err == nil {
		b.locked = false
		b.client.beforeStep(stepDone)
	}
	return err
}

// retention is what to put back: the declared settings, and of the others what they were, if this process saw it.
func (b *rebuild) retention() map[string]string {
	out := maps.Clone(b.former)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, b.step.Retention)
	return out
}

func retentionOf(config map[string]string) map[string]string { return Spec{Config: config}.retention() }

// unlock puts the policy back to compact, and the retention settings to the given ones or the broker's defaults,
// in one request.
func (c *Client) unlock(ctx context.Context, name string, retention map[string]string) error {
	set := maps.Clone(retention)
	if set == nil {
		set = map[string]string{}
	}
	set[KeyCleanupPolicy] = PolicyCompact
	var unset []string
	for _, k := range []string{KeyRetentionMs, KeyRetentionBytes} {
		if _, ok := set[k]; !ok {
			unset = append(unset, k)
		}
	}
	return c.alterConfig(ctx, name, set, unset)
}

// read finds the stable end of the topic and reads everything before it.
func (b *rebuild) read(ctx context.Context, t *Topic) (spans, liveMap, error) {
	var ends spans
	err := b.do(ctx, stepEnds, func() (err error) {
		ends, err = b.client.stableSpans(ctx, t.Name, t.Partitions(), cmp.Or(b.options.TransactionWait, defaultTransaction))
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	b.report(t.Name, "read the live records", int(ends.records()))
	b.client.beforeStep(stepRead)
	live, split, err := b.client.readLive(ctx, t.Name, ends)
	if split > 0 && !b.step.Resume && !b.touched { // else these are copies that an earlier try wrote
		b.warn("Topic %q held %s in more than one partition, as a bare increase of its partitions leaves behind. For each the record in the partition that Kafka now gives it was kept, or else the newest.",
			t.Name, count(split, "key"))
	}
	return ends, live, err
}

// write produces the live map to the topic behind the given ends, and verifies it.
func (b *rebuild) write(ctx context.Context, t *Topic, before spans, live liveMap) error {
	b.report(t.Name, "write the live records", len(live))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	counts, err := b.client.writeLive(ctx, t, live, b.now)
	if err != nil {
		return err
	}
	b.report(t.Name, "verify what was written", len(live))
	return b.do(ctx, stepVerify, func() error {
		return b.client.verify(ctx, t, written{before, counts}, live)
	})
}

// mayRebuild fails when the principal lacks a permission that it will need later, as far as the broker tells.
func (b *rebuild) mayRebuild(t *Topic) error {
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
	return b.client.fail("rebuild", topicObject(t.Name), fmt.Errorf("%w: missing %s", kafkaclient.ErrUnauthorized, strings.Join(missing, ", ")))
}
