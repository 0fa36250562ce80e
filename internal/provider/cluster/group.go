package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// groupProblem is the reason why the data source shows no group.
type groupProblem struct{ summary, detail string }

// diagnostic returns an error on group_id if the user has set it, otherwise a warning: the rest is shown without the members.
func (p *groupProblem) diagnostic(groupID types.String) diag.Diagnostic {
	if !groupID.IsNull() {
		return diag.NewAttributeErrorDiagnostic(path.Root("group_id"), p.summary, p.detail)
	}
	return diag.NewWarningDiagnostic(p.summary, p.detail+" members is null.")
}

// findGroup returns the group of the workers: the one with this id or, without an id, the Connect group that has a member with
// one of the URLs, or the only Connect group.
func findGroup(ctx context.Context, kafka *internaltopic.Client, id string, urls []string) (internaltopic.Group, *groupProblem) {
	groups, err := liveGroups(ctx, kafka)
	if err != nil {
		return internaltopic.Group{}, &groupProblem{"Unable to read the groups of workers", diagnostics.Sentence(err.Error())}
	}
	known := "The brokers show no Connect group with members."
	if len(groups) > 0 {
		known = "Connect groups with members: " + groupNames(groups) + "."
	}
	if id != "" {
		at := slices.IndexFunc(groups, func(g internaltopic.Group) bool { return g.ID == id })
		if at < 0 {
			return internaltopic.Group{}, &groupProblem{"Group " + diagnostics.Quoted(id) + " has no members", known +
				" Correct group_id, or start workers of this group. A worker that is starting is not a member yet."}
		}
		return groups[at], nil
	}
	if matching := groupsAt(groups, urls); len(matching) == 1 {
		return matching[0], nil
	}
	switch len(groups) {
	case 0:
		return internaltopic.Group{}, &groupProblem{"The group of the workers was not found", known}
	case 1:
		return groups[0], nil
	}
	return internaltopic.Group{}, &groupProblem{"The group of the workers was not found", "The URLs in connect.urls are not the ones that the workers of one group advertise. " +
		known + " Set group_id to the group of these workers."}
}

// liveGroups returns the Connect groups that have members.
func liveGroups(ctx context.Context, kafka *internaltopic.Client) ([]internaltopic.Group, error) {
	groups, err := kafka.ConnectGroups(ctx)
	return slices.DeleteFunc(groups, func(g internaltopic.Group) bool { return len(g.Members) == 0 }), err
}

// groupsAt returns the groups that have a member with one of the URLs.
func groupsAt(groups []internaltopic.Group, urls []string) []internaltopic.Group {
	return slices.DeleteFunc(slices.Clone(groups), func(g internaltopic.Group) bool { return !g.Advertises(urls) })
}

func groupNames(groups []internaltopic.Group) string {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = fmt.Sprintf("%q (members: %d)", g.ID, len(g.Members))
	}
	return diagnostics.Shortened(names)
}

func urlsOf(workers []connectclient.Worker) []string {
	urls := make([]string, len(workers))
	for i, w := range workers {
		urls[i] = w.URL
	}
	return urls
}

// groupCheck checks that the group of the workers assigns every connector and task.
type groupCheck struct {
	kafka *internaltopic.Client // may be nil
	urls  []string              // of the workers

	id    string // of the group, once it is found
	polls int    // how often it was not found
}

// identifyingPolls is how many polls search for the group while groups rebalance. The brokers show no URLs then.
const identifyingPolls = 5

// pending returns what the group has still to do. Without a client, or without a group whose members advertise the URLs, that is
// nothing. Brokers may restart in a rollout, too: their silence is pending, and an error only if no waiting cures it.
func (c *groupCheck) pending(ctx context.Context, connectors map[string]connectclient.ConnectorWithStatus) ([]string, error) {
	if c.kafka == nil {
		return nil, nil
	}
	groups, err := liveGroups(ctx, c.kafka)
	switch {
	case errors.Is(err, kafkaclient.ErrUnauthorized), errors.Is(err, kafkaclient.ErrUnauthenticated):
		return nil, err
	case err != nil:
		return []string{"the brokers do not show the group of the workers: " + err.Error()}, nil //nolint:nilerr // waiting may cure it
	}
	return c.pendingOf(groups, connectors), nil
}

func (c *groupCheck) pendingOf(groups []internaltopic.Group, connectors map[string]connectclient.ConnectorWithStatus) []string {
	if found := groupsAt(groups, c.urls); len(found) == 1 {
		c.id = found[0].ID
	}
	if c.id == "" {
		c.polls++
	}
	var pending []string
	for _, group := range groups {
		if group.ID == c.id || c.id == "" && group.State != stable && c.polls < identifyingPolls {
			pending = append(pending, pendingIn(group, connectors)...)
		}
	}
	return pending
}

// stable is the state of a group that does not rebalance.
const stable = "Stable"

// pendingIn lists what the group has still to do: to end a rebalance, or to assign connectors and tasks to members. After a worker
// was killed, statuses show its connectors as RUNNING until the group assigns them again.
func pendingIn(group internaltopic.Group, connectors map[string]connectclient.ConnectorWithStatus) []string {
	if group.State != stable {
		return []string{fmt.Sprintf("group %s is rebalancing (%s)", group.ID, group.State)}
	}
	var pending []string
	for name, one := range connectors {
		if !slices.Contains(group.Connectors, name) {
			pending = append(pending, fmt.Sprintf("connector %s is assigned to no worker", name))
			continue
		}
		for _, task := range one.Connector.Tasks {
			if !slices.ContainsFunc(group.Members, func(m internaltopic.Member) bool { return slices.Contains(m.Tasks[name], task.Task) }) {
				pending = append(pending, fmt.Sprintf("task %d of connector %s is assigned to no worker", task.Task, name))
			}
		}
	}
	slices.Sort(pending)
	return pending
}
