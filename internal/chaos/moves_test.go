package chaos

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// movesConfig declares connectors in three clusters.
const movesConfig = `
variable "clusters" {
  type = map(string)
}
variable "connectors" {
  type = map(object({
    name    = string
    cluster = string
    config  = map(string)
  }))
}
provider "kafkaconnect" {
  clusters = { for name, url in var.clusters : name => { connect = { urls = [url], stable_for = "2s" } } }
}
resource "kafkaconnect_connector" "this" {
  for_each            = var.connectors
  name                = each.value.name
  cluster             = each.value.cluster
  config              = each.value.config
  deletion_protection = true
}
`

// mover is a connector that is renamed and moved.
type mover struct {
	Name    string            `json:"name"`
	Cluster string            `json:"cluster"`
	Config  map[string]string `json:"config"`

	clusters []string // where it may be
}

// moves is the scene of TestMoves: pipelines of a source and a sink each, and single sources, which may also go to another Kafka.
type moves struct {
	t        *testing.T
	tf       *terraform
	urls     map[string]string // by cluster: a and b use one Kafka, c another one
	kafkas   []*stack.Stack
	movers   map[string]*mover // by the key in Terraform
	pipes    []pipe
	versions int // the number of the last new name
}

// pipe is a file that a source reads.
type pipe struct {
	in, topic string
	out       string // the file that a sink writes; empty without a sink
}

// Connectors that move lines are renamed, and moved to other clusters, also while the provider is killed at random moments. Each line
// arrives exactly once, and a connector never runs under two names or in two clusters.
func TestMoves(t *testing.T) {
	random := begin(t)
	m := newMoves(t)
	stop := m.writeLines()
	watch := m.watchStatuses()

	began, longest := time.Now(), 4*time.Second
	m.apply(func(c *mover) { c.Cluster = "a" })
	m.apply(func(c *mover) { c.Cluster = c.clusters[1] })
	t.Logf("%4.0f s: all %d connectors have moved", time.Since(began).Seconds(), len(m.movers))
	m.apply(m.rename)
	t.Logf("%4.0f s: all are renamed", time.Since(began).Seconds())
	for want, n, tries := *kills, 0, 0; n < want; tries++ {
		if tries > 5*want+triggerAttempts {
			t.Fatalf("%d kills in %d applies: Terraform starts fewer provider processes than the test expects", n, tries)
		}
		m.declare(func(c *mover) { m.change(random, c) })
		kill := killAfter(m.tf, time.Duration(random.Int64N(int64(longest))))
		out, ok := m.tf.apply()
		worked, killed := kill.stop()
		switch {
		case !ok && !killed:
			t.Fatalf("an apply failed without a kill:\n%s", out)
		case killed:
			n++
		default:
			longest = max(worked, 100*time.Millisecond) // the apply ended before the kill
		}
		m.tf.converge()
		m.mustExist()
		t.Logf("%4.0f s: %d kills; killed: %v, after %v", time.Since(began).Seconds(), n, killed, worked.Round(time.Millisecond))
	}
	m.check(stop(), watch)
}

func newMoves(t *testing.T) *moves {
	t.Helper()
	one, other := stack.Start(t, stack.Options{Workers: 1}), stack.Start(t, stack.Options{Workers: 1})
	b, err := one.AddWorker(t.Context(), stack.WorkerOptions{GroupID: "moves-b"})
	if err != nil {
		t.Fatal(err)
	}
	m := &moves{
		t: t, tf: newTerraform(t, movesConfig), movers: map[string]*mover{}, kafkas: []*stack.Stack{one, other},
		urls: map[string]string{"a": one.Workers[0].URL, "b": b.URL, "c": other.Workers[0].URL},
	}
	folder, pipes := t.TempDir(), 3
	if *long {
		pipes = 12
	}
	for i := range pipes {
		p := pipe{in: filepath.Join(folder, fmt.Sprintf("in-%d", i)), topic: fmt.Sprintf("moves-%d", i)}
		clusters := []string{"a", "c", "b"}
		if i < pipes*2/3 {
			clusters, p.out = []string{"a", "b"}, filepath.Join(folder, fmt.Sprintf("out-%d", i))
			m.add(fmt.Sprintf("sink-%d", i), clusters, map[string]string{"connector.class": acctest.SinkClass, "topics": p.topic, "file": p.out})
		}
		m.add(fmt.Sprintf("source-%d", i), clusters, map[string]string{"connector.class": acctest.SourceClass, "topic": p.topic, "file": p.in})
		m.pipes = append(m.pipes, p)
	}
	return m
}

