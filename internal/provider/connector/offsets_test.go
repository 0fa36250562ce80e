package connector_test

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

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// offsets is what the worker holds of a connector's offsets, as compact JSON.
func (w *worker) offsets(name string) string {
	w.T.Helper()
	var answer struct {
		Offsets []json.RawMessage `json:"offsets"`
	}
	if err := json.Unmarshal(w.Do(http.MethodGet, acctest.ConnectorPath(name, "offsets"), nil), &answer); err != nil {
		w.T.Fatal(err)
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
	if !w.Older("3.7") {
		return false
	}
	c := acctest.NewCLI(t, declared(w.URL, name, config, startingAt("f", 8)))
	out := c.MustFail(nil, "apply", "-auto-approve", "-no-color")
	if !acctest.Needs("Creating a connector at given offsets", "3.7").MatchString(out) || w.Exists(name) {
		t.Errorf("the worker is too old, and that is not said, or the connector was created:\n%s", out)
	}
	return true
}

func TestAccConnector_initialOffsets(t *testing.T) {
	t.Parallel()
	w, from, to, config := sharedWorker(t), acctest.UniqueName("from"), acctest.UniqueName("to"), source(t)
	if err := os.WriteFile(config["file"], []byte("one\ntwo\nthree\nfour\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if tooOldForOffsets(t, w, from, config) {
		return
	}
	out := filepath.Join(t.TempDir(), "out.txt")
	text := declared(w.URL, from, config, startingAt(config["file"], 8), "reset_offsets_on_destroy = true")
	sink := map[string]string{"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": config["topic"], "file": out}
	t.Cleanup(func() { w.Delete(to) })
	w.Do(http.MethodPost, "/connectors", map[string]any{"name": to, "config": sink})
	acceptance(t, w, []string{from},
		resource.TestStep{
			Config: text,
			Check: func(*terraform.State) error {
				var got string
				acctest.Eventually(t, "lines came out", func() bool {
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
		resource.TestStep{Config: text, ConfigPlanChecks: acctest.Settled},
		resource.TestStep{ // destroyed with its offsets, another starts from the beginning
			Config:  text,
			Destroy: true,
		},
		resource.TestStep{
			Config: declared(w.URL, from, config, inState("STOPPED")),
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
	w, name, config := sharedWorker(t), acctest.UniqueName("large"), source(t)
	if tooOldForOffsets(t, w, name, config) {
		return
	}
	acceptance(t, w, []string{name}, resource.TestStep{
		Config:           declared(w.URL, name, config, startingAt(config["file"], 9007199254740993), inState("STOPPED")),
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
	w, name, config := sharedWorker(t), acctest.UniqueName("kept"), source(t)
	if tooOldForOffsets(t, w, name, config) {
		return
	}
	t.Cleanup(func() { w.Delete(name) })
	at := func(position int64) string {
		return declared(w.URL, name, config, inState("STOPPED"), startingAt(config["file"], position))
	}
	carriesOn := func() {
		t.Helper()
		if got := w.offsets(name); !strings.Contains(got, `"position":8`) {
			t.Errorf("the worker holds %q", got)
		}
	}
	c := acctest.NewCLI(t, at(8))
	const warning = "Initial offsets of connector"
	if out := c.Apply(); strings.Contains(out, warning) {
		t.Errorf("a warning without need:\n%s", out)
	}
	c.Must("destroy", "-auto-approve", "-no-color")
	c.Configure(at(4))
	if out := c.Apply(); !strings.Contains(out, warning) {
		t.Errorf("nothing tells that the offsets are others:\n%s", out)
	}
	carriesOn()
	c.MustBeEmpty()

	c.Must("destroy", "-auto-approve", "-no-color")
	c.Configure(declared(w.URL, name, config, inState("STOPPED")))
	c.Apply()
	carriesOn()
}

// An interruption between the creation and the setting of the offsets does not lose them: the next apply sets them.
func TestAccConnector_interruptedBeforeItsOffsets(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("interrupted"), source(t)
	if tooOldForOffsets(t, w, name, config) {
		return
	}
	t.Cleanup(func() { w.Delete(name) })
	c := acctest.NewCLI(t, declared(w.URL, name, config, startingAt(config["file"], 8)))
	created := make(chan struct{})
	w.Before(func(r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/offsets") {
			close(created)
			<-r.Context().Done() // the provider is told to give up
		}
	})
	cmd, out := c.Command("apply", "-auto-approve", "-no-color")
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
	w.Before(nil)
	if got := w.offsets(name); got != "" {
		t.Fatalf("it has offsets already, %s: the test shows nothing", got)
	}
	c.Apply()
	if got := w.offsets(name); !strings.Contains(got, `"position":8`) {
		t.Errorf("the worker holds offsets %q", got)
	}
	c.MustBeEmpty()
	if n := w.Count(http.MethodDelete); n > 0 {
		t.Errorf("the worker was sent %d DELETE", n)
	}
}
