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
	"time"
)

// What an answer means. Test with errors.Is; [Error] has the details.
var (
	ErrNotFound      = errors.New("not found")             // the worker reports that this connector, task or plugin does not exist
	ErrNoStatus      = errors.New("no status yet")         // the connector has no status, which is normal right after its creation
	ErrExists        = errors.New("already exists")        // a connector of this name exists, with another configuration
	ErrInvalid       = errors.New("invalid")               // the worker rejects the configuration: see [Error.Problems]
	ErrUnauthorized  = errors.New("not authenticated")     // 401, or 407 from a proxy
	ErrForbidden     = errors.New("not allowed")           // 403
	ErrTooLarge      = errors.New("too large")             // 413, 414 or 431
	ErrUnsupported   = errors.New("not supported")         // the worker is too old, or the URL's base path is wrong
	ErrRebalancing   = errors.New("group is rebalancing")  // temporary; retried
	ErrStale         = errors.New("stale configuration")   // temporary; retried
	ErrNoLeader      = errors.New("no known leader")       // usually temporary; retried
	ErrStarting      = errors.New("worker is starting")    // temporary; retried
	ErrUnavailable   = errors.New("worker is unavailable") // no connection, no answer, or 502, 503 or 504; retried
	ErrGroupNotEmpty = errors.New("group has members")     // of a sink whose offsets are changed; temporary; retried
	ErrForeign       = errors.New("not Kafka Connect")     // another server answers, or the worker's address is wrong
	ErrIndeterminate = errors.New("outcome is not known")  // a write whose answer was lost may have been executed

	ErrOtherConnector = errors.New("answer about another connector") // nothing in it is used

	// ErrNoTopicTracking means that the workers run with topic.tracking.enable=false. It comes with [ErrForbidden].
	ErrNoTopicTracking = errors.New("topic tracking is disabled")

	// ErrDifferentClusters means that [Config.URLs] lead to different clusters. The request was not sent.
	ErrDifferentClusters = errors.New("different clusters")
)

// ErrTimedOut means that the worker did not answer in time. It is an [ErrUnavailable]. Workers themselves wait up to 90 s,
// mostly for a connector that connects to its systems while it checks its configuration.
var ErrTimedOut = fmt.Errorf("timed out: %w", ErrUnavailable)

// errNotStarted reports that a restart was executed and the connector or task failed to start. Workers before 3.0 wait
// for the start, and may use a configuration that they are about to replace.
var errNotStarted = errors.New("failed to start")

// errNoInitialState reports a worker that can only create connectors in state RUNNING.
var errNoInitialState = fmt.Errorf("initial state: %w", ErrUnsupported)

// Error is a request that failed. It contains no secrets: neither the client's credentials nor the values of
// [WithSecrets].
type Error struct {
	Method  string
	Host    string // the worker, as host:port
	Path    string // the escaped path, without the URL's base path and without the query
	Status  int    // 0 if no answer came
	Code    int    // error_code of the worker's answer, 0 if there was none
	Message string // the worker's message, or the reason why there is none

	// Problems lists what is wrong with a configuration, for [ErrInvalid].
	Problems []Problem

	// Attempts is how often the request was sent.
	Attempts int

	base       *url.URL // the worker, for the message
	kinds      []error  // the sentinel errors above that this error is
	quick      bool     // a running server does not cause this: [Client.Reach] does not wait long
	retry      retry
	retryAfter time.Duration // the pause that the worker asked for
	foreign    bool          // the answer does not have the form of Connect's errors
	ended      error         // the context's error, if the context ended the attempts
}

// Error returns the request, the worker and its message.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: ", e.Method, e.url())
	if e.ended != nil {
		b.WriteString(attempts(e.ended, e.Attempts))
		if slices.Contains(e.kinds, ErrIndeterminate) {
			b.WriteString("the worker may have executed the request; ")
		}
		b.WriteString("last answer: ")
	}
	b.WriteString(e.Message)
	if e.Status != 0 {
		fmt.Fprintf(&b, " (%d)", e.Status)
	}
	return b.String()
}

