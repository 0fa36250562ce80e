package connector_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// withKafka returns a configuration whose provider block also has these settings of kafka.
func withKafka(config string, lines ...string) string {
	return strings.Replace(config, "  connect = {", "  kafka = {\n    "+strings.Join(lines, "\n    ")+"\n  }\n  connect = {", 1)
}

func servers(bootstrap string) string { return fmt.Sprintf("bootstrap_servers = [%q]", bootstrap) }

// produce writes records to a partition.
func produce(k *acctest.Kafka, topic string, partition int32, records int) {
	k.T.Helper()
	for range records {
		record := &kgo.Record{Topic: topic, Partition: partition, Key: []byte(rand.Text()), Value: []byte(rand.Text())}
		if err := k.Client.ProduceSync(k.Ctx(), record).FirstErr(); err != nil {
			k.T.Fatal(err)
		}
	}
}

// committed waits until a group has committed these offsets of the partitions of a topic.
func committed(k *acctest.Kafka, group, topic string, want ...int64) {
	k.T.Helper()
	acctest.Eventually(k.T, fmt.Sprintf("group %s has committed %v", group, want), func() bool {
		offsets, err := k.Admin.FetchOffsets(k.Ctx(), group)
		got := make([]int64, len(want))
		for partition := range got {
			got[partition] = -1
			if offset, ok := offsets.Lookup(topic, int32(partition)); ok {
				got[partition] = offset.At
			}
		}
		return err == nil && slices.Equal(got, want)
	})
}

// post creates a connector directly on the worker, and deletes it when the test ends.
func (w *worker) post(name string, config map[string]string) {
	w.T.Helper()
	w.T.Cleanup(func() { w.Delete(name) })
	w.Do(http.MethodPost, "/connectors", map[string]any{"name": name, "config": config})
}

// inState waits until a connector and its tasks have the state.
func (w *worker) inState(name, state string, tasks ...string) {
	w.T.Helper()
	acctest.Eventually(w.T, name+" is "+state, func() bool {
		status, _ := w.Ask(http.MethodGet, acctest.ConnectorPath(name, "status"), nil)
		if status != http.StatusOK {
			return false
		}
		connector, found := w.Status(name)
		return connector == state && slices.Equal(found, tasks)
	})
}

// realLag checks the lag of a data source: the total, and that of each partition of a topic.
func realLag(topic string, lags ...int64) []statecheck.StateCheck {
	var total int64
	var partitions []knownvalue.Check
	for i, lag := range lags {
		total += lag
		partitions = append(partitions, knownvalue.ObjectExact(map[string]knownvalue.Check{"topic": text(topic), "partition": number(int64(i)), "lag": number(lag)}))
	}
	return shows("data.kafkaconnect_connector.test", map[string]knownvalue.Check{"lag": number(total), "lag_by_partition": knownvalue.ListExact(partitions)})
}

