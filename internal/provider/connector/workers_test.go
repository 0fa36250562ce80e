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
