package function

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

func NewPropertiesEncode() function.Function { return propertiesEncode{} }

// propertiesEncode is the function properties_encode.
type propertiesEncode struct{}

func (propertiesEncode) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "properties_encode"
}

func (propertiesEncode) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Write a Java properties file",
		MarkdownDescription: "Returns the text of a properties file that Java reads as exactly these keys and values, sorted by key. What is awkward is escaped, and all beyond " +
			"ASCII too, so that the text is the same in every encoding.",
		Parameters: []function.Parameter{function.MapParameter{
			Name: "properties", ElementType: types.StringType, MarkdownDescription: "Values by key. A null value is an error.",
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

// argumentMap are the elements of the argument at the position, none of which may be null.
func argumentMap(position int64, argument types.Map) (map[string]string, *function.FuncError) {
	for key, value := range argument.Elements() {
		if value.IsNull() {
			return nil, function.NewArgumentFuncError(position, "The value of "+diagnostics.Quoted(key)+" is null. Leave the key out, or give it a value.")
		}
	}
	return tfvalue.StringMap(argument), nil
}

func NewPropertiesDecode() function.Function { return propertiesDecode{} }

// propertiesDecode is the function properties_decode.
type propertiesDecode struct{}

func (propertiesDecode) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "properties_decode"
}

func (propertiesDecode) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Read a Java properties file",
		MarkdownDescription: "Returns the values by key as a Kafka worker reads them from a properties file of this text. Of a key that is there more than once the last value counts. " +
			"Workers take files for ISO-8859-1: a character beyond ASCII that was not escaped comes out as the worker would read it. Nothing is expanded.",
		Parameters: []function.Parameter{function.StringParameter{
			Name: "text", MarkdownDescription: "Text of the file, as from `file(\"worker.properties\")`.",
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
		resp.Error = function.NewArgumentFuncError(0, diagnostics.Sentence(err.Error()))
		return
	}
	resp.Error = resp.Result.Set(ctx, values)
}
