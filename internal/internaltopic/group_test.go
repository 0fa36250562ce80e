package internaltopic

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// fakeWorker is a member of a Connect group that sends no heartbeats. The broker keeps it for its session of 45 seconds.
type fakeWorker struct {
	t             *testing.T
	client        *kgo.Client
	group, member string
}

// joinAsWorker joins a new group, as a worker that runs the connectors.
func joinAsWorker(t *testing.T, bootstrap, group, url string, connectors ...string) *fakeWorker {
	t.Helper()
	return joinAs(t, bootstrap, group, connectType, url, connectors...)
}

func joinAs(t *testing.T, bootstrap, group, kind, url string, connectors ...string) *fakeWorker {
	t.Helper()
	w := &fakeWorker{t: t, client: independent(t, bootstrap), group: group}
	join := kmsg.NewPtrJoinGroupRequest()
	join.Group, join.ProtocolType, join.SessionTimeoutMillis, join.RebalanceTimeoutMillis = group, kind, 45_000, 1000
	protocol := kmsg.NewJoinGroupRequestProtocol()
	protocol.Name, protocol.Metadata = "compatible", (&kmsg.ConnectMemberMetadata{URL: url}).AppendTo(nil)
	join.Protocols = append(join.Protocols, protocol)
	resp, err := join.RequestWith(t.Context(), w.client)
	if err == nil && resp.ErrorCode == kerr.MemberIDRequired.Code {
		join.MemberID = resp.MemberID
		resp, err = join.RequestWith(t.Context(), w.client)
	}
	if err != nil || resp.ErrorCode != 0 {
		t.Fatalf("join: %v, %v", err, kerr.ErrorForCode(resp.ErrorCode))
	}
	w.member = resp.MemberID
	assigned := runs{}
	for _, c := range connectors {
		assigned[c] = []int{connectorTask, 0}
	}
	sync := kmsg.NewPtrSyncGroupRequest()
	sync.Group, sync.Generation, sync.MemberID = group, resp.Generation, w.member
	sync.ProtocolType, sync.Protocol = new(kind), new("compatible")
	sync.GroupAssignment = []kmsg.SyncGroupRequestGroupAssignment{{MemberID: w.member, MemberAssignment: assignmentText(0, assigned, nil)}}
	if synced, err := sync.RequestWith(t.Context(), w.client); err != nil || synced.ErrorCode != 0 {
		t.Fatalf("sync: %v, %+v", err, synced)
	}
	return w
}

func (w *fakeWorker) leave() {
	w.t.Helper()
	leave := kmsg.NewPtrLeaveGroupRequest()
	leave.Group, leave.MemberID = w.group, w.member
	leave.Members = []kmsg.LeaveGroupRequestMember{{MemberID: w.member}}
	if _, err := leave.RequestWith(context.WithoutCancel(w.t.Context()), w.client); err != nil {
		w.t.Errorf("leave: %v", err)
	}
}

func groupLive(err error) []string {
	var names []string
	for _, e := range liveErrors(err) {
		names = append(names, e.Group+" "+memberNames(e.Members))
	}
	return names
}

// A worker that was told to stop leaves a moment later. Rebuilds and deletions wait for that.
func TestWaitsForWorkersToLeave(t *testing.T) {
	t.Parallel()
	bootstrap, group := realBroker(t).Bootstrap(), uniqueName(t) // kfake refuses a new protocol type for an empty group
	c := newClient(t, bootstrap)
	c.leaveWait = time.Minute
	want := topicWith(t, bootstrap, group, fill{partitions: 1, keys: 10, history: 10})
	steps, err := Plan(inspect(t, bootstrap, group), Spec{Role: RoleOffset, Name: group, Partitions: 2})
	if err != nil {
		t.Fatal(err)
	}
	apply := func(o Options) error { _, err := c.Apply(t.Context(), steps, o); return err }
	waitsFor(t, bootstrap, group, Options{GroupID: group, SkipChecks: []Check{CheckRecords}}, apply)
	wantContent(t, bootstrap, group, 2, want)
	waitsFor(t, bootstrap, group, Options{GroupID: group}, func(o Options) error { return c.Delete(t.Context(), group, o) })

	_, bootstrap = fake(t) // other tests of the real broker have groups
	c = newClient(t, bootstrap)
	c.leaveWait = time.Minute
	waitsFor(t, bootstrap, "any", Options{}, func(o Options) error { return c.Delete(t.Context(), "topic", o) })
}

