package worker

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// Values of file_status.
const (
	fileWritten = "written"
	fileChanged = "changed"
	fileMissing = "missing"
)

// ValidateConfig reports everything that is wrong with what is known. Terraform calls it once more in each plan, with all
// that is known by then.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	f, diags := configured(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.Append(nullElements(req.Config)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(f.checkPaths()...)
	resp.Diagnostics.Append(r.mode.declare(f, serversForValidation(r.Session)).validate(ctx, f)...)
}

// unknownServer stands for the provider's bootstrap servers in validation, while they are not known.
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
func (f fields) checkPaths() (diags diag.Diagnostics) {
	if len(f.names(attrWorkers)) > 0 && f.given(attrPath) {
		diags.Append(invalidWorker(path.Root(attrPath), "each of the workers has a file of its own: give path to the elements of workers instead"))
	}
	seen := map[string]bool{}
	for _, name := range f.names(attrWorkers) {
		file := f.objects(attrWorkers)[name].text(attrPath)
		if file != "" && seen[file] {
			diags.Append(invalidWorker(workerPath(name)(attrPath), "another of the workers has the same path: give each a file of its own"))
		}
		seen[file] = true
	}
	return diags
}

// ModifyPlan plans what is rendered, as soon as all it is made of is known, and looks at other groups and at the topics.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.Session == nil {
		return
	}
	f, diags := configured(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	servers, known := defaultServers(r.Session)
	d := r.mode.declare(f, servers)
	if d.storage != nil {
		if resp.Diagnostics.Append(r.Workers.AddGroup(d.storage.Group())...); resp.Diagnostics.HasError() {
			return
		}
		resp.Diagnostics.Append(r.storageTopicWarnings(ctx, *d.storage)...)
	}
	var renderings map[string]rendering
	if f.inputsKnown(ctx) && (known || f.given(attrBootstrapServers)) {
		renderings = d.renderAll(f.writeOnly())
	}
	resp.Diagnostics.Append(f.show(ctx, &resp.Plan, renderings)...)
	if !resp.Diagnostics.HasError() {
		r.planRevision(ctx, req, f, renderings, resp)
	}
}

// planRevision plans revision, which stands in the plan for secrets that changed. Where it may grow it is unknown: a known
// number could not be taken back when an ephemeral value turns out to be another one at apply.
func (r *Resource) planRevision(ctx context.Context, req resource.ModifyPlanRequest, f fields, renderings map[string]rendering, resp *resource.ModifyPlanResponse) {
	at := path.Root(attrRevision)
	if req.State.Raw.IsNull() {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, at, types.Int64Value(1))...)
		return
	}
	written, diags := readWrittenFiles(ctx, req.State, req.Private)
	var before types.Int64
	diags.Append(req.State.GetAttribute(ctx, at, &before)...)
	diags.Append(resp.Plan.SetAttribute(ctx, at, before)...)
	resp.Diagnostics.Append(diags...)
	switch {
	case renderings == nil, !f.writeOnlyKnown(), !written.sameText(renderings),
		f.writeOnly() && !resp.Plan.Raw.Equal(req.State.Raw):
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, at, types.Int64Unknown())...)
	}
}

// inputsKnown tells whether everything is known that the workers' settings are made of.
func (f fields) inputsKnown(ctx context.Context) bool {
	for name, value := range f {
		switch value := value.(type) {
		case types.Object:
			if value.IsUnknown() || !fields(value.Attributes()).inputsKnown(ctx) {
				return false
			}
		case types.Map:
			if value.IsUnknown() || !fields(value.Elements()).inputsKnown(ctx) {
				return false
			}
		default:
			// The place of a file is no setting, and nothing that is stored depends on the value of a write-only secret.
			aside := name == attrPath || name == attrFilePermission || name == attrPasswordWO
			if !aside && !f.known(ctx, name) {
				return false
			}
		}
	}
	return true
}

// attributeSetter is a plan, a state or the result of an ephemeral resource.
type attributeSetter interface {
	SetAttribute(ctx context.Context, at path.Path, value any) diag.Diagnostics
}

// show sets what is computed of every worker; without renderings it is unknown.
func (f fields) show(ctx context.Context, to attributeSetter, renderings map[string]rendering) (diags diag.Diagnostics) {
	set := func(worker string, values fields) {
		for name, value := range values {
			diags.Append(to.SetAttribute(ctx, workerPath(worker)(name), value)...)
		}
	}
	workers := f.names(attrWorkers)
	switch {
	case f[attrWorkers] != nil && f[attrWorkers].IsUnknown():
		set("", f.shown(nil))
		return diags
	case len(workers) == 0:
		set("", f.shown(found(renderings, "")))
		return diags
	}
	set("", f.nothing())
	for _, name := range workers {
		set(name, f.objects(attrWorkers)[name].shown(found(renderings, name)))
	}
	return diags
}

// found is the rendering of the worker, nil if there is none.
func found(renderings map[string]rendering, worker string) *rendering {
	if r, ok := renderings[worker]; ok {
		return &r
	}
	return nil
}

// nothing are the computed attributes without values, those that f has.
func (f fields) nothing() fields {
	return f.computed(map[string]attr.Value{
		attrContent: types.StringNull(), attrContentSHA256: types.StringNull(), attrFileStatus: types.StringNull(),
		attrProperties: types.MapNull(types.StringType), attrEnvironment: types.MapNull(types.StringType),
	})
}

// shown are the computed attributes of a worker.
func (f fields) shown(r *rendering) fields {
	values := map[string]attr.Value{
		attrContent: types.StringUnknown(), attrContentSHA256: types.StringUnknown(), attrFileStatus: types.StringValue(fileWritten),
		attrProperties: types.MapUnknown(types.StringType), attrEnvironment: types.MapUnknown(types.StringType),
	}
	if r != nil {
		values[attrContent] = types.StringValue(r.content)
		values[attrContentSHA256] = types.StringValue(r.contentSHA256)
		values[attrProperties] = mapOf(r.properties)
		values[attrEnvironment] = mapOf(r.environment)
	}
	switch {
	case !f.given(attrPath):
		values[attrFileStatus] = types.StringNull()
	case f[attrPath].IsUnknown():
		values[attrFileStatus] = types.StringUnknown()
	}
	return f.computed(values)
}

// computed keeps the values of attributes that f has.
func (f fields) computed(values map[string]attr.Value) fields {
	kept := fields{}
	for name, value := range values {
		if _, ok := f[name]; ok {
			kept[name] = value
		}
	}
	return kept
}

// mapOf is a map of strings, null for nil.
func mapOf(values map[string]string) types.Map {
	if values == nil {
		return types.MapNull(types.StringType)
	}
	elements := make(map[string]attr.Value, len(values))
	for key, value := range values {
		elements[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}
