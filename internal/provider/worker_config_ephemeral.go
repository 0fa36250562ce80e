package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*workerConfigEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*workerConfigEphemeral)(nil)
)

func newWorkerConfigEphemeral() ephemeral.EphemeralResource { return &workerConfigEphemeral{} }

// workerConfigEphemeral renders the configuration of distributed workers, secrets included, and stores nothing.
type workerConfigEphemeral struct {
	*providerData // nil until the provider is configured
}

func (e *workerConfigEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + distributedMode.typeName
}

func (e *workerConfigEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The configuration of a group of distributed workers, rendered anew in each run and never stored: what Terraform does with it may hold secrets, " +
			"and neither state nor plan does. Its attributes can feed only write-only arguments, provider settings and provisioners.",
		Attributes: ephemeralAttributes(join(distributedAttributes(), renderedAttributes(), workersAttribute(renderedAttributes()))),
	}
}

func (e *workerConfigEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	e.providerData, _ = req.ProviderData.(*providerData)
}

// ValidateConfig reports everything that is wrong with what is known.
func (e *workerConfigEphemeral) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	f, diags := configured(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.Append(nullElements(req.Config)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(declareDistributed(f, e.serversForValidation()).validate(ctx, f)...)
}

// Open renders the configuration. All of it is known by now.
func (e *workerConfigEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	f, diags := configured(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	servers, known := e.defaultServers()
	if !known && !f.given(attrBootstrapServers) {
		_, diags := e.kafka.use()
		resp.Diagnostics.Append(diags...)
		return
	}
	d := declareDistributed(f, servers)
	resp.Diagnostics.Append(e.workers.join(d.storage.Group())...)
	resp.Diagnostics.Append(d.validate(ctx, f)...)
	resp.Diagnostics.Append(f.show(ctx, &resp.Result, d.renderAll(false))...)
}
