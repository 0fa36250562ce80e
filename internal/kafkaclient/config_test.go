package kafkaclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestNewNamesTheFieldAtFault(t *testing.T) {
	servers := []string{"broker:9092"}
	for name, c := range map[string]struct {
		config Config
		field  string
	}{
		"least":                   {Config{BootstrapServers: servers}, ""},
		"no servers":              {Config{}, "bootstrap_servers"},
		"no port":                 {Config{BootstrapServers: []string{"broker"}}, "bootstrap_servers"},
		"port out of range":       {Config{BootstrapServers: []string{"broker:99999"}}, "bootstrap_servers"},
		"IPv6":                    {Config{BootstrapServers: []string{"[::1]:9092"}}, ""},
		"protocol":                {Config{BootstrapServers: servers, SecurityProtocol: "TLS"}, "security_protocol"},
		"SASL without it":         {Config{BootstrapServers: servers, SecurityProtocol: "SSL", SASL: SASL{Mechanism: "PLAIN"}}, "sasl"},
		"TLS without it":          {Config{BootstrapServers: servers, SecurityProtocol: "PLAINTEXT", TLS: TLS{ServerName: "x"}}, "tls"},
		"no mechanism":            {Config{BootstrapServers: servers, SASL: SASL{Username: "u", Password: "hidden"}}, "sasl.mechanism"},
		"SASL protocol alone":     {Config{BootstrapServers: servers, SecurityProtocol: "SASL_SSL"}, "sasl.mechanism"},
		"mechanism":               {Config{BootstrapServers: servers, SASL: SASL{Mechanism: "GSSAPI"}}, "sasl.mechanism"},
		"no user":                 {Config{BootstrapServers: servers, SASL: SASL{Mechanism: "PLAIN", Password: "hidden"}}, "sasl.username"},
		"no password":             {Config{BootstrapServers: servers, SASL: SASL{Mechanism: "PLAIN", Username: "u"}}, "sasl.password"},
		"no token":                {Config{BootstrapServers: servers, SASL: SASL{Mechanism: "OAUTHBEARER"}}, "sasl.oauth"},
		"two tokens":              {Config{BootstrapServers: servers, SASL: SASL{Mechanism: "OAUTHBEARER", OAuth: OAuth{Token: "hidden", TokenFile: "f"}}}, "sasl.oauth"},
		"endpoint":                {Config{BootstrapServers: servers, SASL: SASL{Mechanism: "OAUTHBEARER", OAuth: OAuth{TokenEndpoint: "ftp://x"}}}, "sasl.oauth.token_endpoint"},
		"login in the endpoint":   {Config{BootstrapServers: servers, SASL: SASL{Mechanism: "OAUTHBEARER", OAuth: OAuth{TokenEndpoint: "https://hidden:hidden@x", ClientID: "i", ClientSecret: "s"}}}, "sasl.oauth.token_endpoint"},
		"parameter of the client": {Config{BootstrapServers: servers, SASL: SASL{Mechanism: "OAUTHBEARER", OAuth: OAuth{TokenEndpoint: "https://x", ClientID: "i", ClientSecret: "s", EndpointParams: map[string]string{"scope": "hidden"}}}}, "sasl.oauth.endpoint_params"},
		"no client":               {Config{BootstrapServers: servers, SASL: SASL{Mechanism: "OAUTHBEARER", OAuth: OAuth{TokenEndpoint: "https://x"}}}, "sasl.oauth.client_id"},
		"token":                   {Config{BootstrapServers: servers, SASL: SASL{Mechanism: "OAUTHBEARER", OAuth: OAuth{Token: "hidden"}}}, ""},
		"half an AWS key":         {Config{BootstrapServers: servers, SASL: SASL{Mechanism: "AWS_MSK_IAM", AWS: AWS{AccessKeyID: "hidden"}}}, "sasl.aws"},
		"AWS key and profile":     {Config{BootstrapServers: servers, SASL: SASL{Mechanism: "AWS_MSK_IAM", AWS: AWS{AccessKeyID: "hidden", SecretAccessKey: "hidden", Profile: "p"}}}, "sasl.aws.profile"},
		"AWS of the environment":  {Config{BootstrapServers: servers, SASL: SASL{Mechanism: "AWS_MSK_IAM"}}, ""},
		"version":                 {Config{BootstrapServers: servers, TLS: TLS{MinVersion: "TLSv1.1"}}, "tls.min_version"},
		"versions crossed":        {Config{BootstrapServers: servers, TLS: TLS{MinVersion: "TLSv1.3", MaxVersion: "TLSv1.2"}}, "tls.max_version"},
		"CA":                      {Config{BootstrapServers: servers, TLS: TLS{CAPEM: "hidden"}}, "tls.ca_pem"},
		"certificate alone":       {Config{BootstrapServers: servers, TLS: TLS{CertificatePEM: "x"}}, "tls.private_key_pem"},
		"key alone":               {Config{BootstrapServers: servers, TLS: TLS{PrivateKeyPEM: "hidden"}}, "tls.certificate_pem"},
		"no key in it":            {Config{BootstrapServers: servers, TLS: TLS{CertificatePEM: "x", PrivateKeyPEM: "hidden"}}, "tls.private_key_pem"},
		"encrypted key":           {Config{BootstrapServers: servers, TLS: TLS{CertificatePEM: "x", PrivateKeyPEM: "-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n"}}, "tls.private_key_pem"},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := New(c.config)
			if err == nil {
				client.Close()
			}
			var wrong *ConfigError
			switch {
			case c.field == "" && err != nil:
				t.Errorf("got %v", err)
			case c.field != "" && (!errors.As(err, &wrong) || wrong.Field != c.field):
				t.Errorf("want an error about %s, got %v", c.field, err)
			case err != nil && strings.Contains(err.Error(), "hidden"):
				t.Errorf("a secret is in: %v", err)
			}
		})
	}
}

