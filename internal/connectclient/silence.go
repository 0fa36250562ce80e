package connectclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
)

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
