package settings

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// minVersionAttribute is what the `tls` attribute of `kafka` has beyond that of `connect`.
const minVersionAttribute = "min_version"

func kafkaTLSAttribute() schema.SingleNestedAttribute {
	attribute := tlsAttribute(kafkaEnv)
	attribute.Attributes[minVersionAttribute] = schema.StringAttribute{
		MarkdownDescription: "Oldest version of TLS to accept: `TLSv1.2` (default) or `TLSv1.3`.",
		Optional:            true,
		Validators:          []validator.String{stringvalidator.OneOf("TLSv1.2", "TLSv1.3")},
	}
	return attribute
}

// kafkaTLSFrom reads the attribute, with the environment for the files that are not named in it.
func kafkaTLSFrom(ctx context.Context, attribute types.Object, at path.Path) (kafkaclient.TLS, diag.Diagnostics) {
	shared, minVersion := attribute, types.StringNull()
	if !attribute.IsNull() {
		values, attrTypes := attribute.Attributes(), attribute.AttributeTypes(ctx)
		minVersion, _ = values[minVersionAttribute].(types.String)
		without := func(name string, _ attr.Value) bool { return name == minVersionAttribute }
		maps.DeleteFunc(values, without)
		delete(attrTypes, minVersionAttribute)
		shared = types.ObjectValueMust(attrTypes, values)
	}
	tls, diags := tlsFrom(ctx, shared, at, kafkaEnv)
	return kafkaclient.TLS{
		CAPEM:              tls.CAPEM,
		CertificatePEM:     tls.CertificatePEM,
		PrivateKeyPEM:      tls.PrivateKeyPEM,
		ServerName:         tls.ServerName,
		InsecureSkipVerify: tls.InsecureSkipVerify,
		MinVersion:         minVersion.ValueString(),
	}, diags
}
