package logger_test

import (
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func TestLogger_example(t *testing.T) {
	t.Parallel()
	worker := connectfake.New(t)
	admin := worker.Peer(t)
	c := acctest.NewCLI(t, acctest.Example(t, "examples/resources/kafkaconnect_logger/resource.tf"))
	c.Env = append(c.Env, "KAFKA_CONNECT_URL="+worker.URL(), "KAFKA_CONNECT_ADMIN_URL="+admin.URL())
	c.Apply()
	for name, want := range map[string]string{"root": "WARN", "org.apache.kafka.connect.runtime.WorkerSinkTask": "TRACE"} {
		if got := admin.Level(name); got != want {
			t.Errorf("%s has level %s, want %s", name, got, want)
		}
	}
	if n := worker.Count("", "/admin/*"); n != 0 {
		t.Errorf("%d requests went to the URL of the worker", n)
	}
	c.MustBeEmpty()
}
