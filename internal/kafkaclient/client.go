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

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/keyedmutex"
)

var errSilent = errors.New("a bootstrap server accepts connections but does not answer")

// Client is a connection to one Kafka cluster. It is safe for concurrent use.
type Client struct {
	// Kgo and Kadm share their connections, which they open on first use.
	Kgo  *kgo.Client
	Kadm *kadm.Client

	options   []kgo.Opt // For NewSession.
	principal string
	dialWait  time.Duration
	dials     dialErrors

	connecting keyedmutex.Map // Has one key: "".
	lags       lagBatches
	connected  bool
}

// New returns a client, or a *ConfigError that names the invalid field. It opens no connection.
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

// NewSession returns a separate kgo client with the same settings, for producing or consuming. The caller closes it.
func (c *Client) NewSession(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(append([]kgo.Opt{}, c.options...), options...)...)
}

// Principal returns the client's identity as far as its settings tell, such as "User:alice", or an empty text.
func (c *Client) Principal() string { return c.principal }

// Close closes the connections. The client cannot be used afterwards.
func (c *Client) Close() { c.Kgo.Close() }

// Connect checks once that a bootstrap server answers and accepts the credentials. Later calls return at once.
//
// An ordinary kgo request retries for half a minute. Connect tries each server once, so that a wrong password is
// reported within seconds.
func (c *Client) Connect(ctx context.Context) error {
	unlock, err := c.connecting.Lock(ctx, "")
	if err != nil {
		return c.Fail("connect to", "the Kafka cluster", err)
	}
	defer unlock()
	if c.connected {
		return nil
	}
	if err := c.ping(ctx); err != nil {
		return c.Fail("connect to", "the Kafka cluster", connectCause(err))
	}
	c.connected = true
	return nil
}

// ping tries each server once. kgo.Client.Ping does not return while a server keeps a connection open without
// answering, even when the context has ended.
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
	// The error of the last connection is more specific than a timeout.
	return cmp.Or(c.dials.last(), context.Cause(ctx))
}

// dialErrors keeps the error of the last connection attempt. A request that times out does not report it.
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
