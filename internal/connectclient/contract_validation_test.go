package connectclient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

func contractInvalid(t *testing.T, c cluster) {
	for what, test := range map[string]struct {
		config map[string]string
		want   []connectclient.Problem // a message is the beginning of what is expected
	}{
		"values": {map[string]string{"connector.class": connectfake.FileSource, "tasks.max": "0", "batch.size": "many"}, []connectclient.Problem{
			{Key: "tasks.max", Message: "Invalid value 0 for configuration tasks.max: Value must be at least 1"},
			{Key: "batch.size", Message: "Invalid value many for configuration batch.size: Not a number of type INT"},
			{Key: "topic", Message: `Missing required configuration "topic" which has no default value.`},
		}},
		"a value that is not parsed": {map[string]string{"connector.class": connectfake.FileSource, "topic": "t", "tasks.max": "zero"}, []connectclient.Problem{
			{Key: "tasks.max", Message: "Invalid value zero for configuration tasks.max: Not a number of type INT"},
		}},
		"no class": {map[string]string{"topic": "t"}, []connectclient.Problem{
			{Key: "connector.class", Message: `the configuration has no "connector.class"`},
		}},
		"class that is not installed": {map[string]string{"connector.class": "com.example.Nope"}, []connectclient.Problem{
			{Key: "connector.class", Message: "the worker has no connector of class com.example.Nope"},
		}},
	} {
		name := c.unique(t, "i")
		_, _, err := c.client.CreateConnector(t.Context(), name, test.config, connectclient.StateRunning)
		var refused *connectclient.Error
		if !errors.Is(err, connectclient.ErrInvalid) || !errors.As(err, &refused) {
			t.Errorf("%s: got %v", what, err)
			continue
		}
		fits := func(got, want connectclient.Problem) bool {
			return got.Key == want.Key && strings.HasPrefix(got.Message, want.Message)
		}
		byKey := func(a, b connectclient.Problem) int { return strings.Compare(a.Key, b.Key) }
		slices.SortFunc(refused.Problems, byKey)
		slices.SortFunc(test.want, byKey)
		if !slices.EqualFunc(refused.Problems, test.want, fits) {
			t.Errorf("%s: got %+v", what, refused.Problems)
		}
		if _, err := c.client.Connector(t.Context(), name); !errors.Is(err, connectclient.ErrNotFound) {
			t.Errorf("%s: was created all the same: %v", what, err)
		}
	}
}

