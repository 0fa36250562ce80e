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

// workerConfigResource is the configuration of distributed workers or of a stand-alone one.
type Resource struct {
	*session.Session // nil until the provider is configured, as under `terraform validate`

	mode mode
}

// workerMode is in what the two resources differ.
type mode struct {
	typeName    string
	description string
	attributes  func() map[string]attribute
	declare     func(f fields, servers []string) declaration
}

var distributedMode = mode{
	typeName: "_worker_config",
	description: "The configuration of a group of distributed workers: rendered as text, as a map and as the environment of a container, and, with `path`, " +
		"written to a file that a worker starts from. It starts no worker itself.",
	attributes: func() map[string]attribute {
		return join(distributedAttributes(), renderedAttributes(), fileAttributes(), resourceOnly(),
			workersAttribute(renderedAttributes(), fileAttributes()))
	},
	declare: declareDistributed,
}

var standaloneMode = mode{
	typeName: "_standalone_worker_config",
	description: "The configuration of a stand-alone worker, which is one process without a group and without internal topics: rendered as text, as a map and as the " +
		"environment of a container, and, with `path`, written to a file that the worker starts from. It starts no worker itself.",
	attributes: func() map[string]attribute {
		return join(standaloneAttributes(), renderedAttributes(), fileAttributes(), resourceOnly())
	},
	declare: declareStandalone,
}

func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + r.mode.typeName
}

func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: r.mode.description, Attributes: resourceAttributes(r.mode.attributes())}
}

func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.Session = session.From(req.ProviderData)
}

// Create renders the configuration and writes the files.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	f, diags := configured(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	written, diags := r.write(ctx, f, nil)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(written.removeAll(nil)...)
		return
	}
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(f.show(ctx, &resp.State, r.renderings(f))...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attrRevision), types.Int64Value(1))...)
	resp.Diagnostics.Append(written.save(ctx, resp.Private)...)
}

// Read looks at the files, and shows those that are not as they were written.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	f, diags := configured(ctx, req.State)
	written, more := readWrittenFiles(ctx, req.State, req.Private)
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
			resp.Diagnostics.AddAttributeError(at(attrPath), "Unable to read a worker's file", diagnostics.Sentence(err.Error()))
			continue
		}
		if status != fileWritten {
			resp.Diagnostics.AddAttributeWarning(at(attrPath), "File "+diagnostics.Quoted(file.Path)+" is not as it was written", "The file was written for a worker, and "+difference+
				". The next apply restores it.")
		}
		if worker == "" || f.objects(attrWorkers)[worker] != nil {
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, at(attrFileStatus), types.StringValue(status))...)
		}
	}
}

// workerPath leads to the attributes of a worker; those of the nameless one are the resource's own.
func workerPath(worker string) func(attribute string) path.Path {
	if worker == "" {
		return path.Root
	}
	return path.Root(attrWorkers).AtMapKey(worker).AtName
}

// Update writes the files anew, and removes those that are not wanted any more.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	f, diags := configured(ctx, req.Config)
	before, more := readWrittenFiles(ctx, req.State, req.Private)
	diags.Append(more...)
	var revision types.Int64
	diags.Append(req.State.GetAttribute(ctx, path.Root(attrRevision), &revision)...)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	written, diags := r.write(ctx, f, before)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		left, replaced := before.and(written), before.of(written)
		resp.Diagnostics.Append(replaced.removeAll(left.paths())...)
		resp.Diagnostics.Append(left.save(ctx, resp.Private)...)
		return
	}
	resp.Diagnostics.Append(before.removeAll(written.paths())...)
	renderings := r.renderings(f)
	if !before.sameText(renderings) {
		revision = types.Int64Value(revision.ValueInt64() + 1)
	}
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(f.show(ctx, &resp.State, renderings)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attrRevision), revision)...)
	resp.Diagnostics.Append(written.save(ctx, resp.Private)...)
}

// Delete removes the files that are still as they were written.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	written, diags := readWrittenFiles(ctx, req.State, req.Private)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	unlock, err := r.Workers.LockFiles(ctx)
	if err != nil {
		resp.Diagnostics.AddError("Unable to remove the files of the workers", diagnostics.Sentence(err.Error()))
		return
	}
	defer unlock()
	// With create_before_destroy, what replaces this resource has written its files already.
	keep := slices.DeleteFunc(written.paths(), func(file string) bool { return !r.Workers.Written(file) })
	resp.Diagnostics.Append(written.removeAll(keep)...)
}

func (r *Resource) renderings(f fields) map[string]rendering {
	servers, _ := defaultServers(r.Session)
	return r.mode.declare(f, servers).renderAll(f.writeOnly())
}

// write writes the file of every worker that has a path. What came before may be overwritten, no other file.
func (r *Resource) write(ctx context.Context, f fields, before writtenFiles) (written writtenFiles, diags diag.Diagnostics) {
	unlock, err := r.Workers.LockFiles(ctx)
	if err != nil {
		diags.AddError("Unable to write the files of the workers", diagnostics.Sentence(err.Error()))
		return nil, diags
	}
	defer unlock()
	renderings, ours := r.renderings(f), before.paths()
	for worker, rendered := range renderings {
		if file := f.place(worker); file != "" {
			if err := checkPlace(file, rendered.file, slices.Contains(ours, file)); err != nil {
				diags.AddAttributeError(workerPath(worker)(attrPath), "Unable to write file "+diagnostics.Quoted(file), diagnostics.Sentence(err.Error()))
			}
		}
	}
	if diags.HasError() {
		return nil, diags
	}
	written = writtenFiles{}
	for worker, rendered := range renderings {
		file := f.place(worker)
		if file != "" {
			if err := writeFile(file, rendered.file, f.octalPermission()); err != nil {
				diags.AddAttributeError(workerPath(worker)(attrPath), "Unable to write file "+diagnostics.Quoted(file), diagnostics.Sentence(err.Error()))
				return written, diags
			}
			r.Workers.SetWritten(file)
		}
		written[worker] = writtenFile{Path: file, Permission: f.octalPermission(), Text: tfvalue.NewSecretDigest(rendered.file)}
	}
	return written, diags
}
