// Package cluster implements the data source kafkaconnect_cluster and the action kafkaconnect_await_workers.
package cluster

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// NewDataSource returns the data source kafkaconnect_cluster.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// DataSource is the data source kafkaconnect_cluster: what workers and brokers report about a cluster.
type DataSource struct {
	*session.Session // nil until the provider is configured
}

// defaultReadTimeout is the default of timeouts.read.
const defaultReadTimeout = 15 * time.Second

// groupTimeout bounds the requests to the brokers.
const groupTimeout = 30 * time.Second

func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cluster"
}

func (d *DataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataSourceSchema(ctx)
}

func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.Session = session.From(req.ProviderData)
}

// Read asks all workers and, if Kafka is configured, the brokers.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m model
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	s, diags := d.In(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, diags := s.Connect.Client()
	timeout, more := m.Timeouts.Read(ctx, defaultReadTimeout)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	workers, diags := askWorkers(ctx, client, timeout)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	m.setWorkers(workers)
	resp.Diagnostics.Append(m.readMembers(ctx, s, workers)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	}
}

// askWorkers asks all workers. Within the timeout, it waits for one that is ready. It is an error if none answers.
func askWorkers(ctx context.Context, client *connectclient.Client, timeout time.Duration) ([]connectclient.Worker, diag.Diagnostics) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	workers, err := client.AwaitWorkers(ctx)
	switch {
	case err != nil:
		return nil, diag.Diagnostics{differentClusters(err)}
	case !slices.ContainsFunc(workers, connectclient.Worker.Answers):
		return nil, diag.Diagnostics{noWorker(workers)}
	}
	return workers, nil
}

// readMembers sets members if Kafka is configured. A group that the user has declared must have members. If the provider does
// not find the group by itself, that is a warning.
func (m *model) readMembers(ctx context.Context, s *session.Session, workers []connectclient.Worker) (diags diag.Diagnostics) {
	kafka := s.Kafka.ClientOrNil()
	if kafka == nil {
		if !m.GroupID.IsNull() {
			_, diags = s.Kafka.Client() // says why there is no client
		}
		return diags
	}
	ctx, cancel := context.WithTimeout(ctx, groupTimeout)
	defer cancel()
	group, problem := findGroup(ctx, kafka, m.GroupID.ValueString(), urlsOf(workers))
	if problem != nil {
		return diag.Diagnostics{problem.diagnostic(m.GroupID)}
	}
	m.setGroup(group)
	return nil
}
