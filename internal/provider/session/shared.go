package session

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/settings"
)

// sharedTimeout bounds the requests that compare two clusters. Without an answer, the operations decide.
const sharedTimeout = 10 * time.Second

const sharedSummary = "Two clusters of the provider lead to the same workers"

// groupPause is how long to wait for a group that rebalances: its members advertise no addresses then.
const groupPause = 200 * time.Millisecond

// sharing is the result of the comparison of the clusters of the provider. It is made once in a run, before the first change of a connector.
type sharing struct {
	once     OncePer[bool, diag.Diagnostics] // without and with the default cluster
	reported atomic.Bool
	same     names // clusters whose URLs lead to the workers of another one
}

// CheckShared checks while Terraform plans a change that no two clusters of the provider are one Connect cluster under two
// names. A default cluster is left out until an object uses it. The errors are returned once. Nothing is sent if the provider
// has one cluster only.
func (s *Session) CheckShared(ctx context.Context) diag.Diagnostics {
	if len(s.clusters) == 0 {
		return nil
	}
	withDefault := s.usesDefault.Load()
	diags := s.sharing.once.Do(withDefault, func() (diags diag.Diagnostics) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sharedTimeout)
		defer cancel()
		for _, candidates := range s.byKafkaCluster(ctx, withDefault) {
			known := s.describe(ctx, candidates)
			for i, one := range known {
				for _, other := range known[:i] {
					if evidence := one.sameAs(other); evidence != "" {
						s.sharing.same.add(one.session.Cluster)
						s.sharing.same.add(other.session.Cluster)
						diags.AddError(sharedSummary, fmt.Sprintf("%s and %s are one Connect cluster: %s. Each connector would be managed twice. "+
							"Correct connect.urls of one of them, or remove one and use the name of the other.",
							diagnostics.Capitalized(other.session.clusterTitle()), one.session.clusterTitle(), evidence))
					}
				}
			}
		}
		return diags
	})
	if len(diags) > 0 && s.sharing.reported.CompareAndSwap(false, true) {
		return diags
	}
	return nil
}

// RefuseShared refuses an operation in a cluster for which [Session.CheckShared] has found an error. If that happens in an apply,
// the error of one resource does not stop the others.
func (s *Session) RefuseShared() (diags diag.Diagnostics) {
	if s.sharing.same.has(s.Cluster) {
		diags.AddError(sharedSummary, diagnostics.Capitalized(s.clusterTitle())+" is one of them. Nothing was changed.")
	}
	return diags
}

// byKafkaCluster returns the clusters in groups that use one Kafka cluster. It sends each a request at the same time, and
// leaves out those that do not answer.
func (r *Run) byKafkaCluster(ctx context.Context, withDefault bool) map[string][]*Session {
	all := slices.DeleteFunc(r.all(), func(s *Session) bool { return s.Cluster == "" && !withDefault })
	ids := make([]string, len(all))
	var group sync.WaitGroup
	for i, s := range all {
		if client := s.Connect.ClientOrNil(); client != nil {
			group.Go(func() { ids[i], _ = client.KafkaClusterID(ctx) })
		}
	}
	group.Wait()
	groups := map[string][]*Session{}
	for i, id := range ids {
		if id != "" {
			groups[id] = append(groups[id], all[i])
		}
	}
	return groups
}

// all returns the default cluster and the others, sorted by name.
func (r *Run) all() []*Session {
	named := slices.SortedFunc(maps.Values(r.clusters), func(a, b *Session) int { return strings.Compare(a.Cluster, b.Cluster) })
	return append([]*Session{r.byDefault}, named...)
}

// ofCluster continues a message about the workers with the name of the cluster, unless this is the default cluster.
func (s *Session) ofCluster() string {
	if s.Cluster == "" {
		return ""
	}
	return " of cluster " + diagnostics.Quoted(s.Cluster)
}

// clusterTitle names the cluster in a message.
func (s *Session) clusterTitle() string {
	if s.Cluster == "" {
		return "the default cluster"
	}
	return "cluster " + diagnostics.Quoted(s.Cluster)
}

// description is what the workers and the brokers report about a cluster.
type description struct {
	session    *Session
	group      string // see groupID
	connectors map[string]connectclient.ConnectorWithStatus
}