func TestAccConnectorDataSource_sink(t *testing.T) {
	t.Parallel()
	w, k := sharedWorker(t), acctest.SharedKafka(t)
	name, topic := acctest.UniqueName("sink"), acctest.UniqueName("orders")
	k.Create(topic, 2, map[string]string{"cleanup.policy": "delete"})
	produce(k, topic, 0, 5)
	produce(k, topic, 1, 2)
	w.post(name, map[string]string{"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": topic, "file": filepath.Join(t.TempDir(), "out.txt")})
	committed(k, "connect-"+name, topic, 5, 2)
	w.inState(name, "RUNNING", "RUNNING")
	config := withKafka(readingOne(w.URL, name, "include_topics = true"), servers(k.Bootstrap))
	version := knownvalue.Check(knownvalue.NotNull())
	if w.Older("4.1") {
		version = knownvalue.Null()
	}
	acceptance(t, w, nil,
		resource.TestStep{Config: config, ConfigStateChecks: append(realLag(topic, 0, 0), shows("data.kafkaconnect_connector.test", map[string]knownvalue.Check{
			"type": text("sink"), "state": text("RUNNING"), "healthy": knownvalue.Bool(true), "error": knownvalue.Null(), "consumer_group": text("connect-" + name),
			"config":              knownvalue.MapPartial(map[string]knownvalue.Check{"topics": text(topic)}),
			"ignored_config_keys": knownvalue.Null(),
			"topics":              knownvalue.ListExact([]knownvalue.Check{text(topic)}),
			"tasks": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
				"id": number(0), "state": text("RUNNING"), "worker_id": knownvalue.NotNull(), "version": version, "error": knownvalue.Null(),
			})}),
		})...)},
		resource.TestStep{Config: config, ConfigPlanChecks: acctest.Settled},
		resource.TestStep{
			PreConfig: func() {
				w.Do(http.MethodPut, acctest.ConnectorPath(name, "pause"), nil)
				w.inState(name, "PAUSED", "PAUSED")
				produce(k, topic, 1, 3)
			},
			Config: config, ConfigStateChecks: append(realLag(topic, 0, 3), shows("data.kafkaconnect_connector.test", map[string]knownvalue.Check{
				"state": text("PAUSED"), "healthy": knownvalue.Bool(true),
			})...),
		},
	)
	if writes := w.Writes(); len(writes) > 0 {
		t.Errorf("the provider sent %q", writes)
	}
}

// A sink that has committed nothing is behind by all records. Records of topics that it no longer reads do not count.
func TestAccConnectorDataSource_lagOfOwnGroup(t *testing.T) {
	t.Parallel()
	w, k := sharedWorker(t), acctest.SharedKafka(t)
	name, group, topic, former := acctest.UniqueName("failed"), acctest.UniqueName("group"), acctest.UniqueName("orders"), acctest.UniqueName("former")
	for _, created := range []string{topic, former} {
		k.Create(created, 1, map[string]string{"cleanup.policy": "delete"})
		produce(k, created, 0, 4)
	}
	var offsets kadm.Offsets
	offsets.Add(kadm.Offset{Topic: former, At: 1})
	if err := k.Admin.CommitAllOffsets(k.Ctx(), group, offsets); err != nil {
		t.Fatal(err)
	}
	w.post(name, map[string]string{
		"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": topic, "file": filepath.Join(t.TempDir(), "absent", "out.txt"), "consumer.override.group.id": group,
	})
	w.inState(name, "RUNNING", "FAILED")
	checks := append(realLag(topic, 4), shows("data.kafkaconnect_connector.test", map[string]knownvalue.Check{
		"consumer_group": text(group), "state": text("RUNNING"), "healthy": knownvalue.Bool(false), "error": knownvalue.StringRegexp(regexp.MustCompile(`^task 0 on worker .*NoSuchFileException`)),
	})...)
	config := withKafka(readingOne(w.URL, name)+fmt.Sprintf("data \"kafkaconnect_connectors\" \"test\" {\n  name_regex = \"^%s$\"\n  healthy = false\n}\n", name), servers(k.Bootstrap))
	acceptance(t, w, nil, resource.TestStep{Config: config, ConfigStateChecks: append(checks, shows("data.kafkaconnect_connectors.test", map[string]knownvalue.Check{
		"connectors": knownvalue.MapExact(map[string]knownvalue.Check{name: knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"lag": number(4), "tasks_total": number(1), "tasks_running": number(0), "tasks_failed": number(1), "state": text("RUNNING"), "class": text(acctest.SinkClass),
		})}),
	})...)})
}

