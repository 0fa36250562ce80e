package provider

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// brokenSink is the configuration of a sink whose task fails at its start until the folder exists.
func brokenSink(t *testing.T) (config map[string]string, folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "missing")
	return map[string]string{
		"connector.class": sinkClass,
		"tasks.max":       "1",
		"topics":          uniqueName("topic"),
		"file":            filepath.Join(folder, "out.txt"),
	}, folder
}

// isRunning checks that the connector and its tasks run.
func (w *worker) isRunning(name string, config map[string]string) {
	w.t.Helper()
	if err := w.holds(name, config, stateRunning)(nil); err != nil {
		w.t.Error(err)
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
		apply     func(*cli) // once the cause is gone
	}{
		{"apply", "", func(c *cli) { c.apply() }},
		{"saved plan", "", func(c *cli) {
			c.must("plan", "-out=saved.tfplan", "-no-color")
			c.must("apply", "-no-color", "saved.tfplan")
		}},
		{"create_before_destroy", "lifecycle { create_before_destroy = true }", func(c *cli) { c.apply() }},
		{"deletion_protection", "deletion_protection = true", func(c *cli) { c.apply() }},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			w, name := sharedWorker(t), uniqueName("failed")
			config, folder := brokenSink(t)
			t.Cleanup(func() { w.delete(name) })
			c := newCLI(t, declared(w.URL, name, config, way.lifecycle))

			c.mustFail(causes("create", name), "apply", "-auto-approve", "-no-color")
			c.mustFail(causes("create", name), "apply", "-auto-approve", "-no-color")
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			way.apply(c)

			w.isRunning(name, config)
			if n := w.count(http.MethodDelete); n > 0 {
				t.Errorf("the worker was sent %d DELETE", n)
			}
			c.mustBeEmpty()
		})
	}
}

func TestAccConnector_failedCreateIsHealedByAnotherConfiguration(t *testing.T) {
	t.Parallel()
	w, name := sharedWorker(t), uniqueName("failed")
	config, _ := brokenSink(t)
	t.Cleanup(func() { w.delete(name) })
	c := newCLI(t, declared(w.URL, name, config))
	c.mustFail(causes("create", name), "apply", "-auto-approve", "-no-color")

	fixed := with(config, "file", filepath.Join(t.TempDir(), "out.txt"))
	c.configure(declared(w.URL, name, with(fixed, "tasks.max", "-1"), "validate = false"))
	c.mustFail([]string{"Unable to create connector", "Value must be at least 1"}, "apply", "-auto-approve", "-no-color")
	c.configure(declared(w.URL, name, fixed))
	c.apply()

	w.isRunning(name, fixed)
	if n := w.count(http.MethodDelete); n > 0 {
		t.Errorf("the worker was sent %d DELETE", n)
	}
	c.mustBeEmpty()
}

func TestAccConnector_destroyOfAFailedCreateDeletes(t *testing.T) {
	t.Parallel()
	w, name := sharedWorker(t), uniqueName("failed")
	config, _ := brokenSink(t)
	t.Cleanup(func() { w.delete(name) })
	c := newCLI(t, declared(w.URL, name, config))
	c.mustFail(causes("create", name), "apply", "-auto-approve", "-no-color")
	c.must("destroy", "-auto-approve", "-no-color")
	if w.exists(name) {
		t.Error("the connector is still there")
	}
}

func TestAccConnector_replaceOfAHealthyOneDeletes(t *testing.T) {
	t.Parallel()
	for _, lifecycle := range []string{"", "lifecycle { create_before_destroy = true }"} {
		w, name, config := sharedWorker(t), uniqueName("replaced"), source(t)
		t.Cleanup(func() { w.delete(name) })
		c := newCLI(t, declared(w.URL, name, config, lifecycle))
		c.apply()
		c.must("apply", "-auto-approve", "-no-color", "-replace="+address)
		w.isRunning(name, config)
		want := 1
		if lifecycle != "" {
			want = 0 // the create half comes first and adopts it
		}
		if n := w.count(http.MethodDelete); n != want {
			t.Errorf("%q: the worker was sent %d DELETE, want %d", lifecycle, n, want)
		}
		c.mustBeEmpty()
	}
}