func (m *moves) add(key string, clusters []string, config map[string]string) {
	for _, converter := range []string{"key.converter", "value.converter"} {
		config[converter] = "org.apache.kafka.connect.storage.StringConverter"
	}
	m.movers[key] = &mover{Name: key, Config: config, clusters: clusters}
}

// declare changes each connector in the declaration.
func (m *moves) declare(change func(*mover)) {
	m.t.Helper()
	for _, key := range slices.Sorted(maps.Keys(m.movers)) {
		change(m.movers[key])
	}
	m.tf.SetVariables(map[string]any{"clusters": m.urls, "connectors": m.movers})
}

// apply changes each connector and applies that.
func (m *moves) apply(change func(*mover)) {
	m.t.Helper()
	m.declare(change)
	m.tf.converge()
	m.mustExist()
}

// rename gives a connector a name that no connector has had. The text before the point stays.
func (m *moves) rename(c *mover) {
	m.versions++
	before, _, _ := strings.Cut(c.Name, ".")
	c.Name = fmt.Sprintf("%s.%d", before, m.versions)
}

// change renames a connector, moves it, does both, or does nothing.
func (m *moves) change(random *rand.Rand, c *mover) {
	if random.IntN(2) == 0 {
		m.rename(c)
	}
	if random.IntN(2) == 0 {
		c.Cluster = c.clusters[random.IntN(len(c.clusters))]
	}
}

// statuses returns the states of all connectors and tasks by cluster and name.
func (m *moves) statuses() map[string][]string {
	states := map[string][]string{}
	for cluster, url := range m.urls {
		var have map[string]struct {
			Status struct {
				Connector struct{ State string }
				Tasks     []struct{ State string }
			}
		}
		if status, err := send(m.t, http.MethodGet, url+"/connectors?expand=status", &have); err != nil || status != http.StatusOK {
			continue // in a rebalance
		}
		for name, one := range have {
			id := cluster + "/" + name
			states[id] = []string{one.Status.Connector.State}
			for _, task := range one.Status.Tasks {
				states[id] = append(states[id], task.State)
			}
		}
	}
	return states
}

// mustExist checks that the clusters have the declared connectors and no others, each RUNNING with its task.
func (m *moves) mustExist() {
	m.t.Helper()
	want := map[string][]string{}
	for _, c := range m.movers {
		want[c.Cluster+"/"+c.Name] = []string{"RUNNING", "RUNNING"}
	}
	if got := m.statuses(); !maps.EqualFunc(got, want, slices.Equal) {
		m.t.Fatalf("the clusters have\n%v\nwant\n%v", got, want)
	}
}

// running returns the ids of what is RUNNING, by the key in Terraform.
func (m *moves) running() map[string][]string {
	ids := map[string][]string{}
	for id, states := range m.statuses() {
		_, name, _ := strings.Cut(id, "/")
		key, _, _ := strings.Cut(name, ".")
		if slices.Contains(states, "RUNNING") {
			ids[key] = append(ids[key], id)
		}
	}
	return ids
}

// watchStatuses reads the statuses in the background. The returned function ends that, and returns the connectors that ran under two
// names. A change between the requests of one reading proves nothing, so the second reading must show the same.
func (m *moves) watchStatuses() (stop func() (reads int, twice []string)) {
	ctx, cancel := context.WithCancel(m.t.Context())
	var done sync.WaitGroup
	var reads int
	var twice []string
	done.Go(func() {
		before := map[string][]string{}
		for ; ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
			now := m.running()
			for key, ids := range now {
				still := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(before[key], id) })
				if len(still) > 1 {
					twice = append(twice, strings.Join(still, " and "))
				}
			}
			before = now
			reads++
		}
	})
	return func() (int, []string) { cancel(); done.Wait(); return reads, twice }
}

