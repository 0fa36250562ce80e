package connectclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Config describes the workers of one Connect cluster and how to reach them.
type Config struct {
	// URLs are the addresses of one or more workers of the same Connect cluster, such as
	// "https://worker-0:8083" or, with a base path, "https://proxy/connect". If a worker cannot be
	// reached, the next one is tried. The worker that answered gets the following requests.
	URLs []string

	// AdminURLs are the addresses of the admin listeners of the workers (admin.listeners), one for each worker. They are for
	// loggers only. Default URLs.
	AdminURLs []string

	// Username and Password are sent as basic authentication. They exclude BearerToken.
	Username, Password string

	// BearerToken is sent as "Authorization: Bearer …".
	BearerToken string

	// Headers are sent with every request. Host replaces the host of the URL, for a proxy that routes by it.
	Headers map[string]string

	// TLS applies to workers with https URLs.
	TLS TLS

	// ProxyURL is the http, https, socks5 or socks5h proxy for all requests, with user name and
	// password if the proxy requires them. Empty means the environment (HTTPS_PROXY, HTTP_PROXY and
	// NO_PROXY).
	ProxyURL string

	// RequestTimeout bounds one attempt to send a request; the context bounds the whole operation.
	// Default 120 s: a worker itself gives up after 90 s, and its answer should come first.
	RequestTimeout time.Duration

	// UserAgent is sent as User-Agent. Default "kafkaconnect-client".
	UserAgent string

	// Observe, if set, is called after every attempt. It must not block.
	Observe func(context.Context, Request)

	// Retry is the pause before a request is sent again. It doubles from Min to Max, with jitter.
	// Default 200 ms to 5 s. A Retry-After header of the worker takes precedence.
	Retry Interval

	// Poll is the pause between two polls of [Client.Await]. It grows by a quarter each time, from Min to Max.
	// Default 25 ms to 1 s.
	Poll Interval

	// StableFor is how long a connector and its tasks must stay RUNNING before [Client.Await] accepts the
	// state. Default 5 s: RUNNING tells only that the start of a task has ended, and clients with wrong
	// credentials fail about 3 s later. It is at least Settle.
	StableFor time.Duration

	// Settle is how long a connector must stay FAILED before [Client.Await] accepts the state. Default
	// 2 s: a status shows the previous state for about 100 ms after a change, and for up to 1 s after a
	// restart.
	Settle time.Duration
}

// TLS holds the trusted authorities and the client certificate. The zero value trusts the authorities of the operating
// system.
type TLS struct {
	CAPEM              string // the trusted authorities, instead of those of the operating system
	CertificatePEM     string // the client certificate, followed by intermediate certificates
	PrivateKeyPEM      string // the key of CertificatePEM, not encrypted
	ServerName         string // the name in the worker's certificate, instead of the URL's host
	InsecureSkipVerify bool   // accept any certificate
}

// Interval is a pause that doubles from Min to Max.
type Interval struct {
	Min, Max time.Duration
}

// Request describes one attempt to send a request to [Config.Observe]. It has no headers and no bodies.
type Request struct {
	Method   string
	Host     string // the worker, as host:port
	Path     string // the escaped path, without the URL's base path and without the query
	Attempt  int    // from 1
	Status   int    // 0 if no answer came
	Duration time.Duration
	Err      error // nil for a success
}

// String names only the workers: the other fields are or may contain secrets.
func (cfg Config) String() string { return fmt.Sprintf("connect workers %q", cfg.URLs) }

// GoString is String.
func (cfg Config) GoString() string { return cfg.String() }

// String shows no fields: the key is a secret.
func (TLS) String() string { return "TLS options" }

// GoString is String.
func (t TLS) GoString() string { return t.String() }

// ConfigError is a wrong field of a [Config]. It never contains the field's value.
type ConfigError struct {
	// Field is the path of the field in snake case, such as "password", "urls[1]", "tls.ca_pem" or
	// `headers["X-Api-Key"]`.
	Field  string
	Reason string // continues the sentence that Field begins
}

func (e *ConfigError) Error() string { return e.Field + " " + e.Reason }

// Validate returns a joined [*ConfigError] for every wrong field, or nil. It sends nothing.
func (cfg Config) Validate() error {
	_, err := New(cfg)
	return err
}

// workers parses the URLs.
func (cfg Config) workers() ([]*url.URL, error) {
	if len(cfg.URLs) == 0 {
		return nil, &ConfigError{"urls", "must have at least one address of a worker"}
	}
	return parseURLs("urls", cfg.URLs)
}

// parseURLs parses the URLs of workers in a field.
func parseURLs(list string, texts []string) ([]*url.URL, error) {
	var (
		workers []*url.URL
		errs    []error
	)
	for i, text := range texts {
		field := fmt.Sprintf("%s[%d]", list, i)
		worker, err := parseURL(field, text, "http", "https")
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if worker.User != nil {
			errs = append(errs, &ConfigError{
				field, "must not contain a user name and password, because errors show the URL: use username and password instead",
			})
		}
		workers = append(workers, worker)
	}
	return workers, errors.Join(errs...)
}

// parseURL parses the URL of a server. Its errors do not repeat the URL, which may contain a password.
func parseURL(field, text string, schemes ...string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case !strings.Contains(text, "://"):
		return nil, &ConfigError{field, "must begin with " + strings.Join(schemes, ":// or ") + "://"}
	case err != nil:
		return nil, &ConfigError{field, "is not a URL"}
	case !slices.Contains(schemes, u.Scheme):
		return nil, &ConfigError{field, "must begin with " + strings.Join(schemes, ":// or ") + "://"}
	case u.Hostname() == "":
		return nil, &ConfigError{field, "has no host"}
	case u.RawQuery != "" || u.Fragment != "":
		return nil, &ConfigError{field, "must not have a query or a fragment"}
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

func (cfg Config) validateCredentials() error {
	var errs []error
	wrong := func(field, reason string) { errs = append(errs, &ConfigError{field, reason}) }
	if cfg.Username == "" && cfg.Password != "" {
		wrong("username", "is required with password")
	}
	if cfg.BearerToken != "" && (cfg.Username != "" || cfg.Password != "") {
		wrong("bearer_token", "cannot be used together with username and password")
	}
	if strings.Contains(cfg.Username, ":") {
		wrong("username", "must not contain a colon, which ends the user name in basic authentication")
	}
	if !httpguts.ValidHeaderFieldValue(cfg.BearerToken) {
		wrong("bearer_token", "contains a line break or another control character")
	}
	return errors.Join(errs...)
}

// framing are the headers that net/http writes itself. It ignores values for them.
var framing = []string{"Content-Length", "Content-Type", "Trailer", "Transfer-Encoding"}

func (cfg Config) validateHeaders() error {
	var errs []error
	for name, value := range cfg.Headers {
		field := fmt.Sprintf("headers[%q]", name)
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			errs = append(errs, &ConfigError{field, "is not a valid header name"})
		case !httpguts.ValidHeaderFieldValue(value):
			errs = append(errs, &ConfigError{field, "contains a line break or another control character"})
		case strings.EqualFold(name, "Authorization") && (cfg.Username != "" || cfg.BearerToken != ""):
			errs = append(errs, &ConfigError{field, "cannot be used together with username or bearer_token"})
		case slices.Contains(framing, http.CanonicalHeaderKey(name)):
			errs = append(errs, &ConfigError{field, "depends on the request and cannot be set: remove it"})
		}
	}
	return errors.Join(errs...)
}
