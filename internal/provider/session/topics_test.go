package session

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
)

func TestStorageTopics_ofSameGroup(t *testing.T) {
	t.Parallel()
	group := types.StringValue("g")
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
		topics.Declare(topic.name, topic.group, types.Int64Unknown())
	}
	topics.NoteState(types.StringValue("config"), group)
	topics.Use("w", true, "of-workers", "of-workers-2", "")
	topics.Use("", true, "of-unknown-workers")
	topics.Declare(types.StringValue("of-workers"), types.StringNull(), types.Int64Unknown())
	for name, want := range map[string][]string{
		"offset":              {"config", "noted", "status"},
		"of-another-group":    {"noted"},
		"of-no-group":         {"noted"},
		"of-an-unknown-group": {"noted"},
		"undeclared":          {"noted"},
		"of-workers":          {"noted", "of-workers-2"},
	} {
		if got := topics.OfSameGroup(name, "noted", "config"); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestStorageTopics_declared(t *testing.T) {
	t.Parallel()
	var topics StorageTopics
	topics.Declare(types.StringValue("offset"), types.StringValue("g"), types.Int64Value(7))
	topics.NoteState(types.StringValue("status"), types.StringValue("g"))
	topics.Use("h", true, "offset")
	topics.Use("h", false, "status")
	for name, want := range map[string]struct {
		partitions    int64
		declared      bool
		manager, user string
	}{
		"offset":     {7, true, "g", "h"},
		"status":     {0, true, "", ""}, // the plan can still change the groups in the state
		"":           {},
		"undeclared": {},
	} {
		partitions, declared := topics.Declared(name)
		manager, user := topics.Groups(name)
		if partitions != want.partitions || declared != want.declared || manager != want.manager || user != want.user {
			t.Errorf("%q: got %d, %v, %q, %q, want %+v", name, partitions, declared, manager, user, want)
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
