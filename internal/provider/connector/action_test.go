package connector_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// actionCLI returns a CLI of Terraform 1.14 or later, which has actions.
func actionCLI(t *testing.T) *acctest.CLI {
	t.Helper()
	c := acctest.NewCLI(t, "")
	c.RequireTerraform("1.14")
	return c
}

// withAction returns a configuration of the provider and of the action "test" of that type.
func withAction(url, kind, name string, lines ...string) string {
	return fmt.Sprintf("provider \"kafkaconnect\" {\n  connect = { urls = [%q] }\n}\n", url) + actionBlock(kind, name, lines...)
}

// actionBlock returns the block of the action "test" of that type.
func actionBlock(kind, name string, lines ...string) string {
	return fmt.Sprintf("action \"kafkaconnect_%s\" \"test\" {\n  config {\n    name = %q\n    %s\n  }\n}\n", kind, name, strings.Join(lines, "\n    "))
}

// invoke returns the arguments of Terraform that invoke the action "test" of that type.
func invoke(kind string) []string {
	return []string{"apply", "-auto-approve", "-no-color", "-invoke=action.kafkaconnect_" + kind + ".test"}
}

// onEvent returns the line of a resource that invokes the action "test" of that type after an event.
func onEvent(event, kind string) string {
	return fmt.Sprintf("lifecycle {\n    action_trigger {\n      events  = [%s]\n      actions = [action.kafkaconnect_%s.test]\n    }\n  }", event, kind)
}

// create creates a connector without Terraform and waits until it and as many tasks are RUNNING.
func (w *worker) create(name string, tasks int, config map[string]string) {
	w.T.Helper()
	w.T.Cleanup(func() { w.Delete(name) })
	w.Do(http.MethodPost, "/connectors", map[string]any{"name": name, "config": config})
	w.becomes(name, "RUNNING", slices.Repeat([]string{"RUNNING"}, tasks)...)
}

// set requests a state without Terraform, and waits for it.
func (w *worker) set(name, verb, state string, tasks ...string) {
	w.T.Helper()
	w.Do(http.MethodPut, acctest.ConnectorPath(name, verb), nil)
	w.becomes(name, state, tasks...)
}

// becomes waits until the connector and its tasks have the states.
func (w *worker) becomes(name, state string, tasks ...string) {
	w.T.Helper()
	acctest.Eventually(w.T, fmt.Sprintf("%s is %s with tasks %v", name, state, tasks), func() bool {
		if status, _ := w.Ask(http.MethodGet, acctest.ConnectorPath(name, "status"), nil); status != http.StatusOK {
			return false // yet
		}
		connector, have := w.Status(name)
		return connector == state && slices.Equal(have, tasks)
	})
}

// isIn checks the state of the connector and of its tasks.
func (w *worker) isIn(name, state string, tasks ...string) {
	w.T.Helper()
	if connector, have := w.Status(name); connector != state || !slices.Equal(have, tasks) {
		w.T.Errorf("%s is %s with tasks %v, want %s with %v", name, connector, have, state, tasks)
	}
}

// restartFixture is an unruly connector with three tasks, of which task 1 fails while a file exists. Terraform does not manage it.
type restartFixture struct {
	w                   *worker
	c                   *acctest.CLI
	name, cause, starts string
}

func newRestartScene(t *testing.T, url string) *restartFixture {
	t.Helper()
	s := &restartFixture{
		w: watch(t, url), c: actionCLI(t), name: acctest.UniqueName("restart"),
		cause: filepath.Join(t.TempDir(), "cause"), starts: filepath.Join(t.TempDir(), "starts"),
	}
	s.w.create(s.name, 3, map[string]string{
		"connector.class": stack.UnrulySource, "tasks.max": "3", "starts": s.starts,
		"fails.after": "0", "fails.while": s.cause, "fails.task": "1", "secret": "hunter2",
	})
	return s
}

