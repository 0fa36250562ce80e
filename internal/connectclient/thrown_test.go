package connectclient_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

const validatePath = "/connector-plugins/*/config/validate"

// A connector that throws a Java Error makes the web server of the worker answer, at once and every time.
func TestWriteToConnectorThatThrows(t *testing.T) {
	t.Parallel()
	changed := fileSource()
	changed["topic"] = "changed"
	errorPage := connectfake.Answer(http.StatusInternalServerError, "text/html", "<html><h2>HTTP ERROR 500 java.lang.NoClassDefFoundError</h2></html>")
	for name, test := range map[string]struct {
		method, path string
		write        func(context.Context, *connectclient.Client) error
	}{
		"create": {http.MethodPost, "/connectors", func(ctx context.Context, c *connectclient.Client) error {
			_, _, err := c.CreateConnector(ctx, "new", fileSource(), connectclient.StateRunning)
			return err
		}},
		"update": {http.MethodPut, "/connectors/*/config", func(ctx context.Context, c *connectclient.Client) error {
			_, _, err := put(ctx, c, "old", changed)
			return err
		}},
	} {
		worker, client := newFake(t)
		worker.Seed("old", "RUNNING", fileSource())
		worker.Inject(test.method, test.path, connectfake.Always, errorPage)
		worker.Inject(http.MethodPut, validatePath, connectfake.Always, connectfake.Fails(http.StatusInternalServerError, "java.lang.NoClassDefFoundError: org/example/Driver"))
		err := test.write(t.Context(), client)
		failed, ok := errors.AsType[*connectclient.PluginError](err)
		if !ok || failed.Message != "java.lang.NoClassDefFoundError: org/example/Driver" || errors.Is(err, connectclient.ErrIndeterminate) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		if !strings.Contains(err.Error(), "lacks a jar") || strings.Contains(err.Error(), "may have executed") {
			t.Errorf("%s: got %v", name, err)
		}
		if n := worker.Count(test.method, test.path); n != 3 {
			t.Errorf("%s: the worker was sent the write %d times", name, n)
		}
	}
}

// The same answer with a connector that is not at fault is a worker that stops, or a proxy: the write is sent again.
func TestWriteToServerThatFails(t *testing.T) {
	t.Parallel()
	worker, client := newFake(t)
	worker.Inject(http.MethodPost, "/connectors", 7, connectfake.Answer(http.StatusInternalServerError, "text/html", "<html></html>"))
	_, outcome, err := client.CreateConnector(t.Context(), "a", fileSource(), connectclient.StateRunning)
	if err != nil || outcome != connectclient.Created || worker.Count(http.MethodPost, "/connectors") != 8 {
		t.Errorf("got %v, %v after %d requests", outcome, err, worker.Count(http.MethodPost, "/connectors"))
	}
}

// A validation is repeated while a worker starts or rebalances. It is not repeated after the connector's check took
// longer than the worker waits, nor many times to a server that is no worker.
func TestValidate_retries(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		effect connectfake.Effect
		times  int
		sent   int
		want   error // nil for success
	}{
		"starting":    {connectfake.Starting(), 3, 4, nil},
		"rebalancing": {connectfake.Rebalancing(), 20, 21, nil},
		"unavailable": {connectfake.Fails(http.StatusServiceUnavailable, "down"), 20, 21, nil},
		"timed out":   {connectfake.Fails(http.StatusInternalServerError, "Request timed out. The worker is currently validating"), connectfake.Always, 1, connectclient.ErrTimedOut},
		"no worker":   {connectfake.Answer(http.StatusNotFound, "text/html", "<html></html>"), connectfake.Always, 7, connectclient.ErrStarting},
		"forbidden":   {connectfake.Answer(http.StatusForbidden, "text/html", "<html></html>"), connectfake.Always, 1, connectclient.ErrForbidden},
		"no method":   {connectfake.Answer(http.StatusMethodNotAllowed, "text/html", "<html></html>"), connectfake.Always, 1, connectclient.ErrUnsupported},
	} {
		worker, client := newFake(t)
		worker.Inject(http.MethodPut, validatePath, test.times, test.effect)
		_, err := client.Validate(t.Context(), "FileStreamSourceConnector", fileSource())
		if n := worker.Count(http.MethodPut, validatePath); n != test.sent || (err != nil) != (test.want != nil) || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: got %v after %d requests", name, err, n)
		}
	}
}

func TestValidate_pluginFails(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"java.lang.NullPointerException: Cannot invoke":    "log of the worker",
		"java.lang.NoSuchMethodError: 'void a.B.c()'":      "lacks a jar",
		"java.lang.UnsupportedClassVersionError: x/Plugin": "version of a jar or of Java",
	} {
		worker, client := newFake(t)
		worker.Inject(http.MethodPut, validatePath, connectfake.Always, connectfake.Fails(http.StatusInternalServerError, message))
		_, err := client.Validate(t.Context(), "FileStreamSourceConnector", fileSource())
		failed, ok := errors.AsType[*connectclient.PluginError](err)
		if !ok || failed.Message != message || !strings.Contains(err.Error(), want) || worker.Count(http.MethodPut, validatePath) != 1 {
			t.Errorf("%s: got %v", message, err)
		}
	}
}
