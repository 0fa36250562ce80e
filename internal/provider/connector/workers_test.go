package connector_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

func TestAccConnector_workerStartsLate(t *testing.T) {
	acctest.RequireAcceptance(t)
	s := stack.Start(t, stack.Options{})
	late := s.Workers[0]
	if err := late.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	name, config := acctest.UniqueName("late"), source(t)
	c := acctest.NewCLI(t, declared(late.URL, name, config))
	cmd, out := c.Command("apply", "-auto-approve", "-no-color")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Second) // nothing to poll: the worker is down, and the apply waits for it
	if err := late.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	watch(t, late.URL).isRunning(name, config)
	c.MustBeEmpty()
}

func TestAccConnector_workerKilledDuringApply(t *testing.T) {
	acctest.RequireAcceptance(t)
	s := stack.Start(t, stack.Options{Workers: 2})
	stays, goes := watch(t, s.Workers[0].URL), s.Workers[1]
	config := source(t)
	prefix := acctest.UniqueName("many")
	c := acctest.NewCLI(t, fmt.Sprintf(`
provider "kafkaconnect" {
  connect = { urls = [%q, %q] }
}
resource "kafkaconnect_connector" "test" {
  count = 20
  name  = "%s-${count.index}"
  config = {
    "connector.class" = %q
    "tasks.max"       = "1"
    "topic"           = %q
    "file"            = "%s-${count.index}"
  }
}
`, goes.URL, stays.URL, prefix, acctest.SourceClass, config["topic"], config["file"]))

	cmd, out := c.Command("apply", "-auto-approve", "-no-color")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acctest.Eventually(t, "five connectors exist", func() bool {
		return strings.Count(string(stays.Do(http.MethodGet, "/connectors", nil)), prefix) >= 5
	})
	if err := goes.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	for i := range 20 {
		name := fmt.Sprintf("%s-%d", prefix, i)
		stays.isRunning(name, acctest.With(config, "file", fmt.Sprintf("%s-%d", config["file"], i)))
	}
	c.MustBeEmpty()
}

// A worker of 2.8 that is not the leader hides the status of the leader's errors. Connectors are adopted and destroyed all the
// same.
func TestAccConnector_followerOf28(t *testing.T) {
	acctest.RequireAcceptance(t)
	var w *worker
	for _, url := range stack.Start(t, stack.Options{WorkerVersion: "2.8.2", Workers: 2}).URLs() {
		candidate, status := watch(t, url), 0
		acctest.Eventually(t, "the group has a leader", func() bool {
			status, _ = candidate.Ask(http.MethodDelete, acctest.ConnectorPath("absent"), nil)
			return status != http.StatusConflict
		})
		if status == http.StatusInternalServerError {
			w = candidate
		}
	}
	if w == nil {
		t.Fatal("no worker hides the status: the test proves nothing")
	}
	name, config := acctest.UniqueName("follower"), source(t)
	w.Do(http.MethodPost, "/connectors", map[string]any{"name": name, "config": config})
	w.isRunningEventually(name, config)

	other := acctest.NewCLI(t, declared(w.URL, name, acctest.With(config, "topic", "other")))
	other.MustFail([]string{"exists already"}, "apply", "-auto-approve", "-no-color")
	c := acctest.NewCLI(t, declared(w.URL, name, config))
	acctest.SaidBy(t, c.Apply(), "was adopted")
	c.MustBeEmpty()
	w.Do(http.MethodDelete, acctest.ConnectorPath(name), nil)
	c.Must("destroy", "-auto-approve", "-refresh=false", "-no-color")
}
