package connectclient

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// This file recognizes servers that are not Connect workers.

const (
	usesHTTPS = "the server uses https, not http: begin the URL with https://"
	usesHTTP  = "the TLS connection failed: the server uses http, not https: begin the URL with http://"

	// noHTTP begins the message for a connection that was closed before an answer.
	noHTTP = "incomplete answer: "
)

// wantsHTTPS reports whether a server says that it got plain HTTP on a port for TLS.
func wantsHTTPS(status int, body []byte) bool {
	text := strings.ToLower(string(body[:min(len(body), 4096)]))
	return status == http.StatusBadRequest && (strings.Contains(text, "https server") || // Go
		strings.Contains(text, "https port") || // nginx
		strings.Contains(text, "ssl-enabled server port")) // Apache
}

// isStarting reports whether a foreign 404 may be from a worker that is starting: its web server answers so until the worker
// serves requests. An ingress may answer so until there is a worker.
func isStarting(body []byte) bool {
	return len(bytes.TrimSpace(body)) == 0 || bytes.Contains(body, []byte("HTTP ERROR 404")) || bytes.Contains(body, []byte("default backend"))
}

// notHTTP returns why an answer is not HTTP, or "".
func notHTTP(err error) string {
	_, received, ok := strings.Cut(err.Error(), "malformed HTTP ")
	switch {
	case !ok:
		return ""
	case strings.Contains(received, `"\x15\x03`): // a TLS alert
		return usesHTTPS
	}
	return "the server at this address does not use HTTP: set the address of a Connect worker, whose port is 8083 by default"
}

// isQuick reports whether a connection failed in a way that a server that runs does not cause.
func isQuick(err error) bool {
	dns := (*net.DNSError)(nil)
	text := err.Error()
	return errors.As(err, &dns) && dns.IsNotFound || strings.Contains(text, "refused") || strings.Contains(text, "no route to host") ||
		strings.Contains(text, "network is unreachable")
}

// redirect describes a redirect, or returns "". Only the scheme and the host of its target are shown.
func redirect(resp *http.Response) string {
	if resp.StatusCode < 300 || resp.StatusCode > 399 {
		return ""
	}
	const advice = ". If this is the address of a worker, use it as the URL. If it is a login page, use an address " +
		"that reaches the workers without a login page, or set credentials that the login page accepts"
	target, err := resp.Location()
	if err != nil || resp.Request == nil {
		return "a redirect without an address, which is not from Kafka Connect"
	}
	switch from := resp.Request.URL; {
	case target.Hostname() == from.Hostname() && target.Scheme != from.Scheme:
		return "a redirect to " + target.Scheme + "://" + target.Host + ": use this scheme and port in the URL"
	case target.Host != from.Host:
		return "a redirect to " + target.Scheme + "://" + target.Host + advice
	}
	return "a redirect to another path of " + target.Host + ", which is not from Kafka Connect" + advice
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// speaksKafka reports whether a Kafka broker is at the address.
func speaksKafka(ctx context.Context, dial dialer, address string) bool {
	// ApiVersions, version 0: size, API key 18, version, correlation id, no client id. All brokers answer it.
	ask := []byte{0, 0, 0, 10, 0, 18, 0, 0, 'c', 'o', 'n', 'n', 0xff, 0xff}
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(connectTimeout / 2))
	if _, err := conn.Write(ask); err != nil {
		return false
	}
	answer := make([]byte, 8) // size, correlation id
	_, err = io.ReadFull(conn, answer)
	return err == nil && binary.BigEndian.Uint32(answer) < 1<<20 && string(answer[4:]) == "conn"
}

// speaksTLS reports whether a server at the address answers a TLS handshake. Nothing else is sent, so its certificate does
// not matter.
func speaksTLS(ctx context.Context, dial dialer, address string) bool {
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(connectTimeout / 2))
	client := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // asks only whether this is TLS
	err = client.HandshakeContext(ctx)
	alert := (*net.OpError)(nil)
	return err == nil || errors.As(err, &alert) && alert.Op == "remote error"
}
