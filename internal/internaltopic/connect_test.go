package internaltopic

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

func readFile(t testing.TB, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestConnects(t *testing.T) {
	s := realBroker(t)
	admin := s.Options.Users[0]
	ca := readFile(t, s.Certificates.CAFile)
	sasl := func(mechanism, password string) kafkaclient.Config {
		return kafkaclient.Config{
			BootstrapServers: []string{s.BootstrapSASL()}, TLS: kafkaclient.TLS{CAPEM: ca},
			SASL: kafkaclient.SASL{Mechanism: mechanism, Username: admin.Name, Password: password},
		}
	}
	mutual := kafkaclient.Config{BootstrapServers: []string{s.BootstrapMTLS()}, TLS: kafkaclient.TLS{
		CAPEM: ca, CertificatePEM: readFile(t, s.Certificates.ClientCertFile), PrivateKeyPEM: readFile(t, s.Certificates.ClientKeyFile), MinVersion: "TLSv1.3",
	}}
	properties, ignored, err := kafkaclient.ParseProperties(strings.NewReplacer("SERVERS", s.BootstrapSASL(), "CA", s.Certificates.CAFile, "PASSWORD", admin.Password).Replace(`
bootstrap.servers=SERVERS
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="PASSWORD";
ssl.protocol=TLSv1.2
ssl.enabled.protocols=TLSv1.2
ssl.truststore.type=PEM
ssl.truststore.location=CA
acks=all
`))
	if err != nil || len(ignored) != 1 {
		t.Fatalf("properties: %v, ignored %v", err, ignored)
	}
	otherCA := sasl("PLAIN", admin.Password)
	otherCA.TLS.CAPEM = otherAuthority(t)
	otherName := sasl("PLAIN", admin.Password)
	otherName.TLS.ServerName = "elsewhere.example"
	anyName := otherName
	anyName.TLS.SkipHostnameVerify = true
	anyNameOtherCA := otherCA
	anyNameOtherCA.TLS.SkipHostnameVerify = true
	anything := otherCA
	anything.TLS.InsecureSkipVerify = true

	refusal := "certificate"
	if strings.HasPrefix(s.Options.BrokerVersion, "2.") { // on JDK 17 it sends an alert that clients cannot decrypt
		refusal = "tls"
	}

	for name, c := range map[string]struct {
		config kafkaclient.Config
		want   error
		says   string
	}{
		"plaintext":             {config: kafkaclient.Config{BootstrapServers: strings.Split(s.Bootstrap(), ",")}},
		"PLAIN":                 {config: sasl("PLAIN", admin.Password)},
		"SCRAM-SHA-256":         {config: sasl("SCRAM-SHA-256", admin.Password)},
		"SCRAM-SHA-512":         {config: sasl("SCRAM-SHA-512", admin.Password)},
		"mutual TLS":            {mutual, kafkaclient.ErrUnauthorized, "User:CN=client"},
		"properties":            {config: properties},
		"any host name":         {config: anyName},
		"any certificate":       {config: anything},
		"first server dead":     {config: kafkaclient.Config{BootstrapServers: []string{"127.0.0.1:1", s.Bootstrap()}}},
		"wrong PLAIN":           {sasl("PLAIN", "wrong-password"), kafkaclient.ErrUnauthenticated, "Authentication failed"},
		"wrong SCRAM":           {sasl("SCRAM-SHA-512", "wrong-password"), kafkaclient.ErrUnauthenticated, "SASL"},
		"mechanism not there":   {sasl("OAUTHBEARER", ""), kafkaclient.ErrUnauthenticated, "mechanism"},
		"wrong CA":              {otherCA, kafkaclient.ErrUnreachable, "not signed by a trusted authority"},
		"wrong CA, any name":    {anyNameOtherCA, kafkaclient.ErrUnreachable, "not signed by a trusted authority"},
		"wrong host name":       {otherName, kafkaclient.ErrUnreachable, "elsewhere.example"},
		"nobody there":          {kafkaclient.Config{BootstrapServers: []string{"127.0.0.1:1"}}, kafkaclient.ErrUnreachable, "127.0.0.1:1"},
		"name unknown":          {kafkaclient.Config{BootstrapServers: []string{"broker.invalid:9092"}}, kafkaclient.ErrUnreachable, "broker.invalid"},
		"TLS missing":           {kafkaclient.Config{BootstrapServers: []string{s.BootstrapSASL()}}, kafkaclient.ErrUnreachable, "tls endpoint"},
		"no TLS there":          {kafkaclient.Config{BootstrapServers: []string{s.Bootstrap()}, TLS: kafkaclient.TLS{CAPEM: ca}}, kafkaclient.ErrUnreachable, ""},
		"no client certificate": {kafkaclient.Config{BootstrapServers: []string{s.BootstrapMTLS()}, TLS: kafkaclient.TLS{CAPEM: ca}}, kafkaclient.ErrUnreachable, refusal},
	} {
		t.Run(name, func(t *testing.T) {
			if c.config.SASL.Mechanism == "OAUTHBEARER" {
				c.config.SASL = kafkaclient.SASL{Mechanism: "OAUTHBEARER", OAuth: kafkaclient.OAuth{Token: "token"}}
			}
			client, err := New(c.config)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			begin := time.Now()
			_, err = client.Topic(t.Context(), "no-such-topic")
			want := c.want
			if want == nil {
				want = ErrNotFound
			}
			if !errors.Is(err, want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("want %v with %q, got %v", want, c.says, err)
			}
			t.Logf("%v after %s", err, time.Since(begin))
			for _, secret := range []string{"wrong-password", admin.Password} {
				if strings.Contains(err.Error(), secret) {
					t.Error("the error holds a password")
				}
			}
		})
	}
}

// otherAuthority makes a certificate authority that has signed nothing.
func otherAuthority(t testing.TB) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "other"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
