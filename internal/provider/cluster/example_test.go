package cluster_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// The example of the data source shows the workers, and its check fails for a worker that is down.
func TestCluster_example(t *testing.T) {
	t.Parallel()
	one := connectfake.New(t)
	two := one.Peer(t)
	one.Announce("abc")
	provider := fmt.Sprintf("provider \"kafkaconnect\" {\n  connect = { urls = [%q, %q] }\n}\n", one.URL(), two.URL())
	c := acctest.NewCLI(t, provider+acctest.Example(t, "examples/data-sources/kafkaconnect_cluster/data-source.tf"))
	out := c.Apply()
	acctest.SaidBy(t, out, "can_alter_offsets = true", fmt.Sprintf(`%q = "abc"`, one.URL()))
	if strings.Contains(out, "Check block") {
		t.Errorf("the check failed:\n%s", out)
	}
	two.Stop()
	acctest.SaidBy(t, c.Must("plan", "-no-color"), "Check block assertion failed", two.URL()+": GET "+two.URL()+"/: no connection:")
}

// The example of the action is valid.
func TestAccAwaitWorkers_example(t *testing.T) {
	t.Parallel()
	c := acctest.NewCLI(t, acctest.Example(t, "examples/actions/kafkaconnect_await_workers/action.tf"))
	c.RequireTerraform("1.14")
	c.Must("validate")
	for arguments, want := range map[string]string{
		"":                 "No attribute specified when one (and only one) of [revision,revisions] is required",
		`revision = "1"`:   "must be a value of content_sha256: 64 hexadecimal digits",
		"revisions = []":   "must contain at least 1 elements",
		`cluster = "emea"`: "No attribute specified when one (and only one) of [revision,revisions] is required",
	} {
		c.Configure("action \"kafkaconnect_await_workers\" \"this\" {\n  config {\n    " + arguments + "\n  }\n}\n")
		c.MustFail([]string{want}, "validate", "-no-color")
	}
}

// The action asks the workers of the cluster that it names.
func TestAccAwaitWorkers_namedCluster(t *testing.T) {
	t.Parallel()
	one, emea := connectfake.New(t), connectfake.New(t, connectfake.WithKafkaClusterID("emea"))
	revision := strings.Repeat("0", 64)
	emea.Announce(revision)
	config := func(cluster string) string {
		return fmt.Sprintf(`
provider "kafkaconnect" {
  connect  = { urls = [%q] }
  clusters = { emea = { connect = { urls = [%q] } } }
}
action "kafkaconnect_await_workers" "this" {
  config {
    revision = %q
    cluster  = %q
  }
}
`, one.URL(), emea.URL(), revision, cluster)
	}
	c := acctest.NewCLI(t, config("emea"))
	c.RequireTerraform("1.14")
	acctest.SaidBy(t, c.Must(invoke()...), "Waiting until the workers run revision "+revision, "all workers run the revision")
	if one.Count("", "") != 0 || emea.Count("", "") != 3 {
		t.Errorf("the default cluster received %v, emea %v", one.Requests(), emea.Requests())
	}
	c.Configure(config("apac"))
	c.MustFail([]string{`Unknown cluster "apac"`, "The clusters attribute of the provider has: emea."}, invoke()...)
}

// supervisor restarts workers on request: Terraform's local-exec writes a file with the name of the worker, and waits until the
// file is gone.
type supervisor struct {
	t       *testing.T
	cluster *stack.Stack
	folder  string // of the properties files and the requests
	workers map[string]*stack.Worker
	ignores string // the worker that is not restarted
}

func (s *supervisor) command() string {
	return fmt.Sprintf("f() { touch %[1]s/$1.restart; while test -e %[1]s/$1.restart; do sleep 0.1; done; }; f", s.folder)
}

