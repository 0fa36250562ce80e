package settings

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// saslEnv begins the names of the environment variables that stand in for attributes of `kafka.sasl`.
const saslEnv = kafkaEnv + "SASL_"

// saslModel is the `sasl` attribute of `kafka`.
type saslModel struct {
	Mechanism types.String `tfsdk:"mechanism"`
	Username  types.String `tfsdk:"username"`
	Password  types.String `tfsdk:"password"`
	TokenAuth types.Bool   `tfsdk:"token_auth"`
	OAuth     types.Object `tfsdk:"oauth"`
	AWS       types.Object `tfsdk:"aws"`
}

// oauthModel is the `oauth` attribute of `kafka.sasl`.
type oauthModel struct {
	Token         types.String `tfsdk:"token"`
	TokenFile     types.String `tfsdk:"token_file"`
	TokenEndpoint types.String `tfsdk:"token_endpoint"`
	ClientID      types.String `tfsdk:"client_id"`
	ClientSecret  types.String `tfsdk:"client_secret"`
	Scope         types.String `tfsdk:"scope"`
	Extensions    types.Map    `tfsdk:"extensions"`
}

// awsModel is the `aws` attribute of `kafka.sasl`.
type awsModel struct {
	AccessKeyID     types.String `tfsdk:"access_key_id"`
	SecretAccessKey types.String `tfsdk:"secret_access_key"`
	SessionToken    types.String `tfsdk:"session_token"`
}

func saslAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "How to authenticate by SASL.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"mechanism": schema.StringAttribute{
				MarkdownDescription: "`PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`, `OAUTHBEARER` or `AWS_MSK_IAM`. Environment variable: `KAFKA_SASL_MECHANISM`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(kafkaclient.Mechanisms()...)},
			},
			"username": saslText("User name for `PLAIN` and `SCRAM`, or the id of a delegation token.", "USERNAME", false),
			"password": saslText("Password for `PLAIN` and `SCRAM`, or the HMAC of a delegation token.", "PASSWORD", true),
			"token_auth": schema.BoolAttribute{
				MarkdownDescription: "`username` and `password` are those of a delegation token (`SCRAM`). Default `false`.",
				Optional:            true,
			},
			"oauth": schema.SingleNestedAttribute{
				MarkdownDescription: "For `OAUTHBEARER`: one of `token`, `token_file` and `token_endpoint`.",
				Optional:            true,
				Attributes: map[string]schema.Attribute{
					"token":          saslText("Token to send.", "OAUTH_TOKEN", true),
					"token_file":     saslText("Path of a file that holds the token, read at every connection.", "OAUTH_TOKEN_FILE", false),
					"token_endpoint": saslText("URL that gives a token for the credentials of a client.", "OAUTH_TOKEN_ENDPOINT", false),
					"client_id":      saslText("Client id for the token endpoint.", "OAUTH_CLIENT_ID", false),
					"client_secret":  saslText("Client secret for the token endpoint.", "OAUTH_CLIENT_SECRET", true),
					"scope":          saslText("Scope to ask the token endpoint for.", "OAUTH_SCOPE", false),
					"extensions": schema.MapAttribute{
						MarkdownDescription: "SASL extensions to send with the token, such as `logicalCluster`.",
						Optional:            true,
						ElementType:         types.StringType,
					},
				},
			},
			"aws": schema.SingleNestedAttribute{
				MarkdownDescription: "For `AWS_MSK_IAM`, when the credentials are not those of the environment variables `AWS_ACCESS_KEY_ID`, " +
					"`AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. The region is read off the broker's name, else from `AWS_REGION`.",
				Optional: true,
				Attributes: map[string]schema.Attribute{
					"access_key_id":     schema.StringAttribute{MarkdownDescription: "Id of the access key.", Optional: true},
					"secret_access_key": schema.StringAttribute{MarkdownDescription: "Secret of the access key.", Optional: true, Sensitive: true},
					"session_token":     schema.StringAttribute{MarkdownDescription: "Session token of temporary credentials.", Optional: true, Sensitive: true},
				},
			},
		},
	}
}

// saslText is an attribute with its environment variable.
func saslText(description, env string, sensitive bool) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description + " Environment variable: `" + saslEnv + env + "`.",
		Optional:            true,
		Sensitive:           sensitive,
	}
}

// saslFrom converts the attribute, with the environment for what is not set.
func saslFrom(ctx context.Context, attribute types.Object) (kafkaclient.SASL, diag.Diagnostics) {
	var (
		m     saslModel
		oauth oauthModel
		aws   awsModel
	)
	empty := basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true}
	diags := attribute.As(ctx, &m, empty)
	diags.Append(m.OAuth.As(ctx, &oauth, empty)...)
	diags.Append(m.AWS.As(ctx, &aws, empty)...)
	return kafkaclient.SASL{
		Mechanism: orEnv(m.Mechanism, saslEnv+"MECHANISM"),
		Username:  orEnv(m.Username, saslEnv+"USERNAME"),
		Password:  orEnv(m.Password, saslEnv+"PASSWORD"),
		TokenAuth: m.TokenAuth.ValueBool(),
		OAuth:     oauth.settings(),
		AWS: kafkaclient.AWS{
			AccessKeyID:     aws.AccessKeyID.ValueString(),
			SecretAccessKey: aws.SecretAccessKey.ValueString(),
			SessionToken:    aws.SessionToken.ValueString(),
		},
	}, diags
}

func (m oauthModel) settings() kafkaclient.OAuth {
	settings := kafkaclient.OAuth{
		Token:         orEnv(m.Token, saslEnv+"OAUTH_TOKEN"),
		TokenFile:     orEnv(m.TokenFile, saslEnv+"OAUTH_TOKEN_FILE"),
		TokenEndpoint: orEnv(m.TokenEndpoint, saslEnv+"OAUTH_TOKEN_ENDPOINT"),
		ClientID:      orEnv(m.ClientID, saslEnv+"OAUTH_CLIENT_ID"),
		ClientSecret:  orEnv(m.ClientSecret, saslEnv+"OAUTH_CLIENT_SECRET"),
		Scope:         orEnv(m.Scope, saslEnv+"OAUTH_SCOPE"),
	}
	if !m.Extensions.IsNull() {
		settings.Extensions = tfvalue.StringMap(m.Extensions)
	}
	return settings
}
