package kafkaclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/keyedmutex"
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
func (o OAuth) mechanism() (sasl.Mechanism, error) {
	if o.sources() != 1 {
		return nil, &ConfigError{Field: "sasl.oauth", Reason: "needs exactly one of token, token_file and token_endpoint"}
	}
	if o.TokenEndpoint != "" {
		if u, err := url.Parse(o.TokenEndpoint); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return nil, &ConfigError{Field: "sasl.oauth.token_endpoint", Reason: "must be an https or http URL"}
		}
		if o.ClientID == "" || o.ClientSecret == "" {
			return nil, &ConfigError{Field: "sasl.oauth.client_id", Reason: "and client_secret are required with token_endpoint"}
		}
	}
	tokens := &tokenSource{oauth: o, http: &http.Client{Timeout: 10 * time.Second}, now: time.Now}
	return oauth.Oauth(func(ctx context.Context) (oauth.Auth, error) {
		token, err := tokens.token(ctx)
		return oauth.Auth{Token: token, Extensions: o.Extensions}, err
	}), nil
}

// tokenSource returns a token for each connection and caches those of the endpoint.
//
// golang.org/x/oauth2/clientcredentials is not used because it percent-encodes id and secret in the Authorization
// header. Kafka's clients do not by default (sasl.oauthbearer.header.urlencode, KIP-1062).
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
			return "", fmt.Errorf("read the token file: %w", err)
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
	token, lifetime, err := s.request(ctx)
	if err != nil {
		return "", fmt.Errorf("%w: request a token from the endpoint: %w", ErrUnauthenticated, err)
	}
	// Kafka's login also renews after four fifths of the lifetime.
	s.last, s.renewAt = token, s.now().Add(lifetime*4/5)
	return token, nil
}

// request gets a token with the client credentials grant (RFC 6749, section 4.4).
func (s *tokenSource) request(ctx context.Context) (string, time.Duration, error) {
	// POST {token endpoint}
	form := url.Values{"grant_type": {"client_credentials"}}
	if s.oauth.Scope != "" {
		form.Set("scope", s.oauth.Scope)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.oauth.TokenEndpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.SetBasicAuth(s.oauth.ClientID, s.oauth.ClientSecret)
	resp, err := s.http.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
		Error       string `json:"error"`
	}
	err = json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&answer)
	switch {
	case resp.StatusCode != http.StatusOK && answer.Error != "":
		return "", 0, fmt.Errorf("%s: %s", resp.Status, answer.Error)
	case resp.StatusCode != http.StatusOK:
		return "", 0, errors.New(resp.Status)
	case err != nil || answer.AccessToken == "":
		return "", 0, errors.New("the answer contains no access token")
	}
	return answer.AccessToken, time.Duration(answer.ExpiresIn) * time.Second, nil
}
