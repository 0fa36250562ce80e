package connector_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// A cluster of 200 connectors that were created without Terraform is adopted: the plan imports all of them and changes none,
// the plan after the apply is empty, the worker is sent no write, and no file contains a secret.
func TestAccConnector_adoptCluster(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	s := newFoundCluster(t)
	t.Run("by query", func(t *testing.T) {
		w, c := s.terraform(t)
		c.RequireTerraform("1.14")
		s.use(t, w, c, "examples/guides/adoption/query/main.tf", "examples/guides/adoption/query/adopt.tfquery.hcl")
		out := c.Must("query", "-generate-config-out=generated.tf", "-no-color")
		s.hasSent(t, w, 1)
		s.isAdopted(t, w, c, out)
	})
	t.Run("by data sources and import", func(t *testing.T) {
		w, c := s.terraform(t)
		s.use(t, w, c, "examples/guides/adoption/read/main.tf")
		out := c.Apply()
		s.hasSent(t, w, 1)
		writeFile(t, filepath.Join(c.Dir, "connectors.yaml"), c.Must("output", "-raw", "connectors"))
		s.use(t, w, c, "examples/guides/adoption/import/main.tf")
		s.isAdopted(t, w, c, out)
	})
}

// use copies files of the example into the folder. They get the URL of the worker, and lists of connectors only.
func (s *foundCluster) use(t *testing.T, w *worker, c *acctest.CLI, files ...string) {
	t.Helper()
	for _, file := range files {
		own, _, _ := strings.Cut(acctest.Example(t, file), "list \"kafkaconnect_internal_topic\"")
		writeFile(t, filepath.Join(c.Dir, filepath.Base(file)), strings.ReplaceAll(own, "http://connect:8083", w.URL))
	}
}

// foundCluster is a worker with connectors that were created without Terraform.
type foundCluster struct {
	url     string
	names   []string
	classes map[string]bool
	secrets planted
}

// newFoundCluster creates connectors in all states, with secrets of all forms, and with names and values that need escapes.
func newFoundCluster(t *testing.T) *foundCluster {
	t.Helper()
	s := &foundCluster{url: unrulyWorker(t), classes: map[string]bool{}, secrets: planted{map[string]string{}, map[string]string{}}}
	w := watch(t, s.url)
	n := 200
	if w.Older("3.7") { // connectors cannot be created in a state, which takes longer
		n = 40
	}
	var wg sync.WaitGroup
	limit := make(chan struct{}, 8)
	want, idle := map[string]string{}, w.States()[len(w.States())-1] // STOPPED, or PAUSED on old workers
	for i := range n {
		name := fmt.Sprintf([]string{"orders-%03d", "with space %03d", "orders->sink %03d", "größe.%03d", "$%03d'\"#[]"}[i/10%5], i)
		config, state := s.configuration(i, idle)
		s.names, s.classes[config["connector.class"]], want[name] = append(s.names, name), true, state
		wg.Go(func() {
			limit <- struct{}{}
			defer func() { <-limit }()
			w.createIn(name, config, state)
		})
	}
	wg.Wait()
	acctest.Eventually(t, "the connectors have their states", func() bool {
		var all map[string]struct {
			Status struct {
				Connector struct{ State string }
				Tasks     []struct{ State string }
			}
		}
		if err := json.Unmarshal(w.Do(http.MethodGet, "/connectors?expand=status", nil), &all); err != nil {
			t.Fatal(err)
		}
		have := map[string]string{}
		for name, one := range all {
			have[name] = one.Status.Connector.State
			if len(one.Status.Tasks) > 0 && one.Status.Tasks[0].State == "FAILED" {
				have[name] += " FAILED"
			}
		}
		return maps.Equal(have, want)
	})
	return s
}

