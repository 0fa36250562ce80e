package internaltopic

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// interceptedTimeout limits a request that cannot succeed, with its retries.
	interceptedTimeout = time.Second
	// parallelFaults is how many cases run at once. A case mostly waits.
	parallelFaults = 12

	// What the error of a failed rebuild says about the topic.
	saysUnchanged = "is unchanged and unlocked"
	saysLocked    = "stays locked"
	saysNext      = "the next apply finishes"
)

// moment is when a fault begins, and which requests meet it.
type moment struct {
	death // The step, and its occurrence. The zero step is the start of the apply.
	kind  kmsg.Key
	// after means that the fault meets the rebuild after it changed the topic, so that only another apply can finish it.
	after bool
	// wait makes the step wait for the fault, for requests that the client sends beside the steps.
	wait bool
	// survives means that a single refusal does not fail the apply.
	survives bool
}

var growMoments = []moment{
	{death: death{"", 0}, kind: kmsg.JoinGroup},
	{death: death{"", 0}, kind: kmsg.SyncGroup},
	{death: death{stepEnds, 1}, kind: kmsg.Heartbeat, wait: true, survives: true},
	{death: death{stepEnds, 1}, kind: kmsg.ListOffsets},
	{death: death{stepRead, 1}, kind: kmsg.Fetch},
	{death: death{stepCheck, 1}, kind: kmsg.IncrementalAlterConfigs},
	{death: death{stepCheck, 1}, kind: kmsg.CreatePartitions},
	{death: death{stepLock, 1}, kind: kmsg.IncrementalAlterConfigs},
	{death: death{stepLock, 1}, kind: kmsg.DescribeConfigs},
	{death: death{stepLock, 1}, kind: kmsg.ListOffsets},
	{death: death{stepRehearse, 1}, kind: kmsg.InitProducerID},
	{death: death{stepRehearse, 1}, kind: kmsg.Produce},
	{death: death{stepRehearse, 1}, kind: kmsg.DeleteRecords},
	{death: death{stepPartitions, 1}, kind: kmsg.CreatePartitions},
	{death: death{stepPartitions, 1}, kind: kmsg.Metadata, after: true},
	{death: death{stepWrite, 1}, kind: kmsg.Produce, after: true},
	{death: death{stepVerify, 1}, kind: kmsg.ListOffsets, after: true},
	{death: death{stepVerify, 1}, kind: kmsg.Fetch, after: true},
	{death: death{stepVerify, 1}, kind: kmsg.Heartbeat, after: true, wait: true, survives: true},
	{death: death{stepDeleteRecords, 1}, kind: kmsg.DeleteRecords, after: true},
	{death: death{stepCheckStarts, 1}, kind: kmsg.ListOffsets, after: true},
	{death: death{stepUnlock, 1}, kind: kmsg.IncrementalAlterConfigs, after: true},
}

var shrinkMoments = []moment{
	{death: death{"", 0}, kind: kmsg.JoinGroup},
	{death: death{stepEnds, 1}, kind: kmsg.ListOffsets},
	{death: death{stepRead, 1}, kind: kmsg.Fetch},
	{death: death{stepCheck, 1}, kind: kmsg.IncrementalAlterConfigs},
	{death: death{stepCheck, 1}, kind: kmsg.CreateTopics},
	{death: death{stepLock, 1}, kind: kmsg.IncrementalAlterConfigs},
	{death: death{stepCreateCopy, 1}, kind: kmsg.CreateTopics},
	{death: death{stepMark, 1}, kind: kmsg.Produce},
	{death: death{stepWrite, 1}, kind: kmsg.InitProducerID},
	{death: death{stepWrite, 1}, kind: kmsg.Produce},
	{death: death{stepVerify, 1}, kind: kmsg.Fetch},
	{death: death{stepVerify, 1}, kind: kmsg.Heartbeat, wait: true, survives: true},
	{death: death{stepMark, 2}, kind: kmsg.Produce},
	{death: death{stepReadCopy, 1}, kind: kmsg.Fetch},
	{death: death{stepLockOther, 1}, kind: kmsg.IncrementalAlterConfigs},
	{death: death{stepDeleteOriginal, 1}, kind: kmsg.DeleteTopics},
	{death: death{stepDeleteOriginal, 1}, kind: kmsg.Metadata, after: true},
	{death: death{stepCreate, 1}, kind: kmsg.CreateTopics, after: true},
	{death: death{stepFill, 1}, kind: kmsg.ListOffsets, after: true},
	{death: death{stepWrite, 2}, kind: kmsg.Produce, after: true},
	{death: death{stepVerify, 2}, kind: kmsg.Fetch, after: true},
	{death: death{stepDeleteCopy, 1}, kind: kmsg.DeleteTopics, after: true},
	{death: death{stepUnlock, 1}, kind: kmsg.IncrementalAlterConfigs, after: true},
}

