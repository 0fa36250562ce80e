package connector_test

import (
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

const (
	address = "kafkaconnect_connector.test"
)

// source returns the configuration of a connector that reads a file, which need not exist.
func source(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"connector.class": acctest.SourceClass,
		"tasks.max":       "1",
		"topic":           acctest.UniqueName("topic"),
		"file":            filepath.Join(t.TempDir(), "in.txt"),
	}
}

// declared returns a configuration of the provider and of kafkaconnect_connector.test, with more lines in its block.
func declared(url, name string, config map[string]string, lines ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "provider \"kafkaconnect\" {\n  connect = { urls = [%q] }\n}\n", url)
	fmt.Fprintf(&b, "resource \"kafkaconnect_connector\" \"test\" {\n  name = %q\n  config = %s\n  %s\n}\n", name, hcl(config), strings.Join(lines, "\n  "))
	return b.String()
}

// hcl returns a map in Terraform's language.
func hcl(values map[string]string) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, "    %q = %s\n", key, strings.ReplaceAll(fmt.Sprintf("%q", values[key]), "${", "$${"))
	}
	return "{\n" + b.String() + "  }"
}

func inState(state string) string { return fmt.Sprintf("state = %q", state) }

// holds checks that the worker has the connector with exactly this configuration, and that it and its tasks have the state.
func (w *worker) holds(name string, config map[string]string, state string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if got := w.Config(name); !reflect.DeepEqual(got, config) {
			return fmt.Errorf("the worker holds %v, want %v", got, config)
		}
		connector, tasks := w.Status(name)
		ok := map[string]bool{
			"RUNNING": slices.Equal(tasks, []string{"RUNNING"}),
			"PAUSED":  len(tasks) == 0 || slices.Equal(tasks, []string{"PAUSED"}), // no tasks until it was RUNNING
			"STOPPED": len(tasks) == 0,
		}
		if connector != state || !ok[state] {
			return fmt.Errorf("the worker has it %s with tasks %v, want %s", connector, tasks, state)
		}
		return nil
	}
}

// planned checks the planned action for the connector.
func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
	}
}

// acceptance runs the steps against the shared worker and checks that the connectors are deleted.
func acceptance(t *testing.T, w *worker, names []string, steps ...resource.TestStep) {
	t.Helper()
	for _, name := range names {
		t.Cleanup(func() { w.Delete(name) })
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps:                    steps,
		CheckDestroy: func(*terraform.State) error {
			for _, name := range names {
				if w.Exists(name) {
					return fmt.Errorf("connector %s is still there", name)
				}
			}
			return nil
		},
	})
}

func TestAccConnector_lifecycleInEachState(t *testing.T) {
	t.Parallel()
	for _, state := range sharedWorker(t).States() {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			w, name, config := sharedWorker(t), acctest.UniqueName("life"), source(t)
			changed := acctest.With(config, "batch.size", "7")
			first := declared(w.URL, name, config, inState(state))
			acceptance(t, w, []string{name},
				resource.TestStep{
					Config:           first,
					ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
					Check:            w.holds(name, config, state),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact(name)),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("type"), knownvalue.StringExact("source")),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("state"), knownvalue.StringExact(state)),
					},
				},
				resource.TestStep{Config: first, ConfigPlanChecks: acctest.Settled},
				resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: name, ImportStateVerify: true},
				resource.TestStep{
					Config:           declared(w.URL, name, changed, inState(state)),
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check:            w.holds(name, changed, state),
				},
				resource.TestStep{
					PreConfig:        func() { w.Delete(name) },
					Config:           declared(w.URL, name, changed, inState(state)),
					ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
					Check:            w.holds(name, changed, state),
				},
			)
		})
	}
}

func TestAccConnector_stoppedOnOldWorker(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("stopped"), source(t)
	if !w.Older("3.5") {
		return // lifecycleInEachState covers it
	}
	acceptance(t, w, []string{name},
		resource.TestStep{Config: declared(w.URL, name, config, inState("STOPPED")), ExpectError: acctest.Needs("Stopping a connector", "3.5")},
		resource.TestStep{PreConfig: func() {
			if w.Exists(name) {
				t.Error("a connector that cannot be stopped was created")
			}
		}, Config: declared(w.URL, name, config)},
		resource.TestStep{Config: declared(w.URL, name, config, inState("STOPPED")), ExpectError: acctest.Needs("Stopping a connector", "3.5")},
	)
}

func TestAccConnector_createdInItsStateByOneRequest(t *testing.T) {
	t.Parallel()
	w, name := sharedWorker(t), acctest.UniqueName("paused")
	want := []string{"POST /connectors"}
	if w.Older("3.7") { // it does not know initial_state: created, then paused
		want = []string{"POST /connectors", "POST /connectors", "PUT " + acctest.ConnectorPath(name, "pause")}
	}
	acceptance(t, w, []string{name}, resource.TestStep{
		Config: declared(w.URL, name, source(t), inState("PAUSED")),
		Check: func(*terraform.State) error {
			if writes := w.Writes(); !slices.Equal(writes, want) {
				return fmt.Errorf("the worker was sent %v", writes)
			}
			return nil
		},
	})
}

