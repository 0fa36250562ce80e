package kafkaclient

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

// Client is a connection to one Kafka cluster. It is safe for concurrent use.
type Client struct {
	// Kgo and Kadm share their connections. They connect on first use; call Connect before, for its errors.
	Kgo  *kgo.Client
	Kadm *kadm.Client

	options   []kgo.Opt // Of every further client that produces or consumes.
	principal string
	dialWait  time.Duration
	dials     dialErrors

	connecting sync.Mutex
	connected  bool
}

// New returns a client, or a *ConfigError that names the field at fault. It does not connect: the first
// operation does, and reports what keeps it from doing so.
func New(config Config) (*Client, error) {
	c := &Client{principal: config.principal(), dialWait: config.dialTimeout()}
	options, err := config.options()
	if err != nil {
		return nil, err
	}
	c.options = append(options, kgo.WithHooks(&c.dials))
	if c.Kgo, err = kgo.NewClient(c.options...); err != nil {
		return nil, &ConfigError{Field: "bootstrap_servers", Reason: "cannot be used: " + err.Error()}
	}
	c.Kadm = kadm.NewClient(c.Kgo)
	return c, nil
}

// Close closes the connections. The client cannot be used afterwards.
func (c *Client) Close() { c.Kgo.Close() }

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
	return c.Fail("connect to", "the Kafka cluster", connectCause(err))
}

// ping asks each server once. kgo itself goes on with a server that says nothing when the time is up.
func (c *Client) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 2*c.dialWait, errSilent)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- c.Kgo.Ping(ctx) }()
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

// NewSession returns a client of its own for producing or consuming. Its caller closes it.
func (c *Client) NewSession(options ...kgo.Opt) (*kgo.Client, error) {
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
