package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

func stringsMap(pairs ...string) types.Map {
	values := map[string]attr.Value{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = types.StringValue(pairs[i+1])
	}
	return types.MapValueMust(types.StringType, values)
}

func stringsSet(values ...string) types.Set {
	elements := make([]attr.Value, len(values))
	for i, value := range values {
		elements[i] = types.StringValue(value)
	}
	return types.SetValueMust(types.StringType, elements)
}

func TestConnectorModel_observe(t *testing.T) {
	running := connectclient.Status{Connector: connectclient.ConnectorStatus{State: connectclient.StateRunning}}
	for name, test := range map[string]struct {
		model     connectorModel
		holds     map[string]string
		nulls     []string
		config    types.Map
		sensitive types.Map
	}{
		"as declared": {
			model:     connectorModel{Config: stringsMap("a", "1"), ConfigSensitive: stringsMap("p", "s")},
			holds:     map[string]string{"name": "n", "a": "1", "p": "s"},
			config:    stringsMap("a", "1"),
			sensitive: stringsMap("p", "s"),
		},
		"declared name stays": {
			model:     connectorModel{Config: stringsMap("a", "1", "name", "n")},
			holds:     map[string]string{"name": "n", "a": "1"},
			config:    stringsMap("a", "1", "name", "n"),
			sensitive: types.MapNull(types.StringType),
		},
		"changed, extra and missing keys": {
			model:     connectorModel{Config: stringsMap("a", "1", "b", "2"), ConfigSensitive: stringsMap("p", "s", "q", "s")},
			holds:     map[string]string{"name": "n", "a": "9", "c": "3", "p": "t"},
			config:    stringsMap("a", "9", "c", "3"),
			sensitive: stringsMap("p", "t"),
		},
		"ignored keys, but not where declared": {
			model:     connectorModel{Config: stringsMap("a", "1"), IgnoredConfigKeys: stringsSet("a", "x")},
			holds:     map[string]string{"name": "n", "a": "9", "x": "anything"},
			config:    stringsMap("a", "9"),
			sensitive: types.MapNull(types.StringType),
		},
		"masked values are what was known": {
			model:     connectorModel{Config: stringsMap("a", "1"), ConfigSensitive: stringsMap("p", "s")},
			holds:     map[string]string{"name": "n", "a": "****", "p": "********"},
			config:    stringsMap("a", "1"),
			sensitive: stringsMap("p", "s"),
		},
		"null values show": {
			model: connectorModel{Config: stringsMap("a", "1")},
			holds: map[string]string{"name": "n"},
			nulls: []string{"a"},
			config: types.MapValueMust(types.StringType, map[string]attr.Value{
				"a": types.StringNull(),
			}),
			sensitive: types.MapNull(types.StringType),
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := test.model
			if m.ConfigSensitive.IsNull() {
				m.ConfigSensitive = types.MapNull(types.StringType)
			}
			m.observe(connectclient.Connector{Name: "n", Type: "sink", Config: test.holds, NullKeys: test.nulls}, running, m, writeOnlyKeys{})
			if !m.Config.Equal(test.config) {
				t.Errorf("config is %v, want %v", m.Config, test.config)
			}
			if !m.ConfigSensitive.Equal(test.sensitive) {
				t.Errorf("config_sensitive is %v, want %v", m.ConfigSensitive, test.sensitive)
			}
			if m.ID.ValueString() != "n" || m.Type.ValueString() != "sink" || m.OnFailure.ValueString() != onFailureRestart || m.DeletionProtection.ValueBool() {
				t.Errorf("got %v %v %v %v", m.ID, m.Type, m.OnFailure, m.DeletionProtection)
			}
		})
	}
}

