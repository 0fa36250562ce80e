// Package worker implements the resources kafkaconnect_worker_config and kafkaconnect_standalone_worker_config, and the
// ephemeral resource kafkaconnect_worker_config.
package worker

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
)

// NewResource returns the resource kafkaconnect_worker_config.
func NewResource() resource.Resource {
	return &Resource{mode: distributedMode}
}

// NewStandaloneResource returns the resource kafkaconnect_standalone_worker_config.
func NewStandaloneResource() resource.Resource {
	return &Resource{mode: standaloneMode}
}

// Resource is the configuration of distributed workers or of a standalone worker.
type Resource struct {
	*session.Session // nil until the provider is configured, as under `terraform validate`

	mode mode
}

// mode holds the differences between the two resources.
type mode struct {
	typeName string
	schema   func() schema.Schema
	decode   func(ctx context.Context, from getter) (model, diag.Diagnostics)
	declare  func(m model, defaultServers []string) declaration
}

var (
	distributedMode = mode{"_worker_config", distributedSchema, decode[model], declareDistributed}
	standaloneMode  = mode{"_standalone_worker_config", standaloneSchema, decode[standaloneModel], declareStandalone}
)

func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + r.mode.typeName
}

func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.mode.schema()
}

func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.Session = session.From(req.ProviderData)
}

// Create renders the configuration and writes the files.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.Applying.Store(true)
	m, diags := r.mode.decode(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	written, diags := r.write(ctx, m, nil)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(written.removeAll(nil)...)
		return
	}
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(m.setComputed(ctx, &resp.State, r.renderings(m))...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attrRevision), types.Int64Value(1))...)
	resp.Diagnostics.Append(written.save(ctx, resp.Private)...)
}

// Read compares the files with what was written to them.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.Planning.Store(true)
	m, diags := r.mode.decode(ctx, req.State)
	if d := r.mode.declare(m, r.Kafka.Servers); d.storage != nil && d.storage.Group().MayShareCluster(workerconfig.Group{BootstrapServers: r.Kafka.Servers}) {
		r.StorageTopics.Use(m.GroupID, false, m.OffsetTopic, m.ConfigTopic, m.StatusTopic)
	}
	written, more := readWrittenFiles(ctx, m, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.Append(more...); resp.Diagnostics.HasError() {
		return
	}
	for worker, file := range written {
		if file.Path == "" {
			continue
		}
		at := workerPath(worker)
		status, difference, err := file.status()
		if err != nil {
			resp.Diagnostics.AddAttributeError(at(attrPath), "Unable to read file "+diagnostics.Quoted(file.Path), diagnostics.Sentence(err.Error()))
			continue
		}
		if status != fileWritten {
			resp.Diagnostics.AddAttributeWarning(at(attrPath), "File "+diagnostics.Quoted(file.Path)+" differs from what Terraform wrote",
				diagnostics.Sentence(difference)+" The next apply writes the file again.")
		}
		if _, ok := m.Workers[worker]; ok || worker == "" {
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, at(attrFileStatus), types.StringValue(status))...)
		}
	}
}

// workerPath returns a function that returns the path of a worker's attribute. The attributes of the worker without a name
// are those of the resource.
func workerPath(worker string) func(attribute string) path.Path {
	if worker == "" {
		return path.Root
	}
	return path.Root(attrWorkers).AtMapKey(worker).AtName
}

// Update writes the files again, and removes those that are no longer declared.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.Applying.Store(true)
	m, diags := r.mode.decode(ctx, req.Config)
	prior, more := r.mode.decode(ctx, req.State)
	diags.Append(more...)
	before, more := readWrittenFiles(ctx, prior, req.Private)
	diags.Append(more...)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	written, diags := r.write(ctx, m, before)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		// Some workers may have their new file already. The former files of these workers go.
		current, replaced := before.merge(written), before.intersect(written)
		resp.Diagnostics.Append(replaced.removeAll(current.paths())...)
		resp.Diagnostics.Append(current.save(ctx, resp.Private)...)
		return
	}
	resp.Diagnostics.Append(before.removeAll(written.paths())...)
	renderings, revision := r.renderings(m), prior.Revision
	if !before.sameText(renderings) {
		revision++
	}
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(m.setComputed(ctx, &resp.State, renderings)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attrRevision), revision)...)
	resp.Diagnostics.Append(written.save(ctx, resp.Private)...)
}

// Delete removes the files that are unchanged since they were written.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	m, diags := r.mode.decode(ctx, req.State)
	written, more := readWrittenFiles(ctx, m, req.Private)
	diags.Append(more...)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	unlock, err := r.Workers.LockFiles(ctx)
	if err != nil {
		resp.Diagnostics.AddError("Unable to remove the files of the workers", diagnostics.Sentence(err.Error()))
		return
	}
	defer unlock()
	// With create_before_destroy, the replacement of this resource has written its files already.
	keep := slices.DeleteFunc(written.paths(), func(file string) bool { return !r.Workers.Written(file) })
	resp.Diagnostics.Append(written.removeAll(keep)...)
}

func (r *Resource) renderings(m model) map[string]rendering {
	servers, _ := defaultServers(r.Session)
	return m.renderAll(r.mode.declare(m, servers))
}

// write writes the file of every worker that has a path. Of the files that exist already, it overwrites only those in before.
func (r *Resource) write(ctx context.Context, m model, before writtenFiles) (written writtenFiles, diags diag.Diagnostics) {
	unlock, err := r.Workers.LockFiles(ctx)
	if err != nil {
		diags.AddError("Unable to write the files of the workers", diagnostics.Sentence(err.Error()))
		return nil, diags
	}
	defer unlock()
	fail := func(worker, file string, err error) {
		diags.AddAttributeError(workerPath(worker)(attrPath), "Unable to write file "+diagnostics.Quoted(file), diagnostics.Sentence(err.Error()))
	}
	renderings, own := r.renderings(m), before.paths()
	for worker, rendered := range renderings {
		if file := m.filePath(worker).ValueString(); file != "" {
			if err := checkTarget(file, rendered.file, slices.Contains(own, file)); err != nil {
				fail(worker, file, err)
			}
		}
	}
	if diags.HasError() {
		return nil, diags
	}
	written = writtenFiles{}
	for worker, rendered := range renderings {
		file := m.filePath(worker).ValueString()
		if file != "" {
			if err := writeFile(file, rendered.file, m.permission()); err != nil {
				fail(worker, file, err)
				return written, diags
			}
			r.Workers.SetWritten(file)
		}
		written[worker] = writtenFile{Path: file, Permission: m.permission(), Text: tfvalue.NewSecretDigest(rendered.file)}
	}
	return written, diags
}
