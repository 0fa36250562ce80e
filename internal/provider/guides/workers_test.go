package guides_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// records returns the number of records in the topic, 0 if the topic does not exist.
func records(c *acctest.Kafka, topic string) (n int64) {
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

// appendLine adds a line to a file.
func appendLine(t *testing.T, file, line string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(line + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// release creates the folder kafka in the working folder.
func release(t *testing.T, c *acctest.CLI) {
	t.Helper()
	if err := (stack.Distribution{Folder: filepath.Join(c.Dir, "kafka")}).Write(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// One apply stops the worker, changes the partitions and starts the worker. No line is copied twice.
func TestAccGuide_partitions(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	kafka, group, topic, file := acctest.SharedKafka(t), acctest.UniqueName("guide"), acctest.UniqueName("orders"), lines(t)
	c := acctest.NewCLI(t, "")
	release(t, c)
	c.UseExample("examples/guides/partitions", "/data/orders.txt", file, `"topic"           = "orders"`, `"topic" = "`+topic+`"`,
		"  path                 =", "  plugin_path = [for jar in fileset(path.module, \"kafka/libs/connect-file-*.jar\") : abspath(jar)]\n  path =")
	const pid = "$(cat kafka/logs/connect-distributed.pid)"
	url := fmt.Sprintf("http://localhost:%d", freePorts(t, 1)[0])
	c.SetVariables(map[string]any{
		"bootstrap_servers": strings.Split(kafka.Bootstrap, ","), "connect_url": url, "group_id": group,
		"start_worker": "kafka/bin/connect-distributed.sh -daemon worker.properties",
		"stop_worker":  "kill " + pid + "; while kill -0 " + pid + " 2>/dev/null; do sleep 0.2; done",
	})
	t.Cleanup(func() { // needed only after a failure
		_ = exec.CommandContext(context.Background(), "sh", "-c", "cd '"+c.Dir+"'; kill "+pid).Run()
	})
	change := func(partitions int, lines int64, args ...string) {
		t.Helper()
		if args != nil {
			c.Must(append([]string{"apply", "-auto-approve", "-no-color"}, args...)...)
		}
		if shape, _ := kafka.Topic(group + "-offset"); shape.Partitions != partitions {
			t.Errorf("the offset topic has %d partitions, want %d", shape.Partitions, partitions)
		}
		acctest.Eventually(t, "the worker has started", func() bool { return answers(t, url+"/connectors") }) // a plan waits only some seconds
		acctest.Eventually(t, fmt.Sprintf("%d lines are in the topic", lines), func() bool { return records(kafka, topic) >= lines })
		if n := records(kafka, topic); n != lines {
			t.Errorf("the topic has %d records, want %d", n, lines)
		}
	}
	acctest.SaidBy(t, c.MustScript("apply.sh"), "6 added")
	change(25, 2)
	appendLine(t, file, "three")
	acctest.SaidBy(t, c.MustScript("change.sh"), "1 added, 1 changed, 1 destroyed")
	change(50, 3)
	appendLine(t, file, "four")
	change(10, 4, "-var", "partitions={offset=10,config=1,status=5}")
	c.Must("destroy", "-auto-approve", "-no-color")
}

// answers reports whether a server answers with 200.
func answers(t *testing.T, url string) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// The guides for brokers with TLS and passwords work as printed. The users of the guide on permissions have exactly the
// permissions that it lists.
func TestAccGuide_securedBrokers(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	s := stack.Start(t, stack.Options{Workers: stack.NoWorkers, SASLSSL: true, Authorizer: true, Users: []stack.User{
		{Name: "token", Password: "an-api-key"}, {Name: "terraform", Password: "t-secret"}, {Name: "connect", Password: "c-secret"},
	}})
	t.Run("Event Streams distributed", func(t *testing.T) { eventStreamsDistributed(t, s) })
	t.Run("Event Streams stand-alone", func(t *testing.T) { eventStreamsStandalone(t, s) })
	t.Run("permissions", func(t *testing.T) { permissions(t, s) })
}

// eventStreams prepares an example. Its topics get other names, because all examples use the same brokers.
func eventStreams(t *testing.T, s *stack.Stack, c *acctest.CLI, url string) {
	t.Helper()
	release(t, c)
	c.Env = append(c.Env, `TF_VAR_bootstrap_servers=["`+s.BootstrapSASL()+`"]`, "TF_VAR_api_key=an-api-key", "TF_VAR_ca_file="+s.Certificates.CAFile, "TF_VAR_connect_url="+url)
	acctest.SaidBy(t, c.MustScript("apply.sh"), "Apply complete!")
	for _, file := range []string{"terraform.tfstate", "worker.properties"} {
		if has := contains(t, c, file, "an-api-key"); has != (file == "worker.properties") {
			t.Errorf("%s has the API key: %t", file, has)
		}
	}
}

// start runs a script until the end of the test.
func start(t *testing.T, c *acctest.CLI, script string) {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), "sh", "-e", script) // the end of the test stops it
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.Dir, t.Output(), t.Output()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		done := time.AfterFunc(10*time.Second, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
		_ = cmd.Wait() // reports the signal
		done.Stop()
	})
}

// copied waits until the file has the lines, once each.
func copied(t *testing.T, file, want string) {
	t.Helper()
	acctest.Eventually(t, "the lines are copied", func() bool {
		text, _ := os.ReadFile(file)
		return len(text) >= len(want)
	})
	if text, err := os.ReadFile(file); err != nil || string(text) != want {
		t.Errorf("the copy is %q, %v", text, err)
	}
}

func eventStreamsDistributed(t *testing.T, s *stack.Stack) {
	t.Parallel()
	url := fmt.Sprintf("http://localhost:%d", freePorts(t, 1)[0])
	workers, connectors := acctest.NewCLI(t, ""), acctest.NewCLI(t, "")
	workers.RequireTerraform("1.11")
	workers.UseExample("examples/guides/event-streams/distributed", `"connect"`, `"es-connect"`, "connect-$", "es-connect-$")
	eventStreams(t, s, workers, url)
	kafka := acctest.NewKafka(t, s)
	for _, role := range []string{"offset", "config", "status"} {
		if shape, _ := kafka.Topic("es-connect-" + role); shape.Partitions != 1 {
			t.Errorf("the %s topic has %d partitions", role, shape.Partitions)
		}
	}
	start(t, workers, "start.sh")

	connectors.UseExample("examples/guides/event-streams/connectors", `"orders"`, `"es-orders"`)
	connectors.Env = append(connectors.Env, "TF_VAR_connect_url="+url)
	appendLine(t, filepath.Join(connectors.Dir, "orders.txt"), "one")
	acctest.SaidBy(t, connectors.MustScript("apply.sh"), "2 added")
	copied(t, filepath.Join(connectors.Dir, "copy.txt"), "one\n")
	connectors.MustBeEmpty()
	workers.MustBeEmpty()
}

func eventStreamsStandalone(t *testing.T, s *stack.Stack) {
	t.Parallel()
	c := acctest.NewCLI(t, "")
	c.RequireTerraform("1.11")
	c.UseExample("examples/guides/event-streams/standalone", `"orders"`, `"alone-orders"`, "orders-sink", "alone-orders-sink")
	appendLine(t, filepath.Join(c.Dir, "orders.txt"), "one")
	eventStreams(t, s, c, fmt.Sprintf("http://localhost:%d", freePorts(t, 1)[0]))
	start(t, c, "start.sh")
	copied(t, filepath.Join(c.Dir, "copy.txt"), "one\n")
	c.MustBeEmpty()
}

func permissions(t *testing.T, s *stack.Stack) {
	t.Parallel()
	kafka, c := acctest.NewKafka(t, s), acctest.NewCLI(t, "")
	c.RequireTerraform("1.11")
	c.UseExample("examples/guides/permissions", "  path =", "  config = { \"offset.flush.interval.ms\" = \"1000\" }\n  path =")
	url := fmt.Sprintf("http://127.0.0.1:%d", freePorts(t, 1)[0])
	c.Env = append(c.Env, `TF_VAR_bootstrap_servers=["`+s.BootstrapSASL()+`"]`, "TF_VAR_ca_file="+s.Certificates.CAFile, "TF_VAR_connect_url="+url,
		`TF_VAR_passwords={terraform="t-secret",connect="c-secret"}`)
	c.MustFail([]string{"User:terraform"}, "apply", "-auto-approve", "-no-color")
	grant(t, kafka, c.Dir)
	c.Apply()
	c.MustBeEmpty()
	worker, err := s.AddWorker(t.Context(), stack.WorkerOptions{PropertiesFile: filepath.Join(c.Dir, "worker.properties")})
	if err != nil {
		t.Fatal(err)
	}
	w, file, out := &acctest.Worker{T: t, Direct: worker.URL}, lines(t), filepath.Join(t.TempDir(), "copy.txt")
	create := func(name, class, topics, file string) {
		w.Do(http.MethodPost, "/connectors", map[string]any{"name": name, "config": map[string]string{"connector.class": class, "tasks.max": "1", topics: "orders", "file": file}})
	}
	create("orders-source", acctest.SourceClass, "topic", file)
	create("orders-sink", acctest.SinkClass, "topics", out)
	copied(t, out, "one\ntwo\n")

	if err := worker.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	main := filepath.Join(c.Dir, "main.tf")
	text, err := os.ReadFile(main)
	if err == nil {
		err = os.WriteFile(main, []byte(strings.Replace(string(text), "offset = 25", "offset = 50", 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	acctest.SaidBy(t, c.Apply(), "1 changed")
	if shape, _ := kafka.Topic("connect-offset"); shape.Partitions != 50 {
		t.Errorf("the offset topic has %d partitions", shape.Partitions)
	}
}

// grant runs the commands of the guide with a kafka-acls.sh that records its arguments, and creates these ACLs.
func grant(t *testing.T, kafka *acctest.Kafka, folder string) {
	t.Helper()
	err := os.WriteFile(filepath.Join(folder, "kafka-acls.sh"), []byte("#!/bin/sh\necho \"$*\" >>acls\n"), 0o700)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "acls.sh")
	cmd.Dir, cmd.Env = folder, append(os.Environ(), "BOOTSTRAP=localhost:9092", "PATH="+folder+":"+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	recorded, err := os.ReadFile(filepath.Join(folder, "acls"))
	if err != nil {
		t.Fatal(err)
	}
	for command := range strings.Lines(string(recorded)) {
		results, err := kafka.Admin.CreateACLs(kafka.Ctx(), acl(t, strings.Fields(command)))
		if err != nil {
			t.Fatal(err)
		}
		for _, result := range results {
			if result.Err != nil {
				t.Fatal(result.Err)
			}
		}
	}
}

// acl converts the arguments of kafka-acls.sh.
func acl(t *testing.T, args []string) *kadm.ACLBuilder {
	t.Helper()
	builder, pattern := kadm.NewACLs().AllowHosts("*"), kadm.ACLPatternLiteral
	var operations []kadm.ACLOperation
	for len(args) > 0 {
		option := args[0]
		if args = args[1:]; option == "--add" {
			continue
		}
		if option == "--cluster" {
			builder = builder.Clusters()
			continue
		}
		value := args[0]
		args = args[1:]
		switch option {
		case "--allow-principal":
			builder = builder.Allow(value)
		case "--topic":
			builder = builder.Topics(value)
		case "--group":
			builder = builder.Groups(value)
		case "--resource-pattern-type":
			pattern = kadm.ACLPatternPrefixed
		case "--operation":
			operation, err := kmsg.ParseACLOperation(value)
			if err != nil {
				t.Fatal(err)
			}
			operations = append(operations, operation)
		case "--bootstrap-server", "--command-config":
		default:
			t.Fatalf("unknown option %s", option)
		}
	}
	return builder.ResourcePatternType(pattern).Operations(operations...)
}
