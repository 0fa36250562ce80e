package cluster

import (
	"context"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

var _ action.ActionWithConfigure = (*AwaitWorkers)(nil)

// NewAwaitWorkers returns the action kafkaconnect_await_workers.
func NewAwaitWorkers() action.Action { return &AwaitWorkers{} }

// AwaitWorkers waits until all workers run a revision of their configuration.
type AwaitWorkers struct {
	*session.Session // nil until the provider is configured
}

// defaultAwaitTimeout is longer than scheduled.rebalance.max.delay.ms, for which the connectors of a worker that has left stay
// unassigned.
const defaultAwaitTimeout = 10 * time.Minute

// awaitModel has the arguments of the action.
type awaitModel struct {
	Revision  types.String   `tfsdk:"revision"`
	Revisions []string       `tfsdk:"revisions"`
	Cluster   types.String   `tfsdk:"cluster"`
	Timeouts  timeouts.Value `tfsdk:"timeouts"`
}

func (a *AwaitWorkers) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_await_workers"
}

// sha256Text matches values of content_sha256.
var sha256Text = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (a *AwaitWorkers) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	isRevision := stringvalidator.RegexMatches(sha256Text, "must be a value of content_sha256: 64 hexadecimal digits")
	resp.Schema = schema.Schema{
		MarkdownDescription: "Waits until every worker in `connect.urls` runs the given revision of its properties file. It also waits until no connector and no task is unassigned, and no rebalance is pending. " +
			"Messages say which worker still runs which revision. After the timeout, the action fails and names the workers that run another revision or do not answer. Needs Terraform 1.14.\n\n" +
			"The workers announce their revision if `announce_revision` of `kafkaconnect_worker_config` is `true`.\n\n" +
			"**Killed workers.** After a worker was killed, the status of its connectors stays `RUNNING` until the group assigns them to other workers. " +
			"With `kafka` of the provider, the action therefore also checks the assignments of the group. This needs a member of the group that advertises one of the `connect.urls`.",
		Attributes: map[string]schema.Attribute{
			"revision": schema.StringAttribute{
				Optional: true, Validators: []validator.String{isRevision, stringvalidator.ExactlyOneOf(path.MatchRoot("revision"), path.MatchRoot("revisions"))},
				MarkdownDescription: "`content_sha256` of the file that every worker has to run. Exactly one of `revision` and `revisions` is required.",
			},
			"revisions": schema.SetAttribute{
				Optional: true, ElementType: types.StringType, Validators: []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(isRevision)},
				MarkdownDescription: "Used instead of `revision`, for workers with different files: each worker has to run one of these revisions. " +
					"With `workers` of `kafkaconnect_worker_config`, these are `[for worker in kafkaconnect_worker_config.this.workers : worker.content_sha256]`.",
			},
			"cluster": schema.StringAttribute{Optional: true, MarkdownDescription: session.ClusterDescription},
			"timeouts": timeouts.AttributesWithOpts(ctx, timeouts.Opts{InvokeDescription: tfvalue.TimeoutDescription("the workers", defaultAwaitTimeout) +
				" The connectors of a worker that has left its group stay unassigned for `scheduled.rebalance.max.delay.ms`, five minutes by default."}),
		},
	}
}

func (a *AwaitWorkers) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.Session = session.From(req.ProviderData)
}

// Invoke waits for the workers.
func (a *AwaitWorkers) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m awaitModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	s, diags := a.In(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, diags := s.Connect.Client()
	timeout, more := m.Timeouts.Invoke(ctx, defaultAwaitTimeout)
	if resp.Diagnostics.Append(append(diags, more...)...); resp.Diagnostics.HasError() {
		return
	}
	revisions := m.Revisions
	if !m.Revision.IsNull() {
		revisions = []string{m.Revision.ValueString()}
	}
	say := func(message string) { resp.SendProgress(action.InvokeProgressEvent{Message: message}) }
	say("Waiting until the workers run " + wanted(revisions))
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	group := groupCheck{kafka: s.Kafka.ClientOrNil(), urls: client.URLs()}
	err := client.AwaitRollout(ctx, connectclient.Rollout{
		Revisions: revisions,
		Check:     group.pending,
		Progress:  func(state connectclient.RolloutState) { say(state.String()) },
	})
	if err != nil {
		resp.Diagnostics.Append(rolloutFailed(err))
	}
}
