package connectclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// What an answer means. Ask with errors.Is; [Error] has the details.
var (
	ErrNotFound      = errors.New("not found")             // the worker says that this connector, task or plugin is not there
	ErrNoStatus      = errors.New("no status yet")         // the connector has no status, as is normal right after its creation
	ErrExists        = errors.New("already exists")        // a connector of this name exists, with another configuration
	ErrInvalid       = errors.New("invalid")               // the worker refuses the configuration: see [Error.Problems]
	ErrUnauthorized  = errors.New("not authenticated")     // 401, or 407 from a proxy
	ErrForbidden     = errors.New("not allowed")           // 403
	ErrUnsupported   = errors.New("not supported")         // the worker is too old, or the URL's base path is wrong
	ErrRebalancing   = errors.New("group is rebalancing")  // passes; retried
	ErrStale         = errors.New("stale configuration")   // passes; retried
	ErrNoLeader      = errors.New("no known leader")       // mostly passes; retried
	ErrStarting      = errors.New("worker is starting")    // passes; retried
	ErrUnavailable   = errors.New("worker is unavailable") // no connection, no answer, or 502, 503 or 504; retried
	ErrIndeterminate = errors.New("outcome is not known")  // a write whose answer was lost may have been carried out
)

// errNotStarted is a restart that was carried out, of something that then failed to start. Workers before 3.0 wait for
// that, and may start a connector with a configuration that they are just about to replace.
var errNotStarted = errors.New("failed to start")

// errNoInitialState is a worker that creates connectors RUNNING only.
var errNoInitialState = fmt.Errorf("initial state: %w", ErrUnsupported)

// Error is a request that did not succeed. It prints no secrets: not the client's credentials, and
// not the values of [WithSecrets].
type Error struct {
	Method  string
	Host    string // the worker, as host:port
	Path    string // the escaped path, without the URL's base path and without the query
	Status  int    // 0 if no answer came
	Code    int    // error_code of the worker's answer, 0 if it had none
	Message string // what the worker said, or what is known of why it said nothing

	// Problems is what is wrong with a configuration, for [ErrInvalid].
	Problems []Problem

	// Attempts is how often the request was sent.
	Attempts int

	then  verdict
	is    []error
	ended error // why no further attempt was made, if the context ended
}

// Error returns the request, the worker, and what it said.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s on %s: ", e.Method, e.Path, e.Host)
	if e.ended != nil {
		fmt.Fprintf(&b, "%v after %d attempts; ", e.ended, e.Attempts)
		if slices.Contains(e.is, ErrIndeterminate) {
			b.WriteString("it may have been carried out; ")
		}
		b.WriteString("last answer: ")
	}
	b.WriteString(e.Message)
	if e.Status != 0 {
		fmt.Fprintf(&b, " (%d)", e.Status)
	}
	return b.String()
}

// Unwrap returns what the error is, and the context's error if that ended the attempts.
func (e *Error) Unwrap() []error {
	if e.ended != nil {
		return append(slices.Clone(e.is), e.ended)
	}
	return e.is
}

// unresolved is a write whose answer was lost and that could not be read back.
func unresolved(lost *Error, err error) error {
	return fmt.Errorf("%w; reading back whether it was carried out: %w", lost, err)
}

// meanings is what workers say, and what it means. The first line that fits counts.
var meanings = []struct {
	status int
	text   string
	is     error
	then   verdict
}{
	// GETs answer 500 during a rebalance, writes 409.
	{500, "because a rebalance is expected", ErrRebalancing, again},
	// Given up by the worker's REST layer, not by its herder: the write can still land.
	{500, "Request timed out", ErrUnavailable, lost},
	// The leader went away while this worker asked it.
	{500, "IO Error trying to forward REST request", ErrUnavailable, lost},
	{500, `Unrecognized field "initial_state"`, errNoInitialState, final},
	{500, "Failed to start connector", errNotStarted, final},
	{500, "Failed to start task", errNotStarted, final},
	{500, "Failed to find any class that implements", ErrInvalid, final}, // 400 since 4.0
	{500, noClassText, ErrInvalid, final},
	// What a validation cannot put on one key, such as a client override that does not parse.
	{500, "org.apache.kafka.common.config.ConfigException: ", ErrInvalid, final},
	{409, " already exists", ErrExists, final},
	{409, "stale configuration", ErrStale, again},
	{409, "no known leader URL", ErrNoLeader, again},
	// Anything else is "conflicting operation (e.g. worker rebalance)".
	{409, "", ErrRebalancing, again},
	{405, "", ErrUnsupported, final},
	{404, noEndpointText, ErrUnsupported, final},
	{404, "No status found for connector", ErrNoStatus, final},
	{404, "No status found for task", ErrNotFound, final},
	{404, "Unknown task", ErrNotFound, final},
	{404, "Unknown plugin", ErrNotFound, final},
	{400, "", ErrInvalid, final},
}

