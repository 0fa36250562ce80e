package worker_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// workerLines returns the lines of a valid configuration of distributed workers, by attribute.
func workerLines(group string) map[string]string {
	return map[string]string{
		"group_id":             fmt.Sprintf("%q", group),
		"bootstrap_servers":    `["broker-0:9092"]`,
		"offset_storage_topic": fmt.Sprintf("%q", group+"-offset"),
		"config_storage_topic": fmt.Sprintf("%q", group+"-config"),
		"status_storage_topic": fmt.Sprintf("%q", group+"-status"),
		"key_converter":        `"org.apache.kafka.connect.storage.StringConverter"`,
		"value_converter":      `"org.apache.kafka.connect.storage.StringConverter"`,
	}
}

// standaloneLines returns the lines of a valid configuration of a standalone worker.
func standaloneLines() map[string]string {
	lines := workerLines("")
	maps.DeleteFunc(lines, func(name, _ string) bool { return name == "group_id" || strings.HasSuffix(name, "_storage_topic") })
	lines["offset_storage_file_filename"] = `"/tmp/offsets"`
	return lines
}

// block returns the block of a resource. The pairs in more add or replace attributes; an empty value removes one.
func block(kind, name string, lines map[string]string, more ...string) string {
	lines = maps.Clone(lines)
	for i := 0; i+1 < len(more); i += 2 {
		lines[more[i]] = more[i+1]
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s %q {\n", kind, name)
	for _, attribute := range slices.Sorted(maps.Keys(lines)) {
		if lines[attribute] != "" {
			fmt.Fprintf(&out, "  %s = %s\n", attribute, lines[attribute])
		}
	}
	out.WriteString("}\n")
	return out.String()
}

const (
	distributedKind = `resource "kafkaconnect_worker_config"`
	standaloneKind  = `resource "kafkaconnect_standalone_worker_config"`
)

// validation is what `terraform validate -json` prints.
type validation struct {
	Diagnostics []struct {
		Severity, Summary, Detail, Address string
		Range                              struct{ Start struct{ Line int } }
	}
}

func validate(c *acctest.CLI) (v validation) {
	c.T.Helper()
	out, _ := c.Run("validate", "-json")
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		c.T.Fatalf("%v in:\n%s", err, out)
	}
	return v
}

func TestWorkerConfig_problemsPointAtTheirLine(t *testing.T) {
	t.Parallel()
	const mark = " # here"
	secured := func(lines string) []string {
		return []string{"security", "{\n    protocol = \"SASL_SSL\"\n    sasl = {\n      mechanism = \"PLAIN\"\n      username = \"u\"\n" + lines + "\n    }\n  }"}
	}
	store := func(lines string) []string {
		return []string{"security", "{\n    protocol = \"SSL\"\n" + lines + "\n  }"}
	}
	cases := []struct {
		standalone bool
		more       []string
		want       string // severity, then part of summary and detail
	}{
		{false, []string{"config", "{\n    \"ofset.storage.topic\" = \"x\"" + mark + "\n  }"}, `warning ofset.storage.topic is not a known key: did you mean offset.storage.topic?`},
		{false, []string{"config", "{\n    \"offset.flush.interval.ms\" = \"1m\"" + mark + "\n  }"}, "error offset.flush.interval.ms must be a whole number"},
		{false, []string{"config", "{\n    \"connect.protocol\" = \"lazy\"" + mark + "\n  }"}, "error connect.protocol must be one of compatible, eager, sessioned"},
		{false, []string{"config", "{\n    \"group.id\" = \"x\"" + mark + "\n  }"}, "error group.id is set twice"},
		{false, []string{"config_sensitive", "{\n    \"group.id\" = \"x\"" + mark + "\n  }"}, "error group.id is set twice"},
		{false, []string{"config_sensitive", "{\n    \"a.b\" = \"x\"" + mark + "\n  }", "config", `{ "a.b" = "x" }`}, `error "a.b" is in both config and config_sensitive`},
		{false, []string{"config", "{\n    \"a\" = null" + mark + "\n  }"}, "error An element is null"},
		{false, []string{"config", "{\n    \"listeners.https.ssl.keystore.password\" = \"x\"" + mark + "\n  }"}, "warning is a secret in plain text"},
		{false, []string{"config", "{\n    \"client.id\" = \"${vault:a:b}\"" + mark + "\n  }"}, `error "vault", which is not declared`},
		{false, []string{"announce_revision", "true", "config", "{\n    \"response.http.headers.config\" = \"add x-kafka-connect-config: 1\"" + mark + "\n  }"},
			"error the header X-Kafka-Connect-Config is set twice: announce_revision sets it already; remove the header from this value"},
		{false, []string{"client_prefixes", `["consumer", "admin"]`, "config", "{\n    \"security.protocol\" = \"SSL\"" + mark + "\n  }"}, "warning does not apply to the producer"},
		{false, []string{"config", "{\n    \"upperCase\" = \"x\"" + mark + "\n  }"}, `warning "upperCase" is not in environment`},
		{false, []string{"path", `"/w"`, "environment_image", `"debezium"`, "config", "{\n    \"a_b\" = \"x\"" + mark + "\n  }"}, `warning "a_b" is not in environment`},
		{false, []string{"environment_image", `"other"` + mark}, `error "confluent" "debezium"`},
		{false, []string{"bootstrap_servers", `["broker"]` + mark}, "error every bootstrap server must have the form host:port"},
		{false, []string{"listeners", `["0.0.0.0:8083"]` + mark}, "error every listener must have the form"},
		{false, []string{"offset_storage_topic", `"a topic"` + mark}, "error A topic name has"},
		{false, []string{"offset_storage_partitions", "0" + mark}, "error offset.storage.partitions must be at least 1"},
		{false, []string{"exactly_once_source_support", `"on"` + mark}, "error exactly.once.source.support must be one of"},
		{false, []string{"client_prefixes", `["producers"]` + mark}, "error is not a client prefix"},
		{false, append(secured(`      password = "x"`), "client_prefixes", `["consumer", "admin"]`+mark), "warning source connectors cannot write to the cluster"},
		{false, append(secured(`      password = "x"`), "client_prefixes", `[]`+mark), "warning sink connectors cannot read from the cluster"},
		{false, []string{"config_providers", "{\n    vault = {}" + mark + "\n  }"}, `error config_providers["vault"]: the config provider "vault" needs a class`},
		{false, []string{"workers", "{\n    a = {\n      listeners = [\"x\"]" + mark + "\n    }\n  }"}, `error workers["a"].listeners: every listener must have the form`},
		{false, []string{"workers", "{ a = {} }", "listeners", `["x"]` + mark}, "error every listener must have the form"},
		{false, []string{"workers", "{ a = {} }", "path", `"x"` + mark}, "error path cannot be combined with workers"},
		{false, []string{"workers", "{\n    a = { path = \"x\" }\n    b = { path = \"x\" }" + mark + "\n  }"}, `error workers["b"].path: path "x" leads to the same file as path "x" of worker "a"`},
		{false, []string{"workers", "{\n    a = { path = \"x\" }\n    b = { path = \"./x\" }" + mark + "\n  }"}, `error workers["b"].path: path "./x" leads to the same file as path "x" of worker "a"`},
		{false, []string{"workers", "{\n    \"\" = {}" + mark + "\n  }"}, `error Blank key in a map workers has an element with the key ""`},
		{false, []string{"config", "{\n    \" \" = \"x\"" + mark + "\n  }"}, `error Blank key in a map config has an element with the key " "`},
		{false, secured(`      password_wo = "x"` + mark), "error security.sasl.password_wo: password_wo is written only to the file at path, and path is not set"},
		{false, append(secured("      password = \"x\"\n      password_wo = \"x\""+mark), "path", `"x"`), "error security.sasl.password_wo: password and password_wo cannot both be set"},
		{false, append(secured(`      password_wo = "${file:/a:b}"`+mark), "path", `"x"`), "error security.sasl.password_wo: a placeholder of a config provider is not a secret"},
		{false, secured("      jaas_config = \"x\"" + mark), "error security.sasl.jaas_config: jaas_config cannot be set together with username and password"},
		{false, secured("      password = \"${file:/a\\\\b:c}\"" + mark), `error security.sasl.password: a placeholder that contains " or \`},
		{false, []string{"security", "{\n    protocol = \"SASL\"" + mark + "\n  }"}, "error security.protocol: security.protocol must be one of"},
		{false, store("    truststore = {\n      certificates = \"x\"\n      type = \"JKS\"" + mark + "\n    }"), "error security.truststore.type: certificates are in PEM format"},
		{false, store("    truststore = {\n      certificates = \"x\"\n      password = \"x\"" + mark + "\n    }"), "error security.truststore.password: Kafka refuses a password"},
		{false, store("    keystore = {\n      key = \"x\"\n      certificate_chain = \"x\"\n      location = \"x\"" + mark + "\n    }"), "error security.keystore.location: location cannot be set together with key and certificate_chain"},
		{false, []string{"file_permission", `"rw"` + mark}, "error must be an octal number"},
		{false, []string{"advertised_port", "99999999999" + mark}, "error rest.advertised.port must be"},
		{true, []string{"config", "{\n    \"group.id\" = \"x\"" + mark + "\n  }"}, "error has no group and no internal topics: it stores source offsets in the file at offset_storage_file_filename"},
		{true, []string{"config", "{\n    \"status.storage.topic\" = \"x\"" + mark + "\n  }"}, "error has no group and no internal topics"},
		{true, []string{"offset_storage_file_filename", `""` + mark}, "error offset.storage.file.filename is required"},
		{true, []string{"key_converter", `"no class"` + mark}, "error key.converter must be the name of a Java class"},
	}
	var config strings.Builder
	for i, test := range cases {
		name := fmt.Sprintf("case_%d", i)
		if test.standalone {
			config.WriteString(block(standaloneKind, name, standaloneLines(), escaped(test.more)...))
		} else {
			config.WriteString(block(distributedKind, name, workerLines(name), escaped(test.more)...))
		}
	}
	c := acctest.NewCLI(t, config.String())
	found := validate(c)
	lines := linesOf(c)
	for i, test := range cases {
		address := fmt.Sprintf("worker_config.case_%d", i)
		severity, want, _ := strings.Cut(test.want, " ")
		var seen []string
		hit := false
		for _, d := range found.Diagnostics {
			if !strings.HasSuffix(d.Address, address) {
				continue
			}
			line := lines[d.Range.Start.Line-1]
			seen = append(seen, d.Severity+" at "+line+": "+d.Summary+": "+d.Detail)
			marked := strings.HasSuffix(line, mark) || isDeep(want) // Terraform reports only the first line of the resource
			hit = hit || d.Severity == severity && marked && strings.Contains(strings.ToLower(d.Summary+" "+d.Detail), strings.ToLower(want))
		}
		if !hit {
			t.Errorf("case %d: no %s with %q on the marked line, but:\n%s", i, severity, want, strings.Join(seen, "\n"))
		}
	}
}

// isDeep reports whether the text begins with the path of a nested attribute.
func isDeep(text string) bool {
	return slices.ContainsFunc([]string{"security.", "workers[", "config_providers["}, func(root string) bool { return strings.HasPrefix(text, root) })
}

// escaped escapes ${ in the lines for HCL.
func escaped(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.ReplaceAll(line, "${", "$${")
	}
	return out
}

// Unknown values never cause a problem: here, password and password_wo exclude each other, and workers may have paths.
func TestWorkerConfig_unknownValuesCauseNoProblem(t *testing.T) {
	t.Parallel()
	security := `{
    protocol = var.x
    sasl     = { mechanism = var.x, username = var.x, jaas_config = var.x }
    keystore = { certificate_chain = "a", key = var.x }
  }`
	c := acctest.NewCLI(t, "variable \"x\" {\n  type = string\n}\nvariable \"m\" {\n  type = map(string)\n}\n"+
		block(distributedKind, "a", workerLines("a"), "security", security, "config", "{ \"client.id\" = var.x }", "group_id", "var.x")+
		block(distributedKind, "b", workerLines("b"), "config", "var.m", "workers", "{ for k, v in var.m : k => {} }", "bootstrap_servers", "[var.x]", "listeners", "[var.x]")+
		block(distributedKind, "c", workerLines("c"), "config_providers", "{ for k, v in var.m : k => {} }", "config", `{ "client.id" = "$${vault:a:b}" }`, "bootstrap_servers", "")+
		block(distributedKind, "e", workerLines("e"), "security", "{\n    protocol = \"SASL_SSL\"\n    sasl     = { mechanism = \"PLAIN\", username = \"u\", password = var.x, password_wo = var.x }\n  }",
			"workers", "{ for k, v in var.m : k => {} }")+
		block(standaloneKind, "d", standaloneLines(), "offset_storage_file_filename", "var.x", "path", "var.x", "bootstrap_servers", ""))
	for _, d := range validate(c).Diagnostics {
		if d.Address != "" {
			t.Errorf("%s: %s: %s: %s", d.Severity, d.Address, d.Summary, d.Detail)
		}
	}
}

// linesOf returns the lines of main.tf.
func linesOf(c *acctest.CLI) []string {
	c.T.Helper()
	text, err := os.ReadFile(filepath.Join(c.Dir, "main.tf"))
	if err != nil {
		c.T.Fatal(err)
	}
	return strings.Split(string(text), "\n")
}
