package function

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

func NewWorkerEnvironment() function.Function { return workerEnvironment{} }

// workerEnvironment is the function worker_environment.
type workerEnvironment struct{}

func (workerEnvironment) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "worker_environment"
}

func (workerEnvironment) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Make the environment of a worker's container",
		MarkdownDescription: "Returns the variables from which container images such as Confluent's `cp-kafka-connect` make a worker's configuration: `CONNECT_` and the key in upper " +
			"case, with `_` for `.`, `__` for `_` and `___` for `-`. The images copy values into a properties file as they are, so backslashes come doubled and all " +
			"beyond ASCII escaped. A key that cannot be expressed so, such as one with an upper case letter, is an error.",
		Parameters: []function.Parameter{function.MapParameter{
			Name: "properties", ElementType: types.StringType, MarkdownDescription: "Values by key. A null value is an error.",
		}},
		Return: function.MapReturn{ElementType: types.StringType},
	}
}

func (workerEnvironment) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var properties types.Map
	if resp.Error = req.Arguments.Get(ctx, &properties); resp.Error != nil {
		return
	}
	values, wrong := argumentMap(0, properties)
	if wrong != nil {
		resp.Error = wrong
		return
	}
	variables, err := workerconfig.Environment(workerconfig.Sorted(values))
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, diagnostics.Sentence(err.Error()))
		return
	}
	resp.Error = resp.Result.Set(ctx, variables)
}
