package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// fake starts an in-memory broker and returns it with its bootstrap servers.
func fake(t testing.TB) (*kfake.Cluster, string) {
	t.Helper()
	return fakeCluster(t, 1)
}

func fakeCluster(t testing.TB, brokers int) (*kfake.Cluster, string) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(brokers), kfake.GroupMinSessionTimeout(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster, strings.Join(cluster.ListenAddrs(), ",")
}

func TestCreateAndConverge(t *testing.T) {
	_, bootstrap := fake(t)
	c := newClient(t, bootstrap)
	spec := Spec{Role: RoleStatus, Name: "status", ReplicationFactor: 1, Config: map[string]string{"segment.ms": "1000", "retention.ms": "5"}}
	if err := converge(t.Context(), c, orders{Spec: spec}); !errors.Is(err, ErrNotFound) {
		t.Errorf("changing what is not there gave %v", err)
	}
	if err := converge(t.Context(), c, orders{Spec: spec, Create: true}); err != nil {
		t.Fatal(err)
	}
	got := inspect(t, bootstrap, "status")
	if got.Topic.Partitions() != 5 || got.Topic.Config["cleanup.policy"] != "compact" || got.Topic.Config["segment.ms"] != "1000" || !got.Empty || got.Topic.ID == (TopicID{}) {
		t.Errorf("created %+v", got.Topic)
	}
	if err := converge(t.Context(), c, orders{Spec: spec, Create: true}); !errors.Is(err, ErrExists) {
		t.Errorf("creating it again gave %v", err)
	}
	spec.Config, spec.Unset = map[string]string{"segment.ms": "2000"}, []string{"retention.ms"}
	if err := converge(t.Context(), c, orders{Spec: spec}); err != nil {
		t.Fatal(err)
	}
	config := inspect(t, bootstrap, "status").Topic.Config
	if _, there := config["retention.ms"]; there || config["segment.ms"] != "2000" {
		t.Errorf("altered to %v", config)
	}
	if err := c.Delete(t.Context(), "status", Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Topic(t.Context(), "status"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after the deletion: %v", err)
	}
	if err := c.Delete(t.Context(), "status", Options{}); err != nil {
		t.Errorf("deleting what is gone gave %v", err)
	}
}

func TestEmptyTopicShrinksUnderProtection(t *testing.T) {
	_, bootstrap := fake(t)
	topicWith(t, bootstrap, "offsets", fill{partitions: 30})
	if err := converge(t.Context(), newClient(t, bootstrap), orders{Spec: Spec{Role: RoleOffset, Name: "offsets"}}); err != nil {
		t.Fatal(err)
	}
	wantContent(t, bootstrap, "offsets", 25, nil)
}

// A topic that was empty when the plan was made must not be deleted if it holds records at apply.
func TestTopicThatIsNoLongerEmptyIsKept(t *testing.T) {
	_, bootstrap := fake(t)
	topicWith(t, bootstrap, "offsets", fill{partitions: 30})
	c := newClient(t, bootstrap)
	steps, err := Plan(inspect(t, bootstrap, "offsets"), Spec{Role: RoleOffset, Name: "offsets"})
	if err != nil {
		t.Fatal(err)
	}
	want := writeHistory(t, bootstrap, "offsets", fill{keys: 10, history: 10})
	if _, err := c.Apply(t.Context(), steps, Options{}); !errors.Is(err, ErrDeletionProtected) {
		t.Errorf("got %v", err)
	}
	wantContent(t, bootstrap, "offsets", 30, want)
}

// A topic that rejects old timestamps gets records with the present time.
func TestOldTimestampsAreGivenUpWhenRefused(t *testing.T) {
	cluster, bootstrap := fake(t)
	want := topicWith(t, bootstrap, "offsets", fill{partitions: 1, keys: 10, history: 20})
	var once sync.Once
	refused := false
	cluster.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		once.Do(func() { refused = true })
		produce := req.(*kmsg.ProduceRequest)
		resp := produce.ResponseKind().(*kmsg.ProduceResponse)
		for _, topic := range produce.Topics {
			answer := kmsg.NewProduceResponseTopic()
			answer.Topic, answer.TopicID = topic.Topic, topic.TopicID
			for _, p := range topic.Partitions {
				partition := kmsg.NewProduceResponseTopicPartition()
				partition.Partition, partition.ErrorCode = p.Partition, kerr.InvalidTimestamp.Code
				answer.Partitions = append(answer.Partitions, partition)
			}
			resp.Topics = append(resp.Topics, answer)
		}
		return resp, nil, true
	})
	c := newClient(t, bootstrap)
	if err := converge(t.Context(), c, orders{Spec: Spec{Role: RoleOffset, Name: "offsets", Partitions: 2}}); err != nil {
		t.Fatal(err)
	}
	if !refused {
		t.Error("nothing was refused")
	}
	wantContent(t, bootstrap, "offsets", 2, want)
}

