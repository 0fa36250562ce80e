package settings

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// saslEnv is the prefix of the environment variables that replace attributes of `kafka.sasl`.
const saslEnv = kafkaEnv + "SASL_"

// saslModel is the `sasl` attribute of `kafka`.
type saslModel struct {
	Mechanism types.String `tfsdk:"mechanism"`
	Username  types.String `tfsdk:"username"`
	Password  types.String `tfsdk:"password"`
	TokenAuth types.Bool   `tfsdk:"token_auth"`
	OAuth     *oauthModel  `tfsdk:"oauth"`
	AWS       *awsModel    `tfsdk:"aws"`
}

// oauthModel is the `oauth` attribute of `kafka.sasl`.
type oauthModel struct {
	Token          types.String `tfsdk:"token"`
	TokenFile      types.String `tfsdk:"token_file"`
	TokenEndpoint  types.String `tfsdk:"token_endpoint"`
	ClientID       types.String `tfsdk:"client_id"`
	ClientSecret   types.String `tfsdk:"client_secret"`
	Scope          types.String `tfsdk:"scope"`
	EndpointParams types.Map    `tfsdk:"endpoint_params"`
	CAPEM          types.String `tfsdk:"ca_pem"`
	CAFile         types.String `tfsdk:"ca_file"`
	Extensions     types.Map    `tfsdk:"extensions"`
}

// awsModel is the `aws` attribute of `kafka.sasl`.
type awsModel struct {
	AccessKeyID     types.String `tfsdk:"access_key_id"`
	SecretAccessKey types.String `tfsdk:"secret_access_key"`
	SessionToken    types.String `tfsdk:"session_token"`
	Profile         types.String `tfsdk:"profile"`
	RoleARN         types.String `tfsdk:"role_arn"`
}

func saslAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "SASL authentication. Required if `security_protocol` is `SASL_PLAINTEXT` or `SASL_SSL`, unless the environment or `properties` supply the credentials.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"mechanism": schema.StringAttribute{
				MarkdownDescription: "Mechanism: `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`, `OAUTHBEARER` or `AWS_MSK_IAM`. It has no default. Environment variable: `KAFKA_SASL_MECHANISM`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(kafkaclient.Mechanisms()...)},
			},
			"username": saslText("User name for `PLAIN` and `SCRAM`, or the id of a delegation token.", "USERNAME", false),
			"password": saslText("Password for `PLAIN` and `SCRAM`, or the HMAC of a delegation token.", "PASSWORD", true),
			"token_auth": schema.BoolAttribute{
				MarkdownDescription: "Whether `username` and `password` are the id and the HMAC of a delegation token (`SCRAM` only). Default `false`.",
				Optional:            true,
			},
			"oauth": schema.SingleNestedAttribute{
				MarkdownDescription: "Settings for `OAUTHBEARER`. Set exactly one of `token`, `token_file` and `token_endpoint`.",
				Optional:            true,
				Attributes: map[string]schema.Attribute{
					"token":          saslText("Token to send.", "OAUTH_TOKEN", true),
					"token_file":     saslText("Path of a file with the token. The provider reads the file for every connection.", "OAUTH_TOKEN_FILE", false),
					"token_endpoint": saslText("URL of the token endpoint, which issues tokens for the client credentials grant.", "OAUTH_TOKEN_ENDPOINT", false),
					"client_id":      saslText("Client id for the token endpoint. Required with `token_endpoint`.", "OAUTH_CLIENT_ID", false),
					"client_secret":  saslText("Client secret for the token endpoint. Required with `token_endpoint`.", "OAUTH_CLIENT_SECRET", true),
					"scope":          saslText("Scope to request from the token endpoint. By default, no scope is requested.", "OAUTH_SCOPE", false),
					"endpoint_params": schema.MapAttribute{
						MarkdownDescription: "Further parameters of the request to the token endpoint, such as `audience`. Default: none.",
						Optional:            true,
						Sensitive:           true,
						ElementType:         types.StringType,
						Validators:          tfvalue.NoBlankKeys,
					},
					"ca_pem": schema.StringAttribute{
						MarkdownDescription: "Certificate authorities to trust for the token endpoint, as PEM text. Default: those of the system and those of `kafka.tls`.",
						Optional:            true,
						Validators:          []validator.String{stringvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName("ca_file"))},
					},
					"ca_file": saslText("Path of a PEM file with certificate authorities to trust for the token endpoint, instead of `ca_pem`.", "OAUTH_CA_FILE", false),
					"extensions": schema.MapAttribute{
						MarkdownDescription: "SASL extensions to send with the token, such as `logicalCluster`. Default: none.",
						Optional:            true,
						ElementType:         types.StringType,
						Validators:          tfvalue.NoBlankKeys,
					},
				},
			},
			"aws": schema.SingleNestedAttribute{
				MarkdownDescription: "Credentials for `AWS_MSK_IAM`. Default: the credentials that the default credential chain of the AWS SDK finds. The chain reads variables such as `AWS_ACCESS_KEY_ID` and `AWS_PROFILE`, " +
					"the shared files, a web identity (IRSA), and the role of the container or the machine. Temporary credentials are renewed during long applies. " +
					"The region of the cluster is taken from the broker's host name, otherwise from `AWS_REGION`.",
				Optional: true,
				Attributes: map[string]schema.Attribute{
					"access_key_id":     schema.StringAttribute{MarkdownDescription: "Access key id. Default: the other sources of AWS credentials.", Optional: true},
					"secret_access_key": schema.StringAttribute{MarkdownDescription: "Secret access key of `access_key_id`. Required with `access_key_id`.", Optional: true, Sensitive: true},
					"session_token":     schema.StringAttribute{MarkdownDescription: "Session token of temporary credentials. Default: none.", Optional: true, Sensitive: true},
					"profile":           schema.StringAttribute{MarkdownDescription: "Profile of the shared AWS files, instead of an access key. Environment variable: `AWS_PROFILE`.", Optional: true},
					"role_arn":          schema.StringAttribute{MarkdownDescription: "ARN of a role that the provider assumes with the credentials. AWS STS needs a region: set `AWS_REGION`, or `region` in the profile. By default, no role is assumed.", Optional: true},
				},
			},
		},
	}
}

