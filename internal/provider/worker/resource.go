// Package worker implements the resources kafkaconnect_worker_config and kafkaconnect_standalone_worker_config, and the
// ephemeral resource kafkaconnect_worker_config.
package worker

import (
	"context"
	"errors"
	"maps"

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

// in returns the resource for the workers of a cluster.
func (r *Resource) in(cluster types.String) (*Resource, diag.Diagnostics) {
	s, diags := r.In(cluster)
	return &Resource{s, r.mode}, diags
}

// Create renders the configuration and writes the files.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.Applying.Store(true)
	m, diags := r.mode.decode(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	r, diags = r.in(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	unlock, diags := r.lockFiles(ctx)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	defer unlock()
	written, diags := r.write(m, nil)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		maps.DeleteFunc(written, func(_ string, file writtenFile) bool { return file.replaced }) // it had the same text before
		resp.Diagnostics.Append(written.removeAll(func(string) bool { return false })...)
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
	resp.Diagnostics.Append(diags...)
	r, diags = r.in(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if d := r.mode.declare(m, r.Kafka.Servers); d.storage != nil && d.storage.Group().MayShareCluster(workerconfig.Group{BootstrapServers: r.Kafka.Servers}) {
		r.StorageTopics.Use(m.GroupID, false, m.OffsetTopic, m.ConfigTopic, m.StatusTopic)
	}
	written, diags := readWrittenFiles(ctx, m, req.Private)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	for worker, file := range written {
		if file.Path == "" {
			continue
		}
		at, found := workerPath(worker), file.inspect()
		if found.status != fileWritten {
			next := " The next apply writes the file again."
			if found.blocked {
				next = " The next apply cannot write the file: move " + diagnostics.Quoted(file.Path) + " away, or choose another path."
			}
			resp.Diagnostics.AddAttributeWarning(at(attrPath), "File "+diagnostics.Quoted(file.Path)+" differs from what Terraform wrote",
				diagnostics.Sentence(found.difference)+next)
		}
		if _, ok := m.Workers[worker]; ok || worker == "" {
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, at(attrFileStatus), types.StringValue(found.status))...)
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
	resp.Diagnostics.Append(append(diags, more...)...)
	r, diags = r.in(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	unlock, diags := r.lockFiles(ctx)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	defer unlock()
	written, diags := r.write(m, before)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		// Some workers may have their new file already. The former files of these workers go.
		current, replaced := before.merge(written), before.intersect(written)
		resp.Diagnostics.Append(replaced.removeAll(r.neededFiles(current))...)
		resp.Diagnostics.Append(current.save(ctx, resp.Private)...)
		return
	}
	resp.Diagnostics.Append(before.removeAll(r.neededFiles(written))...)
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
	unlock, diags := r.lockFiles(ctx)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	defer unlock()
	// With create_before_destroy, the replacement of this resource has written its files already.
	resp.Diagnostics.Append(written.removeAll(r.neededFiles(nil))...)
}

// lockFiles waits until no other resource writes or removes files.
func (r *Resource) lockFiles(ctx context.Context) (unlock func(), diags diag.Diagnostics) {
	unlock, err := r.Workers.LockFiles(ctx)
	if err != nil {
		diags.AddError("Unable to change the files of the workers", diagnostics.Sentence(err.Error()))
	}
	return unlock, diags
}

// neededFiles returns a function that reports whether a file must not be removed: because it is one of the current files, or
// because this run has written it for another resource.
func (r *Resource) neededFiles(current writtenFiles) func(file string) bool {
	files := current.files()
	return func(file string) bool { return files[file] || r.Workers.Written(file) }
}

func (r *Resource) renderings(m model) map[string]rendering {
	servers, _ := defaultServers(r.Session)
	return m.renderAll(r.mode.declare(m, servers))
}

// write writes the file of every worker that has a path. Of the files that exist already, it overwrites only those in before,
// and those that have the text. The caller holds the lock of the files.
func (r *Resource) write(m model, before writtenFiles) (written writtenFiles, diags diag.Diagnostics) {
	fail := func(worker, file string, err error) {
		diags.AddAttributeError(workerPath(worker)(attrPath), "Unable to write file "+diagnostics.Quoted(file), diagnostics.Sentence(err.Error()))
	}
	renderings := r.renderings(m)
	for worker, rendered := range renderings {
		if file := m.filePath(worker).ValueString(); file != "" {
			err := checkTarget(file, rendered.file, before)
			if err == nil && r.Workers.Written(resolve(file)) {
				err = errors.New("another worker of this configuration has just written this file: give each worker its own path")
			}
			if err != nil {
				fail(worker, file, err)
			}
		}
	}
	if diags.HasError() {
		return nil, diags
	}
	written = writtenFiles{}
	for worker, rendered := range renderings {
		file := writtenFile{Path: m.filePath(worker).ValueString(), Permission: m.permission(), Text: tfvalue.NewSecretDigest(rendered.file)}
		if file.Path != "" {
			more, err := file.write(workerPath(worker)(attrPath), rendered.file)
			diags.Append(more...)
			if err != nil {
				fail(worker, file.Path, err)
				return written, diags
			}
			r.Workers.SetWritten(file.Target)
		}
		written[worker] = file
	}
	return written, diags
}
