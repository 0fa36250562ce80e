package connector

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// This file checks the dead-letter queue of a sink in the plan, and counts its records. Workers write records to this topic that
// the sink cannot convert or transform (KIP-298). They create the topic when a task starts.

// Keys of a sink, and the defaults of workers.
const (
	deadLetterFactorKey     = "errors.deadletterqueue.topic.replication.factor"
	deadLetterFactorDefault = "3"
	toleranceKey            = "errors.tolerance"
	toleranceDefault        = "none"
	toleranceAll            = "all"

	adminServersKey = "admin.override.bootstrap.servers" // the brokers that create the topic, if not those of the workers
)

// deadLetterTimeout bounds the requests to the brokers in a plan.
const deadLetterTimeout = 10 * time.Second

const deadLetterRecordsDescription = "Number of records in the dead-letter queue of a sink, the topic `errors.deadletterqueue.topic.name` of its configuration. " +
	"Records that retention has deleted do not count. `0` if the topic does not exist. Null for a source, for a sink without such a topic, and if `lag` is null. " +
	"If it cannot be read, it is null with a warning. The user of the provider needs `Describe` on the topic."

// checkDeadLetters warns in the plan of a dead-letter queue that does not do what it is for.
func (r *Resource) checkDeadLetters(ctx context.Context, m model, applies bool) (diags diag.Diagnostics) {
	if _, declared := m.declares(deadLetterKey); !declared || applies || !m.isSink() {
		return nil
	}
	topic, known := m.setting(deadLetterKey, "")
	if known && topic == "" {
		return nil
	}
	if tolerance, known := m.setting(toleranceKey, toleranceDefault); known && tolerance != toleranceAll {
		diags.Append(m.toleranceWarning(tolerance))
	}
	if known {
		diags.Append(r.checkDeadLetterFactor(ctx, m, topic)...)
	}
	return diags
}

// isSink reports whether the connector is a sink. The type of a new one is not known, but a sink has topics.
func (m model) isSink() bool {
	if kind := m.Type.ValueString(); kind != "" {
		return kind == "sink"
	}
	_, listed := m.declares("topics")
	_, matched := m.declares("topics.regex")
	return listed || matched
}

// setting returns the value of a key, which is the default if the key is not declared. It returns false if only the worker knows it.
func (m model) setting(key, byDefault string) (value string, known bool) {
	if m.IgnoredConfigKeys.IsUnknown() || slices.Contains(tfvalue.StringSet(m.IgnoredConfigKeys), key) {
		return "", false
	}
	value, known = m.value(key)
	if _, declared := m.declares(key); known && !declared {
		value = byDefault
	}
	return strings.TrimSpace(value), known
}

// settingPath returns where a key is declared, or the key of the topic.
func (m model) settingPath(key string) path.Path {
	if _, declared := m.declares(key); declared {
		return m.keyPath(key)
	}
	return m.keyPath(deadLetterKey)
}

// orDefault says that a value is the default unless the key is declared.
func (m model) orDefault(key, value string) string {
	if _, declared := m.declares(key); declared {
		return diagnostics.Quoted(value)
	}
	return diagnostics.Quoted(value) + ", the default"
}

// toleranceWarning warns that tasks fail although there is a dead-letter queue.
func (m model) toleranceWarning(tolerance string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(m.settingPath(toleranceKey), "Tasks of "+quoted(m.Name.ValueString())+" fail at the first bad record",
		"The configuration has a dead-letter queue, "+deadLetterKey+", but "+toleranceKey+" is "+m.orDefault(toleranceKey, tolerance)+
			". With this value, a task fails at the first record that it cannot convert or transform, and fails again after each restart. "+
			"Set "+toleranceKey+" = \"all\", so that tasks write such records to the queue and continue. If tasks should fail, remove "+deadLetterKey+".")
}

// checkDeadLetterFactor warns if the brokers are too few for the topic that the workers will create. It asks nothing without Kafka
// settings, and reports nothing if the brokers do not answer.
func (r *Resource) checkDeadLetterFactor(ctx context.Context, m model, topic string) (diags diag.Diagnostics) {
	text, known := m.setting(deadLetterFactorKey, deadLetterFactorDefault)
	factor, err := strconv.Atoi(text)
	_, elsewhere := m.declares(adminServersKey)
	kafka := r.Kafka.ClientOrNil()
	if !known || err != nil || factor <= 1 || elsewhere || kafka == nil { // -1: the default of the brokers
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, deadLetterTimeout)
	defer cancel()
	brokers := r.Brokers.Do(struct{}{}, func() int {
		n, _ := kafka.Brokers(context.WithoutCancel(ctx))
		return n
	})
	if brokers == 0 || factor <= brokers {
		return nil
	}
	if exists, err := kafka.HasTopic(ctx, topic); exists || err != nil {
		return nil
	}
	found := "1 broker is"
	if brokers > 1 {
		found = fmt.Sprintf("%d brokers are", brokers)
	}
	diags.AddAttributeWarning(m.settingPath(deadLetterFactorKey), "The workers cannot create the dead-letter queue of "+quoted(m.Name.ValueString()),
		fmt.Sprintf("Topic %q does not exist, and %s is %s. Only %s running, so the workers cannot create the topic, and each task fails when it starts. "+
			"Set %s to at most %d, or create the topic before the connector.",
			topic, deadLetterFactorKey, m.orDefault(deadLetterFactorKey, text), found, deadLetterFactorKey, brokers))
	return diags
}

// deadLetterQueue returns the dead-letter queue of a sink, or "". It returns false if the name comes from a config provider, which only
// the worker can read.
func deadLetterQueue(got connectclient.Connector) (topic string, known bool) {
	topic = strings.TrimSpace(got.Config[deadLetterKey])
	if strings.Contains(topic, "${") {
		return "", false
	}
	return topic, true
}

// setDeadLetters sets the number of records in the dead-letter queue of a sink.
func (m *connectorModel) setDeadLetters(got connectclient.Connector, records kafkaclient.Records) diag.Diagnostics {
	switch topic, known := deadLetterQueue(got); {
	case !known:
		return noDeadLettersWarning(got.Name, "The value of "+deadLetterKey+" comes from a config provider, which only the worker can read.")
	case topic == "":
	case records.Err != nil:
		return noDeadLettersWarning(got.Name, diagnostics.Sentence(records.Err.Error()))
	default:
		m.DeadLetterRecords = types.Int64Value(records.Count)
	}
	return nil
}

// noDeadLettersWarning says why the number of records is null.
func noDeadLettersWarning(name, reason string) diag.Diagnostics {
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("dead_letter_records"), "The dead letters of "+quoted(name)+" are not counted", reason+
		"\n\nThe attribute dead_letter_records is null. Check the permissions of the user in the kafka attribute of the provider, or set include_lag to false.")}
}
