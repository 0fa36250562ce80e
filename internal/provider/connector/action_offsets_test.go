package connector_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// offsetsFixture is a file source that has read four lines, at the offset 19, and a sink of its topic. Terraform manages neither.
type offsetsFixture struct {
	*testing.T
	w            *worker
	c            *acctest.CLI
	source, sink string
	file, out    string
	topic        string
	tooOld       bool // for changes of offsets
}

const fourLines = "one\ntwo\nthree\nfour\n"

func newOffsetsFixture(t *testing.T) *offsetsFixture {
	t.Helper()
	w, config := sharedWorker(t), source(t)
	s := &offsetsFixture{
		T: t, w: w, c: actionCLI(t), source: acctest.UniqueName("source"), sink: acctest.UniqueName("sink"),
		file: config["file"], out: filepath.Join(t.TempDir(), "out.txt"), topic: config["topic"], tooOld: w.Older("3.6"),
	}
	if err := os.WriteFile(s.file, []byte(fourLines), 0o600); err != nil {
		t.Fatal(err)
	}
	w.create(s.source, 1, config)
	w.create(s.sink, 1, map[string]string{"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": s.topic, "file": s.out})
	s.writes(fourLines)
	if !s.tooOld { // so that all offsets are committed
		w.set(s.source, "stop", "STOPPED")
		w.set(s.sink, "stop", "STOPPED")
		s.has(s.source, `{"partition":{"filename":"`+s.file+`"},"offset":{"position":19}}`)
		s.has(s.sink, s.sinkOffset(4))
	}
	return s
}

// sinkOffset is how the worker shows an offset of the sink.
func (s *offsetsFixture) sinkOffset(offset int) string {
	return fmt.Sprintf(`{"partition":{"kafka_partition":0,"kafka_topic":%q},"offset":{"kafka_offset":%d}}`, s.topic, offset)
}

// has checks the offsets of a connector, in any order. The worker may show a change a moment later.
func (s *offsetsFixture) has(name string, want ...string) {
	s.Helper()
	acctest.Eventually(s.T, fmt.Sprintf("%s has the offsets %s", name, want), func() bool {
		have := strings.Fields(s.w.offsets(name))
		slices.Sort(have)
		return slices.Equal(have, want)
	})
}

// writes waits until the sink has written the text, and empties its file.
func (s *offsetsFixture) writes(want string) {
	s.Helper()
	var got []byte
	acctest.Eventually(s.T, fmt.Sprintf("the sink writes %q", want), func() bool {
		got, _ = os.ReadFile(s.out)
		return string(got) == want
	})
	if err := os.Truncate(s.out, 0); err != nil {
		s.Fatal(err)
	}
}

// run sets both connectors to RUNNING.
func (s *offsetsFixture) run() {
	s.Helper()
	s.w.set(s.source, "resume", "RUNNING", "RUNNING")
	s.w.set(s.sink, "resume", "RUNNING", "RUNNING")
}

// sourceAt declares the offset of the source.
func (s *offsetsFixture) sourceAt(position int) string {
	return fmt.Sprintf("offsets = [{ partition = jsonencode({ filename = %q }), offset = jsonencode({ position = %d }) }]", s.file, position)
}

// sinkAt declares the offset of the sink.
func (s *offsetsFixture) sinkAt(offset int) string {
	return fmt.Sprintf("offsets = [{ partition = jsonencode({ kafka_topic = %q, kafka_partition = 0 }), offset = jsonencode({ kafka_offset = %d }) }]", s.topic, offset)
}

// invoke invokes the action on the connector.
func (s *offsetsFixture) invoke(kind, name string, lines ...string) string {
	s.Helper()
	s.c.Configure(withAction(s.w.URL, kind, name, lines...))
	return s.c.Must(invoke(kind)...)
}

// fails invokes the action on the connector, which must fail with the messages.
func (s *offsetsFixture) fails(says []string, kind, name string, lines ...string) string {
	s.Helper()
	s.w.Forget()
	s.c.Configure(withAction(s.w.URL, kind, name, lines...))
	return s.c.MustFail(says, invoke(kind)...)
}

// wrote checks which requests have changed something since the last failure.
func (s *offsetsFixture) wrote(name string, want ...string) {
	s.Helper()
	for i := range want {
		method, below, _ := strings.Cut(want[i], " ")
		want[i] = method + " " + acctest.ConnectorPath(name, below)
	}
	if got := strings.Join(s.w.Writes(), ", "); got != strings.Join(want, ", ") {
		s.Errorf("the worker was sent %s, want %s", got, want)
	}
}