// serve restarts a worker if Terraform has requested it.
func (s *supervisor) serve(name string) {
	s.t.Helper()
	request := filepath.Join(s.folder, name+".restart")
	if _, err := os.Stat(request); err != nil {
		return
	}
	var err error
	switch worker := s.workers[name]; {
	case name == s.ignores:
	case worker == nil:
		s.workers[name], err = s.cluster.AddWorker(s.t.Context(), stack.WorkerOptions{PropertiesFile: filepath.Join(s.folder, name+".properties")})
	default:
		if err = worker.Stop(s.t.Context()); err == nil {
			err = worker.Start(s.t.Context())
		}
	}
	if err != nil {
		s.t.Error(err)
	}
	if err := os.Remove(request); err != nil {
		s.t.Error(err)
	}
}

// The example of the guide restarts the workers one after the other and waits for them, in the apply that changes their files.
// If a worker keeps its previous file, the apply fails and names this worker.
func TestAccAwaitWorkers_guide(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	c := acctest.NewCLI(t, "")
	c.RequireTerraform("1.14")
	c.UseExample("examples/guides/worker-rollouts")
	s := &supervisor{t: t, cluster: stack.Start(t, stack.Options{Workers: stack.NoWorkers}), folder: c.Dir, workers: map[string]*stack.Worker{}}
	urls := map[string]string{}
	for _, name := range []string{"a", "b"} {
		port, err := s.cluster.FreePort()
		if err != nil {
			t.Fatal(err)
		}
		urls[name] = fmt.Sprintf("http://127.0.0.1:%d", port)
	}
	values := map[string]any{
		"bootstrap_servers": strings.Split(s.cluster.Bootstrap(), ","), "workers": urls, "group_id": acctest.UniqueName("guide"),
		"restart_worker": s.command(), "rebalance_delay": 1000,
	}
	apply := func() (string, bool) {
		t.Helper()
		c.SetVariables(values)
		cmd, out := c.Command("apply", "-auto-approve", "-no-color")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		var ended bool
		var failed error
		acctest.Eventually(t, "the apply ends", func() bool {
			for name := range urls {
				s.serve(name)
			}
			select {
			case failed = <-done:
				ended = true
			default:
			}
			return ended
		})
		return out.String(), failed == nil
	}
	if out, ok := apply(); !ok {
		t.Fatal(out)
	}
	a := &acctest.Worker{T: t, Direct: urls["a"]}
	for i := range 3 {
		a.Do(http.MethodPost, "/connectors", map[string]any{"name": fmt.Sprintf("c%d", i), "config": map[string]string{
			"connector.class": acctest.SourceClass, "tasks.max": "1", "file": filepath.Join(c.Dir, "none"), "topic": "guide",
		}})
	}
	values["offset_flush_interval"] = 30000
	out, ok := apply()
	if !ok {
		t.Fatal(out)
	}
	acctest.SaidBy(t, out, "Waiting until the workers run one of the revisions", "all workers run the revision")
	for name, url := range urls {
		text, err := os.ReadFile(filepath.Join(c.Dir, name+".properties"))
		resp, getErr := http.Get(url) //nolint:noctx // a local worker
		if err != nil || getErr != nil {
			t.Fatal(err, getErr)
		}
		_ = resp.Body.Close()
		if revision := resp.Header.Get("X-Kafka-Connect-Config"); revision == "" || !strings.Contains(string(text), revision) {
			t.Errorf("worker %s runs revision %q, and its file is\n%s", name, revision, text)
		}
	}
	c.MustBeEmpty()

	s.ignores, values["offset_flush_interval"], values["timeout"] = "b", 20000, "10s"
	out, ok = apply()
	if ok {
		t.Errorf("the apply succeeded although a worker was not restarted:\n%s", out)
	}
	acctest.SaidBy(t, out, "The workers do not run the revision", urls["b"]+" runs revision")
	if _, diagnostic, _ := strings.Cut(acctest.Unwrap(out), "Error: The workers"); strings.Contains(diagnostic, urls["a"]) {
		t.Errorf("the worker with the new file is named:\n%s", out)
	}
}
