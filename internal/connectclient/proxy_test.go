package connectclient_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// workerHost is a host name that only the proxies of these tests can resolve.
const workerHost = "worker.test"

// proxy forwards everything to one worker.
type proxy struct {
	target string
	user   *url.Userinfo // asked for, if not nil
	used   atomic.Int64
}

// ServeHTTP is an http proxy, for requests and tunnels.
func (p *proxy) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	r.Header.Set("Authorization", r.Header.Get("Proxy-Authorization"))
	name, password, _ := r.BasicAuth()
	if p.user != nil && url.UserPassword(name, password).String() != p.user.String() {
		rw.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	if host, _, _ := strings.Cut(r.Host, ":"); host != workerHost {
		rw.WriteHeader(http.StatusTeapot)
		return
	}
	p.used.Add(1)
	if r.Method == http.MethodConnect {
		conn, _, err := rw.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		p.join(r.Context(), conn)
		return
	}
	forward, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+p.target+r.URL.EscapedPath(), r.Body)
	if err != nil {
		return
	}
	forward.Header.Set("Content-Type", r.Header.Get("Content-Type"))
	resp, err := http.DefaultTransport.RoundTrip(forward)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	rw.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(rw, resp.Body)
}

// join connects a connection with the worker until one of them ends.
func (p *proxy) join(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	worker, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.target)
	if err != nil {
		return
	}
	defer worker.Close()
	go func() {
		_, _ = io.Copy(worker, conn)
		_ = worker.Close()
	}()
	_, _ = io.Copy(conn, worker)
}

// serveSOCKS is a SOCKS5 proxy (RFC 1928, 1929) that resolves names itself.
func (p *proxy) serveSOCKS(ctx context.Context, conn net.Conn) error {
	defer conn.Close()
	if _, err := readCounted(conn, 1); err != nil { // the methods on offer
		return err
	}
	method := byte(0)
	if p.user != nil {
		method = 2
	}
	if _, err := conn.Write([]byte{5, method}); err != nil {
		return err
	}
	if p.user != nil {
		name, err := readCounted(conn, 1)
		if err != nil {
			return err
		}
		password, err := readCounted(conn, 0)
		if err != nil {
			return err
		}
		status := byte(0)
		if url.UserPassword(string(name), string(password)).String() != p.user.String() {
			status = 1
		}
		if _, err := conn.Write([]byte{1, status}); err != nil || status != 0 {
			return err
		}
	}
	host, err := readCounted(conn, 4) // version, command, reserved, address type 3
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(conn, make([]byte, 2)); err != nil { // port
		return err
	}
	if string(host) != workerHost {
		return fmt.Errorf("asked for %q", host)
	}
	if _, err := conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0}); err != nil {
		return err
	}
	p.used.Add(1)
	p.join(ctx, conn)
	return nil
}

// readCounted reads what a length byte announces, after skipping some bytes.
func readCounted(r io.Reader, skip int) ([]byte, error) {
	head := make([]byte, skip+1)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	body := make([]byte, head[skip])
	_, err := io.ReadFull(r, body)
	return body, err
}

// start serves the proxy and returns its URL.
func (p *proxy) start(t *testing.T, scheme string, config *tls.Config) string {
	t.Helper()
	if strings.HasPrefix(scheme, "socks") {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				go func() { _ = p.serveSOCKS(t.Context(), conn) }()
			}
		}()
		return (&url.URL{Scheme: scheme, User: p.user, Host: listener.Addr().String()}).String()
	}
	server := httptest.NewUnstartedServer(p)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if scheme == "https" {
		server.TLS = config
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.CloseClientConnections)
	t.Cleanup(server.Close)
	return (&url.URL{Scheme: scheme, User: p.user, Host: server.Listener.Addr().String()}).String()
}

