package kafkaclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/keyedmutex"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

func (o OAuth) isZero() bool { return reflect.ValueOf(o).IsZero() }

// sources returns the number of sources of tokens.
func (o OAuth) sources() int {
	given := 0
	for _, s := range []string{o.Token, o.TokenFile, o.TokenEndpoint} {
		if s != "" {
			given++
		}
	}
	return given
}

// mechanism returns the kgo mechanism. It requires exactly one source of tokens.
func (o OAuth) mechanism(brokers TLS) (sasl.Mechanism, error) {
	if o.sources() != 1 {
		return nil, &ConfigError{Field: "sasl.oauth", Reason: "needs exactly one of token, token_file and token_endpoint"}
	}
	tokens := &tokenSource{oauth: o, http: &http.Client{Timeout: 10 * time.Second}, now: time.Now}
	if o.TokenEndpoint != "" {
		if err := o.checkEndpoint(); err != nil {
			return nil, err
		}
		roots, err := o.roots(brokers)
		if err != nil {
			return nil, err
		}
		tokens.http.Transport = &http.Transport{
			Proxy:             http.ProxyFromEnvironment,
			TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			DisableKeepAlives: true, // requests are rare
		}
	}
	return oauth.Oauth(func(ctx context.Context) (oauth.Auth, error) {
		token, err := tokens.token(ctx)
		return oauth.Auth{Token: token, Extensions: o.Extensions}, err
	}), nil
}

func (o OAuth) checkEndpoint() error {
	const field = "sasl.oauth.token_endpoint"
	u, err := url.Parse(o.TokenEndpoint)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return &ConfigError{Field: field, Reason: "must be an https or http URL"}
	case u.User != nil:
		return &ConfigError{Field: field, Reason: "must not contain a user name and password: use client_id and client_secret"}
	case o.ClientID == "" || o.ClientSecret == "":
		return &ConfigError{Field: "sasl.oauth.client_id", Reason: "and client_secret are required with token_endpoint"}
	}
	for _, name := range []string{"grant_type", "scope", "client_id", "client_secret"} {
		if _, ok := o.EndpointParams[name]; ok {
			return &ConfigError{Field: "sasl.oauth.endpoint_params", Reason: "must not contain " + name + ", which the provider sets"}
		}
	}
	return nil
}

// roots returns the trusted authorities of the token endpoint: CAPEM, or else those of the operating system and those of
// the brokers, which often have a certificate of the same private authority.
func (o OAuth) roots(brokers TLS) (*x509.CertPool, error) {
	roots := x509.NewCertPool()
	if o.CAPEM != "" {
		if !roots.AppendCertsFromPEM([]byte(o.CAPEM)) {
			return nil, &ConfigError{Field: "sasl.oauth.ca_pem", Reason: "contains no certificate in PEM format"}
		}
		return roots, nil
	}
	if system, err := x509.SystemCertPool(); err == nil {
		roots = system
	}
	roots.AppendCertsFromPEM([]byte(brokers.CAPEM))
	return roots, nil
}

// tokenSource returns a token for each connection and caches those of the endpoint.
type tokenSource struct {
	oauth OAuth
	http  *http.Client
	now   func() time.Time

	mutex   keyedmutex.Map // Has one key: "".
	last    string
	renewAt time.Time
}

func (s *tokenSource) token(ctx context.Context) (string, error) {
	switch {
	case s.oauth.Token != "":
		return s.oauth.Token, nil
	case s.oauth.TokenFile != "":
		b, err := os.ReadFile(s.oauth.TokenFile)
		if err != nil {
			return "", fmt.Errorf("unable to read the token file: %w", err)
		}
		return strings.TrimSpace(string(b)), nil
	}
	unlock, err := s.mutex.Lock(ctx, "")
	if err != nil {
		return "", err
	}
	defer unlock()
	if s.last != "" && s.now().Before(s.renewAt) {
		return s.last, nil
	}
	token, err := s.request(ctx)
	if err != nil {
		return "", fmt.Errorf("%w: unable to get a token from %s: %w", ErrUnauthenticated, withoutQuery(s.oauth.TokenEndpoint), s.cause(err))
	}
	s.last, s.renewAt = token.AccessToken, time.Time{}
	if !token.Expiry.IsZero() {
		// Kafka's login also renews after four fifths of the lifetime.
		s.renewAt = s.now().Add(time.Until(token.Expiry) * 4 / 5)
	}
	return s.last, nil
}

