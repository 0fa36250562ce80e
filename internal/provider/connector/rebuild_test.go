package connector_test

import (
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// pipeline is a configuration with topics, the configuration of a worker, and connectors.
type pipeline struct {
	t      *testing.T
	s      *stack.Stack
	kafka  *acctest.Kafka
	url    string
	file   string // of the worker
	worker *stack.Worker
	group  string
	config map[string]string
}

func newPipeline(t *testing.T) *pipeline {
	t.Helper()
	acctest.RequireAcceptance(t)
	s := stack.Start(t, stack.Options{Workers: stack.NoWorkers})
	port, err := s.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return &pipeline{
		t: t, s: s, kafka: acctest.NewKafka(t, s), url: fmt.Sprintf("http://127.0.0.1:%d", port),
		file: filepath.Join(t.TempDir(), "worker.properties"), group: acctest.UniqueName("group"), config: source(t),
	}
}

// text is the configuration. The lines are part of the connectors' block.
func (p *pipeline) text(partitions int, lines ...string) string {
	connectors := declared(p.url, p.group+"-\x00", p.config, append([]string{"count = 3"}, lines...)...)
	connectors = connectors[strings.Index(connectors, "resource"):]
	connectors = strings.ReplaceAll(connectors, `\x00`, "${count.index}")
	return fmt.Sprintf(`
provider "kafkaconnect" {
  kafka   = { bootstrap_servers = [%q] }
  connect = { urls = [%q] }
}
resource "kafkaconnect_internal_topic" "this" {
  for_each            = { offset = %d, config = 1, status = 5 }
  role                = each.key
  name                = "%[4]s-${each.key}"
  partitions          = each.value
  group_id            = %[4]q
  deletion_protection = false
}
resource "kafkaconnect_worker_config" "this" {
  group_id             = %[4]q
  offset_storage_topic = kafkaconnect_internal_topic.this["offset"].name
  config_storage_topic = kafkaconnect_internal_topic.this["config"].name
  status_storage_topic = kafkaconnect_internal_topic.this["status"].name
  key_converter        = "org.apache.kafka.connect.storage.StringConverter"
  value_converter      = "org.apache.kafka.connect.storage.StringConverter"
  listeners            = [%[2]q]
  config               = { "plugin.discovery" = "service_load" }
  path                 = %[5]q
}
`, p.s.Bootstrap(), p.url, partitions, p.group, p.file) + connectors
}

// start starts the worker from the rendered file.
func (p *pipeline) start() {
	p.t.Helper()
	var err error
	if p.worker == nil {
		p.worker, err = p.s.AddWorker(p.t.Context(), stack.WorkerOptions{PropertiesFile: p.file})
	} else {
		err = p.worker.Start(p.t.Context())
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *pipeline) stop() {
	p.t.Helper()
	if err := p.worker.Stop(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pipeline) has(partitions int) bool {
	topic, _ := p.kafka.Topic(p.group + "-offset")
	return topic.Partitions == partitions
}

// finish waits for a Terraform command that was started, which must succeed.
func finish(t *testing.T, cmd *exec.Cmd, out fmt.Stringer) {
	t.Helper()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
}

// A topic is rebuilt with the workers stopped, while their connectors are in the same configuration.
func TestAccConnector_rebuildWithWorkersStopped(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	c := acctest.NewCLI(t, p.text(5))
	c.Must(append(apply, "-target=kafkaconnect_worker_config.this")...)
	p.start()
	c.Apply()
	w := watch(t, p.url)
	unreachable := `"UNREACHABLE" -> "RUNNING"`

	// One apply: the connectors wait until somebody starts the worker.
	p.stop()
	c.Configure(p.text(10))
	cmd, out := c.Command(apply...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acctest.Eventually(t, "the topic is rebuilt, and the group is free", func() bool {
		groups, err := p.kafka.Admin.DescribeGroups(p.kafka.Ctx(), p.group)
		return p.has(10) && err == nil && len(groups[p.group].Members) == 0
	})
	p.start()
	finish(t, cmd, out)
	acctest.SaidBy(t, out.String(), unreachable, withoutWorkers, "0 added, 4 changed, 0 destroyed")
	w.isRunning(p.group+"-0", p.config)
	c.MustBeEmpty()

	// Two applies: the first one rebuilds the topic, whatever becomes of the connectors. Nothing is written to the worker.
	p.stop()
	c.Configure(p.text(12, `timeouts = { update = "1s" }`))
	c.MustFail([]string{unreachable, "Unable to update connector", "timed out after"}, apply...)
	if !p.has(12) {
		t.Error("the topic was not rebuilt")
	}
	c.Configure(p.text(12))
	c.Must("plan", "-no-color", "-out=saved.tfplan")
	p.start()
	w.Forget()
	acctest.SaidBy(t, c.Must("apply", "-no-color", "saved.tfplan"), "0 added, 3 changed, 0 destroyed")
	if got := w.Writes(); len(got) != 0 {
		t.Errorf("the apply sent %q", got)
	}
	w.isRunning(p.group+"-2", p.config)
	c.MustBeEmpty()

	// The same with a saved plan of a destroy.
	p.stop()
	acctest.SaidBy(t, c.Must("plan", "-destroy", "-no-color", "-out=saved.tfplan", "-target=kafkaconnect_connector.test"), "3 to destroy", "The destroy is planned without the workers")
	p.start()
	c.Must("apply", "-no-color", "saved.tfplan")
	if w.Exists(p.group + "-1") {
		t.Error("the connector is still there")
	}
	p.stop()
	c.Must("destroy", "-auto-approve", "-no-color")
}

// A single apply stops the worker, rebuilds the topic and starts the worker, whether the worker runs or is down before.
func TestAccConnector_rebuildInOneApply(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0") // the init system
	if err != nil {
		t.Fatal(err)
	}
	system := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/start":
			p.start()
		case "/stop":
			p.stop()
		}
	})}
	go func() { _ = system.Serve(listener) }()
	t.Cleanup(func() { _ = system.Close() })
	command := func(what string) string { return fmt.Sprintf("curl -fsS http://%s/%s", listener.Addr(), what) }
	text := func(partitions int) string {
		return p.text(partitions, "depends_on = [terraform_data.worker]") + fmt.Sprintf(`
resource "terraform_data" "worker" {
  triggers_replace = {
    revision   = kafkaconnect_worker_config.this.revision
    partitions = { for role, topic in kafkaconnect_internal_topic.this : role => topic.partitions }
  }
  provisioner "local-exec" {
    command = %q
  }
  provisioner "local-exec" {
    when    = destroy
    command = %q
  }
}
`, command("start"), command("stop"))
	}
	c := acctest.NewCLI(t, text(5))
	acctest.SaidBy(t, c.Apply(), withoutWorkers)
	w := watch(t, p.url)
	for i, down := range []bool{false, true} {
		if down {
			p.stop()
		}
		partitions := 10 * (i + 1)
		c.Configure(text(partitions))
		out := c.Apply()
		if !p.has(partitions) {
			t.Errorf("the topic does not have %d partitions:\n%s", partitions, out)
		}
		if strings.Contains(out, "UNREACHABLE") != down {
			t.Errorf("the worker was down: %v, but the apply printed:\n%s", down, out)
		}
		for n := range 3 {
			// While the worker ran, the plan did not change the connectors, so the apply does not wait for their tasks.
			w.isRunningEventually(fmt.Sprintf("%s-%d", p.group, n), p.config)
		}
		c.MustBeEmpty()
	}
	c.Must("destroy", "-auto-approve", "-no-color")
}

// The port of a real broker is an error in the plan.
func TestAccConnector_portOfBroker(t *testing.T) {
	t.Parallel()
	acctest.RequireAcceptance(t)
	address, _, _ := strings.Cut(stack.Shared(t).Bootstrap(), ",")
	c := acctest.NewCLI(t, declared("http://"+address, "orders", fakeConfig))
	c.MustFail([]string{"this is the port of a Kafka broker"}, plan...)
}
