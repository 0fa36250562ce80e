package session

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/settings"
)

// ClusterDescription describes the attribute `cluster` of every object.
const ClusterDescription = "Name of an entry in `clusters` of the provider. Default: the attributes `connect` and `kafka` of the provider."

// Run is what the sessions of one run share.
type Run struct {
	Operations Operations
	Workers    Workers

	// Planning is set by the first Read: Terraform reads objects only before it plans them, never in an apply. It stays
	// unset in a plan with -refresh=false, and while the state is empty.
	Planning atomic.Bool

	// Applying is set by the first create or update: from then on this walk is an apply.
	Applying atomic.Bool

	byDefault *Session            // the default cluster
	clusters  map[string]*Session // the entries of the provider's `clusters`, by name
	sharing   sharing
	unknown   *Session // for a cluster whose name is known only after apply
	partial   bool     // the names in `clusters` are known only after apply
	awaited   sync.Map // then, the sessions of the clusters that objects name

	usesDefault atomic.Bool // an object of this run uses the default cluster
}

// New returns the session of the default cluster. [Session.In] returns those of the others.
func New(all settings.Clusters) *Session {
	run := &Run{clusters: map[string]*Session{}, partial: all.Unknown}
	run.unknown = newSession(run, "", settings.UnknownCluster(settings.Default()))
	run.unknown.Connectors.unknown, run.unknown.Topics.unknown, run.unknown.Loggers.unknown = true, true, true
	topics := map[string]*names{} // by the bootstrap servers: several clusters may use one Kafka cluster
	add := func(name string, cluster settings.Cluster) *Session {
		s := newSession(run, name, cluster)
		servers := brokersOf(cluster.Kafka)
		if declared, ok := topics[servers]; ok {
			s.Topics.declared = declared
		} else if servers != "" {
			topics[servers] = s.Topics.declared
		}
		return s
	}
	run.byDefault = add("", all.Default)
	for name, cluster := range all.Named {
		run.clusters[name] = add(name, cluster)
	}
	return run.byDefault
}

// In returns the session of the cluster with that name, or that of the default cluster if the name is null. If the provider has no
// such cluster, the error lists the names that it has.
func (s *Session) In(cluster types.String) (*Session, diag.Diagnostics) {
	switch {
	case s == nil:
		return nil, nil
	case cluster.IsNull():
		s.usesDefault.Store(true)
		return s.byDefault, nil
	case cluster.IsUnknown():
		return s.unknown, nil
	}
	if found, ok := s.clusters[cluster.ValueString()]; ok {
		return found, nil
	}
	if s.partial {
		name := cluster.ValueString()
		found, _ := s.awaited.LoadOrStore(name, newSession(s.Run, name, settings.UnknownCluster(settings.Named(name))))
		return found.(*Session), nil //nolint:forcetypeassert // stored above
	}
	known := "The provider has no clusters attribute."
	if names := slices.Sorted(maps.Keys(s.clusters)); len(names) > 0 {
		known = "The clusters attribute of the provider has: " + strings.Join(names, ", ") + "."
	}
	return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("cluster"), "Unknown cluster "+diagnostics.Quoted(cluster.ValueString()),
		known+fmt.Sprintf(" Add %s there, or correct the name. Without the attribute cluster, the connect and kafka attributes of the provider are used. "+
			"To remove objects of a cluster that no longer exists from the state, run terraform state rm.", diagnostics.Quoted(cluster.ValueString())))}
}

// Qualified returns the id of an object in this cluster: its name, after the name of the cluster and a slash unless this is the
// default cluster.
func (s *Session) Qualified(name string) string {
	if s == nil || s.Cluster == "" {
		return name
	}
	return s.Cluster + "/" + name
}

// ObjectID returns the id of an object: its name, after the name of the cluster and a slash unless the cluster is the default
// one. It is unknown if one of the two is.
func ObjectID(cluster, name types.String) types.String {
	if cluster.IsUnknown() || name.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue((&Session{Cluster: cluster.ValueString()}).Qualified(name.ValueString()))
}

// SplitID returns the cluster, null for the default one, and the rest of an import id. The rest has parts that are
// separated by slashes.
func SplitID(id string, parts int) (cluster types.String, rest string) {
	if strings.Count(id, "/") < parts {
		return types.StringNull(), id
	}
	name, rest, _ := strings.Cut(id, "/")
	return types.StringValue(name), rest
}
