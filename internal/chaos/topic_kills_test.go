package chaos

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// topicConfig declares an internal topic of a group without workers.
const topicConfig = `
variable "servers" {
  type = list(string)
}
variable "partitions" {
  type = number
}
provider "kafkaconnect" {
  kafka = { bootstrap_servers = var.servers }
}
resource "kafkaconnect_internal_topic" "this" {
  role                = "offset"
  name                = "chaos-offsets"
  group_id            = "chaos-without-workers"
  partitions          = var.partitions
  deletion_protection = false
}
`

// topicName is the topic that topicConfig declares.
const topicName = "chaos-offsets"

// The provider is killed at any moment of a rebuild, to more partitions and to fewer. The next apply converges, and for
// each key the value that was written last is there, where its hash puts it.
func TestTopicKills(t *testing.T) {
	random, tf := begin(t), newTerraform(t, topicConfig)
	partitions := 1
	declare := func(n int) {
		partitions = n
		tf.set(map[string]any{"servers": strings.Split(cluster.Bootstrap(), ","), "partitions": n})
	}
	declare(partitions)
	tf.converge()
	content := fill(t, random)

	began, longest, halves := time.Now(), time.Second, 0
	for want, n, tries := topicKills(), 0, 0; n < want; tries++ {
		if tries > 5*want+attempts {
			t.Fatalf("%d kills in %d applies: Terraform no longer starts as many processes as the test expects", n, tries)
		}
		declare(1 + (partitions+random.IntN(8))%9)
		sniper := aim(tf, time.Duration(random.Int64N(int64(longest))))
		out, ok := tf.apply()
		worked, shot := sniper.leave()
		switch {
		case !ok && !shot:
			t.Fatalf("an undisturbed apply failed:\n%s", out)
		case shot:
			n++
			if halfDone(t) {
				halves++
			}
		default:
			longest = max(worked, 100*time.Millisecond) // it came too late
		}
		tf.converge()
		mustHold(t, partitions, content)
		t.Logf("%4.0f s: %d kills, %d of which left a rebuild half done; to %d partitions, killed: %v, after %v of work; %s",
			time.Since(began).Seconds(), n, halves, partitions, shot, worked.Round(time.Millisecond), errorsOf(out))
	}
	if *long && halves == 0 {
		t.Error("no kill came in the middle of a rebuild: the test shows nothing")
	}
	tf.destroy()
}

// halfDone tells whether a rebuild of the topic was begun and not ended: the topic is locked, or there is a copy.
func halfDone(t *testing.T) bool {
	t.Helper()
	client, err := internaltopic.New(kafkaclient.Config{BootstrapServers: strings.Split(cluster.Bootstrap(), ",")})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	have, err := client.Inspect(t.Context(), topicName)
	if err != nil {
		t.Fatal(err)
	}
	return have.Rebuild != nil || have.Topic == nil || have.Topic.Locked()
}

// sniper kills the provider at some moment of an apply, after it has planned.
type sniper struct {
	tf         *terraform
	home, over chan struct{}
	began      time.Time // when the process that applies was there
	shot       bool
}

// processesBefore is how many provider processes Terraform starts for an apply before the one that carries it out: to ask
// for schemas, to validate and to plan.
const processesBefore = 3

// aim lets a sniper wait for the process that applies, and some time longer.
func aim(tf *terraform, after time.Duration) *sniper {
	s := &sniper{tf: tf, home: make(chan struct{}), over: make(chan struct{})}
	target := len(tf.processes()) + processesBefore + 1
	go func() {
		defer close(s.over)
		for len(tf.processes()) < target {
			if !s.wait(5 * time.Millisecond) {
				return
			}
		}
		s.began = time.Now()
		if s.wait(after) {
			s.shot = tf.killProvider()
		}
	}()
	return s
}

// wait waits, unless the sniper is sent home.
func (s *sniper) wait(d time.Duration) bool {
	select {
	case <-s.home:
		return false
	case <-time.After(d):
		return true
	}
}

// leave sends the sniper home, when the apply has ended. It tells how long the apply took from when its process was there,
// and whether that was killed.
func (s *sniper) leave() (worked time.Duration, shot bool) {
	close(s.home)
	<-s.over
	if !s.began.IsZero() {
		worked = time.Since(s.began)
	}
	return worked, s.shot
}

// fill writes several values for each of many keys, and returns those that were written last.
func fill(t *testing.T, random *rand.Rand) map[string]string {
	t.Helper()
	client := kafka(t)
	content := map[string]string{}
	for i := range 1000 {
		key, value := fmt.Sprintf("key-%d", random.IntN(300)), fmt.Sprintf("%d %x", i, random.Uint64())
		content[key] = value
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: topicName, Key: []byte(key), Value: []byte(value)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	return content
}

// mustHold checks the number of partitions and the content.
func mustHold(t *testing.T, partitions int, content map[string]string) {
	t.Helper()
	ends, err := kadm.NewClient(kafka(t)).ListEndOffsets(t.Context(), topicName)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
	if n := len(ends[topicName]); n != partitions {
		t.Fatalf("the topic has %d partitions, want %d", n, partitions)
	}
	// The partitioner of Java clients, as of workers.
	home := kgo.StickyKeyPartitioner(nil).ForTopic(topicName)
	held, left := map[string]string{}, map[int32]int64{}
	ends.Each(func(end kadm.ListedOffset) {
		if end.Offset > 0 {
			left[end.Partition] = end.Offset
		}
	})
	reader := kafka(t, kgo.ConsumeTopics(topicName), kgo.KeepControlRecords())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for len(left) > 0 {
		fetches := reader.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("read the topic, %d partitions to go: %v", len(left), err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			if record.Offset+1 >= left[record.Partition] {
				delete(left, record.Partition)
			}
			if record.Attrs.IsControl() {
				return
			}
			if at := home.Partition(record, partitions); at != int(record.Partition) {
				t.Errorf("key %s is in partition %d, want %d", record.Key, record.Partition, at)
			}
			held[string(record.Key)] = string(record.Value)
		})
	}
	if !maps.Equal(held, content) {
		t.Fatalf("the topic holds %d keys, not the %d that were written with their last values: %v differ",
			len(held), len(content), differingKeys(held, content))
	}
}

// kafka is a client that ends with the test.
func kafka(t *testing.T, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(options, kgo.SeedBrokers(strings.Split(cluster.Bootstrap(), ",")...))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}
