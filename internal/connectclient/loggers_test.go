package connectclient_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func contractLoggers(t *testing.T, c cluster) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	above := fmt.Sprintf("contract%d", time.Now().UnixNano())
	below, beside := above+".a", above+"b"
	set := func(name, level string, keep map[string]string) connectclient.WorkerLoggers {
		t.Helper()
		list, err := c.client.SetLogger(ctx, name, level, keep)
		if err != nil || len(list) != 1 || list[0].URL != c.url || list[0].Level(name) != level {
			t.Fatalf("got %v, %v", list, err)
		}
		return list[0]
	}
	status, answer := c.raw(t, http.MethodGet, "/admin/loggers/"+above, "", "")
	if status != http.StatusNotFound || answer["message"] != "Logger "+above+" not found." {
		t.Errorf("got %d %v", status, answer)
	}
	if root := set(above, "DEBUG", nil); root.Levels[connectclient.RootLogger] != "INFO" || root.Own(above) != "DEBUG" || root.Own(below) != "" {
		t.Errorf("got %v", root.Levels)
	}
	set(below, "WARN", nil)
	set(beside, "ERROR", nil)
	if got := set(above, "TRACE", nil); got.Level(below) != "TRACE" || got.Level(beside) != "TRACE" {
		t.Errorf("%s and %s were not changed with %s: %v", below, beside, above, got.Levels)
	}
	if got := set(above, "WARN", map[string]string{below: "OFF", beside: "FATAL"}); got.Level(below) != "OFF" || got.Level(beside) != "FATAL" {
		t.Errorf("got %v", got.Levels)
	}
	list, err := c.client.Loggers(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, listed := list[0].Levels[below]; listed == c.version.AtLeast(4, 0) {
		t.Errorf("a logger with level OFF is listed: %t", listed)
	}
	if found, err := c.client.FindLogger(ctx, list, below); err != nil || found[0].Level(below) != "OFF" {
		t.Errorf("got %v, %v", found, err)
	}
	for level, want := range map[string]string{`"BANANA"`: "invalid log level 'BANANA'.", `null`: "Desired 'level' parameter was not specified in request."} {
		if status, answer := c.raw(t, http.MethodPut, "/admin/loggers/"+above, "application/json", `{"level":`+level+`}`); answer["message"] != want {
			t.Errorf("level %s: %d %v", level, status, answer)
		}
	}
	_, err = c.client.SetLogger(ctx, above, "BANANA", nil)
	if err == nil || !strings.Contains(err.Error(), "invalid log level 'BANANA'") {
		t.Errorf("got %v", err)
	}
}

// levels returns the levels that the workers have for a logger.
func levels(name string, workers ...*connectfake.Worker) (levels []string) {
	for _, w := range workers {
		levels = append(levels, w.Level(name))
	}
	return levels
}

// Since 3.7, one worker sets the level for all; on older workers, each of them gets it.
func TestSetLogger_sendsNoMoreThanNeeded(t *testing.T) {
	for version, want := range map[string][]int{"3.5.2": {1, 1, 1}, "4.3.1": {1, 0, 0}} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			one := connectfake.New(t, connectfake.WithVersion(version))
			two, three := one.Peer(t), one.Peer(t)
			client := newClient(t, nil, one.URL(), two.URL(), three.URL())
			for range 2 { // the second time, the workers have the level
				if _, err := client.SetLogger(t.Context(), "com.example", "DEBUG", nil); err != nil {
					t.Fatal(err)
				}
			}
			if got := levels("com.example.A", one, two, three); !reflect.DeepEqual(got, []string{"DEBUG", "DEBUG", "DEBUG"}) {
				t.Errorf("got %q", got)
			}
			if got := []int{writes(one), writes(two), writes(three)}; !reflect.DeepEqual(got, want) {
				t.Errorf("the workers received %v writes, want %v", got, want)
			}
		})
	}
}

// A worker that does not read what another one has written for the whole cluster gets the level itself.
func TestSetLogger_mixedVersions(t *testing.T) {
	t.Parallel()
	recent, old := connectfake.New(t), connectfake.New(t, connectfake.WithVersion("3.5.2"))
	if _, err := newClient(t, nil, recent.URL(), old.URL()).SetLogger(t.Context(), "com.example", "DEBUG", nil); err != nil {
		t.Fatal(err)
	}
	if got := levels("com.example", recent, old); !reflect.DeepEqual(got, []string{"DEBUG", "DEBUG"}) {
		t.Errorf("got %q", got)
	}
}

func TestSetLogger_lostAnswer(t *testing.T) {
	t.Parallel()
	worker, client := newFake(t)
	worker.Inject(http.MethodPut, "/admin/loggers/*", 1, connectfake.Lost(connectfake.Reset()))
	if _, err := client.SetLogger(t.Context(), "com.example", "DEBUG", nil); err != nil || worker.Level("com.example") != "DEBUG" {
		t.Errorf("got %v", err)
	}
}

