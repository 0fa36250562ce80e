package workerconfig_test

import (
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

func TestSuggestTopicSetting(t *testing.T) {
	for name, want := range map[string]string{
		"retention.mss":                         "retention.ms",
		"retention_ms":                          "retention.ms",
		"min.insync.replica":                    "min.insync.replicas",
		"log.retention.ms":                      "retention.ms",
		"message.max.bytes":                     "max.message.bytes",
		"retention.ms":                          "",
		"leader.replication.throttled.replicas": "",
		"errors.deadletterqueue.group.enable":   "",
		"confluent.tier.enable":                 "",
	} {
		if got := workerconfig.SuggestTopicSetting(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestTopicSettingOfBroker(t *testing.T) {
	for name, want := range map[string]string{
		"log.roll.hours": "segment.ms", "log.retention.ms": "retention.ms", "retention.ms": "", "min.insync.replicas": "", "retention.mss": "",
	} {
		got := workerconfig.TopicSettingOfBroker(name)
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		if got != "" && !workerconfig.IsTopicSetting(got) {
			t.Errorf("%s is not a setting of topics", got)
		}
	}
}
