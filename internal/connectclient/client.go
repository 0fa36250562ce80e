package connectclient

// Client speaks to one Connect cluster. It may be used by many goroutines at once.
type Client struct{}

// Validate tells what is wrong with the configuration: errors are or join [*ConfigError].
func (cfg Config) Validate() error { return nil }

// New returns a Client, or a [*ConfigError]. Nothing is sent.
func New(cfg Config) (*Client, error) { return &Client{}, nil }

// Close closes idle connections.
func (c *Client) Close() {}
