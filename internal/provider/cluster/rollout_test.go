package cluster_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// rollout is a group of two workers, each of which runs from its file of one kafkaconnect_worker_config.
type rollout struct {
	*acctest.CLI
	cluster *stack.Stack
	urls    []string
	workers []*stack.Worker
	group   string
	delay   string // scheduled.rebalance.max.delay.ms
	more    string // configuration beside the provider and the worker configuration
}

// newRollout writes the files, starts the workers, and creates three connectors.
func newRollout(t *testing.T) *rollout {
	t.Helper()
	acctest.RequireAcceptance(t)
	r := &rollout{CLI: acctest.NewCLI(t, ""), group: acctest.UniqueName("rollout"), delay: "1000"}
	return r
}

// start starts everything. The CLI may have skipped the test before.
func (r *rollout) start() {
	r.T.Helper()
	r.cluster = stack.Start(r.T, stack.Options{Workers: stack.NoWorkers})
	for range 3 {
		port, err := r.cluster.FreePort()
		if err != nil {
			r.T.Fatal(err)
		}
		r.urls = append(r.urls, fmt.Sprintf("http://127.0.0.1:%d", port))
	}
	r.set(1000, r.urls[:2])
	r.Apply()
	for _, name := range []string{"a", "b"} { // one after the other, so that the first one becomes the leader of the group
		worker, err := r.cluster.AddWorker(r.T.Context(), stack.WorkerOptions{PropertiesFile: r.file(name)})
		if err != nil {
			r.T.Fatal(err)
		}
		r.workers = append(r.workers, worker)
	}
	for i := range 3 {
		r.first().Do(http.MethodPost, "/connectors", map[string]any{"name": fmt.Sprintf("c%d", i), "config": map[string]string{
			"connector.class": acctest.SourceClass, "tasks.max": "1", "file": filepath.Join(r.Dir, "none"), "topic": "rollout",
		}})
	}
	acctest.Eventually(r.T, "three connectors and their tasks are RUNNING", func() bool {
		return strings.Count(string(r.first().Do(http.MethodGet, "/connectors?expand=status", nil)), `"RUNNING"`) == 6
	})
}

func (r *rollout) file(worker string) string {
	return filepath.Join(r.Dir, worker+".properties")
}

func (r *rollout) first() *acctest.Worker {
	return &acctest.Worker{T: r.T, Direct: r.urls[0]}
}

// set changes a setting of the workers, for the next apply. The provider uses the URLs.
func (r *rollout) set(flushInterval int, urls []string) {
	r.T.Helper()
	r.Configure(fmt.Sprintf(`
provider "kafkaconnect" {
  connect = { urls = ["%[1]s"] }
  kafka   = { bootstrap_servers = [%[2]q] }
}
resource "kafkaconnect_worker_config" "this" {
  group_id                          = %[3]q
  offset_storage_topic              = "%[3]s-offset"
  config_storage_topic              = "%[3]s-config"
  status_storage_topic              = "%[3]s-status"
  offset_storage_replication_factor = 1
  config_storage_replication_factor = 1
  status_storage_replication_factor = 1
  key_converter                     = "org.apache.kafka.connect.storage.StringConverter"
  value_converter                   = "org.apache.kafka.connect.storage.StringConverter"
  announce_revision                 = true
  config = {
    "offset.flush.interval.ms"         = "%[4]d"
    "plugin.discovery"                 = "service_load"
    "response.http.headers.config"     = "\"set Cache-Control: no-cache, no-store\""
    "scheduled.rebalance.max.delay.ms" = %[9]q
  }
  workers = {
    a = { listeners = [%[5]q], path = %[6]q }
    b = { listeners = [%[7]q], path = %[8]q }
  }
}
output "revisions" {
  value = [for worker in kafkaconnect_worker_config.this.workers : worker.content_sha256]
}
`, strings.Join(urls, `", "`), r.cluster.Bootstrap(), r.group, flushInterval, r.urls[0], r.file("a"), r.urls[1], r.file("b"), r.delay) + r.more)
}

