package connector_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// Offsets that a connector of these tests has, and those that another one has left under the new name.
const (
	filePartition = `{"filename":"f"}`
	ownOffset     = `{"position":7}`
	ownOffsets    = filePartition + " " + ownOffset
	leftPartition = `{"filename":"left"}`
)

// mustHaveOffsets checks the offsets that the worker has under the name.
func mustHaveOffsets(t *testing.T, w *connectfake.Worker, name string, want ...string) {
	t.Helper()
	if got := w.Offsets(name); !slices.Equal(got, want) {
		t.Errorf("connector %s has the offsets %q, want %q", name, got, want)
	}
}

// mustRun checks that the connector has this configuration and the target state RUNNING.
func mustRun(t *testing.T, w *connectfake.Worker, name string) {
	t.Helper()
	if _, target, ok := w.Connector(name); !ok || target != "RUNNING" {
		t.Errorf("connector %s exists: %v, its target state is %q", name, ok, target)
	}
}

// A changed name is an update: the new connector continues where the old one has stopped. The two never run at the same time.
func TestConnector_rename(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	w.Seed("renamed", "STOPPED", fakeConfig)
	w.SetOffset("renamed", leftPartition, ownOffset)
	w.Remove("renamed")
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, "deletion_protection = true", "initial_offsets = []"))
	c.Apply()
	w.SetOffset("orders", filePartition, ownOffset)
	c.Configure(declared(w.URL(), "renamed", fakeConfig, "deletion_protection = true", "initial_offsets = []"))
	acctest.SaidBy(t, c.Must("plan", "-no-color"), `Connector "orders" will be renamed and keeps its position`, "0 to add, 1 to change, 0 to destroy")
	w.Forget()
	acctest.SaidBy(t, c.Apply(), "0 added, 1 changed, 0 destroyed")
	writes := []string{
		"POST /connectors", "PUT /connectors/orders/stop", "PATCH /connectors/renamed/offsets", "PUT /connectors/renamed/resume",
		"DELETE /connectors/orders/offsets", "DELETE /connectors/orders",
	}
	if got := writesTo(w); !slices.Equal(got, writes) {
		t.Errorf("the worker received\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(writes, "\n"))
	}
	mustHave(t, w, false, "orders")
	mustRun(t, w, "renamed")
	mustHaveOffsets(t, w, "renamed", ownOffsets)
	mustHaveOffsets(t, w, "orders")
	c.MustBeEmpty()
	c.Configure(declared(w.URL(), "orders", fakeConfig)) // back, without protection
	c.Apply()
	mustHaveOffsets(t, w, "orders", ownOffsets)
	c.MustBeEmpty()
	c.Configure(declared(w.URL(), "renamed", fakeConfig))
	acctest.SaidBy(t, c.Must("plan", "-no-color", "-replace="+address), "as with -replace, the offsets stay with the old name", "1 to add, 0 to change, 1 to destroy")
}

// writesTo returns the writes that the worker has received, without validations.
func writesTo(w *connectfake.Worker) (writes []string) {
	for _, request := range w.Requests() {
		if request.Method != http.MethodGet && !strings.HasSuffix(request.Path, "/validate") {
			writes = append(writes, request.Method+" "+request.Path)
		}
	}
	return writes
}

// The configuration, the state and the secrets may change together with the name. The values of ignored keys are kept.
func TestConnector_renameWithOtherChanges(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, `config_wo = { "a.password" = "first" }`, `ignored_config_keys = ["elsewhere"]`))
	c.RequireTerraform("1.11")
	c.Apply()
	elsewhere := "managed"
	w.Edit("orders", map[string]*string{"elsewhere": &elsewhere})
	changed := acctest.With(fakeConfig, "topic", "u")
	c.Configure(declared(w.URL(), "renamed", changed, `config_wo = { "a.password" = "second" }`, `ignored_config_keys = ["elsewhere"]`, inState("PAUSED")))
	c.Apply()
	config, target, _ := w.Connector("renamed")
	if config["topic"] != "u" || config["a.password"] != "second" || config["elsewhere"] != "managed" || target != "PAUSED" {
		t.Errorf("the connector is %s with %v", target, config)
	}
	mustHave(t, w, false, "orders")
	c.MustBeEmpty()
}

