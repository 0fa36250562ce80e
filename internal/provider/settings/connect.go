// Package settings turns the provider block and the environment into clients of the workers and of the brokers.
package settings

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// connectEnv begins the names of the environment variables that stand in for attributes of `connect`.
const connectEnv = "KAFKA_CONNECT_"

// connectModel is the `connect` attribute of the provider.
type connectModel struct {
	URLs           types.List   `tfsdk:"urls"`
	Username       types.String `tfsdk:"username"`
	Password       types.String `tfsdk:"password"`
	BearerToken    types.String `tfsdk:"bearer_token"`
	Headers        types.Map    `tfsdk:"headers"`
	TLS            types.Object `tfsdk:"tls"`
	ProxyURL       types.String `tfsdk:"proxy_url"`
	RequestTimeout types.String `tfsdk:"request_timeout"`
}

// ConnectAttribute is the schema of `connect`.
func ConnectAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "How to reach the REST API of the Connect workers. Most attributes may come from the environment instead, as their descriptions say.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"urls": schema.ListAttribute{
				MarkdownDescription: "Addresses of workers of one Connect cluster, `http` or `https`. The first that answers is used, the others when it fails. " +
					"Environment variable: `KAFKA_CONNECT_URL`, separated by commas.",
				Optional:    true,
				ElementType: types.StringType,
			},
			"username": schema.StringAttribute{
				MarkdownDescription: "User name for HTTP basic authentication, with `password`. Environment variable: `KAFKA_CONNECT_USERNAME`.",
				Optional:            true,
			},
			"password": schema.StringAttribute{
				MarkdownDescription: "Password for HTTP basic authentication. Environment variable: `KAFKA_CONNECT_PASSWORD`.",
				Optional:            true,
				Sensitive:           true,
			},
			"bearer_token": schema.StringAttribute{
				MarkdownDescription: "Token for bearer authentication, instead of a user name and password. Environment variable: `KAFKA_CONNECT_BEARER_TOKEN`.",
				Optional:            true,
				Sensitive:           true,
			},
			"headers": schema.MapAttribute{
				MarkdownDescription: "More headers to send with every request.",
				Optional:            true,
				Sensitive:           true,
				ElementType:         types.StringType,
			},
			"tls": tlsAttribute(connectEnv),
			"proxy_url": schema.StringAttribute{
				MarkdownDescription: "Proxy to go through: `http`, `https`, `socks5` or `socks5h`. Environment variables: `KAFKA_CONNECT_PROXY_URL`, " +
					"then the usual `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.",
				Optional:  true,
				Sensitive: true,
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one request may take, as in `150s`. Default `2m`: workers themselves give up after 90 seconds, " +
					"and only their answer tells whether a change was made. Environment variable: `KAFKA_CONNECT_REQUEST_TIMEOUT`.",
				Optional: true,
			},
		},
	}
}

// Connect is the result of the provider's `connect` settings.
type Connect struct {
	// Unknown is set while some settings are known only after apply. There is no client yet, and plans do without the workers.
	Unknown bool

	client *connectclient.Client
}

// ClientOrNil returns the client, or nil if there is none.
func (c *Connect) ClientOrNil() *connectclient.Client { return c.client }

// Client returns the client, or an error that says why there is none.
func (c *Connect) Client() (*connectclient.Client, diag.Diagnostics) {
	var diags diag.Diagnostics
	switch {
	case c.Unknown:
		diags.AddError("Kafka Connect settings are not known yet",
			"The provider's connect attribute depends on values that are known only after apply. Apply what they come from first, for example with -target.")
	case c.client == nil:
		diags.AddError("Kafka Connect settings are missing",
			"Set the provider's connect.urls, or the environment variable KAFKA_CONNECT_URL, to the address of a Connect worker, such as \"http://worker-0:8083\".")
	}
	return c.client, diags
}

// NewConnect checks the settings and builds the client, which sends its first request when it is first used. Without any
// settings the result has no client.
func NewConnect(ctx context.Context, settings types.Object, version string) (*Connect, diag.Diagnostics) {
	if v, err := settings.ToTerraformValue(ctx); err != nil || !v.IsFullyKnown() {
		return &Connect{Unknown: true}, nil
	}
	var m connectModel
	diags := settings.As(ctx, &m, basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true})
	config, more := m.config(ctx)
	if diags.Append(more...); diags.HasError() {
		return nil, diags
	}
	if len(config.URLs) == 0 && settings.IsNull() {
		return &Connect{}, nil
	}
	config.UserAgent = "terraform-provider-kafkaconnect/" + version
	config.Observe = logRequest
	client, err := connectclient.New(config)
	if err != nil {
		diags.Append(connectConfigErrors(err)...)
		return nil, diags
	}
	return &Connect{client: client}, diags
}

// config converts the settings, with the environment for what is not set.
func (m connectModel) config(ctx context.Context) (connectclient.Config, diag.Diagnostics) {
	at := path.Root("connect")
	tls, diags := tlsFrom(ctx, m.TLS, at.AtName("tls"), connectEnv)
	config := connectclient.Config{
		URLs:        m.urls(),
		Username:    orEnv(m.Username, connectEnv+"USERNAME"),
		Password:    orEnv(m.Password, connectEnv+"PASSWORD"),
		BearerToken: orEnv(m.BearerToken, connectEnv+"BEARER_TOKEN"),
		Headers:     tfvalue.StringMap(m.Headers),
		ProxyURL:    orEnv(m.ProxyURL, connectEnv+"PROXY_URL"),
		TLS:         connectclient.TLS(tls),
	}
	if text := orEnv(m.RequestTimeout, connectEnv+"REQUEST_TIMEOUT"); text != "" {
		timeout, err := time.ParseDuration(text)
		if err != nil || timeout <= 0 {
			diags.AddAttributeError(at.AtName("request_timeout"), "Invalid duration",
				"Found "+diagnostics.Quoted(text)+". Give a positive number with a unit, such as \"150s\" or \"3m\".")
		}
		config.RequestTimeout = timeout
	}
	return config, diags
}

func (m connectModel) urls() []string {
	if m.URLs.IsNull() {
		return splitList(os.Getenv(connectEnv + "URL"))
	}
	var urls []string
	for _, url := range m.URLs.Elements() {
		if s, ok := url.(types.String); ok {
			urls = append(urls, s.ValueString())
		}
	}
	return urls
}

// connectConfigErrors puts each error of the client's configuration on the attribute at fault.
func connectConfigErrors(err error) (diags diag.Diagnostics) {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, err := range joined.Unwrap() {
			diags.Append(connectConfigErrors(err)...)
		}
		return diags
	}
	at, reason := path.Root("connect"), err.Error()
	if wrong, ok := errors.AsType[*connectclient.ConfigError](err); ok {
		field, _, _ := strings.Cut(wrong.Field, "[")
		for name := range strings.SplitSeq(field, ".") {
			at = at.AtName(name)
		}
		reason = at.String() + " " + wrong.Reason
	}
	diags.AddAttributeError(at, "Invalid Kafka Connect settings", reason+".")
	return diags
}

// logRequest logs one request to a worker: names and numbers, never headers or bodies.
func logRequest(ctx context.Context, req connectclient.Request) {
	fields := map[string]any{
		"method":       req.Method,
		"path":         req.Path,
		"status":       req.Status,
		"milliseconds": req.Duration.Milliseconds(),
		"attempt":      req.Attempt,
	}
	if req.Err != nil {
		fields["error"] = req.Err.Error()
	}
	tflog.Debug(ctx, "Kafka Connect request", fields)
}
