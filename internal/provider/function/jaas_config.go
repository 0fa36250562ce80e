package function

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// NewJAASConfig returns the function jaas_config.
func NewJAASConfig() function.Function { return jaasConfig{} }

type jaasConfig struct{}

func (jaasConfig) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "jaas_config"
}

func (jaasConfig) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Build a JAAS configuration",
		MarkdownDescription: "Returns a value for `sasl.jaas.config`: the login module of a SASL mechanism, `required`, and the quoted and escaped options. " +
			"In a properties file, the value must be escaped again, as `properties_encode` does. " +
			"Options that clients need for the mechanism, such as `username` and `password` for `PLAIN`, are required. " +
			"If the argument is the class name of a login module, options are not checked.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "mechanism", MarkdownDescription: "`PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`, `OAUTHBEARER` or `GSSAPI`, or the class name of a login module."},
			function.MapParameter{Name: "options", ElementType: types.StringType, MarkdownDescription: "Options of the login module, such as `username` and `password`. Values must not be null."},
		},
		Return: function.StringReturn{},
	}
}

func (jaasConfig) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var mechanism string
	var options types.Map
	if resp.Error = req.Arguments.Get(ctx, &mechanism, &options); resp.Error != nil {
		return
	}
	values, invalid := argumentMap(1, options)
	if invalid != nil {
		resp.Error = invalid
		return
	}
	jaas, err := javaformat.NewJAAS(mechanism, values)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	if err := javaformat.CheckOptions(mechanism, values); err != nil {
		resp.Error = function.NewArgumentFuncError(1, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, jaas.Encode())
}
