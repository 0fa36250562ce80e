package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// offsets is what the worker holds of a connector's offsets, as compact JSON.
func (w *worker) offsets(name string) string {
	w.t.Helper()
	var answer struct {
		Offsets []json.RawMessage `json:"offsets"`
	}
	if err := json.Unmarshal(w.do(http.MethodGet, connectorPath(name, "offsets"), nil), &answer); err != nil {
		w.t.Fatal(err)
	}
	parts := make([]string, len(answer.Offsets))
	for i, offset := range answer.Offsets {
		parts[i] = string(offset)
	}
	return strings.Join(parts, " ")
}

// startingAt declares where a file source starts to read.
func startingAt(file string, position int64) string {
	return fmt.Sprintf(`initial_offsets = [{ partition = jsonencode({ filename = %q }), offset = "{\"position\":%d}" }]`, file, position)
}

// tooOldForOffsets tells whether the worker cannot start a connector at given offsets, after checking that it is said.
func tooOldForOffsets(t *testing.T, w *worker, name string, config map[string]string) bool {
	t.Helper()
	if !w.older("3.7") {
		return false
	}
	c := newCLI(t, declared(w.URL, name, config, startingAt("f", 8)))
	out := c.mustFail(nil, "apply", "-auto-approve", "-no-color")
	if !needs("Creating a connector at given offsets", "3.7").MatchString(out) || w.exists(name) {
		t.Errorf("the worker is too old, and that is not said, or the connector was created:\n%s", out)
	}
	return true
}

func TestAccConnector_initialOffsets(t *testing.T) {
	t.Parallel()
	w, from, to, config := sharedWorker(t), uniqueName("from"), uniqueName("to"), source(t)
	if err := os.WriteFile(config["file"], []byte("one\ntwo\nthree\nfour\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if tooOldForOffsets(t, w, from, config) {
		return
	}
	out := filepath.Join(t.TempDir(), "out.txt")
	text := declared(w.URL, from, config, startingAt(config["file"], 8), "reset_offsets_on_destroy = true")
	sink := map[string]string{"connector.class": sinkClass, "tasks.max": "1", "topics": config["topic"], "file": out}
	t.Cleanup(func() { w.delete(to) })
	w.do(http.MethodPost, "/connectors", map[string]any{"name": to, "config": sink})
	acceptance(t, w, []string{from},
		resource.TestStep{
			Config: text,
			Check: func(*terraform.State) error {
				var got string
				eventually(t, "lines came out", func() bool {
					text, _ := os.ReadFile(out)
					got = string(text)
					return strings.Contains(got, "four")
				})
				if got != "three\nfour\n" {
					return fmt.Errorf("got %q, want exactly the lines after position 8", got)
				}
				return nil
			},
		},
		resource.TestStep{Config: text, ConfigPlanChecks: settled},
		resource.TestStep{ // destroyed with its offsets, another starts from the beginning
			Config:  text,
			Destroy: true,
		},
		resource.TestStep{
			Config: declared(w.URL, from, config, inState(stateStopped)),
			Check: func(*terraform.State) error {
				if got := w.offsets(from); got != "" {
					return fmt.Errorf("offsets %s are left", got)
				}
				return nil
			},
		},
	)
}

func TestAccConnector_largeOffsetsStayExact(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), uniqueName("large"), source(t)
	if tooOldForOffsets(t, w, name, config) {
		return
	}
	acceptance(t, w, []string{name}, resource.TestStep{
		Config:           declared(w.URL, name, config, startingAt(config["file"], 9007199254740993), inState(stateStopped)),
		ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		Check: func(*terraform.State) error {
			if got := w.offsets(name); !strings.Contains(got, `"position":9007199254740993`) {
				return fmt.Errorf("the worker holds %s", got)
			}
			return nil
		},
	})
}

// Offsets outlive a connector. One that is created after it goes on from there, and initial offsets that say otherwise are
// not passed over in silence.
func TestAccConnector_offsetsSurviveWithoutReset(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), uniqueName("kept"), source(t)
	if tooOldForOffsets(t, w, name, config) {
		return
	}
	t.Cleanup(func() { w.delete(name) })
	at := func(position int64) string {
		return declared(w.URL, name, config, inState(stateStopped), startingAt(config["file"], position))
	}
	carriesOn := func() {
		t.Helper()
		if got := w.offsets(name); !strings.Contains(got, `"position":8`) {
			t.Errorf("the worker holds %q", got)
		}
	}
	c := newCLI(t, at(8))
	const warning = "Initial offsets of connector"
	if out := c.apply(); strings.Contains(out, warning) {
		t.Errorf("a warning without need:\n%s", out)
	}
	c.must("destroy", "-auto-approve", "-no-color")
	c.configure(at(4))
	if out := c.apply(); !strings.Contains(out, warning) {
		t.Errorf("nothing tells that the offsets are others:\n%s", out)
	}
	carriesOn()
	c.mustBeEmpty()

	c.must("destroy", "-auto-approve", "-no-color")
	c.configure(declared(w.URL, name, config, inState(stateStopped)))
	c.apply()
	carriesOn()
}

// An interruption between the creation and the setting of the offsets does not lose them: the next apply sets them.
func TestAccConnector_interruptedBeforeItsOffsets(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), uniqueName("interrupted"), source(t)
	if tooOldForOffsets(t, w, name, config) {
		return
	}
	t.Cleanup(func() { w.delete(name) })
	c := newCLI(t, declared(w.URL, name, config, startingAt(config["file"], 8)))
	created := make(chan struct{})
	w.before = func(r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/offsets") {
			close(created)
			<-r.Context().Done() // the provider is told to give up
		}
	}
	cmd, out := c.command("apply", "-auto-approve", "-no-color")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-created
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Errorf("an interrupted apply succeeded:\n%s", out)
	}
	w.before = nil
	if got := w.offsets(name); got != "" {
		t.Fatalf("it has offsets already, %s: the test shows nothing", got)
	}
	c.apply()
	if got := w.offsets(name); !strings.Contains(got, `"position":8`) {
		t.Errorf("the worker holds offsets %q", got)
	}
	c.mustBeEmpty()
	if n := w.count(http.MethodDelete); n > 0 {
		t.Errorf("the worker was sent %d DELETE", n)
	}
}
