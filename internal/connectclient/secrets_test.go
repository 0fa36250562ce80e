package connectclient_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// planted has a secret for every place whose content an error could print.
var planted = map[string]string{
	"password":     "Pass/word 1",
	"token":        "Token+2",
	"header":       "Header=3",
	"proxy":        "Proxy@4",
	"config value": `Config"5\x`,
	"lines":        "-----BEGIN KEY-----\nLineOfKey6\n-----END KEY-----",
	"list":         "ItemA7,ItemB8",
}

// prints lists the forms in which a secret could appear.
func prints() []string {
	forms := []string{"LineOfKey6", "ItemA7", base64.StdEncoding.EncodeToString([]byte("user:" + planted["password"]))}
	for _, secret := range planted {
		forms = append(forms, secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(fmt.Sprintf("%q", secret), `"`))
	}
	return forms
}

// echoes are answers that repeat what the client sent: the credentials and the configuration.
func echoes() map[string]connectfake.Effect {
	all := make([]string, 0, len(planted))
	for _, secret := range planted {
		all = append(all, secret, url.QueryEscape(secret))
	}
	whole := strings.Join(all, " ") + " Basic " + base64.StdEncoding.EncodeToString([]byte("user:"+planted["password"]))
	config := "{name=a, k=" + strings.Join(all, ", l=") + "}"
	list := "Connector configuration is invalid and contains the following 2 error(s):\nInvalid value " + planted["config value"] +
		" for configuration tasks.max: no\nInvalid value " + planted["lines"] + " for configuration k: no\nInvalid value [ItemA7, ItemB8] for configuration l: no\n" +
		"You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`"
	effects := map[string]connectfake.Effect{
		"no class":     connectfake.Fails(400, "Connector config "+config+" contains no connector type"),
		"no class 500": connectfake.Fails(500, "x.BadRequestException: Connector config "+config+" contains no connector type"),
		"a map":        connectfake.Fails(500, "Bad config "+config+" here"),
		"a list":       connectfake.Fails(400, list),
		"a long text":  connectfake.Fails(400, strings.Repeat("x", 1990)+whole),
		"redirect":     echoRedirect(whole),
	}
	for _, status := range []int{400, 401, 403, 404, 405, 407, 409, 429, 500, 502, 503, 504} {
		effects[fmt.Sprintf("%d JSON", status)] = connectfake.Fails(status, whole)
		effects[fmt.Sprintf("%d HTML", status)] = connectfake.Answer(status, "text/html", "<html>"+whole)
		effects[fmt.Sprintf("%d text", status)] = connectfake.Answer(status, "text/plain", whole)
	}
	effects["200 HTML"] = connectfake.Answer(200, "text/html", "<html>"+whole)
	return effects
}

func echoRedirect(text string) connectfake.Effect {
	return func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) {
		target := &url.URL{Scheme: "https", User: url.UserPassword("u", text), Host: "login.test", Path: "/" + text, RawQuery: url.Values{"q": {text}}.Encode()}
		rw.Header().Set("Location", target.String())
		rw.WriteHeader(http.StatusFound)
	}
}

func secretConfig() map[string]string {
	config := fileSource()
	config["k"], config["l"], config["m"] = planted["config value"], planted["lines"], planted["list"]
	return config
}

// calls are the operations whose errors are searched for secrets.
func calls(c *connectclient.Client) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"create": func(ctx context.Context) error {
			_, _, err := c.CreateConnector(ctx, "a", secretConfig(), connectclient.StateRunning)
			return err
		},
		"update": func(ctx context.Context) error { _, _, err := put(ctx, c, "a", secretConfig()); return err },
		"validate": func(ctx context.Context) error {
			_, err := c.Validate(ctx, connectfake.FileSource, secretConfig())
			return err
		},
		"get":     func(ctx context.Context) error { _, err := c.Connector(ctx, "a"); return err },
		"list":    func(ctx context.Context) error { _, err := c.Connectors(ctx); return err },
		"stop":    func(ctx context.Context) error { return c.StopConnector(ctx, "a") },
		"delete":  func(ctx context.Context) error { return c.DeleteConnector(ctx, "a") },
		"await":   func(ctx context.Context) error { _, err := c.Await(ctx, "a", connectclient.StateRunning); return err },
		"plugins": func(ctx context.Context) error { _, err := c.Plugins(ctx); return err },
	}
}

// credentials are the two ways to authenticate. The secrets that one does not use are sent as headers.
var credentials = map[string]func(*connectclient.Config){
	"basic": func(cfg *connectclient.Config) {
		cfg.Username, cfg.Password = "user", planted["password"]
		cfg.Headers = map[string]string{"X-Key": planted["header"], "X-Token": planted["token"]}
	},
	"bearer": func(cfg *connectclient.Config) {
		cfg.BearerToken = planted["token"]
		cfg.Headers = map[string]string{
			"X-Key": planted["header"], "X-Password": planted["password"],
			"X-Basic": base64.StdEncoding.EncodeToString([]byte("user:" + planted["password"])),
		}
	},
}

// proxyWithPassword returns a proxy URL with a password that leads to the worker.
func proxyWithPassword(scheme string, worker *connectfake.Worker) string {
	return (&url.URL{Scheme: scheme, User: url.UserPassword("u", planted["proxy"]), Host: hostOf(worker.URL())}).String()
}

func TestErrorsShowNoSecrets(t *testing.T) {
	for kind, authenticate := range credentials {
		for name, effect := range echoes() {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				worker := connectfake.New(t)
				worker.Inject("", "", connectfake.Always, effect)
				log := &collector{}
				client := newClient(t, func(cfg *connectclient.Config) {
					authenticate(cfg)
					cfg.ProxyURL, cfg.Observe = proxyWithPassword("http", worker), log.add
				}, "http://worker.test")
				log.runAll(t, client)
			})
		}
	}
}

