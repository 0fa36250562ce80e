package connectclient_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// writes returns how many requests that change something the workers received.
func writes(workers ...*connectfake.Worker) (n int) {
	for _, w := range workers {
		n += w.Count(http.MethodPost, "") + w.Count(http.MethodPut, "") + w.Count(http.MethodDelete, "")
	}
	return n
}

func TestWritesNeedOneKafkaCluster(t *testing.T) {
	for name, test := range map[string]struct {
		do func(context.Context, *connectclient.Client) error
	}{
		"create": {func(ctx context.Context, c *connectclient.Client) error {
			_, _, err := c.CreateConnector(ctx, "new", fileSource(), connectclient.StateRunning)
			return err
		}},
		"update": {func(ctx context.Context, c *connectclient.Client) error {
			config := fileSource()
			config["topic"] = "changed"
			_, _, err := put(ctx, c, "a", config)
			return err
		}},
		"delete": {func(ctx context.Context, c *connectclient.Client) error { return c.DeleteConnector(ctx, "a") }},
		"check":  {func(ctx context.Context, c *connectclient.Client) error { return c.CheckMembers(ctx) }},
	} {
		t.Run(name, func(t *testing.T) {
			one, two := connectfake.New(t), connectfake.New(t, connectfake.WithKafkaClusterID("another"))
			one.Seed("a", "RUNNING", fileSource())
			two.Seed("a", "RUNNING", fileSource())
			err := test.do(t.Context(), newClient(t, nil, one.URL(), two.URL()))
			if !errors.Is(err, connectclient.ErrDifferentClusters) {
				t.Fatalf("got %v", err)
			}
			for _, want := range []string{one.URL() + ` answers kafka_cluster_id "connectfake"`, two.URL() + ` answers "another"`} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not contain %q: %v", want, err)
				}
			}
			if n := writes(one, two); n != 0 {
				t.Errorf("sent %d writes", n)
			}
		})
	}
}

// Two groups of workers can use one Kafka cluster. Their connectors tell them apart.
func TestWritesNeedOneGroup(t *testing.T) {
	one, two := connectfake.New(t), connectfake.New(t)
	one.Seed("a", "RUNNING", fileSource())
	_, _, err := newClient(t, nil, one.URL(), two.URL()).CreateConnector(t.Context(), "new", fileSource(), connectclient.StateRunning)
	if !errors.Is(err, connectclient.ErrDifferentClusters) || !strings.Contains(err.Error(), one.URL()+` has connector "a" and `+two.URL()+" does not") {
		t.Errorf("got %v", err)
	}
	if n := writes(one, two); n != 0 {
		t.Errorf("sent %d writes", n)
	}
}

// A worker that learns of a change late belongs to the group nevertheless.
func TestMemberThatLagsBehind(t *testing.T) {
	one := connectfake.New(t)
	two := one.Peer(t)
	one.Seed("a", "RUNNING", fileSource())
	two.Inject(http.MethodGet, "/connectors", 1, connectfake.Answer(200, "application/json", "[]"))
	if err := newClient(t, nil, one.URL(), two.URL()).DeleteConnector(t.Context(), "a"); err != nil {
		t.Error(err)
	}
}

// A worker that was down is compared before its first write, and so is a read after a write.
func TestFailoverToAnotherCluster(t *testing.T) {
	one, two := connectfake.New(t), connectfake.New(t, connectfake.WithKafkaClusterID("another"))
	two.Inject("", "", connectfake.Always, connectfake.Reset())
	client := newClient(t, nil, one.URL(), two.URL())
	if _, _, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning); err != nil {
		t.Fatal(err)
	}
	one.Stop()
	two.Calm()
	two.Forget()
	for name, err := range map[string]error{
		"delete": client.DeleteConnector(t.Context(), "a"),
		"read":   func() error { _, err := client.Connector(t.Context(), "a"); return err }(),
	} {
		if !errors.Is(err, connectclient.ErrDifferentClusters) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if n := two.Count("", "/connectors*"); n != 0 {
		t.Errorf("the other cluster received %d requests", n)
	}
}

// Many writes ask each worker once. A run that only reads, and a client with one URL, ask nothing.
func TestMembersAreAskedOnce(t *testing.T) {
	one := connectfake.New(t)
	two := one.Peer(t)
	client := newClient(t, nil, one.URL(), two.URL())
	if _, err := client.Connectors(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := one.Count("", "/") + two.Count("", ""); n != 0 {
		t.Errorf("a run that reads asked %d times", n)
	}
	one.Forget()
	var group sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		group.Go(func() {
			if _, _, err := client.CreateConnector(t.Context(), name, fileSource(), connectclient.StateRunning); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := one.Count("", ""); got != 6 { // GET /, GET /connectors and four POST
		t.Errorf("the first worker received %d requests: %v", got, one.Requests())
	}
	if got := two.Count("", ""); got != 2 {
		t.Errorf("the second worker received %d requests: %v", got, two.Requests())
	}
	one.Forget()
	if err := newClient(t, nil, one.URL()).DeleteConnector(t.Context(), "a"); err != nil || one.Count("", "") != 1 {
		t.Errorf("got %v and %v", err, one.Requests())
	}
}

// Permissions for the connectors are enough.
func TestMembersThatDoNotTell(t *testing.T) {
	one := connectfake.New(t, connectfake.WithAuthorization(func(r *http.Request) bool { return r.URL.Path != "/" && r.Method != http.MethodGet }))
	client := newClient(t, nil, one.URL(), one.Peer(t).URL())
	if _, _, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning); err != nil {
		t.Error(err)
	}
}
