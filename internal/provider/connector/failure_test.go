package connector_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// brokenSink is the configuration of a sink whose task fails at its start until the folder exists.
func brokenSink(t *testing.T) (config map[string]string, folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "missing")
	return map[string]string{
		"connector.class": acctest.SinkClass,
		"tasks.max":       "1",
		"topics":          acctest.UniqueName("topic"),
		"file":            filepath.Join(folder, "out.txt"),
	}, folder
}

// isRunning checks that the connector and its tasks run.
func (w *worker) isRunning(name string, config map[string]string) {
	w.T.Helper()
	if err := w.holds(name, config, "RUNNING")(nil); err != nil {
		w.T.Error(err)
	}
}

// causes is what Terraform has to print of a brokenSink.
func causes(verb, name string) []string {
	return []string{
		fmt.Sprintf("Unable to %s connector %q", verb, name),
		"task 0 on worker 127.0.0.1:",
		"java.nio.file.NoSuchFileException",
	}
}

// A create that failed after the connector existed is put right in place: Terraform plans a replacement for what it
// calls tainted, and the worker must see neither half of it.
func TestAccConnector_failedCreateIsHealedInPlace(t *testing.T) {
	t.Parallel()
	ways := []struct {
		name      string
		lifecycle string
		apply     func(*acctest.CLI) // once the cause is gone
	}{
		{"apply", "", func(c *acctest.CLI) { c.Apply() }},
		{"saved plan", "", func(c *acctest.CLI) {
			c.Must("plan", "-out=saved.tfplan", "-no-color")
			c.Must("apply", "-no-color", "saved.tfplan")
		}},
		{"create_before_destroy", "lifecycle { create_before_destroy = true }", func(c *acctest.CLI) { c.Apply() }},
		{"deletion_protection", "deletion_protection = true", func(c *acctest.CLI) { c.Apply() }},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			w, name := sharedWorker(t), acctest.UniqueName("failed")
			config, folder := brokenSink(t)
			t.Cleanup(func() { w.Delete(name) })
			c := acctest.NewCLI(t, declared(w.URL, name, config, way.lifecycle))

			c.MustFail(causes("create", name), "apply", "-auto-approve", "-no-color")
			c.MustFail(causes("create", name), "apply", "-auto-approve", "-no-color")
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			way.apply(c)

			w.isRunning(name, config)
			if n := w.Count(http.MethodDelete); n > 0 {
				t.Errorf("the worker was sent %d DELETE", n)
			}
			c.MustBeEmpty()
		})
	}
}

func TestAccConnector_failedCreateIsHealedByAnotherConfiguration(t *testing.T) {
	t.Parallel()
	w, name := sharedWorker(t), acctest.UniqueName("failed")
	config, _ := brokenSink(t)
	t.Cleanup(func() { w.Delete(name) })
	c := acctest.NewCLI(t, declared(w.URL, name, config))
	c.MustFail(causes("create", name), "apply", "-auto-approve", "-no-color")

	fixed := acctest.With(config, "file", filepath.Join(t.TempDir(), "out.txt"))
	c.Configure(declared(w.URL, name, acctest.With(fixed, "tasks.max", "-1"), "validate = false"))
	c.MustFail([]string{"Unable to create connector", "Value must be at least 1"}, "apply", "-auto-approve", "-no-color")
	c.Configure(declared(w.URL, name, fixed))
	c.Apply()

	w.isRunning(name, fixed)
	if n := w.Count(http.MethodDelete); n > 0 {
		t.Errorf("the worker was sent %d DELETE", n)
	}
	c.MustBeEmpty()
}

func TestAccConnector_destroyOfAFailedCreateDeletes(t *testing.T) {
	t.Parallel()
	w, name := sharedWorker(t), acctest.UniqueName("failed")
	config, _ := brokenSink(t)
	t.Cleanup(func() { w.Delete(name) })
	c := acctest.NewCLI(t, declared(w.URL, name, config))
	c.MustFail(causes("create", name), "apply", "-auto-approve", "-no-color")
	c.Must("destroy", "-auto-approve", "-no-color")
	if w.Exists(name) {
		t.Error("the connector is still there")
	}
}

func TestAccConnector_replaceOfAHealthyOneDeletes(t *testing.T) {
	t.Parallel()
	for _, lifecycle := range []string{"", "lifecycle { create_before_destroy = true }"} {
		w, name, config := sharedWorker(t), acctest.UniqueName("replaced"), source(t)
		t.Cleanup(func() { w.Delete(name) })
		c := acctest.NewCLI(t, declared(w.URL, name, config, lifecycle))
		c.Apply()
		c.Must("apply", "-auto-approve", "-no-color", "-replace="+address)
		w.isRunning(name, config)
		want := 1
		if lifecycle != "" {
			want = 0 // the create half comes first and adopts it
		}
		if n := w.Count(http.MethodDelete); n != want {
			t.Errorf("%q: the worker was sent %d DELETE, want %d", lifecycle, n, want)
		}
		c.MustBeEmpty()
	}
}

