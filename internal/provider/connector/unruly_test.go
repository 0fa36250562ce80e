package connector_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// A connector may fail in each method that a worker calls. The apply or the plan reports it, and a configuration that does
// not fail repairs the connector.
func TestAccConnector_failureInEachConnectorMethod(t *testing.T) {
	acctest.RequireAcceptance(t)
	url := unrulyWorker(t)
	const told = "was told to fail in "
	for name, row := range map[string]func(t *testing.T, s *unrulyScene){
		"validate": func(_ *testing.T, s *unrulyScene) {
			s.declare("fails", "validate")
			s.c.MustFail([]string{"Invalid configuration of connector", `"fails" = "validate"`, told + "validate"}, "plan", "-no-color")
		},
		"an exception in validate": func(_ *testing.T, s *unrulyScene) {
			s.declare("fails", "validate.exception")
			s.c.MustFail([]string{"Invalid configuration of connector", `"connector.class" = `, told + "validate.exception", "failed while it checked the configuration"}, "plan", "-no-color")
		},
		"an error in validate": func(t *testing.T, s *unrulyScene) {
			const cause = "java.lang.NoClassDefFoundError: org/example/missing/Driver"
			config := s.declare("fails", "validate.error")
			s.c.MustFail([]string{"Invalid configuration of connector", `"connector.class" = `, cause, "lacks a jar"}, "plan", "-no-color")
			s.c.Configure(declared(s.w.URL, s.name, config, "validate = false"))
			s.fails("create", cause, "lacks a jar")
			if n := s.w.Count(http.MethodPost); n != 3 {
				t.Errorf("the worker was sent %d POST", n)
			}
		},
		"an error in validate of an update": func(_ *testing.T, s *unrulyScene) {
			s.settles("note", "one")
			config := s.declare("fails", "validate.error")
			s.c.Configure(declared(s.w.URL, s.name, config, "validate = false"))
			s.fails("update", "java.lang.NoClassDefFoundError: org/example/missing/Driver")
		},
		"start": func(_ *testing.T, s *unrulyScene) {
			s.declare("fails", "start")
			s.fails("create", "connector on worker", told+"start")
		},
		"task.start": func(_ *testing.T, s *unrulyScene) {
			s.declare("fails", "task.start")
			s.fails("create", "task 0 on worker", told+"task.start")
		},
		"task.poll": func(_ *testing.T, s *unrulyScene) {
			s.settles("note", "one")
			s.declare("fails", "task.poll")
			s.fails("update", "task 0 on worker", told+"task.poll")
		},
		"taskConfigs of the first configuration": func(t *testing.T, s *unrulyScene) {
			s.declare("fails", "taskConfigs")
			for _, out := range []string{s.c.Apply(), s.c.Must("plan", "-no-color")} {
				if !strings.Contains(out, "has no tasks") {
					t.Errorf("Terraform does not tell:\n%s", out)
				}
			}
		},
		"taskConfigs of a later configuration": func(t *testing.T, s *unrulyScene) {
			const former = "task 0 still runs with the previous value of note"
			s.settles("note", "one")
			s.declare("note", "two", "fails", "taskConfigs")
			s.fails("update", former, `"note" = "two"`)
			if connector, tasks := s.w.Status(s.name); connector != "RUNNING" || strings.Join(tasks, "") != "RUNNING" {
				t.Errorf("the worker shows it as %s with tasks %v: the test proves nothing", connector, tasks)
			}
			out := acctest.Unwrap(s.c.Must("plan", "-no-color"))
			for _, want := range []string{`state = "STALE" -> "RUNNING"`, former} {
				if !strings.Contains(out, want) {
					t.Errorf("the plan does not tell %q:\n%s", want, out)
				}
			}
			s.fails("update", former) // although the worker holds the declared configuration
			s.declare("note", "three", "fails", "taskConfigs")
			s.fails("update", former, `"note" = "three"`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newUnrulyScene(t, url)
			row(t, s)
			s.settles("note", "healed")
			if n := s.w.Count(http.MethodDelete); n > 0 {
				t.Errorf("the worker was sent %d DELETE", n)
			}
		})
	}
}

// unrulyWorker returns the URL of another worker, of the same version, that has [stack.UnrulySource].
func unrulyWorker(t *testing.T) string {
	t.Helper()
	shared := stack.Shared(t)
	properties, err := shared.CompilePlugin(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w, err := shared.AddWorker(t.Context(), stack.WorkerOptions{GroupID: acctest.UniqueName("unruly"), Properties: properties})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Kill(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return w.URL
}

// unrulyScene is an unruly connector that Terraform manages.
type unrulyScene struct {
	w    *worker
	c    *acctest.CLI
	name string
}

func newUnrulyScene(t *testing.T, url string) *unrulyScene {
	t.Helper()
	s := &unrulyScene{w: watch(t, url), name: acctest.UniqueName("unruly")}
	t.Cleanup(func() { s.w.Delete(s.name) })
	s.c = acctest.NewCLI(t, "")
	return s
}

// declare declares the connector with the keys and values, and returns its configuration.
func (s *unrulyScene) declare(pairs ...string) map[string]string {
	s.w.T.Helper()
	config := acctest.With(map[string]string{"connector.class": stack.UnrulySource, "tasks.max": "1"}, pairs...)
	s.c.Configure(declared(s.w.URL, s.name, config))
	return config
}

// fails applies, which must fail with the messages.
func (s *unrulyScene) fails(verb string, says ...string) {
	s.w.T.Helper()
	says = append(says, fmt.Sprintf("Unable to %s connector %q", verb, s.name))
	s.c.MustFail(says, "apply", "-auto-approve", "-no-color")
}

// settles applies a configuration that works, and checks that the worker holds it and the task runs it.
func (s *unrulyScene) settles(pairs ...string) {
	s.w.T.Helper()
	config := s.declare(pairs...)
	s.c.Apply()
	s.w.isRunning(s.name, config)
	var tasks []struct{ Config map[string]string }
	if err := json.Unmarshal(s.w.Do(http.MethodGet, acctest.ConnectorPath(s.name, "tasks"), nil), &tasks); err != nil {
		s.w.T.Fatal(err)
	}
	if len(tasks) != 1 || tasks[0].Config["note"] != config["note"] || tasks[0].Config["fails"] != "" {
		s.w.T.Errorf("the tasks run %v", tasks)
	}
	s.c.MustBeEmpty()
}
