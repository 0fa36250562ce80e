package connectclient

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

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