// url returns the address that the request was sent to.
func (e *Error) url() string {
	if e.base == nil {
		return e.Host + e.Path
	}
	return e.base.Scheme + "://" + e.Host + e.base.EscapedPath() + e.Path
}

// attempts returns how many attempts there were until the context ended.
func attempts(ended error, n int) string {
	how := "interrupted"
	if errors.Is(ended, context.DeadlineExceeded) {
		how = "timed out"
	}
	if n == 1 {
		return how + " after one attempt; "
	}
	return fmt.Sprintf("%s after %d attempts; ", how, n)
}

// SendsConfig reports whether the request was a creation or an update of a configuration, which the worker validates.
func (e *Error) SendsConfig() bool {
	return e.Method != http.MethodGet && (e.Path == "/connectors" || strings.HasSuffix(e.Path, "/config"))
}

// Unwrap returns the sentinel errors, and the context's error if the context ended the attempts.
func (e *Error) Unwrap() []error {
	if e.ended != nil {
		return append(slices.Clone(e.kinds), e.ended)
	}
	return e.kinds
}

func (e *Error) classify(kind error, retry retry) { e.kinds, e.retry = []error{kind}, retry }

// unresolved is the error of a write whose answer was lost and that could not be read back.
func unresolved(lost *Error, err error) error {
	return fmt.Errorf("%w; reading back whether the worker executed the request failed: %w", lost, err)
}

// meanings maps Connect's messages to their meaning. The first line that matches counts.
var meanings = []struct {
	status int
	text   string
	kind   error
	retry  retry
}{
	// During a rebalance a GET is answered with 500, a write with 409.
	{500, "because a rebalance is expected", ErrRebalancing, retrySafe},
	// The worker's REST layer gave up, not its herder: the write may still be executed.
	{500, "Request timed out", ErrTimedOut, outcomeUnknown},
	// The leader became unreachable while this worker forwarded the request.
	{500, "IO Error trying to forward REST request", ErrUnavailable, outcomeUnknown},
	{500, notReadyText, ErrStarting, retrySafe},
	{500, `Unrecognized field "initial_state"`, errNoInitialState, noRetry},
	{500, "Failed to start connector", errNotStarted, noRetry},
	{500, "Failed to start task", errNotStarted, noRetry},
	// The consumer group of a sink has members until its last task has left.
	{500, "this operation can be safely retried", ErrGroupNotEmpty, retrySafe},
	{500, "Failed to find any class that implements", ErrInvalid, noRetry}, // 400 since 4.0
	{500, noClassText, ErrInvalid, noRetry},
	// What a validation cannot assign to one key, such as a client override that does not parse.
	{500, "org.apache.kafka.common.config.ConfigException: ", ErrInvalid, noRetry},
	{500, "Invalid value ", ErrInvalid, noRetry}, // the same in the answer to a creation or update
	{409, " already exists", ErrExists, noRetry},
	{409, "stale configuration", ErrStale, retrySafe},
	{409, "no known leader URL", ErrNoLeader, retrySafe},
	// Anything else is "conflicting operation (e.g. worker rebalance)".
	{409, "", ErrRebalancing, retrySafe},
	{405, "", ErrUnsupported, noRetry},
	{404, noEndpointText, ErrUnsupported, noRetry},
	{404, "No status found for connector", ErrNoStatus, noRetry},
	{404, "No status found for task", ErrNotFound, noRetry},
	{404, "Unknown task", ErrNotFound, noRetry},
	{404, "Unknown plugin", ErrNotFound, noRetry},
	{400, "", ErrInvalid, noRetry},
}

// forwardedText begins the messages of workers from 2.8 to 3.3 that have forwarded a request to the leader: they answer
// 500 whatever the leader has answered (KAFKA-13702). A message that begins with "IO Error" is another one: see meanings.
const forwardedText = "Error trying to forward REST request: "