// mode is how requests fail.
type mode struct {
	name  string
	times int // Zero: not only these requests fail.
	// refuse chooses one of the answers to the request. If it is nil, the connection breaks.
	refuse func(answers) *kerr.Error
	unsent bool // The connection breaks before the broker gets the request, not after.
	cancel bool // The context of the apply ends.
	// survives means that the apply must succeed.
	survives bool
	long     bool // It differs little from another mode.
}

var modes = []mode{
	{name: "refused once with a retriable error", times: 1, refuse: func(a answers) *kerr.Error { return a.retriable }, survives: true},
	{name: "refused once", times: 1, refuse: func(a answers) *kerr.Error { return a.final }, long: true},
	{name: "refused for ever", times: forever, refuse: func(a answers) *kerr.Error { return a.final }},
	{name: "not delivered once", times: 1, unsent: true, survives: true, long: true},
	{name: "executed, but its answer is lost", times: 1, survives: true},
	{name: "no broker is left"}, // All connections break, and no other one opens.
	{name: "the apply is cancelled", cancel: true, long: true},
}

// answers are the errors with which a broker may answer a request: one after which the client tries again, and one that
// is final.
type answers struct{ retriable, final *kerr.Error }

var answersTo = map[kmsg.Key]answers{
	kmsg.JoinGroup:               {kerr.CoordinatorNotAvailable, kerr.GroupAuthorizationFailed},
	kmsg.SyncGroup:               {kerr.CoordinatorNotAvailable, kerr.GroupAuthorizationFailed},
	kmsg.Heartbeat:               {kerr.CoordinatorLoadInProgress, kerr.UnknownMemberID},
	kmsg.Metadata:                {kerr.LeaderNotAvailable, kerr.TopicAuthorizationFailed},
	kmsg.ListOffsets:             {kerr.NotLeaderForPartition, kerr.TopicAuthorizationFailed},
	kmsg.Fetch:                   {kerr.NotLeaderForPartition, kerr.TopicAuthorizationFailed},
	kmsg.InitProducerID:          {kerr.CoordinatorLoadInProgress, kerr.ClusterAuthorizationFailed},
	kmsg.Produce:                 {kerr.NotLeaderForPartition, kerr.TopicAuthorizationFailed},
	kmsg.DeleteRecords:           {kerr.NotLeaderForPartition, kerr.TopicAuthorizationFailed},
	kmsg.DescribeConfigs:         {kerr.RequestTimedOut, kerr.TopicAuthorizationFailed},
	kmsg.IncrementalAlterConfigs: {kerr.RequestTimedOut, kerr.PolicyViolation},
	kmsg.CreatePartitions:        {kerr.RequestTimedOut, kerr.PolicyViolation},
	kmsg.CreateTopics:            {kerr.RequestTimedOut, kerr.PolicyViolation},
	kmsg.DeleteTopics:            {kerr.RequestTimedOut, kerr.ClusterAuthorizationFailed},
}

// faultCase is a change of a topic that meets a fault.
type faultCase struct {
	moment
	mode
	from, to int
}

func (f faultCase) String() string {
	verb := "grow"
	if f.from > f.to {
		verb = "shrink"
	}
	step := cmp.Or(f.before, "start")
	if f.at > 1 {
		step = fmt.Sprintf("%s %d", step, f.at)
	}
	if f.times == 0 {
		return fmt.Sprintf("%s, %s: %s", verb, step, f.name)
	}
	return fmt.Sprintf("%s, %s: %s %s", verb, step, f.kind.Name(), f.name)
}

// faultCases returns every moment with every mode. The short list leaves out what differs little from another mode, and
// what takes half a minute, because the client polls.
func faultCases(long bool) []faultCase {
	var cases []faultCase
	for _, m := range modes {
		for _, at := range growMoments {
			cases = append(cases, faultCase{at, m, 3, 7})
		}
		for _, at := range shrinkMoments {
			cases = append(cases, faultCase{at, m, 7, 3})
		}
	}
	seen := map[string]bool{}
	cases = slices.DeleteFunc(cases, func(f faultCase) bool {
		known := seen[f.String()] // without a broker, the kind of the request does not matter
		seen[f.String()] = true
		return known || f.times == 0 && f.wait || !long && (f.long || f.takesLong())
	})
	slices.SortStableFunc(cases, func(a, b faultCase) int { return b.rank() - a.rank() })
	return cases
}

