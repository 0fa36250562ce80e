package internaltopic

import (
	"slices"
	"testing"
)

func TestConnectorOf(t *testing.T) {
	for _, c := range []struct {
		role Role
		key  string
		name string
		ok   bool
	}{
		{RoleOffset, `["orders",{"filename":"/in"}]`, "orders", true},
		{RoleOffset, `["a-\"b\"-0",null]`, `a-"b"-0`, true},
		{RoleOffset, ` [ "orders" , { } ] `, "orders", true},
		{RoleOffset, `{"schema":null,"payload":["orders",{"filename":"/in"}]}`, "orders", true},
		{RoleOffset, `{"payload":["orders",{}]}`, "", false},
		{RoleOffset, `{"schema":null,"payload":{"id":1}}`, "", false},
		{RoleOffset, `["orders"]`, "", false},
		{RoleOffset, `["orders",7]`, "orders", false},
		{RoleOffset, `["",{}]`, "", false},
		{RoleOffset, `[null,{}]`, "", false},
		{RoleOffset, `["orders",{}]x`, "", false},
		{RoleOffset, `orders`, "", false},
		{RoleOffset, ``, "", false},
		{RoleOffset, completeKey, "", false},
		{RoleConfig, "connector-my-source", "my-source", true},
		{RoleConfig, "task-my-source-12", "my-source", true},
		{RoleConfig, "task-my-source", "my", false},
		{RoleConfig, "commit-my-source", "my-source", true},
		{RoleConfig, "target-state-my-source", "my-source", true},
		{RoleConfig, "tasks-fencing-my-source", "my-source", true},
		{RoleConfig, "restart-connector-my-source", "my-source", true},
		{RoleConfig, "session-key", "", true},
		{RoleConfig, "logger-cluster-org.example", "", true},
		{RoleConfig, "connector-", "", false},
		{RoleConfig, "status-connector-x", "", false},
		{RoleConfig, "customer-7", "", false},
		{RoleStatus, "status-connector-my-sink", "my-sink", true},
		{RoleStatus, "status-task-my-sink-0", "my-sink", true},
		{RoleStatus, "status-task-0", "", false},
		{RoleStatus, "status-topic-t-1:connector-my:connector-sink", "my:connector-sink", true},
		{RoleStatus, "status-topic-t", "", false},
		{RoleStatus, "connector-x", "", false},
		{"", `["orders",{}]`, "orders", true},
		{"", "task-my-source-12", "my-source", true},
		{"", "status-task-my-sink-0", "my-sink", true},
		{"", "customer-7", "", false},
	} {
		name, ok := connectorOf(c.role, []byte(c.key))
		if ok != c.ok || ok && name != c.name {
			t.Errorf("role %q, key %q: got %q, %t, want %q, %t", c.role, c.key, name, ok, c.name, c.ok)
		}
	}
}

func TestGroupsUsing(t *testing.T) {
	groups := []Group{
		{ID: "some", Connectors: []string{"a", "b"}}, {ID: "all", Connectors: []string{"a", "c"}},
		{ID: "others", Connectors: []string{"d"}}, {ID: "idle"},
	}
	named := map[string]bool{"a": true, "c": true}
	for every, want := range map[bool][]string{false: {"some", "all"}, true: {"all"}} {
		var got []string
		for _, g := range groupsUsing(groups, named, every) {
			got = append(got, g.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("every %t: got %v, want %v", every, got, want)
		}
	}
}