// A second lock of a group waits for the first one, in the same process and in another.
func TestGroupLocksExcludeEachOther(t *testing.T) {
	_, bootstrap := fake(t)
	a, b := newClient(t, bootstrap), newClient(t, bootstrap)
	first, err := a.lockGroups(t.Context(), "group", func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	var mu sync.Mutex
	note := func(s string) { mu.Lock(); defer mu.Unlock(); order = append(order, s) }
	var waiting sync.WaitGroup
	for name, c := range map[string]*Client{"same client": a, "other client": b} {
		waiting.Go(func() {
			lock, err := c.lockGroups(t.Context(), "group", func(string) {})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			note(name)
			lock.release()
		})
	}
	g, err := b.Group(t.Context(), "group")
	if err != nil || len(g.Members) != 0 || !g.Held {
		t.Errorf("the locked group is %+v, %v", g, err)
	}
	note("first")
	first.release()
	waiting.Wait()
	if len(order) != 3 || order[0] != "first" || !slices.Contains(order, "other client") {
		t.Errorf("the lock was taken by %v", order)
	}
}

func TestProgressNamesStepsAndCounts(t *testing.T) {
	_, bootstrap := fake(t)
	topicWith(t, bootstrap, "offsets", fill{partitions: 1, keys: 10, history: 10})
	steps, err := Plan(inspect(t, bootstrap, "offsets"), Spec{Role: RoleOffset, Name: "offsets", Partitions: 2})
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	options := Options{Progress: func(p Progress) { seen = append(seen, fmt.Sprintf("%s %s %d", p.Topic, p.Step, p.Count)) }}
	result, err := newClient(t, bootstrap).Apply(t.Context(), steps, options)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"offsets write the live records 10", "offsets verify what was written 10"} {
		if !slices.Contains(seen, want) {
			t.Errorf("%q is missing in %q", want, seen)
		}
	}
	if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "has one replica") {
		t.Errorf("the warnings are %q", result.Warnings)
	}
}

// While only the copy of a topic exists, the topic counts as existing and unfinished. A deletion deletes both.
func TestDeleteTakesTheCopy(t *testing.T) {
	_, bootstrap := fake(t)
	c := newClient(t, bootstrap)
	if err := c.create(t.Context(), "offsets"+RebuildSuffix, 2, 1, withLock(nil)); err != nil {
		t.Fatal(err)
	}
	if state := inspect(t, bootstrap, "offsets"); !state.Exists() || !state.Unfinished() {
		t.Errorf("with a copy alone: %+v", state)
	}
	if err := c.Delete(t.Context(), "offsets", Options{}); err != nil {
		t.Fatal(err)
	}
	if state := inspect(t, bootstrap, "offsets"); state.Exists() {
		t.Errorf("after the deletion: %+v", state)
	}
}

// When the broker ends the membership in the group, a worker could join: no further change is made, and the rebuild
// starts again under a new lock.
func TestLostGroupLockStopsTheRebuild(t *testing.T) {
	cluster, bootstrap := fake(t)
	c := newClient(t, bootstrap)
	c.lockSession = 500 * time.Millisecond
	cluster.ControlKey(int16(kmsg.Heartbeat), func(req kmsg.Request) (kmsg.Response, error, bool) {
		resp := req.ResponseKind().(*kmsg.HeartbeatResponse)
		resp.ErrorCode = kerr.UnknownMemberID.Code
		return resp, nil, true
	})
	b := &rebuild{applier: &applier{client: c, options: Options{GroupID: "group"}}}
	attempts := 0
	err := b.withGroupLock(t.Context(), func(ctx context.Context) error {
		if attempts++; attempts > 1 {
			return ctx.Err()
		}
		<-ctx.Done()
		if cause := context.Cause(ctx); !errors.Is(cause, errLockLost) {
			t.Errorf("the lock ended with %v", cause)
		}
		return b.guard(ctx, stepWrite, func() error { t.Error("a change was made without the lock"); return nil })
	})
	if err != nil || attempts != 2 {
		t.Errorf("%d attempts, %v", attempts, err)
	}
}

