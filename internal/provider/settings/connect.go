// Package settings builds the clients of the workers and of the brokers from the provider block and the environment.
package settings

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// connectEnv is the prefix of the environment variables that replace attributes of `connect`.
const connectEnv = "KAFKA_CONNECT_"

// minStableFor is the least value of stable_for.
const minStableFor = 2 * time.Second

// connectModel is the `connect` attribute of the provider.
type connectModel struct {
	URLs           types.List   `tfsdk:"urls"`
	AdminURLs      types.List   `tfsdk:"admin_urls"`
	Username       types.String `tfsdk:"username"`
	Password       types.String `tfsdk:"password"`
	BearerToken    types.String `tfsdk:"bearer_token"`
	Headers        types.Map    `tfsdk:"headers"`
	TLS            *tlsModel    `tfsdk:"tls"`
	ProxyURL       types.String `tfsdk:"proxy_url"`
	RequestTimeout types.String `tfsdk:"request_timeout"`
	StableFor      types.String `tfsdk:"stable_for"`
}

// ConnectAttribute is the schema of `connect`.
func ConnectAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "How to reach the REST API of the Connect workers. `kafkaconnect_connector` requires it. An attribute that is not set is taken from the environment variable that its description names. " +
			"Credentials of the environment are not used if attributes have credentials of another kind.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"urls": schema.ListAttribute{
				MarkdownDescription: "Addresses of the workers of one Connect cluster, `http` or `https`. Requests go to the first worker that answers; if that worker fails, requests go to the others. " +
					"Before a run with several addresses plans or makes changes, it checks that the workers that answer belong to one cluster: they have the same `kafka_cluster_id` and the same connectors. " +
					"Required, here or in the environment. " +
					"Environment variable: `KAFKA_CONNECT_URL`, separated by commas.",
				Optional:    true,
				ElementType: types.StringType,
			},
			"admin_urls": schema.ListAttribute{
				MarkdownDescription: "Addresses of the admin listeners of the workers (`admin.listeners`), one for each worker, `http` or `https`, with the credentials and `tls` of `urls`. " +
					"`kafkaconnect_logger` requires it if the workers have a separate admin listener; nothing else uses it. " +
					"Default: `urls`. Environment variable: `KAFKA_CONNECT_ADMIN_URL`, separated by commas.",
				Optional:    true,
				ElementType: types.StringType,
			},
			"username": schema.StringAttribute{
				MarkdownDescription: "User name for HTTP basic authentication. Environment variable: `KAFKA_CONNECT_USERNAME`.",
				Optional:            true,
			},
			"password": schema.StringAttribute{
				MarkdownDescription: "Password for HTTP basic authentication. Default: an empty password, as for API keys. Environment variable: `KAFKA_CONNECT_PASSWORD`.",
				Optional:            true,
				Sensitive:           true,
			},
			"bearer_token": schema.StringAttribute{
				MarkdownDescription: "Token for bearer authentication, instead of `username` and `password`. Environment variable: `KAFKA_CONNECT_BEARER_TOKEN`.",
				Optional:            true,
				Sensitive:           true,
			},
			"headers": schema.MapAttribute{
				MarkdownDescription: "HTTP headers to add to every request, by name. Default: none. `Host` replaces the host of the address, for a proxy that routes by it. " +
					"With `Authorization`, credentials in the environment are not used.",
				Optional:    true,
				Sensitive:   true,
				ElementType: types.StringType,
				Validators:  tfvalue.NoBlankKeys,
			},
			"tls": tlsAttribute(connectEnv),
			"proxy_url": schema.StringAttribute{
				MarkdownDescription: "URL of a proxy, with `http`, `https`, `socks5` or `socks5h`. By default, requests use no proxy. Environment variables: `KAFKA_CONNECT_PROXY_URL`, " +
					"then the usual `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.",
				Optional:  true,
				Sensitive: true,
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "Timeout of one request, such as `150s`. Default `2m`. Set more than 90 seconds, which is the timeout of the workers. " +
					"If a request times out earlier, the provider does not know whether the worker made the change. Environment variable: `KAFKA_CONNECT_REQUEST_TIMEOUT`.",
				Optional: true,
			},
			"stable_for": schema.StringAttribute{
				MarkdownDescription: "How long connectors and their tasks must stay `RUNNING` before an apply succeeds, such as `30s`. Default `5s`; at least `2s`. " +
					"Workers report `RUNNING` as soon as a task has started. With a wrong password, for example, a task fails about 3 seconds later. " +
					"An apply waits for this time once, after its last connector is `RUNNING`. With `-parallelism=1`, it waits after each one. Environment variable: `KAFKA_CONNECT_STABLE_FOR`.",
				Optional: true,
			},
		},
	}
}

// Connect is the result of the provider's `connect` settings.
type Connect struct {
	// Unknown is true while a setting is known only after apply. There is no client then, and plans do not ask the workers.
	Unknown bool

	client  *connectclient.Client
	from    Source
	targets []string // the URLs of the attribute, see targets
}

