package connector

import (
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
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

// isPin stands for a plugin that defines the key pin as PASSWORD.
func isPin(key string) bool { return key == "pin" }

func TestModel_observed(t *testing.T) {
	running := connectclient.Status{Connector: connectclient.ConnectorStatus{State: connectclient.StateRunning}}
	for name, test := range map[string]struct {
		model     model
		holds     map[string]string
		nulls     []string
		config    types.Map
		sensitive types.Map
	}{
		"as declared": {
			model:     model{Config: stringsMap("a", "1"), ConfigSensitive: stringsMap("p", "s")},
			holds:     map[string]string{"name": "n", "a": "1", "p": "s"},
			config:    stringsMap("a", "1"),
			sensitive: stringsMap("p", "s"),
		},
		"declared name stays": {
			model:     model{Config: stringsMap("a", "1", "name", "n")},
			holds:     map[string]string{"name": "n", "a": "1"},
			config:    stringsMap("a", "1", "name", "n"),
			sensitive: types.MapNull(types.StringType),
		},
		"changed, extra and missing keys": {
			model:     model{Config: stringsMap("a", "1", "b", "2"), ConfigSensitive: stringsMap("p", "s", "q", "s")},
			holds:     map[string]string{"name": "n", "a": "9", "c": "3", "p": "t"},
			config:    stringsMap("a", "9", "c", "3"),
			sensitive: stringsMap("p", "t"),
		},
		"ignored keys, unless declared": {
			model:     model{Config: stringsMap("a", "1"), IgnoredConfigKeys: stringsSet("a", "x")},
			holds:     map[string]string{"name": "n", "a": "9", "x": "anything"},
			config:    stringsMap("a", "9"),
			sensitive: types.MapNull(types.StringType),
		},
		"masked values of secrets are taken from the state": {
			model: model{
				Config:          stringsMap("db.password", "1", "pin", "2", "url", "mongodb://u:pw@h", "topics", "t", "replacement", "x", "topic.token.field", "f"),
				ConfigSensitive: stringsMap("p", "s"),
			},
			holds: map[string]string{
				"name": "n", "db.password": "[hidden]", "pin": "••••", "url": "<redacted>", "p": "********",
				"topics": "****", "replacement": "***", "topic.token.field": "****",
			},
			config: stringsMap("db.password", "1", "pin", "2", "url", "mongodb://u:pw@h",
				"topics", "****", "replacement", "***", "topic.token.field", "****"),
			sensitive: stringsMap("p", "s"),
		},
		"undeclared secrets are not shown": {
			model: model{Config: stringsMap("a", "1")},
			holds: map[string]string{
				"name": "n", "a": "1", "db.password": "x", "pin": "x", "url": "mongodb://u:pw@h", "credentials.path": "/k", "my.password": "${file:/a:b}",
			},
			config:    stringsMap("a", "1", "db.password", "(not shown)", "pin", "(not shown)", "url", "(not shown)", "credentials.path", "/k", "my.password", "${file:/a:b}"),
			sensitive: types.MapNull(types.StringType),
		},
		"null values are shown": {
			model: model{Config: stringsMap("a", "1")},
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
			m = m.observed(connectclient.Connector{Name: "n", Type: "sink", Config: test.holds, NullKeys: test.nulls}, running, m, writeOnlyKeys{}, isPin)
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

func TestModel_observedMaskAfterFailedUpdate(t *testing.T) {
	before := model{Config: stringsMap("a", "1"), ConfigSensitive: stringsMap("p", "old")}
	m := model{Config: stringsMap("a", "1"), ConfigSensitive: stringsMap("p", "new")}
	m = m.observed(connectclient.Connector{Name: "n", Config: map[string]string{"a": "1", "p": "***"}}, connectclient.Status{}, before, writeOnlyKeys{}, isPin)
	if !m.ConfigSensitive.Equal(before.ConfigSensitive) {
		t.Error("the state has a value that may not have been applied")
	}
}

func TestModel_observedState(t *testing.T) {
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
		m := model{State: types.StringValue(test.before), OnFailure: types.StringValue(test.onFailure)}
		status := connectclient.Status{Connector: connectclient.ConnectorStatus{State: test.connector}}
		for i, state := range test.tasks {
			status.Tasks = append(status.Tasks, connectclient.TaskStatus{ID: i, State: state})
		}
		if got := m.observedState(status); got != test.want {
			t.Errorf("%+v: got %s", test, got)
		}
	}
}

// A connector that is RUNNING without tasks may be broken. A worker may also have lost the status of its tasks.
func TestModel_idleWarning(t *testing.T) {
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
			m := model{Name: types.StringValue("c"), OnFailure: types.StringValue(test.onFailure)}
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

func TestFindStale(t *testing.T) {
	t.Parallel()
	tasks := func(values ...string) []connectclient.TaskConfig {
		var list []connectclient.TaskConfig
		for id, value := range values {
			list = append(list, connectclient.TaskConfig{ID: id, Config: map[string]string{"k": value, "task.class": "T"}})
		}
		return list
	}
	for name, test := range map[string]struct {
		before, now map[string]string
		staleKeys   []string
		tasks       []connectclient.TaskConfig
		want        []int
		secret      bool
	}{
		"all are stale":             {map[string]string{"k": "a"}, map[string]string{"k": "b"}, nil, tasks("a", "a"), []int{0, 1}, false},
		"none is stale":             {map[string]string{"k": "a"}, map[string]string{"k": "b"}, nil, tasks("b", "b"), nil, false},
		"computed by the connector": {map[string]string{"k": "a"}, map[string]string{"k": "b"}, nil, tasks("c"), nil, false},
		"divided among the tasks":   {map[string]string{"k": "a"}, map[string]string{"k": "a,b"}, nil, tasks("a", "b"), nil, false},
		"not passed to the tasks":   {map[string]string{"other": "a"}, map[string]string{"other": "b"}, nil, tasks("a"), nil, false},
		"not changed":               {map[string]string{"k": "b"}, map[string]string{"k": "b"}, nil, tasks("a"), nil, false},
		"added":                     {nil, map[string]string{"k": "b"}, nil, tasks("a"), nil, false},
		"removed":                   {map[string]string{"k": "a"}, nil, nil, tasks("a"), nil, false},
		"masked by the tasks":       {map[string]string{"k": "****"}, map[string]string{"k": "b"}, nil, tasks("****"), nil, true},
		"masked by the connector":   {map[string]string{"k": "a"}, map[string]string{"k": "****"}, nil, tasks("a"), nil, true},
		"stale before":              {nil, map[string]string{"k": "b"}, []string{"k"}, tasks("a"), []int{0}, false},
		"stale before, current now": {nil, map[string]string{"k": "b"}, []string{"k"}, tasks("b"), nil, false},
		"stale before, divided now": {nil, map[string]string{"k": "a,b"}, []string{"k"}, tasks("a", "b"), nil, false},
		"no tasks":                  {map[string]string{"k": "a"}, map[string]string{"k": "b"}, []string{"k"}, nil, nil, false},
		"asterisks in the tasks":    {map[string]string{"k": "****"}, map[string]string{"k": "b"}, nil, tasks("****"), []int{0}, false},
		"asterisks declared":        {map[string]string{"k": "a"}, map[string]string{"k": "****"}, nil, tasks("a"), []int{0}, false},
	} {
		var got []int
		declared := desired{config: map[string]string{"k": "v"}, hidden: map[string]bool{"k": test.secret}, isPassword: isPin}
		if stale := declared.findStale(connectclient.Connector{Name: "c", Config: test.now}, previousValues{known: test.before, keys: test.staleKeys}, test.tasks); stale != nil {
			got = stale.tasks
			if !reflect.DeepEqual(stale.keys, []string{"k"}) {
				t.Errorf("%s: got keys %v", name, stale.keys)
			}
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got tasks %v, want %v", name, got, test.want)
		}
	}
}

func TestModel_keyWarnings(t *testing.T) {
	definition := func(name, kind string) connectclient.ValidatedKey {
		return connectclient.ValidatedKey{Name: name, Definition: &connectclient.ConfigKey{Name: name, Type: kind}}
	}
	answer := connectclient.Validation{Keys: []connectclient.ValidatedKey{
		definition("database.password", "PASSWORD"), definition("database.user", "STRING"), definition("pin", "PASSWORD"),
	}}
	for name, test := range map[string]struct {
		config types.Map
		want   string
	}{
		"secret in config": {stringsMap("database.password", "hunter2"), "Secret in config"},
		"secret by type":   {stringsMap("pin", "hunter2"), "Secret in config"},
		"secret by name":   {stringsMap("source.cluster.sasl.jaas.config", "hunter2"), "Secret in config"},
		"secret by form":   {stringsMap("mongodb.connection.string", "mongodb://u:pw@h"), "Secret in config"},
		"empty":            {stringsMap("database.password", "", "pin", ""), ""},
		"a path":           {stringsMap("gcp.credentials.file.path", "/etc/key.json"), ""},
		"placeholder":      {stringsMap("database.password", "${file:/run/secrets:password}"), ""},
		"misspelt":         {stringsMap("databsae.user", "u"), `Unknown configuration key "databsae.user"`},
		"something else":   {stringsMap("snapshot.mode", "x"), ""},
		"a transform":      {stringsMap("transforms.database.user", "x"), ""},
	} {
		m := model{Config: test.config}
		diags := m.keyWarnings(answer)
		switch {
		case test.want == "" && len(diags) > 0, test.want != "" && (len(diags) != 1 || diags[0].Summary() != test.want):
			t.Errorf("%s: got %v, want %q", name, diags, test.want)
		case len(diags) == 1 && strings.Contains(diags[0].Detail(), "hunter2"):
			t.Errorf("%s: the secret is shown", name)
		}
	}
}

func TestWriteOnlyKeys_differences(t *testing.T) {
	m := model{
		Config: stringsMap("plain", "p"),
		ConfigWO: types.MapValueMust(types.StringType, map[string]attr.Value{
			"same": types.StringValue("1"), "changed": types.StringValue("2"), "missing": types.StringValue("3"),
			"later": types.StringUnknown(), "masked": types.StringValue("4"), "masked.other": types.StringValue("5"), "masked.new": types.StringValue("6"),
		}),
	}
	keys := writeOnlyKeys{
		"same": nil, "masked": tfvalue.NewSecretDigest("4"), "masked.other": tfvalue.NewSecretDigest("4"),
		"gone": nil, "gone.already": nil, "plain": nil,
	}
	held := map[string]string{
		"same": "1", "changed": "9", "later": "x", "masked": "***", "masked.other": "***", "masked.new": "***", "gone": "g", "plain": "p",
	}
	for compare, want := range map[bool]string{
		true:  "changed gone later masked.new masked.other missing",
		false: "gone missing",
	} {
		if got := strings.Join(keys.differences(m, held, compare), " "); got != want {
			t.Errorf("compare %v: got %s, want %s", compare, got, want)
		}
	}
}
