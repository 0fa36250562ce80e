package kafkaclient

import (
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const (
	clientSecret = "p+/=%a secret"
	querySecret  = "hunter2"
	apiKey       = "k3y-0f-the-4pi"
)

// endpoint returns a configuration with the token endpoint of the handler.
func endpoint(t *testing.T, handler http.HandlerFunc) (OAuth, *httptest.Server) {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	return OAuth{TokenEndpoint: server.URL + "/token?code=" + querySecret, ClientID: "cli:ent", ClientSecret: clientSecret, CAPEM: authority}, server
}

// authenticate begins the authentication at a broker.
func authenticate(t *testing.T, o OAuth, brokers TLS) error {
	t.Helper()
	mechanism, err := o.mechanism(brokers)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = mechanism.Authenticate(t.Context(), "broker:9092")
	return err
}

// answers returns a handler with a fixed answer.
func answers(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// Endpoints answer in many ways.
func TestTokenEndpointAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		body   string
		cached bool
	}{
		"number":     {`{"access_token":"t0ken","expires_in":3599}`, true},
		"text":       {`{"access_token":"t0ken","expires_in":"3599","token_type":"Bearer"}`, true},
		"no end":     {`{"access_token":"t0ken"}`, false},
		"null":       {`{"access_token":"t0ken","expires_in":null}`, false},
		"other keys": {`{"access_token":"t0ken","expires_in":3599,"scope":["a"],"ext_expires_in":"x"}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			o, _ := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
				asked++
				answers(http.StatusOK, test.body)(w, r)
			})
			mechanism, err := o.mechanism(TLS{})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, message, err := mechanism.Authenticate(t.Context(), "b:1"); err != nil || !strings.Contains(string(message), "auth=Bearer t0ken") {
					t.Fatalf("sent %q, %v", message, err)
				}
			}
			if (asked == 1) != test.cached {
				t.Errorf("asked %d times for two connections", asked)
			}
		})
	}
}

// The client asks as Kafka's clients do, with parameters that some endpoints need.
func TestTokenEndpointRequest(t *testing.T) {
	for encode, want := range map[bool][2]string{false: {"cli:ent", clientSecret}, true: {url.QueryEscape("cli:ent"), url.QueryEscape(clientSecret)}} {
		o, _ := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
			got := r.Header.Get("Authorization")
			r.Header.Set("Authorization", "")
			r.SetBasicAuth(want[0], want[1])
			if got != r.Header.Get("Authorization") {
				t.Errorf("url encoding %t: the Authorization header is wrong", encode)
			}
			if r.FormValue("audience") != "https://kafka" || r.FormValue("scope") != "a b" || r.FormValue("grant_type") != "client_credentials" || r.PostForm.Has("client_secret") {
				t.Errorf("the form is %v", r.PostForm)
			}
			answers(http.StatusOK, `{"access_token":"t"}`)(w, r)
		})
		o.Scope, o.EndpointParams, o.HeaderURLEncode = "a b", map[string]string{"audience": "https://kafka"}, encode
		if err := authenticate(t, o, TLS{}); err != nil {
			t.Error(err)
		}
	}
}

// A token endpoint can have a certificate of a private authority: its own, or that of the brokers.
func TestTokenEndpointAuthority(t *testing.T) {
	o, _ := endpoint(t, answers(http.StatusOK, `{"access_token":"t"}`))
	private := o.CAPEM
	for name, test := range map[string]struct {
		own, brokers string
		trusted      bool
	}{
		"own":                 {private, "", true},
		"that of the brokers": {"", private, true},
		"none":                {"", "", false},
	} {
		o.CAPEM = test.own
		if err := authenticate(t, o, TLS{CAPEM: test.brokers}); (err == nil) != test.trusted {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.CAPEM = "hunter2"
	if _, err := o.mechanism(TLS{}); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

// A redirect is refused: it would get the secret, on the same host, too.
func TestTokenEndpointRedirects(t *testing.T) {
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		o, _ := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/token" {
				t.Error("the client follows the redirect")
			}
			http.Redirect(w, r, "/login?session="+querySecret, status)
		})
		err := authenticate(t, o, TLS{})
		if !errors.Is(err, ErrUnauthenticated) || !strings.Contains(err.Error(), "redirects to /login: set the URL") || strings.Contains(err.Error(), querySecret) {
			t.Errorf("got %v", err)
		}
	}
}

// A message has the code and the description of an error, without secrets. It has no other words of the endpoint.
func TestTokenEndpointErrors(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"description": {answers(http.StatusUnauthorized, `{"error":"invalid_client","error_description":"AADSTS7000215:\n the key `+clientSecret+` of `+querySecret+` and `+apiKey+` is wrong"}`),
			"401 Unauthorized: invalid_client: AADSTS7000215: the key (hidden) of (hidden) and (hidden) is wrong"},
		"escaped":        {answers(http.StatusUnauthorized, `{"error":"invalid_client","error_description":"`+url.QueryEscape(clientSecret)+` is wrong"}`), "invalid_client: (hidden) is wrong"},
		"code":           {answers(http.StatusUnauthorized, `{"error":"invalid_client"}`), "401 Unauthorized: invalid_client"},
		"long":           {answers(http.StatusBadRequest, `{"error":"invalid_client","error_description":"`+strings.Repeat("word ", 1000)+`"}`), "word…"},
		"code, 200":      {answers(http.StatusOK, `{"error":"invalid_scope"}`), "invalid_scope"},
		"secret as code": {answers(http.StatusBadRequest, fmt.Sprintf(`{"error":%q}`, clientSecret)), "400 Bad Request"},
		"page":           {answers(http.StatusForbidden, "<html>"+clientSecret), "403 Forbidden"},
		"page, 200":      {answers(http.StatusOK, "<html>"+clientSecret), "no access token"},
		"no token":       {answers(http.StatusOK, `{"secret":"`+clientSecret+`"}`), "no access token"},
		"broken off":     {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		o, server := endpoint(t, test.answer)
		o.EndpointParams = map[string]string{"api_key": apiKey}
		err := authenticate(t, o, TLS{})
		if !errors.Is(err, ErrUnauthenticated) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), server.URL+"/token") {
			t.Errorf("%s: got %v", name, err)
		}
		for _, secret := range []string{querySecret, clientSecret, apiKey, url.QueryEscape(clientSecret), "html"} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: a secret is in: %v", name, err)
			}
		}
	}
}
