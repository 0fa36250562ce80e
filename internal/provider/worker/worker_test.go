package worker_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// awkward is a password with characters that hand-written properties and JAAS files get wrong.
const awkward = " \"\\';=#!:${}\té漢😀 "

// securedBrokers are brokers that require the awkward password.
type securedBrokers struct {
	t *testing.T
	*stack.Stack
}

// user returns the only user of the brokers.
func (s securedBrokers) user() stack.User { return s.Options.Users[0] }

// example copies the example into a new working directory and sets those variables that the example declares.
func (s securedBrokers) example(name, mechanism string, more map[string]any) (*acctest.CLI, string) {
	s.t.Helper()
	c := acctest.NewCLI(s.t, "")
	c.UseExample(name)
	// By default sinks write their files once a minute.
	replaceInFile(s.t, filepath.Join(c.Dir, "main.tf"), "  config = {\n", "  config = {\n    \"offset.flush.interval.ms\" = \"1000\"\n")
	port, err := s.FreePort()
	if err != nil {
		s.t.Fatal(err)
	}
	values := map[string]any{
		"bootstrap_servers": strings.Split(s.BootstrapSASL(), ","),
		"mechanism":         mechanism,
		"username":          s.user().Name,
		"password":          s.user().Password,
		"ca_file":           s.Certificates.CAFile,
		"listener":          fmt.Sprintf("http://127.0.0.1:%d", port),
		"group_id":          acctest.UniqueName(path.Base(name)),
		"offsets_file":      filepath.Join(c.Dir, "offsets"),
	}
	maps.Copy(values, more)
	declared, err := os.ReadFile(filepath.Join(c.Dir, "variables.tf"))
	if err != nil {
		s.t.Fatal(err)
	}
	maps.DeleteFunc(values, func(name string, _ any) bool {
		return !strings.Contains(string(declared), fmt.Sprintf("variable %q", name))
	})
	text, err := json.Marshal(values)
	if err == nil {
		err = os.WriteFile(filepath.Join(c.Dir, "test.auto.tfvars.json"), text, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return c, filepath.Join(c.Dir, "worker.properties")
}

// limitClients sets client_prefixes in the example.
func limitClients(t *testing.T, c *acctest.CLI, prefixes ...string) {
	t.Helper()
	replaceInFile(t, filepath.Join(c.Dir, "main.tf"), "  security = {\n", fmt.Sprintf("  client_prefixes = [\"%s\"]\n\n  security = {\n", strings.Join(prefixes, `", "`)))
}

// start starts a worker with only the given file as configuration, and kills it at the end of the test.
func (s securedBrokers) start(o stack.WorkerOptions) (*acctest.Worker, *stack.Worker) {
	s.t.Helper()
	process, err := s.AddWorker(s.t.Context(), o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := process.Kill(context.WithoutCancel(s.t.Context())); err != nil {
			s.t.Error(err)
		}
	})
	return acctest.Watch(s.t, process.URL), process
}

// fileConnector returns the configuration of a file source or a file sink.
func fileConnector(class, topic, file string) map[string]string {
	config := map[string]string{
		"connector.class": class,
		"tasks.max":       "1",
		"key.converter":   "org.apache.kafka.connect.storage.StringConverter",
		"value.converter": "org.apache.kafka.connect.storage.StringConverter",
		"file":            file,
	}
	config[map[string]string{acctest.SourceClass: "topic", acctest.SinkClass: "topics"}[class]] = topic
	return config
}

// lines is the content that file sources read and file sinks write.
const lines = "one\ntwo é漢\nthree\n"

// linesFile returns a file that contains the lines.
func linesFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// awaitLines waits until the file contains the lines.
func awaitLines(t *testing.T, file string) {
	t.Helper()
	acctest.Eventually(t, "the file contains the lines", func() bool {
		text, _ := os.ReadFile(file)
		return string(text) == lines
	})
}

func put(w *acctest.Worker, name string, config map[string]string) {
	w.T.Helper()
	w.Do(http.MethodPut, acctest.ConnectorPath(name, "config"), config)
}

// moveLines copies the lines with a source and a sink on the worker.
func moveLines(w *acctest.Worker, topic string) {
	w.T.Helper()
	out := filepath.Join(w.T.TempDir(), "out")
	put(w, "source", fileConnector(acctest.SourceClass, topic, linesFile(w.T)))
	put(w, acctest.UniqueName("sink"), fileConnector(acctest.SinkClass, topic, out)) // its name is also the name of its consumer group
	awaitLines(w.T, out)
}

// Workers of every mode start from the configurations of the examples, with brokers that require the awkward password.
func TestAccWorkerConfig_workersStartFromExamples(t *testing.T) {
	acctest.RequireAcceptance(t)
	brokers := stack.Start(t, stack.Options{
		Workers: stack.NoWorkers, SASLSSL: true, Users: []stack.User{{Name: "connect", Password: awkward}},
	})
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-512"} {
		t.Run("distributed "+mechanism, func(t *testing.T) {
			t.Parallel()
			s := securedBrokers{t, brokers}
			c, file := s.example("examples/distributed", mechanism, nil)
			c.Apply()
			w, _ := s.start(stack.WorkerOptions{PropertiesFile: file})
			moveLines(w, acctest.UniqueName("lines"))
			c.MustBeEmpty()
		})
	}
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256"} {
		t.Run("standalone "+mechanism, func(t *testing.T) {
			t.Parallel()
			s := securedBrokers{t, brokers}
			c, file := s.example("examples/standalone", mechanism, nil)
			c.Apply()
			topic, out := acctest.UniqueName("lines"), filepath.Join(t.TempDir(), "out")
			s.start(stack.WorkerOptions{PropertiesFile: file, Standalone: true, Connectors: []string{
				connectorFile(t, "source", fileConnector(acctest.SourceClass, topic, linesFile(t))),
				connectorFile(t, acctest.UniqueName("sink"), fileConnector(acctest.SinkClass, topic, out)),
			}})
			awaitLines(t, out)
			c.MustBeEmpty()
		})
	}
	t.Run("source-only and sink-only", func(t *testing.T) {
		t.Parallel()
		s, topic, out := securedBrokers{t, brokers}, acctest.UniqueName("lines"), filepath.Join(t.TempDir(), "out")
		sources, sourceFile := s.example("examples/distributed", "PLAIN", nil)
		limitClients(t, sources, "producer", "admin")
		acctest.SaidBy(t, sources.Apply(), `client_prefixes does not contain "consumer"`, "sink connectors cannot read from the cluster")
		w, process := s.start(stack.WorkerOptions{PropertiesFile: sourceFile})
		put(w, "source", fileConnector(acctest.SourceClass, topic, linesFile(t)))
		kafka := acctest.NewKafka(t, brokers)
		acctest.Eventually(t, "the lines are in the topic", func() bool { return recordsOf(kafka, topic) == 3 })
		if err := process.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		sinks, sinkFile := s.example("examples/distributed", "PLAIN", nil)
		limitClients(t, sinks, "consumer")
		sinks.Apply()
		w, _ = s.start(stack.WorkerOptions{PropertiesFile: sinkFile})
		put(w, acctest.UniqueName("sink"), fileConnector(acctest.SinkClass, topic, out))
		awaitLines(t, out)
	})
	t.Run("container SCRAM-SHA-512", func(t *testing.T) {
		t.Parallel()
		s := securedBrokers{t, brokers}
		// The password must be escaped for JAAS in the file that the placeholder reads.
		secrets := connectorFile(t, "", map[string]string{"password": strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(awkward)})
		c, _ := s.example("examples/container", "SCRAM-SHA-512", map[string]any{"password_file": secrets})
		c.Apply()
		w, _ := s.start(stack.WorkerOptions{PropertiesFile: fileOfImage(t, c.Must("output", "-json", "environment"))})
		moveLines(w, acctest.UniqueName("lines"))
	})
	t.Run("container of Debezium", func(t *testing.T) {
		t.Parallel()
		s := securedBrokers{t, brokers}
		secrets := connectorFile(t, "", map[string]string{"password": strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(awkward)})
		c, _ := s.example("examples/container", "PLAIN", map[string]any{"password_file": secrets})
		replaceInFile(t, filepath.Join(c.Dir, "main.tf"), "  security = {\n", "  environment_image = \"debezium\"\n\n  security = {\n")
		c.Apply()
		w, _ := s.start(stack.WorkerOptions{PropertiesFile: fileOfDebezium(t, c.Must("output", "-json", "environment"))})
		moveLines(w, acctest.UniqueName("lines"))
	})
	t.Run("security settings in config", func(t *testing.T) {
		t.Parallel()
		s := securedBrokers{t, brokers}
		c, file := s.example("examples/distributed", "PLAIN", nil)
		main := filepath.Join(c.Dir, "main.tf")
		replaceInFile(t, main, "    truststore   = { type = \"PEM\", location = var.ca_file }\n", "")
		replaceInFile(t, main, "  config = {\n", "  config = {\n    \"ssl.truststore.type\" = \"PEM\"\n    \"ssl.truststore.location\" = var.ca_file\n")
		c.Apply()
		w, _ := s.start(stack.WorkerOptions{PropertiesFile: file})
		moveLines(w, acctest.UniqueName("lines")) // the clients of the connectors trust the brokers
	})
	t.Run("without producer", func(t *testing.T) {
		t.Parallel()
		testWithoutProducer(securedBrokers{t, brokers})
	})
}

