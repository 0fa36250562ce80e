package workerconfig

import (
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
	"sync"
)

// The file says where its content comes from.
//
//go:embed topic_settings.json
var topicSettingsJSON []byte

// topicSettings are the names of settings of topics.
type topicSettings struct {
	names  []string          // of topics, sorted
	broker map[string]string // setting of topics by the name of the same setting of brokers
}

var knownTopicSettings = sync.OnceValue(func() topicSettings {
	var parsed struct {
		Settings       []string          `json:"settings"`
		BrokerSettings map[string]string `json:"broker_settings"`
	}
	if err := json.Unmarshal(topicSettingsJSON, &parsed); err != nil {
		panic("topic_settings.json: " + err.Error()) // it is part of the program
	}
	names := slices.AppendSeq(parsed.Settings, maps.Keys(knownKeys().topic))
	slices.Sort(names)
	return topicSettings{names: slices.Compact(names), broker: parsed.BrokerSettings}
})

// TopicSettingOfBroker returns the setting of topics that overrides this setting of
// brokers, such as retention.ms for log.retention.ms. It returns "" for other
// settings, and for those that have the same name on brokers and on topics.
func TopicSettingOfBroker(name string) string { return knownTopicSettings().broker[name] }

// IsTopicSetting reports whether a version of Kafka has this setting of topics. Other
// brokers can have more settings.
func IsTopicSetting(name string) bool {
	_, found := slices.BinarySearch(knownTopicSettings().names, name)
	return found
}

// SuggestTopicSetting returns the setting of topics whose name is similar to an unknown
// name, or "". See [Suggest].
func SuggestTopicSetting(name string) string {
	known := knownTopicSettings()
	if meant := known.broker[name]; meant != "" || IsTopicSetting(name) {
		return meant
	}
	return mostSimilar(name, known.names)
}
