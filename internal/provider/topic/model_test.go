package topic

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

func settings(pairs ...string) types.Map {
	values := map[string]attr.Value{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = types.StringValue(pairs[i+1])
	}
	return types.MapValueMust(types.StringType, values)
}

// onBrokers is a topic with 2 partitions of 3 replicas. A locked topic has an unfinished rebuild.
func onBrokers(locked bool) internaltopic.State {
	policy := "compact"
	if locked {
		policy = "compact,delete"
	}
	config := map[string]string{"cleanup.policy": policy, "retention.ms": "-1", "retention.bytes": "-1", "segment.bytes": "1048576"}
	return internaltopic.State{Topic: &internaltopic.Topic{
		Name: "offsets", Replicas: [][]int32{{1, 2, 3}, {1, 2, 3}}, Config: config, Effective: config,
	}}
}

func TestFromBrokers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state  internaltopic.State
		config types.Map
		policy string
	}{
		"finished":     {onBrokers(false), settings("retention.ms", "-1", "retention.bytes", "-1", "segment.bytes", "1048576"), "compact"},
		"locked":       {onBrokers(true), settings("segment.bytes", "1048576"), "compact,delete"},
		"only a copy":  {internaltopic.State{Rebuild: onBrokers(false).Topic}, settings("segment.bytes", "1048576"), "compact"},
		"no overrides": {internaltopic.State{Topic: &internaltopic.Topic{Name: "offsets", Replicas: [][]int32{{1, 2, 3}, {1, 2, 3}}}}, types.MapNull(types.StringType), ""},
	} {
		m := fromBrokers(test.state)
		if m.Name.ValueString() != "offsets" || m.Partitions.ValueInt64() != 2 || m.ReplicationFactor.ValueInt64() != 3 {
			t.Errorf("%s: got %v", name, m)
		}
		if !m.Config.Equal(test.config) || m.CleanupPolicy.ValueString() != test.policy {
			t.Errorf("%s: got config %v and policy %v", name, m.Config, m.CleanupPolicy)
		}
	}
}

func TestObserve(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state        internaltopic.State
		before, held types.Map
		config       types.Map
		policy       types.String
	}{
		"only managed settings":       {onBrokers(false), types.Map{}, settings("segment.bytes", "1"), settings("segment.bytes", "1048576"), types.StringValue("compact")},
		"a setting that is not set":   {onBrokers(false), types.Map{}, settings("segment.ms", "1"), settings(), types.StringValue("compact")},
		"nothing managed":             {onBrokers(false), types.Map{}, types.MapNull(types.StringType), types.MapNull(types.StringType), types.StringValue("compact")},
		"a setting that was managed":  {onBrokers(false), settings("segment.bytes", "1"), types.MapNull(types.StringType), settings("segment.bytes", "1048576"), types.StringValue("compact")},
		"an overwritten setting":      {onBrokers(true), types.Map{}, settings("retention.ms", "5"), settings("retention.ms", "5"), types.StringValue("compact,delete")},
		"the copy hides its policy":   {internaltopic.State{Rebuild: onBrokers(false).Topic}, types.Map{}, settings(), settings(), types.StringNull()},
		"the copy keeps what is held": {internaltopic.State{Rebuild: onBrokers(false).Topic}, types.Map{}, settings("retention.ms", "5"), settings("retention.ms", "5"), types.StringNull()},
	} {
		m := model{Role: types.StringValue("offset"), Name: types.StringValue("offsets"), Config: test.held}
		m.observe(test.state, model{Config: test.before})
		if !m.Config.Equal(test.config) || !m.CleanupPolicy.Equal(test.policy) {
			t.Errorf("%s: got config %v and policy %v", name, m.Config, m.CleanupPolicy)
		}
		if m.ID.ValueString() != "offset/offsets" || !m.DeletionProtection.ValueBool() {
			t.Errorf("%s: got id %v and protection %v", name, m.ID, m.DeletionProtection)
		}
	}
}

func TestDiagnose(t *testing.T) {
	t.Parallel()
	topic := identityModel{Role: types.StringValue("offset"), Name: types.StringValue("offsets")}
	for name, test := range map[string]struct {
		err  error
		at   string // empty if the diagnostic is on no attribute
		want string
	}{
		"field":        {&internaltopic.SpecError{Field: "partitions", Reason: "is less than one"}, "partitions", "partitions is less than one."},
		"setting":      {&internaltopic.SpecError{Field: "config", Key: "segment.ms", Reason: "is wrong"}, `config["segment.ms"]`, "segment.ms is wrong."},
		"protected":    {&internaltopic.SpecError{Field: "partitions", Reason: "is", Err: internaltopic.ErrDeletionProtected}, "partitions", "set deletion_protection = false"},
		"exists":       {fmt.Errorf("create: %w", internaltopic.ErrExists), "name", "'offset/offsets'"},
		"live":         {&internaltopic.GroupLiveError{Group: "g", Members: []internaltopic.Member{{URL: "http://w:8083"}}}, "group_id", "http://w:8083"},
		"connectors":   {&internaltopic.GroupLiveError{Group: "g", Members: []internaltopic.Member{{URL: "http://w:8083"}}, Connectors: []string{"orders"}}, "connectors", "Delete these connectors, or stop these workers"},
		"unauthorized": {fmt.Errorf("create: %w", kafkaclient.ErrUnauthorized), "", "- Create on the topic"},
		"timeout":      {context.DeadlineExceeded, "", "increase the value in timeouts"},
		"other":        {errors.New("the disk is full"), "", "The disk is full."},
	} {
		diags := diagnose("create", topic, test.err)
		if len(diags) != 1 || diags[0].Summary() != `Unable to create internal topic "offsets"` || !strings.Contains(diags[0].Detail(), test.want) {
			t.Errorf("%s: got %v", name, diags)
			continue
		}
		at := ""
		if on, ok := diags[0].(diag.DiagnosticWithPath); ok {
			at = on.Path().String()
		}
		if at != test.at {
			t.Errorf("%s: the diagnostic is on %q, want %q", name, at, test.at)
		}
	}
}
