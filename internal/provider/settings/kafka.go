package settings

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// kafkaEnv begins the names of the environment variables that stand in for attributes of `kafka`.
const kafkaEnv = "KAFKA_"

// kafkaModel is the `kafka` attribute of the provider.
type kafkaModel struct {
	BootstrapServers types.List   `tfsdk:"bootstrap_servers"`
	SecurityProtocol types.String `tfsdk:"security_protocol"`
	SASL             types.Object `tfsdk:"sasl"`
	TLS              types.Object `tfsdk:"tls"`
	ClientID         types.String `tfsdk:"client_id"`
	DialTimeout      types.String `tfsdk:"dial_timeout"`
	RequestTimeout   types.String `tfsdk:"request_timeout"`
	Properties       types.String `tfsdk:"properties"`
}

// KafkaAttribute is the schema of `kafka`.
func KafkaAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "How to reach the Kafka cluster. `kafkaconnect_internal_topic` needs it; worker configurations take their default `bootstrap_servers` from it. Attributes may come from the " +
			"environment instead, as their descriptions say; what neither gives is taken from `properties`.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"bootstrap_servers": schema.ListAttribute{
				MarkdownDescription: "Brokers to ask first, as `host:port`. Environment variable: `KAFKA_BOOTSTRAP_SERVERS`, separated by commas.",
				Optional:            true,
				ElementType:         types.StringType,
			},
			"security_protocol": schema.StringAttribute{
				MarkdownDescription: "`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`. By default `SASL_SSL` with `sasl`, `SSL` with `tls` alone, else `PLAINTEXT`. " +
					"Environment variable: `KAFKA_SECURITY_PROTOCOL`.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")},
			},
			"sasl": saslAttribute(),
			"tls":  kafkaTLSAttribute(),
			"client_id": schema.StringAttribute{
				MarkdownDescription: "Name under which brokers log the client and apply quotas. Default `terraform-provider-kafkaconnect`. Environment variable: `KAFKA_CLIENT_ID`.",
				Optional:            true,
			},
			"dial_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one attempt to connect may take, TLS and authentication included. Default `10s`. Environment variable: `KAFKA_DIAL_TIMEOUT`.",
				Optional:            true,
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one request may take, repetitions included. Default `30s`. Environment variable: `KAFKA_REQUEST_TIMEOUT`.",
				Optional:            true,
			},
			"properties": schema.StringAttribute{
				MarkdownDescription: "Text of a Java client properties file, as from `file(\"client.properties\")`, for what the other attributes leave open. " +
					"A security setting in it that this client cannot honour, such as a JKS store or a Kerberos login, is an error. " +
					"Environment variable: `KAFKA_PROPERTIES_FILE`, the path of such a file.",
				Optional:  true,
				Sensitive: true,
			},
		},
	}
}

// Kafka is the result of the provider's `kafka` settings.
type Kafka struct {
	// Unknown is set while some settings are known only after apply. There is no client yet, and plans do without the brokers.
	Unknown bool

	// Servers are the bootstrap servers, from wherever they are set.
	Servers []string

	client *internaltopic.Client
}

// ClientOrNil returns the client, or nil if there is none.
func (c *Kafka) ClientOrNil() *internaltopic.Client { return c.client }

// Client returns the client, or an error that says why there is none.
func (c *Kafka) Client() (*internaltopic.Client, diag.Diagnostics) {
	var diags diag.Diagnostics
	switch {
	case c.Unknown:
		diags.AddError("Kafka settings are not known yet",
			"The provider's kafka attribute depends on values that are known only after apply. Apply what they come from first, for example with -target.")
	case c.client == nil:
		diags.AddError("Kafka settings are missing",
			"Set the provider's kafka.bootstrap_servers, or the environment variable KAFKA_BOOTSTRAP_SERVERS, to the address of a broker, such as \"broker-0:9092\".")
	}
	return c.client, diags
}

// Close closes the client, if there is one.
func (c *Kafka) Close() {
	if c.client != nil {
		c.client.Close()
	}
}

