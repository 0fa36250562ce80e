package internaltopic

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// The steps of a rebuild as Client.beforeStep receives them. The process may die before any of them.
const (
	stepEnds           = "ends"
	stepRead           = "read"
	stepCheck          = "check"
	stepLock           = "lock"
	stepRehearse       = "rehearse"   // grow only
	stepPartitions     = "partitions" // grow only
	stepWrite          = "write"      // for each chunk
	stepVerify         = "verify"
	stepDeleteRecords  = "delete records"  // grow and seed
	stepCheckStarts    = "check starts"    // grow and seed
	stepReadCopy       = "read copy"       // shrink, each time that the copy is read
	stepDropCopy       = "drop copy"       // shrink, if the copy is outdated
	stepCreateCopy     = "create copy"     // shrink
	stepMark           = "mark"            // shrink, twice: when the copy is created and when it is complete
	stepLockOther      = "lock other"      // shrink
	stepDeleteOriginal = "delete original" // shrink
	stepCreate         = "create"          // shrink and seed
	stepFill           = "fill"            // shrink
	stepDeleteCopy     = "delete copy"     // shrink
	stepUnlock         = "unlock"
	stepDone           = "done"
)

const (
	maxAttempts        = 6
	attemptPause       = time.Second
	defaultTransaction = 2 * time.Minute
)

// rebuild executes one grow, shrink or seed step.
type rebuild struct {
	*applier
	step Step
	// previous holds the topic's own retention settings, read before the lock overwrote them.
	previous map[string]string
	// locked means that the topic carries the lock.
	locked bool
	// found means that an earlier process locked the topic, and may have changed it.
	found bool
	// changed means that a worker could not use the topic as it is: its records may be in wrong partitions, or the topic
	// may be deleted. It must stay locked until the rebuild is finished. A topic that was found locked counts as changed
	// until its content shows otherwise.
	changed bool
	// committed means that this process has passed the point of no return: it added the partitions or deleted the topic.
	committed bool
	// presentTime makes written records carry the present time, for a topic that rejects old timestamps.
	presentTime bool
	// other is another storage topic of the group that this process locked.
	other *Topic
	// copied is the copy that this process created.
	copied *Topic
	// lockedAt is when this process locked the topic, and size is what a worker had to read from it then.
	lockedAt time.Time
	size     topicSize
}

// withGroupLock runs attempt while the client holds the group lock. It repeats attempt from the start after transient
// errors: a request of a dead process can arrive late, metadata can be outdated, a leader can move.
func (b *rebuild) withGroupLock(ctx context.Context, attempt func(context.Context) error) (err error) {
	var lock *groupLock
	defer func() {
		if err != nil && lock != nil && errors.Is(context.Cause(lock.ctx), errLockLost) {
			lock.release()
			lock = nil
		}
		err = b.cleanUp(ctx, lock != nil, err)
		if lock == nil {
			return
		}
		if err == nil && b.changed && b.step.Action != ActionSeed {
			b.outlastStarts(lock)
		}
		lock.release()
	}()
	if err := b.client.CheckGroup(ctx, cmp.Or(b.step.Source, b.step.Topic), b.options); err != nil {
		return err
	}
	for n := 1; ; n++ {
		if lock == nil || lock.ctx.Err() != nil {
			if lock != nil {
				lock.release()
				lock = nil
			}
			b.report(b.step.Topic, "lock the Connect group", 0)
			if lock, err = b.client.lockGroups(ctx, b.options.GroupID, func(step string) { b.report(b.step.Topic, step, 0) }); err != nil {
				return err
			}
		}
		err = attempt(lock.ctx)
		if cause := context.Cause(lock.ctx); err != nil && cause != nil {
			err = errors.Join(cause, err)
		}
		b.presentTime = b.presentTime || errors.Is(err, kerr.InvalidTimestamp)
		if err == nil || n == maxAttempts || ctx.Err() != nil || !transient(err) {
			return err
		}
		b.report(b.step.Topic, "start again after an error", 0)
		if sleepErr := sleep(ctx, attemptPause); sleepErr != nil {
			return errors.Join(err, sleepErr)
		}
	}
}

