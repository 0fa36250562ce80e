package settings

import (
	"errors"
	"io/fs"
	"os"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

// tlsModel is the `tls` attribute of `connect`. Each PEM text can be given inline or as a file.
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

// kafkaTLSModel is the `tls` attribute of `kafka`.
type kafkaTLSModel struct {
	tlsModel

	MinVersion types.String `tfsdk:"min_version"`
}

// tlsAttribute is the schema of tlsModel. The descriptions name environment variables with the prefix.
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
		MarkdownDescription: "How TLS connections are verified and authenticated. By default, the provider trusts the certificate authorities of the system.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"ca_pem":           pem("Certificate authorities to trust instead of the system's, as PEM text.", "ca_file", false),
			"ca_file":          file("Path of a PEM file with certificate authorities to trust instead of the system's.", "CA_FILE"),
			"certificate_pem":  pem("Client certificate and its chain for mutual TLS, as PEM text. Default: none.", "certificate_file", false),
			"certificate_file": file("Path of a PEM file with the client certificate and its chain for mutual TLS.", "CERTIFICATE_FILE"),
			"private_key_pem":  pem("Private key of the client certificate, as PEM text. Required with a client certificate.", "private_key_file", true),
			"private_key_file": file("Path of a PEM file with the private key of the client certificate.", "PRIVATE_KEY_FILE"),
			"server_name": schema.StringAttribute{
				MarkdownDescription: "Host name that the server's certificate must contain. Default: the host of the address.",
				Optional:            true,
			},
			"insecure_skip_verify": schema.BoolAttribute{
				MarkdownDescription: "Whether to accept any certificate of the server. An attacker on the network can then read and change the traffic. Default `false`.",
				Optional:            true,
			},
		},
	}
}

// kafkaTLSAttribute is the schema of kafkaTLSModel.
func kafkaTLSAttribute() schema.SingleNestedAttribute {
	attribute := tlsAttribute(kafkaEnv)
	attribute.Attributes["min_version"] = schema.StringAttribute{
		MarkdownDescription: "Oldest version of TLS to accept: `TLSv1.2` (default) or `TLSv1.3`.",
		Optional:            true,
		Validators:          []validator.String{stringvalidator.OneOf("TLSv1.2", "TLSv1.3")},
	}
	return attribute
}

// pemTexts are the PEM texts of a tlsModel.
type pemTexts struct{ ca, certificate, privateKey string }

// readPEM returns the PEM texts, and reads the files that the attribute or an environment variable with the prefix
// names.
func (m tlsModel) readPEM(from Source, at path.Path, prefix string) (texts pemTexts, diags diag.Diagnostics) {
	texts.ca = pemText(from, m.CAPEM, m.CAFile, at.AtName("ca_file"), prefix+"CA_FILE", &diags)
	texts.certificate = pemText(from, m.CertificatePEM, m.CertificateFile, at.AtName("certificate_file"), prefix+"CERTIFICATE_FILE", &diags)
	texts.privateKey = pemText(from, m.PrivateKeyPEM, m.PrivateKeyFile, at.AtName("private_key_file"), prefix+"PRIVATE_KEY_FILE", &diags)
	return texts, diags
}

// pemText returns a PEM text. An inline text takes precedence over a file, whose name is that of the attribute or, if that
// is null, that of the environment variable.
func pemText(from Source, inline, file types.String, at path.Path, env string, diags *diag.Diagnostics) string {
	name := from.text(file, env)
	if !inline.IsNull() || name == "" {
		return inline.ValueString()
	}
	text, err := os.ReadFile(name)
	if err != nil {
		diags.AddAttributeError(at, "Unable to read a PEM file",
			unreadable(name, err)+" Set this attribute"+from.orVariable(env)+" to the path of a PEM file that Terraform can read.")
	}
	return string(text)
}

// unreadable says why a file cannot be read.
func unreadable(name string, err error) string {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err
	}
	return "The file " + diagnostics.Quoted(name) + " cannot be read: " + err.Error() + "."
}
