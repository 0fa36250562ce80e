package workerconfig_test

import (
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// problemCase changes a sound configuration and tells the problem that must show.
type problemCase struct {
	name   string
	change func(*workerconfig.Distributed)
	want   string // as Problem.String begins; empty: no problem at all
}

func TestProblemsOfDistributedWorkers(t *testing.T) {
	t.Parallel()
	number := func(n int64) *int64 { return &n }
	config := func(key, value string) func(*workerconfig.Distributed) {
		return func(d *workerconfig.Distributed) { d.Config = map[string]string{key: value} }
	}
	for _, test := range []problemCase{
		{"sound", func(*workerconfig.Distributed) {}, ""},
		{"no group", func(d *workerconfig.Distributed) { d.GroupID = "" }, "error: group_id: group.id is required"},
		{"no topic", func(d *workerconfig.Distributed) { d.ConfigStorage.Name = "" }, "error: config_storage_topic: config.storage.topic is required"},
		{"no converter", func(d *workerconfig.Distributed) { d.KeyConverter = "" }, "error: key_converter: key.converter is required"},
		{"converter in config", func(d *workerconfig.Distributed) { d.KeyConverter = ""; config("key.converter", jsonConverter)(d) }, ""},
		{"converter is no class", func(d *workerconfig.Distributed) { d.KeyConverter = "json converter" }, "error: key_converter: key.converter must be the name of a Java class"},
		{"bootstrap server without port", func(d *workerconfig.Distributed) { d.BootstrapServers = []string{"a:1", "b"} }, "error: bootstrap_servers: every bootstrap server must have the form host:port"},
		{"bootstrap server with protocol and IPv6", func(d *workerconfig.Distributed) { d.BootstrapServers = []string{"SSL://a:1", "[::1]:9092"} }, ""},
		{"listener without scheme", func(d *workerconfig.Distributed) { d.Listeners = []string{"0.0.0.0:8083"} }, "error: listeners: every listener must have the form"},
		{"listener with the broker's scheme", func(d *workerconfig.Distributed) { d.Listeners = []string{"PLAINTEXT://:8083"} }, "error: listeners: every listener must have the form"},
		{"worker's listener", func(d *workerconfig.Distributed) {
			d.Workers = map[string]workerconfig.Place{"w": {Listeners: []string{"x"}}}
		}, "error: workers.w.listeners: every listener must have the form"},
		{"topic name", func(d *workerconfig.Distributed) { d.OffsetStorage.Name = "a topic" }, "error: offset_storage_topic: a topic name has"},
		{"topic name of dots", func(d *workerconfig.Distributed) { d.OffsetStorage.Name = ".." }, "error: offset_storage_topic: a topic name has"},
		{"one topic for two roles", func(d *workerconfig.Distributed) { d.StatusStorage.Name = "connect-offset" }, `error: status_storage_topic: topic "connect-offset" is already the offset storage topic`},
		{"partitions of the config topic", func(d *workerconfig.Distributed) { d.ConfigStorage.Partitions = number(1) }, "error: config_storage_partitions: the config topic has exactly one partition"},
		{"no partitions", func(d *workerconfig.Distributed) { d.StatusStorage.Partitions = number(0) }, "error: status_storage_partitions: status.storage.partitions must be at least 1"},
		{"replication factor", func(d *workerconfig.Distributed) { d.ConfigStorage.ReplicationFactor = number(-2) }, "error: config_storage_replication_factor: config.storage.replication.factor must be at least 1"},
		{"replication factor beyond 16 bits", func(d *workerconfig.Distributed) { d.ConfigStorage.ReplicationFactor = number(1 << 20) }, "error: config_storage_replication_factor: config.storage.replication.factor must be a whole number of 16 bits"},
		{"exactly once", func(d *workerconfig.Distributed) { d.ExactlyOnceSourceSupport = "on" }, "error: exactly_once_source_support: exactly.once.source.support must be one of"},
		{"given twice", config("group.id", "x"), "error: config.group.id: group.id is set twice: group_id sets it already"},
		{"given twice under a prefix", config("producer.security.protocol", "SSL"), "error: config.producer.security.protocol: producer.security.protocol is set twice: security.protocol sets it already"},
		{"typo", config("ofset.storage.topic", "x"), "warning: config.ofset.storage.topic: ofset.storage.topic is not a known key: did you mean offset.storage.topic?"},
		{"unknown", config("my.plugin.setting", "x"), ""},
		{"wrong type", config("offset.flush.interval.ms", "1m"), "error: config.offset.flush.interval.ms: offset.flush.interval.ms must be a whole number of 64 bits"},
		{"wrong type under a prefix", config("producer.linger.ms", "fast"), "error: config.producer.linger.ms: producer.linger.ms must be a whole number of 64 bits"},
		{"unknown enum value", config("connect.protocol", "lazy"), "error: config.connect.protocol: connect.protocol must be one of compatible, eager, sessioned"},
		{"key of the other mode", config("offset.storage.file.filename", "/o"), "warning: config.offset.storage.file.filename: offset.storage.file.filename has no effect: only standalone workers read it"},
		{"key of the past", config("rest.port", "8083"), "warning: config.rest.port: rest.port has no effect in workers newer than Kafka 2.8"},
		{"blanks around", config("client.id", " x"), "warning: config.client.id: client.id begins or ends with white space"},
		{"undeclared provider", config("client.id", "${vault:a:b}"), `error: config.client.id: client.id has a placeholder of the config provider "vault", which is not declared: add vault = {`},
		{"perhaps a placeholder", config("client.id", "x${vault:a:b}"), `warning: config.client.id: client.id has a placeholder of the config provider "vault"`},
		{"no placeholder", config("client.id", "${vault} $x {a:b} ${1:2}"), ""},
		{"provider in config", config("config.providers", "vault , file"), ""},
		{"provider without class", func(d *workerconfig.Distributed) {
			d.ConfigProviders = map[string]workerconfig.ConfigProvider{"vault": {}}
		}, `error: config_providers.vault: the config provider "vault" needs a class`},
		{"provider of the key and of config", func(d *workerconfig.Distributed) {
			d.ConfigProviders = map[string]workerconfig.ConfigProvider{"env": {}}
			config("config.providers", "env")(d)
		}, "error: config_providers: config.providers is set twice: config.config.providers sets it already"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := distributedGroup(securedWorker())
			test.change(&d)
			names := []string{""}
			for name := range d.Workers {
				names = []string{name}
			}
			_, problems := d.Properties(names[0])
			wantProblem(t, problems, test.want)
		})
	}
}