// writeLines appends lines to the files in the background. The returned function ends that, and returns the lines of each file.
func (m *moves) writeLines() (stop func() [][]string) {
	ctx, cancel := context.WithCancel(m.t.Context())
	var done sync.WaitGroup
	written := make([][]string, len(m.pipes))
	for i, p := range m.pipes {
		file, err := os.OpenFile(p.in, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			m.t.Fatal(err)
		}
		done.Go(func() {
			defer file.Close()
			for ; ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
				line := fmt.Sprintf("%d", len(written[i]))
				if _, err := file.WriteString(line + "\n"); err != nil {
					m.t.Error(err)
				}
				written[i] = append(written[i], line)
			}
		})
	}
	return func() [][]string { cancel(); done.Wait(); return written }
}

// check checks that every line has arrived exactly once, and that nothing ran twice.
func (m *moves) check(written [][]string, watch func() (int, []string)) {
	m.t.Helper()
	for i, p := range m.pipes {
		var got []string
		arrived := func() bool { got = m.arrived(p); return len(got) >= len(written[i]) }
		for deadline := time.Now().Add(time.Minute); !arrived() && time.Now().Before(deadline); {
			time.Sleep(time.Second)
		}
		if !slices.Equal(got, written[i]) {
			m.t.Errorf("%s: %d lines were written, %d arrived: %s", p.topic, len(written[i]), len(got), firstDifference(written[i], got))
		}
	}
	reads, twice := watch()
	m.t.Logf("%d lines in %d files; the statuses were read %d times", len(slices.Concat(written...)), len(written), reads)
	if len(twice) > 0 {
		m.t.Errorf("connectors ran twice: %v", twice)
	}
}

// firstDifference describes where two lists of lines begin to differ.
func firstDifference(want, got []string) string {
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			return fmt.Sprintf("line %d; there: %q, want %q", i, got[min(i, len(got)):min(i+5, len(got))], want[i:min(i+5, len(want))])
		}
	}
	return fmt.Sprintf("more lines: %q", got[len(want):min(len(want)+5, len(got))])
}

// arrived returns the lines in the file of the sink, or those in the topics of both Kafkas, sorted by their number.
func (m *moves) arrived(p pipe) []string {
	m.t.Helper()
	if p.out != "" {
		text, err := os.ReadFile(p.out)
		if err != nil {
			m.t.Fatal(err)
		}
		return strings.Fields(string(text))
	}
	var lines []string
	for _, kafka := range m.kafkas {
		lines = append(lines, m.consume(kafka, p.topic)...)
	}
	slices.SortStableFunc(lines, func(a, b string) int {
		if d := len(a) - len(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return lines
}

// consume returns the values of the records in a topic of one partition, or none if the topic does not exist.
func (m *moves) consume(kafka *stack.Stack, topic string) (values []string) {
	m.t.Helper()
	k := acctest.NewKafka(m.t, kafka)
	if _, ok := k.Topic(topic); !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(m.t.Context(), 10*time.Second)
	defer cancel()
	offsets, err := k.Admin.ListEndOffsets(ctx, topic)
	if err != nil {
		m.t.Fatal(err)
	}
	end, _ := offsets.Lookup(topic, 0)
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(kafka.Bootstrap(), ",")...), kgo.KeepControlRecords(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}))
	if err != nil {
		m.t.Fatal(err)
	}
	defer client.Close()
	for next := int64(0); next < end.Offset && ctx.Err() == nil; {
		client.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			if next = r.Offset + 1; !r.Attrs.IsControl() { // which ends a transaction of a source with exactly-once support
				values = append(values, string(r.Value))
			}
		})
	}
	return values
}
