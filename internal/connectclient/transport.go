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
	// connectTimeout bounds a connection attempt, so that a worker that is gone without a word costs
	// seconds and not a whole request's time.
	connectTimeout = 10 * time.Second

	// idleTimeout is below the 30 s after which a worker itself closes an idle connection: a write on
	// a connection that is just being closed would be lost.
	idleTimeout = 20 * time.Second

	// idlePerHost is above the number of requests that callers have under way at once.
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
		TLSClientConfig:     worker, // of workers behind a proxy
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

// dialTLS dials workers with the configuration for workers and an https proxy with its own: a server
// name that is meant for the worker does not fit the proxy, and a client certificate is none of the
// proxy's business. http.Transport itself knows one configuration for both.
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

// build returns the TLS configuration for workers and the one for an https proxy, which is trusted
// because of the operating system or of CAPEM.
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
		return &ConfigError{"TLS.CAPEM", "holds no certificate in PEM"}
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
		return &ConfigError{"TLS.PrivateKeyPEM", "is needed with CertificatePEM"}
	case t.CertificatePEM == "":
		return &ConfigError{"TLS.CertificatePEM", "is needed with PrivateKeyPEM"}
	case strings.Contains(t.PrivateKeyPEM, "ENCRYPTED"):
		return &ConfigError{"TLS.PrivateKeyPEM", "is encrypted: decrypt it first, with openssl pkey"}
	case !x509.NewCertPool().AppendCertsFromPEM([]byte(t.CertificatePEM)):
		return &ConfigError{"TLS.CertificatePEM", "holds no certificate in PEM"}
	}
	pair, err := tls.X509KeyPair([]byte(t.CertificatePEM), []byte(t.PrivateKeyPEM))
	if err != nil {
		return &ConfigError{"TLS.PrivateKeyPEM", strings.TrimPrefix(err.Error(), "tls: ")}
	}
	worker.Certificates = []tls.Certificate{pair}
	return nil
}

// proxy returns the choice of the proxy for a request.
func (cfg Config) proxy() (func(*http.Request) (*url.URL, error), error) {
	if cfg.ProxyURL == "" {
		// Not http.ProxyFromEnvironment, which reads the environment once in the life of a process.
		choose := httpproxy.FromEnvironment().ProxyFunc()
		return func(req *http.Request) (*url.URL, error) { return choose(req.URL) }, nil
	}
	u, err := parseURL("ProxyURL", cfg.ProxyURL, "http", "https", "socks5", "socks5h")
	if err != nil {
		return nil, err
	}
	return http.ProxyURL(u), nil
}
