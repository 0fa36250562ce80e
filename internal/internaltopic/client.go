package internaltopic

import (
	"context"
	"sync"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// Client manages the internal topics of one Kafka cluster. It is safe for concurrent use; rebuilds of the same
// Connect group wait for each other.
type Client struct {
	*kafkaclient.Client

	turns turns

	// holdSession is how long a hold of a group outlives its process.
	holdSession time.Duration
	// beforeStep is called before each numbered step of a rebuild, so that a test can end the process there.
	beforeStep func(step string)
}

// New returns a client, or a *kafkaclient.ConfigError that names the field at fault. It connects on first use.
func New(config kafkaclient.Config) (*Client, error) {
	client, err := kafkaclient.New(config)
	if err != nil {
		return nil, err
	}
	return &Client{Client: client, holdSession: holdSession, beforeStep: func(string) {}}, nil
}

// turns lets one caller a name pass at a time.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{}
}

// take waits for the name's turn and returns what ends it.
func (t *turns) take(ctx context.Context, name string) (func(), error) {
	t.mu.Lock()
	if t.taken == nil {
		t.taken = map[string]chan struct{}{}
	}
	slot, ok := t.taken[name]
	if !ok {
		slot = make(chan struct{}, 1)
		t.taken[name] = slot
	}
	t.mu.Unlock()
	select {
	case slot <- struct{}{}:
		return func() { <-slot }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
