package kafkaclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Errors to test for with errors.Is.
var (
	// ErrUnauthorized means that the principal lacks a permission.
	ErrUnauthorized = errors.New("not authorized")
	// ErrUnauthenticated means that the broker refused the credentials.
	ErrUnauthenticated = errors.New("not authenticated")
	// ErrUnreachable means that no bootstrap server could be connected to.
	ErrUnreachable = errors.New("no broker reachable")
)

// Error is a failed operation. It holds no secret.
type Error struct {
	Op        string // The operation, as a verb: "create", "alter settings of".
	Object    string // The object with its kind: `topic "connect-offsets"`. May be empty.
	Principal string // The client's identity as far as its settings tell: "User:alice".
	Err       error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Object != "" {
		b.WriteString(" " + e.Object)
	}
	if e.Principal != "" && errors.Is(e.Err, ErrUnauthorized) {
		b.WriteString(" as " + e.Principal)
	}
	return b.String() + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Fail wraps err in an *Error with the client's principal. It returns nil, and an *Error, as they are.
func (c *Client) Fail(op, object string, err error) error {
	if _, wrapped := errors.AsType[*Error](err); err == nil || wrapped {
		return err
	}
	return &Error{Op: op, Object: object, Principal: c.principal, Err: cause(err)}
}

// kinds maps error codes of brokers to the errors of this package.
var kinds = map[*kerr.Error]error{
	kerr.TopicAuthorizationFailed:           ErrUnauthorized,
	kerr.GroupAuthorizationFailed:           ErrUnauthorized,
	kerr.ClusterAuthorizationFailed:         ErrUnauthorized,
	kerr.TransactionalIDAuthorizationFailed: ErrUnauthorized,
	kerr.SaslAuthenticationFailed:           ErrUnauthenticated,
	kerr.UnsupportedSaslMechanism:           ErrUnauthenticated,
	kerr.IllegalSaslState:                   ErrUnauthenticated,
}

// cause wraps an error of a broker or of the network in the matching error of this package.
func cause(err error) error {
	for answer, kind := range kinds {
		if errors.Is(err, answer) && !errors.Is(err, kind) {
			return fmt.Errorf("%w: %w", kind, err)
		}
	}
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" && !errors.Is(err, ErrUnreachable) {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return err
}

// connectCause adds to a connection error what the user has to correct.
func connectCause(err error) error {
	var (
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		verify    *tls.CertificateVerificationError
	)
	switch err = cause(err); {
	case errors.Is(err, ErrUnauthenticated), errors.Is(err, ErrUnreachable), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &authority):
		return fmt.Errorf("%w: the broker's certificate is not signed by a trusted authority: %w", ErrUnreachable, err)
	case errors.As(err, &hostname):
		return fmt.Errorf("%w: the broker's certificate is for another host: %w", ErrUnreachable, err)
	case errors.As(err, &verify):
		return fmt.Errorf("%w: the broker's certificate is not valid: %w", ErrUnreachable, err)
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: the broker closed the connection, usually because the listener has another security protocol: %w", ErrUnreachable, err)
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}