// fail makes task 1 fail.
func (s *restartFixture) fail() {
	s.w.T.Helper()
	if err := os.WriteFile(s.cause, nil, 0o600); err != nil {
		s.w.T.Fatal(err)
	}
	s.w.becomes(s.name, "RUNNING", "RUNNING", "FAILED", "RUNNING")
}

// heal removes the cause. Task 1 stays FAILED.
func (s *restartFixture) heal() {
	s.w.T.Helper()
	if err := os.Remove(s.cause); err != nil {
		s.w.T.Fatal(err)
	}
}

// started returns the numbers of the tasks that have started since the last call, sorted.
func (s *restartFixture) started() string {
	s.w.T.Helper()
	text, err := os.ReadFile(s.starts)
	if err != nil && !os.IsNotExist(err) {
		s.w.T.Fatal(err)
	}
	if err := os.WriteFile(s.starts, nil, 0o600); err != nil {
		s.w.T.Fatal(err)
	}
	numbers := strings.Fields(string(text))
	slices.Sort(numbers)
	return strings.Join(numbers, " ")
}

// declare declares the action, and forgets what has happened before.
func (s *restartFixture) declare(lines ...string) {
	s.c.Configure(withAction(s.w.URL, "restart_connector", s.name, lines...))
	s.started()
	s.w.Forget()
}

func (s *restartFixture) invoke() string {
	s.w.T.Helper()
	return s.c.Must(invoke("restart_connector")...)
}

// restarted checks which tasks have started, and that all tasks run.
func (s *restartFixture) restarted(want string) {
	s.w.T.Helper()
	if got := s.started(); got != want {
		s.w.T.Errorf("tasks %q have started, want %q", got, want)
	}
	s.w.isIn(s.name, "RUNNING", "RUNNING", "RUNNING", "RUNNING")
}

func TestAccConnector_restartAction(t *testing.T) {
	acctest.RequireAcceptance(t)
	actionCLI(t)
	url := unrulyWorker(t)
	for name, row := range map[string]func(t *testing.T, s *restartFixture){
		"only what is FAILED": func(t *testing.T, s *restartFixture) {
			s.declare("only_failed = true")
			s.fail()
			s.heal()
			s.w.isIn(s.name, "RUNNING", "RUNNING", "FAILED", "RUNNING")
			acctest.SaidBy(t, s.invoke(), "Restarting what is FAILED of connector", "task 1 on worker", "it was told to fail after 0 ms",
				"After the restart: connector RUNNING, task 0 RUNNING, task 1 RUNNING, task 2 RUNNING.")
			s.restarted("1")

			s.declare("only_failed = true")
			acctest.SaidBy(t, s.invoke(), "No restart is needed: nothing of connector")
			if got := s.w.Writes(); len(got) > 0 {
				t.Errorf("the worker was sent %v although nothing is FAILED", got)
			}
		},
		"everything": func(_ *testing.T, s *restartFixture) {
			s.declare()
			s.invoke()
			s.restarted("0 1 2")
		},
		"one task": func(t *testing.T, s *restartFixture) {
			s.fail()
			s.declare("task = 2")
			acctest.SaidBy(t, s.invoke(), "Restarting task 2 of connector", "After the restart: connector RUNNING, task 2 RUNNING.")
			if got := s.started(); got != "2" {
				t.Errorf("tasks %q have started, want 2 only", got)
			}
			s.w.isIn(s.name, "RUNNING", "RUNNING", "FAILED", "RUNNING")
			s.heal()
			s.declare("task = 1", "only_failed = true")
			s.invoke()
			s.restarted("1")
		},
		"the cause is not fixed": func(t *testing.T, s *restartFixture) {
			s.fail()
			for _, lines := range [][]string{{"only_failed = true"}, {"task = 1"}, nil} {
				s.declare(lines...)
				out := s.c.MustFail([]string{"did not start after the restart", "task 1 on worker", "it was told to fail after 0 ms", "Fix the cause"}, invoke("restart_connector")...)
				if strings.Contains(out, "hunter2") {
					t.Errorf("Terraform printed a secret:\n%s", out)
				}
			}
		},
		"a task that does not exist": func(t *testing.T, s *restartFixture) {
			s.declare("task = 7")
			s.c.MustFail([]string{"has no task 7", "has these tasks: 0, 1, 2. Nothing was restarted"}, invoke("restart_connector")...)
			if got := s.w.Writes(); len(got) > 0 {
				t.Errorf("the worker was sent %v", got)
			}
		},
		"a connector that is PAUSED": func(t *testing.T, s *restartFixture) {
			s.fail()
			s.w.set(s.name, "pause", "PAUSED", "PAUSED", "FAILED", "PAUSED")
			s.declare("only_failed = true")
			acctest.SaidBy(t, s.invoke(), "After the restart: connector PAUSED, task 0 PAUSED, task 1 PAUSED, task 2 PAUSED.")
			s.w.isIn(s.name, "PAUSED", "PAUSED", "PAUSED", "PAUSED")
		},
		"a connector that is STOPPED": func(t *testing.T, s *restartFixture) {
			if s.w.Older("3.5") {
				return
			}
			s.w.set(s.name, "stop", "STOPPED")
			s.declare()
			acctest.SaidBy(t, s.invoke(), "is STOPPED and was not restarted")
			s.declare("task = 0")
			s.c.MustFail([]string{"has no task 0", "The connector is STOPPED, so it has no tasks."}, invoke("restart_connector")...)
			if got := s.w.Writes(); len(got) > 0 {
				t.Errorf("the worker was sent %v", got)
			}
			s.w.isIn(s.name, "STOPPED")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row(t, newRestartScene(t, url))
		})
	}
}

