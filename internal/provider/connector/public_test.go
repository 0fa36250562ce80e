package connector_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// publicConnector is a connector of testdata/connectors.json: a configuration as the documentation of the plugin describes it,
// and the keys that a worker 4.3.1 with the plugin answered when it validated the configuration.
type publicConnector struct {
	Class, Type, Version string
	Config, Secrets      map[string]string
	Keys                 map[string]string // the names, separated by blanks, by type
}

// publicConnectors returns the connectors by name, and a worker that has their plugins.
func publicConnectors(t *testing.T) (map[string]publicConnector, *connectfake.Worker) {
	t.Helper()
	text, err := os.ReadFile("testdata/connectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]publicConnector
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	var options []connectfake.Option
	for _, c := range all {
		keys := map[string][]string{}
		for kind, names := range c.Keys {
			keys[kind] = strings.Fields(names)
		}
		options = append(options, connectfake.WithPlugin(c.Class, c.Type, c.Version, keys))
	}
	return all, connectfake.New(t, options...)
}

// Connectors of public plugins apply, are adopted, are imported and are destroyed without a false warning, and an import
// recognises their secrets.
func TestConnector_publicPlugins(t *testing.T) {
	t.Parallel()
	all, w := publicConnectors(t)
	config := declaredPublic(w.URL(), all)

	c := acctest.NewCLI(t, config)
	mustNotWarn(t, c.Apply())
	c.MustBeEmpty()

	c = acctest.NewCLI(t, config)
	mustNotWarn(t, c.Apply(), "exists already")
	c.MustBeEmpty()

	importPublic(t, w, all)

	mustNotWarn(t, c.Must("destroy", "-auto-approve", "-no-color"))
	mustHave(t, w, false, slices.Collect(maps.Keys(all))...)
}

// declaredPublic returns a resource block for each connector, with its secrets in config_wo.
func declaredPublic(url string, all map[string]publicConnector) string {
	provider, _, _ := strings.Cut(declared(url, "", nil), "resource ")
	blocks := []string{provider}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		var secrets []string
		if len(all[name].Secrets) > 0 {
			secrets = []string{"config_wo = " + hcl(all[name].Secrets)}
		}
		_, block, _ := strings.Cut(declared(url, name, all[name].Config, secrets...), "resource ")
		blocks = append(blocks, "resource "+strings.Replace(block, `"test"`, fmt.Sprintf("%q", name), 1))
	}
	return strings.Join(blocks, "")
}

// importPublic imports the connectors with a generated configuration. Exactly their secrets must be in ignored_config_keys.
func importPublic(t *testing.T, w *connectfake.Worker, all map[string]publicConnector) {
	t.Helper()
	config, _, _ := strings.Cut(declared(w.URL(), "", nil), "resource ")
	for name := range all {
		config += fmt.Sprintf("import {\n  to = kafkaconnect_connector.%s\n  id = %[1]q\n}\n", name)
	}
	c := acctest.NewCLI(t, config)
	mustNotWarn(t, c.Must("plan", "-no-color", "-generate-config-out=generated.tf"), "Config generation is experimental")
	mustNotWarn(t, c.Apply())
	c.MustBeEmpty()
	generated, err := os.ReadFile(filepath.Join(c.Dir, "generated.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for name, connector := range all {
		_, block, _ := strings.Cut(string(generated), fmt.Sprintf("resource \"kafkaconnect_connector\" %q", name))
		_, ignored, _ := strings.Cut(block, "ignored_config_keys")
		line, _, _ := strings.Cut(strings.TrimLeft(ignored, " ="), "\n")
		want := "null"
		if len(connector.Secrets) > 0 {
			want = strings.ReplaceAll(fmt.Sprintf("%q", slices.Sorted(maps.Keys(connector.Secrets))), `" "`, `", "`)
		}
		if line != want {
			t.Errorf("%s: the import has written ignored_config_keys = %s, want %s", name, line, want)
		}
	}
}

// mustNotWarn checks that Terraform printed no warnings, but those about the development override and those whose summary has
// one of the texts.
func mustNotWarn(t *testing.T, out string, but ...string) {
	t.Helper()
	warnings := regexp.MustCompile(`Warning: .*`).FindAllString(out, -1)
	warnings = slices.DeleteFunc(warnings, func(line string) bool {
		return slices.ContainsFunc(append(but, "development overrides"), func(text string) bool { return strings.Contains(line, text) })
	})
	if len(warnings) > 0 {
		t.Errorf("got the warnings %q:\n%s", warnings, out)
	}
}
