package connectclient_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

func TestSecretsHide(t *testing.T) {
	for _, secret := range []string{"plain", `quote"and\back`, "<tag>&amp", "a b+c/d", "line one\nline two", " blanks ", "a,b,  c", "größe\t"} {
		secrets := connectclient.NewSecrets(secret)
		quoted, err := json.Marshal(secret)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{secret, string(quoted), url.QueryEscape(secret), url.PathEscape(secret), strings.TrimSpace(secret)} {
			if got := secrets.Hide("x " + form + " y"); strings.Contains(got, strings.TrimSpace(secret)) || strings.Contains(got, form) {
				t.Errorf("%q remains of %q", got, form)
			}
		}
	}
}

func TestSecretsHideLongestFirst(t *testing.T) {
	if got := connectclient.NewSecrets("abc", "abcdef").Hide("abcdef abc"); got != "(hidden) (hidden)" {
		t.Errorf("got %q", got)
	}
}

func TestSecretsHideLinesAndLists(t *testing.T) {
	secrets := connectclient.NewSecrets("first line\nsecond line", "x1,y1")
	if got := secrets.Hide("Caused by: second line [x1, y1]"); got != "Caused by: (hidden) [(hidden)]" {
		t.Errorf("got %q", got)
	}
}

func TestNoSecrets(t *testing.T) {
	var none *connectclient.Secrets
	if got := none.Hide("text"); got != "text" {
		t.Errorf("got %q", got)
	}
	if got := connectclient.NewSecrets("", " ").Hide("a text"); got != "a text" {
		t.Errorf("got %q", got)
	}
}

func TestWithSecretsAdds(t *testing.T) {
	worker, client := newFake(t)
	config := fileSource()
	config["connector.class"] = "com.example.One.Two"
	ctx := connectclient.WithSecrets(connectclient.WithSecrets(t.Context(), "One"), "Two")
	_, _, err := client.CreateConnector(ctx, "a", config, connectclient.StateRunning)
	if err == nil || strings.Contains(err.Error(), "One") || strings.Contains(err.Error(), "Two") {
		t.Errorf("got %v", err)
	}
	if n := worker.Count("", ""); n != 1 {
		t.Errorf("sent %d requests", n)
	}
}