func TestOverlayWinsFieldByField(t *testing.T) {
	base := Config{BootstrapServers: []string{"a:1"}, SecurityProtocol: "SASL_SSL", SASL: SASL{Mechanism: "PLAIN", Username: "u", Password: "old"}, TLS: TLS{CAPEM: "ca"}}
	got := base.Overlay(Config{BootstrapServers: []string{"b:2"}, SASL: SASL{Password: "new"}, TLS: TLS{ServerName: "s"}, RequestTimeout: time.Second})
	want := Config{BootstrapServers: []string{"b:2"}, SecurityProtocol: "SASL_SSL", SASL: SASL{Mechanism: "PLAIN", Username: "u", Password: "new"}, TLS: TLS{CAPEM: "ca", ServerName: "s"}, RequestTimeout: time.Second}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v", got)
	}
}

func TestParseProperties(t *testing.T) {
	pemFile := filepath.Join(t.TempDir(), "store.pem")
	certificate := "-----BEGIN CERTIFICATE-----\nY2VydA==\n-----END CERTIFICATE-----\n"
	key := "-----BEGIN PRIVATE KEY-----\na2V5\n-----END PRIVATE KEY-----\n"
	if err := os.WriteFile(pemFile, []byte(certificate+key), 0o600); err != nil {
		t.Fatal(err)
	}
	inline := strings.ReplaceAll(certificate, "\n", "\\n")
	const plainJAAS = `sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="s\\"ecret";` + "\n"
	sasl := "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n" + plainJAAS
	oauth := "security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nsasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
	saslConfig := func(change func(*Config)) Config {
		c := Config{SecurityProtocol: "SASL_SSL", SASL: SASL{Mechanism: "PLAIN", Username: "u", Password: `s"ecret`}}
		change(&c)
		return c
	}
	for name, c := range map[string]struct {
		text    string
		want    Config
		ignored string
		wrong   string // the key at fault
	}{
		"empty":                  {text: "", want: Config{SecurityProtocol: "PLAINTEXT"}},
		"servers":                {text: "bootstrap.servers=a:1, SASL_SSL://b:2", want: Config{SecurityProtocol: "PLAINTEXT", BootstrapServers: []string{"a:1", "b:2"}}},
		"SASL":                   {text: sasl, want: saslConfig(func(*Config) {})},
		"TLS 1.2":                {text: sasl + "ssl.protocol=TLSv1.2\nssl.enabled.protocols=TLSv1.2", want: saslConfig(func(c *Config) { c.TLS.MinVersion, c.TLS.MaxVersion = "TLSv1.2", "TLSv1.2" })},
		"TLS both":               {text: sasl + "ssl.enabled.protocols=TLSv1.3,TLSv1.2", want: saslConfig(func(c *Config) { c.TLS.MinVersion, c.TLS.MaxVersion = "TLSv1.2", "TLSv1.3" })},
		"any name":               {text: sasl + "ssl.endpoint.identification.algorithm=", want: saslConfig(func(c *Config) { c.TLS.SkipHostnameVerify = true })},
		"time-outs":              {text: "request.timeout.ms=5000\nclient.id=me\nsocket.connection.setup.timeout.ms=100", want: Config{SecurityProtocol: "PLAINTEXT", RequestTimeout: 5 * time.Second, DialTimeout: 100 * time.Millisecond, ClientID: "me"}},
		"other clients' keys":    {text: "acks=all\ngroup.id=x\nkey.serializer=y", want: Config{SecurityProtocol: "PLAINTEXT"}, ignored: "acks group.id key.serializer"},
		"tuning":                 {text: sasl + "sasl.login.refresh.window.factor=0.5\nsasl.kerberos.kinit.cmd=/usr/bin/kinit", want: saslConfig(func(*Config) {}), ignored: "sasl.kerberos.kinit.cmd sasl.login.refresh.window.factor"},
		"SASL keys without SASL": {text: plainJAAS + "sasl.mechanism=PLAIN", want: Config{SecurityProtocol: "PLAINTEXT"}},
		"trust store in a file":  {text: "security.protocol=ssl\nssl.truststore.type=PEM\nssl.truststore.location=" + pemFile, want: Config{SecurityProtocol: "SSL", TLS: TLS{CAPEM: certificate + key}}},
		"trust store inline":     {text: "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.certificates=" + inline, want: Config{SecurityProtocol: "SSL", TLS: TLS{CAPEM: strings.TrimSpace(certificate)}}},
		"key store in a file":    {text: "security.protocol=SSL\nssl.keystore.type=PEM\nssl.keystore.location=" + pemFile, want: Config{SecurityProtocol: "SSL", TLS: TLS{CertificatePEM: certificate, PrivateKeyPEM: key}}},
		"key store inline":       {text: "security.protocol=SSL\nssl.keystore.type=PEM\nssl.keystore.key=k\nssl.keystore.certificate.chain=c", want: Config{SecurityProtocol: "SSL", TLS: TLS{CertificatePEM: "c", PrivateKeyPEM: "k"}}},
		"delegation token":       {text: "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-256\nsasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=u password=p tokenauth=true;", want: Config{SecurityProtocol: "SASL_PLAINTEXT", SASL: SASL{Mechanism: "SCRAM-SHA-256", Username: "u", Password: "p", TokenAuth: true}}},
		"OAuth endpoint": {text: oauth + " clientId=i clientSecret=s scope=x extension_logicalCluster=l;\nsasl.oauthbearer.token.endpoint.url=https://idp/token\nsasl.login.callback.handler.class=org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler",
			want: Config{SecurityProtocol: "SASL_SSL", SASL: SASL{Mechanism: "OAUTHBEARER", OAuth: OAuth{TokenEndpoint: "https://idp/token", ClientID: "i", ClientSecret: "s", Scope: "x", Extensions: map[string]string{"logicalCluster": "l"}}}}},
		"OAuth authority": {text: oauth + " clientId=i clientSecret=s ssl.truststore.type=PEM ssl.truststore.location=\"" + pemFile + "\";\nsasl.oauthbearer.token.endpoint.url=https://idp/token\nsasl.oauthbearer.header.urlencode=true",
			want: Config{SecurityProtocol: "SASL_SSL", SASL: SASL{Mechanism: "OAUTHBEARER", OAuth: OAuth{TokenEndpoint: "https://idp/token", ClientID: "i", ClientSecret: "s", HeaderURLEncode: true, CAPEM: certificate + key}}}},
		"OAuth file": {text: oauth + " ;\nsasl.oauthbearer.token.endpoint.url=file:///run/token", want: Config{SecurityProtocol: "SASL_SSL", SASL: SASL{Mechanism: "OAUTHBEARER", OAuth: OAuth{TokenFile: "/run/token"}}}},
		"MSK IAM":    {text: "security.protocol=SASL_SSL\nsasl.mechanism=AWS_MSK_IAM\nsasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required;\nsasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler", want: Config{SecurityProtocol: "SASL_SSL", SASL: SASL{Mechanism: "AWS_MSK_IAM"}}},

		"AWS profile and role": {text: "security.protocol=SASL_SSL\nsasl.mechanism=AWS_MSK_IAM\nsasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required awsProfileName=dev awsRoleArn=\"arn:aws:iam::1:role/r\" awsDebugCreds=true;", want: Config{SecurityProtocol: "SASL_SSL", SASL: SASL{Mechanism: "AWS_MSK_IAM", AWS: AWS{Profile: "dev", RoleARN: "arn:aws:iam::1:role/r"}}}},

		"JKS":                  {text: "security.protocol=SSL\nssl.truststore.location=/x.jks", wrong: "ssl.truststore.location"},
		"PKCS12":               {text: "security.protocol=SSL\nssl.keystore.type=PKCS12\nssl.keystore.location=/x.p12", wrong: "ssl.keystore.location"},
		"inline without type":  {text: "security.protocol=SSL\nssl.truststore.certificates=x", wrong: "ssl.truststore.type"},
		"password for PEM":     {text: "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.certificates=x\nssl.truststore.password=secret", wrong: "ssl.truststore.password"},
		"file not there":       {text: "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location=/not/there", wrong: "ssl.truststore.location"},
		"encrypted key":        {text: "security.protocol=SSL\nssl.key.password=secret", wrong: "ssl.key.password"},
		"key without chain":    {text: "security.protocol=SSL\nssl.keystore.type=PEM\nssl.keystore.key=secret", wrong: "ssl.keystore.certificate.chain"},
		"Kerberos":             {text: "security.protocol=SASL_SSL\nsasl.mechanism=GSSAPI", wrong: "sasl.mechanism"},
		"Kerberos by default":  {text: "security.protocol=SASL_SSL", wrong: "sasl.mechanism"},
		"no JAAS":              {text: "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN", wrong: "sasl.jaas.config"},
		"broken JAAS":          {text: "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=x required password=secret", wrong: "sasl.jaas.config"},
		"other module":         {text: "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-256\n" + plainJAAS, wrong: "sasl.jaas.config"},
		"AWS option":           {text: "security.protocol=SASL_SSL\nsasl.mechanism=AWS_MSK_IAM\nsasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required awsRoleExternalId=secret;", wrong: "sasl.jaas.config"},
		"unsecured token":      {text: oauth + " unsecuredLoginStringClaim_sub=secret;", wrong: "sasl.jaas.config"},
		"no endpoint":          {text: oauth + ";", wrong: "sasl.oauthbearer.token.endpoint.url"},
		"callback handler":     {text: sasl + "sasl.login.callback.handler.class=com.example.Handler", wrong: "sasl.login.callback.handler.class"},
		"cipher suites":        {text: sasl + "ssl.cipher.suites=TLS_RSA_WITH_AES_256_CBC_SHA", wrong: "ssl.cipher.suites"},
		"old TLS":              {text: sasl + "ssl.enabled.protocols=TLSv1.1,TLSv1.2", wrong: "ssl.enabled.protocols"},
		"unknown protocol":     {text: "security.protocol=TLS", wrong: "security.protocol"},
		"typo":                 {text: sasl + "ssl.trustore.location=/x", wrong: "ssl.trustore.location"},
		"provider placeholder": {text: "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.jaas.config=${file:/secret:jaas}", wrong: "sasl.jaas.config"},
		"not a number":         {text: "request.timeout.ms=soon", wrong: "request.timeout.ms"},
	} {
		t.Run(name, func(t *testing.T) {
			got, ignored, err := ParseProperties(c.text)
			var wrong *ConfigError
			switch {
			case c.wrong == "" && err != nil:
				t.Fatalf("got %v", err)
			case c.wrong != "":
				if !errors.As(err, &wrong) || wrong.Key != c.wrong || wrong.Field != "properties" {
					t.Errorf("want an error about %s, got %v", c.wrong, err)
				}
				if err != nil && strings.Contains(err.Error(), "secret") {
					t.Errorf("a secret is in: %v", err)
				}
				return
			}
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
				t.Errorf("want %+v\n got %+v", c.want, got)
			}
			if strings.Join(ignored, " ") != c.ignored {
				t.Errorf("ignored %v", ignored)
			}
		})
	}
}

