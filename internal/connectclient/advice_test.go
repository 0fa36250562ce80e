package connectclient_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

const nginxPage = "<html><head><title>%</title></head><body><center><h1>%</h1></center><hr><center>nginx</center></body></html>"

// A request that is too large tells what to change, and is not sent again.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	for status, want := range map[int][]string{
		http.StatusRequestEntityTooLarge:       {"client_max_body_size", "bytes"},
		http.StatusRequestURITooLong:           {"shorten the name"},
		http.StatusRequestHeaderFieldsTooLarge: {"shorten the token or the headers"},
	} {
		worker, client := newFake(t)
		worker.Inject("", "", connectfake.Always, connectfake.Answer(status, "text/html", nginxPage))
		_, _, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning)
		if !errors.Is(err, connectclient.ErrTooLarge) || worker.Count("", "") != 1 {
			t.Errorf("%d: got %v after %d requests", status, err, worker.Count("", ""))
			continue
		}
		for _, text := range want {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%d: %v does not say %q", status, err, text)
			}
		}
		if strings.Contains(err.Error(), "nginx<") || strings.Contains(err.Error(), "not from Kafka Connect") {
			t.Errorf("%d: got %v", status, err)
		}
	}
}

// A worker that cannot write a configuration to Kafka tells no reason. The size may be one.
func TestNotWritten(t *testing.T) {
	t.Parallel()
	large := fileSource()
	large["comment"] = strings.Repeat("x", 600<<10)
	for name, test := range map[string]struct {
		config   map[string]string
		bySize   bool
		reported string
	}{
		"small": {fileSource(), false, "Error writing connector configuration to Kafka"},
		"large": {large, true, "Error writing connector configuration to Kafka"},
		"large, forwarded": {
			large, true, "Error trying to forward REST request: Error writing connector configuration to Kafka",
		},
	} {
		worker, client := newFake(t)
		worker.Inject(http.MethodPost, "", connectfake.Always, connectfake.Fails(http.StatusInternalServerError, test.reported))
		_, _, err := client.CreateConnector(t.Context(), "a", test.config, connectclient.StateRunning)
		if err == nil || worker.Count(http.MethodPost, "") != 1 {
			t.Errorf("%s: got %v after %d requests", name, err, worker.Count(http.MethodPost, ""))
			continue
		}
		if bySize := strings.Contains(err.Error(), "max.request.size") && strings.Contains(err.Error(), "max.message.bytes"); bySize != test.bySize {
			t.Errorf("%s: got %v", name, err)
		}
		if !strings.Contains(err.Error(), "log of the worker has the reason") {
			t.Errorf("%s: %v does not name the log", name, err)
		}
	}
}

// A certificate that is not accepted tells what to change.
func TestTLS_advice(t *testing.T) {
	t.Parallel()
	ours, theirs := newAuthority(t), newAuthority(t)
	expired := certificate("worker")
	expired.NotAfter = time.Now().Add(-time.Minute)
	trusted := connectclient.TLS{CAPEM: ours.pem}
	for name, test := range map[string]struct {
		issued keyPair
		client connectclient.TLS
		want   string
	}{
		"common name only":  {ours.issueFrom(t, certificate("127.0.0.1")), trusted, `only the common name "127.0.0.1"`},
		"another name":      {ours.issue(t, "worker.internal"), trusted, "set tls.server_name to it"},
		"another address":   {ours.issue(t, "10.0.0.7"), trusted, "set tls.server_name to it"},
		"expired":           {ours.issueFrom(t, expired, "127.0.0.1"), trusted, "renew the certificate"},
		"another authority": {theirs.issue(t, "127.0.0.1"), trusted, "set tls.ca_pem"},
	} {
		worker := connectfake.New(t, connectfake.WithTLS(serve(t, test.issued)))
		client := newClient(t, func(cfg *connectclient.Config) { cfg.TLS = test.client }, worker.URL())
		if _, err := client.Cluster(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "failed to verify certificate: x509") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	worker := connectfake.New(t, connectfake.WithTLS(ours.mutual(t, "127.0.0.1")))
	client := newClient(t, func(cfg *connectclient.Config) { cfg.TLS = trusted }, worker.URL())
	if _, err := client.Cluster(t.Context()); err == nil || !strings.Contains(err.Error(), "tls.certificate_pem") {
		t.Errorf("no client certificate: got %v", err)
	}
}