// byStatus is what a status means whoever sent it.
var byStatus = map[int]struct {
	is      error
	then    verdict
	message string
}{
	http.StatusUnauthorized:       {ErrUnauthorized, final, "the worker wants a user name and password, or a token, that it accepts"},
	http.StatusForbidden:          {ErrForbidden, final, "these credentials are not allowed to do this"},
	http.StatusProxyAuthRequired:  {ErrUnauthorized, final, "the proxy does not accept the user name and password of its URL"},
	http.StatusTooManyRequests:    {ErrUnavailable, again, "too many requests"},
	http.StatusRequestTimeout:     {ErrUnavailable, lost, "what stands before the worker gave up"},
	http.StatusBadGateway:         {ErrUnavailable, lost, "what stands before the worker cannot reach it"},
	http.StatusServiceUnavailable: {ErrUnavailable, lost, "no worker is ready"},
	http.StatusGatewayTimeout:     {ErrUnavailable, lost, "what stands before the worker had no answer from it"},
}

// read fills in what an answer that is not a success means. name is the connector that it is about.
// What it means is read from the message as it came; what is kept of the message has no secrets.
func (e *Error) read(resp *http.Response, body []byte, name string, secrets *Secrets) {
	said, ours := decodeMessage(body)
	e.Code, e.Message = said.Code, sayable(said.Message, secrets)
	switch known, ok := byStatus[e.Status]; {
	case ok:
		e.mean(known.is, known.then)
		e.Message = strings.TrimSuffix(known.message+": "+e.Message, ": ")
	case !ours:
		e.readForeign(resp, body)
	case e.Status == http.StatusNotFound && namesConnector(said.Message, name):
		e.mean(ErrNotFound, final)
	default:
		e.readMessage(said.Message)
	}
	if slices.Contains(e.is, ErrInvalid) {
		e.Problems = problems(said.Message, secrets)
	}
}

// namesConnector reports whether the message says that the very connector that was asked for is not
// there. Nothing else counts as absence: a worker that starts answers 404 to everything.
func namesConnector(message, name string) bool {
	return name != "" && slices.Contains([]string{
		"Connector " + name + " not found",
		"Unknown connector " + name,
		"Unknown connector: " + name,
	}, message)
}

// readMessage fills in what one of Connect's own messages means.
func (e *Error) readMessage(said string) {
	for _, m := range meanings {
		if m.status == e.Status && strings.Contains(said, m.text) {
			e.mean(m.is, m.then)
			return
		}
	}
}

// readForeign fills in what an answer means that does not have the shape of Connect's.
func (e *Error) readForeign(resp *http.Response, body []byte) {
	e.Message = describe(resp, body)
	switch {
	case e.Status == http.StatusNotFound:
		// A worker that is starting, or an ingress that has no worker yet.
		e.mean(ErrStarting, again)
	case e.Status == http.StatusMethodNotAllowed:
		e.mean(ErrUnsupported, final)
	case e.Status >= 500:
		// A worker that is shutting down answers 500 with nothing to what it was doing.
		e.mean(ErrUnavailable, lost)
	}
}

func (e *Error) mean(is error, then verdict) {
	e.is, e.then = []error{is}, then
}

// proxyError is a proxy that does not connect to the worker.
type proxyError struct{ status int }

func (e *proxyError) Error() string { return "the proxy answers " + http.StatusText(e.status) }

// silence fills in what it means that no answer came, or not all of it. onWire tells whether there
// was a connection to send the request on; without, it was surely not carried out.
func (e *Error) silence(err error, onWire bool, secrets *Secrets) {
	defer func() { e.Message = secrets.Hide(e.Message) }()
	if outer := (*url.Error)(nil); errors.As(err, &outer) {
		err = outer.Err // the request is named by Error itself
	}
	e.Message = err.Error()
	proxy := (*proxyError)(nil)
	switch {
	case untrusted(err):
		e.Message = "no secure connection: " + e.Message
	case errors.As(err, &proxy) && proxy.status < 500:
		e.Status = proxy.status
		if known, ok := byStatus[proxy.status]; ok {
			e.Message = known.message
			e.mean(known.is, final)
		}
	case strings.Contains(e.Message, "socks connect") && strings.Contains(e.Message, "authentication"):
		e.mean(ErrUnauthorized, final)
	case !onWire:
		e.Message = "no connection: " + e.Message
		e.mean(ErrUnavailable, again)
	case errors.Is(err, context.DeadlineExceeded):
		e.Message = "no answer in time"
		e.mean(ErrUnavailable, lost)
	default:
		e.Message = "no whole answer: " + e.Message
		e.mean(ErrUnavailable, lost)
	}
}

// untrusted reports whether one side does not accept the other's certificate, or does not speak TLS at
// all. Waiting does not change that.
func untrusted(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		record       tls.RecordHeaderError
		authority    x509.UnknownAuthorityError
		host         x509.HostnameError
		invalid      x509.CertificateInvalidError
		operation    *net.OpError
	)
	return errors.As(err, &verification) || errors.As(err, &record) || errors.As(err, &authority) ||
		errors.As(err, &host) || errors.As(err, &invalid) || errors.Is(err, http.ErrSchemeMismatch) ||
		// A TLS alert: the worker refuses the client's certificate, version or ciphers.
		errors.As(err, &operation) && operation.Op == "remote error"
}
