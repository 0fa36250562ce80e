package connector

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

// definedKeys are what a worker defines for a file source with the transforms "ts" and "by.name" and the predicate "p".
var definedKeys = []string{
	"name", "connector.class", "tasks.max", "key.converter", "value.converter", "value.converter.schemas.enable", "header.converter", "transforms", "predicates",
	"topic.creation.groups", "errors.tolerance", "errors.retry.timeout", "file", "topic", "batch.size",
	"transforms.ts.type", "transforms.ts.predicate", "transforms.ts.negate", "transforms.ts.timestamp.field", "transforms.ts.static.field", "transforms.ts.static.value",
	"transforms.by.name.type", "transforms.by.name.predicate", "transforms.by.name.negate", "transforms.by.name.regex", "transforms.by.name.replacement",
	"predicates.p.type", "predicates.p.pattern",
}

func TestUnknownKeyWarning(t *testing.T) {
	t.Parallel()
	known := map[string]*connectclient.ConfigKey{}
	for _, key := range definedKeys {
		known[key] = &connectclient.ConfigKey{Name: key}
	}
	for key, want := range map[string]string{
		// Misspelt keys.
		"tasks.maxx":                       "tasks.max",
		"Tasks.Max":                        "tasks.max",
		"fil":                              "file",
		"topi":                             "topic",
		"max.tasks":                        "tasks.max",
		"tolerance.errors":                 "errors.tolerance",
		"retry.errors.timeout":             "errors.retry.timeout",
		"value.converter.schema.enable":    "value.converter.schemas.enable",
		"transforms.ts.timestamp.feld":     "transforms.ts.timestamp.field",
		"transforms.ts.predicat":           "transforms.ts.predicate",
		"transforms.by.name.replacment":    "transforms.by.name.replacement",
		"predicates.p.patern":              "predicates.p.pattern",
		"transforms.tss.static.field":      "transforms.ts.static.field",
		"transform.ts.type":                "transforms.ts.type",
		"predicate.p.type":                 "predicates.p.type",
		"consumer.overide.max.poll.size":   "consumer.override.max.poll.size",
		"producer.overrides.linger.ms":     "producer.override.linger.ms",
		"admin.overrid.retries":            "admin.override.retries",
		"topic.creation.defaults.include":  "topic.creation.default.include",
		"topic.creation.default.partition": "topic.creation.default.partitions",
		"topics.creation.default.include":  "topic.creation.default.include",
		"topic.creation.compactd.include":  "topic.creation.compacted.include",

		// Names that are not listed, and not similar to one that is.
		"transforms.another.type":        "not in transforms",
		"topic.creation.wide.partitions": "not in topic.creation.groups",

		// Correct keys, and keys of libraries.
		"my.own.key": "", "x": "", "ab": "", "consumer.override.max.poll.size": "", "producer.override.linger.ms": "",
		"topic.creation.default.partitions": "", "topic.creation.default.cleanup.policy": "", "topic.creation.compacted.retention.ms": "",
		"topic.creation.wide.retention.ms": "", "topic.creation.enable": "", "transforms.ts.unwrap.mode": "", "transforms.by.name.unwrap.mode": "",
		"value.converter.schema.registry.url": "", "database.history.consumer.sasl.mechanism": "", "schema.history.internal.producer.linger.ms": "",
		"driver.connect.timeout": "", "confluent.topic.replication.factor": "", "offset.storage.topic": "", "consumer.sasl.mechanism": "",
	} {
		m := typoModel(map[string]attr.Value{
			"transforms": types.StringValue("ts, by.name"), "predicates": types.StringValue("p"), "topic.creation.groups": types.StringValue("compacted"),
			"tasks.max": types.StringValue("1"), key: types.StringValue("v"),
		})
		diags := m.unknownKeyWarning(key, known)
		switch {
		case want == "" && len(diags) > 0:
			t.Errorf("%s: got %v", key, diags[0].Detail())
		case want != "" && (len(diags) != 1 || !regexp.MustCompile(`"`+regexp.QuoteMeta(want)+`"|`+regexp.QuoteMeta(want)+`\.`).MatchString(diags[0].Detail())):
			t.Errorf("%s: got %v, want %s", key, diags, want)
		}
	}
}

// typoModel returns a model with the configuration.
func typoModel(config map[string]attr.Value) model {
	return model{
		Config: types.MapValueMust(types.StringType, config), ConfigSensitive: types.MapNull(types.StringType), ConfigWO: types.MapNull(types.StringType),
	}
}

// A name that is not listed is one warning. Nothing is said while the list is unknown, or if a config provider has it.
func TestUnknownKeyWarning_lists(t *testing.T) {
	t.Parallel()
	keys := []string{"transforms.a.type", "transforms.a.field", "transforms.a.predicate"}
	for name, test := range map[string]struct {
		list attr.Value
		want int
	}{
		"listed":          {types.StringValue("b,a"), 0},
		"not listed":      {types.StringValue("b"), 1},
		"no list":         {types.StringNull(), 0},
		"unknown":         {types.StringUnknown(), 0},
		"config provider": {types.StringValue("${file:/run/transforms:list}"), 0},
	} {
		config := map[string]attr.Value{}
		if !test.list.IsNull() {
			config["transforms"] = test.list
		}
		for _, key := range keys {
			config[key] = types.StringValue("v")
		}
		var warnings []string
		for _, key := range keys {
			for _, warning := range typoModel(config).unknownKeyWarning(key, nil) {
				warnings = append(warnings, warning.Detail())
			}
		}
		if len(warnings) != test.want {
			t.Errorf("%s: got %s", name, strings.Join(warnings, "; "))
		}
	}
	// Two short keys that are both declared are both meant.
	both := typoModel(map[string]attr.Value{"file": types.StringValue("v"), "fil": types.StringValue("v")})
	if diags := both.unknownKeyWarning("fil", map[string]*connectclient.ConfigKey{"file": {}}); len(diags) > 0 {
		t.Errorf("got %v", diags)
	}
}
