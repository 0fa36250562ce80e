package worker

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*Ephemeral)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*Ephemeral)(nil)
)

// NewEphemeral returns the ephemeral resource kafkaconnect_worker_config.
func NewEphemeral() ephemeral.EphemeralResource { return &Ephemeral{} }

// Ephemeral renders the configuration of distributed workers, including secrets, and stores nothing.
type Ephemeral struct {
	*session.Session // nil until the provider is configured
}

func (e *Ephemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + distributedMode.typeName
}

func (e *Ephemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Configuration of a group of distributed workers. The provider renders the configuration in each run. Terraform stores it neither in the state nor in the plan, " +
			"so it may contain secrets. Terraform accepts its attributes only where ephemeral values are allowed, such as in write-only arguments, provider settings and provisioners.",
		Attributes: ephemeralAttributes(merge(groupAttributes(), workerAttributes(), workersAttribute(renderedAttributes()), renderedAttributes())),
	}
}

// ephemeralAttributes converts attributes of a resource. It drops write-only ones, because an ephemeral resource stores nothing.
func ephemeralAttributes(from map[string]resource.Attribute) map[string]schema.Attribute {
	to := make(map[string]schema.Attribute, len(from))
	for name, attribute := range from {
		if attribute.IsWriteOnly() {
			continue
		}
		description := strings.TrimSuffix(attribute.GetMarkdownDescription(), storedNote)
		required, optional, computed, sensitive := attribute.IsRequired(), attribute.IsOptional(), attribute.IsComputed(), attribute.IsSensitive()
		switch a := attribute.(type) {
		case resource.StringAttribute:
			to[name] = schema.StringAttribute{MarkdownDescription: description, Required: required, Optional: optional, Computed: computed, Sensitive: sensitive, Validators: a.Validators}
		case resource.BoolAttribute:
			to[name] = schema.BoolAttribute{MarkdownDescription: description, Required: required, Optional: optional, Computed: computed, Sensitive: sensitive, Validators: a.Validators}
		case resource.Int64Attribute:
			to[name] = schema.Int64Attribute{MarkdownDescription: description, Required: required, Optional: optional, Computed: computed, Sensitive: sensitive, Validators: a.Validators}
		case resource.ListAttribute:
			to[name] = schema.ListAttribute{MarkdownDescription: description, Required: required, Optional: optional, Computed: computed, Sensitive: sensitive, Validators: a.Validators, ElementType: a.ElementType}
		case resource.SetAttribute:
			to[name] = schema.SetAttribute{MarkdownDescription: description, Required: required, Optional: optional, Computed: computed, Sensitive: sensitive, Validators: a.Validators, ElementType: a.ElementType}
		case resource.MapAttribute:
			to[name] = schema.MapAttribute{MarkdownDescription: description, Required: required, Optional: optional, Computed: computed, Sensitive: sensitive, Validators: a.Validators, ElementType: a.ElementType}
		case resource.SingleNestedAttribute:
			to[name] = schema.SingleNestedAttribute{
				MarkdownDescription: description, Required: required, Optional: optional, Computed: computed, Sensitive: sensitive, Validators: a.Validators,
				Attributes: ephemeralAttributes(a.Attributes),
			}
		case resource.MapNestedAttribute:
			to[name] = schema.MapNestedAttribute{
				MarkdownDescription: description, Required: required, Optional: optional, Computed: computed, Sensitive: sensitive, Validators: a.Validators,
				NestedObject: schema.NestedAttributeObject{Attributes: ephemeralAttributes(a.NestedObject.Attributes)},
			}
		default:
			panic(fmt.Sprintf("attribute %s is a %T, which ephemeralAttributes does not convert", name, attribute))
		}
	}
	return to
}

func (e *Ephemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	e.Session = session.From(req.ProviderData)
}

// ValidateConfig reports every problem that the known values cause.
func (e *Ephemeral) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	m, diags := decode[ephemeralModel](ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(nullElements(req.Config.Raw)...)
	s, diags := e.In(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(m.validate(declareDistributed(m, serversForValidation(s)))...)
}

// Open renders the configuration, all of which is known when Terraform calls it.
func (e *Ephemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	m, diags := decode[ephemeralModel](ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	s, diags := e.In(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	servers, known := defaultServers(s)
	if !known && m.BootstrapServers.IsNull() {
		_, diags := s.Kafka.Client()
		resp.Diagnostics.Append(diags...)
		return
	}
	d := declareDistributed(m, servers)
	resp.Diagnostics.Append(s.Workers.AddGroup(d.storage.Group())...)
	resp.Diagnostics.Append(useStorageTopics(s, *d.storage)...)
	if !d.storage.CreatesTopics() && !s.Applying.Load() {
		resp.Diagnostics.Append(checkStorageTopics(ctx, s, *d.storage).Errors()...)
	}
	resp.Diagnostics.Append(m.validate(d)...)
	resp.Diagnostics.Append(m.setComputed(ctx, &resp.Result, m.renderAll(d))...)
}