// An error about another storage topic of the group, before the topic is deleted, leaves the topic unlocked and complete.
func TestShrinkSurvivesOtherStorageTopics(t *testing.T) {
	ctx := t.Context()
	cluster, bootstrap := fake(t)
	c := newClient(t, bootstrap)
	content := topicWith(t, bootstrap, "offsets", fill{partitions: 4, keys: 10, history: 10})
	topicWith(t, bootstrap, "status", fill{partitions: 1})
	shrink := func(others ...string) error {
		steps, err := Plan(inspect(t, bootstrap, "offsets"), Spec{Role: RoleOffset, Name: "offsets", Partitions: 2, AllowDeletion: true})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Apply(ctx, steps, Options{GroupID: "group", OtherStorageTopics: others})
		return err
	}
	wantUnlocked := func(why string) {
		t.Helper()
		if topic := inspect(t, bootstrap, "offsets").Topic; topic == nil || topic.Config[KeyCleanupPolicy] != PolicyCompact || topic.Partitions() != 4 {
			t.Errorf("%s: the topic is %+v", why, topic)
		}
		if got := contentOf(t, bootstrap, "offsets"); !maps.Equal(got, content) {
			t.Errorf("%s: the topic holds %d keys, not the %d that were written", why, len(got), len(content))
		}
	}

	if err := shrink("no/topic"); err == nil || !strings.Contains(err.Error(), "no/topic") {
		t.Errorf("an invalid name gave %v", err)
	}
	wantUnlocked("an invalid name")

	// The broker stops describing the settings of the other topic: at once, then only after the copy was made.
	for _, refuseFrom := range []int{1, 2} {
		asked := 0
		cluster.ControlKey(int16(kmsg.DescribeConfigs), func(req kmsg.Request) (kmsg.Response, error, bool) {
			cluster.KeepControl()
			describe := req.(*kmsg.DescribeConfigsRequest)
			if describe.Resources[0].ResourceName != "status" {
				return nil, nil, false
			}
			if asked++; asked != refuseFrom {
				return nil, nil, false
			}
			resp := req.ResponseKind().(*kmsg.DescribeConfigsResponse)
			answer := kmsg.NewDescribeConfigsResponseResource()
			answer.ResourceType, answer.ResourceName = kmsg.ConfigResourceTypeTopic, "status"
			answer.ErrorCode = kerr.TopicAuthorizationFailed.Code
			resp.Resources = append(resp.Resources, answer)
			return resp, nil, true
		})
		if err := shrink("missing", "status"); !errors.Is(err, kafkaclient.ErrUnauthorized) {
			t.Errorf("from request %d on: got %v", refuseFrom, err)
		}
		wantUnlocked(fmt.Sprintf("refused at request %d", refuseFrom))
	}

	if err := shrink("", "missing"); err != nil {
		t.Errorf("with unknown and missing names: %v", err)
	}
	wantContent(t, bootstrap, "offsets", 2, content)
	if topic := inspect(t, bootstrap, "status").Topic; topic.Locked() {
		t.Error("the other topic is locked")
	}
}

// After partitions were added, brokers may show the previous number for a moment.
func TestReadsWaitUntilBrokersAgreeOnPartitions(t *testing.T) {
	for name, read := range map[string]func(context.Context, *Client) (partitions int, err error){
		"inspect": func(ctx context.Context, c *Client) (int, error) {
			state, err := c.Inspect(ctx, "offsets")
			if err != nil {
				return 0, err
			}
			return state.Topic.Partitions(), nil
		},
		"discover": func(ctx context.Context, c *Client) (int, error) {
			found, err := c.Discover(ctx, "")
			return append(found.Topics, DiscoveredTopic{})[0].partitions, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			cluster, bootstrap := fake(t)
			topicOfKeys(t, bootstrap, "offsets", PolicyCompact, 3, `["a",{"file":"x"}]`)
			admin := newClient(t, bootstrap)
			req := kmsg.NewPtrMetadataRequest()
			req.Topics = []kmsg.MetadataRequestTopic{{Topic: new("offsets")}}
			previous, err := req.RequestWith(t.Context(), admin.Kgo)
			if err != nil {
				t.Fatal(err)
			}
			if err := admin.addPartitions(t.Context(), "offsets", 7); err != nil {
				t.Fatal(err)
			}
			reader := newClient(t, bootstrap)
			if err := reader.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			cluster.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
				previous.Version = req.GetVersion()
				return previous, nil, true
			})
			cluster.ControlKey(int16(kmsg.DescribeConfigs), func(kmsg.Request) (kmsg.Response, error, bool) {
				time.Sleep(200 * time.Millisecond) // until the client no longer uses the previous metadata
				return nil, nil, false
			})
			if got, err := read(t.Context(), reader); err != nil || got != 7 {
				t.Errorf("got %d partitions, %v", got, err)
			}
		})
	}
}