func TestTokenEndpoint(t *testing.T) {
	asked := 0
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		id, secret, _ := r.BasicAuth()
		if r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "kafka" || id != "client" || secret != "client-secret" {
			t.Errorf("the request is %v with %v", r.Form, id)
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": fmt.Sprint("token-", asked), "expires_in": 100, "error": map[bool]string{true: "", false: "invalid_client"}[status == http.StatusOK]})
	}))
	defer server.Close()
	now := time.Now()
	tokens := &tokenSource{
		oauth: OAuth{TokenEndpoint: server.URL, ClientID: "client", ClientSecret: "client-secret", Scope: "kafka"},
		http:  server.Client(), now: func() time.Time { return now },
	}
	want := func(token string) {
		t.Helper()
		if got, err := tokens.token(context.Background()); got != token || err != nil {
			t.Errorf("want %s, got %s, %v", token, got, err)
		}
	}
	want("token-1")
	want("token-1")
	now = now.Add(79 * time.Second)
	want("token-1")
	now = now.Add(2 * time.Second)
	want("token-2")
	now, status = now.Add(time.Hour), http.StatusUnauthorized
	_, err := tokens.token(context.Background())
	if !errors.Is(err, ErrUnauthenticated) || !strings.Contains(err.Error(), "invalid_client") || strings.Contains(err.Error(), "client-secret") {
		t.Errorf("got %v", err)
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

// Settings that take precedence decide what is read from a properties file.
func TestOverProperties(t *testing.T) {
	const jaas = "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"p\";\n"
	login := SASL{Mechanism: "PLAIN", Username: "me", Password: "mine"}
	for name, c := range map[string]struct {
		over  Config
		text  string
		want  Config
		wrong string // the key at fault
	}{
		"SASL needs no protocol":       {over: Config{SASL: login}, text: "bootstrap.servers=b:1", want: Config{BootstrapServers: []string{"b:1"}, SecurityProtocol: "SASL_SSL", SASL: login}},
		"TLS needs no protocol":        {over: Config{TLS: TLS{CAPEM: "ca"}}, text: "client.id=x", want: Config{SecurityProtocol: "SSL", TLS: TLS{CAPEM: "ca"}, ClientID: "x"}},
		"the file's protocol":          {over: Config{SASL: login}, text: "security.protocol=SASL_PLAINTEXT", want: Config{SecurityProtocol: "SASL_PLAINTEXT", SASL: login}},
		"SASL from both":               {over: Config{SASL: SASL{Password: "mine"}}, text: "sasl.mechanism=PLAIN\n" + jaas, want: Config{SecurityProtocol: "SASL_SSL", SASL: SASL{Mechanism: "PLAIN", Username: "u", Password: "mine"}}},
		"mechanism of the file":        {over: Config{SASL: SASL{Username: "me", Password: "mine"}}, text: "sasl.mechanism=PLAIN", want: Config{SecurityProtocol: "SASL_SSL", SASL: login}},
		"another mechanism":            {over: Config{SASL: login}, text: "security.protocol=SASL_SSL\nsasl.mechanism=GSSAPI\nsasl.kerberos.service.name=kafka", want: Config{SecurityProtocol: "SASL_SSL", SASL: login}},
		"the file's SASL is not used":  {over: Config{SecurityProtocol: "SSL"}, text: "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n" + jaas, want: Config{SecurityProtocol: "SSL"}},
		"another trust store":          {over: Config{TLS: TLS{CAPEM: "ca"}}, text: "security.protocol=SSL\nssl.truststore.location=/x.jks", want: Config{SecurityProtocol: "SSL", TLS: TLS{CAPEM: "ca"}}},
		"another key store":            {over: Config{TLS: TLS{CertificatePEM: "c", PrivateKeyPEM: "k"}}, text: "security.protocol=SSL\nssl.keystore.location=/x.jks", want: Config{SecurityProtocol: "SSL", TLS: TLS{CertificatePEM: "c", PrivateKeyPEM: "k"}}},
		"SASL keys alone are no login": {text: "sasl.mechanism=PLAIN\n" + jaas, want: Config{SecurityProtocol: "PLAINTEXT"}},
		"no credentials":               {over: Config{SecurityProtocol: "SASL_SSL"}, text: "sasl.mechanism=PLAIN", wrong: "sasl.jaas.config"},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := c.over.OverProperties(c.text)
			if wrong, ok := errors.AsType[*ConfigError](err); c.wrong != "" && (!ok || wrong.Key != c.wrong) || c.wrong == "" && err != nil {
				t.Fatalf("want an error about %q, got %v", c.wrong, err)
			}
			if c.wrong == "" && fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
				t.Errorf("want %+v\n got %+v", c.want, got)
			}
		})
	}
}

