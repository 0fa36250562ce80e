package tfvalue

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// IsRegexp accepts only regular expressions.
var IsRegexp = []validator.String{isRegexp{}}

// Regexp compiles the regular expression of an attribute. That of a null value matches every text.
func Regexp(at path.Path, value types.String) (*regexp.Regexp, diag.Diagnostics) {
	pattern, err := regexp.Compile(value.ValueString())
	if err == nil {
		return pattern, nil
	}
	return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Invalid regular expression",
		"The value of "+at.String()+" cannot be used: "+err.Error()+". The syntax is RE2, see https://github.com/google/re2/wiki/Syntax.")}
}

type isRegexp struct{}

func (isRegexp) Description(context.Context) string { return "must be a regular expression (RE2)" }

func (v isRegexp) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (isRegexp) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	_, diags := Regexp(req.Path, req.ConfigValue)
	resp.Diagnostics.Append(diags...)
}
