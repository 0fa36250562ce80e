package guides_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// freePorts returns ports that nothing listens on.
func freePorts(t *testing.T, n int) (ports []int) {
	t.Helper()
	var listeners []net.Listener
	for range n { // all at the same time, so that each port is another one
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "localhost:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners, ports = append(listeners, listener), append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	for _, listener := range listeners {
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return ports
}

// The README's example and the guide of the first pipeline work as printed, on a broker and a worker that the scripts of a Kafka
// release start.
func TestAccGuide_firstPipeline(t *testing.T) {
	acctest.RequireAcceptance(t)
	t.Parallel()
	ports := freePorts(t, 3)
	c := acctest.NewCLI(t, "")
	c.UseExample("examples/guides/first-pipeline", "localhost:9092", fmt.Sprintf("localhost:%d", ports[0]), "localhost:8083", fmt.Sprintf("localhost:%d", ports[2]))
	kafka := stack.Distribution{Folder: filepath.Join(c.Dir, "kafka"), BrokerPort: ports[0], ControllerPort: ports[1]}
	if err := kafka.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // needed only after a failure
		for _, file := range []string{"worker.pid", "kafka/logs/kafka-server-start.pid"} {
			if pid, err := os.ReadFile(filepath.Join(c.Dir, file)); err == nil {
				_ = exec.CommandContext(context.Background(), "kill", strings.TrimSpace(string(pid))).Run()
			}
		}
	})
	c.MustScript("1-broker.sh")
	acctest.SaidBy(t, c.MustScript("2-apply.sh"), "7 added, 0 changed, 0 destroyed")
	if out := c.MustScript("3-lines.sh"); out != "one order\nanother order\n" {
		t.Errorf("the copy is %q", out)
	}
	c.MustBeEmpty()
	out, ok := c.Script("4-failure.sh")
	if ok {
		t.Errorf("the apply succeeded:\n%s", out)
	}
	acctest.SaidBy(t, out, `Unable to update connector "orders-sink"`, "NoSuchFileException", "missing/copy.txt")
	if out := c.MustScript("5-repair.sh"); !strings.HasSuffix(out, "\na third order\n") {
		t.Errorf("the apply and the copy are:\n%s", out)
	}
	c.MustBeEmpty()
	acctest.SaidBy(t, c.MustScript("6-destroy.sh"), "7 destroyed")
}
