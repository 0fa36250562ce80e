// Package function implements the functions of the provider.
package function

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// NewPropertiesEncode returns the function properties_encode.
func NewPropertiesEncode() function.Function { return propertiesEncode{} }

type propertiesEncode struct{}

func (propertiesEncode) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "properties_encode"
}

func (propertiesEncode) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Encode a map as a Java properties file",
		MarkdownDescription: "Returns the text of a properties file with these keys and values, sorted by key. Special characters and all non-ASCII characters are escaped, " +
			"so Java reads the same text in every encoding.",
		Parameters: []function.Parameter{function.MapParameter{
			Name: "properties", ElementType: types.StringType, MarkdownDescription: "Values by key. Values must not be null.",
		}},
		Return: function.StringReturn{},
	}
}

func (propertiesEncode) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var properties types.Map
	if resp.Error = req.Arguments.Get(ctx, &properties); resp.Error != nil {
		return
	}
	values, err := argumentMap(0, properties)
	if err != nil {
		resp.Error = err
		return
	}
	resp.Error = resp.Result.Set(ctx, javaformat.EncodeProperties(values))
}

// argumentMap returns the elements of the argument at the position. Null elements are an error.
//
// Errors of functions do not end with a full stop, because Terraform adds one.
func argumentMap(position int64, argument types.Map) (map[string]string, *function.FuncError) {
	for key, value := range argument.Elements() {
		if value.IsNull() {
			return nil, function.NewArgumentFuncError(position, "the value of "+diagnostics.Quoted(key)+" is null: omit the key or set a value")
		}
	}
	return tfvalue.StringMap(argument), nil
}

// NewPropertiesDecode returns the function properties_decode.
func NewPropertiesDecode() function.Function { return propertiesDecode{} }

type propertiesDecode struct{}

func (propertiesDecode) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "properties_decode"
}

func (propertiesDecode) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Decode a Java properties file",
		MarkdownDescription: "Returns the values by key, as a Kafka worker reads them from a properties file with this text. If a key occurs more than once, the last value is used. " +
			"Workers read files as ISO-8859-1, so an unescaped non-ASCII character is decoded as several characters. Placeholders are not resolved.",
		Parameters: []function.Parameter{function.StringParameter{
			Name: "text", MarkdownDescription: "Text of the file, for example `file(\"worker.properties\")`.",
		}},
		Return: function.MapReturn{ElementType: types.StringType},
	}
}

func (propertiesDecode) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	values, err := javaformat.DecodeProperties(text)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, values)
}