// A changed cluster is a move, too.
func TestConnector_changedCluster(t *testing.T) {
	t.Parallel()
	emea, apac := connectfake.New(t), connectfake.New(t, connectfake.WithKafkaClusterID("another"))
	provider := clusters("emea", emea.URL(), "apac", apac.URL())
	c := acctest.NewCLI(t, provider+in("emea", "test", "orders", fakeConfig, "deletion_protection = true"))
	c.Apply()
	emea.SetOffset("orders", filePartition, ownOffset)
	c.Configure(provider + in("apac", "test", "orders", fakeConfig, "deletion_protection = true"))
	acctest.SaidBy(t, c.Apply(), `Connector "emea/orders" will be moved and keeps its position`, "0 added, 1 changed, 0 destroyed")
	mustHave(t, emea, false, "orders")
	mustRun(t, apac, "orders")
	mustHaveOffsets(t, apac, "orders", ownOffsets)
	c.MustBeEmpty()

	// A tainted one is deleted and created, as the plan shows.
	c.Configure(provider + in("apac", "test", "orders", fakeConfig))
	c.Apply()
	c.Must("taint", "kafkaconnect_connector.test")
	c.Configure(provider + in("emea", "test", "orders", fakeConfig))
	c.Apply()
	mustHave(t, emea, true, "orders")
	mustHave(t, apac, false, "orders")
	c.MustBeEmpty()
}

// The position of a sink means nothing in another Kafka cluster.
func TestConnector_sinkToAnotherKafka(t *testing.T) {
	t.Parallel()
	emea, apac := connectfake.New(t), connectfake.New(t, connectfake.WithKafkaClusterID("another"))
	provider := clusters("emea", emea.URL(), "apac", apac.URL())
	sink := map[string]string{"connector.class": connectfake.FileSink, "topics": "t", "file": "f", "tasks.max": "1"}
	c := acctest.NewCLI(t, provider+in("emea", "test", "orders", sink))
	c.Apply()
	c.Configure(provider + in("apac", "test", "orders", sink))
	c.MustFail([]string{"A sink cannot keep its position in another Kafka cluster", "set initial_offsets", "cluster = "}, plan...)
	c.Configure(provider + in("apac", "test", "orders", sink,
		`initial_offsets = [{ partition = jsonencode({ kafka_topic = "t", kafka_partition = 0 }), offset = jsonencode({ kafka_offset = 3 }) }]`))
	acctest.SaidBy(t, c.Apply(), "1 added, 0 changed, 1 destroyed")
	mustHaveOffsets(t, apac, "orders", `{"kafka_partition":0,"kafka_topic":"t"} {"kafka_offset":3}`)
}

// A sink that gets a consumer group by its configuration starts where that group is. Other sinks may share the group.
func TestConnector_renameToNamedGroup(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	sink := map[string]string{"connector.class": connectfake.FileSink, "topics": "t", "file": "f", "tasks.max": "1"}
	const partition, own, others = `{"kafka_partition":0,"kafka_topic":"t"}`, `{"kafka_offset":3}`, `{"kafka_offset":8}`
	w.Seed("renamed", "STOPPED", sink)
	w.SetOffset("renamed", partition, others)
	w.Remove("renamed")
	c := acctest.NewCLI(t, declared(w.URL(), "orders", sink))
	c.Apply()
	w.SetOffset("orders", partition, own)
	c.Configure(declared(w.URL(), "renamed", acctest.With(sink, "consumer.override.group.id", "shared")))
	w.Break("renamed", "java.lang.X: broken")
	c.MustFail([]string{"java.lang.X: broken", `connector "orders" is RUNNING again, as before`}, apply...)
	mustHaveOffsets(t, w, "orders", partition+" "+own)
	mustHaveOffsets(t, w, "renamed", partition+" "+others)
	w.Repair("renamed")
	c.Apply()
	mustHaveOffsets(t, w, "renamed", partition+" "+others)
	c.MustBeEmpty()
}