// Sources fail on a worker whose client_prefixes lack producer, as the warning predicts.
func testWithoutProducer(s securedBrokers) {
	t := s.t
	c, file := s.example("examples/distributed", "PLAIN", nil)
	limitClients(t, c, "consumer", "admin")
	acctest.SaidBy(t, c.Must("plan", "-no-color"), `client_prefixes does not contain "producer"`, "source connectors cannot write to the cluster")
	acctest.SaidBy(t, c.Apply(), `client_prefixes does not contain "producer"`, "source connectors cannot write to the cluster")
	w, process := s.start(stack.WorkerOptions{PropertiesFile: file})
	topic := acctest.UniqueName("lines")
	put(w, "source", fileConnector(acctest.SourceClass, topic, linesFile(t)))
	// A producer without TLS reads the broker's answer as the size of a message, and runs out of memory or is disconnected.
	failure := regexp.MustCompile(`(?m)^.*(ERROR.*connector-producer-source-0|connector-producer-source-0.*disconnected)`)
	acctest.Eventually(t, "the producer of the source fails", func() bool { return failure.MatchString(process.Log()) })
	if n := recordsOf(acctest.NewKafka(t, s.Stack), topic); n > 0 {
		t.Errorf("the source wrote %d records", n)
	}
}

// recordsOf returns the number of records in the topic, 0 if the topic does not exist.
func recordsOf(c *acctest.Kafka, topic string) (n int64) {
	c.T.Helper()
	if _, ok := c.Topic(topic); !ok {
		return 0
	}
	ends, err := c.Admin.ListEndOffsets(c.Ctx(), topic)
	if err != nil {
		c.T.Fatal(err)
	}
	ends.Each(func(end kadm.ListedOffset) { n += end.Offset })
	return n
}

