package workerconfig_test

import (
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

func TestCheckGroups(t *testing.T) {
	t.Parallel()
	group := func(id, offset, config, status string, servers ...string) workerconfig.Group {
		return workerconfig.Group{ID: id, OffsetTopic: offset, ConfigTopic: config, StatusTopic: status, BootstrapServers: servers}
	}
	for _, test := range []struct {
		name   string
		groups []workerconfig.Group
		want   []string
	}{
		{"none", nil, nil},
		{"same", []workerconfig.Group{group("g", "o", "c", "s"), group("g", "o", "c", "s")}, nil},
		{"apart", []workerconfig.Group{group("g", "o", "c", "s"), group("h", "o2", "c2", "s2")}, nil},
		{"same group, other topics", []workerconfig.Group{group("g", "o", "c", "s"), group("g", "o", "c2", "s")}, []string{
			`the workers of group "g" must have the same storage topics, but one configuration has {offset: o, config: c, status: s} and another {offset: o, config: c2, status: s}`,
		}},
		{"shared topics", []workerconfig.Group{group("g", "o", "c", "s"), group("h", "s", "c", "s2")}, []string{
			`groups "g" and "h" share topic "c" and topic "s", but each group needs its own storage topics: "g" has {offset: o, config: c, status: s}, "h" has {offset: s, config: c, status: s2}`,
		}},
		{"not known yet", []workerconfig.Group{group("g", "o", "", "s"), group("g", "", "c", "s"), group("", "o", "c", "s")}, nil},
		{"not known yet, but different", []workerconfig.Group{group("g", "o", "", "s"), group("g", "", "c", "s2")}, []string{
			`the workers of group "g" must have the same storage topics, but one configuration has {offset: o, config: (not known yet), status: s} and another {offset: (not known yet), config: c, status: s2}`,
		}},
		{"other clusters", []workerconfig.Group{group("g", "o", "c", "s", "a:1", "b:1"), group("g", "o2", "c", "s", "c:1"), group("h", "o", "c3", "s3", "d:1")}, nil},
		{"one cluster", []workerconfig.Group{group("g", "o", "c", "s", "a:1", "b:1"), group("h", "o", "c2", "s2", "b:1", "c:1")}, []string{
			`groups "g" and "h" share topic "o", but each group needs its own storage topics: "g" has {offset: o, config: c, status: s}, "h" has {offset: o, config: c2, status: s2}`,
		}},
	} {
		got := workerconfig.CheckGroups(test.groups)
		if len(got) != len(test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
			continue
		}
		for i, err := range got {
			if err.Error() != test.want[i] {
				t.Errorf("%s: %v\nwant %s", test.name, err, test.want[i])
			}
		}
	}
	d := distributedGroup(securedWorker())
	if got := d.Group(); got.ID != d.GroupID || got.OffsetTopic != "connect-offset" || got.ConfigTopic != "connect-config" || got.StatusTopic != "connect-status" || len(got.BootstrapServers) != 2 {
		t.Errorf("Group() = %+v", got)
	}
}