func TestConnectorModel_observeMaskedAfterAFailedUpdate(t *testing.T) {
	before := connectorModel{Config: stringsMap("a", "1"), ConfigSensitive: stringsMap("p", "old")}
	m := connectorModel{Config: stringsMap("a", "1"), ConfigSensitive: stringsMap("p", "new")}
	m.observe(connectclient.Connector{Name: "n", Config: map[string]string{"a": "1", "p": "***"}}, connectclient.Status{}, before, writeOnlyKeys{})
	if !m.ConfigSensitive.Equal(before.ConfigSensitive) {
		t.Error("the state claims a value of which nobody knows whether it was applied")
	}
}

func TestConnectorModel_observedState(t *testing.T) {
	const (
		running, paused, stopped = connectclient.StateRunning, connectclient.StatePaused, connectclient.StateStopped
		failed, unassigned       = connectclient.StateFailed, connectclient.StateUnassigned
	)
	for _, test := range []struct {
		before, onFailure string
		connector         connectclient.State
		tasks             []connectclient.State
		want              string
	}{
		{"RUNNING", "restart", running, []connectclient.State{running}, "RUNNING"},
		{"RUNNING", "restart", paused, []connectclient.State{paused}, "PAUSED"},
		{"RUNNING", "restart", stopped, nil, "STOPPED"},
		{"RUNNING", "restart", running, []connectclient.State{running, failed}, "FAILED"},
		{"RUNNING", "restart", failed, nil, "FAILED"},
		{"", "restart", failed, nil, "FAILED"},
		{"RUNNING", "warn", running, []connectclient.State{failed}, "RUNNING"},
		{"RUNNING", "ignore", failed, nil, "RUNNING"},
		{"PAUSED", "ignore", failed, nil, "PAUSED"},
		{"PAUSED", "warn", running, []connectclient.State{failed}, "RUNNING"},
		{"PAUSED", "restart", unassigned, nil, "PAUSED"},
		{"RUNNING", "restart", running, []connectclient.State{unassigned}, "RUNNING"},
		{"UNASSIGNED", "restart", running, []connectclient.State{unassigned}, "UNASSIGNED"},
		{"UNASSIGNED", "restart", running, []connectclient.State{running}, "RUNNING"},
		{"FAILED", "restart", running, []connectclient.State{running}, "RUNNING"},
		{"PAUSED", "restart", "", nil, "PAUSED"},
		{"", "restart", "", nil, "RUNNING"},
		{"", "restart", unassigned, nil, "RUNNING"},
	} {
		m := connectorModel{State: types.StringValue(test.before), OnFailure: types.StringValue(test.onFailure)}
		status := connectclient.Status{Connector: connectclient.ConnectorStatus{State: test.connector}}
		for i, state := range test.tasks {
			status.Tasks = append(status.Tasks, connectclient.TaskStatus{ID: i, State: state})
		}
		if got := m.observedState(status); got != test.want {
			t.Errorf("%+v: got %s", test, got)
		}
	}
}

// A connector that runs without tasks may be broken; one whose tasks a worker has forgotten the states of is another thing.
func TestConnectorModel_idleWarning(t *testing.T) {
	running := connectclient.Status{Connector: connectclient.ConnectorStatus{State: connectclient.StateRunning}}
	paused := connectclient.Status{Connector: connectclient.ConnectorStatus{State: connectclient.StatePaused}}
	unseen := running
	unseen.Unseen = []int{0}
	busy := running
	busy.Tasks = []connectclient.TaskStatus{{State: connectclient.StateRunning}}
	for name, test := range map[string]struct {
		status    connectclient.Status
		onFailure string
		want      string
	}{
		"no tasks":          {status: running, want: `Connector "c" has no tasks`},
		"no status of them": {status: unseen, want: `Connector "c" shows no status of its tasks`},
		"to be ignored":     {status: running, onFailure: onFailureIgnore},
		"busy":              {status: busy},
		"paused":            {status: paused},
	} {
		t.Run(name, func(t *testing.T) {
			m := connectorModel{Name: types.StringValue("c"), OnFailure: types.StringValue(test.onFailure)}
			got := ""
			for _, d := range m.failureWarnings(test.status) {
				got += d.Summary()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
