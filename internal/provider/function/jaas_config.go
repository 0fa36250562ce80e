package function

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
)

func NewJAASConfig() function.Function { return jaasConfig{} }

// jaasConfig is the function jaas_config.
type jaasConfig struct{}

func (jaasConfig) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "jaas_config"
}

func (jaasConfig) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Write a JAAS configuration",
		MarkdownDescription: "Returns the value of `sasl.jaas.config` for a SASL mechanism: its login module, `required`, and the options, each in quotes and escaped. " +
			"In a properties file it has to be escaped once more, which `properties_encode` does.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "mechanism", MarkdownDescription: "`PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`, `OAUTHBEARER` or `GSSAPI`; or the class name of a login module."},
			function.MapParameter{Name: "options", ElementType: types.StringType, MarkdownDescription: "Options of the login module, such as `username` and `password`. A null value is an error."},
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
	values, wrong := argumentMap(1, options)
	if wrong != nil {
		resp.Error = wrong
		return
	}
	jaas, err := javaformat.NewJAAS(mechanism, values)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, diagnostics.Sentence(err.Error()))
		return
	}
	resp.Error = resp.Result.Set(ctx, jaas.Encode())
}