// cleanUp undoes a rebuild that failed before the point of no return: it unlocks the topic and deletes the copy. After
// that point the locks have to keep workers away until the next apply has finished the rebuild. cleanUp also runs
// after ctx has ended. The returned error says which of the two happened.
//
// With alone, the group is still locked. Otherwise another process may use the copy, and rely on the lock of the topic.
func (b *rebuild) cleanUp(ctx context.Context, alone bool, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), metadataTimeout)
	defer cancel()
	switch {
	case err != nil && b.changed:
		return &RebuildError{Topic: b.step.Topic, Locked: true, Err: errors.Join(err, b.relock(ctx))}
	case err != nil && b.locked && !alone && b.groupHeld(ctx):
		return &RebuildError{Topic: b.step.Topic, Locked: true, Err: err}
	}
	if b.other != nil {
		if unlockErr := b.client.removeLock(ctx, b.other.Name, retentionOf(b.other.Config)); unlockErr != nil {
			b.warn("Topic %q may still be locked: %s. If it is, set its cleanup.policy to compact.", b.other.Name, unlockErr)
		}
	}
	if err == nil || !b.locked {
		return err
	}
	if unlockErr := b.client.removeLock(ctx, b.step.Topic, b.retention()); unlockErr != nil {
		return &RebuildError{Topic: b.step.Topic, Locked: true, Err: errors.Join(err, unlockErr)}
	}
	if b.step.Action == ActionShrink && alone {
		if dropErr := b.deleteCopy(ctx); dropErr != nil {
			b.warn("The unfinished copy %q was not deleted: %s. The next apply deletes it.", b.step.Topic+RebuildSuffix, dropErr)
		}
	}
	return &RebuildError{Topic: b.step.Topic, Err: err}
}

// relock sets the lock of a changed topic again if it is gone. It marks the rebuild as unfinished.
func (b *rebuild) relock(ctx context.Context) error {
	t, _, err := b.client.describe(ctx, b.step.Topic)
	if err != nil || t.Locked() {
		return nil //nolint:nilerr // the topic is deleted, or cannot be read: then the lock that was set is likely to be there
	}
	return b.client.alterConfig(ctx, t.Name, withLock(nil), nil)
}

// groupHeld reports whether another process holds the group, or may hold it.
func (b *rebuild) groupHeld(ctx context.Context) bool {
	groups, err := b.client.groupsOf(ctx, b.options.GroupID)
	return err != nil || slices.ContainsFunc(groups, func(g Group) bool { return g.Held })
}

// deleteCopy deletes the copy. One that this process created needs no check.
func (b *rebuild) deleteCopy(ctx context.Context) error {
	if b.copied != nil {
		return b.client.deleteByID(ctx, b.copied)
	}
	return b.client.deleteCopy(ctx, b.step.Topic)
}

// refused reports whether the broker has answered that it will not carry out a request. After another error, a request may
// still take effect.
func refused(err error) bool {
	answer, ok := errors.AsType[*kerr.Error](err)
	return ok && !errors.Is(err, errLockLost) && !answer.Retriable && !errors.Is(err, kerr.UnknownServerError) && !errors.Is(err, kerr.InvalidPartitions)
}

// passPointOfNoReturn makes the change after which the topic must stay locked until the rebuild is finished.
func (b *rebuild) passPointOfNoReturn(ctx context.Context, step string, change func() error) error {
	return b.guard(ctx, step, func() error {
		changed, committed := b.changed, b.committed
		b.changed, b.committed = true, true
		err := change()
		if refused(err) {
			b.changed, b.committed = changed, committed
		}
		return err
	})
}

