package kafkaadmin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

func read(t testing.TB, file string) string {
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
	ca := read(t, s.Certificates.CAFile)
	sasl := func(mechanism, password string) Config {
		return Config{
			BootstrapServers: []string{s.BootstrapSASL()}, TLS: TLS{CAPEM: ca},
			SASL: SASL{Mechanism: mechanism, Username: admin.Name, Password: password},
		}
	}
	mutual := Config{BootstrapServers: []string{s.BootstrapMTLS()}, TLS: TLS{
		CAPEM: ca, CertificatePEM: read(t, s.Certificates.ClientCertFile), PrivateKeyPEM: read(t, s.Certificates.ClientKeyFile), MinVersion: "TLSv1.3",
	}}
	properties, ignored, err := ParseProperties(strings.NewReplacer("SERVERS", s.BootstrapSASL(), "CA", s.Certificates.CAFile, "PASSWORD", admin.Password).Replace(`
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

	for name, c := range map[string]struct {
		config Config
		want   error
		says   string
	}{
		"plaintext":             {config: Config{BootstrapServers: strings.Split(s.Bootstrap(), ",")}},
		"PLAIN":                 {config: sasl("PLAIN", admin.Password)},
		"SCRAM-SHA-256":         {config: sasl("SCRAM-SHA-256", admin.Password)},
		"SCRAM-SHA-512":         {config: sasl("SCRAM-SHA-512", admin.Password)},
		"mutual TLS":            {mutual, ErrUnauthorized, "User:CN=client"},
		"properties":            {config: properties},
		"any host name":         {config: anyName},
		"any certificate":       {config: anything},
		"first server dead":     {config: Config{BootstrapServers: []string{"127.0.0.1:1", s.Bootstrap()}}},
		"wrong PLAIN":           {sasl("PLAIN", "wrong-password"), ErrUnauthenticated, "Authentication failed"},
		"wrong SCRAM":           {sasl("SCRAM-SHA-512", "wrong-password"), ErrUnauthenticated, "SASL"},
		"mechanism not there":   {sasl("OAUTHBEARER", ""), ErrUnauthenticated, "mechanism"},
		"wrong CA":              {otherCA, ErrUnreachable, "not signed by an authority that is trusted"},
		"wrong CA, any name":    {anyNameOtherCA, ErrUnreachable, "not signed by an authority that is trusted"},
		"wrong host name":       {otherName, ErrUnreachable, "elsewhere.example"},
		"nobody there":          {Config{BootstrapServers: []string{"127.0.0.1:1"}}, ErrUnreachable, "127.0.0.1:1"},
		"name unknown":          {Config{BootstrapServers: []string{"broker.invalid:9092"}}, ErrUnreachable, "broker.invalid"},
		"TLS missing":           {Config{BootstrapServers: []string{s.BootstrapSASL()}}, ErrUnreachable, "tls endpoint"},
		"no TLS there":          {Config{BootstrapServers: []string{s.Bootstrap()}, TLS: TLS{CAPEM: ca}}, ErrUnreachable, ""},
		"no client certificate": {Config{BootstrapServers: []string{s.BootstrapMTLS()}, TLS: TLS{CAPEM: ca}}, ErrUnreachable, "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.config.SASL.Mechanism == "OAUTHBEARER" {
				c.config.SASL = SASL{Mechanism: "OAUTHBEARER", OAuth: OAuth{Token: "token"}}
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

// A server that accepts connections and says nothing is given up after the time that the configuration allows.
func TestSilentServerIsUnreachable(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := New(Config{BootstrapServers: []string{listener.Addr().String()}, DialTimeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Connect(t.Context()); !errors.Is(err, ErrUnreachable) || !errors.Is(err, errSilent) {
		t.Errorf("want %v, got %v", ErrUnreachable, err)
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
