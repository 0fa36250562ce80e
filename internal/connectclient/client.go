// Package connectclient is a client of the REST API of Apache Kafka Connect (2.8 to 4.x).
//
// The main types are:
//
//   - [Config] describes the workers and how to reach them; [New] returns a [Client] for it.
//   - [Client] has one method per endpoint. Nouns read ([Client.Connector], [Client.Status],
//     [Client.Plugins]), verbs change ([Client.CreateConnector], [Client.PutConfig],
//     [Client.StopConnector]), and [Client.Await] waits until a change is in effect. Many callers of
//     [Client.ConnectorWithStatus] or [Client.Await] share one request.
//   - [Error] is every answer that is not a success. Test what it is with errors.Is(err, ErrNotFound),
//     never by its text.
//   - [WithSecrets] names values that must not appear in errors and stack traces.
//
// Every method retries temporary failures, such as rebalances, starting workers and refused connections, until its
// context ends. All other failures are final. A write whose answer was lost is read back before anything is sent again,
// so that nothing is created, changed or deleted twice.
//
// The package does not depend on Terraform and writes no logs: [Config.Observe] is called for every request.
package connectclient

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// Client sends requests to one Connect cluster. It is safe for concurrent use.
type Client struct {
	cfg       Config
	workers   []*url.URL
	active    atomic.Int64 // index of the worker that answered last
	header    http.Header  // sent with every request
	transport *http.Transport
	secrets   *Secrets     // the credentials, which no error may show
	written   *atomic.Bool // a write below /connectors was sent, which ends the cache
	listings  listings
	members   members
	passwords passwords
	admin     *admin
}

// New returns a Client, or the errors of [Config.Validate]. It sends nothing.
func New(cfg Config) (*Client, error) {
	cfg.setDefaults()
	workers, err := cfg.workers()
	admins, adminErr := parseURLs("admin_urls", cfg.AdminURLs)
	transport, transportErr := cfg.transport(slices.Concat(workers, admins))
	if err := errors.Join(err, adminErr, cfg.validateCredentials(), cfg.validateHeaders(), transportErr); err != nil {
		return nil, err
	}
	c := &Client{
		cfg:       cfg,
		workers:   workers,
		header:    cfg.header(),
		transport: transport,
		secrets:   cfg.secrets(),
		written:   new(atomic.Bool),
		listings:  listings{polling: make(chan struct{}, 1)},
		members:   newMembers(len(workers)),
		passwords: passwords{ask: map[string]func() (map[string]bool, error){}},
	}
	if len(admins) == 0 {
		admins = workers
	}
	c.admin = newAdmin(c.each(admins))
	return c, nil
}

// Workers returns a client for each of [Config.URLs], in their order, which sends its requests to that worker only. The
// clients share the connections of c.
func (c *Client) Workers() []*Client { return c.each(c.workers) }

// each returns a client for each of the URLs. It shares the connections of c.
func (c *Client) each(urls []*url.URL) []*Client {
	clients := make([]*Client, len(urls))
	for i := range urls {
		clients[i] = &Client{
			cfg:       c.cfg,
			workers:   urls[i : i+1],
			header:    c.header,
			transport: c.transport,
			secrets:   c.secrets,
			written:   c.written,
			listings:  listings{polling: make(chan struct{}, 1)},
			members:   newMembers(1),
			passwords: passwords{ask: map[string]func() (map[string]bool, error){}},
		}
		clients[i].admin = newAdmin(clients[i : i+1])
	}
	return clients
}

// URLs returns the URLs of the workers that the client sends requests to.
func (c *Client) URLs() []string {
	urls := make([]string, len(c.workers))
	for i, worker := range c.workers {
		urls[i] = worker.String()
	}
	return urls
}

// Close closes idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

func (cfg *Config) setDefaults() {
	setDefault(&cfg.RequestTimeout, 120*time.Second)
	setDefault(&cfg.Retry.Min, 200*time.Millisecond)
	setDefault(&cfg.Retry.Max, max(5*time.Second, cfg.Retry.Min))
	setDefault(&cfg.Poll.Min, 25*time.Millisecond)
	setDefault(&cfg.Poll.Max, max(time.Second, cfg.Poll.Min))
	setDefault(&cfg.Settle, 2*time.Second)
	setDefault(&cfg.StableFor, 5*time.Second)
	if cfg.UserAgent == "" {
		cfg.UserAgent = "kafkaconnect-client"
	}
}

func setDefault(field *time.Duration, value time.Duration) {
	if *field == 0 {
		*field = value
	}
}

// header returns the header of every request.
func (cfg Config) header() http.Header {
	header := http.Header{}
	header.Set("Accept", "application/json")
	header.Set("User-Agent", cfg.UserAgent)
	for name, value := range cfg.Headers {
		header.Set(name, value)
	}
	switch {
	case cfg.BearerToken != "":
		header.Set("Authorization", "Bearer "+cfg.BearerToken)
	case cfg.Username != "":
		header.Set("Authorization", "Basic "+cfg.basicCredentials())
	}
	return header
}

func (cfg Config) basicCredentials() string {
	return base64.StdEncoding.EncodeToString([]byte(cfg.Username + ":" + cfg.Password))
}

// secrets returns the values that no error may show.
func (cfg Config) secrets() *Secrets {
	values := []string{cfg.Password, cfg.BearerToken, cfg.TLS.PrivateKeyPEM}
	if cfg.Username != "" {
		values = append(values, cfg.basicCredentials())
	}
	for name, value := range cfg.Headers {
		if !strings.EqualFold(name, "Host") {
			values = append(values, value)
		}
	}
	environment := httpproxy.FromEnvironment()
	for _, proxy := range []string{cfg.ProxyURL, environment.HTTPProxy, environment.HTTPSProxy} {
		if u, err := url.Parse(proxy); err == nil && u.User != nil {
			password, _ := u.User.Password()
			values = append(values, password, u.User.String())
		}
	}
	return NewSecrets(values...)
}
