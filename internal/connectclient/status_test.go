package connectclient_test

import (
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func TestRootCause(t *testing.T) {
	for name, test := range map[string]struct{ trace, want string }{
		"empty": {"", ""},
		"no cause": {
			"org.apache.kafka.common.KafkaException: broken\n\tat a.B.c(B.java:1)\n", "org.apache.kafka.common.KafkaException: broken",
		},
		"the last cause": {
			"X: outer\n\tat a.B.c(B.java:1)\nCaused by: Y: middle\n\tat a.B.c(B.java:2)\n\t... 3 more\nCaused by: Z: root\n\tat a.B.c(B.java:3)\n\t... 7 more\n",
			"Z: root",
		},
		"suppressed": {
			"X: outer\n\tat a.B.c(B.java:1)\n\tSuppressed: S: other\n\t\tat a.B.c(B.java:1)\n\tCaused by: T: of the other\nCaused by: Y: root\n\tSuppressed: S: other\n\tCaused by: T: of the other\n",
			"Y: root",
		},
		"carriage returns": {"X: outer\r\n\tat a\r\nCaused by: Y: root\r\n", "Y: root"},
	} {
		if got := connectclient.RootCause(test.trace); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestStatus(t *testing.T) {
	worker, client := newFake(t)
	config := map[string]string{"connector.class": connectfake.FileSink, "tasks.max": "3", "topics": "lines"}
	worker.Seed("a", "RUNNING", config)
	got, err := client.Status(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if got.Failed() || got.Type != "sink" || got.String() != "connector RUNNING, task 0 RUNNING, task 1 RUNNING, task 2 RUNNING" {
		t.Errorf("got %+v", got)
	}

	worker.FailTask("a", 1, "X: outer\nCaused by: Y: the password is wrong")
	got, err = client.Status(connectclient.WithSecrets(t.Context(), "password"), "a")
	if err != nil {
		t.Fatal(err)
	}
	failures := got.Failures()
	if len(failures) != 1 || failures[0].Task == nil || *failures[0].Task != 1 || failures[0].Cause != "Y: the (hidden) is wrong" {
		t.Errorf("got %v", failures)
	}

	worker.BreakConnector("a", "")
	got, err = client.Status(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	want := "the connector on " + got.Connector.WorkerID + ": the worker reports no cause; check the log of the worker"
	if failures := got.Failures(); len(failures) != 1 || failures[0].String() != want {
		t.Errorf("got %v", failures)
	}
}