// The answers of a proxy and failed connections show no secrets either.
func TestTransportErrorsShowNoSecrets(t *testing.T) {
	gone := connectfake.New(t)
	gone.Stop()
	echo := connectfake.New(t)
	echo.Inject("", "", connectfake.Always, echoes()["407 text"])
	for name, proxyURL := range map[string]string{
		"proxy is gone": proxyWithPassword("http", gone), "socks is gone": proxyWithPassword("socks5", gone),
		"proxy refuses": proxyWithPassword("http", echo), "no TLS": proxyWithPassword("https", echo),
	} {
		for _, scheme := range []string{"http", "https"} {
			t.Run(name+"/"+scheme, func(t *testing.T) {
				log := &collector{}
				client := newClient(t, func(cfg *connectclient.Config) {
					credentials["basic"](cfg)
					cfg.ProxyURL, cfg.Observe = proxyURL, log.add
				}, scheme+"://worker.test")
				log.runAll(t, client)
			})
		}
	}
}

func TestFailuresShowNoSecrets(t *testing.T) {
	worker, client := newFake(t)
	for _, secret := range planted {
		trace := "X: first " + secret + "\n\tat a.B.c(B.java:1)\nCaused by: Y: " + strings.ReplaceAll(secret, "\n", " ") + " is wrong"
		worker.Break("a", trace)
		worker.Seed("a", "RUNNING", secretConfig())
		ctx := connectclient.WithSecrets(t.Context(), secret, strings.ReplaceAll(secret, "\n", " "))
		status, err := client.Await(ctx, "a", connectclient.StateRunning)
		var failed *connectclient.FailedError
		if !errors.As(err, &failed) {
			t.Fatalf("got %v", err)
		}
		if text := fmt.Sprintf("%v %+v %+v", err, failed.Failures, status); strings.Contains(text, secret) {
			t.Errorf("%q shows %q", text, secret)
		}
	}
}

func TestConfigPrintsNoSecrets(t *testing.T) {
	cfg := connectclient.Config{
		URLs: []string{"http://worker:8083"}, Username: "user", Password: planted["password"], BearerToken: planted["token"],
		Headers: map[string]string{"X": planted["header"]}, ProxyURL: planted["proxy"], TLS: connectclient.TLS{PrivateKeyPEM: planted["lines"]},
	}
	for _, text := range []string{fmt.Sprint(cfg), fmt.Sprintf("%+v %#v", cfg, cfg), fmt.Sprintf("%+v %#v", cfg.TLS, cfg.TLS)} {
		for _, secret := range prints() {
			if strings.Contains(text, secret) {
				t.Errorf("%q shows %q", text, secret)
			}
		}
	}
}

func TestValidationShowsNoSecrets(t *testing.T) {
	_, client := newFake(t)
	config := fileSource()
	config["tasks.max"] = "not-a-number-but-a-secret"
	got, err := client.Validate(connectclient.WithSecrets(t.Context(), config["tasks.max"]), connectfake.FileSource, config)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range got.Keys {
		if strings.Contains(strings.Join(key.Errors, ""), "secret") {
			t.Errorf("%s: %v", key.Name, key.Errors)
		}
	}
}

// collector keeps the text of errors and of observed requests.
type collector struct {
	mu    sync.Mutex
	lines []string
}

func (c *collector) add(_ context.Context, r connectclient.Request) {
	c.keep(fmt.Sprintf("%v %+v", r, r))
}

func (c *collector) keep(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, line)
}

// runAll makes every call, long enough for two attempts, and searches the errors for secrets.
func (c *collector) runAll(t *testing.T, client *connectclient.Client) {
	t.Helper()
	values := []string{planted["config value"], planted["lines"], planted["list"]}
	var group sync.WaitGroup
	for name, call := range calls(client) {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(connectclient.WithSecrets(t.Context(), values...), 30*time.Millisecond)
			defer cancel()
			err := call(ctx)
			if err == nil {
				t.Errorf("%s: no error", name)
			}
			c.keep(fmt.Sprintf("%s: %v %+v %q", name, err, err, err))
			if refused := (*connectclient.Error)(nil); errors.As(err, &refused) {
				c.keep(fmt.Sprintf("%s: %+v", name, refused.Problems))
			}
		})
	}
	group.Wait()
	for _, secret := range prints() {
		i := slices.IndexFunc(c.lines, func(line string) bool { return strings.Contains(line, secret) })
		if i >= 0 {
			t.Errorf("%.500q shows %q", c.lines[i], secret)
		}
	}
}

// The request that asks for the types of keys may fail itself. Its error does not need them.
func TestIsPassword_failsWhileItHides(t *testing.T) {
	worker, client := newFake(t)
	worker.Inject("GET", "/connector-plugins/*/config", connectfake.Always, connectfake.Fails(500, "no"))
	config := map[string]string{"connector.class": connectfake.Vault, "vault.pin": "1234567"}
	ctx := connectclient.WithConfig(t.Context(), config, client.IsPassword(t.Context(), connectfake.Vault))
	answer := make(chan bool, 1)
	go func() { answer <- client.IsPassword(ctx, connectfake.Vault)("vault.pin") }()
	select {
	case isPassword := <-answer:
		if isPassword {
			t.Error("got true from a worker that does not tell")
		}
	case <-time.After(time.Minute):
		t.Fatal("IsPassword waits for itself")
	}
}
