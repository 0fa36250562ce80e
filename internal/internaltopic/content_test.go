package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// fill describes the content to give a topic.
type fill struct {
	partitions, keys, history int
	pad                       int               // Bytes to add to each value.
	txnEvery                  int               // Records a transaction, one in four of which is aborted; zero for none.
	factor                    int               // Replication factor; one by default.
	config                    map[string]string // Set when the history is there.
}

// topicWith creates a topic and writes to it as Connect's workers would, with Kafka's partitioner. It returns what
// is live in the end.
func topicWith(t testing.TB, bootstrap, topic string, f fill) map[string]string {
	t.Helper()
	admin := independent(t, bootstrap)
	config := map[string]*string{"cleanup.policy": new("compact")}
	// A controller with ZooKeeper finishes the deletion of a topic of that name only after no broker has it any more.
	exists := func(err error) bool { return errors.Is(err, kerr.TopicAlreadyExists) }
	err := retryWhile(t.Context(), exists, func(ctx context.Context) error {
		_, err := kadm.NewClient(admin).CreateTopic(ctx, int32(f.partitions), int16(max(f.factor, 1)), config, topic)
		return err
	})
	if err != nil {
		t.Fatalf("create %s: %v", topic, err)
	}
	created := func(now *Topic) bool { return now != nil && now.Partitions() == f.partitions }
	if err := newClient(t, bootstrap).waitMetadata(t.Context(), "the creation of", topic, created); err != nil {
		t.Fatal(err)
	}
	live := writeHistory(t, bootstrap, topic, f)
	var changes []kadm.AlterConfig
	for k, v := range f.config {
		changes = append(changes, kadm.AlterConfig{Name: k, Value: &v})
	}
	if len(changes) > 0 {
		answers, err := kadm.NewClient(admin).AlterTopicConfigs(t.Context(), changes, topic)
		if err != nil || answers[0].Err != nil {
			t.Fatalf("configure %s: %v, %v", topic, err, answers)
		}
	}
	return live
}

func writeHistory(t testing.TB, bootstrap, topic string, f fill) map[string]string {
	t.Helper()
	options := []kgo.Opt{kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)), kgo.UnknownTopicRetries(50)}
	if f.txnEvery > 0 {
		options = append(options, kgo.TransactionalID("history-"+topic))
	}
	producer := independent(t, bootstrap, options...)
	random := rand.New(rand.NewPCG(1, uint64(f.keys+f.history)))
	live := map[string]string{}
	for n := 0; n < f.history; {
		size := min(1000, f.history-n)
		if f.txnEvery > 0 {
			size = min(f.txnEvery, f.history-n)
			if err := producer.BeginTransaction(); err != nil {
				t.Fatal(err)
			}
		}
		after := maps.Clone(live)
		if f.txnEvery == 0 {
			after = live
		}
		records := make([]*kgo.Record, size)
		for i := range records {
			records[i] = nextRecord(random, topic, n, f, after)
			n++
		}
		if err := producer.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
			t.Fatalf("write to %s: %v", topic, err)
		}
		if f.txnEvery > 0 {
			commit := kgo.TransactionEndTry(random.IntN(4) > 0)
			if err := producer.EndTransaction(t.Context(), commit); err != nil {
				t.Fatal(err)
			}
			if commit == kgo.TryAbort {
				continue
			}
		}
		live = after
	}
	return live
}

// nextRecord gives every key one record first, then overwrites and deletes at random.
func nextRecord(random *rand.Rand, topic string, n int, f fill, live map[string]string) *kgo.Record {
	id := n
	if n >= f.keys {
		id = random.IntN(f.keys)
	}
	key := fmt.Sprintf(`["connector-%d",{"filename":"/data/%d.txt"}]`, id%97, id)
	r := &kgo.Record{Topic: topic, Key: []byte(key)}
	if n >= f.keys && random.IntN(20) == 0 {
		delete(live, key)
		return r // a tombstone
	}
	value := fmt.Sprintf(`{"position":%d,"pad":"%s"}`, n, strings.Repeat("x", f.pad))
	r.Value = []byte(value)
	live[key] = value
	return r
}

