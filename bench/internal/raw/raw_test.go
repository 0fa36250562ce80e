package raw_test

import (
	"maps"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/raw"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/work"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func TestWork(t *testing.T) {
	const n = 25
	ctx, worker := t.Context(), connectfake.New(t)
	c := raw.New(worker.URL())
	worker.Inject("POST", "/connectors", 3, connectfake.Rebalancing())

	if err := c.Create(ctx, n, 1000); err != nil {
		t.Fatal(err)
	}
	if config, target, ok := worker.Connector(work.Name(n - 1)); !ok || target != "STOPPED" || config["batch.size"] != "1000" {
		t.Errorf("created: %v, target %q, batch.size %q", ok, target, config["batch.size"])
	}
	if err := c.Change(ctx, n, 2000); err != nil {
		t.Fatal(err)
	}
	config, _, _ := worker.Connector(work.Name(0))
	delete(config, "name") // added by the worker
	if want := work.Config(0, 2000); !maps.Equal(config, want) {
		t.Errorf("changed to %v, want %v", config, want)
	}
	if err := c.Delete(ctx, n-5); err != nil {
		t.Fatal(err)
	}
	if names, err := c.Names(ctx); err != nil || len(names) != 5 {
		t.Errorf("left: %v, %v; want 5", names, err)
	}
	if err := c.Clear(ctx); err != nil {
		t.Fatal(err)
	}
	if names, err := c.Names(ctx); err != nil || len(names) != 0 {
		t.Errorf("left after Clear: %v, %v", names, err)
	}
}

func TestErrorStopsTheWork(t *testing.T) {
	worker := connectfake.New(t)
	worker.Inject("POST", "/connectors", 1000, connectfake.Fails(400, "no"))
	if err := raw.New(worker.URL()).Create(t.Context(), 3, 1000); err == nil {
		t.Error("no error, although the worker refused the requests")
	}
}
