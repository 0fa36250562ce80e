package workerconfig

import (
	"fmt"
	"slices"
	"strings"
)

// Group has the settings that all workers of one group must share.
type Group struct {
	// ID is the group.id.
	ID string
	// BootstrapServers identify the cluster: two groups without a common server are on
	// different clusters. If they are empty, the cluster is unknown.
	BootstrapServers []string
	// OffsetTopic, ConfigTopic and StatusTopic are the storage topics; empty means
	// unknown.
	OffsetTopic, ConfigTopic, StatusTopic string
}

// Group returns the settings that CheckGroups compares.
func (d Distributed) Group() Group {
	return Group{
		ID:               d.GroupID,
		BootstrapServers: d.BootstrapServers,
		OffsetTopic:      d.OffsetStorage.Name,
		ConfigTopic:      d.ConfigStorage.Name,
		StatusTopic:      d.StatusStorage.Name,
	}
}

// CheckGroups returns an error for each pair of conflicting groups: one group id with
// different storage topics, whose workers would not see the same connectors, or two
// group ids with a common topic, whose workers would overwrite each other's records.
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
	if g.ID == "" || other.ID == "" || !g.MayShareCluster(other) {
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
		return fmt.Errorf("groups %q and %q share %s, but each group needs its own storage topics: %[1]q has %[4]s, %[2]q has %[5]s",
			g.ID, other.ID, strings.Join(shared, " and "), g.topics(), other.topics())
	}
	return nil
}

// MayShareCluster reports whether the groups can be on one cluster: they have a common server, or one has none.
func (g Group) MayShareCluster(other Group) bool {
	if len(g.BootstrapServers) == 0 || len(other.BootstrapServers) == 0 {
		return true
	}
	return slices.ContainsFunc(g.BootstrapServers, func(server string) bool {
		return slices.Contains(other.BootstrapServers, server)
	})
}

// agrees ignores unknown topics.
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

// topics lists the storage topics by role.
func (g Group) topics() string {
	name := func(topic string) string {
		if topic == "" {
			return "(not known yet)"
		}
		return topic
	}
	return fmt.Sprintf("{offset: %s, config: %s, status: %s}", name(g.OffsetTopic), name(g.ConfigTopic), name(g.StatusTopic))
}
