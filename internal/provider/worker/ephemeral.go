package worker

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*Ephemeral)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*Ephemeral)(nil)
)

// NewEphemeral returns the ephemeral resource kafkaconnect_worker_config.
func NewEphemeral() ephemeral.EphemeralResource { return &Ephemeral{} }

// workerConfigEphemeral renders the configuration of distributed workers, secrets included, and stores nothing.
type Ephemeral struct {
	*session.Session // nil until the provider is configured
}

func (e *Ephemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + distributedMode.typeName
}

func (e *Ephemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The configuration of a group of distributed workers, rendered anew in each run and never stored: what Terraform does with it may hold secrets, " +
			"and neither state nor plan does. Its attributes can feed only write-only arguments, provider settings and provisioners.",
		Attributes: ephemeralAttributes(join(distributedAttributes(), renderedAttributes(), workersAttribute(renderedAttributes()))),
	}
}

func (e *Ephemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	e.Session = session.From(req.ProviderData)
}

// ValidateConfig reports everything that is wrong with what is known.
func (e *Ephemeral) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	f, diags := configured(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.Append(nullElements(req.Config)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(declareDistributed(f, serversForValidation(e.Session)).validate(ctx, f)...)
}

// Open renders the configuration. All of it is known by now.
func (e *Ephemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	f, diags := configured(ctx, req.Config)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	servers, known := defaultServers(e.Session)
	if !known && !f.given(attrBootstrapServers) {
		_, diags := e.Kafka.Client()
		resp.Diagnostics.Append(diags...)
		return
	}
	d := declareDistributed(f, servers)
	resp.Diagnostics.Append(e.Workers.AddGroup(d.storage.Group())...)
	resp.Diagnostics.Append(d.validate(ctx, f)...)
	resp.Diagnostics.Append(f.show(ctx, &resp.Result, d.renderAll(false))...)
}
