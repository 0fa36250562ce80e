package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestSeedTakesTheContentOver(t *testing.T) {
	t.Parallel()
	bootstrap := realBroker(t).Bootstrap()
	source := uniqueName(t)
	want := topicWith(t, bootstrap, source, fill{partitions: 25, keys: 500, history: 3000, txnEvery: 100})
	o := orders{
		Bootstrap: bootstrap, Create: true, GroupID: "group-of-" + source,
		Spec: Spec{Role: RoleOffset, Name: uniqueName(t), Partitions: 7, SeedFrom: source, Config: map[string]string{"retention.ms": "1000", "segment.bytes": "1048576"}},
	}
	for _, d := range []death{{stepWrite, 1}, {stepVerify, 1}, {stepUnlock, 1}} {
		o.DieBefore, o.DieAt = d.before, d.at
		if _, killed := runChild(t, o); !killed {
			t.Fatalf("the child was never before %s", d.before)
		}
	}
	o.DieBefore = ""
	runChild(t, o)
	wantContent(t, bootstrap, o.Spec.Name, 7, want)
	wantContent(t, bootstrap, source, 25, want)
	got := inspect(t, bootstrap, o.Spec.Name).Topic.Config
	if got["retention.ms"] != "1000" || got["segment.bytes"] != "1048576" || got["retention.bytes"] != "" {
		t.Errorf("the settings are %v", got)
	}
	_, err := newClient(t, bootstrap).Inspect(t.Context(), o.Spec.Name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := PlanCreate(inspect(t, bootstrap, o.Spec.Name), o.Spec); !errors.Is(err, ErrExists) {
		t.Errorf("creating it again gave %v", err)
	}
}

func TestOpenTransactionIsWaitedForAndNamed(t *testing.T) {
	t.Parallel()
	bootstrap := realBroker(t).Bootstrap()
	topic := uniqueName(t)
	want := topicWith(t, bootstrap, topic, fill{partitions: 1, keys: 50, history: 200, txnEvery: 20})
	producer := independent(t, bootstrap, kgo.TransactionalID("open-"+topic), kgo.TransactionTimeout(10*time.Second), kgo.DefaultProduceTopic(topic))
	if err := producer.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := producer.ProduceSync(t.Context(), kgo.KeySliceRecord([]byte("uncommitted"), []byte("x"))).FirstErr(); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, bootstrap)
	if _, _, err := c.connectorsIn(t.Context(), topic); err != nil { // which a plan does for other groups with connectors
		t.Errorf("the plan waits for an open transaction: %v", err)
	}
	have, err := c.Inspect(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := Plan(have, Spec{Role: RoleOffset, Name: topic, Partitions: 4})
	if err != nil {
		t.Fatal(err)
	}
	options := Options{GroupID: "group-of-" + topic, SkipChecks: []Check{CheckGroup}, TransactionWait: time.Second}
	_, err = c.Apply(t.Context(), steps, options)
	if !errors.Is(err, ErrOpenTransaction) || !strings.Contains(err.Error(), "producer id") {
		t.Fatalf("with an open transaction the growth gave %v", err)
	}
	if inspect(t, bootstrap, topic).Unfinished() {
		t.Error("the growth that could not begin left its lock")
	}
	// The broker aborts the transaction when its time is up.
	options.TransactionWait = time.Minute
	if _, err := c.Apply(t.Context(), steps, options); err != nil {
		t.Fatal(err)
	}
	wantContent(t, bootstrap, topic, 4, want)
}

func TestBareIncreaseIsRepaired(t *testing.T) {
	t.Parallel()
	bootstrap := realBroker(t).Bootstrap()
	topic := uniqueName(t)
	want := topicWith(t, bootstrap, topic, fill{partitions: 1, keys: 100, history: 100})
	if err := errors.Join(newClient(t, bootstrap).addPartitions(t.Context(), topic, 5), newClient(t, bootstrap).waitPartitions(t.Context(), topic, 5)); err != nil {
		t.Fatal(err)
	}
	producer := independent(t, bootstrap, kgo.DefaultProduceTopic(topic))
	for k := range want {
		want[k] = "newer"
		if err := producer.ProduceSync(t.Context(), kgo.KeySliceRecord([]byte(k), []byte("newer"))).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	c := newClient(t, bootstrap)
	steps, err := Plan(inspect(t, bootstrap, topic), Spec{Role: RoleOffset, Name: topic, Partitions: 9})
	if err != nil {
		t.Fatal(err)
	}
	result, err := c.Apply(t.Context(), steps, Options{GroupID: "group-of-" + topic, SkipChecks: []Check{CheckGroup}})
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, bootstrap, topic, 9, want)
	if !strings.Contains(fmt.Sprint(result.Warnings), "in more than one partition") {
		t.Errorf("the warnings are %q", result.Warnings)
	}
}

func TestWorkerThatStartsInTheGapCostsNothing(t *testing.T) {
	t.Parallel()
	bootstrap := realBroker(t).Bootstrap()
	topic := uniqueName(t)
	want := topicWith(t, bootstrap, topic, fill{partitions: 6, keys: 300, history: 900})
	c := newClient(t, bootstrap)
	admin := kadm.NewClient(independent(t, bootstrap))
	created := false
	c.beforeStep = func(step string) {
		if step == stepCreate && !created { // as a worker does that finds its topic missing
			created = true
			if _, err := admin.CreateTopic(t.Context(), 25, 1, map[string]*string{"cleanup.policy": new("compact")}, topic); err != nil {
				t.Errorf("create the intruder: %v", err)
			}
		}
	}
	o := orders{Spec: Spec{Role: RoleOffset, Name: topic, Partitions: 2, AllowDeletion: true}, GroupID: "group-of-" + topic}
	if err := converge(t.Context(), c, o); err != nil {
		t.Fatal(err)
	}
	if !created {
		t.Error("there was no gap")
	}
	wantContent(t, bootstrap, topic, 2, want)
}

func TestIntruderWithRecordsIsKept(t *testing.T) {
	t.Parallel()
	bootstrap := realBroker(t).Bootstrap()
	topic := uniqueName(t)
	want := topicWith(t, bootstrap, topic, fill{partitions: 6, keys: 300, history: 900})
	o := orders{
		Bootstrap: bootstrap, GroupID: "group-of-" + topic, DieBefore: stepCreate, DieAt: 1,
		Spec: Spec{Role: RoleOffset, Name: topic, Partitions: 2, AllowDeletion: true},
	}
	if _, killed := runChild(t, o); !killed {
		t.Fatal("the child was not killed")
	}
	intruder := topicWith(t, bootstrap, topic, fill{partitions: 25, keys: 3, history: 3})
	c := newClient(t, bootstrap)
	if err := converge(t.Context(), c, o); err == nil || !strings.Contains(err.Error(), "Both topics are kept") {
		t.Fatalf("with an intruder the shrinking gave %v", err)
	}
	if got := contentOf(t, bootstrap, topic); len(got) != len(intruder) {
		t.Errorf("the intruder holds %d keys instead of %d", len(got), len(intruder))
	}
	// As the error says: delete the intruder, apply again.
	if _, err := kadm.NewClient(independent(t, bootstrap)).DeleteTopic(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	// The controller has deleted it; the broker that is asked for topics may not know yet.
	gone := func(ctx context.Context) (bool, error) {
		state, err := c.Inspect(ctx, topic)
		return state.Topic == nil, err
	}
	if err := poll(t.Context(), time.Minute, gone); err != nil {
		t.Fatal(err)
	}
	if err := converge(t.Context(), c, o); err != nil {
		t.Fatal(err)
	}
	wantContent(t, bootstrap, topic, 2, want)
}
