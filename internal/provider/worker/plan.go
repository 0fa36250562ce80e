package worker

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// Values of file_status.
const (
	fileWritten = "written"
	fileChanged = "changed"
	fileMissing = "missing"
)

// ValidateConfig reports every problem that the known values cause. Terraform calls it again in each plan, when more
// values are known.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	m, diags := r.mode.decode(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.Append(nullElements(req.Config.Raw)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(m.checkPaths()...)
	resp.Diagnostics.Append(m.validate(r.mode.declare(m, serversForValidation(r.Session)))...)
}

// unknownServer stands for the provider's bootstrap servers in validation, while they are unknown.
const unknownServer = "unknown:9092"

// defaultServers returns the provider's bootstrap servers, and whether they are known.
func defaultServers(s *session.Session) (servers []string, known bool) {
	if s == nil || s.Kafka.Unknown {
		return nil, false
	}
	return s.Kafka.Servers, true
}

func serversForValidation(s *session.Session) []string {
	if servers, known := defaultServers(s); known {
		return servers
	}
	return []string{unknownServer}
}

// checkPaths refuses a file that several workers would share.
func (m model) checkPaths() (diags diag.Diagnostics) {
	if len(m.Workers) > 0 && !m.Path.IsNull() {
		diags.Append(invalidWorker(path.Root(attrPath), "path cannot be combined with workers, because each worker needs its own file: set path in each element of workers instead"))
	}
	seen := map[string]bool{}
	for _, worker := range m.workerNames() {
		file := m.filePath(worker).ValueString()
		if file != "" && seen[file] {
			diags.Append(invalidWorker(workerPath(worker)(attrPath), "another worker has the same path: each worker needs its own file"))
		}
		seen[file] = true
	}
	return diags
}

// ModifyPlan plans the rendered attributes if all their inputs are known. It also checks for conflicts with other groups
// and compares the storage topics with the cluster.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.Session == nil {
		return
	}
	m, diags := r.mode.decode(ctx, req.Config) // a plan does not contain write-only values
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	servers, known := defaultServers(r.Session)
	d := r.mode.declare(m, servers)
	if d.storage != nil {
		if resp.Diagnostics.Append(r.Workers.AddGroup(d.storage.Group())...); resp.Diagnostics.HasError() {
			return
		}
		resp.Diagnostics.Append(useStorageTopics(r.Session, *d.storage)...)
		// Only Read tells a plan of an existing resource from the second plan in an apply, which does not know the topics
		// that the apply leaves unchanged.
		if r.Planning.Load() || req.State.Raw.IsNull() && !r.Applying.Load() {
			resp.Diagnostics.Append(r.storageTopicWarnings(ctx, *d.storage)...)
		}
	}
	var renderings map[string]rendering
	if m.inputsKnown() && (known || !m.BootstrapServers.IsNull()) {
		renderings = m.renderAll(d)
	}
	resp.Diagnostics.Append(m.setComputed(ctx, &resp.Plan, renderings)...)
	if !resp.Diagnostics.HasError() {
		r.planRevision(ctx, req, m, renderings, resp)
	}
}

// planRevision plans revision, which shows changes of secrets, too. It is unknown if it may be incremented: a known number
// could not be corrected if an ephemeral value differs in the apply.
func (r *Resource) planRevision(ctx context.Context, req resource.ModifyPlanRequest, m model, renderings map[string]rendering, resp *resource.ModifyPlanResponse) {
	at := path.Root(attrRevision)
	if req.State.Raw.IsNull() {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, at, types.Int64Value(1))...)
		return
	}
	prior, diags := r.mode.decode(ctx, req.State)
	written, more := readWrittenFiles(ctx, prior, req.Private)
	diags.Append(more...)
	diags.Append(resp.Plan.SetAttribute(ctx, at, prior.Revision)...)
	resp.Diagnostics.Append(diags...)
	switch {
	case renderings == nil, m.passwordWO().IsUnknown(), !written.sameText(renderings),
		m.hasWriteOnly() && !resp.Plan.Raw.Equal(req.State.Raw):
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, at, types.Int64Unknown())...)
	}
}

// inputsKnown reports whether all values are known that the rendered attributes depend on.
func (m model) inputsKnown() bool {
	// The path and the permission of a file are not settings, and no stored attribute depends on a write-only value.
	excluded := []string{attrPath, attrFilePermission, attrPasswordWO}
	known := true
	_ = tftypes.Walk(m.raw, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) { // the function returns no error
		if name, ok := at.LastStep().(tftypes.AttributeName); ok && slices.Contains(excluded, string(name)) {
			return false, nil
		}
		known = known && value.IsKnown()
		return known, nil
	})
	return known
}

// attributeSetter is a plan, a state or the result of an ephemeral resource.
type attributeSetter interface {
	SetAttribute(ctx context.Context, at path.Path, value any) diag.Diagnostics
}

// setComputed sets the computed attributes of every worker, except revision. Those of a worker without a rendering are unknown.
// It sets attribute by attribute, because the model does not distinguish unknown and null values of other attributes.
func (m model) setComputed(ctx context.Context, to attributeSetter, renderings map[string]rendering) (diags diag.Diagnostics) {
	set := func(worker string, values map[string]any) {
		for name, value := range values {
			if m.ephemeral && (name == attrContentSHA256 || name == attrFileStatus) {
				continue
			}
			diags.Append(to.SetAttribute(ctx, workerPath(worker)(name), value)...)
		}
	}
	if len(m.Workers) > 0 {
		set("", map[string]any{
			attrContent: types.StringNull(), attrContentSHA256: types.StringNull(), attrFileStatus: types.StringNull(),
			attrProperties: types.MapNull(types.StringType), attrEnvironment: types.MapNull(types.StringType),
		})
	}
	for _, worker := range m.workerNames() {
		if worker != "" && !m.valueAt(attrWorkers, worker).IsKnown() {
			continue // an unknown element must stay unknown as a whole
		}
		values := map[string]any{
			attrContent: types.StringUnknown(), attrContentSHA256: types.StringUnknown(),
			attrProperties: types.MapUnknown(types.StringType), attrEnvironment: types.MapUnknown(types.StringType),
		}
		if r, ok := renderings[worker]; ok {
			values = map[string]any{attrContent: r.content, attrContentSHA256: r.contentSHA256, attrProperties: r.properties, attrEnvironment: r.environment}
		}
		values[attrFileStatus] = m.plannedFileStatus(worker)
		set(worker, values)
	}
	return diags
}

// plannedFileStatus returns the file_status of a worker after the apply.
func (m model) plannedFileStatus(worker string) types.String {
	switch file := m.filePath(worker); {
	case file.IsUnknown():
		return types.StringUnknown()
	case file.IsNull():
		return types.StringNull()
	default:
		return types.StringValue(fileWritten)
	}
}