// saslText returns a string attribute whose description names its environment variable.
func saslText(description, env string, sensitive bool) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description + " Environment variable: `" + saslEnv + env + "`.",
		Optional:            true,
		Sensitive:           sensitive,
	}
}

// environmentSASL returns the settings of the environment.
func environmentSASL(from Source) saslModel {
	variable := func(name string) types.String { return types.StringValue(from.env(saslEnv + name)) }
	return saslModel{
		Mechanism: variable("MECHANISM"),
		Username:  variable("USERNAME"),
		Password:  variable("PASSWORD"),
		OAuth: &oauthModel{
			Token:         variable("OAUTH_TOKEN"),
			TokenFile:     variable("OAUTH_TOKEN_FILE"),
			TokenEndpoint: variable("OAUTH_TOKEN_ENDPOINT"),
			ClientID:      variable("OAUTH_CLIENT_ID"),
			ClientSecret:  variable("OAUTH_CLIENT_SECRET"),
			Scope:         variable("OAUTH_SCOPE"),
		},
	}
}

// settings converts the attribute.
func (m saslModel) settings() kafkaclient.SASL {
	oauth, aws := orZero(m.OAuth), orZero(m.AWS)
	settings := kafkaclient.SASL{
		Mechanism: m.Mechanism.ValueString(),
		Username:  m.Username.ValueString(),
		Password:  m.Password.ValueString(),
		TokenAuth: m.TokenAuth.ValueBool(),
		OAuth: kafkaclient.OAuth{
			Token:         oauth.Token.ValueString(),
			TokenFile:     oauth.TokenFile.ValueString(),
			TokenEndpoint: oauth.TokenEndpoint.ValueString(),
			ClientID:      oauth.ClientID.ValueString(),
			ClientSecret:  oauth.ClientSecret.ValueString(),
			Scope:         oauth.Scope.ValueString(),
		},
		AWS: kafkaclient.AWS{
			AccessKeyID:     aws.AccessKeyID.ValueString(),
			SecretAccessKey: aws.SecretAccessKey.ValueString(),
			SessionToken:    aws.SessionToken.ValueString(),
			Profile:         aws.Profile.ValueString(),
			RoleARN:         aws.RoleARN.ValueString(),
		},
	}
	// An empty map would replace that of the properties.
	if !oauth.Extensions.IsNull() {
		settings.OAuth.Extensions = tfvalue.StringMap(oauth.Extensions)
	}
	if !oauth.EndpointParams.IsNull() {
		settings.OAuth.EndpointParams = tfvalue.StringMap(oauth.EndpointParams)
	}
	return settings
}