// connectorFile returns a properties file with the name of a connector, if it has one, and the settings.
func connectorFile(t *testing.T, name string, config map[string]string) string {
	t.Helper()
	var text strings.Builder
	if name != "" {
		fmt.Fprintf(&text, "name=%s\n", name)
	}
	for key, value := range config {
		fmt.Fprintf(&text, "%s=", key)
		for _, r := range value { // escape more than necessary, with code other than the code under test
			switch {
			case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
				text.WriteRune(r)
			case r > 0xffff:
				fmt.Fprintf(&text, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
			default:
				fmt.Fprintf(&text, `\u%04x`, r)
			}
		}
		text.WriteByte('\n')
	}
	file := filepath.Join(t.TempDir(), "connector.properties")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// fileOfImage returns the properties file that a container image makes of variables, given as JSON: env_to_props of
// confluent-docker-utils converts the names, and a template writes the values unchanged.
func fileOfImage(t *testing.T, environment string) string {
	t.Helper()
	var variables map[string]string
	if err := json.Unmarshal([]byte(environment), &variables); err != nil {
		t.Fatal(err)
	}
	names := strings.NewReplacer("___", "-", "__", "_", "_", ".")
	var text strings.Builder
	for name, value := range variables {
		key, ok := strings.CutPrefix(name, "CONNECT_")
		if !ok {
			t.Errorf("the image ignores variable %s", name)
		}
		fmt.Fprintf(&text, "%s=%s\n", names.Replace(strings.ToLower(key)), value)
	}
	file := filepath.Join(t.TempDir(), "worker.properties")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// fileOfDebezium returns the properties file that quay.io/debezium/connect makes of variables, given as JSON: it overwrites
// CONNECT_ variables with others, which have defaults, and reads each "_" as ".".
func fileOfDebezium(t *testing.T, environment string) string {
	t.Helper()
	variables := map[string]string{"GROUP_ID": "1", "ADVERTISED_HOST_NAME": "127.0.0.1", "ADVERTISED_PORT": "8083", "KEY_CONVERTER": "default", "VALUE_CONVERTER": "default"}
	if err := json.Unmarshal([]byte(environment), &variables); err != nil {
		t.Fatal(err)
	}
	for own, name := range map[string]string{
		"BOOTSTRAP_SERVERS": "BOOTSTRAP_SERVERS", "GROUP_ID": "GROUP_ID", "CONFIG_STORAGE_TOPIC": "CONFIG_STORAGE_TOPIC", "OFFSET_STORAGE_TOPIC": "OFFSET_STORAGE_TOPIC",
		"STATUS_STORAGE_TOPIC": "STATUS_STORAGE_TOPIC", "KEY_CONVERTER": "KEY_CONVERTER", "VALUE_CONVERTER": "VALUE_CONVERTER",
		"OFFSET_FLUSH_INTERVAL_MS": "OFFSET_FLUSH_INTERVAL_MS", "ADVERTISED_HOST_NAME": "REST_ADVERTISED_HOST_NAME", "ADVERTISED_PORT": "REST_ADVERTISED_PORT",
	} {
		variables["CONNECT_"+name] = variables[own]
		delete(variables, own)
	}
	var text strings.Builder
	for name, value := range variables {
		key, ok := strings.CutPrefix(name, "CONNECT_")
		if !ok {
			t.Errorf("the image ignores variable %s", name)
		}
		fmt.Fprintf(&text, "%s=%s\n", strings.ReplaceAll(strings.ToLower(key), "_", "."), value)
	}
	file := filepath.Join(t.TempDir(), "worker.properties")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