// A configuration that is larger than what the worker's producer sends is not stored.
func contractLarge(t *testing.T, c cluster) {
	name := c.unique(t, "large")
	config := fileSource()
	config["x.large"] = strings.Repeat("x", 1100<<10)
	_, _, err := c.client.CreateConnector(t.Context(), name, config, connectclient.StateRunning)
	unnoticed := !c.version.AtLeast(3, 5) && err == nil // by older workers
	if !unnoticed && (err == nil || !strings.Contains(err.Error(), "max.request.size") || strings.Contains(err.Error(), "xxx")) {
		t.Errorf("got %.300v", err)
	}
	if _, err := c.client.Connector(t.Context(), name); !errors.Is(err, connectclient.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func contractPlugins(t *testing.T, c cluster) {
	installed, err := c.client.Plugins(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for class, want := range map[string]struct {
		kind              string
		listed, versioned bool
	}{
		connectfake.FileSource:                        {"source", true, true},
		connectfake.FileSink:                          {"sink", true, true},
		"org.apache.kafka.connect.json.JsonConverter": {"converter", c.version.AtLeast(3, 2), c.version.AtLeast(3, 6)},
	} {
		listed := slices.ContainsFunc(installed, func(p connectclient.Plugin) bool {
			return p.Class == class && p.Type == want.kind && (p.Version != "") == want.versioned
		})
		if listed != want.listed {
			t.Errorf("%s: listed %t, want %+v; the worker lists %v", class, listed, want, installed)
		}
	}
	if !c.version.AtLeast(3, 2) {
		if _, err := c.client.PluginConfig(t.Context(), connectfake.FileSource); !errors.Is(err, connectclient.ErrUnsupported) {
			t.Errorf("got %v", err)
		}
		return
	}
	for _, class := range []string{connectfake.FileSource, "FileStreamSource"} {
		keys, err := c.client.PluginConfig(t.Context(), class)
		if err != nil {
			t.Fatal(err)
		}
		for name, required := range map[string]bool{"topic": true, "file": false, "batch.size": false} {
			i := slices.IndexFunc(keys, func(k connectclient.ConfigKey) bool { return k.Name == name })
			if i < 0 || keys[i].Required != required || keys[i].Documentation == "" || keys[i].Importance == "" || keys[i].Secret() || (keys[i].Default != nil) != (name == "batch.size") {
				t.Errorf("%s: %s is wrong in %+v", class, name, keys)
			}
		}
	}
	for version, missing := range map[string]bool{c.version.String(): false, "99.9": c.version.AtLeast(4, 1)} {
		keys, err := c.client.PluginVersionConfig(t.Context(), connectfake.FileSource, version)
		if errors.Is(err, connectclient.ErrInvalid) != missing || !missing && (err != nil || len(keys) == 0) {
			t.Errorf("version %s: got %v, %v", version, keys, err)
		}
	}
	if _, err := c.client.PluginConfig(t.Context(), "com.example.Nope"); !errors.Is(err, connectclient.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func contractValidation(t *testing.T, c cluster) {
	config := map[string]string{"connector.class": connectfake.FileSource, "tasks.max": "-1", "typo": "x"}
	got, err := c.client.Validate(t.Context(), "FileStreamSourceConnector", config)
	if err != nil {
		t.Fatal(err)
	}
	wrong := map[string][]string{}
	for _, key := range got.Keys {
		if len(key.Errors) > 0 {
			wrong[key.Name] = key.Errors
		}
		if key.Name == "typo" {
			t.Error("a key that the plugin does not know is in the answer")
		}
	}
	want := map[string][]string{
		"name":      {`Missing required configuration "name" which has no default value.`},
		"topic":     {`Missing required configuration "topic" which has no default value.`},
		"tasks.max": {"Invalid value -1 for configuration tasks.max: Value must be at least 1"},
	}
	if !maps.EqualFunc(wrong, want, slices.Equal[[]string]) {
		t.Errorf("got errors %v", wrong)
	}
	// A worker adds an error about null to that of a value that it cannot parse.
	config = map[string]string{"name": "x", "connector.class": connectfake.FileSource, "topic": "t", "tasks.max": "zero"}
	body, _ := json.Marshal(config)
	_, raw := c.raw(t, http.MethodPut, "/connector-plugins/FileStreamSourceConnector/config/validate", "application/json", string(body))
	if text := fmt.Sprint(raw); !strings.Contains(text, "Invalid value null for configuration tasks.max: Value must be non-null") {
		t.Errorf("the worker says nothing about null: %s", text)
	}
	got, err = c.client.Validate(t.Context(), "FileStreamSourceConnector", config)
	for _, key := range got.Keys {
		if key.Name == "tasks.max" && !slices.Equal(key.Errors, []string{"Invalid value zero for configuration tasks.max: Not a number of type INT"}) {
			t.Errorf("got %q", key.Errors)
		}
	}
	if err != nil {
		t.Error(err)
	}
	for what, config := range map[string]map[string]string{
		"no class": {"topic": "x"}, "another class": {"connector.class": connectfake.FileSink},
	} {
		_, err := c.client.Validate(t.Context(), "FileStreamSourceConnector", config)
		if !errors.Is(err, connectclient.ErrInvalid) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

// A value that comes from a config provider is validated as the provider has it. Since 4.4, workers hide the reason. The
// client hides the value, which earlier workers show.
func contractConfigProviders(t *testing.T, c cluster) {
	file := filepath.Join(t.TempDir(), "values.properties")
	if err := os.WriteFile(file, []byte("good=2\nbad=zero\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := fileSource()
	config["name"] = "x"
	config["tasks.max"] = "${file:" + file + ":bad}"
	config["batch.size"] = "${file:" + file + ":good}"
	want := "Invalid value (hidden) for configuration tasks.max: Not a number of type INT"
	if c.version.AtLeast(4, 4) {
		want = "Invalid value for configuration 'tasks.max': the value resolved from the config provider reference failed validation; " +
			"the worker does not show the reason, but logs it for the logger org.apache.kafka.connect.runtime.AbstractHerder at level TRACE"
	}
	got, err := c.client.Validate(t.Context(), "FileStreamSourceConnector", config)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range got.Keys {
		if key.Name == "tasks.max" && (len(key.Errors) == 0 || key.Errors[0] != want) || key.Name != "tasks.max" && len(key.Errors) > 0 {
			t.Errorf("%s: got %q", key.Name, key.Errors)
		}
	}
	delete(config, "name")
	_, _, err = c.client.CreateConnector(t.Context(), c.unique(t, "p"), config, connectclient.StateRunning)
	var refused *connectclient.Error
	if !errors.As(err, &refused) || len(refused.Problems) == 0 || refused.Problems[0] != (connectclient.Problem{Key: "tasks.max", Message: want}) {
		t.Errorf("got %v", err)
	}
}

func contractWrongRequests(t *testing.T, c cluster) {
	name := c.unique(t, "w")
	config, _ := json.Marshal(fileSource())
	type wrong = struct {
		method, path, contentType, body string
		status                          int
		message                         string // how it begins
	}
	create := fmt.Sprintf(`{"name": %q, "config": %s}`, name, config)
	requests := map[string]wrong{
		"no endpoint":   {"GET", "/nowhere", "", "", 404, "HTTP 404 Not Found"},
		"method":        {"DELETE", "/connectors", "", "", 405, "HTTP 405 Method Not Allowed"},
		"content type":  {"POST", "/connectors", "text/plain", create, 415, "HTTP 415 Unsupported Media Type"},
		"unknown field": {"POST", "/connectors", "application/json", `{"bogus": 1}`, 500, `Unrecognized field "bogus"`},
		"another name": {"PUT", "/connectors/" + name + "/config", "application/json", `{"name": "other"}`, 400,
			"Connector name configuration (other) doesn't match connector name in the URL (" + name + ")"},
	}
	if c.version.AtLeast(3, 0) { // older workers store it
		requests["null"] = wrong{"POST", "/connectors", "application/json", strings.Replace(create, `"config": {`, `"config": {"x": null,`, 1), 400,
			"Connector configuration is invalid and contains the following 1 error(s):\nNull value can not be supplied as the configuration value.\n"}
	}
	for what, test := range requests {
		status, answer := c.raw(t, test.method, test.path, test.contentType, test.body)
		message, _ := answer["message"].(string)
		if status != test.status || answer["error_code"] != float64(status) || !strings.HasPrefix(message, test.message) {
			t.Errorf("%s: got %d, %v", what, status, answer)
		}
	}
}