// takesLong reports whether the client polls for half a minute until it gives up.
func (f faultCase) takesLong() bool {
	return f.times == 0 && !f.cancel
}

// rank is greater for cases that have to begin early.
func (f faultCase) rank() int {
	if f.takesLong() {
		return 1
	}
	return 0
}

// A rebuild that fails before its point of no return leaves the topic as it was, unlocked and without a copy, so that
// workers can start. One that fails later leaves it locked, and the next apply finishes it. Both say so.
func TestNoFailureStrandsATopic(t *testing.T) {
	t.Parallel()
	bootstrap := realBroker(t).Bootstrap()
	cases := make(chan faultCase)
	var running sync.WaitGroup
	for range parallelFaults {
		running.Go(func() {
			for f := range cases {
				t.Run(f.String(), func(t *testing.T) { f.run(t, bootstrap) })
			}
		})
	}
	for _, f := range faultCases(thorough()) {
		cases <- f
	}
	close(cases)
	running.Wait()
}

// run changes a topic under a fault, checks it, and changes it again without the fault.
func (f faultCase) run(t *testing.T, bootstrap string) {
	name := fmt.Sprintf("fault-%d", topicNumber.Add(1))
	want := topicWith(t, bootstrap, name, fill{
		partitions: f.from, keys: 40, history: 100, txnEvery: 25, config: map[string]string{KeyRetentionMs: "3600000"},
	})
	topicWith(t, bootstrap, name+"-other", fill{partitions: 1, keys: 1, history: 1})
	o := orders{
		Spec:    Spec{Role: RoleOffset, Name: name, Partitions: f.to, AllowDeletion: true, Config: map[string]string{KeyRetentionMs: "3600000"}},
		GroupID: "group-of-" + name, OtherStorageTopics: []string{name + "-other"},
	}
	_ = f.applyAndCheck(t, bootstrap, o, want)
	if err := converge(t.Context(), newClient(t, bootstrap), o); err != nil {
		t.Fatalf("the next apply failed, too: %v", err)
	}
	wantContent(t, bootstrap, name, f.to, want)
	if got := inspect(t, bootstrap, name).Topic.Config; got[KeyRetentionMs] != "3600000" || got[KeyRetentionBytes] != "" {
		t.Errorf("the next apply left the settings %v", got)
	}
	o.Spec = Spec{Role: RoleOffset, Name: name + "-other", Partitions: 1}
	if err := converge(t.Context(), newClient(t, bootstrap), o); err != nil {
		t.Errorf("the apply of the other topic failed: %v", err)
	}
	if inspect(t, bootstrap, o.Spec.Name).Unfinished() {
		t.Error("the other topic is still locked")
	}
}

// applyAndCheck applies under the fault, and looks at the topic after that.
func (f faultCase) applyAndCheck(t *testing.T, bootstrap string, o orders, want map[string]string) error {
	t.Helper()
	original := inspect(t, bootstrap, o.Spec.Name).Topic
	wasLocked, err := f.apply(t, bootstrap, o)
	switch {
	case err == nil && f.times == forever:
		t.Error("the apply succeeded, although the requests failed")
	case err == nil:
		wantContent(t, bootstrap, o.Spec.Name, f.to, want)
	case f.mode.survives, f.moment.survives && f.times == 1:
		t.Errorf("the apply did not survive: %v", err)
	case f.after:
		wantLockedOrFinished(t, bootstrap, o.Spec.Name, f.to, want, err)
	default:
		f.checkUnchanged(t, bootstrap, original, want, err, wasLocked)
		for _, other := range o.OtherStorageTopics {
			if !f.cannotUnlock() && inspect(t, bootstrap, other).Unfinished() {
				t.Errorf("topic %s is still locked", other)
			}
		}
	}
	return err
}

