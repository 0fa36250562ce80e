package kafkaadmin

import (
	"cmp"
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

var errSilent = errors.New("a bootstrap server accepts connections but does not answer")

// Client manages the internal topics of one Kafka cluster. It is safe for concurrent use; rebuilds of the same
// Connect group wait for each other.
type Client struct {
	options   []kgo.Opt // Of every further client that produces or consumes.
	principal string
	dialWait  time.Duration

	kgo   *kgo.Client
	kadm  *kadm.Client
	dials dialErrors

	connecting sync.Mutex
	connected  bool

	turns turns

	// holdSession is how long a hold of a group outlives its process.
	holdSession time.Duration
	// beforeStep is called before each numbered step of a rebuild, so that a test can end the process there.
	beforeStep func(step string)
}

// New returns a client, or a *ConfigError that names the field at fault. It does not connect: the first
// operation does, and reports what keeps it from doing so.
func New(config Config) (*Client, error) {
	c := &Client{principal: config.principal(), dialWait: config.dialTimeout(), holdSession: holdSession, beforeStep: func(string) {}}
	options, err := config.options()
	if err != nil {
		return nil, err
	}
	c.options = append(options, kgo.WithHooks(&c.dials))
	if c.kgo, err = kgo.NewClient(c.options...); err != nil {
		return nil, &ConfigError{Field: "bootstrap_servers", Reason: "cannot be used: " + err.Error()}
	}
	c.kadm = kadm.NewClient(c.kgo)
	return c, nil
}

// Close closes the connections. The client cannot be used afterwards.
func (c *Client) Close() { c.kgo.Close() }

// Connect makes sure that one of the bootstrap servers answers and accepts the credentials. Every operation
// does so first; a caller needs it only to report a wrong configuration early.
//
// It asks each server once, where an ordinary request would try again for half a minute, so that a wrong
// password is told from a slow network in seconds.
func (c *Client) Connect(ctx context.Context) error {
	c.connecting.Lock()
	defer c.connecting.Unlock()
	if c.connected {
		return nil
	}
	err := c.ping(ctx)
	if err == nil {
		c.connected = true
		return nil
	}
	return c.fail("connect to", "the Kafka cluster", connectCause(err))
}

// ping asks each server once. kgo itself goes on with a server that says nothing when the time is up.
func (c *Client) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 2*c.dialWait, errSilent)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- c.kgo.Ping(ctx) }()
	select {
	case err := <-answer:
		if err == nil || ctx.Err() == nil {
			return err
		}
	case <-ctx.Done():
	}
	// Why the last connection failed says more than that the time is up.
	return cmp.Or(c.dials.last(), context.Cause(ctx))
}

// session returns a client of its own for producing or consuming. Its caller closes it.
func (c *Client) session(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(append([]kgo.Opt{}, c.options...), options...)...)
}

// dialErrors remembers why the last connection could not be made, as a request that runs out of time does
// not say.
type dialErrors struct {
	mu  sync.Mutex
	err error
}

// OnBrokerConnect implements kgo.HookBrokerConnect.
func (d *dialErrors) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

func (d *dialErrors) last() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
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
