package connectclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// endless is a patience that ends no test: only an answer that is final does.
var endless = connectclient.Patience{Refused: time.Minute, Silent: time.Minute}

// listen starts a server that handles each connection with the function, and returns its address.
func listen(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
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
			t.Cleanup(func() { _ = conn.Close() })
			go handle(conn)
		}
	}()
	return listener.Addr().String()
}

// silence reads everything and never answers.
func silence(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// broker answers as a Kafka broker does: it closes the connection of a client that sends something else.
func broker(conn net.Conn) {
	defer conn.Close()
	head := make([]byte, 12)
	if _, err := io.ReadFull(conn, head); err != nil || head[0] != 0 || head[5] != 18 {
		return
	}
	_, _ = conn.Write(append([]byte{0, 0, 0, 10}, append(head[8:12], 0, 0, 0, 0, 0, 0)...))
}

// Each of these servers will never answer as a worker, so the wait ends at once.
func TestReach_wrongForGood(t *testing.T) {
	page := func(status int, contentType, body string) connectfake.Effect {
		return connectfake.Answer(status, contentType, body)
	}
	for name, test := range map[string]struct {
		answer connectfake.Effect
		want   string
		kind   error
	}{
		"401":                 {connectfake.Fails(401, "no"), "requires a valid user name", connectclient.ErrUnauthorized},
		"403":                 {connectfake.Fails(403, "no"), "lacks permission", connectclient.ErrForbidden},
		"407":                 {page(407, "", ""), "the proxy rejects", connectclient.ErrUnauthorized},
		"path of a worker":    {connectfake.Fails(404, "HTTP 404 Not Found"), "the path in its URL is wrong", connectclient.ErrUnsupported},
		"login page":          {page(200, "text/html", "<html>log in"), "an HTML page that is not from Kafka Connect", connectclient.ErrForeign},
		"empty object":        {page(200, "application/json", "{}"), "an answer without a version", connectclient.ErrForeign},
		"Elasticsearch":       {page(200, "application/json", `{"name":"es","version":{"number":"8"}}`), "not from Kafka Connect", connectclient.ErrForeign},
		"text":                {page(200, "text/plain", "ok"), "not from Kafka Connect", connectclient.ErrForeign},
		"http to Go's https":  {page(400, "text/plain", "Client sent an HTTP request to an HTTPS server.\n"), "begin the URL with https://", connectclient.ErrForeign},
		"http to nginx":       {page(400, "text/html", "<h1>400 Bad Request</h1>The plain HTTP request was sent to HTTPS port"), "begin the URL with https://", connectclient.ErrForeign},
		"redirect to a login": {redirectTo("https://sso.example.com/login?token=s3cr3t"), "a redirect to https://sso.example.com. If this is the address of a worker", connectclient.ErrForeign},
		"redirect to a path":  {redirectTo("/login"), "a redirect to another path", connectclient.ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			worker, client := newFake(t)
			worker.Inject("", "", connectfake.Always, test.answer)
			_, err := client.Reach(t.Context(), endless)
			if err == nil || !strings.Contains(err.Error(), test.want) || !errors.Is(err, test.kind) || connectclient.MayRecover(err) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("the error shows the query: %v", err)
			}
			if n := worker.Count("GET", "/"); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

func redirectTo(target string) connectfake.Effect {
	return func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) {
		rw.Header().Set("Location", target)
		rw.WriteHeader(http.StatusFound)
	}
}

func TestReach_noHTTP(t *testing.T) {
	authority := newAuthority(t)
	tlsWorker := connectfake.New(t, connectfake.WithTLS(authority.server(t, "127.0.0.1")))
	silentTLS := listen(t, func(conn net.Conn) { // as Java does
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			_, _ = conn.Write([]byte{0x15, 3, 3, 0, 2, 2, 10})
		}
		_ = conn.Close()
	})
	for name, test := range map[string]struct{ url, want string }{
		"broker":             {"http://" + listen(t, broker), "this is the port of a Kafka broker"},
		"ssh":                {"http://" + listen(t, func(conn net.Conn) { _, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9\r\n") }), "does not use HTTP"},
		"TLS alert":          {"http://" + silentTLS, "begin the URL with https://"},
		"https to http":      {"https" + strings.TrimPrefix(connectfake.New(t).URL(), "http"), "begin the URL with http://"},
		"http to https":      {"http" + strings.TrimPrefix(tlsWorker.URL(), "https"), "begin the URL with https://"},
		"unknown authority":  {tlsWorker.URL(), "unknown authority"},
		"https to a broker":  {"https://" + listen(t, broker), "incomplete answer"}, // no TLS at all
		"closes immediately": {"http://" + listen(t, func(conn net.Conn) { _ = conn.Close() }), "incomplete answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mayRecover := test.want == "incomplete answer"
			patience := endless
			if mayRecover {
				patience = connectclient.Patience{}
			}
			_, err := newClient(t, nil, test.url).Reach(t.Context(), patience)
			if mayRecover != connectclient.MayRecover(err) || !mayRecover && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// Workers that are down, starting or silent may come back.
func TestReach_mayRecover(t *testing.T) {
	starting, unavailable, gone := connectfake.New(t), connectfake.New(t), connectfake.New(t)
	starting.Inject("", "", connectfake.Always, connectfake.Starting())
	unavailable.Inject("", "", connectfake.Always, connectfake.Answer(503, "text/html", "<html>no server is available"))
	gone.Stop()
	for name, url := range map[string]string{
		"starting": starting.URL(), "503": unavailable.URL(), "refused": gone.URL(), "silent": "http://" + listen(t, silence),
		"unknown host": "http://worker.invalid:8083",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			short := connectclient.Patience{Refused: 50 * time.Millisecond, Silent: 50 * time.Millisecond}
			_, err := newClient(t, nil, url).Reach(t.Context(), short)
			if !connectclient.MayRecover(err) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The error tells the last answer, not that the wait has ended in the middle of a request.
func TestReach_lastAnswer(t *testing.T) {
	worker, client := newFake(t)
	worker.Inject("", "", 2, connectfake.Answer(503, "text/html", "<html>no server is available"))
	worker.Inject("", "", connectfake.Always, func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() })
	_, err := client.Reach(t.Context(), connectclient.Patience{Silent: 500 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "no worker is available") {
		t.Errorf("got %v", err)
	}
}

// Another server that answers 404 gets a little time: an ingress may not know the worker yet.
func TestReach_foreign404(t *testing.T) {
	worker, client := newFake(t)
	page := connectfake.Answer(404, "text/html", "<html><center>404 Not Found</center><hr>nginx</html>")
	worker.Inject("", "", 4, page) // to GET / and GET /connectors, twice
	if cluster, err := client.Reach(t.Context(), endless); err != nil || cluster.Version == "" {
		t.Errorf("got %+v, %v", cluster, err)
	}
	worker.Inject("", "", connectfake.Always, page)
	_, err := client.Reach(t.Context(), connectclient.Patience{Silent: time.Minute})
	if !errors.Is(err, connectclient.ErrForeign) || connectclient.MayRecover(err) {
		t.Errorf("got %v", err)
	}
}

// A proxy may serve or permit nothing but /connectors.
func TestReach_onlyConnectors(t *testing.T) {
	for name, effect := range map[string]connectfake.Effect{
		"403": connectfake.Fails(403, "no"), "404": connectfake.Answer(404, "text/plain", "404 page not found\n"),
		"page": connectfake.Answer(200, "text/html", "<html>welcome"), "empty 404": connectfake.Answer(404, "", ""),
	} {
		t.Run(name, func(t *testing.T) {
			worker, client := newFake(t)
			worker.Inject("GET", "/", connectfake.Always, effect)
			if _, err := client.Reach(t.Context(), endless); err != nil || worker.Count("GET", "/") != 1 {
				t.Errorf("got %v after %v", err, worker.Requests())
			}
		})
	}
}

func TestReach_pathOfEndpoint(t *testing.T) {
	worker := connectfake.New(t)
	_, err := newClient(t, nil, worker.URL()+"/connectors").Reach(t.Context(), endless)
	if !errors.Is(err, connectclient.ErrForeign) || !strings.Contains(err.Error(), "does not end with /connectors") {
		t.Errorf("got %v", err)
	}
}

// The worker that answers gets the following requests, at whatever place it is listed.
func TestReach_oneOfSeveral(t *testing.T) {
	worker := connectfake.New(t)
	client := newClient(t, nil, "http://"+listen(t, silence), "http://"+listen(t, silence), worker.URL())
	if _, err := client.Reach(t.Context(), endless); err != nil {
		t.Fatal(err)
	}
	worker.Seed("a", "RUNNING", fileSource())
	if _, err := client.Connector(t.Context(), "a"); err != nil {
		t.Error(err)
	}
}

// Errors show the whole URL, as it was sent.
func TestErrorShowsPathOfURL(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	_, err := newClient(t, nil, server.URL+"/connect").Reach(t.Context(), connectclient.Patience{})
	if err == nil || !strings.Contains(err.Error(), "GET "+server.URL+"/connect/: ") {
		t.Errorf("got %v", err)
	}
}

func TestURLsWithoutScheme(t *testing.T) {
	for _, url := range []string{"127.0.0.1:8083", "localhost:8083", "worker", "[::1]:8083"} {
		err := connectclient.Config{URLs: []string{url}}.Validate()
		if err == nil || err.Error() != "urls[0] must begin with http:// or https://" {
			t.Errorf("%s: got %v", url, err)
		}
	}
}

// A request that its context ends says how often it was sent and what it got last.
func TestErrorOfEndedContext(t *testing.T) {
	gone := connectfake.New(t)
	gone.Stop()
	for url, want := range map[string]string{
		"http://" + listen(t, silence): "timed out after one attempt; last answer: none",
		gone.URL():                     "attempts; last answer: no connection: ",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		t.Cleanup(cancel)
		_, err := newClient(t, nil, url).Connector(ctx, "a")
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "GET "+url+"/connectors/a: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
