package settings

import (
	"context"
	"errors"
	"os"
	"strings"

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

// kafkaEnv is the prefix of the environment variables that replace attributes of `kafka`.
const kafkaEnv = "KAFKA_"

// kafkaModel is the `kafka` attribute of the provider.
type kafkaModel struct {
	BootstrapServers types.List     `tfsdk:"bootstrap_servers"`
	SecurityProtocol types.String   `tfsdk:"security_protocol"`
	SASL             *saslModel     `tfsdk:"sasl"`
	TLS              *kafkaTLSModel `tfsdk:"tls"`
	ClientID         types.String   `tfsdk:"client_id"`
	DialTimeout      types.String   `tfsdk:"dial_timeout"`
	RequestTimeout   types.String   `tfsdk:"request_timeout"`
	Properties       types.String   `tfsdk:"properties"`
}

// KafkaAttribute is the schema of `kafka`.
func KafkaAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "How to reach the Kafka cluster. `kafkaconnect_internal_topic` requires this attribute. Its `bootstrap_servers` are the default for worker configurations. " +
			"An attribute that is not set is taken from the environment variable that its description names, and otherwise from `properties`.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"bootstrap_servers": schema.ListAttribute{
				MarkdownDescription: "Addresses of brokers for the first connection, as `host:port`. Required, here, in the environment or in `properties`. Environment variable: `KAFKA_BOOTSTRAP_SERVERS`, separated by commas.",
				Optional:            true,
				ElementType:         types.StringType,
			},
			"security_protocol": schema.StringAttribute{
				MarkdownDescription: "`PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`. Default: `SASL_SSL` if `sasl` is set, `SSL` if only `tls` is set, otherwise `PLAINTEXT`. " +
					"Environment variable: `KAFKA_SECURITY_PROTOCOL`.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")},
			},
			"sasl": saslAttribute(),
			"tls":  kafkaTLSAttribute(),
			"client_id": schema.StringAttribute{
				MarkdownDescription: "Client id, which brokers use in logs and for quotas. Default `terraform-provider-kafkaconnect`. Environment variable: `KAFKA_CLIENT_ID`.",
				Optional:            true,
			},
			"dial_timeout": schema.StringAttribute{
				MarkdownDescription: "Timeout of one connection attempt, including TLS and authentication. Default `10s`. Environment variable: `KAFKA_DIAL_TIMEOUT`.",
				Optional:            true,
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "Timeout of one request, including retries. Default `30s`. Environment variable: `KAFKA_REQUEST_TIMEOUT`.",
				Optional:            true,
			},
			"properties": schema.StringAttribute{
				MarkdownDescription: "Text of a Java client properties file, such as `file(\"client.properties\")`. Default: none. The file supplies the settings that neither the other attributes nor the environment set. The provider reads the file as Java does. " +
					"A security setting that this client does not support, such as a JKS store or a Kerberos login, is an error. So is a key that is similar to a security setting, because Java ignores misspelled keys. " +
					"Environment variable: `KAFKA_PROPERTIES_FILE`, the path of such a file.",
				Optional:  true,
				Sensitive: true,
			},
		},
	}
}

// Kafka is the result of the provider's `kafka` settings.
type Kafka struct {
	// Unknown is true while a setting is known only after apply. There is no client then, and plans do not ask the brokers.
	Unknown bool

	// Servers are the bootstrap servers of the attribute, the environment or the properties.
	Servers []string

	client *internaltopic.Client
	from   Source
}

// ClientOrNil returns the client, or nil if there is none.
func (c *Kafka) ClientOrNil() *internaltopic.Client { return c.client }

// Client returns the client, or an error that says why there is none.
func (c *Kafka) Client() (*internaltopic.Client, diag.Diagnostics) {
	var diags diag.Diagnostics
	switch {
	case c.Unknown:
		diags.AddError("Kafka settings are unknown until apply",
			"The attribute "+c.from.at.AtName("kafka").String()+" of the provider depends on values that are known only after apply. First apply the resources that these values come from, for example with -target.")
	case c.client == nil:
		diags.AddError("Kafka settings are missing",
			"Set "+c.from.at.AtName("kafka").AtName("bootstrap_servers").String()+" of the provider"+c.from.orVariable(kafkaEnv+"BOOTSTRAP_SERVERS")+" to the address of a broker, such as \"broker-0:9092\".")
	}
	return c.client, diags
}

// Close closes the client, if there is one.
func (c *Kafka) Close() {
	if c.client != nil {
		c.client.Close()
	}
}

