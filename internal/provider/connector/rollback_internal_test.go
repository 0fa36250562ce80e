package connector

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

func mapOf(keys ...string) types.Map {
	values := map[string]attr.Value{}
	for _, key := range keys {
		values[key] = types.StringValue("value of " + key)
	}
	return types.MapValueMust(types.StringType, values)
}

// A key whose value may have been secret is a former secret, unless the plan still treats it as secret.
func TestFormerSecrets(t *testing.T) {
	t.Parallel()
	set := func(key string) types.Set {
		return types.SetValueMust(types.StringType, []attr.Value{types.StringValue(key)})
	}
	before := model{
		Config:          types.MapValueMust(types.StringType, map[string]attr.Value{"plain": types.StringValue("x"), "odd": notShown}),
		ConfigSensitive: mapOf("stored"), ConfigWO: types.MapNull(types.StringType), IgnoredConfigKeys: set("ignored"),
	}
	none := types.SetNull(types.StringType)
	for name, test := range map[string]struct {
		planned model
		want    []string
	}{
		"all removed":      {model{Config: mapOf("plain"), IgnoredConfigKeys: none}, []string{"hidden", "ignored", "odd", "stored"}},
		"all in config":    {model{Config: mapOf("plain", "stored", "hidden", "odd", "ignored"), IgnoredConfigKeys: none}, []string{"hidden", "ignored", "odd", "stored"}},
		"still secret":     {model{Config: mapOf("plain"), ConfigSensitive: mapOf("stored", "odd"), ConfigWO: mapOf("hidden"), IgnoredConfigKeys: set("ignored")}, nil},
		"secret elsewhere": {model{Config: mapOf("plain"), ConfigSensitive: mapOf("ignored", "hidden"), ConfigWO: mapOf("stored"), IgnoredConfigKeys: set("odd")}, nil},
	} {
		got := slices.Sorted(maps.Keys(test.planned.formerSecrets(before, writeOnlyKeys{"hidden": nil})))
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

// After a failed update, the state has the planned value of a former secret, or none.
func TestWithoutFormerSecrets(t *testing.T) {
	t.Parallel()
	read := model{Config: types.MapValueMust(types.StringType, map[string]attr.Value{
		"a": types.StringValue("value of a"), "b": types.StringValue("secret"), "c": types.StringValue("secret"), "d": types.StringValue("drift"),
	})}
	got := read.without(writeOnlyKeys{"a": nil, "b": nil, "c": nil}, model{Config: mapOf("a", "b", "d")})
	if keys := slices.Sorted(maps.Keys(got.Config.Elements())); !slices.Equal(keys, []string{"a", "d"}) {
		t.Errorf("got %v", keys)
	}
}

// An update that is rolled back late is reported together with the others that failed for the same cause.
func TestLateDiagnostics_rollback(t *testing.T) {
	t.Parallel()
	rolledBack := func(name string, err error) session.Late {
		late := lateFailure(name, "X: denied")
		failed, _ := errors.AsType[*connectclient.FailedError](late.Err)
		late.Err = &rollbackError{failed: failed, state: connectclient.StateRunning, err: err}
		return late
	}
	notRunning := func(name string) error {
		return &connectclient.WaitError{Name: name, Want: connectclient.StateRunning, Err: errors.New("gone")}
	}
	detail := lateDiagnostics([]session.Late{
		rolledBack("a", nil), rolledBack("b", nil), rolledBack("c", notRunning("c")), rolledBack("d", notRunning("d")),
	}, nil)[0].Detail()
	want := `
connectors "a", "b":
  - task 0 on worker w:1: X: denied
  The update was rolled back: the previous configuration is running again.

connectors "c", "d":
  - task 0 on worker w:1: X: denied
  The rollback failed: `
	if !strings.Contains(detail, want) {
		t.Errorf("got %s", detail)
	}
}