// ClientOrNil returns the client, or nil if there is none.
func (c *Connect) ClientOrNil() *connectclient.Client { return c.client }

// Client returns the client, or an error that says why there is none.
func (c *Connect) Client() (*connectclient.Client, diag.Diagnostics) {
	var diags diag.Diagnostics
	switch {
	case c.Unknown:
		diags.AddError("Kafka Connect settings are unknown until apply",
			"The attribute "+c.from.at.AtName("connect").String()+" of the provider depends on values that are known only after apply. First apply the resources that these values come from, for example with -target.")
	case c.client == nil:
		diags.AddError("Kafka Connect settings are missing",
			"Set "+c.from.at.AtName("connect").AtName("urls").String()+" of the provider"+c.from.orVariable(connectEnv+"URL")+" to the address of a Connect worker, such as \"http://worker-0:8083\".")
	}
	return c.client, diags
}

// NewConnect checks the settings and builds the client. The client sends no request before its first use. If nothing is
// set, the result has no client.
func NewConnect(ctx context.Context, from Source, settings types.Object, version string) (*Connect, diag.Diagnostics) {
	if v, err := settings.ToTerraformValue(ctx); err != nil || !v.IsFullyKnown() {
		return &Connect{Unknown: true, from: from}, nil
	}
	var m connectModel
	diags := settings.As(ctx, &m, basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true})
	config, more := m.config(from)
	if diags.Append(more...); diags.HasError() {
		return nil, diags
	}
	if len(config.URLs) == 0 && settings.IsNull() {
		return &Connect{from: from}, nil
	}
	compared := targets(config)
	if settings.IsNull() {
		compared = nil // of the environment; maybe no object uses them
	}
	config.UserAgent = "terraform-provider-kafkaconnect/" + version
	config.Observe = logRequest
	client, err := connectclient.New(config)
	if err != nil {
		diags.Append(connectConfigErrors(from.at.AtName("connect"), err)...)
		return nil, diags
	}
	return &Connect{client: client, from: from, targets: compared}, diags
}

// config converts the settings.
func (m connectModel) config(from Source) (connectclient.Config, diag.Diagnostics) {
	at, tls := from.at.AtName("connect"), orZero(m.TLS)
	pem, diags := tls.readPEM(from, at.AtName("tls"), connectEnv)
	stableFor := from.duration(m.StableFor, connectEnv+"STABLE_FOR", at.AtName("stable_for"), &diags)
	if stableFor != 0 && stableFor < minStableFor && !diags.HasError() {
		diags.AddAttributeError(at.AtName("stable_for"), "Time too short",
			"Found "+stableFor.String()+". Set at least "+minStableFor.String()+": the status of a connector shows the previous state for up to 1 second after a change.")
	}
	username, password, bearerToken := m.credentials(from)
	return connectclient.Config{
		URLs:        from.list(m.URLs, connectEnv+"URL"),
		AdminURLs:   from.list(m.AdminURLs, connectEnv+"ADMIN_URL"),
		Username:    username,
		Password:    password,
		BearerToken: bearerToken,
		Headers:     tfvalue.StringMap(m.Headers),
		TLS: connectclient.TLS{
			CAPEM:              pem.ca,
			CertificatePEM:     pem.certificate,
			PrivateKeyPEM:      pem.privateKey,
			ServerName:         tls.ServerName.ValueString(),
			InsecureSkipVerify: tls.InsecureSkipVerify.ValueBool(),
		},
		ProxyURL:       from.text(m.ProxyURL, connectEnv+"PROXY_URL"),
		RequestTimeout: from.duration(m.RequestTimeout, connectEnv+"REQUEST_TIMEOUT", at.AtName("request_timeout"), &diags),
		StableFor:      stableFor,
	}, diags
}

// credentials returns the credentials. If the attributes have credentials of one kind, those of another kind in the
// environment are not used.
func (m connectModel) credentials(from Source) (username, password, bearerToken string) {
	var authorization bool
	for name := range m.Headers.Elements() {
		authorization = authorization || strings.EqualFold(name, "Authorization")
	}
	username, password, bearerToken = m.Username.ValueString(), m.Password.ValueString(), m.BearerToken.ValueString()
	if !authorization && bearerToken == "" {
		username, password = from.text(m.Username, connectEnv+"USERNAME"), from.text(m.Password, connectEnv+"PASSWORD")
	}
	if !authorization && m.Username.ValueString() == "" && m.Password.ValueString() == "" {
		bearerToken = from.text(m.BearerToken, connectEnv+"BEARER_TOKEN")
	}
	return username, password, bearerToken
}

// connectConfigErrors returns one diagnostic for each error in the client's configuration, on the attribute at fault.
func connectConfigErrors(connect path.Path, err error) (diags diag.Diagnostics) {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, err := range joined.Unwrap() {
			diags.Append(connectConfigErrors(connect, err)...)
		}
		return diags
	}
	at, reason := connect, err.Error()
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

// logRequest logs a request to a worker. Headers and bodies may hold secrets and are never logged.
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