func TestAccConnector_stateTransitions(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("states"), source(t)
	var steps []resource.TestStep
	// This sequence has every ordered pair of states.
	for _, state := range []string{"RUNNING", "PAUSED", "STOPPED", "RUNNING", "STOPPED", "PAUSED", "RUNNING"} {
		if !slices.Contains(w.States(), state) {
			continue
		}
		steps = append(steps, resource.TestStep{
			Config: declared(w.URL, name, config, inState(state)),
			Check:  w.holds(name, config, state),
		})
	}
	acceptance(t, w, []string{name}, steps...)
}

func TestAccConnector_configAndStateTogether(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("both"), source(t)
	changed := acctest.With(config, "batch.size", "9")
	acceptance(t, w, []string{name},
		resource.TestStep{Config: declared(w.URL, name, config), Check: w.holds(name, config, "RUNNING")},
		resource.TestStep{
			PreConfig: w.Forget,
			Config:    declared(w.URL, name, changed, inState("PAUSED")),
			Check: resource.ComposeTestCheckFunc(w.holds(name, changed, "PAUSED"), func(*terraform.State) error {
				want := []string{"PUT " + acctest.ConnectorPath(name, "config"), "PUT " + acctest.ConnectorPath(name, "pause")}
				if writes := w.Writes(); !slices.Equal(writes, want) {
					return fmt.Errorf("the worker was sent %v, want %v", writes, want)
				}
				return nil
			}),
		},
		resource.TestStep{Config: declared(w.URL, name, config), Check: w.holds(name, config, "RUNNING")},
	)
}

func TestAccConnector_drift(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("drift"), source(t)
	put := func(config map[string]string) func() {
		return func() { w.Do(http.MethodPut, acctest.ConnectorPath(name, "config"), config) }
	}
	become := func(verb, state string) func() {
		return func() {
			w.Do(http.MethodPut, acctest.ConnectorPath(name, verb), nil)
			acctest.Eventually(t, name+" is "+state, func() bool { return w.holds(name, config, state)(nil) == nil }) // a worker answers before
		}
	}
	missing := acctest.With(config)
	delete(missing, "tasks.max")
	steps := []resource.TestStep{{Config: declared(w.URL, name, config)}}
	changes := []func(){
		put(acctest.With(config, "batch.size", "3")),    // an extra key
		put(acctest.With(config, "topic", "elsewhere")), // another value
		put(missing),
		become("pause", "PAUSED"),
	}
	if !w.Older("3.5") {
		changes = append(changes, become("stop", "STOPPED"))
	}
	for _, change := range changes {
		steps = append(steps, resource.TestStep{
			PreConfig:        change,
			Config:           declared(w.URL, name, config),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            w.holds(name, config, "RUNNING"),
		})
	}
	acceptance(t, w, []string{name}, steps...)
}

func TestAccConnector_ignoredKeysAreKept(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("ignored"), source(t)
	ignored := `ignored_config_keys = ["batch.size"]`
	changed := acctest.With(config, "topic", acctest.UniqueName("topic"))
	acceptance(t, w, []string{name},
		resource.TestStep{Config: declared(w.URL, name, config, ignored)},
		resource.TestStep{
			PreConfig: func() {
				w.Do(http.MethodPut, acctest.ConnectorPath(name, "config"), acctest.With(config, "batch.size", "3"))
			},
			Config:           declared(w.URL, name, config, ignored),
			ConfigPlanChecks: acctest.Settled,
		},
		resource.TestStep{
			Config: declared(w.URL, name, changed, ignored),
			Check:  w.holds(name, acctest.With(changed, "batch.size", "3"), "RUNNING"),
		},
		resource.TestStep{
			Config: declared(w.URL, name, changed),
			Check:  w.holds(name, changed, "RUNNING"),
		},
	)
}

func TestAccConnector_providerSettingsSendNoWrites(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("settings"), source(t)
	acceptance(t, w, []string{name},
		resource.TestStep{Config: declared(w.URL, name, config)},
		resource.TestStep{
			PreConfig: w.Forget,
			Config:    declared(w.URL, name, config, `on_failure = "warn"`, `deletion_protection = true`, `timeouts = { create = "1m" }`),
			Check: func(*terraform.State) error {
				if writes := w.Writes(); len(writes) > 0 {
					return fmt.Errorf("the worker was sent %v", writes)
				}
				return nil
			},
		},
		resource.TestStep{Config: declared(w.URL, name, config)},
	)
}