// The own topic of connectors is deleted while workers run, but not while one of them runs such a connector.
func TestDeletesTheTopicOfConnectors(t *testing.T) {
	t.Parallel()
	_, bootstrap := fake(t)
	c := newClient(t, bootstrap)
	worker := joinAsWorker(t, bootstrap, "group", "http://w1:8083/", "orders", "payments")
	other := joinAsWorker(t, bootstrap, "other", "http://w2:8083/", "orders")
	for name, test := range map[string]struct {
		options Options
		live    []string
	}{
		"its own connectors":           {Options{GroupID: "group", Connectors: []string{"x", "payments"}}, []string{"group http://w1:8083/"}},
		"connectors of any group":      {Options{Connectors: []string{"orders"}}, []string{"group http://w1:8083/", "other http://w2:8083/"}},
		"no connector":                 {Options{GroupID: "group"}, []string{"group http://w1:8083/"}},
		"other connectors":             {Options{GroupID: "group", Connectors: []string{"x", "order"}}, nil},
		"connectors of no group":       {Options{Connectors: []string{"x"}}, nil},
		"connectors of another group":  {Options{GroupID: "other", Connectors: []string{"payments"}}, nil},
		"connectors of a former group": {Options{GroupID: "forgotten", Connectors: []string{"payments"}}, nil},
	} {
		topicWith(t, bootstrap, "own", fill{partitions: 1})
		err := c.Delete(t.Context(), "own", test.options)
		if got := groupLive(err); !slices.Equal(got, test.live) || (err == nil) != (test.live == nil) {
			t.Errorf("%s: got %v, want an error about %q", name, err, test.live)
		}
		if err != nil && len(test.options.Connectors) > 0 && !strings.Contains(err.Error(), "with a connector that uses the topic: http://w1:8083/. The topic is used by "+strings.Join(test.options.Connectors, ", ")) {
			t.Errorf("%s: the error is %v", name, err)
		}
		if exists := inspect(t, bootstrap, "own").Exists(); exists != (err != nil) {
			t.Errorf("%s: the topic exists: %t", name, exists)
		}
		_ = c.Delete(t.Context(), "own", Options{GroupID: "forgotten"})
	}

	c.leaveWait = time.Minute
	topicWith(t, bootstrap, "own", fill{partitions: 1})
	waited := ""
	err := c.Delete(t.Context(), "own", Options{GroupID: "group", Connectors: []string{"payments"}, Progress: func(p Progress) {
		waited = p.Step
		worker.leave()
	}})
	if err != nil || waited != "wait for http://w1:8083/ to stop the connectors that use the topic" {
		t.Errorf("waited %q, got %v", waited, err)
	}
	other.leave()
}

// While a group rebalances, and for a member that cannot be read, nobody knows what a worker runs.
func TestConnectorsOfUnknownAssignments(t *testing.T) {
	t.Parallel()
	runs := Member{URL: "http://w1:8083/", Connectors: []string{"orders"}, Tasks: map[string][]int{"payments": {0}}}
	idle, unread := Member{URL: "http://w2:8083/"}, Member{ClientID: "w3"}
	all := []Member{runs, idle, unread}
	for name, test := range map[string]struct {
		state      string
		connectors []string
		want       int // members that count
	}{
		"connector":    {stateStable, []string{"orders"}, 2},
		"task":         {stateStable, []string{"payments"}, 2},
		"unread":       {stateStable, []string{"x"}, 1},
		"rebalance":    {"PreparingRebalance", []string{"x"}, 3},
		"every worker": {stateStable, nil, 3},
	} {
		live := liveErrors(checkNoWorkers([]Group{{ID: "g", State: test.state, Members: all}}, test.connectors))
		if len(live) != 1 || len(live[0].Members) != test.want {
			t.Errorf("%s: got %v, want %d members", name, live, test.want)
		}
	}
	if err := checkNoWorkers([]Group{{State: stateStable, Members: []Member{idle}}, {State: "Empty"}}, []string{"orders"}); err != nil {
		t.Errorf("got %v for workers that run nothing", err)
	}
}

// waitsFor runs the operation while a worker runs, which leaves when the progress names it.
func waitsFor(t *testing.T, bootstrap, group string, o Options, operation func(Options) error) {
	t.Helper()
	worker := joinAsWorker(t, bootstrap, group, "http://w1:8083/")
	left := false
	o.Progress = func(p Progress) {
		if p.Step == "wait for http://w1:8083/ to leave the Connect group" {
			worker.leave()
			left = true
		}
	}
	if err := operation(o); err != nil || !left {
		t.Errorf("the worker left: %t, the error is %v", left, err)
	}
}

