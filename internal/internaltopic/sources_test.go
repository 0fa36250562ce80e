package internaltopic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// fileGroup is a Connect group with FileStream sources. Each source copies the lines of its file to one target topic,
// and keeps its position in the offset topic.
type fileGroup struct {
	stack      *stack.Stack
	id         string
	properties map[string]string
	target     string

	mu       sync.Mutex
	files    []*os.File
	written  int            // Lines in each file.
	seen     map[string]int // How often the target topic has each line.
	arrived  []int          // How many of the first lines of each source the target topic has.
	repeated int            // How many copies of lines it has beside the first ones.
}

// newFileGroup creates the topics and files of a group. Its workers are not started.
func newFileGroup(t *testing.T, s *stack.Stack, sources, offsetPartitions int, properties map[string]string) *fileGroup {
	t.Helper()
	g := &fileGroup{stack: s, id: fmt.Sprintf("files-%d", topicNumber.Add(1)), seen: map[string]int{}}
	g.target = g.id + "-target"
	for topic, partitions := range map[string]int{g.offsetTopic(): offsetPartitions, g.statusTopic(): 5, g.configTopic(): 1, g.target: 1} {
		topicWith(t, s.Bootstrap(), topic, fill{partitions: partitions})
	}
	// No line of the target topic may be compacted away.
	if err := newClient(t, s.Bootstrap()).alterConfig(t.Context(), g.target, map[string]string{KeyCleanupPolicy: "delete"}, nil); err != nil {
		t.Fatal(err)
	}
	g.properties = map[string]string{
		"group.id": g.id, "offset.storage.topic": g.offsetTopic(), "status.storage.topic": g.statusTopic(), "config.storage.topic": g.configTopic(),
	}
	maps.Copy(g.properties, properties)
	g.arrived = make([]int, sources)
	folder := t.TempDir()
	for n := range sources {
		f, err := os.OpenFile(filepath.Join(folder, fmt.Sprintf("%d.txt", n)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		g.files = append(g.files, f)
	}
	g.count(t)
	return g
}

func (g *fileGroup) offsetTopic() string { return g.id + "-offsets" }
func (g *fileGroup) statusTopic() string { return g.id + "-status" }
func (g *fileGroup) configTopic() string { return g.id + "-configs" }

// orders returns what an apply of the partition count of a topic of the group needs.
func (g *fileGroup) orders(role Role, partitions int) orders {
	names := map[Role]string{RoleOffset: g.offsetTopic(), RoleStatus: g.statusTopic(), RoleConfig: g.configTopic()}
	o := orders{GroupID: g.id, Spec: Spec{Role: role, Name: names[role], Partitions: partitions, AllowDeletion: true}}
	for _, other := range Roles() {
		if other != role {
			o.OtherStorageTopics = append(o.OtherStorageTopics, names[other])
		}
	}
	return o
}

// addWorker starts a worker of the group.
func (g *fileGroup) addWorker(t *testing.T) *stack.Worker {
	t.Helper()
	w, err := g.stack.AddWorker(t.Context(), stack.WorkerOptions{Properties: g.properties})
	if w != nil {
		t.Cleanup(func() { _ = w.Kill(context.WithoutCancel(t.Context())) })
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// createSources creates the sources on a worker.
func (g *fileGroup) createSources(t *testing.T, w *stack.Worker) {
	t.Helper()
	for n, f := range g.files {
		config, err := json.Marshal(map[string]string{
			"connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector", "tasks.max": "1", "file": f.Name(), "topic": g.target,
		})
		if err != nil {
			t.Fatal(err)
		}
		url := fmt.Sprintf("%s/connectors/%s-%d/config", w.URL, g.id, n)
		// The group may be rebalancing.
		err = poll(t.Context(), time.Minute, func(ctx context.Context) (bool, error) { return true, put(ctx, url, config) })
		if err != nil {
			t.Fatalf("create source %d: %v", n, err)
		}
	}
}

func put(ctx context.Context, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("PUT: %s: %s", resp.Status, text)
	}
	return nil
}

const lineFormat = "source %d line %d" // Both numbers count from zero.

// write appends lines to each file.
func (g *fileGroup) write(t *testing.T, lines int) {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for range lines {
		for n, f := range g.files {
			if _, err := fmt.Fprintf(f, lineFormat+"\n", n, g.written); err != nil {
				t.Error(err)
			}
		}
		g.written++
	}
}

// count counts the committed lines of the target topic until the test ends.
func (g *fileGroup) count(t *testing.T) {
	consumer := independent(t, g.stack.Bootstrap(), kgo.ConsumeTopics(g.target), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()))
	go func() {
		for {
			fetches := consumer.PollFetches(t.Context())
			if fetches.IsClientClosed() || t.Context().Err() != nil {
				return
			}
			fetches.EachRecord(func(r *kgo.Record) { g.add(t, string(r.Value)) })
		}
	}()
}

// add counts a line of the target topic.
func (g *fileGroup) add(t *testing.T, line string) {
	var source, number int
	if _, err := fmt.Sscanf(line, lineFormat, &source, &number); err != nil {
		t.Errorf("the target topic has %q: %v", line, err)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen[line]++; g.seen[line] > 1 {
		g.repeated++
	}
	for g.seen[fmt.Sprintf(lineFormat, source, g.arrived[source])] > 0 {
		g.arrived[source]++
	}
}

// awaitLines waits until the target topic has every line that was written so far. A source that starts at an old
// position repeats lines before it copies new ones, so all repeated lines are counted then, too.
func (g *fileGroup) awaitLines(t *testing.T, limit time.Duration) {
	t.Helper()
	g.mu.Lock()
	written := g.written
	g.mu.Unlock()
	arrived := func(context.Context) (bool, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		return slices.Min(g.arrived) >= written, nil
	}
	if err := poll(t.Context(), limit, arrived); err != nil {
		t.Fatalf("not all of the first %d lines of each source have arrived: %v, only %v", written, err, g.arrived)
	}
}

// repetitions returns how many copies of lines the target topic has beside the first ones.
func (g *fileGroup) repetitions() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.repeated
}

// wantEachLineOnce reads the whole target topic. No worker may run.
func (g *fileGroup) wantEachLineOnce(t *testing.T) {
	t.Helper()
	seen := map[string]int{}
	for _, records := range recordsOf(t, g.stack.Bootstrap(), g.target) {
		for _, r := range records {
			seen[string(r.Value)]++
		}
	}
	lost, repeated := 0, 0
	for n := range g.files {
		for number := range g.written {
			if seen[fmt.Sprintf(lineFormat, n, number)] == 0 {
				lost++
			}
		}
	}
	for _, times := range seen {
		repeated += times - 1
	}
	t.Logf("%d lines of %d sources: %d lost, %d repeated", g.written*len(g.files), len(g.files), lost, repeated)
	if lost+repeated > 0 {
		t.Errorf("of %d lines, %d are lost and %d are repeated", g.written*len(g.files), lost, repeated)
	}
}

// restart restarts workers that run, and waits until they have copied another line.
func (g *fileGroup) restart(t *testing.T, workers ...*stack.Worker) {
	t.Helper()
	for _, w := range workers {
		if err := w.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	var starting sync.WaitGroup
	for _, w := range workers {
		starting.Go(func() {
			if err := w.Start(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	starting.Wait()
	g.write(t, 1)
	g.awaitLines(t, linesLimit)
}
