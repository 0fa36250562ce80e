package connectclient

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
)

// What workers answer if they cannot write to the topic that stores configurations.
const (
	notWrittenText = "Error writing connector configuration to Kafka"

	// largeBody is half of the size of a record that Kafka's producers and brokers accept by default.
	largeBody = 512 << 10
)

// adviseOnSize adds what to change to the message of a request whose body has this size, if the size is the reason for the
// failure or may be it.
func (e *Error) adviseOnSize(size int) {
	switch {
	case e.Status == http.StatusRequestEntityTooLarge:
		e.Message += fmt.Sprintf("; the request has %d bytes: raise the limit for requests (nginx: client_max_body_size; "+
			"the ingress-nginx annotation: nginx.ingress.kubernetes.io/proxy-body-size)", size)
	case e.Status != http.StatusInternalServerError || !strings.Contains(e.Message, notWrittenText):
	case size < largeBody:
		e.Message += ": the worker cannot write to its config topic; the log of the worker has the reason"
	default:
		e.Message += fmt.Sprintf(": the configuration has %d bytes. Raise max.request.size of the workers (default 1048576) and "+
			"max.message.bytes of their config topic (default 1048588), or make the configuration smaller; the log of the worker has the reason", size)
	}
}

// adviceOnTLS returns what to change after a TLS connection failed, or "".
func adviceOnTLS(err error) string {
	var (
		host      x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		operation *net.OpError
	)
	switch {
	case errors.As(err, &host) && !hasNames(host.Certificate):
		return fmt.Sprintf(": the certificate has no subject alternative name, only the common name %q, which TLS clients do not accept. "+
			"Issue a certificate with the subject alternative name %s", host.Certificate.Subject.CommonName, host.Host)
	case errors.As(err, &host):
		return ": use a name of the certificate in the URL, set tls.server_name to it, or issue a certificate for this name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return ": renew the certificate, or correct the clock of this computer"
	case errors.As(err, &authority):
		return ": set tls.ca_pem to the certificate of the authority that signed it"
	case errors.As(err, &operation) && operation.Op == "remote error" && strings.Contains(err.Error(), "certificate"):
		return ": the server rejects the client certificate. Set tls.certificate_pem and tls.private_key_pem to a certificate that it trusts"
	}
	return ""
}

// hasNames reports whether a certificate has a name that TLS clients compare with the name of the server.
func hasNames(certificate *x509.Certificate) bool {
	const subjectAlternativeName = "2.5.29.17"
	return slices.ContainsFunc(certificate.Extensions, func(extension pkix.Extension) bool {
		return extension.Id.String() == subjectAlternativeName
	})
}