// A user without permissions gets a warning. So does one without a permission for the topics. Workers that do not record topics
// are no error.
func TestAccConnectorDataSource_permissions(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	alice := stack.User{Name: "alice", Password: "s3cr3t-" + rand.Text()}
	s := stack.Start(t, stack.Options{
		SASLSSL: true, Authorizer: true, Users: []stack.User{{Name: "admin", Password: "admin-secret"}, alice}, WorkerProperties: map[string]string{"topic.tracking.enable": "false"},
	})
	w, k := watch(t, s.Workers[0].URL), acctest.NewKafka(t, s)
	k.Create("orders", 1, map[string]string{"cleanup.policy": "delete"})
	produce(k, "orders", 0, 3)
	w.post("sink", map[string]string{"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": "orders", "file": filepath.Join(t.TempDir(), "absent", "out.txt")})
	w.inState("sink", "RUNNING", "FAILED")
	c := acctest.NewCLI(t, withKafka(readingOne(w.URL, "sink", "include_topics = true")+
		"output \"found\" { value = jsonencode([data.kafkaconnect_connector.test.lag, data.kafkaconnect_connector.test.topics]) }\n",
		servers(s.BootstrapSASL()), fmt.Sprintf("sasl = { mechanism = \"PLAIN\", username = %q, password = %q }", alice.Name, alice.Password),
		fmt.Sprintf("tls = { ca_file = %q }", s.Certificates.CAFile)))
	const warning = `Warning: The lag of connector "sink" is not known`
	allow := func(builder *kadm.ACLBuilder) {
		t.Helper()
		results, err := k.Admin.CreateACLs(k.Ctx(), builder.ResourcePatternType(kadm.ACLPatternLiteral).Allow("User:alice").AllowHosts("*").Operations(kadm.OpDescribe))
		if err != nil || results[0].Err != nil {
			t.Fatal(err, results)
		}
	}
	acctest.SaidBy(t, c.Apply(), warning, `Read the lag of consumer group "connect-sink" as User:alice`, "not authorized", `found = "[null,null]"`)
	allow(kadm.NewACLs().Groups("connect-sink"))
	acctest.SaidBy(t, c.Apply(), warning, "TOPIC_AUTHORIZATION_FAILED", `found = "[null,null]"`)
	allow(kadm.NewACLs().Topics("orders"))
	out := c.Apply()
	if acctest.SaidBy(t, out, `found = "[3,null]"`); strings.Contains(out, "Warning: The lag") {
		t.Errorf("a warning without need:\n%s", out)
	}
	topology := acctest.NewCLI(t, reading(w.URL, `data "kafkaconnect_topology" "test" {}`))
	if out := topology.Apply(); strings.Contains(out, "Warning: The topology") {
		t.Errorf("a warning although the only sink lists its topics:\n%s", out)
	}
	w.post("source", acctest.With(source(t), "topic", "orders"))
	w.inState("source", "RUNNING", "RUNNING")
	acctest.SaidBy(t, topology.Apply(), "Warning: The topology has no topics of sources", "Topic tracking is disabled", "topic.tracking.enable=false")
}

// The failure sides on a real worker, and a cluster of which one worker is down.
func TestAccConnectorDataSource_failureSides(t *testing.T) {
	t.Parallel()
	w := sharedWorker(t)
	name, config := acctest.UniqueName("orders-source"), source(t)
	w.post(name, config)
	w.inState(name, "RUNNING", "RUNNING")
	acctest.NewCLI(t, readingOne(w.URL, name+"x")).MustFail([]string{"does not exist", fmt.Sprintf("Did you mean %q?", name)}, plan...)
	absent := acctest.NewCLI(t, reading(w.URL, fmt.Sprintf("data \"kafkaconnect_connector_offsets\" \"x\" { name = %q }", name+"x")))
	if w.Older("3.5") {
		absent.MustFail([]string{"Reading a connector's offsets needs Kafka Connect 3.5 or later"}, plan...)
	} else {
		absent.MustFail([]string{"does not exist", fmt.Sprintf("Did you mean %q?", name)}, plan...)
	}
	w.Forget()
	down := strings.Replace(readingOne(w.URL, name), fmt.Sprintf("[%q]", w.URL), fmt.Sprintf("[\"http://127.0.0.1:1\", %q, \"http://127.0.0.1:2\"]", w.URL), 1)
	acctest.NewCLI(t, down).Must("plan", "-no-color")
	acctest.NewCLI(t, readingOne("http://127.0.0.1:1", name)).MustFail([]string{"No worker answers", "connection refused", "correct connect.urls"}, plan...)
}

