package topic_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// group is a Connect group of one worker on topics that Terraform manages, with file sources that write to one topic.
type group struct {
	*cluster
	stack   *stack.Stack
	id      string
	factor  int // of the group's own topics
	sources int
	folder  string // of the sources' files
	process *stack.Worker
	lines   []string // all lines ever written to the files, in order

	output string // the topic that the sources write to
	reader *kgo.Client
	seen   []string // all lines read from it
}

// newGroup creates the folder for the files and the topic that the sources write to.
func newGroup(t *testing.T, s *stack.Stack, sources int) *group {
	t.Helper()
	g := &group{cluster: newCluster(t, s), stack: s, id: acctest.UniqueName("group"), factor: min(3, len(s.Brokers)), sources: sources, folder: t.TempDir()}
	g.output = g.id + "-lines"
	g.Create(g.output, 1, map[string]string{"cleanup.policy": "delete"}) // lines have no key
	t.Cleanup(func() {
		for _, role := range []string{"offset", "config", "status"} {
			g.Delete(g.topicOf(role))
		}
	})
	var err error
	g.reader, err = kgo.NewClient(kgo.SeedBrokers(strings.Split(s.Bootstrap(), ",")...),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{g.output: {0: kgo.NewOffset().AtStart()}}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.reader.Close)
	return g
}

func (g *group) topicOf(role string) string { return g.id + "-" + role }

// config declares the group's three topics. The lines are part of the offset topic's block.
func (g *group) config(lines ...string) string {
	return g.ProviderConfig() + fmt.Sprintf(`
resource "kafkaconnect_internal_topic" "config" {
  role                = "config"
  name                = %q
  group_id            = %q
  deletion_protection = false
}
resource "kafkaconnect_internal_topic" "status" {
  role                = "status"
  name                = %q
  group_id            = %q
  deletion_protection = false
}
resource "kafkaconnect_internal_topic" "test" {
  role     = "offset"
  name     = %q
  group_id = %q
  %s
}
`, g.topicOf("config"), g.id, g.topicOf("status"), g.id, g.topicOf("offset"), g.id, strings.Join(lines, "\n  "))
}

// start starts the group's worker with the offset topic, and waits until it has joined the group. A worker may answer
// requests before it joins.
func (g *group) start(offsets string) {
	g.T.Helper()
	factor := strconv.Itoa(g.factor)
	worker, err := g.stack.AddWorker(g.T.Context(), stack.WorkerOptions{Properties: map[string]string{
		"group.id":                          g.id,
		"offset.storage.topic":              offsets,
		"config.storage.topic":              g.topicOf("config"),
		"status.storage.topic":              g.topicOf("status"),
		"offset.storage.replication.factor": factor,
		"config.storage.replication.factor": factor,
		"status.storage.replication.factor": factor,
	}})
	if worker != nil {
		g.process = worker
		g.T.Cleanup(func() { _ = worker.Kill(g.Ctx()) })
	}
	if err != nil {
		g.T.Fatal(err)
	}
	g.awaitMembers(1)
}

// restart stops the worker if it runs, and starts it again.
func (g *group) restart() {
	g.T.Helper()
	g.stop()
	if err := g.process.Start(g.T.Context()); err != nil {
		g.T.Fatal(err)
	}
	g.awaitMembers(1)
}

// stop stops the worker and waits until it has left its group.
func (g *group) stop() {
	g.T.Helper()
	if err := g.process.Stop(g.T.Context()); err != nil {
		g.T.Fatal(err)
	}
	g.awaitMembers(0)
}

// awaitMembers waits until the group has that number of members.
func (g *group) awaitMembers(number int) {
	g.T.Helper()
	acctest.Eventually(g.T, fmt.Sprintf("the group has %d members", number), func() bool {
		groups, err := g.Admin.DescribeGroups(g.Ctx(), g.id)
		return err == nil && len(groups[g.id].Members) == number
	})
}

// startFails starts the worker, waits until it logs the reason, and kills it. Without the kill, the worker would retry for
// most of a minute.
func (g *group) startFails(reason string) {
	g.T.Helper()
	ctx, cancel := context.WithCancel(g.T.Context())
	started := make(chan struct{})
	go func() {
		defer close(started)
		_ = g.process.Start(ctx)
	}()
	acctest.Eventually(g.T, "the worker logs "+reason, func() bool { return strings.Contains(g.process.Log(), reason) })
	cancel()
	<-started
	if err := g.process.Kill(g.Ctx()); err != nil {
		g.T.Fatal(err)
	}
}