// request gets a token with the client credentials grant (RFC 6749, section 4.4).
func (s *tokenSource) request(ctx context.Context) (*oauth2.Token, error) {
	params := url.Values{}
	for name, value := range s.oauth.EndpointParams {
		params.Set(name, value)
	}
	grant := clientcredentials.Config{
		ClientID: s.oauth.ClientID, ClientSecret: s.oauth.ClientSecret, TokenURL: s.oauth.TokenEndpoint,
		EndpointParams: params, AuthStyle: oauth2.AuthStyleInHeader,
	}
	if s.oauth.Scope != "" {
		grant.Scopes = []string{s.oauth.Scope}
	}
	client := *s.http
	client.Transport = asKafka{s.oauth, client.Transport}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // which would get the secret, too
	return grant.Token(context.WithValue(ctx, oauth2.HTTPClient, &client))
}

// asKafka makes requests like Kafka's clients.
type asKafka struct {
	oauth OAuth
	base  http.RoundTripper
}

// RoundTrip implements http.RoundTripper. The oauth2 package percent-encodes id and secret in the Authorization header.
// Kafka's clients do not by default (sasl.oauthbearer.header.urlencode, KIP-1062). The package also takes a JSON answer
// with another content type for a form.
func (k asKafka) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Accept", "application/json")
	if !k.oauth.HeaderURLEncode {
		req.SetBasicAuth(k.oauth.ClientID, k.oauth.ClientSecret)
	}
	base := k.base
	if base == nil {
		base = http.DefaultTransport
	}
	resp, err := base.RoundTrip(req)
	if err == nil {
		resp.Header.Set("Content-Type", "application/json")
	}
	return resp, err
}

// errorCode matches the error codes of RFC 6749.
var errorCode = regexp.MustCompile(`^[a-z][a-z_]{0,40}$`)

// cause returns the cause of a failed request, without secrets: the endpoint may repeat them.
func (s *tokenSource) cause(err error) error {
	var refused *oauth2.RetrieveError
	var failed *url.Error
	switch {
	case errors.As(err, &failed):
		return failed.Err // without the URL, whose query may be secret
	case !errors.As(err, &refused):
		return errors.New("the answer contains no access token")
	}
	code := refused.Response.StatusCode
	status := fmt.Sprintf("%d %s", code, http.StatusText(code))
	switch {
	case code >= 300 && code < 400:
		return fmt.Errorf("%s: the endpoint redirects to %s: set the URL that issues tokens", status, withoutQuery(refused.Response.Header.Get("Location")))
	case !errorCode.MatchString(refused.ErrorCode):
		return errors.New(status)
	}
	text := refused.ErrorCode
	if refused.ErrorDescription != "" {
		text += ": " + refused.ErrorDescription
	}
	return fmt.Errorf("%s: %s", status, excerpt(s.oauth.hider().Hide(text)))
}

// hider hides the secrets of a request.
func (o OAuth) hider() *secret.Hider {
	secrets := []string{o.ClientSecret, base64.StdEncoding.EncodeToString([]byte(o.ClientID + ":" + o.ClientSecret))}
	if u, err := url.Parse(o.TokenEndpoint); err == nil {
		for _, values := range u.Query() {
			secrets = append(secrets, values...)
		}
	}
	return secret.NewHider(slices.AppendSeq(secrets, maps.Values(o.EndpointParams))...)
}

// excerpt returns the beginning of a text in one line.
func excerpt(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if runes := []rune(text); len(runes) > 300 {
		return string(runes[:300]) + "…"
	}
	return text
}

// withoutQuery returns scheme, host and path of a URL. The other parts may be secret.
func withoutQuery(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "an invalid URL"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
