package connectclient

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Config says where the workers of one Connect cluster are and how to reach them.
type Config struct {
	// URLs are one or more workers of the same Connect cluster, such as
	// "https://worker-0:8083" or "https://proxy/connect": a base path is kept. They are tried in
	// turn when one cannot be reached, and the one that answered is used from then on.
	URLs []string

	// Username and Password are sent as basic authentication. Both or neither; not together with
	// BearerToken.
	Username, Password string

	// BearerToken is sent as "Authorization: Bearer …".
	BearerToken string

	// Headers are sent with every request.
	Headers map[string]string

	// TLS is how workers with https URLs are trusted and how the client proves itself to them.
	TLS TLS

	// ProxyURL is the http, https, socks5 or socks5h proxy that every request goes through, with
	// user name and password if it wants them. Empty means the environment (HTTPS_PROXY,
	// HTTP_PROXY and NO_PROXY).
	ProxyURL string

	// RequestTimeout bounds one request, not an operation: that ends with its context. Default
	// 120 s, above the 90 s that a worker itself gives to a request, so that its own answer comes
	// first.
	RequestTimeout time.Duration

	// UserAgent is sent as User-Agent. Default "kafkaconnect-client".
	UserAgent string

	// Observe, if set, is told of every request when it has ended. It must not block.
	Observe func(context.Context, Request)

	// Retry is the pause before a request is sent again: it doubles from Min to Max, with jitter.
	// Default 200 ms to 5 s. What a worker asks for with Retry-After comes first.
	Retry Interval

	// Poll is the pause between two looks of [Client.Await]: it doubles from Min to Max. Default
	// 100 ms to 1 s.
	Poll Interval

	// Settle is for how long a connector must hold RUNNING, or stay FAILED, before
	// [Client.Await] believes it. Default 2 s: a status lags a change and shows what was before
	// for some 100 ms, up to 1 s after a restart. Five times as long for a connector without tasks.
	Settle time.Duration
}

// TLS says how workers are trusted and how the client proves itself. The zero value trusts what the
// operating system trusts.
type TLS struct {
	CAPEM              string // the authorities to trust, instead of the operating system's
	CertificatePEM     string // the client certificate, followed by its intermediates
	PrivateKeyPEM      string // the key of CertificatePEM, not encrypted
	ServerName         string // the name to expect in the worker's certificate, instead of the URL's host
	InsecureSkipVerify bool   // accept any certificate
}

// Interval is a pause that grows from Min to Max.
type Interval struct {
	Min, Max time.Duration
}

// Request is one request that was sent, as [Config.Observe] is told of it: names and numbers only,
// never headers or bodies.
type Request struct {
	Method   string
	Host     string // the worker, as host:port
	Path     string // the escaped path, without the URL's base path and without the query
	Attempt  int    // 1 for the first time that it was sent
	Status   int    // 0 if no answer came
	Duration time.Duration
	Err      error // nil for a success
}

// String names the workers and nothing else: the other fields are, or may hold, secrets.
func (cfg Config) String() string { return fmt.Sprintf("connect workers %q", cfg.URLs) }

// GoString is String.
func (cfg Config) GoString() string { return cfg.String() }

// String shows nothing: the key is a secret.
func (TLS) String() string { return "TLS options" }

// GoString is String.
func (t TLS) GoString() string { return t.String() }

// ConfigError tells which field of a [Config] is wrong.
type ConfigError struct {
	// Field is the Go path of the field, such as "Password", "URLs[1]", "TLS.CAPEM" or
	// `Headers["X-Api-Key"]`.
	Field  string
	Reason string
}

// Error implements error. It never holds the field's value.
func (e *ConfigError) Error() string { return e.Field + ": " + e.Reason }

// Validate tells what is wrong with the configuration: a [*ConfigError] for every wrong field, joined.
// Nothing is sent.
func (cfg Config) Validate() error {
	_, err := New(cfg)
	return err
}

// workers parses the URLs.
func (cfg Config) workers() ([]*url.URL, error) {
	if len(cfg.URLs) == 0 {
		return nil, &ConfigError{"URLs", "at least one worker is needed"}
	}
	var (
		workers []*url.URL
		errs    []error
	)
	for i, text := range cfg.URLs {
		worker, err := parseURL(fmt.Sprintf("URLs[%d]", i), text, "http", "https")
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if worker.User != nil {
			errs = append(errs, &ConfigError{
				fmt.Sprintf("URLs[%d]", i), "must not hold a user name and password, which would show in errors: use Username and Password",
			})
		}
		workers = append(workers, worker)
	}
	return workers, errors.Join(errs...)
}

// parseURL parses the URL of a server. Its errors do not repeat it: it may hold a password.
func parseURL(field, text string, schemes ...string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, &ConfigError{field, "is not a URL"}
	case !slices.Contains(schemes, u.Scheme):
		return nil, &ConfigError{field, "must begin with " + strings.Join(schemes, ":// or ") + "://"}
	case u.Hostname() == "":
		return nil, &ConfigError{field, "names no host"}
	case u.RawQuery != "" || u.Fragment != "":
		return nil, &ConfigError{field, "must not have a query or a fragment"}
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

func (cfg Config) validateCredentials() error {
	var errs []error
	wrong := func(field, reason string) { errs = append(errs, &ConfigError{field, reason}) }
	switch {
	case cfg.Username != "" && cfg.Password == "":
		wrong("Password", "is needed with Username")
	case cfg.Username == "" && cfg.Password != "":
		wrong("Username", "is needed with Password")
	}
	if cfg.BearerToken != "" && (cfg.Username != "" || cfg.Password != "") {
		wrong("BearerToken", "cannot be used together with Username and Password")
	}
	if strings.Contains(cfg.Username, ":") {
		wrong("Username", "must not have a colon, which ends it in basic authentication")
	}
	if !httpguts.ValidHeaderFieldValue(cfg.BearerToken) {
		wrong("BearerToken", "has a line break or another control character")
	}
	return errors.Join(errs...)
}

func (cfg Config) validateHeaders() error {
	var errs []error
	for name, value := range cfg.Headers {
		field := fmt.Sprintf("Headers[%q]", name)
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			errs = append(errs, &ConfigError{field, "is not the name of a header"})
		case !httpguts.ValidHeaderFieldValue(value):
			errs = append(errs, &ConfigError{field, "has a line break or another control character"})
		case strings.EqualFold(name, "Authorization") && (cfg.Username != "" || cfg.BearerToken != ""):
			errs = append(errs, &ConfigError{field, "cannot be used together with Username or BearerToken"})
		}
	}
	return errors.Join(errs...)
}
