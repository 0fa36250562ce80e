package cluster

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// listed returns a connector with two tasks, as a listing has it.
func listed() connectclient.ConnectorWithStatus {
	return connectclient.ConnectorWithStatus{Connector: connectclient.Connector{Tasks: []connectclient.TaskID{{Task: 0}, {Task: 1}}}}
}

// What the group has not assigned is pending, whatever the statuses show.
func TestPendingIn(t *testing.T) {
	connectors := map[string]connectclient.ConnectorWithStatus{"a": listed(), "b": {}}
	one := internaltopic.Member{Tasks: map[string][]int{"a": {0}}}
	both := internaltopic.Member{Tasks: map[string][]int{"a": {1}}}
	for name, test := range map[string]struct {
		group internaltopic.Group
		want  []string
	}{
		"everything":    {internaltopic.Group{State: "Stable", Connectors: []string{"a", "b"}, Members: []internaltopic.Member{one, both}}, nil},
		"one task less": {internaltopic.Group{State: "Stable", Connectors: []string{"a", "b"}, Members: []internaltopic.Member{one}}, []string{"task 1 of connector a is assigned to no worker"}},
		"nothing":       {internaltopic.Group{State: "Stable"}, []string{"connector a is assigned to no worker", "connector b is assigned to no worker"}},
		"rebalance":     {internaltopic.Group{ID: "g", State: "PreparingRebalance"}, []string{"group g is rebalancing (PreparingRebalance)"}},
	} {
		if got := pendingIn(test.group, connectors); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// The brokers show no URLs of a group that rebalances. So a group that was found stays found, and a group that was not found yet may
// be any that rebalances, for a while.
func TestGroupCheck(t *testing.T) {
	connectors := map[string]connectclient.ConnectorWithStatus{"a": {}}
	own := internaltopic.Group{ID: "own", State: stable, Connectors: []string{"a"}, Members: []internaltopic.Member{{URL: "http://w:8083/"}}}
	rebalancing := internaltopic.Group{ID: "own", State: "PreparingRebalance", Members: []internaltopic.Member{{}}}
	foreign := internaltopic.Group{ID: "foreign", State: "PreparingRebalance", Members: []internaltopic.Member{{}}}
	check := groupCheck{urls: []string{"http://w:8083"}}
	for i, step := range []struct {
		groups []internaltopic.Group
		want   []string
	}{
		{[]internaltopic.Group{foreign, rebalancing}, []string{"group foreign is rebalancing (PreparingRebalance)", "group own is rebalancing (PreparingRebalance)"}},
		{[]internaltopic.Group{foreign, own}, nil},
		{[]internaltopic.Group{foreign, rebalancing}, []string{"group own is rebalancing (PreparingRebalance)"}},
		{[]internaltopic.Group{foreign, own}, nil},
	} {
		if got := check.pendingOf(step.groups, connectors); !reflect.DeepEqual(got, step.want) {
			t.Errorf("step %d: got %q, want %q", i, got, step.want)
		}
	}
	unknown := groupCheck{urls: []string{"http://proxy"}}
	polls := 0
	for unknown.pendingOf([]internaltopic.Group{foreign, own}, connectors) != nil {
		polls++
	}
	if polls != identifyingPolls-1 {
		t.Errorf("an unknown group was waited for in %d polls", polls)
	}
}

func TestGroupsAt(t *testing.T) {
	groups := []internaltopic.Group{
		{ID: "a", Members: []internaltopic.Member{{URL: "http://10.0.0.1:8083/"}, {URL: "http://10.0.0.2:8083/"}}},
		{ID: "b", Members: []internaltopic.Member{{URL: "https://Worker:8083/"}, {}}},
	}
	for url, want := range map[string]string{
		"http://10.0.0.2:8083":        "a",
		"https://worker:8083/connect": "b",
		"https://10.0.0.2:8083":       "",
		"http://10.0.0.2":             "",
		"":                            "",
	} {
		var got []string
		for _, g := range groupsAt(groups, []string{url}) {
			got = append(got, g.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", url, got, want)
		}
	}
}

// The error says what each worker runs, and what to do.
func TestRolloutFailed(t *testing.T) {
	answers := connectclient.Cluster{Version: "4.3.1"}
	old := connectclient.Worker{URL: "http://a", Cluster: answers, Revision: "old"}
	silent := connectclient.Worker{URL: "http://b", Err: errors.New("no connection")}
	mute := connectclient.Worker{URL: "http://c", Cluster: answers}
	done := connectclient.Worker{URL: "http://d", Cluster: answers, Revision: "new"}
	for name, test := range map[string]struct {
		state         connectclient.RolloutState
		err           error
		summary       string
		wants, hidden []string
	}{
		"old file": {
			connectclient.RolloutState{Workers: []connectclient.Worker{old, silent, done}}, context.DeadlineExceeded, "The workers do not run the revision",
			[]string{"Wanted: revision new.\nhttp://a runs revision old\nhttp://b does not answer: no connection\n\nRestart each of these workers", "raise timeouts.invoke"},
			[]string{"http://d", "announce_revision"},
		},
		"no announcement": {
			connectclient.RolloutState{Workers: []connectclient.Worker{mute}}, context.DeadlineExceeded, "The workers do not run the revision",
			[]string{"http://c announces no revision", "announce_revision of kafkaconnect_worker_config"}, nil,
		},
		"unassigned": {
			connectclient.RolloutState{Workers: []connectclient.Worker{done}, Pending: []string{"connector x is UNASSIGNED"}}, context.DeadlineExceeded,
			"The workers run the revision, but their group has not assigned all connectors and tasks",
			[]string{"connector x is UNASSIGNED", "scheduled.rebalance.max.delay.ms"}, []string{"Restart each"},
		},
		"interrupted":  {connectclient.RolloutState{Workers: []connectclient.Worker{old}}, context.Canceled, "Waiting for the workers was interrupted", []string{"http://a runs revision old"}, nil},
		"other faults": {connectclient.RolloutState{}, connectclient.ErrForbidden, "Unable to read the state of the workers", []string{"Set other credentials"}, nil},
		"two clusters": {connectclient.RolloutState{}, connectclient.ErrDifferentClusters, "connect.urls lead to different clusters", []string{"Set connect.urls"}, nil},
	} {
		test.state.Revisions = []string{"new"}
		got := rolloutFailed(&connectclient.RolloutError{State: test.state, Err: test.err})
		if got.Summary() != test.summary {
			t.Errorf("%s: got %q", name, got.Summary())
		}
		for _, want := range test.wants {
			if !strings.Contains(got.Detail(), want) {
				t.Errorf("%s: %q is not in %q", name, want, got.Detail())
			}
		}
		for _, unwanted := range test.hidden {
			if strings.Contains(got.Detail(), unwanted) {
				t.Errorf("%s: %q is in %q", name, unwanted, got.Detail())
			}
		}
	}
}

// A broker that does not answer for a moment does not end the wait.
func TestGroupCheck_silentBrokers(t *testing.T) {
	kafka, err := internaltopic.New(kafkaclient.Config{BootstrapServers: []string{"127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer kafka.Close()
	check := groupCheck{kafka: kafka, urls: []string{"http://w:8083"}}
	pending, err := check.pending(t.Context(), nil)
	if err != nil || len(pending) != 1 || !strings.Contains(pending[0], "the brokers do not show the group of the workers: ") {
		t.Errorf("got %q, %v", pending, err)
	}
}