// What cannot keep its position is replaced, as the plan says. Protection forbids that.
func TestConnector_renameReplaces(t *testing.T) {
	t.Parallel()
	sink := map[string]string{"connector.class": connectfake.FileSink, "topics": "t", "file": "f", "tasks.max": "1"}
	for name, test := range map[string]struct {
		version string
		config  map[string]string
		reason  string
	}{
		"another class":    {"4.3.1", sink, "another class does not understand the offsets"},
		"an older worker":  {"3.5.2", fakeConfig, "needs Kafka Connect 3.7"},
		"the oldest of it": {"2.8.2", fakeConfig, "needs Kafka Connect 3.5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t, connectfake.WithVersion(test.version))
			c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, "deletion_protection = true"))
			c.Apply()
			c.Configure(declared(w.URL(), "renamed", test.config, "deletion_protection = true"))
			c.MustFail([]string{`Connector "orders" is protected from deletion`, "by a change of its name"}, apply...)
			mustRun(t, w, "orders")
			c.Configure(declared(w.URL(), "orders", fakeConfig))
			c.Apply()
			c.Configure(declared(w.URL(), "renamed", test.config))
			acctest.SaidBy(t, c.Apply(), `A changed name does not keep the offsets of connector "orders"`, test.reason, "1 added, 0 changed, 1 destroyed")
			mustHave(t, w, false, "orders")
			mustRun(t, w, "renamed")
			c.MustBeEmpty()
		})
	}
}

// A move that fails leaves the connector as it was, and the next apply moves it.
func TestConnector_failedRename(t *testing.T) {
	t.Parallel()
	fails := connectfake.Fails(http.StatusInternalServerError, "out of order")
	for name, test := range map[string]struct{ method, path, said string }{
		"stop":   {http.MethodPut, "/connectors/orders/stop", `connector "orders" is RUNNING again, as before`},
		"alter":  {http.MethodPatch, "/connectors/renamed/offsets", `connector "orders" is RUNNING again, as before`},
		"start":  {http.MethodPut, "/connectors/renamed/resume", `connector "orders" is RUNNING again, as before`},
		"broken": {said: `task 0 on`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
			c.Apply()
			w.SetOffset("orders", filePartition, ownOffset)
			if test.path == "" {
				w.Break("renamed", "java.lang.X: broken")
			} else {
				w.Inject(test.method, test.path, connectfake.Always, fails)
			}
			c.Configure(declared(w.URL(), "renamed", fakeConfig))
			c.MustFail([]string{`Unable to move connector "orders" to connector "renamed"`, test.said}, apply...)
			mustHave(t, w, false, "renamed")
			mustRun(t, w, "orders")
			mustHaveOffsets(t, w, "orders", ownOffsets)
			acctest.SaidBy(t, c.Must("state", "show", "-no-color", address), `name = "orders"`)
			w.Calm()
			w.Repair("renamed")
			acctest.SaidBy(t, c.Apply(), "0 added, 1 changed, 0 destroyed")
			mustHave(t, w, false, "orders")
			mustRun(t, w, "renamed")
			mustHaveOffsets(t, w, "renamed", ownOffsets)
			c.MustBeEmpty()
		})
	}
}

