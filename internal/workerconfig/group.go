package workerconfig

import (
	"fmt"
	"slices"
	"strings"
)

// Group is what all workers of one group must agree on.
type Group struct {
	// ID is the group.id.
	ID string
	// BootstrapServers tell clusters apart: groups whose servers are given and have none
	// in common are on different clusters.
	BootstrapServers []string
	// OffsetTopic, ConfigTopic and StatusTopic are the storage topics. Those that are
	// not known yet are empty.
	OffsetTopic, ConfigTopic, StatusTopic string
}

// Group returns what other configurations are compared with.
func (d Distributed) Group() Group {
	return Group{
		ID:               d.GroupID,
		BootstrapServers: d.BootstrapServers,
		OffsetTopic:      d.OffsetStorage.Name,
		ConfigTopic:      d.ConfigStorage.Name,
		StatusTopic:      d.StatusStorage.Name,
	}
}

// CheckGroups returns an error for every two configurations that cannot both be
// right: the same group with different storage topics, whose workers would not see
// the same connectors, or two groups with a topic in common, which would overwrite
// each other's.
func CheckGroups(groups []Group) []error {
	var found []error
	for i, one := range groups {
		for _, other := range groups[:i] {
			if err := other.conflict(one); err != nil {
				found = append(found, err)
			}
		}
	}
	return found
}

func (g Group) conflict(other Group) error {
	if g.ID == "" || other.ID == "" || !g.mayShareCluster(other) {
		return nil
	}
	if g.ID == other.ID {
		if !g.agrees(other) {
			return fmt.Errorf("the workers of group %q must have the same storage topics, but one configuration has %s and another %s",
				g.ID, g.topics(), other.topics())
		}
		return nil
	}
	if shared := g.sharedTopics(other); len(shared) > 0 {
		return fmt.Errorf("groups %q and %q share %s, but every group needs storage topics of its own: %[1]q has %[4]s, %[2]q has %[5]s",
			g.ID, other.ID, strings.Join(shared, " and "), g.topics(), other.topics())
	}
	return nil
}

func (g Group) mayShareCluster(other Group) bool {
	if len(g.BootstrapServers) == 0 || len(other.BootstrapServers) == 0 {
		return true
	}
	return slices.ContainsFunc(g.BootstrapServers, func(server string) bool {
		return slices.Contains(other.BootstrapServers, server)
	})
}

// agrees leaves out topics that are not known yet.
func (g Group) agrees(other Group) bool {
	same := func(a, b string) bool { return a == "" || b == "" || a == b }
	return same(g.OffsetTopic, other.OffsetTopic) && same(g.ConfigTopic, other.ConfigTopic) && same(g.StatusTopic, other.StatusTopic)
}

func (g Group) sharedTopics(other Group) []string {
	var shared []string
	for _, topic := range []string{g.OffsetTopic, g.ConfigTopic, g.StatusTopic} {
		if topic != "" && slices.Contains([]string{other.OffsetTopic, other.ConfigTopic, other.StatusTopic}, topic) {
			shared = append(shared, fmt.Sprintf("topic %q", topic))
		}
	}
	return shared
}

// topics names the storage topics by role.
func (g Group) topics() string {
	name := func(topic string) string {
		if topic == "" {
			return "(not known yet)"
		}
		return topic
	}
	return fmt.Sprintf("{offset: %s, config: %s, status: %s}", name(g.OffsetTopic), name(g.ConfigTopic), name(g.StatusTopic))
}