// describe asks about clusters that use one Kafka cluster, at the same time. A single one is compared with nothing.
func (r *Run) describe(ctx context.Context, candidates []*Session) []description {
	if len(candidates) == 1 {
		return nil
	}
	all := make([]description, len(candidates))
	var group sync.WaitGroup
	for i, s := range candidates {
		group.Go(func() {
			connectors, _ := s.Connect.ClientOrNil().CachedConnectors(ctx)
			all[i] = description{s, s.groupID(ctx), connectors}
		})
	}
	group.Wait()
	return all
}

// sameAs returns the reason why two clusters are one, or "": the brokers report that their workers are members of one group, or, if the
// brokers do not report the groups, the workers run the same connectors.
func (d description) sameAs(other description) (evidence string) {
	switch {
	case d.group != "" && d.group == other.group:
		return "their workers are members of group " + diagnostics.Quoted(d.group)
	case d.group != "" && other.group != "", len(d.connectors) == 0, !maps.EqualFunc(d.connectors, other.connectors, runsTheSame):
		return ""
	}
	return "they have the same connectors on the same workers, such as " + diagnostics.Quoted(slices.Min(slices.Collect(maps.Keys(d.connectors))))
}

// runsTheSame reports whether two connectors have the same configuration, and run on the same worker.
func runsTheSame(a, b connectclient.ConnectorWithStatus) bool {
	worker := a.Status.Connector.WorkerID
	return worker != "" && worker == b.Status.Connector.WorkerID && maps.Equal(a.Connector.Config, b.Connector.Config)
}

// groupID returns the group of workers that has a member at one of connect.urls. It is empty if the cluster has no Kafka
// settings, or if its workers advertise other addresses.
func (s *Session) groupID(ctx context.Context) string {
	brokers := s.Kafka.ClientOrNil()
	if brokers == nil {
		return ""
	}
	for ; ctx.Err() == nil; time.Sleep(groupPause) {
		groups, _ := brokers.ConnectGroups(ctx) // those of the brokers that answered
		at := slices.IndexFunc(groups, func(g internaltopic.Group) bool { return g.Advertises(s.Connect.ClientOrNil().URLs()) })
		if at >= 0 {
			return groups[at].ID
		}
		rebalances := func(g internaltopic.Group) bool {
			return slices.ContainsFunc(g.Members, func(m internaltopic.Member) bool { return m.URL == "" })
		}
		if !slices.ContainsFunc(groups, rebalances) {
			break
		}
	}
	return ""
}

// CreatedElsewhere returns an error if this run has created the connector in another cluster of the provider that leads to the
// same workers. It is for a connector that was adopted.
func (s *Session) CreatedElsewhere(ctx context.Context, client *connectclient.Client, name string) error {
	if len(s.clusters) == 0 {
		return nil
	}
	for _, other := range s.all() {
		if other == s || !other.Connectors.created.has(name) {
			continue
		}
		mine, err := client.Status(ctx, name)
		theirs, otherErr := other.Connect.ClientOrNil().Status(ctx, name)
		sameKafka, _ := s.SameKafka(ctx, other)
		if err == nil && otherErr == nil && mine.Connector.WorkerID == theirs.Connector.WorkerID && sameKafka {
			return fmt.Errorf("%s has just created this connector on the same worker, so both names lead to one Connect cluster; correct connect.urls of one of them", other.clusterTitle())
		}
	}
	return nil
}

// SameBrokers reports whether the kafka settings of two clusters list the same brokers.
func (s *Session) SameBrokers(other *Session) bool {
	return brokersOf(s.Kafka) != "" && brokersOf(s.Kafka) == brokersOf(other.Kafka)
}

// brokersOf returns a text that is equal for equal lists of brokers, or "".
func brokersOf(kafka *settings.Kafka) string {
	return strings.Join(slices.Sorted(slices.Values(kafka.Servers)), ",")
}

// OtherKafka reports whether the workers of the other cluster are known to use another Kafka cluster.
func (s *Session) OtherKafka(ctx context.Context, other *Session) bool {
	same, known := s.SameKafka(ctx, other)
	return known && !same
}

// SameKafka reports whether the workers of two clusters use one Kafka cluster. It is not known if the workers do not tell.
func (s *Session) SameKafka(ctx context.Context, other *Session) (same, known bool) {
	if s == other {
		return true, true
	}
	mine, err := s.Connect.ClientOrNil().KafkaClusterID(ctx)
	theirs, otherErr := other.Connect.ClientOrNil().KafkaClusterID(ctx)
	return mine == theirs, err == nil && otherErr == nil && mine != "" && theirs != ""
}