// After the provider was killed in a move, the next apply finds what was done, and does the rest.
func TestConnector_renameIsCompleted(t *testing.T) {
	t.Parallel()
	further := `{"position":9}`
	for name, test := range map[string]struct {
		killed func(w *connectfake.Worker)
		want   string // the offset of the new connector
	}{
		"created": {func(w *connectfake.Worker) { w.Seed("renamed", "STOPPED", fakeConfig) }, ownOffset},
		"stopped": {func(w *connectfake.Worker) {
			w.Seed("renamed", "STOPPED", fakeConfig)
			w.SetTarget("orders", "STOPPED")
		}, ownOffset},
		"copied": {func(w *connectfake.Worker) {
			w.Seed("renamed", "STOPPED", fakeConfig)
			w.SetTarget("orders", "STOPPED")
			w.SetOffset("renamed", filePartition, ownOffset)
		}, ownOffset},
		"started": {func(w *connectfake.Worker) {
			w.SetTarget("orders", "STOPPED")
			w.Seed("renamed", "RUNNING", fakeConfig)
			w.SetOffset("renamed", filePartition, further)
		}, further},
		"offsets deleted": {func(w *connectfake.Worker) {
			w.SetOffset("orders", filePartition, "")
			w.SetTarget("orders", "STOPPED")
			w.Seed("renamed", "STOPPED", fakeConfig) // by somebody else
			w.SetOffset("renamed", filePartition, further)
		}, further},
		"deleted": {func(w *connectfake.Worker) {
			w.Remove("orders")
			w.Seed("renamed", "RUNNING", fakeConfig)
			w.SetOffset("renamed", filePartition, further)
		}, further},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
			c.Apply()
			w.SetOffset("orders", filePartition, ownOffset)
			test.killed(w)
			c.Configure(declared(w.URL(), "renamed", fakeConfig))
			c.Apply()
			mustHave(t, w, false, "orders")
			mustRun(t, w, "renamed")
			mustHaveOffsets(t, w, "renamed", filePartition+" "+test.want)
			c.MustBeEmpty()
		})
	}
}

// A connector that has the new name already is not touched, unless an interrupted move has created it.
func TestConnector_renameToTakenName(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
	c.Apply()
	w.Seed("renamed", "RUNNING", acctest.With(fakeConfig, "topic", "other"))
	c.Configure(declared(w.URL(), "renamed", fakeConfig))
	c.MustFail([]string{`Unable to create connector "renamed"`, "These keys differ: topic", "Choose another name"}, plan...)
	c.MustFail([]string{`Unable to move connector "orders" to connector "renamed"`, "another configuration", "Choose another name"}, append(slices.Clone(apply), "-refresh=false")...)
	mustRun(t, w, "orders")
	w.Remove("renamed")
	w.Seed("renamed", "RUNNING", fakeConfig)
	w.Forget()
	c.MustFail([]string{"both connectors run", `connector "orders" was not changed`}, apply...)
	if got := writesTo(w); !slices.Equal(got, []string{"POST /connectors"}) {
		t.Errorf("the worker received %q", got)
	}
	mustRun(t, w, "orders")
	mustRun(t, w, "renamed")
}

// Two names of one Connect cluster would make the move delete the only connector.
func TestConnector_movedToItself(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"RUNNING", "STOPPED"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			one := connectfake.New(t)
			provider := func(peer string) string { return clusters("a", one.URL(), "b", peer) }
			c := acctest.NewCLI(t, provider(connectfake.New(t).URL())+in("a", "test", "orders", fakeConfig, inState(state)))
			c.Apply()
			c.Configure(provider(one.Peer(t).URL()) + in("b", "test", "orders", fakeConfig, inState(state)))
			c.MustFail([]string{"same workers"}, append(slices.Clone(apply), "-refresh=false")...)
			mustHave(t, one, true, "orders")
		})
	}
}

// A mask in place of the secret of an ignored key cannot be given to the new connector.
func TestConnector_renameWithMaskedKey(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t, connectfake.WithMask("db.password"))
	w.Seed("orders", "RUNNING", acctest.With(fakeConfig, "db.password", "s3cret"))
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, `ignored_config_keys = ["db.password"]`))
	c.Must("import", "-no-color", address, "orders")
	c.Apply()
	c.Configure(declared(w.URL(), "renamed", fakeConfig, `ignored_config_keys = ["db.password"]`))
	c.MustFail([]string{"shows a mask", "db.password", "config_wo"}, plan...)
	mustRun(t, w, "orders")
	mustHave(t, w, false, "renamed")
}