// NewKafka checks the settings and builds the client, which connects when it is first used. Without any settings the
// result has no client.
func NewKafka(ctx context.Context, settings types.Object) (*Kafka, diag.Diagnostics) {
	if v, err := settings.ToTerraformValue(ctx); err != nil || !v.IsFullyKnown() {
		return &Kafka{Unknown: true}, nil
	}
	var m kafkaModel
	diags := settings.As(ctx, &m, basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true})
	config, more := m.config(ctx)
	if diags.Append(more...); diags.HasError() {
		return &Kafka{}, diags
	}
	if len(config.BootstrapServers) == 0 && settings.IsNull() {
		return &Kafka{}, nil
	}
	client, err := internaltopic.New(config)
	if err != nil {
		diags.Append(kafkaConfigError(err))
		return &Kafka{}, diags
	}
	return &Kafka{client: client, Servers: config.BootstrapServers}, diags
}

// config converts the settings, with the environment for what is not set and the properties for what is left.
func (m kafkaModel) config(ctx context.Context) (kafkaclient.Config, diag.Diagnostics) {
	at := path.Root("kafka")
	sasl, diags := saslFrom(ctx, m.SASL)
	tls, more := kafkaTLSFrom(ctx, m.TLS, at.AtName("tls"))
	diags.Append(more...)
	explicit := kafkaclient.Config{
		BootstrapServers: m.servers(),
		SecurityProtocol: orEnv(m.SecurityProtocol, kafkaEnv+"SECURITY_PROTOCOL"),
		SASL:             sasl,
		TLS:              tls,
		ClientID:         orEnv(m.ClientID, kafkaEnv+"CLIENT_ID"),
	}
	explicit.DialTimeout = durationFrom(m.DialTimeout, "dial_timeout", &diags)
	explicit.RequestTimeout = durationFrom(m.RequestTimeout, "request_timeout", &diags)
	base, more := m.fromProperties(ctx)
	diags.Append(more...)
	return base.Overlay(explicit), diags
}

// durationFrom parses a time-out of `kafka` or its environment variable; zero when neither is set.
func durationFrom(value types.String, attribute string, diags *diag.Diagnostics) time.Duration {
	text := orEnv(value, kafkaEnv+strings.ToUpper(attribute))
	if text == "" {
		return 0
	}
	duration, err := time.ParseDuration(text)
	if err != nil || duration <= 0 {
		diags.AddAttributeError(path.Root("kafka").AtName(attribute), "Invalid duration",
			"Found "+diagnostics.Quoted(text)+". Give a positive number with a unit, such as \"15s\" or \"1m\".")
	}
	return duration
}

func (m kafkaModel) servers() []string {
	if m.BootstrapServers.IsNull() {
		return splitList(os.Getenv(kafkaEnv + "BOOTSTRAP_SERVERS"))
	}
	var servers []string
	for _, server := range m.BootstrapServers.Elements() {
		if s, ok := server.(types.String); ok {
			servers = append(servers, s.ValueString())
		}
	}
	return servers
}

// fromProperties reads the properties text, or the file that the environment names.
func (m kafkaModel) fromProperties(ctx context.Context) (config kafkaclient.Config, diags diag.Diagnostics) {
	text := m.Properties.ValueString()
	if name := os.Getenv(kafkaEnv + "PROPERTIES_FILE"); m.Properties.IsNull() && name != "" {
		content, err := os.ReadFile(name) //nolint:gosec // the user names the file
		if err != nil {
			diags.AddAttributeError(path.Root("kafka").AtName("properties"), "Unable to read a properties file",
				diagnostics.Sentence(err.Error())+" Give the path of a file that Terraform may read in "+kafkaEnv+"PROPERTIES_FILE.")
		}
		text = string(content)
	}
	if text == "" || diags.HasError() {
		return config, diags
	}
	config, ignored, err := kafkaclient.ParseProperties(text)
	if err != nil {
		diags.Append(kafkaConfigError(err))
	}
	if len(ignored) > 0 {
		tflog.Debug(ctx, "Properties that mean nothing to an admin client are passed over", map[string]any{"keys": ignored})
	}
	return config, diags
}

// kafkaConfigError puts an error of the client's configuration on the attribute at fault.
func kafkaConfigError(err error) diag.Diagnostic {
	at, detail := path.Root("kafka"), diagnostics.Sentence(err.Error())
	if wrong, ok := errors.AsType[*kafkaclient.ConfigError](err); ok {
		for name := range strings.SplitSeq(wrong.Field, ".") {
			at = at.AtName(name)
		}
		detail = at.String() + " " + wrong.Reason + "."
		if wrong.Key != "" {
			detail = "The key " + diagnostics.Quoted(wrong.Key) + " " + wrong.Reason + "."
		}
	}
	return diag.NewAttributeErrorDiagnostic(at, "Invalid Kafka settings", detail)
}