// An action that a resource triggers runs after the change of the resource.
func TestAccConnector_restartActionTriggered(t *testing.T) {
	acctest.RequireAcceptance(t)
	actionCLI(t)
	s, config := &restartFixture{w: watch(t, unrulyWorker(t)), c: actionCLI(t), name: acctest.UniqueName("trigger"), starts: filepath.Join(t.TempDir(), "starts")},
		map[string]string{"connector.class": stack.UnrulySource, "tasks.max": "3"}
	config["starts"] = s.starts
	t.Cleanup(func() { s.w.Delete(s.name) })
	declare := func(note string) {
		s.c.Configure(declared(s.w.URL, s.name, acctest.With(config, "note", note), onEvent("after_create, after_update", "restart_connector")) +
			actionBlock("restart_connector", s.name))
	}
	for _, note := range []string{"created", "updated"} {
		declare(note)
		acctest.SaidBy(t, s.c.Apply(), "Restarting connector", "After the restart: connector RUNNING")
		s.restarted("0 0 1 1 2 2") // by the resource, then by the action
		s.c.MustBeEmpty()
	}
}

func TestAccConnector_actionsOnUnknownConnector(t *testing.T) {
	acctest.RequireAcceptance(t)
	w, c, name := sharedWorker(t), actionCLI(t), acctest.UniqueName("absent")
	for kind, lines := range map[string]string{
		"restart_connector": "",
		"reset_offsets":     "",
		"alter_offsets":     `offsets = [{ partition = jsonencode({ filename = "f" }), offset = jsonencode({ position = 1 }) }]`,
	} {
		c.Configure(withAction(w.URL, kind, name, lines))
		c.MustFail([]string{fmt.Sprintf("Connector %q does not exist", name), "Correct name or cluster."}, invoke(kind)...)
	}
	if got := w.Writes(); len(got) > 0 {
		t.Errorf("the worker was sent %v", got)
	}
	c.Configure(withAction(w.URL, "restart_connector", name, `cluster = "emea"`))
	c.MustFail([]string{`Unknown cluster "emea"`}, "plan", "-no-color", "-invoke=action.kafkaconnect_restart_connector.test")
}