// If no worker leaves, the error names those that run, also when the operation times out before.
func TestRefusesWhileNoWorkerLeaves(t *testing.T) {
	t.Parallel()
	_, bootstrap := fake(t)
	c := newClient(t, bootstrap)
	joinAsWorker(t, bootstrap, "group", "http://w1:8083/")
	joinAsWorker(t, bootstrap, "second", "http://w2:8083/")
	want := []string{"group http://w1:8083/"}
	_, err := c.lockGroups(t.Context(), "group", func(string) {})
	if !errors.Is(err, ErrGroupLive) || !slices.Equal(groupLive(err), want) || !strings.Contains(err.Error(), "No member has left for 100ms") {
		t.Errorf("got %v", err)
	}
	c.leaveWait = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = c.lockGroups(ctx, "group", func(string) {})
	if !errors.Is(err, ErrGroupLive) || !errors.Is(err, context.DeadlineExceeded) || !slices.Equal(groupLive(err), want) {
		t.Errorf("after the end of the context: %v", err)
	}
	if err := c.Delete(ctx, "topic", Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a deletion without time gave %v", err)
	}
	c.leaveWait = testLeaveWait
	want = append(want, "second http://w2:8083/")
	if err := c.Delete(t.Context(), "topic", Options{}); !slices.Equal(groupLive(err), want) {
		t.Errorf("a deletion without a group gave %v", err)
	}
}