func TestAccConnector_failureIsDrift(t *testing.T) {
	t.Parallel()
	w, name := sharedWorker(t), acctest.UniqueName("drift")
	config, folder := brokenSink(t)
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Delete(name) })
	c := acctest.NewCLI(t, declared(w.URL, name, config))
	c.Apply()

	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	w.Do(http.MethodPost, acctest.ConnectorPath(name, "tasks", "0", "restart"), nil)
	acctest.Eventually(t, "task 0 is FAILED", func() bool {
		_, tasks := w.Status(name)
		return len(tasks) == 1 && tasks[0] == "FAILED"
	})
	out := acctest.Unwrap(c.Must("plan", "-no-color"))
	for _, want := range []string{`state = "FAILED" -> "RUNNING"`, "task 0 on worker", "java.nio.file.NoSuchFileException"} {
		if !strings.Contains(out, want) {
			t.Errorf("the plan does not say %q:\n%s", want, out)
		}
	}
	c.MustFail(causes("update", name), "apply", "-auto-approve", "-no-color")
	c.MustFail(causes("update", name), "apply", "-auto-approve", "-no-color")

	c.Configure(declared(w.URL, name, config, `on_failure = "warn"`))
	if out := c.Apply(); !strings.Contains(acctest.Unwrap(out), "java.nio.file.NoSuchFileException") {
		t.Errorf("on_failure = warn does not warn:\n%s", out)
	}
	c.Configure(declared(w.URL, name, config, `on_failure = "ignore"`))
	c.Apply()
	if out := c.Must("plan", "-no-color"); strings.Contains(out, "has failed") {
		t.Errorf("on_failure = ignore does not ignore:\n%s", out)
	}
	c.Configure(declared(w.URL, name, config))
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	c.Apply()
	w.isRunning(name, config)
	c.MustBeEmpty()
}

func TestAccConnector_refusedByTheWorker(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("refused"), source(t)
	t.Cleanup(func() { w.Delete(name) })
	for key, test := range map[string]struct{ value, says string }{
		"connector.class": {"com.example.Nope", "no connector of class"},
		"tasks.max":       {"-1", "Value must be at least 1"},
		"key.converter":   {"com.example.Nope", "could not be found"},
	} {
		line := fmt.Sprintf("%q = %q", key, test.value)
		for validate, summary := range map[string]string{
			"validate = true":  "Invalid configuration of connector",
			"validate = false": "Unable to create connector",
		} {
			c := acctest.NewCLI(t, declared(w.URL, name, acctest.With(config, key, test.value), validate))
			c.MustFail([]string{line, summary, test.says}, "apply", "-auto-approve", "-no-color")
			if out := c.Must("show", "-no-color"); strings.Contains(out, name) {
				t.Errorf("something is in the state:\n%s", out)
			}
		}
	}
	if w.Exists(name) {
		t.Error("the worker has the connector")
	}
}

func TestAccConnector_interruptedWhileWaiting(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("interrupted"), source(t)
	t.Cleanup(func() { w.Delete(name) })
	c := acctest.NewCLI(t, declared(w.URL, name, config))
	created := make(chan struct{})
	w.After(func(r *http.Request) {
		if r.Method == http.MethodPost {
			close(created)
		}
	})
	// The provider never sees the connector run, so it waits until it is interrupted.
	w.Before(func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/status") {
			r.URL.Path = "/connectors/no-such-connector/status"
		}
	})
	cmd, out := c.Command("apply", "-auto-approve", "-no-color")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-created
	acctest.Eventually(t, "the provider waits", func() bool { return w.Count(http.MethodGet) > 1 })
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // an interrupted apply exits with 1
	w.Before(nil)
	w.After(nil)

	if !strings.Contains(acctest.Unwrap(out.String()), "Interrupted while connector") {
		t.Errorf("nothing is said of the interruption:\n%s", out)
	}
	c.MustBeEmpty()
	w.isRunning(name, config)
	if n := w.Count(http.MethodPost); n != 1 {
		t.Errorf("the worker was sent %d POST, want 1", n)
	}
}

func TestAccConnector_providerKilledInTheMiddleOfACreate(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("killed"), source(t)
	t.Cleanup(func() { w.Delete(name) })
	c := acctest.NewCLI(t, declared(w.URL, name, config))
	w.After(func(r *http.Request) {
		if r.Method == http.MethodPost {
			c.KillProvider()
		}
	})
	out, ok := c.Run("apply", "-auto-approve", "-no-color")
	if ok {
		t.Fatalf("the apply succeeded:\n%s", out)
	}
	w.After(nil)
	if !w.Exists(name) {
		t.Fatal("the connector is not there: the test shows nothing")
	}
	if out := c.Apply(); !strings.Contains(out, "existed already") {
		t.Errorf("the adoption is not mentioned:\n%s", out)
	}
	w.isRunning(name, config)
	if n := w.Count(http.MethodDelete); n > 0 {
		t.Errorf("the worker was sent %d DELETE", n)
	}
	c.MustBeEmpty()
}
