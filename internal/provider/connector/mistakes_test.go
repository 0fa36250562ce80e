package connector_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// Mistakes of other providers, each with the correct behaviour.
func TestAccConnector_mistakesOfOtherProviders(t *testing.T) {
	t.Parallel()
	const plan, approve, plain = "plan", "-auto-approve", "-no-color"
	for name, row := range map[string]func(t *testing.T, w *worker, name string, config map[string]string){
		"a connector that was deleted is planned to be created": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := acctest.NewCLI(t, declared(w.URL, name, config))
			c.Apply()
			w.Delete(name)
			if out := c.Must(plan, plain); !strings.Contains(out, "1 to add, 0 to change, 0 to destroy") {
				t.Errorf("it is not:\n%s", out)
			}
		},
		"a missing connector cannot be imported": func(t *testing.T, w *worker, name string, config map[string]string) {
			acctest.NewCLI(t, declared(w.URL, name, config)).MustFail([]string{"Unable to import connector"}, "import", plain, address, name)
		},
		"a missing connector can be destroyed": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := acctest.NewCLI(t, declared(w.URL, name, config))
			c.Apply()
			w.Delete(name)
			c.Must("destroy", approve, plain, "-refresh=false")
		},
		"already exists is not retried": func(t *testing.T, w *worker, name string, config map[string]string) {
			create := sync.OnceFunc(func() { w.Do(http.MethodPost, "/connectors", map[string]any{"name": name, "config": config}) })
			w.Before(func(r *http.Request) {
				if r.Method == http.MethodPost { // any earlier, and the plan finds the connector
					create()
				}
			})
			acctest.NewCLI(t, declared(w.URL, name, acctest.With(config, "topic", "other"))).MustFail([]string{"exists already"}, "apply", approve, plain)
			if n := w.Count(http.MethodPost); n != 1 {
				t.Errorf("it was sent %d times", n)
			}
		},
		"a create whose status cannot be read deletes nothing": func(t *testing.T, w *worker, name string, config map[string]string) {
			w.Before(func(r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/status") {
					r.URL.Path = "/connectors/no-such-connector/status"
				}
			})
			c := acctest.NewCLI(t, declared(w.URL, name, config, `timeouts = { create = "4s" }`))
			c.MustFail([]string{"Unable to create connector", "did not become RUNNING"}, "apply", approve, plain)
			w.Before(nil)
			c.Configure(declared(w.URL, name, config)) // without the short timeout: the workers may rebalance
			c.Apply()
			c.MustBeEmpty()
			if n := w.Count(http.MethodDelete); n > 0 {
				t.Errorf("the worker was sent %d DELETE", n)
			}
		},
		"an apply with failed tasks fails": func(t *testing.T, w *worker, name string, _ map[string]string) {
			config, _ := brokenSink(t)
			acctest.NewCLI(t, declared(w.URL, name, config)).MustFail(causes("create", name), "apply", approve, plain)
		},
		"configurations are not logged": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := acctest.NewCLI(t, declared(w.URL, name, config))
			c.Apply()
			log := filepath.Join(t.TempDir(), "provider.log")
			c.Env = append(c.Env, "TF_LOG_PROVIDER=TRACE", "TF_LOG_PATH="+log)
			c.MustBeEmpty()
			text, err := os.ReadFile(log)
			if err != nil || !strings.Contains(string(text), "Kafka Connect request") {
				t.Fatalf("there is no log of the provider: the test proves nothing (%v)", err)
			}
			if strings.Contains(string(text), config["topic"]) {
				t.Error("a value of the configuration is in the log")
			}
		},
		"a key that the worker adds is not drift": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := acctest.NewCLI(t, declared(w.URL, name, config))
			c.Apply()
			c.MustBeEmpty()
		},
		"a secret that was changed outside Terraform is seen": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := acctest.NewCLI(t, declared(w.URL, name, config, `config_wo = { "my.secret" = "one" }`))
			c.Apply()
			w.Do(http.MethodPut, acctest.ConnectorPath(name, "config"), acctest.With(config, "my.secret", "two"))
			if out := c.Must(plan, plain); !strings.Contains(out, "0 to add, 1 to change, 0 to destroy") || strings.Contains(out, "two") {
				t.Errorf("it is not, or it is shown:\n%s", out)
			}
			c.Apply()
			w.isRunning(name, acctest.With(config, "my.secret", "one"))
		},
		"a connector is created in its state": func(t *testing.T, w *worker, name string, config map[string]string) {
			acctest.NewCLI(t, declared(w.URL, name, config, inState("PAUSED"))).Apply()
			if state, _ := w.Status(name); state != "PAUSED" {
				t.Errorf("it is %s", state)
			}
		},
		"configuration is changed before state": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := acctest.NewCLI(t, declared(w.URL, name, config, inState("PAUSED")))
			c.Apply()
			w.Forget()
			c.Configure(declared(w.URL, name, acctest.With(config, "batch.size", "7")))
			c.Apply()
			if want := []string{"PUT " + acctest.ConnectorPath(name, "config"), "PUT " + acctest.ConnectorPath(name, "resume")}; !slices.Equal(w.Writes(), want) {
				t.Errorf("the worker was sent %v, want %v", w.Writes(), want)
			}
			w.isRunning(name, acctest.With(config, "batch.size", "7"))
		},
		"a secret that is removed is removed on the worker": func(t *testing.T, w *worker, name string, config map[string]string) {
			c := acctest.NewCLI(t, declared(w.URL, name, config, `config_sensitive = { "my.secret" = "one" }`))
			c.Apply()
			c.Configure(declared(w.URL, name, config))
			c.Apply()
			w.isRunning(name, config)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, name := sharedWorker(t), acctest.UniqueName("mistake")
			t.Cleanup(func() { w.Delete(name) })
			row(t, w, name, source(t))
		})
	}
}