func TestAccConnector_offsetActions(t *testing.T) {
	t.Parallel()
	s := newOffsetsFixture(t)
	if s.tooOld {
		for kind, lines := range map[string]string{"alter_offsets": s.sourceAt(8), "reset_offsets": ""} {
			out := s.fails([]string{"Unable to change the offsets of connector", "the connector was not stopped"}, kind, s.source, lines)
			if !acctest.Needs("Changing a connector's offsets", "3.6").MatchString(out) {
				t.Errorf("the worker is too old, and that is not said:\n%s", out)
			}
			s.wrote(s.source)
		}
		s.w.isIn(s.source, "RUNNING", "RUNNING")
		return
	}
	// STOPPED: nothing is started.
	out := s.invoke("alter_offsets", s.source, s.sourceAt(8))
	acctest.SaidBy(t, out, "Changing 1 offsets", "The offsets are in effect", "stays STOPPED")
	s.has(s.source, `{"partition":{"filename":"`+s.file+`"},"offset":{"position":8}}`)
	s.w.isIn(s.source, "STOPPED")

	// RUNNING: the source reads the lines after its new offset, and the sink writes them.
	s.run()
	s.writes("three\nfour\n")
	out = s.invoke("alter_offsets", s.source, s.sourceAt(14))
	acctest.SaidBy(t, out, "Stopping connector", "which is RUNNING", "to RUNNING again", "With the new offsets: connector RUNNING, task 0 RUNNING.")
	s.writes("four\n")
	s.w.isIn(s.source, "RUNNING", "RUNNING")
	s.invoke("reset_offsets", s.source)
	s.writes(fourLines)

	// A sink: the topic has 4, 2, 1 and 4 lines.
	s.invoke("alter_offsets", s.sink, s.sinkAt(10))
	s.writes("four\n")
	s.invoke("reset_offsets", s.sink)
	s.writes(fourLines + "three\n" + "four\n" + "four\n" + fourLines)
	s.w.isIn(s.sink, "RUNNING", "RUNNING")

	// PAUSED
	s.w.set(s.sink, "pause", "PAUSED", "PAUSED")
	acctest.SaidBy(t, s.invoke("alter_offsets", s.sink, s.sinkAt(9)), "to PAUSED again", "With the new offsets: connector PAUSED")
	s.has(s.sink, s.sinkOffset(9))
	s.w.isIn(s.sink, "PAUSED") // the worker creates its tasks when it is resumed
	s.w.set(s.sink, "resume", "RUNNING", "RUNNING")
	s.writes("three\nfour\n")
}

// An entry can delete the offset of its partition. The others stay.
func TestAccConnector_alterOffsetsOfSomePartitions(t *testing.T) {
	t.Parallel()
	s := newOffsetsFixture(t)
	if s.tooOld {
		return
	}
	s.invoke("alter_offsets", s.source, `offsets = [
      { partition = jsonencode({ filename = "/a" }), offset = jsonencode({ position = 9007199254740993 }) },
      { partition = jsonencode({ filename = "/b" }), offset = jsonencode({ position = 2 }) },
      { partition = jsonencode({ filename = "`+s.file+`" }), reset = true },
    ]`)
	s.has(s.source, `{"partition":{"filename":"/a"},"offset":{"position":9007199254740993}}`, `{"partition":{"filename":"/b"},"offset":{"position":2}}`)
}

// If the worker or the connector rejects the offsets, the connector runs again with its previous offsets.
func TestAccConnector_offsetsRejected(t *testing.T) {
	t.Parallel()
	s := newOffsetsFixture(t)
	if s.tooOld {
		return
	}
	before := s.w.offsets(s.source)
	s.run()
	says := []string{"Unable to change the offsets of connector", "Partition objects should contain the key 'filename'", "the connector was set to RUNNING again, as before"}
	s.fails(says, "alter_offsets", s.source, `offsets = [{ partition = jsonencode({ file = "f" }), offset = jsonencode({ position = 1 }) }]`)
	s.wrote(s.source, "PUT stop", "PATCH offsets", "PUT resume")
	s.w.becomes(s.source, "RUNNING", "RUNNING")
	s.has(s.source, before)

	s.w.set(s.source, "pause", "PAUSED", "PAUSED")
	s.fails([]string{"Offset objects should either be null or contain the key 'position'", "set to PAUSED again"}, "alter_offsets", s.source,
		`offsets = [{ partition = jsonencode({ filename = "f" }), offset = jsonencode({ pos = 1 }) }]`)
	s.w.becomes(s.source, "PAUSED")
	s.w.set(s.source, "stop", "STOPPED")
	s.fails([]string{"is expected to be a Long value", "the connector is STOPPED, as before"}, "alter_offsets", s.source,
		`offsets = [{ partition = jsonencode({ filename = "f" }), offset = jsonencode({ position = "1" }) }]`)
	s.wrote(s.source, "PATCH offsets")

	// The keys of a sink are known, so that it is not even stopped.
	s.fails([]string{`Missing key "kafka_partition"`, "is a sink", "The connector was not stopped."}, "alter_offsets", s.sink,
		`offsets = [{ partition = jsonencode({ kafka_topic = "t" }), offset = jsonencode({ kafka_offset = 1 }) }]`)
	s.fails([]string{`Missing key "kafka_offset"`, `{"offset":1} does not have the key`}, "alter_offsets", s.sink,
		`offsets = [{ partition = jsonencode({ kafka_topic = "t", kafka_partition = 0 }), offset = jsonencode({ offset = 1 }) }]`)
	s.wrote(s.sink)
	// Kafka rejects what has the right keys.
	s.fails([]string{"Failed to", "the connector was set to RUNNING again"}, "alter_offsets", s.sink,
		`offsets = [{ partition = jsonencode({ kafka_topic = "`+s.topic+`", kafka_partition = 0 }), offset = jsonencode({ kafka_offset = -7 }) }]`)
	s.w.becomes(s.sink, "RUNNING", "RUNNING")
}

