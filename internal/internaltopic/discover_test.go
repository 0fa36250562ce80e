package internaltopic

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// topicOfKeys creates a topic with the cleanup policy, and a record for each of the keys.
func topicOfKeys(t *testing.T, bootstrap, topic, policy string, partitions int32, keys ...string) {
	t.Helper()
	client := independent(t, bootstrap, kgo.UnknownTopicRetries(50))
	if _, err := kadm.NewClient(client).CreateTopic(t.Context(), partitions, 1, map[string]*string{KeyCleanupPolicy: &policy}, topic); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Key: []byte(key), Value: []byte("x")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// found lists the topics as role/name.
func found(topics []DiscoveredTopic) (names []string) {
	for _, topic := range topics {
		names = append(names, string(topic.Role)+"/"+topic.Name)
	}
	return names
}

func TestDiscover(t *testing.T) {
	_, bootstrap := fake(t)
	c := newClient(t, bootstrap)
	for name, keys := range map[string][]string{
		"connect-configs":  {"session-key", "connector-a", "connector-b", "target-state-a", "task-a-0"},
		"connect-statuses": {"status-connector-a", "status-connector-b", "status-task-a-0", "status-topic-x:connector-a"},
		"connect-offsets":  nil, // as in a group of sinks only
		"c.emea":           {`["c",{"file":"x"}]`, `["a",{"file":"x"}]`},
		"emea_config":      {"connector-c", "connector-a", "commit-c"},
		"emea_status":      {"status-connector-c", "status-connector-a"},
		"emea_offset":      nil,
		"third-config":     {"connector-z"},
		"third-offset":     {`["a",{"file":"x"}]`},
		"offset-of-nobody": nil,
		"app-config":       {"feature-x"},
		"app-status":       nil,
		"mixed-config":     {"connector-a", "status-connector-a"},
		"keyless-config":   {""},
		"connect-status.x": nil,
	} {
		topicOfKeys(t, bootstrap, name, PolicyCompact, 3, keys...)
	}
	topicOfKeys(t, bootstrap, "deleted-config", "delete", 1, "connector-a")
	topicOfKeys(t, bootstrap, "connect-configs"+RebuildSuffix, PolicyCompact, 1, "connector-a")
	topicOfKeys(t, bootstrap, "locked-config", lockedPolicy, 1, "connector-x")
	joinAsWorker(t, bootstrap, "connect", "http://w1:8083/", "a", "b")
	joinAsWorker(t, bootstrap, "emea", "http://w2:8083/", "a", "c")
	joinAsWorker(t, bootstrap, "idle", "http://w3:8083/")
	joinAs(t, bootstrap, "app", "consumer", "")

	for group, want := range map[string][]string{
		"": {
			"offset/c.emea", "config/connect-configs", "offset/connect-offsets", "status/connect-statuses",
			"config/emea_config", "offset/emea_offset", "status/emea_status", "config/locked-config",
			"config/third-config", "offset/third-offset",
		},
		// Both groups run a connector that c.emea names. third-offset names it, too, but third-config shows another group.
		"connect": {"offset/c.emea", "config/connect-configs", "offset/connect-offsets", "status/connect-statuses"},
		"emea":    {"offset/c.emea", "config/emea_config", "offset/emea_offset", "status/emea_status"},
	} {
		got, err := c.Discover(t.Context(), group)
		if err != nil || !slices.Equal(found(got.Topics), want) || len(got.Unread) > 0 {
			t.Errorf("group %q: got %v and %v, %v, want %v", group, found(got.Topics), got.Unread, err, want)
		}
	}
	for group, want := range map[string]string{
		"nobody": "which has no live workers",
		"idle":   "whose workers (http://w3:8083/) run no connector",
		"app":    "which is a group of type consumer, not a Connect group",
	} {
		_, err := c.Discover(t.Context(), group)
		if spec, ok := errors.AsType[*SpecError](err); !ok || spec.Field != "group_id" || !strings.Contains(err.Error(), want) {
			t.Errorf("group %s: got %v, want %s", group, err, want)
		}
	}
}

// A group without source connectors has no records of offsets. Its offset topic is found by its name.
func TestDiscoverOffsetTopicWithoutRecords(t *testing.T) {
	_, bootstrap := fake(t)
	topicOfKeys(t, bootstrap, "connect-configs", PolicyCompact, 1, "connector-a")
	topicOfKeys(t, bootstrap, "connect-status", PolicyCompact, 5, "status-connector-a")
	topicOfKeys(t, bootstrap, "connect-offsets", PolicyCompact, 25)
	topicOfKeys(t, bootstrap, "other-offsets", PolicyCompact, 25, `["b",{}]`)
	joinAsWorker(t, bootstrap, "connect", "http://w1:8083/", "a")
	got, err := newClient(t, bootstrap).Discover(t.Context(), "connect")
	if want := []string{"config/connect-configs", "offset/connect-offsets", "status/connect-status"}; err != nil || !slices.Equal(found(got.Topics), want) {
		t.Errorf("got %v, %v, want %v", found(got.Topics), err, want)
	}
}

// Compacted topics that the principal may describe, but not read, are named.
func TestDiscoverNamesUnreadTopics(t *testing.T) {
	topic := uniqueName(t) + "-offsets"
	topicWith(t, realBroker(t).Bootstrap(), topic, fill{partitions: 2, keys: 5, history: 5})
	got, err := limited(t, topic, kadm.OpDescribe, kadm.OpDescribeConfigs).Discover(t.Context(), "")
	if err != nil || !slices.Contains(got.Unread, topic) || slices.Contains(found(got.Topics), "offset/"+topic) {
		t.Errorf("got %v and %v, %v", found(got.Topics), got.Unread, err)
	}
	got, err = limited(t, topic, kadm.OpRead, kadm.OpDescribe, kadm.OpDescribeConfigs).Discover(t.Context(), "")
	if err != nil || slices.Contains(got.Unread, topic) || !slices.Contains(found(got.Topics), "offset/"+topic) {
		t.Errorf("with permission, got %v and %v, %v", found(got.Topics), got.Unread, err)
	}
}