// transient reports whether another attempt can succeed.
func transient(err error) bool {
	for _, known := range []error{
		ErrForeignWrite, errLockLost, errStalled, errVerify, errCount, errTimeout, errOutdated,
		kerr.UnknownTopicOrPartition, kerr.UnknownTopicID, kerr.TopicAlreadyExists, kerr.InconsistentTopicID, kerr.InvalidTimestamp, kerr.InvalidPartitions, kerr.OffsetOutOfRange,
		kerr.MessageTooLarge, // the size was checked, so the leader may still have the previous max.message.bytes
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return kerr.IsRetriable(err) || lostConnection(err)
}

// guard runs a change unless ctx has ended, which it does when the group lock is lost.
func (b *rebuild) guard(ctx context.Context, step string, change func() error) error {
	b.client.beforeStep(step)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return change()
}

// noteLock notes that an earlier process has left the topic locked, perhaps with records in wrong partitions.
func (b *rebuild) noteLock(t *Topic) {
	if t.Locked() && !b.locked {
		b.locked, b.found, b.changed = true, true, !t.lockedForSibling()
	}
}

// lockTopic sets the cleanup policy with which workers refuse to start, even if this process dies. It then checks that
// nobody has written to the topic since it was read.
func (b *rebuild) lockTopic(ctx context.Context, t *Topic, read offsetRanges) error {
	b.report(t.Name, "lock the cleanup policy", 0)
	err := b.guard(ctx, stepLock, func() error {
		if !t.Locked() {
			b.previous, b.locked = retentionOf(t.Config), true
		}
		return b.client.alterConfig(ctx, t.Name, withLock(nil), nil)
	})
	if err != nil {
		return err
	}
	if !t.Locked() {
		b.lockedAt = time.Now()
	}
	return b.checkUnchanged(ctx, t, read)
}

// unlockTopic restores the cleanup policy and retention of the rebuilt topic.
func (b *rebuild) unlockTopic(ctx context.Context) error {
	b.report(b.step.Topic, "unlock the cleanup policy", 0)
	err := b.guard(ctx, stepUnlock, func() error { return b.client.removeLock(ctx, b.step.Topic, b.retention()) })
	if err == nil {
		b.locked = false
		b.client.beforeStep(stepDone)
	}
	return err
}

// retention returns the retention settings to restore: the declared ones, and the previous ones if they are known.
func (b *rebuild) retention() map[string]string {
	out := map[string]string{}
	maps.Copy(out, b.previous)
	maps.Copy(out, b.step.Retention)
	return out
}

func retentionOf(config map[string]string) map[string]string { return Spec{Config: config}.retention() }

// removeLock sets the cleanup policy to compact, and the retention settings to the given ones or the broker's defaults,
// in one request.
func (c *Client) removeLock(ctx context.Context, name string, retention map[string]string) error {
	set := map[string]string{}
	maps.Copy(set, retention)
	set[KeyCleanupPolicy] = PolicyCompact
	var unset []string
	for _, k := range []string{KeyRetentionMs, KeyRetentionBytes} {
		if _, ok := set[k]; !ok {
			unset = append(unset, k)
		}
	}
	return c.alterConfig(ctx, name, set, unset)
}

// readContent reads the topic, after waiting for open transactions.
func (b *rebuild) readContent(ctx context.Context, t *Topic) (content, error) {
	var ranges offsetRanges
	err := b.guard(ctx, stepEnds, func() (err error) {
		ranges, err = b.client.stableRanges(ctx, t.Name, t.Partitions(), cmp.Or(b.options.TransactionWait, defaultTransaction))
		return err
	})
	if err != nil {
		return content{}, err
	}
	b.report(t.Name, "read the live records", int(ranges.offsets()))
	b.client.beforeStep(stepRead)
	return b.client.readContent(ctx, t.Name, ranges)
}

// readOriginal reads the topic that is to be rebuilt, checks that the rebuild can succeed, and locks the topic.
func (b *rebuild) readOriginal(ctx context.Context, t *Topic) (content, error) {
	b.noteLock(t)
	if err := b.checkPermissions(t); err != nil {
		return content{}, err
	}
	read, err := b.readContent(ctx, t)
	if err != nil {
		return content{}, err
	}
	if !b.committed {
		b.size = read.size
	}
	b.changed = b.committed || b.found && !read.inPlace() && !t.lockedForSibling()
	if read.split > 0 && !b.step.Resume && !b.committed { // otherwise an earlier attempt wrote the second records
		b.warn("Topic %q held %s in more than one partition, probably because its partition count was increased without a rebuild. For each key, the newest record was kept.",
			t.Name, count(read.split, "key"))
	}
	b.client.beforeStep(stepCheck)
	if err := b.check(ctx, t, read); err != nil {
		return content{}, err
	}
	return read, b.lockTopic(ctx, t, read.ranges)
}

// writeContent writes the live records after the given ranges, and verifies them.
func (b *rebuild) writeContent(ctx context.Context, t *Topic, before offsetRanges, live liveMap) error {
	b.report(t.Name, "write the live records", len(live))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	counts, err := b.client.writeLive(ctx, t, live, b.presentTime)
	if err != nil {
		return err
	}
	b.report(t.Name, "verify what was written", len(live))
	return b.guard(ctx, stepVerify, func() error { return b.client.verify(ctx, t, before, counts, live) })
}

// checkUnchanged fails if a record was added to the topic since it was read.
func (b *rebuild) checkUnchanged(ctx context.Context, t *Topic, read offsetRanges) error {
	now, err := b.client.stableRanges(ctx, t.Name, t.Partitions(), verifyWait)
	if err != nil {
		return err
	}
	for p := range now {
		if now[p].to != read[p].to {
			return b.client.fail("copy", topicObject(t.Name), fmt.Errorf("%w: partition %d ends at %d, not %d", ErrForeignWrite, p, now[p].to, read[p].to))
		}
	}
	return nil
}

// grow adds partitions in place, or finishes that. It always starts from the top: an attempt that died may have written
// records twice, which does not change the live map, and it deleted only records that it had verified elsewhere.
func (b *rebuild) grow(ctx context.Context) error {
	t, _, err := b.client.describe(ctx, b.step.Topic)
	if err != nil {
		return err
	}
	switch {
	case t.Partitions() == b.step.To && !t.Locked():
		return nil
	case t.Partitions() > b.step.To:
		return fmt.Errorf("topic %q now has %s, which differs from the plan: run terraform apply again", t.Name, count(t.Partitions(), "partition"))
	}
	if t.Partitions() == b.step.To && t.lockedForSibling() {
		b.noteLock(t)
		return b.unlockTopic(ctx)
	}
	read, err := b.readOriginal(ctx, t)
	if err != nil {
		return err
	}
	if t.Partitions() == b.step.To && read.inPlace() {
		return b.unlockTopic(ctx) // an earlier rebuild ended before it changed anything, or after it had changed everything
	}
	before := read.ranges
	if t.Partitions() < b.step.To {
		if before, err = b.rehearse(ctx, t, read); err != nil {
			return err
		}
	}
	if t, err = b.growTo(ctx, t); err != nil {
		return err
	}
	if err := b.writeContent(ctx, t, before, read.live); err != nil {
		return err
	}
	b.report(t.Name, "delete the previous records", int(before.offsets()))
	err = b.guard(ctx, stepDeleteRecords, func() error { return b.client.deleteBefore(ctx, t, before) })
	if err != nil {
		return err
	}
	if t.ReplicationFactor() == 1 && before.offsets() > 0 {
		// Brokers write log start offsets to disk once a minute.
		b.warn("Topic %q has one replica: if its broker crashes within the next minute, deleted records may reappear beside the new ones. Keep the broker running for one minute.", t.Name)
	}
	return b.unlockTopic(ctx)
}

// rehearse does, without an effect, what the broker could refuse after partitions were added. It writes the largest, the
// oldest and the newest live record again, to the present partitions of their keys, and deletes no record. It returns the
// ranges of the topic, to which these records belong.
func (b *rebuild) rehearse(ctx context.Context, t *Topic, read content) (offsetRanges, error) {
	keys := read.live.extremes()
	if len(keys) == 0 {
		return read.ranges, nil
	}
	b.report(t.Name, "check that the broker accepts the records", len(keys))
	counts := make([]int64, t.Partitions())
	err := b.guard(ctx, stepRehearse, func() error {
		w, err := b.client.newWriter(t)
		if err != nil {
			return err
		}
		defer w.close()
		for _, k := range keys {
			r := read.live.record(t, k, b.presentTime)
			counts[r.Partition]++
			if err := w.write(ctx, r); err != nil {
				return err
			}
		}
		return b.client.deleteRecords(ctx, t, read.ranges, func(r offsetRange) int64 { return r.from })
	})
	if err != nil {
		return nil, err
	}
	now, err := b.client.stableRanges(ctx, t.Name, t.Partitions(), verifyWait)
	if err != nil {
		return nil, err
	}
	if err := checkGrowth(read.ranges, now, counts); err != nil {
		return nil, b.client.fail("rebuild", topicObject(t.Name), err)
	}
	return now, nil
}

// growTo adds the missing partitions and returns the topic as it is then.
func (b *rebuild) growTo(ctx context.Context, t *Topic) (*Topic, error) {
	if t.Partitions() < b.step.To {
		b.report(t.Name, "add partitions", 0)
		err := b.passPointOfNoReturn(ctx, stepPartitions, func() error { return b.client.addPartitions(ctx, t.Name, b.step.To) })
		if err == nil {
			err = b.client.waitPartitions(ctx, t.Name, b.step.To)
		}
		if err != nil {
			return nil, err
		}
	}
	grown, _, err := b.client.describe(ctx, t.Name)
	switch {
	case err != nil:
		return nil, err
	case grown.ID != t.ID:
		return nil, fmt.Errorf("%w: topic %q was deleted and created again", ErrForeignWrite, t.Name)
	case grown.Partitions() != b.step.To:
		return nil, errors.Join(errCount, fmt.Errorf("topic %q has %d partitions", t.Name, grown.Partitions()))
	}
	return grown, nil
}