// rest returns a client of the worker.
func (g *group) rest() *acctest.Worker { return &acctest.Worker{T: g.T, Direct: g.process.URL} }

// connect creates the sources.
func (g *group) connect() {
	g.T.Helper()
	for i := range g.sources {
		g.rest().Do(http.MethodPost, "/connectors", map[string]any{"name": g.source(i), "config": map[string]string{
			"connector.class": acctest.SourceClass, "tasks.max": "1", "topic": g.output, "file": g.file(i),
		}})
	}
}

func (g *group) source(i int) string { return fmt.Sprintf("%s-source-%d", g.id, i) }
func (g *group) file(i int) string   { return filepath.Join(g.folder, fmt.Sprintf("%d.txt", i)) }

// write appends n lines to each file. It waits until the topic has all lines that were ever written, each exactly once.
func (g *group) write(n int) {
	g.T.Helper()
	for i := range g.sources {
		file, err := os.OpenFile(g.file(i), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			g.T.Fatal(err)
		}
		for range n {
			line := fmt.Sprintf("line %06d of source %d", len(g.lines), i)
			g.lines = append(g.lines, line)
			fmt.Fprintln(file, line)
		}
		file.Close()
	}
	for len(g.seen) < len(g.lines) || !slices.Contains(g.seen, g.lines[len(g.lines)-1]) {
		fetches := g.reader.PollFetches(g.Ctx())
		if err := fetches.Err(); err != nil {
			g.T.Fatalf("%d of %d lines arrived: %v", len(g.seen), len(g.lines), err)
		}
		fetches.EachRecord(func(r *kgo.Record) { g.seen = append(g.seen, string(r.Value)) })
	}
	g.exactlyOnce()
}

// exactlyOnce checks that no line was written to the topic twice. A source reads its file from one position onward, so it
// repeats lines before it writes the newest one.
func (g *group) exactlyOnce() {
	g.T.Helper()
	count, twice := map[string]int{}, 0
	for _, line := range g.seen {
		if count[line]++; count[line] > 1 {
			twice++
		}
	}
	if twice > 0 || len(count) != len(g.lines) {
		g.T.Fatalf("%d of %d lines arrived, %d of them twice", len(count), len(g.lines), twice)
	}
}

// offsets returns the offsets of each source, after they have reached the end of its file.
func (g *group) offsets() map[string]string {
	g.T.Helper()
	all := map[string]string{}
	for i := range g.sources {
		size, err := os.Stat(g.file(i))
		if err != nil {
			g.T.Fatal(err)
		}
		end := fmt.Sprintf(`"position":%d`, size.Size())
		acctest.Eventually(g.T, "the offsets of "+g.source(i)+" are at the end", func() bool {
			status, body := g.rest().Ask(http.MethodGet, acctest.ConnectorPath(g.source(i), "offsets"), nil)
			all[g.source(i)] = string(body)
			return status == http.StatusOK && strings.Contains(string(body), end)
		})
	}
	return all
}

// fillOffsets fills the offset topic with about 5.4 MB of offsets of connectors that no longer exist.
func (g *group) fillOffsets() {
	g.T.Helper()
	got, _ := g.Topic(g.topicOf("offset"))
	var records []*kgo.Record
	for i := range 5400 {
		key, _ := json.Marshal([]any{fmt.Sprintf("former-%d", i), map[string]string{"filename": fmt.Sprintf("/former/%d", i)}})
		value, _ := json.Marshal(map[string]string{"position": strconv.Itoa(i), "note": strings.Repeat("n", 1000)})
		records = append(records, &kgo.Record{
			Topic: g.topicOf("offset"), Partition: int32(acctest.Partition(string(key), got.Partitions)), Key: key, Value: value,
		})
	}
	if err := g.Client.ProduceSync(g.Ctx(), records...).FirstErr(); err != nil {
		g.T.Fatal(err)
	}
}

// keepsOffsets checks that the worker still has the offsets.
func (g *group) keepsOffsets(before map[string]string) {
	g.T.Helper()
	if after := g.offsets(); !maps.Equal(after, before) {
		g.T.Errorf("the offsets are %v, were %v", after, before)
	}
}