// What contradicts a setting that takes precedence is dropped.
func TestOverlayDropsContradictions(t *testing.T) {
	for name, c := range map[string]struct{ base, over, want Config }{
		"protocol without SASL": {
			Config{SASL: SASL{Mechanism: "PLAIN", Username: "u", Password: "p"}, TLS: TLS{CAPEM: "ca"}}, Config{SecurityProtocol: "SSL"},
			Config{SecurityProtocol: "SSL", TLS: TLS{CAPEM: "ca"}},
		},
		"protocol without TLS": {Config{TLS: TLS{CAPEM: "ca"}}, Config{SecurityProtocol: "PLAINTEXT"}, Config{SecurityProtocol: "PLAINTEXT"}},
		"another mechanism": {
			Config{SASL: SASL{Mechanism: "PLAIN", Username: "u", Password: "p"}}, Config{SASL: SASL{Mechanism: "AWS_MSK_IAM"}},
			Config{SASL: SASL{Mechanism: "AWS_MSK_IAM"}},
		},
		"another source of tokens": {
			Config{SASL: SASL{Mechanism: "OAUTHBEARER", OAuth: OAuth{Token: "t", ClientID: "i"}}}, Config{SASL: SASL{OAuth: OAuth{TokenEndpoint: "https://e"}}},
			Config{SASL: SASL{Mechanism: "OAUTHBEARER", OAuth: OAuth{TokenEndpoint: "https://e", ClientID: "i"}}},
		},
		"another AWS key": {
			Config{SASL: SASL{AWS: AWS{AccessKeyID: "a", SecretAccessKey: "b", SessionToken: "c"}}}, Config{SASL: SASL{AWS: AWS{AccessKeyID: "d", SecretAccessKey: "e"}}},
			Config{SASL: SASL{AWS: AWS{AccessKeyID: "d", SecretAccessKey: "e"}}},
		},
	} {
		if got := c.base.Overlay(c.over); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
			t.Errorf("%s: want %+v\n got %+v", name, c.want, got)
		}
	}
}