// The offsets of one connector are the initial offsets of another one.
func TestAccConnectorOffsetsDataSource_initialOffsets(t *testing.T) {
	t.Parallel()
	w, config := sharedWorker(t), source(t)
	from, to := acctest.UniqueName("from"), acctest.UniqueName("to")
	if tooOldForOffsets(t, w, to, config) {
		return
	}
	w.post(from, config)
	w.inState(from, "RUNNING", "RUNNING")
	w.Do(http.MethodPut, acctest.ConnectorPath(from, "stop"), nil)
	w.inState(from, "STOPPED")
	w.Do(http.MethodPatch, acctest.ConnectorPath(from, "offsets"), map[string]any{"offsets": []any{
		map[string]any{"partition": map[string]any{"filename": config["file"]}, "offset": map[string]any{"position": int64(9007199254740993)}},
	}})
	text := declared(w.URL, to, config, inState("STOPPED"), "initial_offsets = data.kafkaconnect_connector_offsets.from.offsets", "reset_offsets_on_destroy = true") +
		fmt.Sprintf("data \"kafkaconnect_connector_offsets\" \"from\" { name = %q }\n", from)
	c := acctest.NewCLI(t, text)
	t.Cleanup(func() { w.Delete(to) })
	c.Apply()
	c.MustBeEmpty()
	if got, want := w.offsets(to), w.offsets(from); got != want || !strings.Contains(got, "9007199254740993") {
		t.Errorf("the new connector has offsets %s, want %s", got, want)
	}
	c.Must("destroy", "-auto-approve", "-no-color")
}

// A topology shows the real path from a source through a topic to a sink.
func TestAccConnectorTopologyDataSource(t *testing.T) {
	t.Parallel()
	w, config, prefix := sharedWorker(t), source(t), acctest.UniqueName("path")
	if err := os.WriteFile(config["file"], []byte("one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sink := map[string]string{"connector.class": acctest.SinkClass, "tasks.max": "1", "topics.regex": config["topic"], "file": filepath.Join(t.TempDir(), "out.txt")}
	broken := acctest.With(sink, "file", filepath.Join(t.TempDir(), "absent", "out.txt"), "topics", config["topic"])
	delete(broken, "topics.regex")
	w.post(prefix+" -> source", config)
	for _, suffix := range []string{" -> source", " sink"} {
		name := prefix + suffix
		if suffix == " sink" {
			w.post(name, sink)
		}
		acctest.Eventually(t, name+" has used the topic", func() bool {
			return strings.Contains(string(w.Do(http.MethodGet, acctest.ConnectorPath(name, "topics"), nil)), config["topic"])
		})
	}
	w.post(prefix+" broken", broken)
	w.inState(prefix+" broken", "RUNNING", "FAILED")
	acceptance(t, w, nil, resource.TestStep{
		Config: reading(w.URL, fmt.Sprintf("data \"kafkaconnect_topology\" \"test\" {\n  name_regex = \"^%s\"\n}", prefix)),
		ConfigStateChecks: shows("data.kafkaconnect_topology.test", map[string]knownvalue.Check{
			"dot": text(fmt.Sprintf("digraph topology {\n  rankdir=LR;\n  c0 [label=\"%[1]s -> source\", shape=box];\n"+
				"  c1 [label=\"%[1]s broken\\nFAILED\", shape=box, style=filled, fillcolor=\"#ffdddd\", color=\"#cc0000\"];\n  c2 [label=\"%[1]s sink\", shape=box];\n"+
				"  t0 [label=\"%[2]s\", shape=ellipse];\n  c0 -> t0;\n  t0 -> c1;\n  t0 -> c2;\n}\n", prefix, config["topic"])),
			"mermaid": knownvalue.StringRegexp(regexp.MustCompile(`c0 --> t0\n  t0 --> c1\n  t0 --> c2\n`)),
		}),
	})
}