func TestAccConnector_failureIsDrift(t *testing.T) {
	t.Parallel()
	w, name := sharedWorker(t), uniqueName("drift")
	config, folder := brokenSink(t)
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.delete(name) })
	c := newCLI(t, declared(w.URL, name, config))
	c.apply()

	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	w.do(http.MethodPost, connectorPath(name, "tasks", "0", "restart"), nil)
	eventually(t, "task 0 is FAILED", func() bool {
		_, tasks := w.status(name)
		return len(tasks) == 1 && tasks[0] == stateFailed
	})
	out := unwrap(c.must("plan", "-no-color"))
	for _, want := range []string{`state = "FAILED" -> "RUNNING"`, "task 0 on worker", "java.nio.file.NoSuchFileException"} {
		if !strings.Contains(out, want) {
			t.Errorf("the plan does not say %q:\n%s", want, out)
		}
	}
	c.mustFail(causes("update", name), "apply", "-auto-approve", "-no-color")
	c.mustFail(causes("update", name), "apply", "-auto-approve", "-no-color")

	c.configure(declared(w.URL, name, config, `on_failure = "warn"`))
	if out := c.apply(); !strings.Contains(unwrap(out), "java.nio.file.NoSuchFileException") {
		t.Errorf("on_failure = warn does not warn:\n%s", out)
	}
	c.configure(declared(w.URL, name, config, `on_failure = "ignore"`))
	c.apply()
	if out := c.must("plan", "-no-color"); strings.Contains(out, "has failed") {
		t.Errorf("on_failure = ignore does not ignore:\n%s", out)
	}
	c.configure(declared(w.URL, name, config))
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	c.apply()
	w.isRunning(name, config)
	c.mustBeEmpty()
}

func TestAccConnector_refusedByTheWorker(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), uniqueName("refused"), source(t)
	t.Cleanup(func() { w.delete(name) })
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
			c := newCLI(t, declared(w.URL, name, with(config, key, test.value), validate))
			c.mustFail([]string{line, summary, test.says}, "apply", "-auto-approve", "-no-color")
			if out := c.must("show", "-no-color"); strings.Contains(out, name) {
				t.Errorf("something is in the state:\n%s", out)
			}
		}
	}
	if w.exists(name) {
		t.Error("the worker has the connector")
	}
}

func TestAccConnector_interruptedWhileWaiting(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), uniqueName("interrupted"), source(t)
	t.Cleanup(func() { w.delete(name) })
	c := newCLI(t, declared(w.URL, name, config))
	created := make(chan struct{})
	w.after = func(r *http.Request) {
		if r.Method == http.MethodPost {
			close(created)
		}
	}
	// The provider never sees the connector run, so it waits until it is interrupted.
	w.before = func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/status") {
			r.URL.Path = "/connectors/no-such-connector/status"
		}
	}
	cmd, out := c.command("apply", "-auto-approve", "-no-color")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-created
	eventually(t, "the provider waits", func() bool { return w.count(http.MethodGet) > 1 })
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // an interrupted apply exits with 1
	w.before, w.after = nil, nil

	if !strings.Contains(unwrap(out.String()), "Interrupted while connector") {
		t.Errorf("nothing is said of the interruption:\n%s", out)
	}
	c.mustBeEmpty()
	w.isRunning(name, config)
	if n := w.count(http.MethodPost); n != 1 {
		t.Errorf("the worker was sent %d POST, want 1", n)
	}
}

func TestAccConnector_providerKilledInTheMiddleOfACreate(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), uniqueName("killed"), source(t)
	t.Cleanup(func() { w.delete(name) })
	c := newCLI(t, declared(w.URL, name, config))
	w.after = func(r *http.Request) {
		if r.Method == http.MethodPost {
			c.killProvider()
		}
	}
	out, ok := c.run("apply", "-auto-approve", "-no-color")
	if ok {
		t.Fatalf("the apply succeeded:\n%s", out)
	}
	w.after = nil
	if !w.exists(name) {
		t.Fatal("the connector is not there: the test shows nothing")
	}
	if out := c.apply(); !strings.Contains(out, "existed already") {
		t.Errorf("the adoption is not mentioned:\n%s", out)
	}
	w.isRunning(name, config)
	if n := w.count(http.MethodDelete); n > 0 {
		t.Errorf("the worker was sent %d DELETE", n)
	}
	c.mustBeEmpty()
}