// noTopicTrackingText is in the 403 of a worker with topic.tracking.enable=false (KIP-558).
const noTopicTrackingText = "Topic tracking is disabled"

// answersOfLeaders are the messages of a leader and the statuses that it has sent them with, for followers that hide the
// status. The 404 of a named connector is recognised by [namesConnector].
var answersOfLeaders = []struct {
	text   string
	status int
}{
	{" already exists", http.StatusConflict},
	{"stale configuration", http.StatusConflict},
	{"no known leader URL", http.StatusConflict},
	{"conflicting operation", http.StatusConflict},
	{"Unknown task", http.StatusNotFound},
	{"No status found for", http.StatusNotFound},
	{"Connector configuration is invalid and contains", http.StatusBadRequest},
	{noClassText, http.StatusBadRequest},
	{"doesn't match connector name in the URL", http.StatusBadRequest},
}

// unwrapped returns the message and the status of the leader's answer, if a follower wraps them. Other messages are
// returned as they are. A message that is not listed keeps its status.
func unwrapped(status int, message, name string) (int, string) {
	leaders, wrapped := strings.CutPrefix(message, forwardedText)
	if !wrapped || status != http.StatusInternalServerError {
		return status, message
	}
	for ; wrapped; leaders, wrapped = strings.CutPrefix(leaders, forwardedText) { // a second hop
		message = leaders
	}
	if namesConnector(message, name) {
		return http.StatusNotFound, message
	}
	for _, known := range answersOfLeaders {
		if strings.Contains(message, known.text) {
			return known.status, message
		}
	}
	return status, message
}

// byStatus maps a status to its meaning, whether a worker or a proxy sent it.
var byStatus = map[int]struct {
	kind    error
	retry   retry
	message string
}{
	http.StatusUnauthorized:                {ErrUnauthorized, noRetry, "the worker requires a valid user name and password, or a valid token"},
	http.StatusForbidden:                   {ErrForbidden, noRetry, "the user lacks permission for this request"},
	http.StatusProxyAuthRequired:           {ErrUnauthorized, noRetry, "the proxy rejects the user name and password in its URL"},
	http.StatusRequestEntityTooLarge:       {ErrTooLarge, noRetry, "the worker or the proxy in front of it refuses a request of this size"},
	http.StatusRequestURITooLong:           {ErrTooLarge, noRetry, "the worker or the proxy in front of it refuses a URL of this length: shorten the name of the connector"},
	http.StatusRequestHeaderFieldsTooLarge: {ErrTooLarge, noRetry, "the worker or the proxy in front of it refuses headers of this size: shorten the token or the headers in the settings"},
	http.StatusTooManyRequests:             {ErrUnavailable, retrySafe, "too many requests"},
	http.StatusRequestTimeout:              {ErrUnavailable, outcomeUnknown, "the proxy in front of the worker timed out"},
	http.StatusBadGateway:                  {ErrUnavailable, outcomeUnknown, "the proxy in front of the worker cannot reach the worker"},
	http.StatusServiceUnavailable:          {ErrUnavailable, outcomeUnknown, "no worker is available"},
	http.StatusGatewayTimeout:              {ErrUnavailable, outcomeUnknown, "the proxy in front of the worker timed out"},
}

// fromAnswer classifies an answer whose status is not a success. name is the connector that was asked for. The
// unchanged message decides; the message that is kept has no secrets.
func (e *Error) fromAnswer(resp *http.Response, body []byte, name string, secrets *Secrets) {
	code, message, ok := decodeMessage(body)
	status, message := unwrapped(e.Status, message, name)
	e.Code, e.Message, e.retryAfter = code, redacted(message, secrets), retryAfter(resp)
	switch known, byWhomever := byStatus[e.Status]; {
	case byWhomever:
		e.classify(known.kind, known.retry)
		if ok && strings.Contains(message, noTopicTrackingText) {
			e.kinds = append(e.kinds, ErrNoTopicTracking)
		}
		e.Message = strings.TrimSuffix(known.message+": "+e.Message, ": ")
	case !ok:
		e.fromForeign(resp, body)
	case status == http.StatusNotFound && namesConnector(message, name):
		e.classify(ErrNotFound, noRetry)
	default:
		for _, m := range meanings {
			if m.status == status && strings.Contains(message, m.text) {
				e.classify(m.kind, m.retry)
				break
			}
		}
	}
	if slices.Contains(e.kinds, ErrInvalid) {
		e.Problems = problems(message, secrets)
	}
}

