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
	"time"

	"golang.org/x/net/http/httpproxy"
	"golang.org/x/net/idna"
)

const (
	// connectTimeout bounds a connection attempt, so that a worker that does not respond costs seconds and
	// not the whole request timeout.
	connectTimeout = 10 * time.Second

	// idleTimeout is below the 30 s after which a worker closes an idle connection: a write on a connection
	// that is being closed would be lost.
	idleTimeout = 20 * time.Second

	// idlePerHost is above the number of requests that callers send at the same time.
	idlePerHost = 64
)

// transport returns the connections to the workers.
func (cfg Config) transport(workers []*url.URL) (*http.Transport, error) {
	worker, proxy, tlsErr := cfg.TLS.build()
	choose, proxyErr := cfg.proxy()
	if err := errors.Join(tlsErr, proxyErr); err != nil {
		return nil, err
	}
	dial := (&net.Dialer{Timeout: connectTimeout}).DialContext
	return &http.Transport{
		Proxy:               choose,
		DialContext:         dial,
		DialTLSContext:      dialTLS(dial, workers, worker, proxy),
		TLSClientConfig:     worker, // for workers behind a proxy
		TLSHandshakeTimeout: connectTimeout,
		MaxIdleConnsPerHost: idlePerHost,
		IdleConnTimeout:     idleTimeout,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode != http.StatusOK {
				return &proxyError{resp.StatusCode}
			}
			return nil
		},
	}, nil
}

// dialTLS uses one TLS configuration for workers and another one for an https proxy: the server name of the worker does
// not match the proxy's certificate, and the proxy must not get the client certificate. http.Transport has only one
// configuration for both.
func dialTLS(
	dial func(context.Context, string, string) (net.Conn, error), workers []*url.URL, worker, proxy *tls.Config,
) func(context.Context, string, string) (net.Conn, error) {
	isWorker := map[string]bool{}
	for _, u := range workers {
		isWorker[strings.ToLower(hostPort(u))] = true
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		config := proxy
		if isWorker[strings.ToLower(address)] {
			config = worker
		}
		config = config.Clone()
		if config.ServerName == "" {
			config.ServerName, _, _ = net.SplitHostPort(address)
		}
		raw, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(ctx, connectTimeout)
		defer cancel()
		conn := tls.Client(raw, config)
		if err := conn.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, err
		}
		return conn, nil
	}
}

// hostPort returns the address that http.Transport dials for an https URL.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
	}
	host := u.Hostname()
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	return net.JoinHostPort(host, port)
}

// build returns the TLS configuration for workers and the one for an https proxy. The proxy is trusted by the authorities
// of the operating system and of CAPEM.
func (t TLS) build() (worker, proxy *tls.Config, err error) {
	worker = &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         t.ServerName,
		InsecureSkipVerify: t.InsecureSkipVerify, //nolint:gosec // the user's explicit choice
	}
	proxy = &tls.Config{MinVersion: tls.VersionTLS12}
	return worker, proxy, errors.Join(t.addAuthorities(worker, proxy), t.addCertificate(worker))
}

func (t TLS) addAuthorities(worker, proxy *tls.Config) error {
	if t.CAPEM == "" {
		return nil
	}
	worker.RootCAs = x509.NewCertPool()
	if !worker.RootCAs.AppendCertsFromPEM([]byte(t.CAPEM)) {
		return &ConfigError{"tls.ca_pem", "contains no certificate in PEM format"}
	}
	proxy.RootCAs = x509.NewCertPool()
	if system, err := x509.SystemCertPool(); err == nil {
		proxy.RootCAs = system
	}
	proxy.RootCAs.AppendCertsFromPEM([]byte(t.CAPEM))
	return nil
}

func (t TLS) addCertificate(worker *tls.Config) error {
	switch {
	case t.CertificatePEM == "" && t.PrivateKeyPEM == "":
		return nil
	case t.PrivateKeyPEM == "":
		return &ConfigError{"tls.private_key_pem", "is required with certificate_pem"}
	case t.CertificatePEM == "":
		return &ConfigError{"tls.certificate_pem", "is required with private_key_pem"}
	case strings.Contains(t.PrivateKeyPEM, "ENCRYPTED"):
		return &ConfigError{"tls.private_key_pem", "is encrypted: decrypt the key first, with openssl pkey"}
	case !x509.NewCertPool().AppendCertsFromPEM([]byte(t.CertificatePEM)):
		return &ConfigError{"tls.certificate_pem", "contains no certificate in PEM format"}
	}
	pair, err := tls.X509KeyPair([]byte(t.CertificatePEM), []byte(t.PrivateKeyPEM))
	if err != nil {
		return &ConfigError{"tls.private_key_pem", "is invalid: " + strings.TrimPrefix(err.Error(), "tls: ")}
	}
	worker.Certificates = []tls.Certificate{pair}
	return nil
}

// proxy returns the function that chooses the proxy of a request.
func (cfg Config) proxy() (func(*http.Request) (*url.URL, error), error) {
	if cfg.ProxyURL == "" {
		// http.ProxyFromEnvironment reads the environment only once per process.
		choose := httpproxy.FromEnvironment().ProxyFunc()
		return func(req *http.Request) (*url.URL, error) { return choose(req.URL) }, nil
	}
	u, err := parseURL("proxy_url", cfg.ProxyURL, "http", "https", "socks5", "socks5h")
	if err != nil {
		return nil, err
	}
	return http.ProxyURL(u), nil
}
