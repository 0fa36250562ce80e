package settings

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// tlsModel is the `tls` attribute of a connection. Each PEM text may be given inline or as a file.
type tlsModel struct {
	CAPEM              types.String `tfsdk:"ca_pem"`
	CAFile             types.String `tfsdk:"ca_file"`
	CertificatePEM     types.String `tfsdk:"certificate_pem"`
	CertificateFile    types.String `tfsdk:"certificate_file"`
	PrivateKeyPEM      types.String `tfsdk:"private_key_pem"`
	PrivateKeyFile     types.String `tfsdk:"private_key_file"`
	ServerName         types.String `tfsdk:"server_name"`
	InsecureSkipVerify types.Bool   `tfsdk:"insecure_skip_verify"`
}

// tlsAttribute describes tlsModel. The prefix is that of the environment variables which the description names.
func tlsAttribute(prefix string) schema.SingleNestedAttribute {
	pem := func(description, file string, sensitive bool) schema.StringAttribute {
		return schema.StringAttribute{
			MarkdownDescription: description,
			Optional:            true,
			Sensitive:           sensitive,
			Validators:          []validator.String{stringvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName(file))},
		}
	}
	file := func(description, env string) schema.StringAttribute {
		return schema.StringAttribute{
			MarkdownDescription: description + " Environment variable: `" + prefix + env + "`.",
			Optional:            true,
		}
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: "How TLS connections are verified and authenticated. The system's certificate authorities are trusted by default.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"ca_pem":           pem("Certificate authorities to trust instead of the system's, as PEM text.", "ca_file", false),
			"ca_file":          file("Path of a PEM file with certificate authorities to trust instead of the system's.", "CA_FILE"),
			"certificate_pem":  pem("Client certificate for mutual TLS, as PEM text, with its chain.", "certificate_file", false),
			"certificate_file": file("Path of a PEM file with the client certificate for mutual TLS and its chain.", "CERTIFICATE_FILE"),
			"private_key_pem":  pem("Private key of the client certificate, as PEM text.", "private_key_file", true),
			"private_key_file": file("Path of a PEM file with the private key of the client certificate.", "PRIVATE_KEY_FILE"),
			"server_name": schema.StringAttribute{
				MarkdownDescription: "Name that the server's certificate must carry, when it is not the host of the address.",
				Optional:            true,
			},
			"insecure_skip_verify": schema.BoolAttribute{
				MarkdownDescription: "Accept any certificate of the server, which lets anyone in between read and change what is sent. Default `false`.",
				Optional:            true,
			},
		},
	}
}

// tlsSettings are the plain values of a tlsModel, files read.
type tlsSettings struct {
	CAPEM              string
	CertificatePEM     string
	PrivateKeyPEM      string
	ServerName         string
	InsecureSkipVerify bool
}

// tlsFrom reads the files that the attribute, or the environment under the prefix, names. Attributes win.
func tlsFrom(ctx context.Context, attribute types.Object, at path.Path, prefix string) (tlsSettings, diag.Diagnostics) {
	var m tlsModel
	diags := attribute.As(ctx, &m, basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true})
	pem := func(inline, file types.String, attribute, env string) string {
		name := orEnv(file, prefix+env)
		if !inline.IsNull() || name == "" {
			return inline.ValueString()
		}
		text, err := os.ReadFile(name)
		if err != nil {
			diags.AddAttributeError(at.AtName(attribute), "Unable to read a PEM file",
				diagnostics.Sentence(err.Error())+" Give the path of a PEM file that Terraform may read, here or in "+prefix+env+".")
		}
		return string(text)
	}
	return tlsSettings{
		CAPEM:              pem(m.CAPEM, m.CAFile, "ca_file", "CA_FILE"),
		CertificatePEM:     pem(m.CertificatePEM, m.CertificateFile, "certificate_file", "CERTIFICATE_FILE"),
		PrivateKeyPEM:      pem(m.PrivateKeyPEM, m.PrivateKeyFile, "private_key_file", "PRIVATE_KEY_FILE"),
		ServerName:         m.ServerName.ValueString(),
		InsecureSkipVerify: m.InsecureSkipVerify.ValueBool(),
	}, diags
}
