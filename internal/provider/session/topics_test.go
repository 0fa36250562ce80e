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
		{types.StringValue("config"), group},
		{types.StringUnknown(), group},
		{types.StringNull(), group},
		{types.StringValue(""), group},
		{types.StringValue("of-another-group"), types.StringValue("h")},
		{types.StringValue("of-no-group"), types.StringNull()},
		{types.StringValue("of-an-unknown-group"), types.StringUnknown()},
	} {
		topics.Declare(topic.name, topic.group)
	}
	for name, want := range map[string][]string{
		"offset":              {"config", "status"},
		"of-another-group":    nil,
		"of-no-group":         nil,
		"of-an-unknown-group": nil,
		"undeclared":          nil,
	} {
		if got := topics.OfSameGroup(name); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]bool{"offset": true, "of-no-group": true, "": false, "undeclared": false} {
		if got := topics.Declared(name); got != want {
			t.Errorf("Declared(%q) = %v", name, got)
		}
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