// apply applies under the fault. It returns whether the topic was ever locked, and the error of the apply.
func (f faultCase) apply(t *testing.T, bootstrap string, o orders) (locked bool, failed error) {
	t.Helper()
	c, i := intercepted(t, bootstrap)
	have, err := c.Inspect(t.Context(), o.Spec.Name)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := Plan(have, o.Spec)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := 0
	c.beforeStep = func(step string) {
		if step != f.before {
			return
		}
		seen++
		if seen == f.at {
			f.begin(i, cancel)
		}
		if err := f.await(t.Context(), c, i, seen, o.GroupID); err != nil {
			t.Errorf("wait before %s: %v", step, err)
		}
	}
	if f.before == "" {
		f.begin(i, cancel)
	}
	began := time.Now()
	_, err = c.Apply(ctx, steps, Options{GroupID: o.GroupID, OtherStorageTopics: o.OtherStorageTopics, TransactionWait: time.Second, SkipChecks: []Check{CheckGroup}})
	t.Logf("after %s, and %d requests that met the fault: %v", time.Since(began).Round(time.Millisecond), i.meetings(), err)
	if i.meetings() == 0 {
		t.Error("no request met the fault")
	}
	return i.altered(), err
}

// await waits for the fault if the step has to. A fault that lasts ends the lock of the group in every attempt, so that no
// attempt gets further.
func (f faultCase) await(ctx context.Context, c *Client, i *interceptor, seen int, group string) error {
	return poll(ctx, time.Minute, func(context.Context) (bool, error) {
		switch {
		case !f.wait || seen < f.at:
			return true, nil
		case f.times == forever:
			return !c.holds.has(group), nil
		default:
			return i.meetings() > 0, nil
		}
	})
}

// has reports whether the client is a member of the group.
func (h *holds) has(group string) bool {
	h.Lock()
	defer h.Unlock()
	m := h.current[group]
	return m != nil && m.ctx.Err() == nil
}

// begin makes the requests fail from now on.
func (f faultCase) begin(i *interceptor, cancel func()) {
	switch {
	case f.cancel:
		i.count()
		cancel()
	case f.times == 0:
		i.cut()
	default:
		armed := fault{kind: f.kind, times: f.times, unsent: f.unsent}
		if f.refuse != nil {
			armed.refuse = f.refuse(answersTo[f.kind])
		}
		i.arm(armed)
	}
}

// wantLockedOrFinished checks a topic that was changed, and the error of the apply that did not finish.
func wantLockedOrFinished(t *testing.T, bootstrap, topic string, partitions int, want map[string]string, err error) {
	t.Helper()
	if !inspect(t, bootstrap, topic).Unfinished() { // the unlock was executed, and then its answer was lost
		wantContent(t, bootstrap, topic, partitions, want)
	}
	for _, says := range []string{saysLocked, saysNext} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("the error does not say %q: %v", says, err)
		}
	}
}

// checkUnchanged checks that the topic is the original one with its records, that workers can start with it, and that
// the error tells that. If the fault also meets the requests that unlock, the topic may stay locked, and the error must tell that.
func (f faultCase) checkUnchanged(t *testing.T, bootstrap string, original *Topic, want map[string]string, err error, wasLocked bool) {
	t.Helper()
	state := inspect(t, bootstrap, original.Name)
	switch now := state.Topic; {
	case now == nil || now.ID != original.ID:
		t.Errorf("the topic was deleted: %v", err)
		return
	case now.Partitions() != f.from:
		t.Errorf("the topic has %d partitions instead of %d: %v", now.Partitions(), f.from, err)
		return
	}
	if got := contentOf(t, bootstrap, original.Name); !maps.Equal(got, want) {
		t.Errorf("the topic holds %d keys that are not the %d from before", len(got), len(want))
	}
	says := strings.Contains(err.Error(), saysUnchanged)
	if f.cannotUnlock() {
		if state.Topic.Locked() && (says || !strings.Contains(err.Error(), "locked")) {
			t.Errorf("the topic is locked, but the error does not say so: %v", err)
		}
		return
	}
	if !maps.Equal(state.Topic.Config, original.Config) {
		t.Errorf("the settings are %v, not %v", state.Topic.Config, original.Config)
	}
	// After the lock of the group was lost, another process may use the copy.
	if state.Rebuild != nil && f.kind != kmsg.Heartbeat {
		t.Error("a copy was left")
	}
	if wasLocked && !says {
		t.Errorf("the error does not say that the topic %s: %v", saysUnchanged, err)
	}
}

// cannotUnlock reports whether the fault lasts, and also meets the requests that unlock the topic and delete its copy.
func (f faultCase) cannotUnlock() bool {
	return f.times == 0 && !f.cancel || f.times == forever &&
		slices.Contains([]kmsg.Key{kmsg.IncrementalAlterConfigs, kmsg.DescribeConfigs, kmsg.Metadata, kmsg.DeleteTopics}, f.kind)
}