// NewKafka checks the settings and builds the client. The client does not connect before its first use. If nothing is
// set, the result has no client.
func NewKafka(ctx context.Context, from Source, settings types.Object) (*Kafka, diag.Diagnostics) {
	if v, err := settings.ToTerraformValue(ctx); err != nil || !v.IsFullyKnown() {
		return &Kafka{Unknown: true, from: from}, nil
	}
	var m kafkaModel
	diags := settings.As(ctx, &m, basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true})
	config, more := m.config(ctx, from)
	if diags.Append(more...); diags.HasError() {
		return &Kafka{from: from}, diags
	}
	if len(config.BootstrapServers) == 0 && settings.IsNull() {
		return &Kafka{from: from}, nil
	}
	client, err := internaltopic.New(config)
	if err != nil {
		diags.Append(kafkaConfigError(from.at.AtName("kafka"), err))
		return &Kafka{from: from}, diags
	}
	return &Kafka{client: client, Servers: config.BootstrapServers, from: from}, diags
}

// config converts the settings. An attribute that is null is taken from its environment variable, and otherwise from
// the properties. A setting of the environment or the properties that contradicts an attribute is dropped.
func (m kafkaModel) config(ctx context.Context, from Source) (kafkaclient.Config, diag.Diagnostics) {
	at, tls := from.at.AtName("kafka"), orZero(m.TLS)
	pem, diags := tls.readPEM(from, at.AtName("tls"), kafkaEnv)
	withTLS := kafkaclient.Config{TLS: kafkaclient.TLS{
		CAPEM:              pem.ca,
		CertificatePEM:     pem.certificate,
		PrivateKeyPEM:      pem.privateKey,
		ServerName:         tls.ServerName.ValueString(),
		InsecureSkipVerify: tls.InsecureSkipVerify.ValueBool(),
		MinVersion:         tls.MinVersion.ValueString(),
	}}
	environment := kafkaclient.Config{SecurityProtocol: from.env(kafkaEnv + "SECURITY_PROTOCOL"), SASL: environmentSASL(from).settings()}
	attributes := kafkaclient.Config{
		BootstrapServers: from.list(m.BootstrapServers, kafkaEnv+"BOOTSTRAP_SERVERS"),
		SecurityProtocol: m.SecurityProtocol.ValueString(),
		SASL:             orZero(m.SASL).settings(),
		ClientID:         from.text(m.ClientID, kafkaEnv+"CLIENT_ID"),
		DialTimeout:      from.duration(m.DialTimeout, kafkaEnv+"DIAL_TIMEOUT", at.AtName("dial_timeout"), &diags),
		RequestTimeout:   from.duration(m.RequestTimeout, kafkaEnv+"REQUEST_TIMEOUT", at.AtName("request_timeout"), &diags),
	}
	oauth := orZero(orZero(m.SASL).OAuth)
	attributes.SASL.OAuth.CAPEM = pemText(from, oauth.CAPEM, oauth.CAFile, at.AtName("sasl").AtName("oauth").AtName("ca_file"), saslEnv+"OAUTH_CA_FILE", &diags)
	if m.TLS == nil {
		environment = environment.Overlay(withTLS)
	} else {
		attributes = attributes.Overlay(withTLS)
	}
	text, more := m.propertiesText(from)
	if diags.Append(more...); diags.HasError() {
		return kafkaclient.Config{}, diags
	}
	explicit := environment.Overlay(attributes)
	if text == "" {
		return explicit, diags
	}
	config, ignored, err := explicit.OverProperties(text)
	if err != nil {
		diags.Append(kafkaConfigError(from.at.AtName("kafka"), err))
	}
	if len(ignored) > 0 {
		tflog.Debug(ctx, "Ignored properties that an admin client does not use", map[string]any{"keys": ignored})
	}
	return config, diags
}

// propertiesText returns `properties` or, if that is null, the text of the file that KAFKA_PROPERTIES_FILE names.
func (m kafkaModel) propertiesText(from Source) (text string, diags diag.Diagnostics) {
	name := from.env(kafkaEnv + "PROPERTIES_FILE")
	if !m.Properties.IsNull() || name == "" {
		return m.Properties.ValueString(), nil
	}
	content, err := os.ReadFile(name)
	if err != nil {
		diags.AddAttributeError(from.at.AtName("kafka").AtName("properties"), "Unable to read a properties file",
			unreadable(name, err)+" Set "+kafkaEnv+"PROPERTIES_FILE to the path of a file that Terraform can read.")
	}
	return string(content), diags
}

// kafkaConfigError returns an error in the client's configuration as a diagnostic on the attribute at fault.
func kafkaConfigError(at path.Path, err error) diag.Diagnostic {
	detail := diagnostics.Sentence(err.Error())
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