// A worker may execute a request late whose answer was lost, after those that were sent later. The change waits for that.
func TestSetLogger_lateRequest(t *testing.T) {
	t.Parallel()
	worker, client := newFake(t)
	worker.SetLevel("com.example.A", "DEBUG")
	worker.Inject(http.MethodPut, "/admin/loggers/com.example", 1, connectfake.Late(time.Second, connectfake.Reset()))
	if _, err := client.SetLogger(t.Context(), "com.example", "WARN", map[string]string{"com.example.A": "DEBUG"}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	if got := worker.Level("com.example.A"); got != "DEBUG" {
		t.Errorf("got %s", got)
	}
}

// A worker that cannot write to its config topic yet gets the level again. If it stays so, the error says what is wrong.
func TestSetLogger_notReady(t *testing.T) {
	t.Parallel()
	one := connectfake.New(t)
	two := one.Peer(t)
	client := newClient(t, nil, one.URL(), two.URL())
	one.Inject(http.MethodPut, "/admin/loggers/*", 2, connectfake.NotReady())
	if _, err := client.SetLogger(t.Context(), "com.example", "DEBUG", nil); err != nil {
		t.Fatal(err)
	}
	if got := levels("com.example", one, two); !reflect.DeepEqual(got, []string{"DEBUG", "DEBUG"}) || writes(one) != 3 || writes(two) != 0 {
		t.Errorf("got %q after %d and %d writes", got, writes(one), writes(two))
	}
	for _, w := range []*connectfake.Worker{one, two} {
		w.Inject(http.MethodPut, "/admin/loggers/*", connectfake.Always, connectfake.NotReady())
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := client.SetLogger(ctx, "com.example", "WARN", nil)
	if !errors.Is(err, connectclient.ErrStarting) || !strings.Contains(err.Error(), "has not opened its config topic yet") {
		t.Errorf("got %v", err)
	}
}

// Workers that are down are reported, and the others get the level.
func TestSetLogger_silentWorkers(t *testing.T) {
	t.Parallel()
	down := connectfake.New(t)
	one := down.Peer(t)
	down.Stop()
	client := newClient(t, nil, down.URL(), one.URL())
	for _, name := range []string{"com.example", "com.example.A"} {
		list, err := client.SetLogger(t.Context(), name, "DEBUG", nil)
		if err != nil || list[0].Err == nil || list[1].Err != nil || one.Level(name) != "DEBUG" {
			t.Errorf("got %v, %v", list, err)
		}
	}
}

func TestLoggers_errors(t *testing.T) {
	worker, client := newFake(t)
	for name, test := range map[string]struct {
		effect connectfake.Effect
		want   error
	}{
		"no endpoint": {connectfake.Fails(http.StatusNotFound, "HTTP 404 Not Found"), connectclient.ErrNoLoggers},
		"forbidden":   {connectfake.Fails(http.StatusForbidden, "no"), connectclient.ErrForbidden},
		"not Connect": {connectfake.Answer(http.StatusOK, "text/html", "<html>"), connectclient.ErrForeign},
	} {
		worker.Calm()
		worker.Inject("", "/admin/loggers", connectfake.Always, test.effect)
		if _, err := client.Loggers(t.Context()); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := client.SetLogger(t.Context(), "com.example", "DEBUG", nil); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	worker.Calm()
	worker.Inject(http.MethodPut, "", connectfake.Always, connectfake.Answer(http.StatusOK, "application/json", "[]")) // does nothing
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := client.SetLogger(ctx, "com.example", "DEBUG", nil)
	if want := worker.URL() + ` still has level INFO for logger "com.example" instead of DEBUG`; !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}

// Requests for loggers go to the admin listeners, all others to the workers.
func TestAdminURLs(t *testing.T) {
	t.Parallel()
	worker := connectfake.New(t)
	admin := worker.Peer(t)
	client := newClient(t, func(cfg *connectclient.Config) { cfg.AdminURLs = []string{admin.URL()} }, worker.URL())
	if _, err := client.SetLogger(t.Context(), "com.example", "DEBUG", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Cluster(t.Context()); err != nil {
		t.Fatal(err)
	}
	if worker.Count("", "") != 1 || worker.Count("", "/") != 1 || admin.Count("", "/") != 0 {
		t.Errorf("the worker received %v, the admin listener %v", worker.Requests(), admin.Requests())
	}
	err := connectclient.Config{URLs: []string{worker.URL()}, AdminURLs: []string{admin.URL(), "worker-1:8083"}}.Validate()
	wrong := (*connectclient.ConfigError)(nil)
	if !errors.As(err, &wrong) || wrong.Field != "admin_urls[1]" {
		t.Errorf("got %v", err)
	}
}

func TestWorkerLoggers(t *testing.T) {
	t.Parallel()
	w := connectclient.WorkerLoggers{Levels: map[string]string{"root": "INFO", "a": "WARN", "a.b.c": "WARN", "d": "DEBUG"}}
	for name, want := range map[string][2]string{
		"root": {"INFO", "INFO"}, "a": {"WARN", "WARN"}, "a.b": {"WARN", ""}, "a.b.c": {"WARN", ""}, "ab": {"INFO", ""}, "d": {"DEBUG", "DEBUG"}, "d.e.f": {"DEBUG", ""},
	} {
		if got := [2]string{w.Level(name), w.Own(name)}; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	covered := map[string]bool{}
	for _, other := range []string{"root", "a", "a.b", "ab", "b"} {
		covered[other] = connectclient.Covers("a", other)
	}
	if want := map[string]bool{"root": false, "a": false, "a.b": true, "ab": true, "b": false}; !maps.Equal(covered, want) {
		t.Errorf("got %v", covered)
	}
	if !connectclient.Covers("root", "a.b") || connectclient.Covers("root", "root") {
		t.Error("root covers all others")
	}
}