// A record that a sink cannot read fails its task. After the record is deleted, an apply repairs the sink.
func TestAccConnector_poisonRecord(t *testing.T) {
	t.Parallel()
	w, from, to, config := sharedWorker(t), acctest.UniqueName("poison"), acctest.UniqueName("poisoned"), source(t)
	t.Cleanup(func() { w.Delete(from); w.Delete(to) })
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
	w.Do(http.MethodPost, "/connectors", map[string]any{"name": from, "config": config})
	write(`{"line":1}`)
	sink := map[string]string{
		"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": config["topic"], "file": out,
		"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
	}
	c := acctest.NewCLI(t, declared(w.URL, to, sink))
	c.Apply()
	acctest.Eventually(t, "the first line comes out", cameOut("line=1"))

	write(`hunter2 is not JSON`)
	acctest.Eventually(t, "the task fails", func() bool {
		_, tasks := w.Status(to)
		return slices.Equal(tasks, []string{"FAILED"})
	})
	why := []string{"Unable to update connector", "task 0 on worker", "Unrecognized token"}
	if out := acctest.Unwrap(c.Must("plan", "-no-color")); !strings.Contains(out, `state = "FAILED" -> "RUNNING"`) || !strings.Contains(out, "Unrecognized token") {
		t.Errorf("the plan does not show the failure:\n%s", out)
	}
	why = append(why, "ConnectException: Tolerance exceeded in error handler", "Caused by: ")
	for range 2 {
		if out := c.MustFail(why, "apply", "-auto-approve", "-no-color"); strings.Contains(out, "hunter2") || strings.Contains(out, ".java:") {
			t.Errorf("the content of the record, or a stack frame, is shown:\n%s", out)
		}
	}

	acctest.ForgetRecords(t, config["topic"])
	c.Apply()
	write(`{"line":3}`)
	acctest.Eventually(t, "the line behind it comes out", cameOut("line=3"))
	c.MustBeEmpty()
}
