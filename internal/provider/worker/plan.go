package worker

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
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
	resp.Diagnostics.Append(nullElements(req.Config.Raw)...)
	r, diags = r.in(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.checkPaths(m)...)
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

// checkPaths refuses a file that several workers or resources would share. It compares the files that the paths lead to, because
// one file has many paths.
func (r *Resource) checkPaths(m model) (diags diag.Diagnostics) {
	if len(m.Workers) > 0 && !m.Path.IsNull() {
		diags.Append(invalidWorker(path.Root(attrPath), "path cannot be combined with workers, because each worker needs its own file: set path in each element of workers instead"))
	}
	workers := map[string]string{} // by file
	for _, worker := range m.workerNames() {
		name := m.filePath(worker).ValueString()
		if name == "" {
			continue
		}
		file, at := resolve(name), workerPath(worker)(attrPath)
		if other, taken := workers[file]; taken {
			diags.Append(invalidWorker(at, fmt.Sprintf("path %q leads to the same file as path %q of worker %q: each worker needs its own file",
				name, m.filePath(other).ValueString(), other)))
			continue
		}
		workers[file] = worker
		if r.Session == nil {
			continue
		}
		if other, taken := r.Workers.DeclareFile(file, fmt.Sprintf("path %q of another resource, for %s", name, m.title(worker))); taken {
			diags.Append(invalidWorker(at, fmt.Sprintf("path %q leads to the same file as %s: each resource needs its own file", name, other)))
		}
	}
	return diags
}

// title says which worker of which group it is.
func (m model) title(worker string) string {
	switch {
	case !m.isSet("group_id"):
		return "a standalone worker"
	case m.GroupID == "":
		return "a group whose group_id is not known yet"
	case worker == "":
		return fmt.Sprintf("group %q", m.GroupID)
	default:
		return fmt.Sprintf("worker %q of group %q", worker, m.GroupID)
	}
}

// ModifyPlan plans the rendered attributes if all their inputs are known. It also checks for conflicts with other groups
// and compares the storage topics with the cluster.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.Session == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planDestroy(ctx, req)...)
		return
	}
	m, diags := r.mode.decode(ctx, req.Config) // a plan does not contain write-only values
	resp.Diagnostics.Append(diags...)
	r, diags = r.in(m.Cluster)
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
	}
	var renderings map[string]rendering
	if m.inputsKnown() && (known || !m.BootstrapServers.IsNull()) {
		renderings = m.renderAll(d)
	}
	resp.Diagnostics.Append(m.setComputed(ctx, &resp.Plan, renderings)...)
	if !resp.Diagnostics.HasError() {
		r.planRevision(ctx, req, m, renderings, resp)
	}
	// Only Read tells a plan of an existing resource from the second plan in an apply, which does not know the topics
	// that the apply leaves unchanged.
	if d.storage != nil && (r.Planning.Load() || req.State.Raw.IsNull() && !r.Applying.Load()) {
		found := checkStorageTopics(ctx, r.Session, *d.storage)
		if withoutFileStatus(resp.Plan.Raw).Equal(withoutFileStatus(req.State.Raw)) {
			found = asWarnings(found) // Terraform makes this plan before a destroy, too, which an error would prevent
		}
		resp.Diagnostics.Append(found...)
	}
}

// asWarnings returns the diagnostics, all on attributes, with warnings instead of errors.
func asWarnings(diags diag.Diagnostics) (warnings diag.Diagnostics) {
	for _, found := range diags {
		if at, ok := found.(diag.DiagnosticWithPath); ok {
			warnings.AddAttributeWarning(at.Path(), at.Summary(), at.Detail())
		}
	}
	return warnings
}

// planDestroy refuses to remove a file that another resource still declares.
func (r *Resource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	prior, diags := r.mode.decode(ctx, req.State)
	written, more := readWrittenFiles(ctx, prior, req.Private)
	diags.Append(more...)
	for _, worker := range slices.Sorted(maps.Keys(written)) {
		if file := written[worker].Path; file != "" && r.Workers.RemoveFile(resolve(file)) {
			diags.Append(sharedFile(worker, file))
		}
	}
	return diags
}

// planFiles refuses an update that removes a file that another resource still declares, and an update of a resource whose file
// the plan removes with another resource.
func (r *Resource) planFiles(m model, written writtenFiles) (diags diag.Diagnostics) {
	declared := map[string]bool{}
	for _, worker := range m.workerNames() {
		if file := m.filePath(worker).ValueString(); file != "" {
			declared[resolve(file)] = true
		}
	}
	known := m.isKnown(attrPath) && m.isKnown(attrWorkers) // otherwise, an unknown path may keep the file
	for _, worker := range slices.Sorted(maps.Keys(written)) {
		name := written[worker].Path
		if name == "" {
			continue
		}
		file := resolve(name)
		if declared[file] && r.Workers.KeepFile(file) || !declared[file] && known && r.Workers.RemoveFile(file) {
			diags.Append(sharedFile(worker, name))
		}
	}
	return diags
}

// sharedFile is the error for a file of two resources, one of which is to remove it.
func sharedFile(worker, file string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(workerPath(worker)(attrPath), "File "+diagnostics.Quoted(file)+" belongs to two resources of the state",
		"The plan removes the file with one resource, and another resource still declares it. To keep the file, run terraform state rm with the address of the resource "+
			"that you want to remove or to give another path. If the plan shows a deposed object of the same resource, run terraform state rm for this resource; "+
			"the next apply creates the resource again.")
}

// planRevision plans revision, which shows changes of secrets, too. It is unknown if it may be incremented: a known number
// could not be corrected if an ephemeral value differs in the apply. If the plan only writes files again, it is known: otherwise,
// every run on a machine without the files would restart the workers.
func (r *Resource) planRevision(ctx context.Context, req resource.ModifyPlanRequest, m model, renderings map[string]rendering, resp *resource.ModifyPlanResponse) {
	at := path.Root(attrRevision)
	if req.State.Raw.IsNull() {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, at, types.Int64Value(1))...)
		return
	}
	prior, diags := r.mode.decode(ctx, req.State)
	written, more := readWrittenFiles(ctx, prior, req.Private)
	diags.Append(more...)
	diags.Append(r.planFiles(m, written)...)
	diags.Append(resp.Plan.SetAttribute(ctx, at, prior.Revision)...)
	resp.Diagnostics.Append(diags...)
	switch {
	case renderings == nil, m.passwordWO().IsUnknown(), !written.sameText(renderings),
		m.hasWriteOnly() && !withoutFileStatus(resp.Plan.Raw).Equal(withoutFileStatus(req.State.Raw)):
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, at, types.Int64Unknown())...)
	}
}

// withoutFileStatus returns the object with file_status null everywhere. A file that is missing, as on a CI runner with an empty
// folder, or that was changed, does not change the settings of the worker.
func withoutFileStatus(object tftypes.Value) tftypes.Value {
	masked, err := tftypes.Transform(object, func(at *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if name, ok := at.LastStep().(tftypes.AttributeName); ok && name == attrFileStatus {
			return tftypes.NewValue(tftypes.String, nil), nil
		}
		return value, nil
	})
	if err != nil {
		return object
	}
	return masked
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
			if m.ephemeral && name == attrFileStatus {
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
