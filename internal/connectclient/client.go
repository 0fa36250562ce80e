// Package connectclient speaks the REST API of Apache Kafka Connect (2.8 to 4.x).
//
// The types to know:
//
//   - [Config] says where the workers are and how to reach them; [New] makes a [Client] of it.
//   - [Client] has one method an endpoint. Nouns read ([Client.Connector], [Client.Status],
//     [Client.Plugins]), verbs change ([Client.CreateConnector], [Client.PutConfig],
//     [Client.StopConnector]), and [Client.Await] waits until a change is in effect. Where many are read
//     or waited for at once, [Client.Look] and [Client.Await] ask for all of them in one request.
//   - [Error] is every answer that is not a success. It is asked by identity,
//     errors.Is(err, ErrNotFound), never by text.
//   - [WithSecrets] names values that must not appear in whatever an error or a stack trace says.
//
// Every method retries what is known to pass, such as rebalances, starting workers and refused
// connections, until its context ends, and only that. A write whose answer was lost is read back
// before anything is sent again, so that nothing is created, changed or deleted twice.
//
// The package knows nothing of Terraform and writes no logs: [Config.Observe] is told of every
// request.
package connectclient

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// maxAnswer is the most of an answer that is read: a listing of 5000 connectors has some 3 MB.
const maxAnswer = 64 << 20

// Client speaks to one Connect cluster. It may be used by many goroutines at once.
type Client struct {
	cfg       Config
	workers   []*url.URL
	active    atomic.Int64 // the worker that answered last
	header    http.Header  // sent with every request
	transport *http.Transport
	secrets   *Secrets // the credentials, which no error may show
	snapshot  snapshot
	watch     watch
}

// New returns a Client, or what [Config.Validate] says. Nothing is sent.
func New(cfg Config) (*Client, error) {
	cfg.setDefaults()
	workers, err := cfg.workers()
	transport, transportErr := cfg.transport(workers)
	if err := errors.Join(err, cfg.validateCredentials(), cfg.validateHeaders(), transportErr); err != nil {
		return nil, err
	}
	return &Client{
		cfg:       cfg,
		workers:   workers,
		header:    cfg.header(),
		transport: transport,
		secrets:   cfg.secrets(),
	}, nil
}

// Close closes idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

func (cfg *Config) setDefaults() {
	setDefault(&cfg.RequestTimeout, 120*time.Second)
	setDefault(&cfg.Retry.Min, 200*time.Millisecond)
	setDefault(&cfg.Retry.Max, max(5*time.Second, cfg.Retry.Min))
	setDefault(&cfg.Poll.Min, 100*time.Millisecond)
	setDefault(&cfg.Poll.Max, max(time.Second, cfg.Poll.Min))
	setDefault(&cfg.Settle, 2*time.Second)
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
	for name, value := range cfg.Headers {
		header.Set(name, value)
	}
	header.Set("Accept", "application/json")
	header.Set("User-Agent", cfg.UserAgent)
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

// secrets returns what no error may show.
func (cfg Config) secrets() *Secrets {
	values := []string{cfg.Password, cfg.BearerToken, cfg.TLS.PrivateKeyPEM}
	if cfg.Username != "" {
		values = append(values, cfg.basicCredentials())
	}
	for _, value := range cfg.Headers {
		if len(value) > 3 { // no credential is shorter, and messages are full of such words
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
	return NewSecrets(slices.Compact(values)...)
}