// configuration returns the configuration of a connector, and the state that it will have; "RUNNING FAILED" tells that its task is
// FAILED. Most connectors have the idle state, which costs a worker least.
func (s *foundCluster) configuration(i int, idle string) (config map[string]string, state string) {
	config = map[string]string{"connector.class": acctest.SourceClass, "tasks.max": "1", "topic": "t", "file": "/nonexistent"}
	states := []string{"RUNNING", "RUNNING FAILED", "FAILED", "PAUSED", "PAUSED"}
	state = idle
	if i%10 < len(states) {
		state = states[i%10]
	}
	if strings.HasSuffix(state, "FAILED") {
		fails := map[string]string{"FAILED": "start", "RUNNING FAILED": "task.start"}[state]
		config = map[string]string{"connector.class": stack.UnrulySource, "tasks.max": "1", "fails": fails}
		s.secrets.add(fmt.Sprintf("%d", i), "%")
		config["secret"] = s.secrets.values[fmt.Sprintf("%d", i)]
	}
	config["note"] = fmt.Sprintf("%%{if %d} ${nothing} $${x} \"quoted\" \\ back\r\n\tline \u2028 ünï", i)
	config["db.password.file"] = "${vault:db:password}"
	config[" "] = "blank"
	// Each connector has one secret of each kind in turn.
	all := slices.Concat(slices.Sorted(maps.Keys(forms)), named)
	key := all[i%len(all)]
	format, ok := forms[key]
	if !ok {
		format = "%"
	}
	s.secrets.add(fmt.Sprintf("%s of %d", key, i), format)
	config[key] = s.secrets.values[fmt.Sprintf("%s of %d", key, i)]
	return config, state
}

// createIn creates a connector. It waits for no state, and creates it PAUSED or STOPPED if state is that.
func (w *worker) createIn(name string, config map[string]string, state string) {
	w.T.Helper()
	body := map[string]any{"name": name, "config": config}
	verb := map[string]string{"PAUSED": "pause", "STOPPED": "stop"}[state]
	if verb != "" && !w.Older("3.7") {
		body["initial_state"] = state
	}
	w.Do(http.MethodPost, "/connectors", body)
	if verb != "" && w.Older("3.7") {
		w.Do(http.MethodPut, acctest.ConnectorPath(name, verb), nil)
	}
}

// terraform returns a proxy for the worker, and a CLI for it.
func (s *foundCluster) terraform(t *testing.T) (*worker, *acctest.CLI) {
	t.Helper()
	w := watch(t, s.url)
	return w, acctest.NewCLI(t, "")
}

// isAdopted applies the configuration in the folder, and checks that this imports all connectors and nothing else.
func (s *foundCluster) isAdopted(t *testing.T, w *worker, c *acctest.CLI, printed string) {
	t.Helper()
	all := len(s.names)
	reads := w.Take()
	out := c.Must("plan", "-out=saved.tfplan", "-no-color")
	acctest.SaidBy(t, out, fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", all))
	printed += out
	out = c.Must("apply", "-no-color", "saved.tfplan")
	acctest.SaidBy(t, out, fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed.", all))
	printed += out
	s.hasSent(t, w, 3) // the first connector is read with its own requests
	c.MustBeEmpty()
	for _, request := range append(reads, w.Requests()...) {
		if request.Method != http.MethodGet {
			t.Errorf("the worker was sent %s %s", request.Method, request.Path)
		}
	}
	s.isSecretIn(t, "the output", printed, false)
	if err := filepath.WalkDir(c.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			s.isSecretIn(t, entry.Name(), readAny(t, path), false)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	held := w.Do(http.MethodGet, "/connectors?expand=info", nil)
	s.isSecretIn(t, "the answer of the worker", string(held), true)
}

// hasSent checks that Terraform has sent so many requests about connectors, and one for the definitions of each class.
func (s *foundCluster) hasSent(t *testing.T, w *worker, requests int) {
	t.Helper()
	requests += len(s.classes)
	if w.Older("3.2") { // the worker has no such request, which its version tells
		requests += len(s.classes)
	}
	if n := w.Count(""); n != requests {
		t.Errorf("%d requests were sent, want %d: %v", n, requests, w.Requests())
	}
}

// isSecretIn checks that a text contains all secrets, or none.
func (s *foundCluster) isSecretIn(t *testing.T, where, text string, want bool) {
	t.Helper()
	for name, core := range s.secrets.cores {
		if got := strings.Contains(text, core); got != want {
			t.Errorf("the secret %s is in %s: %t, want %t", name, where, got, want)
		}
	}
}

// readAny returns the content of a file, also of a saved plan and of the private data in a state.
func readAny(t *testing.T, file string) string {
	t.Helper()
	if filepath.Ext(file) == ".tfplan" {
		return readPlan(t, file)
	}
	return readState(t, file)
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
