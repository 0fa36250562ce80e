package internaltopic

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// held makes a topic with so many partitions, each on brokers 1 to factor, and settings in pairs.
func held(partitions, factor int, settings ...string) *Topic {
	t := &Topic{Name: "topic", ID: TopicID{1}, Config: map[string]string{}, Effective: map[string]string{"cleanup.policy": "compact", "min.insync.replicas": "1"}}
	for range partitions {
		var replicas []int32
		for b := range factor {
			replicas = append(replicas, int32(b+1))
		}
		t.Replicas = append(t.Replicas, replicas)
	}
	for i := 0; i < len(settings); i += 2 {
		t.Config[settings[i]], t.Effective[settings[i]] = settings[i+1], settings[i+1]
	}
	return t
}

func lockedTopic(partitions int) *Topic {
	return held(partitions, 1, "cleanup.policy", "compact,delete", "retention.ms", "-1", "retention.bytes", "-1")
}

var threeBrokers = []Broker{{ID: 1}, {ID: 2}, {ID: 3}}

// show writes steps so that a table can hold them.
func show(steps []Step) string {
	var out []string
	for _, s := range steps {
		text := s.String()
		if s.Action == ActionConfig {
			text = fmt.Sprintf("set %v unset %v", s.Set, s.Unset)
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func TestPlan(t *testing.T) {
	offset := Spec{Role: RoleOffset, Name: "topic"}
	for name, c := range map[string]struct {
		have State
		want Spec
		plan string
		err  string
	}{
		"nothing to do":               {have: State{Topic: held(25, 1)}, want: offset},
		"defaults of status":          {have: State{Topic: held(5, 1)}, want: Spec{Role: RoleStatus, Name: "topic"}},
		"defaults of config":          {have: State{Topic: held(1, 1)}, want: Spec{Role: RoleConfig, Name: "topic"}},
		"nothing there":               {want: offset, err: "not found"},
		"more partitions":             {have: State{Topic: held(1, 1)}, want: offset, plan: `grow topic "topic" from 1 to 25 partitions`},
		"fewer, protected":            {have: State{Topic: held(30, 1)}, want: offset, err: "would be reduced from 30 to 25"},
		"fewer, allowed":              {have: State{Topic: held(30, 1)}, want: Spec{Role: RoleOffset, Name: "topic", AllowDeletion: true}, plan: `shrink topic "topic" from 30 to 25 partitions`},
		"fewer, empty":                {have: State{Topic: held(30, 1), Empty: true}, want: offset, plan: `shrink topic "topic" from 30 to 25 partitions`},
		"config with more":            {have: State{Topic: held(3, 1)}, want: Spec{Role: RoleConfig, Name: "topic", AllowDeletion: true}, plan: `shrink topic "topic" from 3 to 1 partition`},
		"locked":                      {have: State{Topic: lockedTopic(25)}, want: offset, plan: `finish an interrupted change: rebuild topic "topic" with 25 partitions`},
		"locked with fewer":           {have: State{Topic: lockedTopic(1)}, want: offset, plan: `finish an interrupted change: grow topic "topic" from 1 to 25 partitions`},
		"locked with more, protected": {have: State{Topic: lockedTopic(30)}, want: offset, err: "would be reduced from 30 to 25"},
		"gone with a copy":            {have: State{Rebuild: lockedTopic(25)}, want: offset, plan: `finish an interrupted change: create topic "topic" with 25 partitions from its copy "topic.rebuild"`},
		"both there":                  {have: State{Topic: lockedTopic(25), Rebuild: lockedTopic(25)}, want: offset, plan: `finish an interrupted change: rebuild topic "topic" with 25 partitions`},
		"policy drifted": {
			have: State{Topic: held(25, 1, "cleanup.policy", "delete")}, want: offset,
			plan: "set map[cleanup.policy:compact] unset []",
		},
		"policy drifted to both": {
			have: State{Topic: held(25, 1, "cleanup.policy", "compact,delete", "retention.ms", "1000")}, want: offset,
			plan: "set map[cleanup.policy:compact] unset []",
		},
		"settings": {
			have: State{Topic: held(25, 1, "a", "1", "b", "2", "mine", "x")},
			want: Spec{Role: RoleOffset, Name: "topic", Config: map[string]string{"a": "1", "c": "3"}, Unset: []string{"b", "never-set"}},
			plan: "set map[c:3] unset [b]",
		},
		"settings that the broker writes differently": {
			have: State{Topic: held(25, 1, "preallocate", "true", "x", "1,2")},
			want: Spec{Role: RoleOffset, Name: "topic", Config: map[string]string{"preallocate": "TRUE", "x": "1, 2"}},
		},
		"retention is the lock's while it is there": {
			have: State{Topic: lockedTopic(25)},
			want: Spec{Role: RoleOffset, Name: "topic", Config: map[string]string{"retention.ms": "5", "a": "1"}},
			plan: `set map[a:1] unset []; finish an interrupted change: rebuild topic "topic" with 25 partitions`,
		},
		"everything, replicas up": {
			have: State{Topic: held(1, 1), Brokers: threeBrokers},
			want: Spec{Role: RoleOffset, Name: "topic", ReplicationFactor: 3, Config: map[string]string{"min.insync.replicas": "2"}},
			plan: `change the replication factor of topic "topic" from 1 to 3; set map[min.insync.replicas:2] unset []; grow topic "topic" from 1 to 25 partitions`,
		},
		"everything, replicas down": {
			have: State{Topic: held(1, 3, "min.insync.replicas", "2"), Brokers: threeBrokers},
			want: Spec{Role: RoleOffset, Name: "topic", ReplicationFactor: 1, Config: map[string]string{"min.insync.replicas": "1"}},
			plan: `set map[min.insync.replicas:1] unset []; change the replication factor of topic "topic" from 3 to 1; grow topic "topic" from 1 to 25 partitions`,
		},
		"more replicas than brokers": {
			have: State{Topic: held(25, 1), Brokers: threeBrokers}, want: Spec{Role: RoleOffset, Name: "topic", ReplicationFactor: 4},
			err: "replication_factor is 4, but the cluster has 3 live brokers",
		},
		"a broker is down, nothing changes": {
			have: State{Topic: held(25, 3), Brokers: threeBrokers[:2]}, want: Spec{Role: RoleOffset, Name: "topic", ReplicationFactor: 3},
		},
		"fewer replicas than have to be in sync": {
			have: State{Topic: held(25, 3, "min.insync.replicas", "2"), Brokers: threeBrokers}, want: Spec{Role: RoleOffset, Name: "topic", ReplicationFactor: 1},
			err: "replication_factor cannot be",
		},
		"too many in sync": {
			have: State{Topic: held(25, 1)}, want: Spec{Role: RoleOffset, Name: "topic", Config: map[string]string{"min.insync.replicas": "2"}},
			err: `config["min.insync.replicas"] cannot be`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			steps, err := Plan(c.have, c.want)
			wantPlan(t, steps, err, c.plan, c.err)
			if c.err == "" && err == nil {
				for _, s := range steps {
					if strings.Contains(s.Warning(nil), "%!") {
						t.Errorf("the warning is %q", s.Warning(nil))
					}
				}
			}
		})
	}
}

func wantPlan(t *testing.T, steps []Step, err error, plan, failure string) {
	t.Helper()
	switch {
	case failure == "" && err != nil:
		t.Errorf("got error %v", err)
	case failure != "" && (err == nil || !strings.Contains(err.Error(), failure)):
		t.Errorf("want an error with %q, got %v", failure, err)
	case show(steps) != plan:
		t.Errorf("want %s\n got %s", plan, show(steps))
	}
}

func TestPlanCreate(t *testing.T) {
	seeded := Spec{Role: RoleOffset, Name: "topic", SeedFrom: "former"}
	for name, c := range map[string]struct {
		have State
		want Spec
		plan string
		err  string
	}{
		"new":                   {want: Spec{Role: RoleOffset, Name: "topic"}, plan: `create topic "topic" with 25 partitions`},
		"with everything":       {want: Spec{Role: RoleStatus, Name: "topic", Partitions: 3, ReplicationFactor: 2}, plan: `create topic "topic" with 3 partitions and replication factor 2`},
		"seeded":                {want: seeded, plan: `create topic "topic" with 25 partitions, with the content of "former"`},
		"seeding was cut short": {have: State{Topic: lockedTopic(25)}, want: seeded, plan: `finish an interrupted change: create topic "topic" with 25 partitions, with the content of "former"`},
		"seeding with other settings": {
			have: State{Topic: held(25, 1, "cleanup.policy", "compact,delete", "retention.ms", "-1", "retention.bytes", "-1", "max.message.bytes", "60", "segment.ms", "1", "segment.bytes", "9")},
			want: Spec{Role: RoleOffset, Name: "topic", SeedFrom: "former", Config: map[string]string{"max.message.bytes": "999", "segment.bytes": "9", "retention.ms": "5"}},
			plan: `set map[max.message.bytes:999] unset [segment.ms]; finish an interrupted change: create topic "topic" with 25 partitions, with the content of "former"`,
		},
		"there already":           {have: State{Topic: held(25, 1)}, want: Spec{Role: RoleOffset, Name: "topic"}, err: "already exists"},
		"there, to be seeded":     {have: State{Topic: held(25, 1)}, want: seeded, err: "already exists"},
		"an unfinished rebuild":   {have: State{Rebuild: lockedTopic(25)}, want: seeded, err: "already exists"},
		"more than brokers":       {have: State{Brokers: threeBrokers}, want: Spec{Role: RoleOffset, Name: "topic", ReplicationFactor: 4}, err: "3 live brokers"},
		"below the default":       {have: State{Brokers: threeBrokers, MinInsyncReplicas: 2}, want: Spec{Role: RoleOffset, Name: "topic", ReplicationFactor: 1}, err: "min.insync.replicas = 2"},
		"default below the named": {have: State{Brokers: threeBrokers, DefaultReplicationFactor: 1}, want: Spec{Role: RoleOffset, Name: "topic", Config: map[string]string{"min.insync.replicas": "2"}}, err: "every write to the topic would fail"},
	} {
		t.Run(name, func(t *testing.T) {
			steps, err := PlanCreate(c.have, c.want)
			wantPlan(t, steps, err, c.plan, c.err)
		})
	}
}

func TestSpecValidate(t *testing.T) {
	for name, c := range map[string]struct {
		spec  Spec
		field string
	}{
		"all defaults":         {Spec{Role: RoleOffset, Name: "connect-offsets"}, ""},
		"without a role":       {Spec{Name: "connect-offsets", Partitions: 3}, ""},
		"no role, no count":    {Spec{Name: "connect-offsets"}, "partitions"},
		"unknown role":         {Spec{Role: "offsets", Name: "x"}, "role"},
		"config with two":      {Spec{Role: RoleConfig, Name: "x", Partitions: 2}, "partitions"},
		"config with one":      {Spec{Role: RoleConfig, Name: "x", Partitions: 1}, ""},
		"negative":             {Spec{Role: RoleOffset, Name: "x", Partitions: -1}, "partitions"},
		"negative replicas":    {Spec{Role: RoleOffset, Name: "x", ReplicationFactor: -1}, "replication_factor"},
		"no name":              {Spec{Role: RoleOffset}, "name"},
		"two dots":             {Spec{Role: RoleOffset, Name: ".."}, "name"},
		"a topic of Kafka":     {Spec{Role: RoleOffset, Name: "__consumer_offsets"}, "name"},
		"too many":             {Spec{Role: RoleOffset, Name: "x", Partitions: 20_000}, "partitions"},
		"as many as requested": {Spec{Role: RoleOffset, Name: "x", Partitions: 20_000, SkipChecks: []Check{CheckPartitions}}, ""},
		"slash":                {Spec{Role: RoleOffset, Name: "a/b"}, "name"},
		"too long":             {Spec{Role: RoleOffset, Name: strings.Repeat("x", 245)}, "name"},
		"a copy's name":        {Spec{Role: RoleOffset, Name: "x.rebuild"}, "name"},
		"cleanup policy":       {Spec{Role: RoleOffset, Name: "x", Config: map[string]string{"cleanup.policy": "compact"}}, "config"},
		"set and unset":        {Spec{Role: RoleOffset, Name: "x", Config: map[string]string{"a": "1"}, Unset: []string{"a"}}, "config"},
		"seeded from itself":   {Spec{Role: RoleOffset, Name: "x", SeedFrom: "x"}, "seed_from"},
		"seeded from no name":  {Spec{Role: RoleOffset, Name: "x", SeedFrom: "a b"}, "seed_from"},
		"seeded from an other": {Spec{Role: RoleOffset, Name: "x", SeedFrom: "y"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.spec.Validate()
			var wrong *SpecError
			switch {
			case c.field == "" && err != nil:
				t.Errorf("got %v", err)
			case c.field != "" && (!errors.As(err, &wrong) || wrong.Field != c.field):
				t.Errorf("want an error about %s, got %v", c.field, err)
			}
		})
	}
}

func TestWarningSaysWhatToDo(t *testing.T) {
	live := []Member{{URL: "http://worker-0:8083/"}, {ClientID: "connect-1", Host: "/10.0.0.1"}}
	grow := Step{Action: ActionGrow, Topic: "connect-offsets", From: 1, To: 25}
	for _, want := range []string{"from 1 to 25 partitions", "No record is lost", "must be stopped", "2 run now: http://worker-0:8083/, connect-1@/10.0.0.1"} {
		if got := grow.Warning(live); !strings.Contains(got, want) {
			t.Errorf("%q is missing in %q", want, got)
		}
	}
	shrink := Step{Action: ActionShrink, Topic: "connect-offsets", From: 25, To: 5}
	if got := shrink.Warning(live[:1]); !strings.Contains(got, "deleted and created again") || !strings.Contains(got, "1 runs now") {
		t.Errorf("got %q", got)
	}
	grow.Empty = true
	if got := grow.Warning(nil); got != "" {
		t.Errorf("for an empty topic: %q", got)
	}
	if got := (Step{Action: ActionConfig, Topic: "x", Set: map[string]string{"a": "1"}}).Warning(live); got != "" {
		t.Errorf("for settings: %q", got)
	}
}
