package stack_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/stack"
)

// reach sends any request to a broker.
func reach(ctx context.Context, options ...kgo.Opt) error {
	client, err := kgo.NewClient(append(options, kgo.RequestRetries(0))...)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Ping(ctx)
}

func tlsConfig(t *testing.T, s *stack.Stack) *tls.Config {
	t.Helper()
	config, err := s.Certificates.ClientConfig()
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// writeFile writes properties that need no escaping and returns the file's name.
func writeFile(t *testing.T, file string, parts ...map[string]string) string {
	t.Helper()
	var b strings.Builder
	for _, properties := range parts {
		for key, value := range properties {
			fmt.Fprintf(&b, "%s=%s\n", key, value)
		}
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSASLUsersReachTheBroker(t *testing.T) {
	t.Parallel()
	s := stack.Shared(t)
	withoutCertificate := tlsConfig(t, s)
	withoutCertificate.Certificates = nil
	u := s.Options.Users[0]
	for name, mechanism := range map[string]func(password string) sasl.Mechanism{
		"PLAIN": func(password string) sasl.Mechanism {
			return plain.Auth{User: u.Name, Pass: password}.AsMechanism()
		},
		"SCRAM-SHA-256": func(password string) sasl.Mechanism {
			return scram.Auth{User: u.Name, Pass: password}.AsSha256Mechanism()
		},
		"SCRAM-SHA-512": func(password string) sasl.Mechanism {
			return scram.Auth{User: u.Name, Pass: password}.AsSha512Mechanism()
		},
	} {
		base := []kgo.Opt{kgo.SeedBrokers(s.BootstrapSASL()), kgo.DialTLSConfig(withoutCertificate)}
		if err := reach(t.Context(), append(base, kgo.SASL(mechanism(u.Password)))...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := reach(t.Context(), append(base, kgo.SASL(mechanism("wrong")))...); err == nil {
			t.Errorf("%s: a wrong password is let in", name)
		}
	}
}

func TestClientCertificateReachesTheBroker(t *testing.T) {
	t.Parallel()
	s := stack.Shared(t)
	config := tlsConfig(t, s)
	if err := reach(t.Context(), kgo.SeedBrokers(s.BootstrapMTLS()), kgo.DialTLSConfig(config)); err != nil {
		t.Error(err)
	}
	config.Certificates = nil
	if err := reach(t.Context(), kgo.SeedBrokers(s.BootstrapMTLS()), kgo.DialTLSConfig(config)); err == nil {
		t.Error("a client without a certificate is let in")
	}
}

// A password with special characters works through JAAS, properties and SCRAM. An authorizer distinguishes the users.
func TestUsersAndAuthorizer(t *testing.T) {
	t.Parallel()
	s := stack.Start(t, stack.Options{
		Workers: stack.NoWorkers,
		SASLSSL: true,
		Users: []stack.User{
			{Name: "admin", Password: `a"b\c';=#!:${}é漢 `},
			{Name: "nobody", Password: "nobody-secret"},
		},
		Authorizer: true,
	})
	for _, u := range s.Options.Users {
		for _, mechanism := range []sasl.Mechanism{
			plain.Auth{User: u.Name, Pass: u.Password}.AsMechanism(),
			scram.Auth{User: u.Name, Pass: u.Password}.AsSha512Mechanism(),
		} {
			client, err := kgo.NewClient(kgo.SeedBrokers(s.BootstrapSASL()), kgo.DialTLSConfig(tlsConfig(t, s)),
				kgo.SASL(mechanism), kgo.RequestRetries(0), kgo.AllowAutoTopicCreation())
			if err != nil {
				t.Fatal(err)
			}
			err = client.ProduceSync(t.Context(), &kgo.Record{Topic: "allowed", Value: []byte("x")}).FirstErr()
			client.Close()
			if allowed := err == nil; allowed != (u.Name == "admin") {
				t.Errorf("%s by %s: error %v", u.Name, mechanism.Name(), err)
			}
			if err != nil && !strings.Contains(err.Error(), "AUTHORIZATION_FAILED") {
				t.Errorf("%s by %s: %v is not about authorization", u.Name, mechanism.Name(), err)
			}
		}
	}
}

func TestSecuredREST(t *testing.T) {
	t.Parallel()
	s := stack.Shared(t)
	user := stack.User{Name: "rest", Password: `p"q\r = s`}
	w, err := s.AddWorker(t.Context(), stack.WorkerOptions{
		GroupID: "secured-rest", RESTScheme: stack.MutualTLS, RESTUser: user,
	})
	if err != nil {
		t.Fatal(err)
	}
	config := tlsConfig(t, s)
	withCertificate := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	bare := config.Clone()
	bare.Certificates = nil
	withoutCertificate := &http.Client{Transport: &http.Transport{TLSClientConfig: bare}}

	if code, err := status(t.Context(), withCertificate, w.URL+"/connectors", user); err != nil || code != http.StatusOK {
		t.Errorf("certificate and user: status %d, error %v", code, err)
	}
	if code, err := status(t.Context(), withCertificate, w.URL+"/connectors", stack.User{}); err != nil || code != http.StatusUnauthorized {
		t.Errorf("no user: status %d, error %v", code, err)
	}
	if code, err := status(t.Context(), withoutCertificate, w.URL+"/connectors", user); err == nil {
		t.Errorf("no certificate: status %d", code)
	}
	if err := w.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// A standalone worker starts from hand-written files and connects to the SASL_SSL listener.
func TestStandaloneWorkerFromFiles(t *testing.T) {
	t.Parallel()
	s := stack.Shared(t)
	folder := t.TempDir()
	port, err := s.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	u := s.Options.Users[0]
	security := func(prefix string) map[string]string {
		return map[string]string{
			prefix + "security.protocol":       "SASL_SSL",
			prefix + "sasl.mechanism":          "PLAIN",
			prefix + "sasl.jaas.config":        `org.apache.kafka.common.security.plain.PlainLoginModule required username="` + u.Name + `" password="` + u.Password + `";`,
			prefix + "ssl.truststore.type":     "PEM",
			prefix + "ssl.truststore.location": s.Certificates.CAFile,
		}
	}
	worker := writeFile(t, filepath.Join(folder, "worker.properties"), map[string]string{
		"bootstrap.servers":            s.BootstrapSASL(),
		"listeners":                    fmt.Sprintf("HTTP://127.0.0.1:%d", port),
		"offset.storage.file.filename": filepath.Join(folder, "offsets"),
		"key.converter":                "org.apache.kafka.connect.storage.StringConverter",
		"value.converter":              "org.apache.kafka.connect.storage.StringConverter",
	}, security(""), security("producer."), security("consumer."))
	out := filepath.Join(folder, "out")
	w, err := s.AddWorker(t.Context(), stack.WorkerOptions{
		Standalone:     true,
		PropertiesFile: worker,
		Connectors: []string{
			writeFile(t, filepath.Join(folder, "source.properties"), map[string]string{
				"name": "source", "connector.class": fileSource, "file": appendLine(t, filepath.Join(folder, "in"), "alone"), "topic": "alone",
			}),
			writeFile(t, filepath.Join(folder, "sink.properties"), map[string]string{
				"name": "sink", "connector.class": fileSink, "file": out, "topics": "alone",
			}),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the line comes out", func() bool { return text(out) == "alone\n" })
	if err := w.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// A worker of an old version works with brokers of a new version.
func TestOldWorker(t *testing.T) {
	t.Parallel()
	s := stack.Shared(t)
	w, err := s.AddWorker(t.Context(), stack.WorkerOptions{Version: "2.8.2", GroupID: "old-worker"})
	if err != nil {
		t.Fatal(err)
	}
	pipeline(t, w.URL, "old")
	if err := w.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
