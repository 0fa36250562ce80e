package session

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
)

func TestStorageTopics_ofSameGroup(t *testing.T) {
	t.Parallel()
	group, storage := types.StringValue("g"), types.SetNull(types.StringType)
	ofConnectors := types.SetValueMust(types.StringType, []attr.Value{types.StringValue("source")})
	var topics StorageTopics
	for _, topic := range []struct{ name, group types.String }{
		{types.StringValue("offset"), group},
		{types.StringValue("status"), group},
		{types.StringUnknown(), group},
		{types.StringNull(), group},
		{types.StringValue(""), group},
		{types.StringValue("of-another-group"), types.StringValue("h")},
		{types.StringValue("of-no-group"), types.StringNull()},
		{types.StringValue("of-an-unknown-group"), types.StringUnknown()},
	} {
		topics.Declare(topic.name, topic.group, types.Int64Unknown(), storage)
	}
	topics.NoteState(types.StringValue("config"), group, storage)
	topics.NoteState(types.StringValue("of-connectors"), group, ofConnectors)
	topics.Declare(types.StringValue("of-more-connectors"), group, types.Int64Unknown(), types.SetUnknown(types.StringType))
	topics.Use("w", true, "of-workers", "of-workers-2", "")
	topics.Use("", true, "of-unknown-workers")
	topics.Declare(types.StringValue("of-workers"), types.StringNull(), types.Int64Unknown(), storage)
	for name, want := range map[string][]string{
		"offset":              {"config", "noted", "status"},
		"of-another-group":    {"noted"},
		"of-no-group":         {"noted"},
		"of-an-unknown-group": {"noted"},
		"undeclared":          {"noted"},
		"of-connectors":       {"config", "noted", "offset", "status"},
		"of-workers":          {"noted", "of-workers-2"},
	} {
		if got := topics.OfSameGroup(name, "noted", "config", "of-connectors"); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestStorageTopics_declared(t *testing.T) {
	t.Parallel()
	var topics StorageTopics
	group, storage := types.StringValue("g"), types.SetNull(types.StringType)
	topics.Declare(types.StringValue("offset"), group, types.Int64Value(7), storage)
	topics.Declare(types.StringValue("agreed"), group, types.Int64Value(7), storage)
	topics.Declare(types.StringValue("unused"), group, types.Int64Value(7), storage)
	topics.Declare(types.StringValue("without"), types.StringNull(), types.Int64Value(7), storage)
	topics.Declare(types.StringValue("own"), group, types.Int64Value(7), types.SetValueMust(types.StringType, []attr.Value{types.StringValue("source")}))
	topics.NoteState(types.StringValue("status"), group, storage)
	topics.Use("g", true, "agreed", "own", "created-by-workers")
	topics.Use("h", true, "offset", "without")
	topics.Use("h", false, "status")
	for name, want := range map[string]struct {
		partitions int64
		declared   bool
		conflict   string // attribute with the error
	}{
		"offset":             {7, true, "group_id"},
		"agreed":             {7, true, ""},
		"unused":             {7, true, ""},
		"without":            {7, true, ""},
		"own":                {7, true, "connectors"},
		"status":             {0, true, ""}, // the plan can still change the groups in the state
		"created-by-workers": {},
		"":                   {},
		"undeclared":         {},
	} {
		partitions, declared := topics.Declared(name)
		conflict := ""
		for _, found := range topics.Conflicts(name, path.Root("connectors")) {
			conflict += found.(diag.DiagnosticWithPath).Path().String()
		}
		if partitions != want.partitions || declared != want.declared || conflict != want.conflict {
			t.Errorf("%q: got %d, %v, %q, want %+v", name, partitions, declared, conflict, want)
		}
	}
	if !topics.FirstDeletion("g") || topics.FirstDeletion("g") || !topics.FirstDeletion("h") {
		t.Error("FirstDeletion is not true exactly once for each group")
	}
}

func TestStorageTopics_found(t *testing.T) {
	t.Parallel()
	var topics StorageTopics
	if _, ok := topics.Found("offset"); ok {
		t.Error("a topic was found before Read")
	}
	topics.SetFound("offset", internaltopic.State{Empty: true})
	if state, ok := topics.Found("offset"); !ok || !state.Empty {
		t.Errorf("got %+v, %v", state, ok)
	}
}