// namesConnector reports whether the message says that the requested connector does not exist. No other 404 counts as
// absence: a worker that is starting answers every request with 404.
func namesConnector(message, name string) bool {
	return name != "" && slices.Contains([]string{
		"Connector " + name + " not found",
		"Unknown connector " + name,
		"Unknown connector: " + name,
	}, message)
}

// fromForeign classifies an answer that does not have the JSON form of Connect's errors.
func (e *Error) fromForeign(resp *http.Response, body []byte) {
	e.Message, e.foreign = describe(resp, body), true
	switch {
	case e.Status == http.StatusNotFound:
		// A worker that is starting, or an ingress without a worker.
		e.classify(ErrStarting, retrySafe)
		if !isStarting(body) {
			e.kinds, e.quick = append(e.kinds, ErrForeign), true
		}
	case e.Status < 400:
		e.classify(ErrForeign, noRetry)
	case wantsHTTPS(e.Status, body):
		e.Message = usesHTTPS
		e.classify(ErrForeign, noRetry)
	case e.Status == http.StatusMethodNotAllowed:
		e.classify(ErrUnsupported, noRetry)
	case e.Status >= 500:
		// A worker that is shutting down answers the requests that it is executing with an empty 500.
		e.classify(ErrUnavailable, outcomeUnknown)
	}
}

// proxyError is a proxy's refusal to connect to the worker.
type proxyError struct{ status int }

func (e *proxyError) Error() string {
	return "the proxy refused the connection: " + http.StatusText(e.status)
}

// fromTransport classifies an error of http.Transport: TLS, proxy, no connection (the request was not sent), or a lost
// answer (the worker may have executed the request). onWire tells whether there was a connection.
func (e *Error) fromTransport(err error, onWire bool, secrets *Secrets) {
	e.Message = err.Error()
	proxy, record := (*proxyError)(nil), tls.RecordHeaderError{}
	switch {
	case errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/":
		e.Message = usesHTTP
	case untrusted(err):
		e.Message = "the TLS connection failed: " + strings.TrimPrefix(e.Message, "tls: failed to verify certificate: x509: ") + adviceOnTLS(err)
	case errors.As(err, &proxy) && proxy.status < 500:
		e.Status = proxy.status
		if known, ok := byStatus[proxy.status]; ok {
			e.Message = known.message
			e.classify(known.kind, noRetry)
		}
	case strings.Contains(e.Message, "socks connect") && strings.Contains(e.Message, "authentication"):
		e.classify(ErrUnauthorized, noRetry)
	case !onWire:
		e.Message, e.quick = "no connection: "+e.Message, isQuick(err)
		e.classify(ErrUnavailable, retrySafe)
	case errors.Is(err, context.DeadlineExceeded):
		e.Message = "the worker did not answer before the timeout"
		e.classify(ErrTimedOut, outcomeUnknown)
	case notHTTP(err) != "":
		e.Message = notHTTP(err)
		e.classify(ErrForeign, noRetry)
	default:
		e.Message = noHTTP + e.Message
		e.classify(ErrUnavailable, outcomeUnknown)
	}
	e.Message = secrets.Hide(e.Message)
}

// untrusted reports whether one side rejects the other's certificate, or does not speak TLS. Waiting changes neither.
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
		errors.As(err, &host) || errors.As(err, &invalid) ||
		// A TLS alert: the worker refuses the client's certificate, version or ciphers.
		errors.As(err, &operation) && operation.Op == "remote error"
}
