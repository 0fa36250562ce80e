package connectclient

import (
	"maps"
	"slices"
)

// features are what differs between the supported versions of workers, by the name that users see.
var features = map[string]feature{
	"restart_tasks":       {"restarting a connector together with its tasks", Version{3, 0, 0}}, // KIP-745
	"plugin_config":       featurePluginConfig,
	"exactly_once_source": featureExactlyOnce,
	"stop":                featureStop,
	"read_offsets":        featureOffsets,
	"alter_offsets":       featureAlterOffsets,
	"initial_state":       {"creating a connector that is paused or stopped", Version{3, 7, 0}}, // KIP-980
	"initial_offsets":     featureInitialOffsets,
	"cluster_loggers":     {"changing a log level on all workers at once", Version{3, 7, 0}}, // KIP-976
	"patch_config":        {"changing single keys of a configuration", Version{3, 8, 0}},     // KIP-477
	"health":              {"the endpoint /health", Version{3, 9, 0}},                        // KIP-1017
	"plugin_versions":     featurePluginVersions,
}

// Feature is a function that some supported versions of workers do not have.
type Feature struct {
	Name    string // such as "alter_offsets"
	Meaning string // such as "changing a connector's offsets"
	Since   Version
}

// AllFeatures returns what differs between the supported versions of workers, those of older versions first.
func AllFeatures() []Feature {
	var all []Feature
	for _, name := range slices.Sorted(maps.Keys(features)) {
		all = append(all, Feature{Name: name, Meaning: features[name].name, Since: features[name].since})
	}
	slices.SortStableFunc(all, func(a, b Feature) int { return a.Since.Compare(b.Since) })
	return all
}

// Features reports which of [AllFeatures] a worker of this version has, by name. A version that cannot be parsed counts as
// the newest one.
func (c Cluster) Features() map[string]bool {
	has := map[string]bool{}
	for name, f := range features {
		has[name] = c.require(f) == nil
	}
	return has
}