// A name that is known only in the apply may be the same one.
func TestConnector_renameToUnknownName(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
	c.Apply()
	w.SetOffset("orders", filePartition, ownOffset)
	for i, name := range []string{"renamed", "renamed", "again"} {
		unknown := fmt.Sprintf("\nresource \"terraform_data\" \"name\" {\n  input = %q\n  triggers_replace = %d\n}\n", name, i)
		c.Configure(strings.Replace(declared(w.URL(), "\x00", fakeConfig), fmt.Sprintf("%q", "\x00"), "terraform_data.name.output", 1) + unknown)
		c.Apply()
		mustRun(t, w, name)
		mustHaveOffsets(t, w, name, ownOffsets)
		c.MustBeEmpty()
	}
}

// A resource that is declared under the name that another one gives up gets a connector of its own.
func TestConnector_renameAndReuse(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
	c.Apply()
	w.SetOffset("orders", filePartition, ownOffset)
	c.Configure(declared(w.URL(), "renamed", fakeConfig) + in("", "new", "orders", acctest.With(fakeConfig, "topic", "u"), "depends_on = [kafkaconnect_connector.test]"))
	c.Apply()
	mustRun(t, w, "orders")
	mustRun(t, w, "renamed")
	mustHaveOffsets(t, w, "orders")
	mustHaveOffsets(t, w, "renamed", ownOffsets)
	c.MustBeEmpty()
}

// Terraform executes all moves at the same time, so a name that another resource still has cannot be taken. The connectors have the
// same configuration: each could be one that an interrupted move has created.
func TestConnector_renameToNameOfAnotherResource(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ first, second string }{
		"swap":       {"b", "a"},
		"chain":      {"b", "c"},
		"chain back": {"c", "a"},
		"destroyed":  {"b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			both := func(first, second string) string {
				text := clusters("", w.URL()) + in("", "first", first, fakeConfig, inState("STOPPED"))
				if second != "" {
					text += in("", "second", second, fakeConfig, inState("STOPPED"))
				}
				return text
			}
			c := acctest.NewCLI(t, both("a", "b"))
			c.Apply()
			w.SetOffset("a", filePartition, `{"position":1}`)
			w.SetOffset("b", filePartition, `{"position":2}`)
			c.Configure(both(test.first, test.second))
			for _, args := range [][]string{apply, append(slices.Clone(apply), "-refresh=false")} {
				c.MustFail([]string{"still exists when its name is taken", "a third name"}, args...)
			}
			mustHaveOffsets(t, w, "a", filePartition+` {"position":1}`)
			mustHaveOffsets(t, w, "b", filePartition+` {"position":2}`)
			if name == "swap" {
				c.Configure(both("third", "b"))
				c.Apply()
				c.Configure(both("third", "a"))
				c.Apply()
				c.Configure(both("b", "a"))
			} else {
				c.Must("apply", "-auto-approve", "-target="+map[string]string{"chain": "kafkaconnect_connector.second", "chain back": "kafkaconnect_connector.first", "destroyed": "kafkaconnect_connector.second"}[name])
			}
			c.Apply()
			mustHaveOffsets(t, w, test.first, filePartition+` {"position":1}`)
			if test.second != "" {
				mustHaveOffsets(t, w, test.second, filePartition+` {"position":2}`)
			}
			c.MustBeEmpty()
		})
	}
}

