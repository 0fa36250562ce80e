package provider

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What other tools get wrong, each with what is to happen instead.
func TestAccConnector_mistakesNotToRepeat(t *testing.T) {
	t.Parallel()
	const plan, approve, plain = "plan", "-auto-approve", "-no-color"
	for name, row := range map[string]func(t *testing.T, w *worker, name string, config map[string]string){
		"a connector that was deleted is planned to be created": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := newCLI(t, declared(w.URL, name, config))
			c.apply()
			w.delete(name)
			if out := c.must(plan, plain); !strings.Contains(out, "1 to add, 0 to change, 0 to destroy") {
				t.Errorf("it is not:\n%s", out)
			}
		},
		"what does not exist cannot be imported": func(t *testing.T, w *worker, name string, config map[string]string) {
			newCLI(t, declared(w.URL, name, config)).mustFail([]string{"Unable to import connector"}, "import", plain, address, name)
		},
		"what is gone can be destroyed": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := newCLI(t, declared(w.URL, name, config))
			c.apply()
			w.delete(name)
			c.must("destroy", approve, plain, "-refresh=false")
		},
		"already exists is final": func(t *testing.T, w *worker, name string, config map[string]string) {
			w.do(http.MethodPost, "/connectors", map[string]any{"name": name, "config": config})
			newCLI(t, declared(w.URL, name, with(config, "topic", "other"))).mustFail([]string{"exists already"}, "apply", approve, plain)
			if n := w.count(http.MethodPost); n != 1 {
				t.Errorf("it was sent %d times", n)
			}
		},
		"a create that could not be watched destroys nothing": func(t *testing.T, w *worker, name string, config map[string]string) {
			w.before = func(r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/status") {
					r.URL.Path = "/connectors/no-such-connector/status"
				}
			}
			c := newCLI(t, declared(w.URL, name, config, `timeouts = { create = "4s" }`))
			c.mustFail([]string{"Unable to create connector", "did not become RUNNING"}, "apply", approve, plain)
			w.before = nil
			c.apply()
			c.mustBeEmpty()
			if n := w.count(http.MethodDelete); n > 0 {
				t.Errorf("the worker was sent %d DELETE", n)
			}
		},
		"an apply with failed tasks is red": func(t *testing.T, w *worker, name string, _ map[string]string) {
			config, _ := brokenSink(t)
			newCLI(t, declared(w.URL, name, config)).mustFail(causes("create", name), "apply", approve, plain)
		},
		"configurations are not logged": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := newCLI(t, declared(w.URL, name, config))
			c.apply()
			log := filepath.Join(t.TempDir(), "provider.log")
			c.env = append(c.env, "TF_LOG_PROVIDER=TRACE", "TF_LOG_PATH="+log)
			c.mustBeEmpty()
			text, err := os.ReadFile(log)
			if err != nil || !strings.Contains(string(text), "Kafka Connect request") {
				t.Fatalf("there is no log of the provider: the test shows nothing (%v)", err)
			}
			if strings.Contains(string(text), config["topic"]) {
				t.Error("a value of the configuration is in the log")
			}
		},
		"what the worker adds is no drift": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := newCLI(t, declared(w.URL, name, config))
			c.apply()
			c.mustBeEmpty()
		},
		"a secret that was changed behind Terraform's back is seen": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := newCLI(t, declared(w.URL, name, config, `config_wo = { "my.secret" = "one" }`))
			c.apply()
			w.do(http.MethodPut, connectorPath(name, "config"), with(config, "my.secret", "two"))
			if out := c.must(plan, plain); !strings.Contains(out, "0 to add, 1 to change, 0 to destroy") || strings.Contains(out, "two") {
				t.Errorf("it is not, or it is shown:\n%s", out)
			}
			c.apply()
			w.isRunning(name, with(config, "my.secret", "one"))
		},
		"the state counts at creation": func(t *testing.T, w *worker, name string, config map[string]string) {
			newCLI(t, declared(w.URL, name, config, inState(statePaused))).apply()
			if state, _ := w.status(name); state != statePaused {
				t.Errorf("it is %s", state)
			}
		},
		"configuration is changed before state": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := newCLI(t, declared(w.URL, name, config, inState(statePaused)))
			c.apply()
			w.forget()
			c.configure(declared(w.URL, name, with(config, "batch.size", "7")))
			c.apply()
			if want := []string{"PUT " + connectorPath(name, "config"), "PUT " + connectorPath(name, "resume")}; !slices.Equal(w.writes(), want) {
				t.Errorf("the worker was sent %v, want %v", w.writes(), want)
			}
			w.isRunning(name, with(config, "batch.size", "7"))
		},
		"a secret that is removed is gone": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := newCLI(t, declared(w.URL, name, config, `config_sensitive = { "my.secret" = "one" }`))
			c.apply()
			c.configure(declared(w.URL, name, config))
			c.apply()
			w.isRunning(name, config)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, name := sharedWorker(t), uniqueName("mistake")
			t.Cleanup(func() { w.delete(name) })
			row(t, w, name, source(t))
		})
	}
}

// A record that a sink cannot read fails its task until it is out of the way; then an apply heals the sink.
func TestAccConnector_poisonRecord(t *testing.T) {
	t.Parallel()
	w, from, to, config := sharedWorker(t), uniqueName("poison"), uniqueName("poisoned"), source(t)
	t.Cleanup(func() { w.delete(from); w.delete(to) })
	write := func(line string) {
		file, err := os.OpenFile(config["file"], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		fmt.Fprintln(file, line)
	}
	out := filepath.Join(t.TempDir(), "out.txt")
	cameOut := func(text string) func() bool {
		return func() bool {
			got, _ := os.ReadFile(out)
			return strings.Contains(string(got), text)
		}
	}
	w.do(http.MethodPost, "/connectors", map[string]any{"name": from, "config": config})
	write(`{"line":1}`)
	sink := map[string]string{
		"connector.class": sinkClass, "tasks.max": "1", "topics": config["topic"], "file": out,
		"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
	}
	c := newCLI(t, declared(w.URL, to, sink))
	c.apply()
	eventually(t, "the first line comes out", cameOut("line=1"))

	write(`not JSON`)
	eventually(t, "the task fails", func() bool {
		_, tasks := w.status(to)
		return slices.Equal(tasks, []string{stateFailed})
	})
	why := []string{"Unable to update connector", "task 0 on worker", "Unrecognized token"}
	if out := unwrap(c.must("plan", "-no-color")); !strings.Contains(out, `state = "FAILED" -> "RUNNING"`) || !strings.Contains(out, "Unrecognized token") {
		t.Errorf("the plan does not show the failure:\n%s", out)
	}
	c.mustFail(why, "apply", "-auto-approve", "-no-color")
	c.mustFail(why, "apply", "-auto-approve", "-no-color")

	forgetRecords(t, config["topic"])
	c.apply()
	write(`{"line":3}`)
	eventually(t, "the line behind it comes out", cameOut("line=3"))
	c.mustBeEmpty()
}
