package connectclient_test

import (
	"crypto/tls"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func TestTLS(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	client, stranger := ours.issue(t), theirs.issue(t)
	local := ours.server(t, "127.0.0.1")
	mutual := ours.mutual(t, "127.0.0.1")
	mutual12 := mutual.Clone()
	mutual12.MaxVersion = tls.VersionTLS12
	elsewhere := ours.server(t, "worker.internal")

	for name, test := range map[string]struct {
		server *tls.Config
		client connectclient.TLS
		want   string // part of the error; empty for success
	}{
		"own authority":        {local, connectclient.TLS{CAPEM: ours.pem}, ""},
		"several authorities":  {local, connectclient.TLS{CAPEM: theirs.pem + ours.pem}, ""},
		"system's authorities": {local, connectclient.TLS{}, "unknown authority"},
		"wrong authority":      {local, connectclient.TLS{CAPEM: theirs.pem}, "unknown authority"},
		"skipped":              {local, connectclient.TLS{InsecureSkipVerify: true}, ""},
		"skipped, wrong authority and name": {
			elsewhere, connectclient.TLS{CAPEM: theirs.pem, ServerName: "other", InsecureSkipVerify: true}, "",
		},
		"server name":        {elsewhere, connectclient.TLS{CAPEM: ours.pem, ServerName: "worker.internal"}, ""},
		"wrong server name":  {local, connectclient.TLS{CAPEM: ours.pem, ServerName: "other"}, "to match other"},
		"host of the URL":    {elsewhere, connectclient.TLS{CAPEM: ours.pem}, "127.0.0.1"},
		"client certificate": {mutual, connectclient.TLS{CAPEM: ours.pem, CertificatePEM: client.cert, PrivateKeyPEM: client.key}, ""},
		"client certificate, TLS 1.2": {
			mutual12, connectclient.TLS{CAPEM: ours.pem, CertificatePEM: client.cert, PrivateKeyPEM: client.key}, "",
		},
		"client certificate, skipped": {
			mutual, connectclient.TLS{InsecureSkipVerify: true, CertificatePEM: client.cert, PrivateKeyPEM: client.key}, "",
		},
		"no client certificate":          {mutual, connectclient.TLS{CAPEM: ours.pem}, "certificate required"},
		"no client certificate, TLS 1.2": {mutual12, connectclient.TLS{CAPEM: ours.pem}, "tls: "},
		"client certificate of another": {
			mutual, connectclient.TLS{CAPEM: ours.pem, CertificatePEM: stranger.cert, PrivateKeyPEM: stranger.key}, "tls: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			worker := connectfake.New(t, connectfake.WithTLS(test.server))
			client := newClient(t, func(cfg *connectclient.Config) { cfg.TLS = test.client }, worker.URL())
			// A write to a worker that is not trusted fails immediately too, without reading back.
			_, _, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning)
			if test.want == "" && err != nil {
				t.Error(err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestTLSTowardsPlainWorker(t *testing.T) {
	worker := connectfake.New(t)
	client := newClient(t, nil, strings.Replace(worker.URL(), "http:", "https:", 1))
	if _, err := client.Connectors(t.Context()); err == nil {
		t.Error("no error")
	}
}

func TestPlainTowardsTLSWorker(t *testing.T) {
	worker := connectfake.New(t, connectfake.WithTLS(newAuthority(t).server(t, "127.0.0.1")))
	client := newClient(t, nil, strings.Replace(worker.URL(), "https:", "http:", 1))
	if _, err := client.Connectors(t.Context()); err == nil {
		t.Error("no error")
	}
}