// Every kind of proxy works with plain workers and together with every TLS option.
func TestProxies(t *testing.T) {
	ours := newAuthority(t)
	certificate := ours.issue(t)
	for name, test := range map[string]struct {
		worker *tls.Config
		client connectclient.TLS
	}{
		"plain":         {nil, connectclient.TLS{CAPEM: ours.pem}}, // the authority of the https proxy
		"own authority": {ours.server(t, workerHost), connectclient.TLS{CAPEM: ours.pem}},
		"server name":   {ours.server(t, "other.test"), connectclient.TLS{CAPEM: ours.pem, ServerName: "other.test"}},
		"client certificate": {ours.mutual(t, workerHost), connectclient.TLS{
			CAPEM: ours.pem, CertificatePEM: certificate.cert, PrivateKeyPEM: certificate.key,
		}},
		"skipped": {newAuthority(t).server(t, "other.test"), connectclient.TLS{CAPEM: ours.pem, InsecureSkipVerify: true}},
	} {
		for _, scheme := range []string{"http", "https", "socks5", "socks5h"} {
			for _, user := range []*url.Userinfo{nil, url.UserPassword("proxy user", "p@ss:w/rd")} {
				t.Run(fmt.Sprintf("%s/%s/%v", name, scheme, user != nil), func(t *testing.T) {
					worker := startWorker(t, test.worker)
					p := &proxy{target: hostOf(worker.URL()), user: user}
					// A certificate for this address only: not for the name that the worker's must have.
					proxyURL := p.start(t, scheme, ours.server(t, "127.0.0.1"))
					client := newClient(t, func(cfg *connectclient.Config) {
						cfg.TLS, cfg.ProxyURL = test.client, proxyURL
					}, behindProxy(worker))
					_, outcome, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning)
					if err != nil || outcome != connectclient.Created {
						t.Fatal(outcome, err)
					}
					if p.used.Load() == 0 {
						t.Error("the proxy was not used")
					}
				})
			}
		}
	}
}

func TestProxyFromEnvironment(t *testing.T) {
	ours := newAuthority(t)
	worker := startWorker(t, ours.server(t, "other.test"))
	p := &proxy{target: hostOf(worker.URL()), user: url.UserPassword("u", "secret-of-proxy")}
	t.Setenv("HTTPS_PROXY", p.start(t, "http", nil))
	t.Setenv("NO_PROXY", "")
	client := newClient(t, func(cfg *connectclient.Config) {
		cfg.TLS = connectclient.TLS{CAPEM: ours.pem, ServerName: "other.test"}
	}, behindProxy(worker))
	if _, err := client.Connectors(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p.used.Load() == 0 {
		t.Error("the proxy was not used")
	}
}

// The TLS options for workers do not make an https proxy trusted.
func TestProxyMustBeTrusted(t *testing.T) {
	ours := newAuthority(t)
	worker := startWorker(t, ours.server(t, workerHost))
	p := &proxy{target: hostOf(worker.URL())}
	proxyURL := p.start(t, "https", newAuthority(t).server(t, "127.0.0.1"))
	client := newClient(t, func(cfg *connectclient.Config) {
		cfg.TLS, cfg.ProxyURL = connectclient.TLS{CAPEM: ours.pem, InsecureSkipVerify: true}, proxyURL
	}, behindProxy(worker))
	if _, err := client.Connectors(t.Context()); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("got %v", err)
	}
}

func TestProxyRefusesCredentials(t *testing.T) {
	ours := newAuthority(t)
	for _, scheme := range []string{"http", "https", "socks5"} {
		for name, config := range map[string]*tls.Config{"plain": nil, "TLS": ours.server(t, workerHost)} {
			t.Run(scheme+"/"+name, func(t *testing.T) {
				worker := startWorker(t, config)
				p := &proxy{target: hostOf(worker.URL()), user: url.UserPassword("u", "right")}
				proxyURL := strings.Replace(p.start(t, scheme, ours.server(t, "127.0.0.1")), "right", "wrong", 1)
				client := newClient(t, func(cfg *connectclient.Config) {
					cfg.TLS.CAPEM, cfg.ProxyURL = ours.pem, proxyURL
				}, behindProxy(worker))
				_, err := client.Connectors(t.Context())
				if !errors.Is(err, connectclient.ErrUnauthorized) || strings.Contains(err.Error(), "wrong") {
					t.Errorf("got %v", err)
				}
			})
		}
	}
}

// A proxy that cannot reach the worker yet is retried without reading back: the request was not sent.
func TestProxyWithoutWorker(t *testing.T) {
	ours := newAuthority(t)
	worker := startWorker(t, ours.server(t, workerHost))
	p := &proxy{target: hostOf(worker.URL())}
	refusals := atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if refusals.Add(1) <= 3 {
			rw.WriteHeader(http.StatusBadGateway)
			return
		}
		p.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	client := newClient(t, func(cfg *connectclient.Config) {
		cfg.TLS.CAPEM, cfg.ProxyURL = ours.pem, server.URL
	}, behindProxy(worker))
	if _, _, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning); err != nil {
		t.Fatal(err)
	}
	if n := worker.Count("", ""); n != 1 {
		t.Errorf("the worker was asked %d times, want once", n)
	}
}

func startWorker(t *testing.T, config *tls.Config) *connectfake.Worker {
	t.Helper()
	if config == nil {
		return connectfake.New(t)
	}
	return connectfake.New(t, connectfake.WithTLS(config))
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return u.Host
}

// behindProxy returns the worker's URL with the host name that only the proxies can resolve.
func behindProxy(worker *connectfake.Worker) string {
	scheme, _, _ := strings.Cut(worker.URL(), ":")
	return scheme + "://" + workerHost
}
