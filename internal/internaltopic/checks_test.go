package internaltopic

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// write adds records to a topic, with the compression given, and returns the live content.
func write(t testing.TB, bootstrap, topic string, values map[string]string, options ...kgo.Opt) {
	t.Helper()
	options = append(options, kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)), kgo.UnknownTopicRetries(50), kgo.DefaultProduceTopic(topic))
	producer := independent(t, bootstrap, options...)
	for _, k := range slices.Sorted(maps.Keys(values)) {
		if err := producer.ProduceSync(t.Context(), kgo.KeyStringRecord(k, values[k])).FirstErr(); err != nil {
			t.Fatalf("write to %s: %v", topic, err)
		}
	}
}

// offsetKey returns the key of an offset as a worker writes it.
func offsetKey(n int) string {
	return fmt.Sprintf(`["connector-%d",{"filename":"/data/%d.txt"}]`, n, n)
}

// hexDigits returns text that compresses to half its size at best.
func hexDigits(n int) string {
	b := make([]byte, n/2)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

func setConfig(t testing.TB, bootstrap, topic string, config map[string]string) {
	t.Helper()
	if err := newClient(t, bootstrap).alterConfig(t.Context(), topic, config, nil); err != nil {
		t.Fatal(err)
	}
}

// applySpec plans and applies as the resource does, with the checks that the plan makes.
func applySpec(t testing.TB, c *Client, spec Spec) (planErr, applyErr error) {
	t.Helper()
	have, err := c.Inspect(t.Context(), spec.Name)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := Plan(have, spec)
	if err != nil {
		return err, err
	}
	o := Options{GroupID: "group-of-" + spec.Name, SkipChecks: []Check{CheckGroup}}
	_, planErr = c.Check(t.Context(), steps, o)
	_, applyErr = c.Apply(t.Context(), steps, o)
	return planErr, applyErr
}

// wantRefused fails the test unless plan and apply refuse the spec on the given field, and the topic is as it was before.
func wantRefused(t testing.TB, c *Client, bootstrap string, spec Spec, field, says string, partitions int, content map[string]string) {
	t.Helper()
	planErr, applyErr := applySpec(t, c, spec)
	for when, err := range map[string]error{"plan": planErr, "apply": applyErr} {
		wrong, ok := errors.AsType[*SpecError](err)
		if !ok || strings.TrimSuffix(wrong.Field+"."+wrong.Key, ".") != field || !strings.Contains(wrong.Reason, says) {
			t.Errorf("%s: want an error on %s that says %q, got %v", when, field, says, err)
		}
	}
	wantContent(t, bootstrap, spec.Name, partitions, content)
}

// A worker may write a record that fits only because it is compressed.
func TestLargeCompressedRecordIsRewritten(t *testing.T) {
	t.Parallel()
	bootstrap := realBroker(t).Bootstrap()
	topic := uniqueName(t)
	topicWith(t, bootstrap, topic, fill{partitions: 1})
	want := map[string]string{}
	for n := range 30 {
		want[offsetKey(n)] = hexDigits(300)
	}
	want[offsetKey(30)] = hexDigits(1_600_000)
	write(t, bootstrap, topic, want, kgo.ProducerBatchCompression(kgo.ZstdCompression().WithLevel(3)), kgo.ProducerBatchMaxBytes(4<<20))
	c := newClient(t, bootstrap)
	for _, partitions := range []int{5, 2} {
		planErr, err := applySpec(t, c, Spec{Role: RoleOffset, Name: topic, Partitions: partitions, AllowDeletion: true})
		if planErr != nil || err != nil {
			t.Fatalf("%d partitions: %v, %v", partitions, planErr, err)
		}
		wantContent(t, bootstrap, topic, partitions, want)
	}
}

// Records can be larger than max.message.bytes allows now. A raised limit in the same apply helps.
func TestRecordsAboveTheLimitAreRefused(t *testing.T) {
	t.Parallel()
	bootstrap := realBroker(t).Bootstrap()
	topic := uniqueName(t)
	topicWith(t, bootstrap, topic, fill{partitions: 3})
	want := map[string]string{}
	for n := range 20 {
		want[offsetKey(n)] = hexDigits(6000)
	}
	write(t, bootstrap, topic, want)
	setConfig(t, bootstrap, topic, map[string]string{keyMaxMessage: "2000"})
	c := newClient(t, bootstrap)
	for _, partitions := range []int{5, 2} {
		spec := Spec{Role: RoleOffset, Name: topic, Partitions: partitions, AllowDeletion: true}
		wantRefused(t, c, bootstrap, spec, "config."+keyMaxMessage, "20 records of the topic would exceed it", 3, want)
	}
	// A topic that was locked before its partitions were changed can be given up, and finished.
	setConfig(t, bootstrap, topic, withLock(nil))
	if _, err := applySpec(t, c, Spec{Role: RoleOffset, Name: topic, Partitions: 5}); err == nil {
		t.Error("the records were accepted")
	}
	wantContent(t, bootstrap, topic, 3, want)
	spec := Spec{Role: RoleOffset, Name: topic, Partitions: 5, Config: map[string]string{keyMaxMessage: "20000"}}
	setConfig(t, bootstrap, topic, withLock(nil))
	if planErr, err := applySpec(t, c, spec); planErr != nil || err != nil {
		t.Fatalf("with a higher limit: %v, %v", planErr, err)
	}
	wantContent(t, bootstrap, topic, 5, want)
}

// A rebuild that died before it added partitions is given up by an apply with the previous number.
func TestUnfinishedRebuildIsGivenUp(t *testing.T) {
	t.Parallel()
	bootstrap := realBroker(t).Bootstrap()
	topic := uniqueName(t)
	want := topicWith(t, bootstrap, topic, fill{partitions: 3, keys: 20, history: 60})
	o := orders{
		Bootstrap: bootstrap, Spec: Spec{Role: RoleOffset, Name: topic, Partitions: 9}, GroupID: "group-of-" + topic,
		DieBefore: stepPartitions, DieAt: 1,
	}
	if _, killed := runChild(t, o); !killed {
		t.Fatal("the child was not killed")
	}
	written := 0
	c := newClient(t, bootstrap)
	c.beforeStep = func(step string) {
		if step == stepWrite {
			written++
		}
	}
	if _, err := applySpec(t, c, Spec{Role: RoleOffset, Name: topic, Partitions: 3}); err != nil {
		t.Fatal(err)
	}
	wantContent(t, bootstrap, topic, 3, want)
	if written > 0 {
		t.Error("records were written, although none had to be moved")
	}
}

// A topic with the name of the copy that no rebuild created belongs to somebody else.
func TestForeignCopyIsKept(t *testing.T) {
	t.Parallel()
	bootstrap := realBroker(t).Bootstrap()
	c := newClient(t, bootstrap)
	for name, config := range map[string]map[string]string{
		"any topic":       nil,
		"the same policy": withLock(nil),
	} {
		t.Run(name, func(t *testing.T) {
			topic := uniqueName(t)
			want := topicWith(t, bootstrap, topic, fill{partitions: 6, keys: 30, history: 90})
			foreign := topicWith(t, bootstrap, topic+RebuildSuffix, fill{partitions: 2, keys: 50, history: 50, config: config})
			spec := Spec{Role: RoleOffset, Name: topic, Partitions: 2, AllowDeletion: true}
			wantRefused(t, c, bootstrap, spec, "partitions", topic+RebuildSuffix, 6, want)
			spec.Partitions = 7
			if planErr, err := applySpec(t, c, spec); planErr != nil || err != nil {
				t.Errorf("growth: %v, %v", planErr, err)
			}
			wantContent(t, bootstrap, topic, 7, want)
			if err := c.Delete(t.Context(), topic, Options{GroupID: "group-of-" + topic, SkipChecks: []Check{CheckGroup}}); err != nil {
				t.Fatal(err)
			}
			if got := contentOf(t, bootstrap, topic+RebuildSuffix); !maps.Equal(got, foreign) {
				t.Errorf("the other topic holds %d keys of %d", len(got), len(foreign))
			}
		})
	}
}

func TestTopicsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	bootstrap := realBroker(t).Bootstrap()
	c := newClient(t, bootstrap)
	for name, test := range map[string]struct {
		key, policy, says string
		role              Role
	}{
		"records without a key":   {"", "delete", "without a key", RoleOffset},
		"keys of an application":  {"order-17", "compact", `"order-17"`, RoleOffset},
		"a topic of another role": {"commit-connector", "compact", `"commit-connector"`, RoleStatus},
		"another cleanup policy":  {"order-17", "delete", `"order-17"`, RoleOffset},
	} {
		t.Run(name, func(t *testing.T) {
			topic := uniqueName(t)
			topicWith(t, bootstrap, topic, fill{partitions: 3})
			setConfig(t, bootstrap, topic, map[string]string{KeyCleanupPolicy: test.policy})
			producer := independent(t, bootstrap, kgo.DefaultProduceTopic(topic))
			for n := range 30 {
				r := kgo.StringRecord(fmt.Sprint(n))
				if test.key != "" {
					r.Key = []byte(test.key)
				}
				if err := producer.ProduceSync(t.Context(), r).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
			for _, partitions := range []int{3, 5, 2} {
				if partitions == 3 && test.policy == "compact" {
					continue // no change
				}
				planErr, applyErr := applySpec(t, c, Spec{Role: test.role, Name: topic, Partitions: partitions, AllowDeletion: true})
				for when, err := range map[string]error{"plan": planErr, "apply": applyErr} {
					if wrong, ok := errors.AsType[*SpecError](err); !ok || wrong.Field != "name" || !strings.Contains(wrong.Reason, test.says) {
						t.Errorf("%d partitions, %s: want an error on the name that says %q, got %v", partitions, when, test.says, err)
					}
				}
			}
			total := 0
			for _, records := range recordsOf(t, bootstrap, topic) {
				total += len(records)
			}
			got := inspect(t, bootstrap, topic).Topic
			if total != 30 || got.Partitions() != 3 || got.Effective[KeyCleanupPolicy] != test.policy {
				t.Errorf("the topic has %d records, %d partitions, policy %s", total, got.Partitions(), got.Effective[KeyCleanupPolicy])
			}
		})
	}
}

// A user who knows better can have a topic with other keys rebuilt.
func TestOtherKeysAreKeptOnRequest(t *testing.T) {
	t.Parallel()
	bootstrap := realBroker(t).Bootstrap()
	topic := uniqueName(t)
	topicWith(t, bootstrap, topic, fill{partitions: 3})
	want := map[string]string{"reset-by-hand": "x", offsetKey(1): "y"}
	write(t, bootstrap, topic, want)
	c := newClient(t, bootstrap)
	steps, err := Plan(inspect(t, bootstrap, topic), Spec{Role: RoleOffset, Name: topic, Partitions: 5})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Apply(t.Context(), steps, Options{GroupID: topic, SkipChecks: Checks()}); err != nil {
		t.Fatal(err)
	}
	wantContent(t, bootstrap, topic, 5, want)
}

// Brokers that delete no topics are found before the topic is touched.
func TestDeletionDisabled(t *testing.T) {
	t.Parallel()
	s := stack.Start(t, stack.Options{Workers: stack.NoWorkers, BrokerProperties: map[string]string{"delete.topic.enable": "false", "group.min.session.timeout.ms": "500"}})
	bootstrap := s.Bootstrap()
	want := topicWith(t, bootstrap, "offsets", fill{partitions: 6, keys: 100, history: 100})
	c := newClient(t, bootstrap)
	spec := Spec{Role: RoleOffset, Name: "offsets", Partitions: 2, AllowDeletion: true}
	wantRefused(t, c, bootstrap, spec, "partitions", "delete.topic.enable=false", 6, want)

	// A broker that tells nothing of the setting refuses the deletion itself. The copy cannot be deleted either.
	have := inspect(t, bootstrap, "offsets")
	have.DeletionDisabled = false
	steps, err := Plan(have, spec)
	if err != nil {
		t.Fatal(err)
	}
	result, err := c.Apply(t.Context(), steps, Options{GroupID: "group"})
	if failed, ok := errors.AsType[*RebuildError](err); !ok || failed.Locked {
		t.Errorf("the refused deletion gave %v", err)
	}
	if !strings.Contains(fmt.Sprint(result.Warnings), "offsets.rebuild") {
		t.Errorf("the warnings are %q", result.Warnings)
	}
	wantContent(t, bootstrap, "offsets", 6, want)
	spec.Partitions = 6
	if planErr, err := applySpec(t, c, spec); planErr != nil || err != nil {
		t.Errorf("the previous number gave %v, %v", planErr, err)
	}
}

// A quota delays acknowledgements. That is not a stall.
func TestThrottledRebuildSucceeds(t *testing.T) {
	t.Parallel()
	s := realBroker(t)
	admin := s.Options.Users[0]
	quota := func(remove bool) {
		user := admin.Name
		entry := kadm.AlterClientQuotaEntry{
			Entity: kadm.ClientQuotaEntity{{Type: "user", Name: &user}},
			Ops:    []kadm.AlterClientQuotaOp{{Key: "producer_byte_rate", Value: 30_000, Remove: remove}},
		}
		answers, err := kadm.NewClient(independent(t, s.Bootstrap())).AlterClientQuotas(context.WithoutCancel(t.Context()), []kadm.AlterClientQuotaEntry{entry})
		if err != nil || answers[0].Err != nil {
			t.Errorf("alter the quota: %v, %v", err, answers)
		}
	}
	quota(false)
	t.Cleanup(func() { quota(true) })
	topic := uniqueName(t)
	topicWith(t, s.Bootstrap(), topic, fill{partitions: 1})
	want := map[string]string{}
	for n := range 120 {
		want[offsetKey(n)] = hexDigits(6000)
	}
	write(t, s.Bootstrap(), topic, want)
	c, err := New(kafkaclient.Config{
		BootstrapServers: []string{s.BootstrapSASL()}, TLS: kafkaclient.TLS{CAPEM: readFile(t, s.Certificates.CAFile)},
		SASL: kafkaclient.SASL{Mechanism: "SCRAM-SHA-256", Username: admin.Name, Password: admin.Password},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.stallTime = 4 * time.Second
	steps, err := Plan(inspect(t, s.Bootstrap(), topic), Spec{Role: RoleOffset, Name: topic, Partitions: 2})
	if err != nil {
		t.Fatal(err)
	}
	o := Options{GroupID: topic, SkipChecks: []Check{CheckGroup}}
	warnings, err := c.Check(t.Context(), steps, o)
	if err != nil || !strings.Contains(fmt.Sprint(warnings), "producer_byte_rate") {
		t.Errorf("the plan warns of %q, %v", warnings, err)
	}
	begin := time.Now()
	if _, err := c.Apply(t.Context(), steps, o); err != nil {
		t.Fatal(err)
	}
	t.Logf("rebuilt after %s", time.Since(begin))
	wantContent(t, s.Bootstrap(), topic, 2, want)
}

// A producer that knows only the previous partitions of the topic writes to the previous partition of a key. Its records
// are newer than those in the key's present partition.
func TestProducerWithStaleMetadata(t *testing.T) {
	t.Parallel()
	bootstrap := realBroker(t).Bootstrap()
	topic := uniqueName(t)
	topicWith(t, bootstrap, topic, fill{partitions: 1})
	stale := independent(t, bootstrap, kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)), kgo.MetadataMaxAge(time.Hour))
	want := map[string]string{}
	produce := func(producer *kgo.Client, from, to int, value string) {
		for n := from; n < to; n++ {
			want[offsetKey(n)] = value
			if err := producer.ProduceSync(t.Context(), kgo.KeyStringRecord(offsetKey(n), value)).FirstErr(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Millisecond) // timestamps are in milliseconds
		}
	}
	produce(stale, 0, 40, "first")
	grower := newClient(t, bootstrap)
	if err := errors.Join(grower.addPartitions(t.Context(), topic, 25), grower.waitPartitions(t.Context(), topic, 25)); err != nil {
		t.Fatal(err)
	}
	produce(independent(t, bootstrap, kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil))), 0, 30, "second")
	produce(stale, 0, 20, "third")
	for p, records := range recordsOf(t, bootstrap, topic) {
		for _, r := range records {
			if string(r.Value) == "third" && p != 0 {
				t.Fatal("the producer knows the new partitions")
			}
		}
	}
	if _, err := applySpec(t, newClient(t, bootstrap), Spec{Role: RoleOffset, Name: topic, Partitions: 30}); err != nil {
		t.Fatal(err)
	}
	wantContent(t, bootstrap, topic, 30, want)
}
