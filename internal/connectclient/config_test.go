package connectclient_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

const secretValue = "s3cr3t-Value"

func TestConfigErrorsNameTheField(t *testing.T) {
	ours := newAuthority(t)
	pair, other := ours.issue(t), ours.issue(t)
	type config = connectclient.Config
	tls := func(options connectclient.TLS) func(*config) { return func(c *config) { c.TLS = options } }
	for name, test := range map[string]struct {
		change func(*config)
		fields []string
	}{
		"right":                 {func(*config) {}, nil},
		"base path":             {func(c *config) { c.URLs = []string{"https://proxy:8443/connect/"} }, nil},
		"no URL":                {func(c *config) { c.URLs = nil }, []string{"urls"}},
		"bad scheme":            {func(c *config) { c.URLs = append(c.URLs, "ftp://"+secretValue+":8083") }, []string{"urls[1]"}},
		"no scheme":             {func(c *config) { c.URLs = []string{"worker:8083"} }, []string{"urls[0]"}},
		"no host":               {func(c *config) { c.URLs = []string{"http://:8083"} }, []string{"urls[0]"}},
		"no URL at all":         {func(c *config) { c.URLs = []string{"http://" + secretValue + "\x7f"} }, []string{"urls[0]"}},
		"user in URL":           {func(c *config) { c.URLs = []string{"http://u:" + secretValue + "@worker:8083"} }, []string{"urls[0]"}},
		"query":                 {func(c *config) { c.URLs = []string{"http://worker:8083?token=" + secretValue} }, []string{"urls[0]"}},
		"header of the framing": {func(c *config) { c.Headers = map[string]string{"content-length": "1"} }, []string{`headers["content-length"]`}},
		"password without user": {func(c *config) { c.Password = secretValue }, []string{"username"}},
		"basic and bearer":      {func(c *config) { c.Username, c.Password, c.BearerToken = "u", secretValue, secretValue }, []string{"bearer_token"}},
		"colon in user":         {func(c *config) { c.Username, c.Password = "u:v", secretValue }, []string{"username"}},
		"line in token":         {func(c *config) { c.BearerToken = secretValue + "\n" }, []string{"bearer_token"}},
		"header name":           {func(c *config) { c.Headers = map[string]string{"X Y": secretValue} }, []string{`headers["X Y"]`}},
		"header value":          {func(c *config) { c.Headers = map[string]string{"X": secretValue + "\r\n"} }, []string{`headers["X"]`}},
		"two authorizations": {func(c *config) {
			c.BearerToken, c.Headers = secretValue, map[string]string{"authorization": secretValue}
		}, []string{`headers["authorization"]`}},
		"proxy scheme":        {func(c *config) { c.ProxyURL = "ftp://u:" + secretValue + "@proxy" }, []string{"proxy_url"}},
		"proxy without host":  {func(c *config) { c.ProxyURL = "http://u:" + secretValue + "@" }, []string{"proxy_url"}},
		"proxy that is none":  {func(c *config) { c.ProxyURL = "http://u:" + secretValue + "@%zz" }, []string{"proxy_url"}},
		"authority":           {tls(connectclient.TLS{CAPEM: secretValue}), []string{"tls.ca_pem"}},
		"certificate":         {tls(connectclient.TLS{CertificatePEM: secretValue, PrivateKeyPEM: pair.key}), []string{"tls.certificate_pem"}},
		"key":                 {tls(connectclient.TLS{CertificatePEM: pair.cert, PrivateKeyPEM: secretValue}), []string{"tls.private_key_pem"}},
		"key of another":      {tls(connectclient.TLS{CertificatePEM: pair.cert, PrivateKeyPEM: other.key}), []string{"tls.private_key_pem"}},
		"certificate for key": {tls(connectclient.TLS{CertificatePEM: pair.cert, PrivateKeyPEM: pair.cert}), []string{"tls.private_key_pem"}},
		"only certificate":    {tls(connectclient.TLS{CertificatePEM: pair.cert}), []string{"tls.private_key_pem"}},
		"only key":            {tls(connectclient.TLS{PrivateKeyPEM: pair.key}), []string{"tls.certificate_pem"}},
		"encrypted key": {tls(connectclient.TLS{CertificatePEM: pair.cert, PrivateKeyPEM: strings.ReplaceAll(pair.key, "PRIVATE", "ENCRYPTED PRIVATE")}),
			[]string{"tls.private_key_pem"}},
		"many": {func(c *config) {
			c.URLs = []string{"http://ok:1", "x", "y"}
			c.Password, c.ProxyURL, c.TLS.CAPEM = secretValue, secretValue, secretValue
		}, []string{"urls[1]", "urls[2]", "username", "tls.ca_pem", "proxy_url"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config{URLs: []string{"http://worker:8083"}}
			test.change(&cfg)
			err := cfg.Validate()
			if got := fields(err); !slices.Equal(got, test.fields) {
				t.Errorf("got %v (%v), want %v", got, err, test.fields)
			}
			if err != nil && strings.Contains(err.Error(), secretValue) {
				t.Errorf("%q shows the value", err)
			}
		})
	}
}

// fields lists the fields that the errors in err are about.
func fields(err error) []string {
	if wrong := (*connectclient.ConfigError)(nil); errors.As(err, &wrong) {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			var all []string
			for _, err := range joined.Unwrap() {
				all = append(all, fields(err)...)
			}
			return all
		}
		return []string{wrong.Field}
	}
	return nil
}

func TestClassicEncryptedKeyIsRecognised(t *testing.T) {
	ours := newAuthority(t)
	pair := ours.issue(t)
	block := &pem.Block{Type: "EC PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED"}, Bytes: []byte{1}}
	err := connectclient.Config{
		URLs: []string{"https://worker"}, TLS: connectclient.TLS{CertificatePEM: pair.cert, PrivateKeyPEM: string(pem.EncodeToMemory(block))},
	}.Validate()
	if err == nil || !strings.Contains(err.Error(), "is encrypted") {
		t.Errorf("got %v", err)
	}
}

// A key may be in PKCS #8 or in SEC 1 form.
func TestKeyForms(t *testing.T) {
	ours := newAuthority(t)
	template := certificate("ec")
	key := newKey(t)
	_, cert := ours.sign(t, template, key)
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
	cfg := connectclient.Config{URLs: []string{"https://worker"}, TLS: connectclient.TLS{CertificatePEM: cert, PrivateKeyPEM: text}}
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
}
