package internaltopic

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Prefixes of the keys that workers of Kafka 2.8 to 4.4 write (KafkaConfigBackingStore, KafkaStatusBackingStore).
const (
	taskPrefix        = "task-"        // task-NAME-0
	statusTaskPrefix  = "status-task-" // status-task-NAME-0
	statusTopicPrefix = "status-topic-"
	// statusTopicSeparator is between the topic and the connector: status-topic-TOPIC:connector-NAME.
	statusTopicSeparator = ":connector-"
	// sessionKey is the key of the secret with which workers sign requests to each other.
	sessionKey = "session-key"
	// loggerPrefix is followed by the name of a logger (KIP-976).
	loggerPrefix = "logger-cluster-"
)

// connectorPrefixes are followed by the name of a connector and nothing else.
var connectorPrefixes = map[Role][]string{
	RoleConfig: {"connector-", "commit-", "target-state-", "tasks-fencing-", "restart-connector-"},
	RoleStatus: {"status-connector-"},
}

// connectorOf reports whether a worker writes records with this key to the topic of the role, and returns the connector
// that the key names. Some keys of the config topic name none. Without a role, keys of every role count.
func connectorOf(role Role, key []byte) (name string, ok bool) {
	switch role {
	case RoleOffset:
		return offsetConnector(key)
	case RoleConfig:
		text := string(key)
		if text == sessionKey || strings.HasPrefix(text, loggerPrefix) {
			return "", true
		}
		if rest, found := strings.CutPrefix(text, taskPrefix); found {
			return withoutTask(rest)
		}
		return afterPrefix(role, text)
	case RoleStatus:
		text := string(key)
		if rest, found := strings.CutPrefix(text, statusTaskPrefix); found {
			return withoutTask(rest)
		}
		if rest, found := strings.CutPrefix(text, statusTopicPrefix); found {
			_, name, _ = strings.Cut(rest, statusTopicSeparator) // a topic name has no colon
			return name, name != ""
		}
		return afterPrefix(role, text)
	}
	for _, r := range Roles() {
		if name, ok = connectorOf(r, key); ok {
			return name, true
		}
	}
	return "", false
}

// offsetConnector returns the connector of a key of an offset topic. The key is a JSON array of the connector and the
// source partition, which is an object or null. A JsonConverter with schemas, which workers before 3.0 could be
// configured with, wraps the array.
func offsetConnector(key []byte) (name string, ok bool) {
	key = bytes.TrimSpace(key)
	if bytes.HasPrefix(key, []byte("{")) {
		var wrapped map[string]json.RawMessage
		if json.Unmarshal(key, &wrapped) != nil || len(wrapped) != 2 || wrapped["schema"] == nil {
			return "", false
		}
		key = wrapped["payload"]
	}
	var parts []json.RawMessage
	if json.Unmarshal(key, &parts) != nil || len(parts) != 2 || !bytes.HasPrefix(parts[0], []byte(`"`)) || json.Unmarshal(parts[0], &name) != nil {
		return "", false
	}
	return name, name != "" && (bytes.HasPrefix(parts[1], []byte("{")) || string(parts[1]) == "null")
}

// withoutTask removes the task number from NAME-NUMBER. The name may contain dashes.
func withoutTask(text string) (name string, ok bool) {
	dash := strings.LastIndexByte(text, '-')
	if dash < 1 {
		return "", false
	}
	_, err := strconv.ParseUint(text[dash+1:], 10, 31)
	return text[:dash], err == nil
}

func afterPrefix(role Role, text string) (name string, ok bool) {
	for _, prefix := range connectorPrefixes[role] {
		if name, ok = strings.CutPrefix(text, prefix); ok && name != "" {
			return name, true
		}
	}
	return "", false
}

// groupsUsing returns the groups whose workers run connectors that the records of a topic name. In an offset topic, one
// common connector is enough, because sink connectors have no record there. Config and status topics name every
// connector of their group; with every set, a group counts only if all its connectors are named.
func groupsUsing(groups []Group, connectors map[string]bool, every bool) []Group {
	named := func(c string) bool { return connectors[c] }
	var using []Group
	for _, g := range groups {
		n := len(slices.DeleteFunc(slices.Clone(g.Connectors), func(c string) bool { return !named(c) }))
		if n > 0 && (!every || n == len(g.Connectors)) {
			using = append(using, g)
		}
	}
	return using
}