// Without a declared group, every lock of a run holds the group: also after the first one, when the broker lists the group
// under another protocol type.
func TestEveryLockWithoutGroupHolds(t *testing.T) {
	t.Parallel()
	_, bootstrap := fake(t)
	joinAs(t, bootstrap, "group", lockType, "").leave() // as after a rebuild of an earlier run
	c := newClient(t, bootstrap)
	for range 2 {
		lock, err := c.lockGroups(t.Context(), "", func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		if g, err := c.Group(t.Context(), "group"); err != nil || !g.Held || len(g.Members) != 0 {
			t.Errorf("the group is %+v, %v", g, err)
		}
		lock.release()
		if _, err := c.Kadm.DeleteGroup(t.Context(), "group"); err != nil { // as a broker that forgets an empty group
			t.Fatal(err)
		}
	}
}

func listedGroups(t *testing.T, bootstrap string) []string {
	t.Helper()
	groups, err := kadm.NewClient(independent(t, bootstrap)).ListGroups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return groups.Groups()
}

// A hold of a group that does not exist leaves no group behind.
func TestHoldLeavesNoGroupBehind(t *testing.T) {
	t.Parallel()
	_, bootstrap := fake(t)
	joinAs(t, bootstrap, "known", lockType, "").leave()
	c := newClient(t, bootstrap)
	for _, id := range []string{"known", "mistyped", "mistyped"} {
		lock, err := c.lockGroups(t.Context(), id, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		lock.release()
	}
	if got := listedGroups(t, bootstrap); !slices.Equal(got, []string{"known"}) {
		t.Errorf("the broker lists %q", got)
	}
}

// While one rebuild holds its group for workers that were starting, the next one of the same process can begin. It shares
// the membership, which ends with the last of them.
func TestNextRebuildSharesTheHold(t *testing.T) {
	t.Parallel()
	_, bootstrap := fake(t)
	c := newClient(t, bootstrap)
	first, err := c.lockGroups(t.Context(), "group", func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	m := c.holds.current["group"]
	first.yield()
	second, err := c.lockGroups(t.Context(), "group", func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if c.holds.current["group"] != m {
		t.Error("the second lock joined the group again")
	}
	for _, lock := range []*groupLock{first, second} {
		if g, err := c.Group(t.Context(), "group"); err != nil || !g.Held {
			t.Errorf("the group is not held: %+v, %v", g, err)
		}
		lock.release()
	}
	if g, err := c.Group(t.Context(), "group"); err != nil || g.Held {
		t.Errorf("the group is still held: %+v, %v", g, err)
	}
}

// After the topic is unlocked, the group stays locked for workers that were starting. If the operation ends before, the
// topic is complete, and a warning says which workers to restart.
func TestGroupIsHeldForStartingWorkers(t *testing.T) {
	t.Parallel()
	_, bootstrap := fake(t)
	want := topicWith(t, bootstrap, "topic", fill{partitions: 1, keys: 10, history: 20})
	steps, err := Plan(inspect(t, bootstrap, "topic"), Spec{Role: RoleOffset, Name: "topic", Partitions: 3})
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, bootstrap)
	c.startFloor = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var held Group
	var locked bool
	o := Options{GroupID: "group", SkipChecks: []Check{CheckRecords}, Progress: func(p Progress) {
		if strings.HasPrefix(p.Step, "hold the Connect group for ") {
			held, _ = c.Group(ctx, "group")
			locked = inspect(t, bootstrap, "topic").Topic.Locked()
			cancel()
		}
	}}
	result, err := c.Apply(ctx, steps, o)
	if err != nil || !held.Held || locked {
		t.Errorf("during the hold, the topic is locked: %t, and the group is %+v; the error is %v", locked, held, err)
	}
	if all := strings.Join(result.Warnings, "\n"); !strings.Contains(all, `Topic "topic" is complete, but the Connect group was held for `) {
		t.Errorf("the warnings are %q", all)
	}
	wantContent(t, bootstrap, "topic", 3, want)
}

func TestCheckGroup(t *testing.T) {
	t.Parallel()
	_, bootstrap := fake(t)
	c := newClient(t, bootstrap)
	joinAsWorker(t, bootstrap, "stopped", "http://w0:8083/").leave()
	topicWith(t, bootstrap, "topic", fill{partitions: 1})
	producer := independent(t, bootstrap)
	err := producer.ProduceSync(t.Context(), &kgo.Record{Topic: "topic", Key: []byte(`["orders",{"filename":"/in"}]`), Value: []byte("{}")}).FirstErr()
	if err != nil {
		t.Fatal(err)
	}
	check := func(o Options, says ...string) {
		t.Helper()
		err := c.CheckGroup(t.Context(), "topic", o)
		if len(says) == 0 {
			if err != nil {
				t.Errorf("%+v: %v", o, err)
			}
			return
		}
		wrong, ok := errors.AsType[*SpecError](err)
		if !ok || wrong.Field != "group_id" || !errors.Is(err, ErrWrongGroup) {
			t.Fatalf("%+v: %v", o, err)
		}
		for _, text := range append(says, `add "group" to skip_checks`) {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%q is missing in %q", text, err)
			}
		}
	}
	check(Options{GroupID: "mistyped"}) // no group has live workers
	joinAsWorker(t, bootstrap, "idle", "http://w1:8083/")
	check(Options{GroupID: "stopped"})
	check(Options{GroupID: "idle"})
	check(Options{})
	check(Options{GroupID: "mistyped"}, `"mistyped", which the brokers do not know`, `"idle" (http://w1:8083/)`)
	check(Options{GroupID: "mistyped", SkipChecks: []Check{CheckGroup}})

	joinAsWorker(t, bootstrap, "other", "http://w2:8083/", "orders", "payments")
	check(Options{GroupID: "stopped"}, `live workers of another Connect group`, `"other" (http://w2:8083/)`, "The connectors are orders.")
	check(Options{GroupID: "other"})
	if err := c.Delete(t.Context(), "topic", Options{GroupID: "mistyped"}); !errors.Is(err, ErrWrongGroup) {
		t.Errorf("the deletion gave %v", err)
	}
	if err := c.Delete(t.Context(), "other-topic", Options{GroupID: "mistyped"}); err != nil {
		t.Errorf("the deletion of a topic that no group uses gave %v", err)
	}
	steps := []Step{{Action: ActionGrow, Topic: "topic", From: 1, To: 2}}
	if _, err := c.Apply(t.Context(), steps, Options{GroupID: "stopped"}); !errors.Is(err, ErrWrongGroup) {
		t.Errorf("the rebuild gave %v", err)
	}
}

func TestStartAllowance(t *testing.T) {
	c := &Client{startFloor: defaultStartFloor}
	for _, s := range []struct {
		size topicSize
		took time.Duration // by a worker 4.1.0 on two cores
	}{
		{topicSize{}, 1100 * time.Millisecond},
		{topicSize{1_000_000, 128_000_000}, 4600 * time.Millisecond},
		{topicSize{2_000_000, 257_000_000}, 8100 * time.Millisecond},
		{topicSize{200_000, 620_000_000}, 3600 * time.Millisecond},
		{topicSize{300_000, 39_000_000}, 5300 * time.Millisecond},      // overloaded
		{topicSize{1_500_000, 195_000_000}, 29_600 * time.Millisecond}, // overloaded
	} {
		if got := c.startAllowance(s.size); got < 2*s.took || got > 12*s.took {
			t.Errorf("%+v: the allowance is %s, a worker took %s", s.size, got, s.took)
		}
	}
}