func TestAccConnector_deletionProtection(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("protected"), source(t)
	protected := declared(w.URL, name, config, "deletion_protection = true")
	refused := regexp.MustCompile(`(?s)protected from deletion.*deletion_protection = false`)
	sink := map[string]string{"connector.class": acctest.SinkClass, "topics": config["topic"], "file": config["file"] + ".out"}
	acceptance(t, w, []string{name},
		resource.TestStep{Config: protected},
		resource.TestStep{Config: protected, Destroy: true, ExpectError: refused},
		resource.TestStep{Config: declared(w.URL, name+"-2", sink, "deletion_protection = true"), ExpectError: refused}, // another class cannot keep the position
		resource.TestStep{Config: protected, ConfigPlanChecks: acctest.Settled, Check: w.holds(name, config, "RUNNING")},
		resource.TestStep{Config: declared(w.URL, name, config)},
	)
}

func TestAccConnector_awkwardNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"with a blank", "dots.and.more", "a+b", "größe-漢字-🙂", "q?x=1&y#z", "semi;colon,comma", `quo"te's`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, name, config := sharedWorker(t), acctest.UniqueName(name), source(t)
			acceptance(t, w, []string{name},
				resource.TestStep{Config: declared(w.URL, name, config), Check: w.holds(name, config, "RUNNING")},
				resource.TestStep{Config: declared(w.URL, name, config, inState("PAUSED")), Check: w.holds(name, config, "PAUSED")},
				resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: name, ImportStateVerify: true},
			)
		})
	}
}

func TestAccConnector_invalidNames(t *testing.T) {
	t.Parallel()
	w := sharedWorker(t)
	for _, name := range []string{"a/b", "a%b", `a\b`, "a{b}", " a", "a ", "", ".", "..", "a\x01b"} {
		t.Run(fmt.Sprintf("%q", name), func(t *testing.T) {
			t.Parallel()
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.ProviderFactories,
				Steps: []resource.TestStep{{
					Config:      strings.ReplaceAll(declared(w.URL, name, source(t)), `\x01`, `\u0001`),
					ExpectError: regexp.MustCompile("Invalid connector name"),
				}},
			})
		})
	}
	if n := w.Count(""); n > 0 {
		t.Errorf("the worker was sent %d requests, want none", n)
	}
}

func TestAccConnector_alreadyExists(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("there"), source(t)
	create := func() {
		w.Do(http.MethodPost, "/connectors", map[string]any{"name": name, "config": config})
	}
	other := acctest.With(config, "topic", "other")
	acceptance(t, w, []string{name},
		resource.TestStep{
			PreConfig: create,
			Config:    declared(w.URL, name, other),
			ExpectError: regexp.MustCompile(`(?s)exists\s+already, with another configuration.*terraform import 'ADDRESS OF THE RESOURCE' '` +
				name + `'`),
		},
		resource.TestStep{
			PreConfig: func() {
				acctest.Eventually(t, "the connector is as it was created", func() bool { return w.holds(name, config, "RUNNING")(nil) == nil })
				w.Forget()
			},
			Config: declared(w.URL, name, config),
			Check: resource.ComposeTestCheckFunc(w.holds(name, config, "RUNNING"), func(*terraform.State) error {
				if writes := w.Writes(); !slices.Equal(writes, []string{"POST /connectors"}) {
					return fmt.Errorf("the worker was sent %v", writes)
				}
				return nil
			}),
		},
	)
}

func TestAccConnector_alreadyDeleted(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("gone"), source(t)
	c := acctest.NewCLI(t, declared(w.URL, name, config))
	t.Cleanup(func() { w.Delete(name) })
	c.Apply()
	w.Delete(name)
	c.Must("destroy", "-auto-approve", "-refresh=false", "-no-color")
	if n := w.Count(http.MethodDelete); n == 0 {
		t.Error("no DELETE was sent: the test proves nothing")
	}
}

// A protected connector that was deleted after an update is created again.
func TestAccConnector_deletedAfterUpdate(t *testing.T) {
	t.Parallel()
	w, name, config := sharedWorker(t), acctest.UniqueName("deleted"), source(t)
	c := acctest.NewCLI(t, declared(w.URL, name, config, "deletion_protection = true"))
	t.Cleanup(func() { w.Delete(name) })
	c.Apply()
	config["batch.size"] = "7"
	c.Configure(declared(w.URL, name, config, "deletion_protection = true"))
	c.Apply()
	w.Delete(name)
	acctest.SaidBy(t, c.Must("plan", "-no-color"), "will be created")
}

func TestAccConnector_importOfMissing(t *testing.T) {
	t.Parallel()
	w, name := sharedWorker(t), acctest.UniqueName("nothing")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.ProviderFactories,
		Steps: []resource.TestStep{{
			Config:        declared(w.URL, name, source(t)),
			ResourceName:  address,
			ImportState:   true,
			ImportStateId: name,
			ExpectError:   regexp.MustCompile(`(?s)Unable to import connector.*not\s+found`),
		}},
	})
}
