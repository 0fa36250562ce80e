package connectclient_test

import (
	"context"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// newClient returns a client of the workers with short pauses.
func newClient(t *testing.T, change func(*connectclient.Config), urls ...string) *connectclient.Client {
	t.Helper()
	cfg := connectclient.Config{
		URLs:   urls,
		Retry:  connectclient.Interval{Min: time.Millisecond, Max: 5 * time.Millisecond},
		Poll:   connectclient.Interval{Min: time.Millisecond, Max: 5 * time.Millisecond},
		Settle: 20 * time.Millisecond, StableFor: 20 * time.Millisecond,
	}
	if change != nil {
		change(&cfg)
	}
	client, err := connectclient.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// newFake returns a fake worker and its client.
func newFake(t *testing.T, options ...connectfake.Option) (*connectfake.Worker, *connectclient.Client) {
	t.Helper()
	worker := connectfake.New(t, options...)
	return worker, newClient(t, nil, worker.URL())
}

func fileSource() map[string]string {
	return map[string]string{
		"connector.class": connectfake.FileSource, "tasks.max": "1", "file": "/tmp/in.txt", "topic": "lines",
	}
}

// put reads a connector and replaces its configuration.
func put(ctx context.Context, client *connectclient.Client, name string, config map[string]string) (connectclient.Connector, connectclient.Outcome, error) {
	have, err := client.Connector(ctx, name)
	if err != nil {
		return have, 0, err
	}
	return client.PutConfig(ctx, have, config)
}