func TestProblemsOfStandaloneWorkers(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"group.id":                  "error: config.group.id: group.id has no effect in a standalone worker, which has no group and no internal topics",
		"offset.storage.topic":      "error: config.offset.storage.topic: offset.storage.topic has no effect in a standalone worker",
		"status.storage.partitions": "error: config.status.storage.partitions: status.storage.partitions has no effect in a standalone worker",
		"rebalance.timeout.ms":      "warning: config.rebalance.timeout.ms: rebalance.timeout.ms has no effect: only distributed workers read it",
		"request.timeout.ms":        "",
		"plugin.paths":              "warning: config.plugin.paths: plugin.paths is not a known key: did you mean plugin.path?",
	} {
		s := standaloneWorker(securedWorker())
		s.Config = map[string]string{key: "1000"}
		_, problems := s.Properties()
		wantProblem(t, problems, want)
	}
	s := standaloneWorker(securedWorker())
	s.OffsetStorageFile = ""
	_, problems := s.Properties()
	wantProblem(t, problems, "error: offset_storage_file_filename: offset.storage.file.filename is required")
}

// wantProblem wants exactly one problem, or none, and no secret in it.
func wantProblem(t *testing.T, problems workerconfig.Problems, want string) {
	t.Helper()
	switch {
	case want == "" && len(problems) > 0:
		t.Errorf("problems: %v", problems)
	case want != "" && (len(problems) != 1 || !strings.HasPrefix(problems[0].String(), want)):
		t.Errorf("problems: %v\nwant %s", problems, want)
	}
	for _, problem := range problems {
		if strings.Contains(problem.String(), testPassword) {
			t.Errorf("a secret is shown: %v", problem)
		}
		if problem.Severity == workerconfig.SeverityError && !problems.HasError() {
			t.Error("HasError must see it")
		}
	}
}
