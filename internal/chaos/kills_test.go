package chaos

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// topicKills is the number of kills of TestTopicKills. The other kills are those of TestKills.
func topicKills() int { return max(1, *kills/4) }

// The provider is killed at a random step of an apply that creates, changes and deletes connectors. The next apply
// converges: it adopts created connectors and completes changes and deletions.
func TestKills(t *testing.T) {
	f := newFixture(t)
	began, killed := time.Now(), map[string]int{}
	f.size = min(f.size, 16) // more connectors would only make each apply longer
	steps := 4 * f.size
	for want, n := *kills-topicKills(), 0; n < want; {
		f.declare()
		method := ""
		f.trigger.arm(1+f.rand.IntN(steps), func(r *http.Request) {
			if f.tf.KillProvider() {
				method = r.Method
			}
		})
		out, ok := f.tf.apply()
		taken := f.trigger.disarm()
		switch {
		case method == "":
			steps = max(1, taken) // the apply had fewer steps
			if !ok {
				t.Fatalf("an apply failed without a kill:\n%s", out)
			}
		case ok:
			t.Logf("an apply succeeded although its provider was killed during a %s:\n%s", method, out)
			fallthrough
		default:
			killed[method]++
			n++
		}
		f.tf.converge()
		f.check(false)
		t.Logf("%4.0f s: %d kills; the last during a %s, step %d; %v", time.Since(began).Seconds(), n, method, taken, f.change)
	}
	f.destroy()
	t.Logf("kills by method of the request: %v", killed)
}

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
  skip_checks         = ["group"] # workers of another group run
  partitions          = var.partitions
  deletion_protection = false
}
`

// topicName is the topic that topicConfig declares.
const topicName = "chaos-offsets"

// groupHold is the time at the end of an apply in which the topic is complete and the provider only keeps out workers.
const groupHold = 5 * time.Second

// The provider is killed at a random moment of a rebuild, to more partitions or to fewer. The next apply converges. Each key
// then has its last value, in the partition that a worker chooses for the key.
func TestTopicKills(t *testing.T) {
	random, tf := begin(t), newTerraform(t, topicConfig)
	kafka, partitions := acctest.NewKafka(t, cluster), 1
	declare := func(n int) {
		partitions = n
		tf.SetVariables(map[string]any{"servers": strings.Split(kafka.Bootstrap, ","), "partitions": n})
	}
	declare(partitions)
	tf.converge()
	content := fill(kafka, random)

	began, longest, partial := time.Now(), time.Second, 0
	for want, n, tries := topicKills(), 0, 0; n < want; tries++ {
		if tries > 5*want+triggerAttempts {
			t.Fatalf("%d kills in %d applies: Terraform starts fewer provider processes than the test expects", n, tries)
		}
		declare(1 + (partitions+random.IntN(8))%9)
		kill := killAfter(tf, time.Duration(random.Int64N(int64(longest))))
		out, ok := tf.apply()
		worked, killed := kill.stop()
		switch {
		case !ok && !killed:
			t.Fatalf("an apply failed without a kill:\n%s", out)
		case killed:
			n++
			if rebuildIncomplete(t) {
				partial++
			}
		default:
			longest = max(worked-groupHold, 100*time.Millisecond) // the apply ended before the kill
		}
		tf.converge()
		if shape, _ := kafka.Topic(topicName); shape.Partitions != partitions {
			t.Fatalf("the topic has %d partitions, want %d", shape.Partitions, partitions)
		}
		if got := kafka.Content(topicName); t.Failed() || !maps.Equal(got, content) {
			t.Fatalf("the topic has %d keys, want %d; different keys: %v", len(got), len(content), differingKeys(got, content))
		}
		t.Logf("%4.0f s: %d kills, %d of them left an incomplete rebuild; to %d partitions, killed: %v, after %v of work; %s",
			time.Since(began).Seconds(), n, partial, partitions, killed, worked.Round(time.Millisecond), errorsOf(out))
	}
	if *long && partial == 0 {
		t.Error("no kill came in the middle of a rebuild: the test proves nothing")
	}
	tf.Must("destroy", "-auto-approve", "-no-color")
}

// fill writes several values for each key and returns the last value of each. The topic must have one partition.
func fill(kafka *acctest.Kafka, random *rand.Rand) map[string]string {
	kafka.T.Helper()
	content := map[string]string{}
	for i := range 1000 {
		key, value := acctest.OffsetKey(random.IntN(300)), fmt.Sprintf("%d %x", i, random.Uint64())
		content[key] = value
		record := &kgo.Record{Topic: topicName, Key: []byte(key), Value: []byte(value)}
		if err := kafka.Client.ProduceSync(kafka.T.Context(), record).FirstErr(); err != nil {
			kafka.T.Fatal(err)
		}
	}
	return content
}

// rebuildIncomplete reports whether a rebuild of the topic was started and not completed.
func rebuildIncomplete(t *testing.T) bool {
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

// delayedKill kills the provider process of an apply.
type delayedKill struct {
	tf           *terraform
	cancel, done chan struct{}
	began        time.Time // when the process existed
	killed       bool
}

// processesBefore is the number of provider processes that Terraform starts before the one that applies: for schemas,
// validation and the plan.
const processesBefore = 3

// killAfter waits in the background for the provider process that applies, and kills it after the delay.
func killAfter(tf *terraform, delay time.Duration) *delayedKill {
	k := &delayedKill{tf: tf, cancel: make(chan struct{}), done: make(chan struct{})}
	target := len(tf.Providers()) + processesBefore + 1
	go func() {
		defer close(k.done)
		for len(tf.Providers()) < target {
			if !k.wait(5 * time.Millisecond) {
				return
			}
		}
		k.began = time.Now()
		if k.wait(delay) {
			k.killed = tf.KillProvider()
		}
	}()
	return k
}

// wait waits and reports whether it was not cancelled.
func (k *delayedKill) wait(d time.Duration) bool {
	select {
	case <-k.cancel:
		return false
	case <-time.After(d):
		return true
	}
}

// stop cancels the kill after the apply. It returns how long the process that applied existed, and whether it was killed.
func (k *delayedKill) stop() (worked time.Duration, killed bool) {
	close(k.cancel)
	<-k.done
	if !k.began.IsZero() {
		worked = time.Since(k.began)
	}
	return worked, k.killed
}