// With -refresh=false, the plan asks no worker. The apply refuses what the plan would have refused.
func TestConnector_moveWithoutRefresh(t *testing.T) {
	t.Parallel()
	sink := fakeSink()
	withoutRefresh := append(slices.Clone(apply), "-refresh=false")
	t.Run("sink", func(t *testing.T) {
		t.Parallel()
		emea, apac := connectfake.New(t), connectfake.New(t, connectfake.WithKafkaClusterID("another"))
		provider := clusters("emea", emea.URL(), "apac", apac.URL())
		c := acctest.NewCLI(t, provider+in("emea", "test", "orders", sink))
		c.Apply()
		emea.SetOffset("orders", `{"kafka_partition":0,"kafka_topic":"t"}`, `{"kafka_offset":3}`)
		c.Configure(provider + in("apac", "test", "orders", sink))
		c.MustFail([]string{`Unable to move connector "emea/orders" to connector "apac/orders"`, "use another Kafka cluster"}, withoutRefresh...)
		mustRun(t, emea, "orders")
		mustHave(t, apac, false, "orders")
		mustHaveOffsets(t, emea, "orders", `{"kafka_partition":0,"kafka_topic":"t"} {"kafka_offset":3}`)
	})
	t.Run("class", func(t *testing.T) {
		t.Parallel()
		w := connectfake.New(t)
		c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
		c.Apply()
		w.SetOffset("orders", filePartition, ownOffset)
		c.Configure(declared(w.URL(), "renamed", sink))
		acctest.SaidBy(t, c.Must(withoutRefresh...), "another class does not understand the offsets", "1 added, 0 changed, 1 destroyed")
		mustRun(t, w, "renamed")
		c.MustBeEmpty()
	})
	t.Run("deleted", func(t *testing.T) {
		t.Parallel()
		w := connectfake.New(t)
		c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
		c.Apply()
		w.Remove("orders")
		c.Configure(declared(w.URL(), "renamed", fakeConfig))
		c.MustFail([]string{"Connector orders not found", `the plan then creates connector "renamed"`}, withoutRefresh...)
		c.Apply()
		mustRun(t, w, "renamed")
	})
}

// A move gives ignored keys to the new connector. They do not hinder the next apply if the provider was killed.
func TestConnector_renameWithIgnoredKeysIsCompleted(t *testing.T) {
	t.Parallel()
	for name, deleted := range map[string]bool{"created": false, "deleted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t)
			ignored := `ignored_config_keys = ["elsewhere"]`
			c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, ignored))
			c.Apply()
			managed := acctest.With(fakeConfig, "elsewhere", "managed")
			w.Remove("orders")
			w.Seed("orders", "RUNNING", managed)
			w.SetOffset("orders", filePartition, ownOffset)
			w.Seed("renamed", "STOPPED", managed)
			if deleted {
				w.Remove("orders")
				w.SetTarget("renamed", "RUNNING")
				w.SetOffset("renamed", filePartition, ownOffset)
			}
			c.Configure(declared(w.URL(), "renamed", fakeConfig, ignored))
			c.Apply()
			mustHave(t, w, false, "orders")
			mustRun(t, w, "renamed")
			mustHaveOffsets(t, w, "renamed", ownOffsets)
			if config, _, _ := w.Connector("renamed"); config["elsewhere"] != "managed" {
				t.Errorf("the connector has %v", config)
			}
			c.MustBeEmpty()
		})
	}
}

// A connector that an interrupted move has started, and that has failed since, has the newer offsets. The previous one must not run:
// the new one may start again at any time.
func TestConnector_interruptedRenameHasFailed(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
	c.Apply()
	further := filePartition + ` {"position":9}`
	w.SetOffset("orders", filePartition, ownOffset)
	w.SetTarget("orders", "STOPPED")
	w.Seed("renamed", "RUNNING", fakeConfig)
	w.SetOffset("renamed", filePartition, `{"position":9}`)
	w.BreakConnector("renamed", "java.lang.X: broken")
	c.Configure(declared(w.URL(), "renamed", fakeConfig))
	c.MustFail([]string{"java.lang.X: broken", `connector "renamed" keeps the offsets, and connector "orders" stays STOPPED`, "apply again"}, apply...)
	mustBeStopped(t, w, "orders")
	w.Repair("renamed")
	c.Apply()
	mustHave(t, w, false, "orders")
	mustRun(t, w, "renamed")
	mustHaveOffsets(t, w, "renamed", further)
	c.MustBeEmpty()
}