// revisions returns content_sha256 of both files.
func (r *rollout) revisions() []string {
	r.T.Helper()
	var list []string
	if err := json.Unmarshal([]byte(r.Must("output", "-json", "revisions")), &list); err != nil {
		r.T.Fatal(err)
	}
	return list
}

// restart restarts a worker, which then runs its current file.
func (r *rollout) restart(i int) {
	r.T.Helper()
	if err := r.workers[i].Stop(r.T.Context()); err != nil {
		r.T.Fatal(err)
	}
	if err := r.workers[i].Start(r.T.Context()); err != nil {
		r.T.Fatal(err)
	}
}

// isDone checks without the provider that both workers run their files, and that every connector and task has a worker.
func (r *rollout) isDone() {
	r.T.Helper()
	for i, want := range r.revisions() {
		resp, err := http.Get(r.urls[i] + "/connectors?expand=status") //nolint:noctx // a local worker
		if err != nil {
			r.T.Fatal(err)
		}
		var text bytes.Buffer
		_, err = text.ReadFrom(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.Header.Get("X-Kafka-Connect-Config") != want || resp.Header.Get("Cache-Control") != "no-cache, no-store" {
			r.T.Errorf("worker %d runs %v, want %s (error %v)", i, resp.Header, want, err)
		}
		if strings.Contains(text.String(), "UNASSIGNED") || strings.Count(text.String(), `"RUNNING"`) != 6 {
			r.T.Errorf("worker %d shows %s", i, text.String())
		}
	}
}

// output is the output of a command that runs.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// begin starts Terraform and waits until it prints the text.
func (r *rollout) begin(text string, args ...string) (*exec.Cmd, *output) {
	r.T.Helper()
	cmd, _ := r.Command(args...)
	out := &output{}
	cmd.Stdout, cmd.Stderr = out, out
	r.T.Cleanup(func() {
		if r.T.Failed() {
			r.T.Logf("Terraform printed:\n%s", out)
		}
	})
	if err := cmd.Start(); err != nil {
		r.T.Fatal(err)
	}
	r.prints(out, text)
	return cmd, out
}

func (r *rollout) prints(out *output, text string) {
	r.T.Helper()
	acctest.Eventually(r.T, "Terraform prints "+text, func() bool { return strings.Contains(acctest.Unwrap(out.String()), text) })
}

func invoke() []string {
	return []string{"apply", "-auto-approve", "-no-color", "-invoke=action.kafkaconnect_await_workers.this"}
}

func awaitAction(timeout string) string {
	return fmt.Sprintf(`
action "kafkaconnect_await_workers" "this" {
  config {
    revisions = [for worker in kafkaconnect_worker_config.this.workers : worker.content_sha256]
    timeouts  = { invoke = %q }
  }
}
`, timeout)
}

// The action returns only when both workers run their new files. With one worker on its old file, it fails and names that worker.
func TestAccAwaitWorkers_rollout(t *testing.T) {
	t.Parallel()
	r := newRollout(t)
	r.RequireTerraform("1.14")
	r.more = awaitAction("10m")
	r.start()
	r.Must(invoke()...)
	r.isDone()
	before := r.revisions()

	r.set(2000, r.urls[:2])
	r.Apply()
	after := r.revisions()
	if slices.Contains(before, after[0]) || slices.Contains(before, after[1]) {
		t.Fatalf("the revisions are still %v", after)
	}
	r.restart(0)
	r.more = awaitAction("10s")
	r.set(2000, r.urls[:2])
	failed := r.MustFail([]string{"The workers do not run the revision", "Wanted: one of the revisions", r.urls[1] + " runs revision " + before[1], "Restart each of these workers"}, invoke()...)
	if strings.Contains(failed, r.urls[0]) {
		t.Errorf("the worker with the new file is named:\n%s", failed)
	}

	r.more = awaitAction("10m")
	r.set(2000, r.urls[:2])
	cmd, out := r.begin(r.urls[1]+" runs revision "+before[1], invoke()...)
	r.restart(1)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	r.isDone()
	acctest.SaidBy(t, out.String(), "all workers run the revision")
}

// After a worker was killed, the status of its connectors stays RUNNING although nothing runs them. The action waits until the group
// has assigned them. A new leader would assign them immediately.
func TestAccAwaitWorkers_killedWorker(t *testing.T) {
	t.Parallel()
	r := newRollout(t)
	r.RequireTerraform("1.14")
	r.delay, r.more = "40000", awaitAction("10m")
	r.start()
	acctest.Eventually(t, "the second worker runs connectors", func() bool {
		return strings.Contains(string(r.first().Do(http.MethodGet, "/connectors?expand=status", nil)), strings.TrimPrefix(r.urls[1], "http://"))
	})
	if err := r.workers[1].Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.workers[1].Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	cmd, out := r.begin("is assigned to no worker", invoke()...)
	if text := string(r.first().Do(http.MethodGet, "/connectors?expand=status", nil)); strings.Contains(text, "UNASSIGNED") {
		t.Errorf("the statuses show it too, so the test proves nothing: %s", text)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	r.isDone()
}

// The data source shows which worker runs which file, also while a worker is down. The group has both members.
func TestAccCluster_rollout(t *testing.T) {
	t.Parallel()
	r := newRollout(t)
	r.more = fmt.Sprintf(`
data "kafkaconnect_cluster" "this" {
  group_id   = %q
  depends_on = [kafkaconnect_worker_config.this]
}
output "cluster" {
  value = data.kafkaconnect_cluster.this
}
`, r.group)
	more := r.more
	r.more = ""
	r.start()
	r.more = more
	r.set(1000, r.urls)
	type shown struct {
		Version, KafkaClusterID string
		Features                map[string]bool
		Workers                 []struct {
			URL            string
			Ready          bool
			ConfigRevision string `json:"config_revision"`
			Error          string
		}
		Members []struct {
			Host, URL  string
			Connectors []string
			Tasks      map[string][]int
		}
	}
	read := func() (s shown) {
		t.Helper()
		r.Apply()
		if err := json.Unmarshal([]byte(r.Must("output", "-json", "cluster")), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := r.revisions()
	acctest.Eventually(t, "both workers run connectors", func() bool {
		members := read().Members
		return len(members) == 2 && len(members[0].Connectors) > 0 && len(members[1].Connectors) > 0
	})
	got := read()
	if got.Version != stack.DefaultVersion || !got.Features["plugin_versions"] || len(got.Workers) != 3 {
		t.Errorf("got %+v", got)
	}
	var connectors, tasks []string
	for i, member := range got.Members {
		if member.Host != "127.0.0.1" || !slices.Contains([]string{r.urls[0] + "/", r.urls[1] + "/"}, member.URL) {
			t.Errorf("member %d is %+v", i, member)
		}
		connectors = append(connectors, member.Connectors...)
		for name, numbers := range member.Tasks {
			tasks = append(tasks, fmt.Sprint(name, numbers))
		}
	}
	slices.Sort(connectors)
	slices.Sort(tasks)
	if fmt.Sprint(connectors, tasks) != "[c0 c1 c2] [c0[0] c1[0] c2[0]]" {
		t.Errorf("the members run %v and %v", connectors, tasks)
	}
	runs := func(s shown, revisions ...string) {
		t.Helper()
		for i, want := range revisions {
			if w := s.Workers[i]; w.URL != r.urls[i] || !w.Ready || w.ConfigRevision != want || w.Error != "" {
				t.Errorf("worker %d: got %+v, want revision %s", i, w, want)
			}
		}
		if down := s.Workers[2]; down.URL != r.urls[2] || down.Ready || !strings.Contains(down.Error, "no connection") {
			t.Errorf("the worker that is down: got %+v", down)
		}
	}
	runs(got, before...)

	r.set(2000, r.urls)
	r.Apply()
	after := r.revisions()
	runs(read(), before...) // nobody has restarted the workers
	r.restart(0)
	acctest.Eventually(t, "the group has rebalanced", func() bool { s := read(); return s.Workers[0].Ready && s.Workers[1].Ready })
	runs(read(), after[0], before[1])

	r.more = strings.Replace(more, r.group, "nobody", 1)
	r.set(2000, r.urls)
	r.MustFail([]string{`Group "nobody" has no members`, `Connect groups with members: "` + r.group + `" (members: 2)`, "Correct group_id"}, "plan", "-no-color")
}
