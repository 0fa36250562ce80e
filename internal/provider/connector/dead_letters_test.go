package connector_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

const (
	queueKey  = "errors.deadletterqueue.topic.name"
	factorKey = "errors.deadletterqueue.topic.replication.factor"

	failsAtFirst = "fail at the first bad record"
	cannotCreate = "cannot create the dead-letter queue"
)

// says checks which of the warnings about dead-letter queues an output has.
func says(t *testing.T, out string, wants ...string) {
	t.Helper()
	acctest.SaidBy(t, out, wants...)
	for _, warning := range []string{failsAtFirst, cannotCreate} {
		if expected := strings.Contains(strings.Join(wants, " "), warning); !expected && strings.Contains(acctest.Unwrap(out), warning) {
			t.Errorf("a warning without need: %s\n%s", warning, out)
		}
	}
}

// A sink does what the warnings say, and the queue gets its bad record once they are heeded.
func TestAccConnector_deadLetters(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	s := stack.Start(t, stack.Options{}) // one broker
	w, k, name := watch(t, s.Workers[0].URL), acctest.NewKafka(t, s), "bad-records"
	k.Create("orders", 1, map[string]string{"cleanup.policy": "delete"})
	config := map[string]string{
		"connector.class": acctest.SinkClass, "tasks.max": "1", "topics": "orders", "file": filepath.Join(t.TempDir(), "out.txt"), queueKey: "dead",
		"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
	}
	block := func(pairs ...string) string {
		return withKafka(declared(w.URL, name, acctest.With(config, pairs...), "timeouts = { create = \"20s\", update = \"20s\" }"), servers(k.Bootstrap))
	}
	c := acctest.NewCLI(t, block())
	says(t, c.Must("plan", "-no-color"), failsAtFirst, cannotCreate, `with kafkaconnect_connector.test`, `"`+queueKey+`" = "dead"`)
	says(t, c.MustFail([]string{"replication"}, "apply", "-auto-approve", "-no-color"), failsAtFirst, cannotCreate)
	w.inState(name, "RUNNING", "FAILED")

	c.Configure(block(factorKey, "1"))
	says(t, c.Must("plan", "-no-color"), failsAtFirst)
	c.Apply()
	produce(k, "orders", 0, 2) // no JSON
	w.inState(name, "RUNNING", "FAILED")

	c.Configure(block(factorKey, "1", "errors.tolerance", "all"))
	says(t, c.Must("plan", "-no-color"))
	c.Apply()
	committed(k, "connect-"+name, "orders", 2)
	c.Configure(block(factorKey, "1", "errors.tolerance", "all") + fmt.Sprintf(`
data "kafkaconnect_connector" "test" { name = %q }
output "found" { value = jsonencode([data.kafkaconnect_connector.test.lag, data.kafkaconnect_connector.test.dead_letter_records]) }
`, name))
	ends, err := k.Admin.ListEndOffsets(k.Ctx(), "dead")
	end, _ := ends.Lookup("dead", 0)
	if err != nil || end.Offset < 2 { // the failed task has written one of the two, too
		t.Fatal(ends, err)
	}
	acctest.SaidBy(t, c.Apply(), fmt.Sprintf("found = \"[0,%d]\"", end.Offset))

	c.Configure(block("errors.tolerance", "all", "tasks.max", "2")) // the queue exists, so its replication factor does not matter
	says(t, c.Must("plan", "-no-color"))
	c.Apply()
	c.MustBeEmpty()
}

// What the worker or an unknown value may decide is no reason for a warning. The brokers are counted once in a run.
func TestConnector_deadLetters(t *testing.T) {
	t.Parallel()
	brokers, err := kfake.NewCluster(kfake.NumBrokers(2), kfake.SeedTopics(1, "exists"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(brokers.Close)
	var asked atomic.Int32
	brokers.ControlKey(int16(kmsg.Metadata), func(kmsg.Request) (kmsg.Response, error, bool) {
		brokers.KeepControl()
		asked.Add(1)
		return nil, nil, false
	})
	w := connectfake.New(t)
	sink := map[string]string{"connector.class": connectfake.FileSink, "topics": "orders", queueKey: "dead"}
	kafka := servers(brokers.ListenAddrs()[0])
	for name, test := range map[string]struct {
		config map[string]string
		lines  string
		kafka  string
		says   []string
	}{
		"nothing set":            {sink, "", kafka, []string{failsAtFirst, cannotCreate, "is \"3\", the default", "2 brokers are running", "to at most 2"}},
		"without kafka":          {sink, "", "", []string{failsAtFirst}},
		"no broker answers":      {sink, "", servers("127.0.0.1:1"), []string{failsAtFirst}},
		"set to wrong values":    {acctest.With(sink, "errors.tolerance", "none", factorKey, "4"), "", kafka, []string{failsAtFirst, cannotCreate, "is \"4\""}},
		"set":                    {acctest.With(sink, "errors.tolerance", "all", factorKey, "2"), "", kafka, nil},
		"default of brokers":     {acctest.With(sink, "errors.tolerance", "all", factorKey, "-1"), "", kafka, nil},
		"exists":                 {acctest.With(sink, "errors.tolerance", "all", queueKey, "exists"), "", kafka, nil},
		"from the worker":        {acctest.With(sink, "errors.tolerance", "${env:TOLERANCE}", queueKey, "${env:QUEUE}"), "", kafka, nil},
		"ignored keys":           {sink, fmt.Sprintf("ignored_config_keys = [%q, %q]", "errors.tolerance", factorKey), kafka, nil},
		"other brokers":          {acctest.With(sink, "errors.tolerance", "all", "admin.override.bootstrap.servers", "other:9092"), "", kafka, nil},
		"a source":               {map[string]string{"connector.class": connectfake.FileSource, "topic": "orders", queueKey: "dead"}, "", kafka, nil},
		"no dead-letter queue":   {acctest.With(sink, queueKey, ""), "", kafka, nil},
		"several sinks ask once": {sink, "}\nresource \"kafkaconnect_connector\" \"other\" {\n  name = \"other\"\n  config = " + hcl(acctest.With(sink, factorKey, "2")), kafka, []string{failsAtFirst, cannotCreate}},
	} {
		t.Run(name, func(t *testing.T) {
			config := declared(w.URL(), "sink", test.config, test.lines)
			if test.kafka != "" {
				config = withKafka(config, test.kafka)
			}
			asked.Store(0)
			says(t, acctest.NewCLI(t, config).Must("plan", "-no-color"), test.says...)
			if n := asked.Load(); n > 2 { // how many brokers there are, and whether a topic exists
				t.Errorf("the brokers received %d requests", n)
			}
		})
	}
}

// An unchanged connector is not checked again.
func TestConnector_deadLettersUnchanged(t *testing.T) {
	t.Parallel()
	w := connectfake.New(t)
	sink := map[string]string{"connector.class": connectfake.FileSink, "tasks.max": "1", "topics": "orders", queueKey: "dead"}
	c := acctest.NewCLI(t, declared(w.URL(), "sink", sink))
	if out := c.Apply(); strings.Count(acctest.Unwrap(out), failsAtFirst) != 1 {
		t.Errorf("want one warning:\n%s", out)
	}
	says(t, c.Must("plan", "-no-color"))
	c.MustBeEmpty()
	c.Configure(declared(w.URL(), "sink", acctest.With(sink, "tasks.max", "2")))
	says(t, c.Must("plan", "-no-color"), failsAtFirst)
}
