package settings

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// Cluster is how to reach one cluster.
type Cluster struct {
	Connect *Connect
	Kafka   *Kafka
}

// Clusters are the clusters of a provider.
type Clusters struct {
	Default Cluster
	Named   map[string]Cluster // the entries of `clusters`

	// Unknown is true while the names in `clusters` are known only after apply.
	Unknown bool
}

// clusterModel is an entry of `clusters`.
type clusterModel struct {
	Connect types.Object `tfsdk:"connect"`
	Kafka   types.Object `tfsdk:"kafka"`
}

// ClustersAttribute is the schema of `clusters`.
func ClustersAttribute() schema.MapNestedAttribute {
	connect, kafka := ConnectAttribute(), KafkaAttribute()
	const notDefaults = " The environment variables `KAFKA_*` in the descriptions of its attributes apply to the default cluster only."
	connect.MarkdownDescription = "How to reach the REST API of the workers of this cluster." + notDefaults
	kafka.MarkdownDescription = "How to reach the Kafka cluster of these workers. An attribute that is not set is taken from `properties`." + notDefaults
	return schema.MapNestedAttribute{
		MarkdownDescription: "Further clusters, by name. The attribute `cluster` of resources, data sources, actions and list resources selects one. " +
			"Without it, they use the attributes `connect` and `kafka` of the provider, the default cluster. " +
			"Environment variables such as `KAFKA_CONNECT_PASSWORD` apply to the default cluster only, so that the credentials of one cluster are not sent to another one. " +
			"A name must not contain `/`. Two entries must not lead to the same Connect cluster. Default: the default cluster only. See the guide [Many clusters](guides/many-clusters).",
		Optional:   true,
		Validators: tfvalue.NoBlankKeys,
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"connect": connect,
				"kafka":   kafka,
			},
		},
	}
}

// NewClusters checks the settings of all clusters and builds the clients. A client sends no request before its first use.
func NewClusters(ctx context.Context, connect, kafka types.Object, clusters types.Map, version string) (Clusters, diag.Diagnostics) {
	all := Clusters{Named: map[string]Cluster{}, Unknown: clusters.IsUnknown()}
	var diags diag.Diagnostics
	build := func(from Source, connect, kafka types.Object) (cluster Cluster) {
		var more diag.Diagnostics
		cluster.Connect, more = NewConnect(ctx, from, connect, version)
		diags.Append(more...)
		cluster.Kafka, more = NewKafka(ctx, from, kafka)
		diags.Append(more...)
		return cluster
	}
	all.Default = build(Default(), connect, kafka)
	for name, value := range clusters.Elements() {
		if name == "" || name != strings.TrimSpace(name) || strings.Contains(name, "/") {
			diags.AddAttributeError(path.Root("clusters").AtMapKey(name), "Invalid name of a cluster",
				"Found "+diagnostics.Quoted(name)+". Give a name without a slash and without white space at its beginning or end: import ids have the form CLUSTER/NAME.")
		}
		from, entry := Named(name), clusterModel{}
		if value.IsUnknown() {
			all.Named[name] = UnknownCluster(from)
			continue
		}
		object, _ := value.(types.Object)
		diags.Append(object.As(ctx, &entry, basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true})...)
		all.Named[name] = build(from, entry.Connect, entry.Kafka)
	}
	if !diags.HasError() {
		diags.Append(all.sharedURLs()...)
	}
	return all, diags
}

// UnknownCluster returns a cluster whose settings are known only after apply.
func UnknownCluster(from Source) Cluster {
	return Cluster{&Connect{Unknown: true, from: from}, &Kafka{Unknown: true, from: from}}
}

// sharedURLs rejects two clusters with the same URL of a worker.
func (c Clusters) sharedURLs() (diags diag.Diagnostics) {
	owners := map[string]Source{}
	for _, cluster := range append([]Cluster{c.Default}, mapValues(c.Named)...) {
		from := cluster.Connect.from
		for _, target := range cluster.Connect.targets {
			owner, taken := owners[target]
			if !taken {
				owners[target] = from
				continue
			}
			if owner.at.Equal(from.at) {
				continue // a URL given twice in one list
			}
			diags.AddAttributeError(from.at.AtName("connect").AtName("urls"), "Two clusters lead to the same workers",
				owner.at.AtName("connect").AtName("urls").String()+" and "+from.at.AtName("connect").AtName("urls").String()+" of the provider both have "+
					strings.TrimSuffix(target, " ")+". One Connect cluster under two names would have each connector twice. Remove one of them, or correct its URL.")
		}
	}
	return diags
}

// Close closes the clients that hold connections.
func (c Clusters) Close() {
	c.Default.Kafka.Close()
	for _, cluster := range c.Named {
		cluster.Kafka.Close()
	}
}

// targets returns the URLs in a comparable form, each with the Host header: a proxy may serve several clusters at one URL.
func targets(config connectclient.Config) []string {
	host := ""
	for name, value := range config.Headers {
		if http.CanonicalHeaderKey(name) == "Host" {
			host = strings.ToLower(value)
		}
	}
	var targets []string
	for _, raw := range config.URLs {
		u, err := url.Parse(strings.TrimSpace(raw))
		if err != nil {
			continue // connectclient.New reports it
		}
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
		}
		targets = append(targets, strings.ToLower(u.Hostname())+":"+port+strings.TrimRight(u.Path, "/")+" "+host)
	}
	return targets
}

// mapValues returns the values in the order of their keys.
func mapValues[V any](m map[string]V) (values []V) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		values = append(values, m[key])
	}
	return values
}