// A move that an earlier run has begun and that fails again leaves the state that the previous connector has.
func TestConnector_interruptedRenameOfPaused(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, inState("PAUSED")))
	c.Apply()
	w.Seed("renamed", "STOPPED", fakeConfig)
	w.Break("renamed", "java.lang.X: broken")
	c.Configure(declared(w.URL(), "renamed", fakeConfig))
	c.MustFail([]string{"java.lang.X: broken", `connector "orders" is PAUSED again, as before`}, apply...)
	if _, target, _ := w.Connector("orders"); target != "PAUSED" {
		t.Errorf("the connector is %s", target)
	}
}

// With ignore_changes = [state], the state may have what Read has found, which is no state to request.
func TestConnector_renameIgnoresState(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	lines := []string{`timeouts = { update = "40s" }`, "lifecycle {\n    ignore_changes = [state]\n  }"}
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, lines...))
	c.Apply()
	w.SetOffset("orders", filePartition, ownOffset)
	w.FailTask("orders", 0, "java.lang.X: broken")
	c.Configure(declared(w.URL(), "renamed", fakeConfig, lines...))
	c.Apply()
	mustHave(t, w, false, "orders")
	mustRun(t, w, "renamed")
	mustHaveOffsets(t, w, "renamed", ownOffsets)
}

// A masked value of the connector that an interrupted move has created may be another secret than the declared one.
func TestConnector_interruptedRenameWithMaskedSecret(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"STOPPED", "RUNNING"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			w := connectfake.New(t, connectfake.WithMask("db.password"))
			c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig, `config_sensitive = { "db.password" = "one" }`))
			c.Apply()
			w.SetTarget("orders", "STOPPED")
			w.Seed("renamed", state, acctest.With(fakeConfig, "db.password", "one"))
			c.Configure(declared(w.URL(), "renamed", fakeConfig, `config_sensitive = { "db.password" = "two" }`))
			c.Apply()
			mustRun(t, w, "renamed")
			mustHave(t, w, false, "orders")
			if config, _, _ := w.Connector("renamed"); config["db.password"] != "two" {
				t.Errorf("the connector has the password %q", config["db.password"])
			}
			c.MustBeEmpty()
		})
	}
}

// Without an answer of one of the clusters, nothing is changed, and nothing is advised that would lose the position.
func TestConnector_moveWithoutAnswer(t *testing.T) {
	t.Parallel()
	emea, apac := connectfake.New(t), connectfake.New(t)
	provider := clusters("emea", emea.URL(), "apac", apac.URL())
	c := acctest.NewCLI(t, provider+in("emea", "test", "orders", fakeConfig))
	c.Apply()
	apac.Stop()
	c.Configure(provider + in("apac", "test", "orders", fakeConfig, `timeouts = { update = "2s" }`))
	out := c.MustFail([]string{"Unable to move", "connection refused"}, append(slices.Clone(apply), "-refresh=false")...)
	if strings.Contains(out, "apply with -replace") {
		t.Errorf("the advice loses the position:\n%s", out)
	}
	mustRun(t, emea, "orders")
}

// If the previous connector cannot be deleted, it stays STOPPED until the next apply.
func TestConnector_renameCannotDelete(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	c := acctest.NewCLI(t, declared(w.URL(), "orders", fakeConfig))
	c.Apply()
	w.SetOffset("orders", filePartition, ownOffset)
	w.Inject(http.MethodDelete, "/connectors/orders", connectfake.Always, connectfake.Fails(http.StatusForbidden, "no"))
	c.Configure(declared(w.URL(), "renamed", fakeConfig))
	c.MustFail([]string{`Connector "renamed" runs, but connector "orders", which is STOPPED, was not deleted`, "apply again"}, apply...)
	mustBeStopped(t, w, "orders")
	mustRun(t, w, "renamed")
	w.Calm()
	c.Apply()
	mustHave(t, w, false, "orders")
	mustHaveOffsets(t, w, "renamed", ownOffsets)
	c.MustBeEmpty()
}