// independent returns a client that shares nothing with the code under test.
func independent(t testing.TB, bootstrap string, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(strings.Split(bootstrap, ",")...), kgo.MetadataMinAge(50 * time.Millisecond)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// contentOf reads a topic as a worker does, committed records only, and takes one partition after the other, so that
// a record that lies where it should not shows. It fails the test when a key is where its hash does not put it.
func contentOf(t testing.TB, bootstrap, topic string) map[string]string {
	t.Helper()
	hasher := kgo.StickyKeyPartitioner(nil).ForTopic(topic)
	partitions := recordsOf(t, bootstrap, topic)
	live, misplaced := map[string]string{}, 0
	for p, records := range partitions {
		for _, r := range records {
			if hasher.Partition(r, len(partitions)) != p {
				misplaced++
			}
			if r.Value == nil {
				delete(live, string(r.Key))
			} else {
				live[string(r.Key)] = string(r.Value)
			}
		}
	}
	if misplaced > 0 {
		t.Errorf("%s holds %d records where their keys' hash does not put them", topic, misplaced)
	}
	return live
}

// recordsOf reads the committed records of each partition.
func recordsOf(t testing.TB, bootstrap, topic string) [][]*kgo.Record {
	t.Helper()
	admin := kadm.NewClient(independent(t, bootstrap))
	starts, err := admin.ListStartOffsets(t.Context(), topic)
	if err != nil || starts.Error() != nil {
		t.Fatalf("offsets of %s: %v, %v", topic, err, starts.Error())
	}
	ends, err := admin.ListCommittedOffsets(t.Context(), topic)
	if err != nil || ends.Error() != nil {
		t.Fatalf("offsets of %s: %v, %v", topic, err, ends.Error())
	}
	from, to := map[int32]kgo.Offset{}, map[int32]int64{}
	for p, end := range ends[topic] {
		if start, _ := starts.Lookup(topic, p); start.Offset < end.Offset {
			from[p], to[p] = kgo.NewOffset().At(start.Offset), end.Offset
		}
	}
	records := make([][]*kgo.Record, len(ends[topic]))
	if len(to) == 0 {
		return records
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	consumer := independent(t, bootstrap, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}))
	defer consumer.Close()
	for len(to) > 0 {
		fetches := consumer.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("read %s: %v, with %v to go", topic, err, to)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			end, unfinished := to[r.Partition]
			if unfinished && r.Offset < end && !r.Attrs.IsControl() {
				records[r.Partition] = append(records[r.Partition], r)
			}
			if r.Offset+1 >= end {
				delete(to, r.Partition)
			}
		})
	}
	return records
}

// wantContent fails the test unless the topic holds exactly what is wanted, in the wanted number of partitions,
// unlocked and with no copy left.
func wantContent(t testing.TB, bootstrap, topic string, partitions int, want map[string]string) {
	t.Helper()
	got := contentOf(t, bootstrap, topic)
	lost, changed := 0, 0
	for k, v := range want {
		switch g, ok := got[k]; {
		case !ok:
			lost++
		case g != v:
			changed++
		}
	}
	if lost+changed > 0 || len(got) != len(want) {
		t.Errorf("%s holds %d keys instead of %d: %d lost, %d with another value", topic, len(got), len(want), lost, changed)
	}
	state := inspect(t, bootstrap, topic)
	if state.Unfinished() {
		t.Errorf("%s is still locked, or has its copy", topic)
	}
	if n := state.Topic.Partitions(); n != partitions {
		t.Errorf("%s has %d partitions, not %d", topic, n, partitions)
	}
	if p := state.Topic.Effective[KeyCleanupPolicy]; p != PolicyCompact {
		t.Errorf("%s has cleanup policy %q", topic, p)
	}
}

func inspect(t testing.TB, bootstrap, topic string) State {
	t.Helper()
	state, err := newClient(t, bootstrap).Inspect(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	return state
}