// A sink whose consumer group still has a member: the change is repeated until the group is empty.
func TestAccConnector_offsetsOfGroupWithMembers(t *testing.T) {
	t.Parallel()
	s := newOffsetsFixture(t)
	if s.tooOld {
		return
	}
	member, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(stack.Shared(t).Bootstrap(), ",")...),
		kgo.ConsumerGroup("connect-"+s.sink), kgo.ConsumeTopics(s.topic), kgo.DisableAutoCommit())
	if err != nil {
		t.Fatal(err)
	}
	defer member.Close()
	if err := os.WriteFile(s.file, []byte(fourLines+"five\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.w.set(s.source, "resume", "RUNNING", "RUNNING")
	for member.PollFetches(t.Context()).NumRecords() == 0 && t.Context().Err() == nil { // until it has joined
	}
	var attempts atomic.Int32
	s.w.Before(func(r *http.Request) {
		if r.Method == http.MethodPatch && attempts.Add(1) == 2 {
			member.Close()
		}
	})
	s.invoke("alter_offsets", s.sink, s.sinkAt(1))
	s.has(s.sink, s.sinkOffset(1))
	if n := attempts.Load(); n < 2 {
		t.Errorf("the worker accepted the first of %d requests: the test proves nothing", n)
	}
}

// The connector runs again when the run is interrupted while the connector is STOPPED.
func TestAccConnector_offsetActionInterrupted(t *testing.T) {
	t.Parallel()
	s := newOffsetsFixture(t)
	if s.tooOld {
		return
	}
	s.run()
	stopped := make(chan struct{})
	s.w.Before(func(r *http.Request) {
		if r.Method == http.MethodDelete {
			close(stopped)
			<-r.Context().Done() // until the provider is interrupted
		}
	})
	s.c.Configure(withAction(s.w.URL, "reset_offsets", s.source))
	cmd, out := s.c.Command(invoke("reset_offsets")...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-stopped
	s.w.isIn(s.source, "STOPPED")
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("an interrupted action succeeded")
	}
	acctest.SaidBy(t, out.String(), "Unable to change the offsets of connector", "interrupted", "the connector was set to RUNNING again, as before")
	s.w.becomes(s.source, "RUNNING", "RUNNING")
}

// A connector with a FAILED task runs with the new offsets: this is how a record that a task cannot process is skipped.
func TestAccConnector_offsetsOfFailedConnector(t *testing.T) {
	t.Parallel()
	s := newOffsetsFixture(t)
	if s.tooOld {
		return
	}
	folder := filepath.Join(t.TempDir(), "later")
	config := map[string]string{"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": s.topic, "file": filepath.Join(folder, "out.txt")}
	name := acctest.UniqueName("failed")
	t.Cleanup(func() { s.w.Delete(name) })
	s.w.Do(http.MethodPost, "/connectors", map[string]any{"name": name, "config": config})
	s.w.becomes(name, "RUNNING", "FAILED")
	s.fails([]string{"were changed, but the connector did not become RUNNING again", "task 0 on worker"}, "alter_offsets", name, s.sinkAt(2))
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	s.invoke("alter_offsets", name, s.sinkAt(3))
	s.w.isIn(name, "RUNNING", "RUNNING")
	acctest.Eventually(t, "the sink writes the last line", func() bool {
		got, _ := os.ReadFile(config["file"])
		return string(got) == "four\n"
	})
}

// A resource that changes can move the offsets of its connector, and of another one.
func TestAccConnector_offsetActionTriggered(t *testing.T) {
	t.Parallel()
	s := newOffsetsFixture(t)
	if s.tooOld {
		return
	}
	s.w.Delete(s.source)
	s.w.set(s.sink, "resume", "RUNNING", "RUNNING")
	config := map[string]string{"connector.class": acctest.SourceClass, "tasks.max": "1", "topic": s.topic, "file": s.file}
	for i, batch := range []string{"100", "200"} {
		s.c.Configure(declared(s.w.URL, s.source, acctest.With(config, "batch.size", batch), onEvent("after_update", "alter_offsets")) +
			actionBlock("alter_offsets", s.source, s.sourceAt(14)))
		s.c.Apply()
		if i == 1 {
			s.writes("four\n")
		}
		s.c.MustBeEmpty()
	}
}
